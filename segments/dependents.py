"""What segments add to contacts (see `crm.dependents`)."""

from django.utils.translation import gettext_lazy as _

from crm import dependents

dependents.contacts.add(
    dependents.BulkAction(
        name="add_to_segment",
        label=_("Add to segment"),
        icon="seg",
        url="segments:add_chosen",
        permission="segments.change_segment",
    ),
)

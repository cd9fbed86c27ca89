"""The contacts of a segment as a file."""

from django.contrib.auth.decorators import permission_required
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm import formats
from crm.countries import country_name
from crm.csv_stream import batches, csv_response
from crm.languages import language_name
from interactions.models import InteractionLogEntry
from segments.views.common import find, lines_of, may_see


@require_safe
@may_see
@permission_required("crm.export_contacts", raise_exception=True)
def export(request, no):
    """The contacts of a segment as CSV, in the order of its lines, with what they had from us so far."""
    segment, user = find(request, no), request.user
    lines = lines_of(segment, user).select_related("contact", "contact__salesperson").order_by("pk")
    header = [label for label, _value in EXPORTED] + [_("Interactions")]
    if costs := user.has_perm("interactions.see_costs"):
        header.append(_("Cost"))
    return csv_response(f"{segment.no}.csv", header, exported(lines, user=user, costs=costs))


EXPORTED = (
    (gettext_lazy("No."), lambda contact: contact.no),
    (gettext_lazy("Name"), lambda contact: contact.name),
    (gettext_lazy("Company"), lambda contact: contact.company_name),
    (gettext_lazy("Job title"), lambda contact: contact.job_title),
    (gettext_lazy("Address"), lambda contact: contact.address),
    (gettext_lazy("Address 2"), lambda contact: contact.address_2),
    (gettext_lazy("Post code"), lambda contact: contact.post_code),
    (gettext_lazy("City"), lambda contact: contact.city),
    (
        gettext_lazy("Country/region"),
        lambda contact: country_name(contact.country) if contact.country else "",
    ),
    (gettext_lazy("E-mail"), lambda contact: contact.email),
    (gettext_lazy("Phone"), lambda contact: contact.phone_no),
    (gettext_lazy("Mobile phone"), lambda contact: contact.mobile_phone_no),
    (gettext_lazy("Language"), lambda contact: language_name(contact.language) if contact.language else ""),
    (gettext_lazy("Salesperson"), lambda contact: contact.salesperson.name if contact.salesperson else ""),
)


def exported(lines, *, user, costs):
    for batch in batches(lines):
        entries = InteractionLogEntry.objects.visible_to(user)
        figures = entries.figures_by_contact([line.contact_id for line in batch])
        for line in batch:
            count, cost = figures.get(line.contact_id, (0, 0))
            row = [value(line.contact) for _label, value in EXPORTED] + [count]
            yield [*row, formats.decimal(cost, 2, grouped=False)] if costs else row

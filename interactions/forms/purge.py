from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.fields import PlainDateField
from crm.lookup import ContactField
from crm.models import Salesperson
from interactions.actions.purge import PurgeFilters
from interactions.fields import CodeChoiceField
from interactions.models import Campaign, InteractionGroup, InteractionTemplate


class PurgeForm(forms.Form):
    """The seven filters of deleting canceled entries (R-72), the same on the page and on the command line.

    contacts: those that may be named. Everything is optional; `filters` says what was typed.
    """

    entry_min = forms.IntegerField(
        label=_("From entry no."), min_value=1, max_value=2**63 - 1, required=False
    )
    entry_max = forms.IntegerField(label=_("To entry no."), min_value=1, max_value=2**63 - 1, required=False)
    contact = ContactField(
        label=pgettext_lazy("crm", "Contact"),
        help_text=_("This contact alone, without the people of a company."),
        required=False,
    )
    date_after = PlainDateField(label=_("From date"), required=False)
    date_before = PlainDateField(label=_("To date"), required=False)
    campaign = CodeChoiceField(
        Campaign.objects.order_by("no"),
        to_field_name="no",
        label=_("Campaign"),
        empty_label=_("Any campaign"),
        unknown=_("There is no campaign “%(value)s”."),
    )
    group = CodeChoiceField(
        InteractionGroup.objects.order_by("code"),
        to_field_name="code",
        label=_("Interaction group"),
        empty_label=_("Any group"),
        unknown=_("There is no interaction group “%(value)s”."),
    )
    template = CodeChoiceField(
        InteractionTemplate.objects.for_list(),
        to_field_name="code",
        label=_("Template"),
        empty_label=_("Any template"),
        unknown=_("There is no template “%(value)s”."),
    )
    salesperson = CodeChoiceField(
        Salesperson.objects.order_by("name", "id"),
        to_field_name="code",
        label=_("Salesperson"),
        empty_label=_("Any salesperson"),
        unknown=_("There is no salesperson “%(value)s”."),
    )

    def __init__(self, *args, contacts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = contacts

    def clean(self):
        cleaned = super().clean()
        for first, last, sentence in (
            ("entry_min", "entry_max", _("The last entry no. is before the first one.")),
            ("date_after", "date_before", _("The last date is before the first one.")),
        ):
            low, high = cleaned.get(first), cleaned.get(last)
            if low is not None and high is not None and high < low:
                self.add_error(last, sentence)
        return cleaned

    @property
    def filters(self):
        """What was typed, as PurgeFilters."""
        return PurgeFilters(**self.cleaned_data)

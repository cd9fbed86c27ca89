from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.fields import PlainDateField
from crm.models import MarketingSetup, Salesperson
from crm.seen import SeenForm
from interactions.models import Campaign, CampaignStatus

CHANGED_HERE = ("description", "starting_date", "ending_date", "salesperson", "status")


def offered_salespeople(user, also=None):
    """Active salespeople that *user* sees, and the one that is chosen already."""
    visible = Salesperson.objects.visible_to(user).active().values("pk")
    return Salesperson.objects.filter(Q(pk__in=visible) | Q(pk=also)).order_by("name", "id")


class CampaignForm(SeenForm):
    """A campaign. Its number is asked for where the series accepts typed ones."""

    number = forms.CharField(
        label=pgettext_lazy("number", "No."),
        max_length=20,
        required=False,
        help_text=_("Leave empty to get the next number."),
    )
    description = forms.CharField(label=_("Description"), max_length=100)
    starting_date = PlainDateField(label=_("Starting date"), required=False)
    ending_date = PlainDateField(label=_("Ending date"), required=False)
    salesperson = forms.ModelChoiceField(
        Salesperson.objects.none(), label=_("Salesperson"), required=False, empty_label="—"
    )
    status = forms.ModelChoiceField(
        CampaignStatus.objects.order_by("code"), label=_("Status"), required=False, empty_label="—"
    )

    def __init__(self, data=None, *, user, campaign=None):
        self.campaign = campaign
        initial = {"salesperson": user.own_salesperson}
        if campaign is not None:
            initial = {name: getattr(campaign, name) for name in CHANGED_HERE}
        super().__init__(data, initial=initial)
        series = MarketingSetup.current().campaign_nos
        if campaign is not None or series is None or not series.manual_nos:
            del self.fields["number"]
        chosen = campaign.salesperson_id if campaign else None
        self.fields["salesperson"].queryset = offered_salespeople(user, chosen)
        if campaign is not None:
            self.keep_what_is_shown()

    def clean(self):
        data = super().clean()
        first, last = data.get("starting_date"), data.get("ending_date")
        if first and last and last < first:
            sentence = Campaign._meta.constraints[0].violation_error_message
            self.add_error("ending_date", sentence)
        return data

    @property
    def values(self):
        """All of a new campaign, and what its user changed of an old one."""
        names = self.fields if self.campaign is None else self.changed_data
        return {name: self.cleaned_data[name] for name in names}

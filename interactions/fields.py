"""Fields of a row that people choose: by its code or number in filters, by its name in forms."""

from django import forms
from django.utils.translation import gettext

from crm import clock, formats


class CodeChoiceField(forms.ModelChoiceField):
    """A row chosen by its code or number (`to_field_name`). unknown: the sentence, with %(value)s, for any other."""

    def __init__(self, queryset, *, unknown, widget=forms.Select, **kwargs):
        kwargs.setdefault("required", False)
        super().__init__(queryset, widget=widget, **kwargs)
        self.error_messages["invalid_choice"] = unknown


class CampaignField(forms.ModelChoiceField):
    """A campaign; of one that is over or has not begun its label says so, for entries of today do not count in it."""

    def label_from_instance(self, campaign):
        today = clock.today()
        if campaign.ending_date and campaign.ending_date < today:
            words = {"campaign": campaign, "date": formats.date_table(campaign.ending_date)}
            return gettext("%(campaign)s (ended on %(date)s)") % words
        if campaign.starting_date and campaign.starting_date > today:
            words = {"campaign": campaign, "date": formats.date_table(campaign.starting_date)}
            return gettext("%(campaign)s (begins on %(date)s)") % words
        return str(campaign)

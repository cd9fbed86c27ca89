"""Campaigns: made with the next number of their series, and changed (domain 2.14)."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from crm.models import MarketingSetup
from interactions.models import Campaign


class NoCampaignNumbers(Refusal):
    sentence = _("Campaigns need a number series. Choose the campaign numbers in Marketing setup.")


class CampaignNumberIsTaken(Refusal):
    sentence = _("There is a campaign with the number %(number)s already.")


class CampaignIsGone(Refusal):
    sentence = _("This campaign has been deleted meanwhile.")


class CampaignChanged(Refusal):
    sentence = _("Somebody else changed this campaign meanwhile. Check it, then save again.")


class CampaignEndsTooEarly(Refusal):
    sentence = _("The campaign ends before it starts. Change one of the dates.")


def number_is_taken(number):
    return Campaign.objects.filter(no=number).exists()


@transaction.atomic
def create_campaign(*, by, number="", **values):
    """A new campaign with the next number, of the salesperson that *by* is unless *values* name one.

    number: typed, if the series accepts that.  Raises NoCampaignNumbers, CampaignNumberIsTaken, NumberSeriesProblem.
    """
    series = MarketingSetup.current().campaign_nos
    if series is None:
        raise NoCampaignNumbers
    number = number.strip().upper()
    if number:
        series.accept(number)
    else:
        number = series.take(taken=number_is_taken)
    try:
        with transaction.atomic():
            return Campaign.objects.create(no=number, **{"salesperson": by.own_salesperson} | values)
    except IntegrityError:
        if number_is_taken(number):
            raise CampaignNumberIsTaken(number=number) from None
        raise


@transaction.atomic
def update_campaign(campaign, *, by, seen=None, **values):
    """Change the fields of *campaign* that *values* name; return it.

    seen: `modified_at` of the row that was looked at. Raises CampaignIsGone, CampaignChanged, CampaignEndsTooEarly.
    """
    campaign = Campaign.objects.select_for_update().filter(pk=campaign.pk).first()
    if campaign is None:
        raise CampaignIsGone
    if seen is not None and seen != campaign.modified_at:
        raise CampaignChanged
    if not values:
        return campaign
    for name, value in values.items():
        setattr(campaign, name, value)
    first, last = campaign.starting_date, campaign.ending_date
    if first and last and last < first:
        raise CampaignEndsTooEarly
    campaign.save(update_fields=[*values, "modified_at"])
    return campaign

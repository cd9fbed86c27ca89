"""The segments on the card of a campaign: open ones, those with lines in it, and logged ones."""

import pytest

from segments.views import registers
from tests.factories import (
    CampaignEntryFactory,
    CampaignFactory,
    LoggedSegmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGE = "/segments/of-campaign/CP1/"


@pytest.fixture
def campaign():
    return CampaignFactory(no="CP1")


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


def logged_for(campaign):
    logged = LoggedSegmentFactory()
    CampaignEntryFactory(campaign=campaign, logged_segment=logged, segment_no=logged.segment_no)


def test_hold_those_of_which_only_lines_belong_to_it(browser, campaign):
    whole, partly = SegmentFactory(campaign=campaign), SegmentFactory()
    SegmentLineFactory.create_batch(2, segment=partly, own_campaign=campaign)
    SegmentLineFactory(segment=SegmentFactory(), own_campaign=CampaignFactory())
    assert set(browser.get(PAGE).context["segments"]) == {whole, partly}


def test_are_cut_and_the_page_says_so(browser, campaign, monkeypatch):
    monkeypatch.setattr(registers, "OF_CAMPAIGN", 2)
    for _number in range(2):
        SegmentFactory(campaign=campaign)
        logged_for(campaign)
    assert "Only the newest" not in browser.get(PAGE).content.decode()
    SegmentFactory(campaign=campaign)
    html = browser.get(PAGE).content.decode()
    assert html.count("Only the newest 2 are shown.") == 1
    logged_for(campaign)
    html = browser.get(PAGE).content.decode()
    assert html.count("Only the newest 2 are shown.") == 2


@pytest.mark.parametrize("count", [1, 3])
def test_take_as_many_queries_for_three_as_for_one(browser, campaign, count, django_assert_num_queries):
    for _number in range(count):
        SegmentLineFactory(segment=SegmentFactory(), own_campaign=campaign)
        logged_for(campaign)
    browser.get(PAGE)
    with django_assert_num_queries(8):
        browser.get(PAGE)

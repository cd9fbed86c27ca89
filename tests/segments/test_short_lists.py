"""What the lists of segments, logged segments and campaigns find, and what they leave in the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import CampaignFactory, LoggedSegmentFactory, SegmentFactory, UserFactory

pytestmark = pytest.mark.django_db
LISTS = {
    "segments:segments": SegmentFactory,
    "segments:logged_segments": LoggedSegmentFactory,
    "interactions:campaigns": CampaignFactory,
}


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Administrator"))
    return client


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("words", ["ЁЛКА", "ёлка", "Ёлк", "élan", "ÉLAN"])
def test_words_are_found_in_any_case_on_every_database(browser, name, words):
    found = LISTS[name](description="Ёлка d'Élan")
    LISTS[name](description="Another")
    page = browser.get(reverse(name), {"q": words}).context["page"]
    assert [row.pk for row in page.rows] == [found.pk]


@pytest.mark.parametrize("words", ["%", "_", "\\", "50%"])
def test_signs_of_patterns_are_letters_like_others(browser, words):
    found = SegmentFactory(description="50% of a_b\\c")
    SegmentFactory(description="500 of aXbc")
    page = browser.get(reverse("segments:segments"), {"q": words}).context["page"]
    assert [row.pk for row in page.rows] == [found.pk]


@pytest.mark.parametrize("name", ["segments:segments", "segments:logged_segments", "segments:logged_delete"])
def test_criteria_that_may_name_thousands_stay_in_the_database(browser, name):
    logged = LoggedSegmentFactory(canceled=True)
    SegmentFactory(follow_up_of=logged)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(reverse(name)).status_code == 200
    assert not any('"criteria"' in query["sql"] for query in asked)

"""Choosing contacts by values of long lists, and the list of those who match (ui 5.9)."""

import re

import pytest
from django.db import connection
from django.urls import reverse

from crm.models import MailingGroup, User
from segments.models import SegmentLine
from tests.factories import (
    CampaignFactory,
    ContactFactory,
    ContactMailingGroupFactory,
    MailingGroupFactory,
    SalespersonFactory,
    SegmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SPAIN = {"c0-field": "country", "c0-operator": "is", "c0-value": ["ES"]}
HTMX = {"HX-Request": "true", "HX-Target": "choose"}


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def browser(client, by):
    client.force_login(by)
    return client


@pytest.fixture
def segment():
    return SegmentFactory(description="Lighting refit")


def url(name, segment, *args):
    return reverse(f"segments:{name}", args=[segment.no, *args])


def contacts_of(segment):
    return set(SegmentLine.objects.filter(segment=segment).values_list("contact__name", flat=True))


def press(browser, segment, verb="add", **data):
    return browser.post(url(verb, segment), {"version": segment.version, **data})


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


class TestLongLists:
    """A list that is too long to offer whole is looked up."""

    GROUPS = {"c0-field": "mailing_group", "c0-operator": "is", "c0-value": "G7"}

    @pytest.fixture
    def groups(self):
        MailingGroup.objects.bulk_create(
            MailingGroup(code=f"G{number}", description=f"Группа {number}") for number in range(102)
        )

    @pytest.mark.usefixtures("groups")
    def test_offers_what_is_chosen_and_a_look_up(self, browser, segment):
        row = browser.get(url("condition", segment), {"row": "0", **self.GROUPS}).content.decode()
        assert row.count("<option") < 30
        assert '<option value="G7" selected>Группа 7</option>' in row
        assert 'data-url="/segments/choices/mailing_group/"' in row
        assert 'name="c0-value-typed" value="G7"' in row

    @pytest.mark.usefixtures("groups")
    def test_reads_codes_that_are_typed_where_no_script_runs(self, browser, segment):
        contact = ContactMailingGroupFactory(mailing_group=MailingGroup.objects.get(code="G8")).contact
        typed = {**self.GROUPS, "c0-value-typed": "g7, g8,"}
        press(browser, segment, **typed)
        assert contacts_of(segment) == {contact.name}
        response = press(browser, SegmentFactory(), **{**self.GROUPS, "c0-value-typed": "g7, nonsense"})
        assert "knows no “NONSENSE” any more" in text_of(response)

    def test_stays_a_select_while_it_is_short(self, browser, segment):
        MailingGroupFactory(code="G7")
        row = browser.get(url("condition", segment), {"row": "0", **self.GROUPS}).content.decode()
        assert "data-url" not in row

    @pytest.mark.usefixtures("groups")
    @pytest.mark.parametrize(
        ("words", "found"), [("g10", 3), ("ГРУППА 10", 3), ("группа", 20), ("%", 0), ("", 20)]
    )
    def test_finds_by_code_and_by_name_in_any_case(self, browser, words, found):
        response = browser.get(reverse("segments:choices", args=["mailing_group"]), {"q": words})
        assert len(response.json()["results"]) == found

    @pytest.mark.parametrize("field", ["country", "nonsense", "no"])
    def test_knows_no_field_without_rows(self, browser, field):
        assert browser.get(reverse("segments:choices", args=[field])).status_code == 404

    def test_of_campaigns_shows_those_one_may_see(self, client, segment):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        seen = CampaignFactory(salesperson=mine)
        hidden = CampaignFactory(salesperson=SalespersonFactory())
        client.force_login(User.objects.get(pk=mine.user_id))
        found = client.get(reverse("segments:choices", args=["interaction_campaign"])).json()["results"]
        assert [row["value"] for row in found] == [seen.no]
        asked = {"c0-field": "interaction_campaign", "c0-operator": "is"}
        segment = SegmentFactory(salesperson=mine)
        row = client.get(url("condition", segment), {"row": "0", **asked}).content.decode()
        assert seen.no in row
        assert hidden.no not in row
        response = press(client, segment, **asked, **{"c0-value": hidden.no})
        assert response.status_code == 422
        assert f"knows no “{hidden.no}” any more" in text_of(response)


@pytest.mark.parametrize("count", [1, 3])
def test_matches_ask_the_same_queries(browser, segment, count, django_assert_num_queries):
    ContactFactory.create_batch(count, country="ES")
    found = browser.post(url("count", segment, "add"), SPAIN, headers=HTMX).content.decode()
    address = re.search(r'href="([^"]+matches[^"]+)"', found)[1]
    limits = 4 if connection.vendor == "postgresql" else 0  # savepoint, limit, no limit, release
    with django_assert_num_queries(MATCH_QUERIES + limits):
        browser.get(address)


MATCH_QUERIES = 9

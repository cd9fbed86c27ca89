"""What lists say of an address that makes no sense: one sentence in our words, and nothing is filtered."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.utils.html import escape

from tests.factories import (
    CampaignFactory,
    ContactFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    SalespersonFactory,
    SegmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LEDGER, POSTPONED = "/interactions/", "/interactions/postponed/"
SHORT_LISTS = {
    "/segments/": SegmentFactory,
    "/segments/logged/": LoggedSegmentFactory,
    "/campaigns/": CampaignFactory,
}


@pytest.fixture
def user():
    user = UserFactory(role="Administrator")
    SalespersonFactory(user=user)
    return user


@pytest.fixture
def web(client, user):
    client.force_login(user)
    return client


class TestLedger:
    @pytest.mark.parametrize(
        ("parameters", "problem"),
        [
            ({"view": "zzz"}, "View: “zzz” is not one of the choices."),
            ({"canceled": "zzz"}, "Canceled: “zzz” is not one of the choices."),
            ({"evaluation": "zzz"}, "Evaluation: “zzz” is not one of the choices."),
            ({"template": "ZZZ"}, "Template: There is no template “ZZZ”."),
            ({"logged_segment": "zzz"}, "Logged segment: There is no logged segment “zzz”."),
            ({"q": "a\0"}, "Search: “a\ufffd” has a character that cannot be searched."),
            ({"segment": "\0"}, "Segment no.: “\ufffd” has a character that cannot be searched."),
            ({"document_no": "\0"}, "Document no.: “\ufffd” has a character that cannot be searched."),
            ({"document_no": "x" * 51}, "Document no.: Enter at most 50 characters."),
            (
                {"date_after": "2026-11-20", "date_before": "2026-11-01"},
                "To date: The last date is before the first one.",
            ),
        ],
    )
    def test_is_not_filtered(self, web, parameters, problem):
        InteractionLogEntryFactory.create_batch(2, date=dt.date(2026, 11, 9))

        page = web.get(LEDGER, parameters)

        assert len(page.context["listing"].page.rows) == 2
        assert escape(f"{problem} Nothing is filtered.") in page.content.decode()

    def test_of_one_day_is_filtered(self, web):
        InteractionLogEntryFactory(date=dt.date(2026, 11, 9))

        page = web.get(LEDGER, {"date_after": "2026-11-09", "date_before": "2026-11-09"})

        assert not page.context["listing"].problems
        assert len(page.context["listing"].page.rows) == 1


class TestShortLists:
    @pytest.mark.parametrize("url", SHORT_LISTS)
    @pytest.mark.parametrize(
        ("parameters", "problem"),
        [
            ({"view": "zzz"}, "View: “zzz” is not one of the choices."),
            ({"view": "\0"}, "View: “\ufffd” is not one of the choices."),
            ({"q": "a\0"}, "Search: “a\ufffd” has a character that cannot be searched."),
        ],
    )
    def test_are_not_filtered(self, web, url, parameters, problem):
        SHORT_LISTS[url]()

        for headers in ({}, {"HX-Request": "true"}):
            page = web.get(url, parameters, headers=headers)
            assert len(page.context["page"].rows) == 1
            assert page.context["view"] == "all"
            assert escape(f"{problem} Nothing is filtered.") in page.content.decode()

    @pytest.mark.parametrize("url", SHORT_LISTS)
    def test_say_nothing_of_what_makes_sense(self, web, url):
        assert not web.get(url).context["problems"]
        assert not web.get(url, {"view": "mine", "q": "a"}).context["problems"]

    @pytest.mark.parametrize("url", ["/segments/", "/campaigns/"])
    def test_have_no_view_of_mine_for_whoever_is_no_salesperson(self, client, url):
        SHORT_LISTS[url](salesperson=None)
        client.force_login(UserFactory(role="Administrator"))

        page = client.get(url, {"view": "mine"})

        assert page.context["view"] == "all"
        assert "“mine” is not one of the choices." in page.content.decode()


class TestPostponed:
    def test_shows_mine_instead_of_a_view_that_is_none(self, web, user):
        InteractionDraftFactory(created_by=user, kept=True)

        page = web.get(POSTPONED, {"v": "zzz"})

        assert len(page.context["page"].rows) == 1
        assert "There is no view “zzz”. This is “Mine”." in page.content.decode()
        assert not web.get(POSTPONED).context["problems"]


class TestTimelines:
    @pytest.mark.parametrize(("kind", "named"), [("zzz", "zzz"), ("\0", "\ufffd")])
    def test_show_every_type_instead_of_one_that_is_none(self, web, kind, named):
        contact, salesperson = ContactFactory(), SalespersonFactory()
        InteractionLogEntryFactory(contact=contact, salesperson=salesperson, description="Lux")

        for url in (
            f"/interactions/contacts/{contact.no}/",
            f"/interactions/salespeople/{salesperson.code}/",
        ):
            page = web.get(url, {"kind": kind}, headers={"HX-Request": "true"}).content.decode()
            assert "Lux" in page
            assert f"Type: “{named}” is not one of the choices. Nothing is filtered." in page
            assert "Nothing is filtered." not in web.get(url, {"kind": "CALL"}).content.decode()


def test_hints_of_keys_are_hidden_where_no_script_reads_keys():
    css = (settings.BASE_DIR / "static/crm/shell.css").read_text()

    (hidden,) = re.findall(r"@media \(scripting: none\) \{ (.*?) \{ display: none !important; \} \}", css)

    assert {each.strip() for each in hidden.split(",")} == {".js-only", "kbd"}

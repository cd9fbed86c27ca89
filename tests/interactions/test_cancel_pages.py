"""Canceling and reinstating through the pages: the dialog, the race, bulk, undo."""

import re

import pytest
from django.urls import reverse

from interactions.models import InteractionLogEntry
from tests.factories import (
    AttachmentFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ENTRIES = InteractionLogEntry.objects
BULK_CANCEL, BULK_REINSTATE = "/interactions/bulk/cancel/", "/interactions/bulk/reinstate/"
HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


def of(entry, name):
    return reverse(f"interactions:entry_{name}", args=[entry.pk])


def canceled():
    return set(ENTRIES.canceled())


def said(response):
    """Sentences of the toasts on the page that *response* leads to."""
    return re.findall(r"<span data-text>(.+?)</span>", response.content.decode())


class TestCancelPage:
    def test_asks_why_and_writes_nothing(self, browser):
        entry = InteractionLogEntryFactory()

        page = browser.get(of(entry, "cancel")).content.decode()

        assert "<h1>Cancel 1 entry</h1>" in page
        assert "It no longer counts in statistics." in page
        for reason in ("Logged by mistake", "Duplicate", "Wrong contact", "Did not take place", "Other"):
            assert reason in page
        assert "Keep it" in page
        assert canceled() == set()

    @pytest.mark.case("MI-073")
    def test_cancels_with_the_reason_and_leads_back(self, browser):
        entry = InteractionLogEntryFactory()

        response = browser.post(
            of(entry, "cancel"),
            {"reason": "DUPLICATE", "note": "Already logged", "next": "/interactions/?view=mine"},
        )

        assert response.url == "/interactions/?view=mine"
        assert ENTRIES.get().canceled_reason == "Duplicate: Already logged"

    @pytest.mark.parametrize(
        ("reason", "note", "stored"),
        [
            ("", "", ""),
            ("OTHER", "", "Other"),
            ("OTHER", "Wrong day", "Wrong day"),
            ("MISTAKE", "", "Logged by mistake"),
        ],
    )
    def test_stores_what_was_said(self, browser, reason, note, stored):
        browser.post(of(InteractionLogEntryFactory(), "cancel"), {"reason": reason, "note": note})

        assert ENTRIES.get().canceled_reason == stored

    def test_keeps_what_was_typed_when_it_is_refused(self, browser):
        entry = InteractionLogEntryFactory()

        response = browser.post(of(entry, "cancel"), {"reason": "DUPLICATE", "note": "x" * 201})

        assert response.status_code == 422
        assert "x" * 201 in response.content.decode()
        assert canceled() == set()

    @pytest.mark.case("XS-013")
    def test_offers_to_remove_a_file_that_only_this_entry_has(self, browser):
        entry = InteractionLogEntryFactory(attachment=AttachmentFactory(name="Answer IP67.docx"))

        page = browser.get(of(entry, "cancel")).content.decode()
        assert "Answer IP67.docx" in page
        assert "Remove the file too. This cannot be undone." in page
        browser.post(of(entry, "cancel"), {"remove_files": "on"})

        assert ENTRIES.get().attachment is None

    @pytest.mark.case("XS-013")
    def test_leaves_the_file_when_the_box_stays_empty(self, browser):
        entry = InteractionLogEntryFactory(attachment=AttachmentFactory())

        browser.post(of(entry, "cancel"))

        assert ENTRIES.get().attachment is not None

    def test_does_not_speak_of_a_file_that_others_use_too(self, browser):
        first, _second = InteractionLogEntryFactory.create_batch(2, attachment=AttachmentFactory())

        assert "Remove the file" not in browser.get(of(first, "cancel")).content.decode()

    def test_of_a_lost_race_shows_the_present_state(self, browser):
        entry = InteractionLogEntryFactory(canceled=True, canceled_reason="Mistake")

        page = browser.get(of(entry, "cancel")).content.decode()
        assert "Nothing to cancel: it is done already." in page
        response = browser.post(of(entry, "cancel"), {"reason": "DUPLICATE"}, follow=True)

        assert said(response) == ["Nothing to cancel: it is done already."]
        assert ENTRIES.get().canceled_reason == "Mistake"

    def test_closes_its_dialog_and_names_the_row_that_changed(self, browser):
        entry = InteractionLogEntryFactory()

        response = browser.post(of(entry, "cancel"), {}, headers=HTMX)

        assert response.status_code == 204
        trigger = response.headers["HX-Trigger"]
        assert '"closeLayer"' in trigger
        assert f'"entriesChanged": {{"ids": [{entry.pk}]}}' in trigger
        assert "1 entry canceled." in trigger


class TestUndoOfACanceling:
    def test_brings_back_exactly_what_that_click_canceled(self, browser):
        first, second = InteractionLogEntryFactory.create_batch(2)
        browser.post(of(first, "cancel"))
        page = browser.post(BULK_CANCEL, {"entry": [first.pk, second.pk], "confirm": "1"}, follow=True)

        token = re.findall(r'action="(/undo/[^"]+)" data-undo', page.content.decode())[-1]
        response = browser.post(token, {"next": "/interactions/"}, follow=True)

        assert said(response) == ["1 entry reinstated."]
        assert canceled() == {first}

    def test_comes_too_late_the_second_time(self, browser):
        page = browser.post(of(InteractionLogEntryFactory(), "cancel"), follow=True)
        token = re.findall(r'action="(/undo/[^"]+)" data-undo', page.content.decode())[-1]
        browser.post(token)

        response = browser.post(token, follow=True)

        assert "can no longer be undone" in said(response)[-1]


class TestReinstatePage:
    def test_takes_the_canceling_back(self, browser):
        entry = InteractionLogEntryFactory(canceled=True)

        response = browser.post(of(entry, "reinstate"), follow=True)

        assert said(response) == ["1 entry reinstated."]
        assert canceled() == set()

    def test_says_in_words_what_holds_the_entry(self, browser):
        entry = InteractionLogEntryFactory(
            canceled=True,
            logged_segment=LoggedSegmentFactory(canceled=True, segment_no="SM00018"),
            segment_line_no=1,
        )

        response = browser.post(of(entry, "reinstate"), follow=True)

        assert said(response)[0].startswith("Logged segment SM00018 is canceled")
        assert canceled() == {entry}

    def test_says_that_nothing_was_left(self, browser):
        response = browser.post(of(InteractionLogEntryFactory(), "reinstate"), follow=True)

        assert said(response) == ["There is no canceled entry to reinstate."]

    def test_shows_htmx_the_entry_as_it_is_now(self, browser):
        entry = InteractionLogEntryFactory(canceled=True)

        response = browser.post(
            of(entry, "reinstate"), headers={"HX-Request": "true", "HX-Target": "entry-view"}
        )

        assert "Cancel entry" in response.content.decode()
        assert f'"shown": {entry.pk}' in response.headers["HX-Trigger"]


class TestUndoOfAReinstating:
    def undo(self, browser, response):
        link = re.search(r'action="(/undo/[^"]+)"', response.content.decode())[1]
        return browser.post(link, follow=True)

    def test_gives_each_of_all_matching_its_own_canceling_back(self, browser):
        marta = UserFactory()
        InteractionLogEntryFactory(canceled=True, canceled_reason="Duplicate", canceled_by=marta)
        InteractionLogEntryFactory(canceled=True, canceled_reason="Wrong contact")
        before = list(ENTRIES.order_by("pk").values())
        page = browser.get("/interactions/?view=canceled").context["listing"]

        response = browser.post(BULK_REINSTATE, {"matching": page.matching}, follow=True)
        assert canceled() == set()
        response = self.undo(browser, response)

        assert said(response) == ["2 entries are canceled again, as they were."]
        assert list(ENTRIES.order_by("pk").values()) == before

    def test_says_that_nothing_is_left_to_undo(self, browser):
        entry = InteractionLogEntryFactory(canceled=True)
        response = browser.post(of(entry, "reinstate"), follow=True)
        browser.post(of(entry, "cancel"))

        response = self.undo(browser, response)

        assert said(response)[-1] == "Nothing to undo: these entries have been canceled again meanwhile."

    def test_the_entry_tells_its_history(self, browser):
        entry = InteractionLogEntryFactory(canceled=True, canceled_reason="Duplicate")

        page = browser.post(of(entry, "reinstate"), follow=True).content.decode()

        assert re.search(r"Canceled by [^.]+\. Duplicate<br>Reinstated by Marta Ruiz, ", page)

    def test_is_not_offered_where_nothing_came_back(self, browser):
        response = browser.post(of(InteractionLogEntryFactory(), "reinstate"), follow=True)

        assert "/undo/" not in response.content.decode()


class TestBulkCancel:
    def test_asks_first_and_says_how_many_it_means(self, browser):
        entries = InteractionLogEntryFactory.create_batch(2)
        done = InteractionLogEntryFactory(canceled=True)

        page = browser.post(BULK_CANCEL, {"entry": [entries[0].pk, entries[1].pk, done.pk]}).content.decode()

        assert "<h1>Cancel 2 entries</h1>" in page
        assert "1 more is canceled already and stays as it is." in page
        assert canceled() == {done}

    def test_cancels_the_ticked_ones(self, browser):
        first, _second, third = InteractionLogEntryFactory.create_batch(3)

        response = browser.post(
            BULK_CANCEL,
            {"entry": [first.pk, third.pk], "confirm": "1", "reason": "WRONG_CONTACT"},
            follow=True,
        )

        assert said(response) == ["2 entries canceled."]
        assert canceled() == {first, third}

    @pytest.mark.case("MI-073")
    def test_reinstates_when_the_first_selected_entry_is_canceled(self, browser):
        logged, gone = InteractionLogEntryFactory(), InteractionLogEntryFactory(canceled=True)

        response = browser.post(BULK_CANCEL, {"entry": [gone.pk, logged.pk]}, follow=True)

        assert said(response) == ["1 entry reinstated."]
        assert canceled() == set()

    def test_names_how_many_have_files_of_their_own(self, browser):
        entries = [InteractionLogEntryFactory(attachment=AttachmentFactory()) for _each in range(2)]

        page = browser.post(BULK_CANCEL, {"entry": [entry.pk for entry in entries]}).content.decode()

        assert "2 entries have their own files." in page
        assert "Remove the files too. This cannot be undone." in page

    def test_wants_a_selection(self, browser):
        assert said(browser.post(BULK_CANCEL, follow=True)) == ["Select entries first."]

    def test_ignores_what_is_no_number_and_what_one_may_not_see(self, client):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory())
        client.force_login(user)
        elsewhere = InteractionLogEntryFactory(team=TeamFactory(), contact__salesperson=SalespersonFactory())

        client.post(BULK_CANCEL, {"entry": ["x", 2**70, elsewhere.pk], "confirm": "1"})

        assert canceled() == set()

    @pytest.mark.parametrize("url", [BULK_CANCEL, BULK_REINSTATE, "/interactions/bulk/evaluate/"])
    def test_needs_the_permission_and_a_post(self, client, browser, url):
        assert browser.get(url).status_code == 405
        client.force_login(UserFactory(role="Reader"))
        assert client.post(url, {"entry": 1}).status_code == 403


class TestSelectAllMatching:
    def matching(self, browser, **query):
        """What the box "select all" on the list carries."""
        listing = browser.get("/interactions/", query).context["listing"]
        return listing.matching

    def test_sends_the_filter_and_leaves_what_is_logged_meanwhile(self, browser):
        wanted = set(InteractionLogEntryFactory.create_batch(60, description="Lux calculation"))
        InteractionLogEntryFactory(description="Gallery")
        token = self.matching(browser, q="lux")
        InteractionLogEntryFactory(description="Lux again")

        page = browser.post(BULK_CANCEL, {"matching": token, "entry": "1"}).content.decode()
        assert "<h1>Cancel 60 entries</h1>" in page
        browser.post(BULK_CANCEL, {"matching": token, "confirm": "1"})

        assert canceled() == wanted

    def test_stands_on_the_list_only_where_there_are_more_rows(self, browser):
        InteractionLogEntryFactory.create_batch(3)
        assert "data-all-matching" not in browser.get("/interactions/").content.decode()
        InteractionLogEntryFactory.create_batch(48)
        assert "Select all 51" in browser.get("/interactions/").content.decode()

    def test_is_refused_when_tampered_with_or_lent_to_somebody_else(self, client, browser):
        InteractionLogEntryFactory()
        token = self.matching(browser)

        assert said(browser.post(BULK_CANCEL, {"matching": f"{token}x"}, follow=True)) == [
            "This selection is no longer valid. Select the entries again."
        ]
        client.force_login(UserFactory(role="Marketing manager"))
        client.post(BULK_CANCEL, {"matching": token, "confirm": "1"})
        assert canceled() == set()

    def test_reinstates_and_tells_how_many_are_held_back(self, browser):
        segment = LoggedSegmentFactory(canceled=True)
        held = InteractionLogEntryFactory(canceled=True, logged_segment=segment, segment_line_no=1)
        InteractionLogEntryFactory.create_batch(2, canceled=True)

        response = browser.post(
            BULK_REINSTATE, {"matching": self.matching(browser, canceled="yes")}, follow=True
        )

        assert said(response) == [
            "2 entries reinstated. 1 entry stays canceled, because its logged segment or campaign entry is canceled."
        ]
        assert canceled() == {held}

    def test_tells_the_page_to_draw_all_its_rows_again(self, browser):
        InteractionLogEntryFactory()

        response = browser.post(
            BULK_CANCEL, {"matching": self.matching(browser), "confirm": "1"}, headers=HTMX
        )

        assert '"entriesChanged": {"ids": null}' in response.headers["HX-Trigger"]

"""Which entries a verb reaches: what one may open, now, and what is still there."""

import re
import threading

import pytest
from django.db import connections
from django.urls import reverse

from interactions.jobs import NotAllowed
from interactions.models import InteractionLogEntry
from interactions.views import listing
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ENTRIES = InteractionLogEntry.objects
BULK_CANCEL, BULK_EVALUATE = "/interactions/bulk/cancel/", "/interactions/bulk/evaluate/"
EXPORT = "/interactions/export/"
DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}
TOO_LONG = "This search takes too long. Narrow the dates."


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


def of(entry, name):
    return reverse(f"interactions:entry_{name}", args=[entry.pk])


def said(response):
    return re.findall(r"<span data-text>(.+?)</span>", response.content.decode())


def undo_of(response):
    return re.findall(r'action="(/undo/[^"]+)" data-undo', response.content.decode())[-1]


@pytest.fixture(params=["cancel", "evaluate"])
def done(request, browser):
    """An entry of somebody else that the manager has just canceled or evaluated, and the address of the undo."""
    entry = InteractionLogEntryFactory(team=TeamFactory(), contact__salesperson=SalespersonFactory())
    return entry, undo_of(browser.post(of(entry, request.param), {"evaluation": "1"}, follow=True))


def state(entry):
    entry = ENTRIES.get(pk=entry.pk)
    return entry.is_canceled, entry.evaluation


class TestUndo:
    def test_asks_again_whether_one_may(self, browser, manager, done):
        entry, undo = done
        before = state(entry)
        manager.groups.set(UserFactory(role="Reader").groups.all())

        response = browser.post(undo, follow=True)

        assert said(response)[-1] == NotAllowed().for_user
        assert state(entry) == before

    def test_reaches_only_what_one_may_still_open(self, browser, manager, done):
        entry, undo = done
        before = state(entry)
        manager.groups.set(UserFactory(role="Salesperson").groups.all())

        response = browser.post(undo, {"next": "/"}, follow=True)

        assert "entry reinstated" not in said(response)[-1]
        assert "1 evaluation taken back" not in said(response)[-1]
        assert state(entry) == before


class TestVerbs:
    def test_take_ticked_rows_that_one_may_open_and_of_a_filter_what_the_list_finds(self, client):
        user = UserFactory(role="Salesperson")
        team = TeamFactory()
        own = SalespersonFactory(user=user, team=team)
        client.force_login(user)
        on_timeline = InteractionLogEntryFactory(
            contact=ContactFactory(salesperson=own), salesperson=SalespersonFactory(), team=TeamFactory()
        )
        found = InteractionLogEntryFactory(salesperson=own, team=team)
        matching = client.get("/interactions/").context["listing"].matching

        client.post(BULK_CANCEL, {"matching": matching, "confirm": "1"})
        assert set(ENTRIES.canceled()) == {found}
        client.post(BULK_CANCEL, {"entry": on_timeline.pk, "confirm": "1"})
        assert set(ENTRIES.canceled()) == {found, on_timeline}

    def test_say_that_all_selected_entries_have_gone(self, browser):
        entry = InteractionLogEntryFactory(canceled=True)
        ENTRIES.filter(pk=entry.pk).purge()

        response = browser.post(BULK_EVALUATE, {"entry": entry.pk, "evaluation": "1"}, follow=True)

        assert said(response) == ["This selection is no longer valid. Select the entries again."]


@pytest.mark.skipif(
    "not __import__('django.db').db.connection.vendor == 'postgresql'",
    reason="SQLite has no statement timeout",
)
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestReadsOfManyEntries:
    """Where the database gives up, the reader is told."""

    @pytest.fixture
    def entry(self):
        return InteractionLogEntryFactory(canceled=True, description="Lux calculation")

    @pytest.fixture
    def web(self, client, entry, monkeypatch):
        """A browser whose every question about entries takes too long."""
        client.force_login(UserFactory(is_superuser=True))
        client.get("/interactions/")  # reads what is read once
        monkeypatch.setattr(listing, "SECONDS", 0.2)
        locked, seen = threading.Event(), threading.Event()

        def keep_locked():
            with connections["default"].cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE interactions_interactionlogentry IN ACCESS EXCLUSIVE MODE")
                locked.set()
                seen.wait(30)
                cursor.execute("ROLLBACK")
            connections["default"].close()

        thread = threading.Thread(target=keep_locked)
        thread.start()
        try:
            assert locked.wait(30)
            yield client
        finally:
            seen.set()
            thread.join()

    @pytest.mark.parametrize(
        ("url", "data"),
        [(BULK_CANCEL, {}), (BULK_EVALUATE, {}), (EXPORT, {}), (EXPORT, {"format": "xlsx"})],
    )
    def test_before_a_verb(self, web, entry, url, data):
        response = web.post(url, {"entry": entry.pk, **data}, headers=DIALOG)

        assert response.status_code == 204
        assert TOO_LONG in response.headers["HX-Trigger"]

    def test_before_an_export_of_a_filter(self, web):
        response = web.get(EXPORT, {"canceled": "yes"}, headers=DIALOG)

        assert TOO_LONG in response.headers["HX-Trigger"]

    def test_before_deleting(self, web):
        page = web.get("/interactions/canceled/delete/")

        assert page.status_code == 200
        assert TOO_LONG in page.content.decode()
        assert "Delete 1 entry" not in page.content.decode()

    @pytest.mark.parametrize("query", [{"kind": "CALL"}, {"after": "x"}])
    def test_on_a_timeline(self, web, entry, query):
        url = reverse("interactions:contact_entries", args=[entry.contact.no])

        page = web.get(url, query, headers={"HX-Request": "true"})

        assert page.status_code == 200
        assert TOO_LONG in page.content.decode()

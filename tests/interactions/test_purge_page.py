"""Deleting canceled entries through the page: preview, number, job (R-72, ui 5.14)."""

import datetime as dt
import re
import threading

import pytest
from django.db import connections, transaction
from django.utils import timezone

from crm.models import Job, JobState
from interactions.actions.entries import cancel_entries
from interactions.models import InteractionLogEntry
from interactions.views import purging
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    EntryCommentFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGE = "/interactions/canceled/delete/"
ENTRIES = InteractionLogEntry.objects


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


def said(response):
    return re.findall(r"<span data-text>(.+?)</span>", response.content.decode())


def press(client, **data):
    """Presses the button of a page that was made just now."""
    return client.post(PAGE, {"canceled_before": timezone.now().isoformat(), **data}, follow=True)


class TestPreview:
    def test_says_how_many_entries_files_and_comments_would_go(self, browser):
        EntryCommentFactory.create_batch(
            2, entry=InteractionLogEntryFactory(canceled=True, attachment=AttachmentFactory())
        )
        InteractionLogEntryFactory(canceled=True, attachment=AttachmentFactory())
        InteractionLogEntryFactory()

        page = browser.get(PAGE).content.decode()

        assert (
            '<b class="num ink">2</b> canceled entries will be deleted, with 2 comments and 2 files.'
            " This cannot be undone." in page
        )
        assert "Delete 2 entries" in page
        assert ENTRIES.count() == 3

    def test_follows_the_filters(self, browser):
        contact = ContactFactory()
        InteractionLogEntryFactory(canceled=True, contact=contact, description="to go")
        InteractionLogEntryFactory(canceled=True, description="to stay")

        page = browser.get(PAGE, {"contact": contact.no}).content.decode()

        assert "to go" in page
        assert "to stay" not in page

    def test_shows_the_first_fifty_rows(self, browser, monkeypatch):
        monkeypatch.setattr(purging, "SHOWN", 2)
        InteractionLogEntryFactory.create_batch(3, canceled=True)

        page = browser.get(PAGE).content.decode()

        assert page.count('<tr role="row" class="canc">') == 2
        assert "2 of 3 entries" in page

    def test_says_that_nothing_matches(self, browser):
        assert (
            "No canceled entries match." in browser.get(PAGE, {"date_before": "2020-01-01"}).content.decode()
        )

    def test_of_filters_that_make_no_sense_shows_no_button(self, browser):
        InteractionLogEntryFactory(canceled=True)

        page = browser.get(PAGE, {"template": "NOSUCH"})

        assert page.status_code == 200
        assert "There is no template “NOSUCH”." in page.content.decode()
        assert "Delete 1 entry" not in page.content.decode()

    def test_answers_htmx_with_itself_alone(self, browser):
        InteractionLogEntryFactory(canceled=True)

        part = browser.get(
            PAGE, headers={"HX-Request": "true", "HX-Target": "purge-preview"}
        ).content.decode()

        assert "Delete 1 entry" in part
        assert "<html" not in part

    def test_lets_one_export_exactly_these_first(self, browser):
        wanted = InteractionLogEntryFactory(canceled=True, description="to go")
        InteractionLogEntryFactory(canceled=True, description="to stay")
        page = browser.get(PAGE, {"entry_max": wanted.pk}).content.decode()
        (token,) = re.findall(r'name="matching" value="([^"]+)"', page)

        csv = b"".join(
            browser.post("/interactions/export/", {"matching": token, "format": "csv"}).streaming_content
        )

        assert b"to go" in csv
        assert b"to stay" not in csv


class TestDeleting:
    @pytest.mark.case("XS-014")
    def test_deletes_what_was_on_the_button_and_says_so(self, browser):
        EntryCommentFactory.create_batch(2, entry=InteractionLogEntryFactory(canceled=True))
        kept = InteractionLogEntryFactory()
        EntryCommentFactory(entry=kept)

        response = press(browser, count="1")

        assert said(response) == ["1 canceled entry deleted, with 2 comments and 0 files."]
        assert list(ENTRIES.all()) == [kept]

    @pytest.mark.case("XS-015")
    def test_keeps_to_its_filters(self, browser):
        first = InteractionLogEntryFactory(canceled=True, date=dt.date(2026, 1, 31))
        second = InteractionLogEntryFactory(canceled=True, date=dt.date(2026, 2, 1))

        press(browser, date_before="2026-01-31", count="1")

        assert list(ENTRIES.all()) == [second]
        assert first.pk != second.pk

    def test_deletes_nothing_when_the_number_has_changed(self, browser):
        InteractionLogEntryFactory.create_batch(2, canceled=True)

        response = press(browser, count="1")

        assert response.status_code == 422
        assert "This preview is out of date. Check again." in response.content.decode()
        assert "Delete 2 entries" in response.content.decode()
        assert ENTRIES.count() == 2

    def test_leaves_what_is_canceled_after_the_page_was_made(self, browser, manager):
        InteractionLogEntryFactory(canceled=True)
        late = InteractionLogEntryFactory()
        page = browser.get(PAGE).content.decode()
        (at,) = re.findall(r'name="canceled_before" value="([^"]+)"', page)
        cancel_entries(ENTRIES.filter(pk=late.pk), by=manager)

        response = browser.post(PAGE, {"count": "1", "canceled_before": at}, follow=True)

        assert said(response) == ["1 canceled entry deleted, with 0 comments and 0 files."]
        assert list(ENTRIES.all()) == [late]

    def test_by_a_job_leaves_what_is_canceled_before_it_begins(
        self, browser, manager, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(purging, "JOB_ABOVE", 0)
        InteractionLogEntryFactory(canceled=True)
        late = InteractionLogEntryFactory()

        with django_capture_on_commit_callbacks() as waiting:
            press(browser, count="1")
        cancel_entries(ENTRIES.filter(pk=late.pk), by=manager)
        for callback in waiting:
            callback()

        assert Job.objects.get().result["text"].startswith("1 canceled entry deleted")
        assert list(ENTRIES.all()) == [late]

    @pytest.mark.parametrize(
        "at", ["", "yesterday", "2026-13-01T00:00Z", "0001-01-01T00:00+14:00", "9999-12-31T23:59Z"]
    )
    def test_deletes_nothing_for_a_page_of_another_time(self, browser, at):
        InteractionLogEntryFactory(canceled=True)

        response = browser.post(PAGE, {"count": "1", "canceled_before": at})

        assert response.status_code == 422
        assert "Check again." in response.content.decode()
        assert ENTRIES.count() == 1

    def test_deletes_nothing_for_filters_that_make_no_sense(self, browser):
        InteractionLogEntryFactory(canceled=True)

        assert press(browser, template="NOSUCH", count="1").status_code == 422
        assert ENTRIES.count() == 1

    def test_says_that_nothing_was_left(self, browser):
        assert said(press(browser, count="0")) == ["Nothing was deleted: no canceled entries match."]

    def test_wants_the_number_typed_when_there_are_many(self, browser, monkeypatch):
        monkeypatch.setattr(purging, "TYPED_ABOVE", 1)
        InteractionLogEntryFactory.create_batch(2, canceled=True)

        assert "Enter 2 to delete them" in browser.get(PAGE).content.decode()
        assert press(browser, count="2", typed="3").status_code == 422
        assert ENTRIES.count() == 2
        press(browser, count="2", typed=" 2 ")
        assert ENTRIES.count() == 0

    def test_of_very_many_is_a_job(self, browser, manager, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr(purging, "JOB_ABOVE", 1)
        InteractionLogEntryFactory.create_batch(2, canceled=True)
        kept = InteractionLogEntryFactory(canceled=True, date=dt.date(2020, 1, 1))

        with django_capture_on_commit_callbacks(execute=True):
            response = press(browser, date_after="2026-01-01", count="2")

        job = Job.objects.get(by=manager)
        assert response.redirect_chain[0][0] == job.get_absolute_url()
        assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
        assert job.result["text"] == "2 canceled entries deleted, with 0 comments and 0 files."
        assert list(ENTRIES.all()) == [kept]

    def test_by_a_job_asks_again_whether_one_may(
        self, browser, manager, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(purging, "JOB_ABOVE", 0)
        InteractionLogEntryFactory(canceled=True)

        with django_capture_on_commit_callbacks() as waiting:
            press(browser, count="1")
        manager.groups.clear()
        for callback in waiting:
            callback()

        job = Job.objects.get()
        assert (job.state, job.error) == (JobState.FAILED, "You no longer have permission to do that.")
        assert ENTRIES.count() == 1


class TestWhoMayDelete:
    @pytest.mark.parametrize("role", ["Reader", "Salesperson"])
    def test_is_not_everybody(self, client, role):
        client.force_login(UserFactory(role=role))
        InteractionLogEntryFactory(canceled=True)

        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, {"count": "1"}).status_code == 403
        assert ENTRIES.count() == 1

    def test_deletes_only_what_he_or_she_finds(self, client):
        from django.contrib.auth.models import Permission

        user = UserFactory(role="Salesperson")
        user.user_permissions.add(Permission.objects.get(codename="purge_interactions"))
        team = TeamFactory()
        SalespersonFactory(user=user, team=team)
        InteractionLogEntryFactory(canceled=True, team=team)
        elsewhere = InteractionLogEntryFactory(canceled=True, team=TeamFactory())
        client.force_login(user)

        press(client, count="1")

        assert list(ENTRIES.all()) == [elsewhere]


@pytest.mark.django_db(transaction=True)
class TestACancelingThatIsUnderWay:
    def test_is_waited_for_and_makes_the_button_out_of_date(self, client):
        """It began before the page was made and is committed after the button was pressed."""
        client.force_login(UserFactory(role="Marketing manager"))
        InteractionLogEntryFactory(canceled=True)
        late = InteractionLogEntryFactory()
        began = timezone.now()
        page = client.get(PAGE)
        seen = page.context["preview"]
        canceling, pressed = threading.Event(), threading.Event()

        def cancel_slowly():
            with transaction.atomic():
                ENTRIES.filter(pk=late.pk).cancel(by=late.logged_by, at=began)
                canceling.set()
                pressed.wait(1)
            connections["default"].close()

        thread = threading.Thread(target=cancel_slowly)
        thread.start()
        assert canceling.wait(30)
        answer = client.post(PAGE, {"count": "1", "canceled_before": seen.canceled_before})
        thread.join()
        assert answer.status_code == 422
        assert "This preview is out of date." in answer.content.decode()
        assert ENTRIES.count() == 2

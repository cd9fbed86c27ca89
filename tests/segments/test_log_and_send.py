"""Logging a segment and sending what its lines carry: decided in the same transaction, sent after it."""

import pytest
from django.db import transaction

from crm.actions import opt_out
from crm.models import Job
from interactions.models import Delivery, InteractionLogEntry
from segments.actions import LinesNotReady, log_segment, preflight
from segments.jobs import start_logging
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)
from tests.segments.dialogs import HTMX, page, press, url_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


def mailing(*contacts, channel="EMAIL", name="prices.docx", extension="docx"):
    segment = SegmentFactory(ready=True, contacts=contacts, channel=channel, ignore_contact=True)
    SegmentAttachmentFactory(
        segment=segment, language="", attachment=AttachmentFactory(name=name, extension=extension)
    )
    return segment


def reachable(number):
    return ContactFactory(email=f"contact{number}@verrier.example")


class TestLogSegment:
    def test_queues_a_delivery_for_each_line(self, by):
        segment = mailing(reachable(1), reachable(2))
        logged = log_segment(segment, by=by, deliver=True)
        rows = Delivery.objects.filter(entry__logged_segment=logged)
        assert [(row.address, row.state) for row in rows.order_by("pk")] == [
            ("contact1@verrier.example", "QUEUED"),
            ("contact2@verrier.example", "QUEUED"),
        ]

    def test_sends_nothing_without_being_told(self, by):
        log_segment(mailing(reachable(1)), by=by)
        assert not Delivery.objects.exists()

    def test_writes_both_or_nothing(self, by):
        segment = mailing(reachable(1))
        with transaction.atomic():
            log_segment(segment, by=by, deliver=True)
            transaction.set_rollback(True)
        assert not InteractionLogEntry.objects.exists()
        assert not Delivery.objects.exists()

    def test_of_a_contact_without_address_writes_nothing(self, by):
        segment = mailing(reachable(1), ContactFactory(email=""))
        with pytest.raises(LinesNotReady):
            log_segment(segment, by=by, deliver=True)
        assert not InteractionLogEntry.objects.exists()

    def test_leaves_letters_to_the_printer(self, by):
        log_segment(mailing(ContactFactory(), channel="HARD_COPY"), by=by, deliver=True)
        assert [(row.channel, row.state) for row in Delivery.objects.all()] == [("HARD_COPY", "QUEUED")]

    def test_records_those_who_opted_out_and_troubles_nobody_with_them(self, by):
        gone = reachable(1)
        opt_out(gone, "EMAIL")
        segment = mailing(gone, reachable(2))
        log_segment(segment, by=by, deliver=True)
        assert InteractionLogEntry.objects.count() == 2
        row = Delivery.objects.get(entry__contact=gone)
        assert (row.state, row.reason, row.settled_by) == ("ERROR", "OPTED_OUT", by)
        assert not Delivery.objects.problems().exists()


class TestPreflight:
    def test_counts_what_would_be_sent(self):
        gone = reachable(1)
        opt_out(gone, "EMAIL")
        segment = mailing(gone, reachable(2), reachable(3))
        SegmentLineFactory(segment=segment, own_channel="HARD_COPY", contact=ContactFactory(address="Rue 1"))
        result = preflight(segment, deliver=True)
        assert (result.emails, result.letters, result.blocked) == (2, 1, 0)
        assert result.count_of("opted_out") == 1

    def test_blocks_letters_that_cannot_be_printed_only_when_they_are(self):
        segment = mailing(ContactFactory(address="Rue 1"), channel="HARD_COPY", name="a.txt", extension="txt")
        assert preflight(segment).count_of("no_letter") == 0
        result = preflight(segment, deliver=True)
        assert (result.count_of("no_letter"), result.blocked, result.letters) == (1, 1, 0)

    def test_tells_who_opted_out_of_letters_from_who_did_of_mails(self):
        person = reachable(1)
        opt_out(person, "HARD_COPY")
        assert preflight(mailing(person)).count_of("opted_out") == 0
        assert preflight(mailing(person, channel="HARD_COPY")).count_of("opted_out") == 1


class TestDialog:
    def test_offers_to_send_and_says_how_many(self, browser):
        segment = mailing(reachable(1), reachable(2))
        assert "Off: the interactions are recorded, nothing is sent or printed." in words(
            page(browser, segment)
        )
        html = browser.get(url_of(segment), {"deliver": "on"}, headers=HTMX).content.decode()
        assert "2 e-mails to send." in words(html)
        press(browser, segment, deliver="on")
        assert Delivery.objects.count() == 2

    def test_keeps_back_what_is_not_ready_to_be_sent(self, browser):
        segment = mailing(reachable(1), ContactFactory(email=""))
        html = browser.get(url_of(segment), {"deliver": "on"}, headers=HTMX).content.decode()
        assert "1 line is not ready." in words(html)
        answer = press(browser, segment, deliver="on")
        assert answer.status_code == 422
        assert "?deliver=on" in answer.content.decode()
        assert not InteractionLogEntry.objects.exists()

    def test_is_for_those_who_may_send(self, browser, manager):
        group = manager.groups.get()
        group.permissions.remove(*group.permissions.filter(codename="deliver_interactions"))
        segment = mailing(reachable(1))
        assert "Send attachments now" not in page(browser, segment)
        assert press(browser, segment, deliver="on").status_code == 403

    def test_says_what_is_on_its_way(self, browser):
        segment = mailing(reachable(1))
        done = browser.get(press(browser, segment, deliver="on").headers["HX-Redirect"]).content.decode()
        assert "1 interaction logged. 1 e-mail to send." in words(done)


class TestJob:
    def test_sends_as_the_dialog_does(self, by, django_capture_on_commit_callbacks):
        segment = mailing(reachable(1), reachable(2))
        with django_capture_on_commit_callbacks(execute=True):
            job = start_logging(
                segment, by=by, version=segment.version, count=2, follow_up=False, deliver=True
            )
        job = Job.objects.get(pk=job.pk)
        assert job.result["text"] == "2 interactions logged. 2 e-mails to send."
        assert Delivery.objects.count() == 2

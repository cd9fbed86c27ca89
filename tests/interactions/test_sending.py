"""Sending over a real connection: once, whatever the server does."""

import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.utils import timezone

from crm.actions import opt_out, whose_opt_out
from crm.models import Contact, MarketingSetup
from interactions.actions import (
    MailServerProblem,
    cancel_entries,
    deliver,
    queue_deliveries,
    requeue_deliveries,
    resend,
    send_test_mail,
    sending,
)
from interactions.actions.attachments import check_upload, store
from interactions.actions.documents import Letter, freeze_letters, letter_of, our_company
from interactions.actions.mail_server import SENT
from interactions.models import Delivery, EntryDocument, InteractionLogEntry
from tests.factories import AttachmentFactory, EntryDocumentFactory, UserFactory
from tests.interactions.outbox import later, letters, queued, silent, states, use
from tests.mail_server import Hold, MailServer, free_port
from tests.merging import field, letter, text_of


@pytest.fixture
def by(db):
    return UserFactory(role="Marketing manager", first_name="Nora", last_name="Alder")


@pytest.fixture
def server(settings):
    with MailServer() as server:
        use(settings, server.port)
        yield server


class TestDeliver:
    @pytest.mark.case("MI-046", "MI-047")
    @pytest.mark.parametrize(
        ("name", "mime"),
        [
            ("letter.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("notes.txt", "text/plain"),
        ],
    )
    def test_hands_the_file_to_the_contact_under_the_subject(self, by, server, name, mime):
        file = AttachmentFactory(name=name, mime=mime, content="Guten Tag, señor & < >\r\n.\r\n".encode())
        rows = queued(1, by=by, attachment=file, subject="Angebot\nfür Sie")
        assert deliver() is True
        [message] = server.messages
        assert (message["To"], message["Subject"]) == ("contact0@verrier.example", "Angebot für Sie")
        assert message["Message-ID"] == rows.get().message_id
        [attached] = message.iter_attachments()
        assert (attached.get_filename(), attached.get_content_type()) == (name, mime)
        content = attached.get_content()
        content = content.encode() if isinstance(content, str) else content
        assert content.replace(b"\r\n", b"\n") == "Guten Tag, señor & < >\n.\n".encode()

    def test_sends_each_once_and_says_when(self, by, server):
        rows = queued(3, by=by)
        deliver()
        deliver()
        assert server.ids == [row.message_id for row in rows]
        assert states(rows) == [("SENT", "")] * 3
        assert {row.attempts for row in rows} == {1}
        assert all(timezone.now() - row.sent_at < dt.timedelta(minutes=1) for row in rows)

    def test_keeps_one_connection_for_all(self, by, server):
        queued(5, by=by)
        deliver()
        assert (len(server.ids), len(server.handler.peers)) == (5, 1)

    def test_opens_another_connection_when_the_server_wants_that(self, by, server):
        server.handler.per_connection = 2
        rows = queued(5, by=by)
        deliver()
        assert server.ids == [row.message_id for row in rows]
        assert states(rows) == [("SENT", "")] * 5
        assert {row.attempts for row in rows} == {1}

    def test_asks_the_database_one_thing_for_each(self, by, server, django_assert_num_queries):
        rows = queued(3, by=by)
        deliver()
        rows.update(state="QUEUED", sent_at=None)
        MarketingSetup.current()
        # of each: the end of the one before and its own claim; of all: which are next and what they say; and the last end
        with django_assert_num_queries(3 + 2 + 1):
            deliver()

    def test_leaves_letters_on_paper_alone(self, by, server):
        rows = queued(1, by=by, channel="HARD_COPY", attachment=AttachmentFactory(extension="docx"))
        deliver()
        assert (states(rows), server.ids) == ([("QUEUED", "")], [])

    def test_stops_when_its_time_is_over_and_leaves_nothing_open(self, by, server, monkeypatch):
        rows = queued(3, by=by)
        clock = iter([0, 0, 1, 100])
        monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        assert deliver(seconds=50) is False
        assert states(rows) == [("SENT", ""), ("SENT", ""), ("QUEUED", "")]

    def test_writes_to_the_folder_of_the_embedded_installation(self, by, settings, tmp_path):
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = str(tmp_path)
        rows = queued(2, by=by)
        deliver()
        text = "".join(file.read_text() for file in tmp_path.iterdir())
        assert all(row.message_id in text for row in rows)
        assert states(rows) == [("SENT", "")] * 2


class TestMessage:
    def test_is_from_our_company_and_answered_to_the_salesperson(self, by, server, settings):
        settings.DEFAULT_FROM_EMAIL = "Nobody <crm@alder.example>"
        MarketingSetup(company_name='Alder & "Señor" Finch').save()
        queued(1, by=by)
        deliver()
        [message] = server.messages
        assert str(message["From"].addresses[0].display_name) == 'Alder & "Señor" Finch'
        assert message["From"].addresses[0].addr_spec == "crm@alder.example"
        assert message["Reply-To"] == "marta@alder.example"
        assert message["Message-ID"].endswith("@alder.example>")

    def test_offers_a_way_out_by_header_and_by_words_of_the_letters_language(self, by, server, settings):
        settings.SITE_URL = "https://crm.alder.example"
        rows = queued(1, by=by, language="es")
        deliver()
        [message] = server.messages
        link = message["List-Unsubscribe"].strip("<>")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert link.startswith("https://crm.alder.example/opt-out/")
        assert whose_opt_out(link.split("/")[-2]) == (rows.get().entry.contact, "EMAIL")
        assert link in message.get_body().get_content()

    def test_reaches_hosts_in_any_script(self, by, server):
        queued(1, by=by, address="info@señal{}.example")
        deliver()
        assert server.handler.asked == ["info@xn--seal0-pta.example"]


class TestFrozenLetters:
    @pytest.mark.case("MI-084")
    def test_are_filled_for_each_and_sealed(self, by, server):
        upload = ContentFile(letter(field("Contact_Name")).packed(), name="Offer.docx")
        entries = letters(2, by=by, attachment=store(check_upload(upload), by=by))
        freeze_letters(entries, company=our_company())
        queue_deliveries(entries, by=by)
        Contact.objects.update(name="Somebody Else")
        deliver()
        attached = [next(message.iter_attachments()) for message in server.messages]
        assert [part.get_filename() for part in attached] == ["Your quote.docx"] * 2
        names = [json.loads(row.values)["contact"]["name"] for row in EntryDocument.objects.order_by("entry")]
        assert [text_of(part.get_content()).strip("¶") for part in attached] == names
        assert [row.sha256 for row in EntryDocument.objects.order_by("entry")] == [
            letter_of(entry).sha256 for entry in entries.order_by("pk")
        ]

    def test_that_cannot_be_made_any_more_are_problems(self, by, server):
        entries = letters(1, by=by)
        EntryDocumentFactory(entry=entries.get(), attachment=entries.get().attachment, values="")
        queue_deliveries(entries, by=by)
        deliver()
        assert states(Delivery.objects.all()) == [("ERROR", "NO_FILE")]


class TestRefusals:
    @pytest.mark.case("AS-039")
    def test_of_a_recipient_end_in_the_words_of_the_server(self, by, server):
        server.on("contact1@verrier.example", "550 5.1.1 No such user here")
        rows = queued(3, by=by)
        deliver()
        assert states(rows) == [("SENT", ""), ("ERROR", "REFUSED"), ("SENT", "")]
        problem = rows.problems().get()
        assert problem.answer == "550 5.1.1 No such user here"
        assert problem.cause == "The mail server refused it. 550 5.1.1 No such user here"
        assert InteractionLogEntry.objects.counting().count() == 3
        deliver()
        assert server.handler.asked.count("contact1@verrier.example") == 1

    def test_of_the_content_end_so_too(self, by, server):
        server.after_data("contact0@verrier.example", "554 5.7.1 Looks like spam")
        rows = queued(2, by=by)
        deliver()
        assert states(rows) == [("ERROR", "REFUSED"), ("SENT", "")]

    def test_are_cut_and_hold_nothing_that_a_database_refuses(self, by, server):
        server.on("contact0@verrier.example", f"550 \x01{'No! ' * 100}")
        rows = queued(1, by=by)
        deliver()
        answer = rows.get().answer
        assert answer.startswith("550 No! No!")
        assert len(answer) <= 500

    def test_can_be_sent_to_another_address(self, by, server):
        server.on("contact0@verrier.example", "550 5.1.1 No such user here")
        rows = queued(1, by=by)
        deliver()
        resend(InteractionLogEntry.objects.all(), by=by, address="right@verrier.example")
        deliver()
        assert states(rows) == [("ERROR", "REFUSED"), ("SENT", "")]
        assert [message["To"] for message in server.messages] == ["right@verrier.example"]
        assert not rows.problems().exists()


class TestTemporaryErrors:
    def test_are_tried_again_after_a_pause_with_the_same_message_id(self, by, server):
        server.on("contact0@verrier.example", "451 4.7.1 Greylisted, try later", "250 OK")
        rows = queued(1, by=by)
        before = rows.get().message_id
        deliver()
        waiting = rows.get()
        assert (waiting.state, waiting.reason, waiting.attempts) == ("QUEUED", "LATER", 1)
        assert waiting.answer == "451 4.7.1 Greylisted, try later"
        pause = waiting.next_attempt_at - timezone.now()
        assert dt.timedelta(seconds=50) < pause <= dt.timedelta(minutes=1)
        deliver()
        assert server.ids == []
        later()
        deliver()
        assert server.ids == [before]
        assert states(rows) == [("SENT", "")]
        assert rows.get().attempts == 2

    def test_do_not_keep_the_others_waiting(self, by, server):
        server.on("contact0@verrier.example", "451 Later")
        rows = queued(2, by=by)
        deliver()
        assert states(rows) == [("QUEUED", "LATER"), ("SENT", "")]

    def test_end_in_an_error_after_ten_attempts(self, by, server):
        server.on("contact0@verrier.example", "451 Later")
        rows = queued(1, by=by)
        for attempt in range(sending.ATTEMPTS):
            assert states(rows)[0][0] == "QUEUED", attempt
            later()
            deliver()
        assert states(rows) == [("ERROR", "LATER")]
        assert rows.get().answer == "451 Later"

    def test_pause_longer_each_time(self):
        minutes = [sending.pause_after(attempts).total_seconds() / 60 for attempts in range(1, 11)]
        assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240]


class TestLostConnections:
    def test_after_the_body_leave_it_uncertain_and_never_sent_again_by_itself(self, by, server):
        server.after_data("contact1@verrier.example", "hang up")
        rows = queued(3, by=by)
        deliver()
        assert states(rows) == [("SENT", ""), ("UNCERTAIN", "LOST"), ("SENT", "")]
        server.after_data("contact1@verrier.example", None)
        later()
        requeue_deliveries()
        deliver()
        assert len(server.ids) == 2
        assert rows.problems().count() == 1

    def test_before_the_body_are_tried_again(self, by, server):
        server.on("contact0@verrier.example", "hang up", "250 OK")
        rows = queued(1, by=by)
        deliver()
        assert states(rows) == [("QUEUED", "NO_SERVER")]
        later()
        deliver()
        assert states(rows) == [("SENT", "")]
        assert len(server.ids) == 1

    def test_after_which_somebody_sends_it_again_make_a_new_message(self, by, server):
        server.after_data("contact0@verrier.example", "hang up")
        rows = queued(1, by=by)
        deliver()
        server.after_data("contact0@verrier.example", None)
        resend(InteractionLogEntry.objects.all(), by=by, again=True)
        deliver()
        assert states(rows) == [("UNCERTAIN", "LOST"), ("SENT", "")]
        assert server.ids == [rows.last().message_id]
        assert not rows.problems().exists()


class TestNoServer:
    def test_lets_everything_wait_and_tries_no_other_at_once(self, by, settings):
        use(settings, free_port())
        rows = queued(3, by=by)
        assert deliver() is True
        assert states(rows) == [("QUEUED", "NO_SERVER"), ("QUEUED", ""), ("QUEUED", "")]
        assert "refused" in rows.first().answer
        assert rows.first().attempts == 1

    def test_is_over_when_it_answers_again(self, by, settings):
        server = MailServer()
        use(settings, server.port)
        rows = queued(2, by=by)
        deliver()
        with server:
            later()
            deliver()
            assert sorted(server.ids) == sorted(row.message_id for row in rows)
        assert states(rows) == [("SENT", "")] * 2

    def test_is_found_while_sending(self, by, server):
        rows = queued(2, by=by)
        server.on("contact1@verrier.example", "421 4.3.2 Shutting down")
        deliver()
        assert states(rows) == [("SENT", ""), ("QUEUED", "LATER")]


class TestWhatChangedSinceItWasQueued:
    def change(self, what, row, by):
        contact = Contact.objects.filter(pk=row.entry.contact_id)
        match what:
            case "CANCELED":
                cancel_entries(InteractionLogEntry.objects.filter(pk=row.entry_id), by=by)
            case "BLOCKED":
                contact.update(privacy_blocked=True)
            case "OPTED_OUT":
                opt_out(contact.get(), "EMAIL")
            case "NO_FILE":
                default_storage.delete(row.entry.attachment.file.name)

    @pytest.mark.parametrize("what", ["CANCELED", "BLOCKED", "OPTED_OUT", "NO_FILE"])
    def test_keeps_it_from_being_sent(self, by, server, what):
        rows = queued(1, by=by)
        self.change(what, rows.get(), by)
        deliver()
        assert server.ids == []
        assert states(rows) == [("ERROR", what)]
        assert rows.problems().exists() is (what != "CANCELED")

    def test_and_cannot_be_made_into_a_message_stops_no_other(self, by, server, caplog):
        rows = queued(2, by=by)
        rows.filter(pk=rows.first().pk).update(address="two\nlines@verrier.example")
        deliver()
        assert states(rows) == [("ERROR", "BROKEN"), ("SENT", "")]
        assert "could not be made" in caplog.text


class TestLimit:
    def test_is_kept_by_all_workers_within_a_minute_of_the_clock(self, by, server, settings):
        settings.DELIVERIES_PER_MINUTE = 2
        rows = queued(5, by=by)
        deliver()
        deliver()
        assert len(server.ids) == 2
        rows.exclude(claimed_at=None).update(claimed_at=timezone.now() - dt.timedelta(minutes=1))
        deliver()
        assert len(server.ids) == 4
        assert states(rows)[-1] == ("QUEUED", "")


class TestRecover:
    def test_makes_uncertain_what_a_dead_worker_left(self, by, caplog):
        rows = queued(2, by=by)
        dead, alive = rows
        for row in (dead, alive):
            rows.filter(pk=row.pk).update(state="SENDING", claimed_by="w", claimed_at=timezone.now())
        silent(rows.filter(pk=dead.pk))
        assert sending.recover() == 1
        assert states(rows) == [("UNCERTAIN", "WORKER_DIED"), ("SENDING", "")]
        assert "1 deliveries were interrupted" in caplog.text

    def test_believes_a_slow_worker_that_comes_back(self, by):
        rows = queued(1, by=by)
        delivery = sending.Ahead().take(sending.advance(None, None, worker="slow"))
        rows.update(state="UNCERTAIN", reason="WORKER_DIED")
        sending.record(delivery, SENT)
        assert states(rows) == [("SENT", "")]

    def test_leaves_to_a_person_what_a_person_has_decided(self, by, caplog):
        rows = queued(1, by=by)
        delivery = sending.Ahead().take(sending.advance(None, None, worker="slow"))
        rows.update(state="UNCERTAIN", reason="WORKER_DIED", settled_at=timezone.now(), settled_by=by)
        sending.record(delivery, SENT)
        assert states(rows) == [("UNCERTAIN", "WORKER_DIED")]
        assert "was decided elsewhere" in caplog.text


class TestTestMail:
    def test_goes_out_at_once_and_records_nothing(self, by, server):
        letter = Letter("letter.txt", "text/plain", b"Hello")
        send_test_mail(to="nora@alder.example", by=by, letter=letter)
        [message] = server.messages
        assert message["To"] == "nora@alder.example"
        assert "Nora Alder asked for this" in message.get_body().get_content()
        assert [part.get_filename() for part in message.iter_attachments()] == ["letter.txt"]
        assert not Delivery.objects.exists()

    def test_that_fails_says_what_the_server_said(self, by, server):
        server.on("nora@alder.example", "550 No such user")
        with pytest.raises(MailServerProblem) as problem:
            send_test_mail(to="nora@alder.example", by=by)
        assert problem.value.for_user.endswith("The mail server refused it. 550 No such user")

    def test_without_a_server_says_so(self, by, settings):
        use(settings, free_port())
        with pytest.raises(MailServerProblem) as problem:
            send_test_mail(to="nora@alder.example", by=by)
        assert "does not answer" in problem.value.for_user


# --- several at a time --------------------------------------------------------------------------------------------------


def in_thread(work):
    def run():
        try:
            return work()
        finally:
            connections.close_all()

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_queue")
class TestTwoWorkers:
    def test_send_each_message_once(self, server):
        rows = queued(30, by=UserFactory())
        start = threading.Barrier(2)

        def work():
            start.wait()
            return deliver()

        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(in_thread(work)) for _worker in range(2)]
            assert [each.result() for each in done] == [True, True]
        assert sorted(server.ids) == sorted(row.message_id for row in rows)
        assert states(rows) == [("SENT", "")] * 30

    def test_do_not_wait_for_each_other(self, server):
        hold = Hold()
        server.after_data("contact0@verrier.example", hold)
        rows = queued(3, by=UserFactory())
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(in_thread(deliver))
            assert hold.begun.wait(10)
            assert states(rows)[0] == ("SENDING", "")  # committed before the answer
            deliver()
            assert states(rows)[1:] == [("SENT", "")] * 2
            hold.go.set()
            assert slow.result(10) is True
        assert states(rows) == [("SENT", "")] * 3

    def test_pass_over_a_row_that_another_one_holds(self, server):
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has one writer at a time")
        rows = queued(2, by=UserFactory())
        held, done = threading.Event(), threading.Event()

        def hold():
            with transaction.atomic():
                sending.advance(None, None, worker="other")
                held.set()
                assert done.wait(10)
                transaction.set_rollback(True)

        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(in_thread(hold))
            assert held.wait(10)
            deliver()
            assert server.ids == [rows.last().message_id]
            done.set()
            other.result(10)
        deliver()
        assert sorted(server.ids) == sorted(row.message_id for row in rows)

    def test_who_queue_the_same_entries_send_them_once(self, server):
        by = UserFactory()
        entries = letters(5, by=by)
        start = threading.Barrier(2)

        def work():
            start.wait()
            return queue_deliveries(entries.all(), by=by).total

        with ThreadPoolExecutor(2) as pool:
            totals = sorted(each.result() for each in [pool.submit(in_thread(work)) for _each in range(2)])
        assert totals == [0, 5]
        deliver()
        assert len(server.ids) == 5 == Delivery.objects.count()

"""The outbox as rows: what gets one, what may follow it, who sees it."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crm.actions import opt_out
from crm.models import Contact
from interactions.actions import (
    AddressIsWrong,
    AlreadySent,
    IsCanceled,
    IsUnderWay,
    NoCorrespondenceType,
    NotForOne,
    NothingToSend,
    PurgeFilters,
    dismiss_problems,
    mark_printed,
    mark_sent,
    purge_canceled_entries,
    queue_deliveries,
    resend,
    withdraw_deliveries,
)
from interactions.models import Delivery, InteractionLogEntry
from tests.factories import (
    MORNING,
    AttachmentFactory,
    ContactFactory,
    DeliveryFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)
from tests.interactions.outbox import letters, queued, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


def of(entries):
    return Delivery.objects.filter(entry__in=entries).order_by("pk")


class TestConstraints:
    @pytest.mark.parametrize(
        "values",
        [
            {"state": "LOST"},
            {"channel": "PIGEON"},
            {"reason": "MOOD"},
            {"state": "ERROR"},
            {"state": "UNCERTAIN"},
            {"state": "SENT"},
            {"sent_at": MORNING},
            {"state": "SENDING"},
            {"settled_at": MORNING},
            {"address": ""},
        ],
        ids=str,
    )
    def test_refuse_what_makes_no_sense(self, values):
        with pytest.raises(IntegrityError), transaction.atomic():
            DeliveryFactory(**values)

    @pytest.mark.parametrize("first", [{}, {"sending": True}, {"uncertain": True}], ids=str)
    def test_allow_one_open_delivery_of_an_entry(self, first):
        delivery = DeliveryFactory(**first)
        with pytest.raises(IntegrityError), transaction.atomic():
            DeliveryFactory(entry=delivery.entry, number=2)

    @pytest.mark.parametrize(
        "first",
        [{"sent": True}, {"failed": True}, {"uncertain": True, "settled_at": MORNING}],
        ids=str,
    )
    def test_allow_the_next_one_after_the_last_is_over(self, first):
        delivery = DeliveryFactory(**first)
        assert DeliveryFactory(entry=delivery.entry, number=2).pk

    def test_allow_each_number_and_each_message_id_once(self):
        delivery = DeliveryFactory(sent=True)
        for values in ({"entry": delivery.entry}, {"message_id": delivery.message_id}):
            with pytest.raises(IntegrityError), transaction.atomic():
                DeliveryFactory(**values)


class TestQueueDeliveries:
    def test_writes_one_waiting_row_for_each_entry_by_one_statement(self, by, django_assert_num_queries):
        entries = letters(3, by=by)
        with django_assert_num_queries(6):  # two savepoints, the rows, figures
            done = queue_deliveries(entries, by=by)
        assert (done.queued, done.left_out, done.total) == (3, {}, 3)
        rows = list(of(entries))
        assert [row.address for row in rows] == [f"contact{number}@verrier.example" for number in range(3)]
        assert {(row.state, row.number, row.attempts, row.created_by) for row in rows} == {
            ("QUEUED", 1, 0, by)
        }
        assert len({row.message_id for row in rows}) == 3
        assert all(row.message_id.endswith("@localhost>") and len(row.message_id) > 40 for row in rows)

    @pytest.mark.case("AS-035")
    def test_of_nothing_does_nothing(self, by):
        done = queue_deliveries(InteractionLogEntry.objects.none(), by=by)
        assert (done.queued, done.left_out) == (0, {})

    def test_queues_an_entry_once_for_ever(self, by):
        entries = letters(2, by=by)
        queue_deliveries(entries, by=by)
        of(entries).update(state="SENT", sent_at=MORNING)
        assert queue_deliveries(entries, by=by).total == 0
        assert of(entries).count() == 2

    def test_passes_over_canceled_entries_and_those_that_are_not_delivered(self, by):
        letters(1, by=by, channel="")
        letters(1, by=by, canceled=True)
        assert queue_deliveries(InteractionLogEntry.objects.all(), by=by).total == 0

    @pytest.mark.case("AS-037", "AS-038", "AS-040", "AS-041")
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"contact": None}, "CONTACT_GONE"),
            ({"attachment": None}, "NO_FILE"),
            ({"channel": "HARD_COPY", "attachment": None}, "NO_FILE"),
            ({"address": ""}, "NO_ADDRESS"),
        ],
        ids=str,
    )
    def test_says_why_one_is_not_sent(self, by, values, reason):
        entries = letters(1, by=by, **values)
        done = queue_deliveries(entries, by=by)
        assert (done.queued, done.left_out) == (0, {reason: 1})
        assert states(of(entries)) == [("ERROR", reason)]
        assert of(entries).problems().count() == 1
        assert entries.counting().count() == 1

    @pytest.mark.case("AS-038", "AS-040")
    @pytest.mark.parametrize("extension", ["html", "pdf"])
    def test_prints_word_files_only(self, by, extension):
        entries = letters(1, by=by, channel="HARD_COPY", attachment=AttachmentFactory(extension=extension))
        queue_deliveries(entries, by=by)
        assert states(of(entries)) == [("ERROR", "NOT_WORD")]

    def test_lets_letters_on_paper_wait_for_the_printer(self, by):
        entries = letters(
            1, by=by, channel="HARD_COPY", address="", attachment=AttachmentFactory(extension="docx")
        )
        assert queue_deliveries(entries, by=by).queued == 1
        assert of(entries).to_print().count() == 1
        assert not Delivery.objects.due(timezone.now()).exists()
        assert mark_printed(of(entries), by=by) == 1
        assert states(of(entries)) == [("SENT", "")]

    def test_leaves_out_who_may_not_or_will_not_be_written_to(self, by):
        entries = letters(3, by=by)
        blocked, opted_out, _rest = Contact.objects.filter(entries__in=entries).order_by("pk")
        Contact.objects.filter(pk=blocked.pk).update(privacy_blocked=True)
        opt_out(opted_out, "EMAIL")
        done = queue_deliveries(entries, by=by)
        assert (done.queued, done.left_out) == (1, {"BLOCKED": 1, "OPTED_OUT": 1})

    def test_sends_by_the_channel_that_nobody_opted_out_of(self, by):
        entries = letters(1, by=by)
        opt_out(Contact.objects.get(entries__in=entries), "HARD_COPY")
        assert queue_deliveries(entries, by=by).queued == 1

    def test_wakes_workers_when_the_transaction_commits(
        self, by, mailoutbox, django_capture_on_commit_callbacks
    ):
        entries = letters(2, by=by)
        with django_capture_on_commit_callbacks(execute=True):
            queue_deliveries(entries, by=by)
            assert not mailoutbox
        assert len(mailoutbox) == 2
        assert states(of(entries)) == [("SENT", "")] * 2


class TestResend:
    def test_is_a_new_row_with_a_new_message_id_that_settles_the_old_one(self, by):
        rows = queued(1, by=by)
        rows.update(state="ERROR", reason="REFUSED", answer="550 No such user")
        entries = InteractionLogEntry.objects.all()
        assert resend(entries, by=by).queued == 1
        old, new = rows
        assert (old.settled_by, new.number, new.state) == (by, 2, "QUEUED")
        assert old.message_id != new.message_id
        assert not rows.problems().exists()

    def test_warns_when_it_was_sent_already_and_writes_nothing(self, by):
        rows = queued(2, by=by)
        first = rows.first()
        Delivery.objects.filter(pk=first.pk).update(state="SENT", sent_at=MORNING)
        rows.exclude(pk=first.pk).update(state="ERROR", reason="REFUSED")
        entries = InteractionLogEntry.objects.all()
        with pytest.raises(AlreadySent) as problem:
            resend(entries, by=by)
        assert problem.value.for_user.startswith("1 of these has been sent already")
        assert (rows.count(), rows.problems().count()) == (2, 1)
        assert resend(entries, by=by, again=True).queued == 2
        assert rows.count() == 4

    def test_of_what_is_perhaps_sent_needs_the_word_again(self, by):
        delivery = DeliveryFactory(uncertain=True)
        entries = InteractionLogEntry.objects.filter(pk=delivery.entry_id)
        with pytest.raises(AlreadySent):
            resend(entries, by=by)
        assert resend(entries, by=by, again=True).queued == 1
        delivery.refresh_from_db()
        assert (delivery.state, delivery.settled_by) == ("UNCERTAIN", by)

    @pytest.mark.parametrize("state", [{}, {"sending": True}], ids=str)
    def test_is_refused_while_it_is_under_way(self, by, state):
        delivery = DeliveryFactory(**state)
        with pytest.raises(IsUnderWay):
            resend(InteractionLogEntry.objects.filter(pk=delivery.entry_id), by=by, again=True)

    @pytest.mark.case("AS-036")
    def test_of_an_entry_without_a_correspondence_type_names_it(self, by):
        with pytest.raises(NoCorrespondenceType) as problem:
            resend(letters(1, by=by, channel=""), by=by)
        assert "correspondence type" in problem.value.for_user
        assert not Delivery.objects.exists()

    def test_of_a_canceled_entry_is_refused(self, by):
        with pytest.raises(IsCanceled):
            resend(letters(1, by=by, canceled=True), by=by)

    def test_of_nothing_at_all_says_so(self, by):
        with pytest.raises(NothingToSend):
            resend(letters(2, by=by, channel=""), by=by)
        with pytest.raises(NothingToSend):
            resend(InteractionLogEntry.objects.none(), by=by)

    def test_goes_to_another_address(self, by):
        rows = queued(1, by=by, address="wrong@verrier.example")
        rows.update(state="ERROR", reason="REFUSED")
        resend(InteractionLogEntry.objects.all(), by=by, address=" right@verrier.example ")
        assert rows.last().address == "right@verrier.example"
        assert Contact.objects.get(entries__deliveries__number=1).email == "wrong@verrier.example"

    def test_goes_to_an_address_although_the_contact_has_none(self, by):
        rows = queued(1, by=by, address="")
        assert states(rows) == [("ERROR", "NO_ADDRESS")]
        assert resend(InteractionLogEntry.objects.all(), by=by, address="right@verrier.example").queued == 1

    def test_refuses_an_address_that_is_none(self, by):
        with pytest.raises(AddressIsWrong):
            resend(letters(1, by=by), by=by, address="right@")
        assert not Delivery.objects.exists()

    def test_changes_the_address_of_one_at_a_time(self, by):
        with pytest.raises(NotForOne):
            resend(letters(2, by=by), by=by, address="right@verrier.example")

    def test_does_not_write_to_who_opted_out(self, by):
        rows = queued(1, by=by)
        rows.update(state="ERROR", reason="REFUSED")
        opt_out(Contact.objects.get(), "EMAIL")
        done = resend(InteractionLogEntry.objects.all(), by=by)
        assert (done.queued, done.left_out) == (0, {"OPTED_OUT": 1})

    def test_asks_the_same_for_many(self, by, django_assert_num_queries):
        queued(3, by=by).update(state="ERROR", reason="REFUSED")
        # savepoints, is there any, was any sent, settled, the rows, figures
        with django_assert_num_queries(9):
            resend(InteractionLogEntry.objects.all(), by=by)


class TestDecisions:
    def test_what_is_perhaps_sent_can_be_declared_sent(self, by):
        delivery, failed = DeliveryFactory(uncertain=True), DeliveryFactory(failed=True)
        assert mark_sent(Delivery.objects.all(), by=by) == 1
        delivery.refresh_from_db()
        failed.refresh_from_db()
        assert (delivery.state, delivery.sent_at, delivery.settled_by) == ("SENT", MORNING, by)
        assert failed.state == "ERROR"

    def test_what_was_not_sent_can_be_dismissed_and_what_is_uncertain_cannot(self, by):
        failed, uncertain = DeliveryFactory(failed=True), DeliveryFactory(uncertain=True)
        assert dismiss_problems(Delivery.objects.all(), by=by) == 1
        assert list(Delivery.objects.problems()) == [uncertain]
        failed.refresh_from_db()
        assert failed.settled_by == by

    def test_what_waits_can_be_stopped(self, by):
        waiting, sending = DeliveryFactory(), DeliveryFactory(sending=True)
        assert withdraw_deliveries(Delivery.objects.all(), by=by) == 1
        waiting.refresh_from_db()
        sending.refresh_from_db()
        assert (waiting.state, waiting.reason, waiting.is_problem) == ("ERROR", "WITHDRAWN", False)
        assert sending.state == "SENDING"


class TestQuerySet:
    def test_shows_deliveries_of_the_entries_that_one_sees(self):
        team = TeamFactory()
        user = UserFactory(role="Salesperson")
        me = SalespersonFactory(user=user, team=team)
        mine = DeliveryFactory(entry__salesperson=me, entry__team=team)
        theirs = DeliveryFactory()
        assert list(Delivery.objects.visible_to(user)) == [mine]
        everything = Delivery.objects.visible_to(UserFactory(role="Marketing manager"))
        assert set(everything) == {mine, theirs}
        assert not Delivery.objects.visible_to(UserFactory()).exists()

    def test_counts_every_state(self):
        DeliveryFactory(sent=True)
        DeliveryFactory(uncertain=True)
        assert Delivery.objects.figures() == {
            "QUEUED": 0,
            "SENDING": 0,
            "SENT": 1,
            "ERROR": 0,
            "UNCERTAIN": 1,
        }

    def test_knows_the_last_sending_of_each_entry(self):
        first = DeliveryFactory(sent=True)
        second = DeliveryFactory(entry=first.entry, number=2)
        other = DeliveryFactory(failed=True)
        assert set(Delivery.objects.latest()) == {second, other}

    @pytest.mark.parametrize("count", [1, 3])
    def test_lists_problems_by_one_query(self, count, django_assert_num_queries):
        DeliveryFactory.create_batch(count, failed=True)
        with django_assert_num_queries(1):
            rows = list(Delivery.objects.problems().for_list())
            assert {row.entry.contact.email for row in rows} == {"helene@verrier.example"}
            assert {row.cause for row in rows} == {"The mail server refused it. 550 No such user"}

    def test_reads_the_queue_and_the_problems_from_their_indexes(self):
        DeliveryFactory.create_batch(3, failed=True)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
        due = Delivery.objects.due(timezone.now()).order_by("next_attempt_at", "id")
        assert "delivery_queue" in due.explain()
        assert "delivery_state" in Delivery.objects.problems().order_by("-id").explain()


class TestErasing:
    def test_forgets_addresses_and_answers_and_sends_nothing_more(self):
        entry = InteractionLogEntryFactory(contact=ContactFactory(email="helene@verrier.example"))
        DeliveryFactory(entry=entry, failed=True, answer="550 helene@verrier.example unknown")
        DeliveryFactory(entry=entry, number=2)
        other = DeliveryFactory()
        assert Delivery.objects.filter(entry=entry).erase() == 2
        mine = Delivery.objects.filter(entry=entry)
        assert set(mine.values_list("address", "answer")) == {("", "")}
        assert not mine.open().exists()
        other.refresh_from_db()
        assert (other.state, other.address) == ("QUEUED", "helene@verrier.example")


class TestPurge:
    def test_takes_deliveries_with_their_canceled_entries(self, by):
        kept = DeliveryFactory(sent=True)
        DeliveryFactory(entry=InteractionLogEntryFactory(canceled=True, date=dt.date(2026, 1, 31)), sent=True)
        assert purge_canceled_entries(PurgeFilters(), by=by).entries == 1
        assert list(Delivery.objects.all()) == [kept]

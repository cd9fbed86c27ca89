"""Canceling and reinstating entries of the ledger (R-70, architecture 2.6)."""

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interactions.actions.entries import (
    CampaignEntryCanceled,
    ParentCanceled,
    SegmentCanceled,
    SeveralParentsCanceled,
    cancel_entries,
    reinstate_entries,
    take_back_canceling,
    take_back_reinstating,
    toggle_canceled,
    with_own_file,
)
from interactions.actions.purge import PurgeFilters, purge_canceled_entries
from interactions.models import Attachment, CanceledWith, InteractionLogEntry, Reinstatement
from interactions.signals import entries_canceled
from tests.factories import (
    AttachmentFactory,
    CampaignEntryFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateLanguageFactory,
    LoggedSegmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ENTRIES = InteractionLogEntry.objects


def entries(*wanted):
    return ENTRIES.filter(pk__in=[entry.pk for entry in wanted])


def canceled_ones():
    return set(ENTRIES.canceled())


class TestCancelEntries:
    @pytest.mark.case("MI-073")
    def test_marks_the_entry_and_deletes_nothing(self):
        entry, marta = InteractionLogEntryFactory(), UserFactory()

        assert cancel_entries(entries(entry), by=marta, reason="Duplicate").count == 1

        entry = ENTRIES.get(pk=entry.pk)
        assert entry.is_canceled
        assert (entry.canceled_by, entry.canceled_reason) == (marta, "Duplicate")
        assert entry.canceled_with == CanceledWith.ITSELF

    def test_leaves_alone_what_is_canceled_already(self):
        earlier, other = (
            InteractionLogEntryFactory(canceled=True, canceled_reason="Mistake"),
            InteractionLogEntryFactory(),
        )

        assert cancel_entries(ENTRIES.all(), by=UserFactory(), reason="Duplicate").count == 1

        assert ENTRIES.get(pk=earlier.pk).canceled_reason == "Mistake"
        assert ENTRIES.get(pk=other.pk).canceled_reason == "Duplicate"

    def test_of_a_lost_race_writes_nothing(self):
        entry, jonas = InteractionLogEntryFactory(), UserFactory()
        cancel_entries(entries(entry), by=jonas)
        before = ENTRIES.values().get(pk=entry.pk)

        assert cancel_entries(entries(entry), by=UserFactory(), reason="Duplicate").count == 0

        assert ENTRIES.values().get(pk=entry.pk) == before

    def test_takes_any_order_and_filter(self):
        entry = InteractionLogEntryFactory(description="Lux calculation")
        InteractionLogEntryFactory(description="Gallery walk")

        assert cancel_entries(ENTRIES.newest_first().search("lux"), by=UserFactory()).count == 1

        assert canceled_ones() == {entry}

    @pytest.mark.parametrize("number", [1, 40])
    def test_asks_the_same_few_statements_for_any_number(self, number):
        InteractionLogEntryFactory.create_batch(number)
        marta = UserFactory()

        with CaptureQueriesContext(connection) as canceling:
            assert cancel_entries(ENTRIES.all(), by=marta).count == number
        with CaptureQueriesContext(connection) as reinstating:
            done = reinstate_entries(ENTRIES.all(), by=marta)
        with CaptureQueriesContext(connection) as taking_back:
            assert take_back_reinstating(ENTRIES.all(), done.at, by=marta).count == done.count == number

        # The savepoint and its release among them.
        assert (len(canceling), len(reinstating), len(taking_back)) == (3, 6, 4)

    def test_tells_receivers_once_it_is_certain(self, django_capture_on_commit_callbacks):
        heard, marta = [], UserFactory()
        InteractionLogEntryFactory.create_batch(2)

        def listen(sender, **told):
            heard.append(told)

        entries_canceled.connect(listen)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                done = cancel_entries(ENTRIES.all(), by=marta)
                assert heard == []
                cancel_entries(ENTRIES.all(), by=marta)  # nothing is left to cancel, nothing is told
        finally:
            entries_canceled.disconnect(listen)

        assert [(told["canceled_at"], told["count"], told["by"]) for told in heard] == [(done.at, 2, marta)]


class TestCancelEntriesWithTheirFiles:
    def has_file(self, entry):
        return ENTRIES.get(pk=entry.pk).attachment_id is not None

    @pytest.mark.case("XS-013")
    def test_keeps_the_file_unless_asked(self):
        file = AttachmentFactory()
        entry = InteractionLogEntryFactory(attachment=file)

        cancel_entries(entries(entry), by=UserFactory())

        assert self.has_file(entry)
        assert default_storage.exists(file.file.name)

    @pytest.mark.case("XS-013")
    def test_removes_its_own_file_when_asked(self):
        file = AttachmentFactory()
        entry = InteractionLogEntryFactory(attachment=file)

        done = cancel_entries(entries(entry), by=UserFactory(), remove_files=True)

        assert (done.count, done.files) == (1, 1)
        assert not self.has_file(entry)
        assert not Attachment.objects.exists()
        assert not default_storage.exists(file.file.name)

    def test_never_removes_a_file_that_another_entry_uses(self):
        file = AttachmentFactory()
        entry, other = InteractionLogEntryFactory.create_batch(2, attachment=file)

        done = cancel_entries(entries(entry), by=UserFactory(), remove_files=True)

        assert done.files == 0
        assert self.has_file(entry)
        assert self.has_file(other)
        assert default_storage.exists(file.file.name)

    def test_leaves_the_file_of_an_entry_that_was_canceled_before(self):
        entry = InteractionLogEntryFactory(canceled=True, attachment=AttachmentFactory())

        cancel_entries(ENTRIES.all(), by=UserFactory(), remove_files=True)

        assert self.has_file(entry)

    @pytest.mark.parametrize("user", [InteractionTemplateLanguageFactory, InteractionDraftFactory])
    def test_does_not_call_a_file_its_own_that_a_template_or_draft_uses(self, user):
        file = AttachmentFactory()
        InteractionLogEntryFactory(attachment=file)
        user(attachment=file)

        assert not with_own_file(ENTRIES.all()).exists()


class TestReinstateEntries:
    def test_brings_back_entry_and_forgets_the_canceling(self):
        entry = InteractionLogEntryFactory(canceled=True, canceled_reason="Duplicate")

        assert reinstate_entries(entries(entry), by=UserFactory()).count == 1

        entry = ENTRIES.get(pk=entry.pk)
        assert not entry.is_canceled
        assert (entry.canceled_by, entry.canceled_reason, entry.canceled_with) == (None, "", "")

    def test_passes_over_what_is_not_canceled(self):
        InteractionLogEntryFactory()

        assert reinstate_entries(ENTRIES.all(), by=UserFactory()).count == 0

    def test_refuses_an_entry_whose_logged_segment_is_canceled(self):
        segment = LoggedSegmentFactory(canceled=True, segment_no="SM00018")
        entry = InteractionLogEntryFactory(
            canceled=True,
            logged_segment=segment,
            segment_line_no=1,
            canceled_with=CanceledWith.LOGGED_SEGMENT,
        )

        with pytest.raises(SegmentCanceled) as refusal:
            reinstate_entries(entries(entry), by=UserFactory())

        assert refusal.value.for_user.startswith(
            "Logged segment SM00018 is canceled, and this entry with it."
        )
        assert canceled_ones() == {entry}

    def test_refuses_an_entry_whose_campaign_entry_is_canceled(self):
        parent = CampaignEntryFactory(canceled=True, campaign__no="CP1001")
        entry = InteractionLogEntryFactory(canceled=True, campaign=parent.campaign, campaign_entry=parent)

        with pytest.raises(CampaignEntryCanceled) as refusal:
            reinstate_entries(entries(entry), by=UserFactory())

        assert refusal.value.for_user.startswith("The entry in campaign CP1001 is canceled")

    def test_refuses_in_one_sentence_when_several_parents_hold_all_of_them(self):
        for number in (1, 2):
            InteractionLogEntryFactory(
                canceled=True, logged_segment=LoggedSegmentFactory(canceled=True), segment_line_no=number
            )

        with pytest.raises(SeveralParentsCanceled):
            reinstate_entries(ENTRIES.all(), by=UserFactory())

    def test_skips_and_counts_those_that_a_canceled_parent_holds(self):
        segment = LoggedSegmentFactory(canceled=True)
        parent = CampaignEntryFactory(canceled=True)
        held = {
            InteractionLogEntryFactory(canceled=True, logged_segment=segment, segment_line_no=1),
            InteractionLogEntryFactory(canceled=True, campaign_entry=parent),
        }
        InteractionLogEntryFactory(canceled=True)
        InteractionLogEntryFactory(
            canceled=True, logged_segment=LoggedSegmentFactory(), campaign_entry=CampaignEntryFactory()
        )

        done = reinstate_entries(ENTRIES.all(), by=UserFactory())

        assert (done.count, done.blocked) == (2, 2)
        assert canceled_ones() == held


class TestToggleCanceled:
    @pytest.mark.case("MI-073")
    def test_cancels_a_logged_entry_and_takes_it_back_the_second_time(self):
        entry, marta = InteractionLogEntryFactory(), UserFactory()

        assert toggle_canceled(entries(entry), by=marta).count == 1
        assert canceled_ones() == {entry}
        assert toggle_canceled(entries(entry), by=marta).count == 1
        assert canceled_ones() == set()

    def test_follows_the_first_selected_entry_in_a_mixed_selection(self):
        logged, canceled = InteractionLogEntryFactory(), InteractionLogEntryFactory(canceled=True)

        assert toggle_canceled(entries(logged, canceled), by=UserFactory(), first=canceled).count == 1
        assert canceled_ones() == set()

        canceled = ENTRIES.get(pk=canceled.pk)
        assert toggle_canceled(entries(logged, canceled), by=UserFactory(), first=canceled).count == 2
        assert canceled_ones() == {logged, canceled}

    def test_says_nothing_happened_to_no_entries(self):
        assert toggle_canceled(ENTRIES.none(), by=UserFactory()).count == 0


class TestTakeBackCanceling:
    def test_brings_back_exactly_the_entries_of_that_canceling(self):
        marta = UserFactory()
        first, second = InteractionLogEntryFactory.create_batch(2)
        cancel_entries(entries(first), by=marta)
        done = cancel_entries(entries(first, second), by=marta)

        assert take_back_canceling(ENTRIES.all(), done.at, by=marta).count == 1

        assert canceled_ones() == {first}

    def test_still_minds_the_parents(self):
        entry = InteractionLogEntryFactory(
            canceled=True, logged_segment=LoggedSegmentFactory(canceled=True), segment_line_no=1
        )

        with pytest.raises(ParentCanceled):
            take_back_canceling(ENTRIES.all(), entry.canceled_at, by=entry.canceled_by)


class TestTakeBackReinstating:
    def test_gives_every_entry_its_own_canceling_back(self):
        marta, jonas, irina = UserFactory.create_batch(3)
        first, second, third = InteractionLogEntryFactory.create_batch(3)
        cancel_entries(entries(first), by=marta, reason="Duplicate")
        cancel_entries(entries(second, third), by=jonas, reason="Wrong contact")
        before = list(ENTRIES.order_by("pk").values())

        done = reinstate_entries(ENTRIES.all(), by=irina)
        assert canceled_ones() == set()

        assert take_back_reinstating(ENTRIES.all(), done.at, by=irina).count == 3
        assert list(ENTRIES.order_by("pk").values()) == before
        assert not Reinstatement.objects.exists()

    def test_leaves_what_came_back_some_other_time_or_by_somebody_else(self):
        marta, jonas = UserFactory.create_batch(2)
        first, second = InteractionLogEntryFactory.create_batch(2, canceled=True)
        reinstate_entries(entries(first), by=marta)
        done = reinstate_entries(entries(second), by=marta)

        assert take_back_reinstating(ENTRIES.all(), done.at, by=jonas).count == 0
        assert take_back_reinstating(ENTRIES.all(), done.at, by=marta).count == 1
        assert canceled_ones() == {second}

    def test_leaves_what_was_canceled_again_meanwhile(self):
        marta = UserFactory()
        entry = InteractionLogEntryFactory(canceled=True, canceled_reason="Duplicate")
        done = reinstate_entries(entries(entry), by=marta)
        cancel_entries(entries(entry), by=marta, reason="Wrong contact")

        assert take_back_reinstating(ENTRIES.all(), done.at, by=marta).count == 0
        assert ENTRIES.get().canceled_reason == "Wrong contact"

        reinstate_entries(entries(entry), by=marta)
        assert take_back_reinstating(ENTRIES.all(), done.at, by=marta).count == 0
        assert canceled_ones() == set()

    def test_keeps_on_record_who_canceled_and_why(self):
        marta, jonas = UserFactory.create_batch(2)
        entry = InteractionLogEntryFactory()
        done = cancel_entries(entries(entry), by=marta, reason="Duplicate")
        back = reinstate_entries(entries(entry), by=jonas)

        kept = Reinstatement.objects.get()
        assert (kept.entry, kept.canceled_at, kept.canceled_by) == (entry, done.at, marta)
        assert (kept.canceled_reason, kept.canceled_with) == ("Duplicate", CanceledWith.ITSELF)
        assert (kept.reinstated_at, kept.reinstated_by) == (back.at, jonas)

    def test_goes_with_its_entry(self):
        marta = UserFactory()
        entry = InteractionLogEntryFactory(canceled=True)
        reinstate_entries(entries(entry), by=marta)
        cancel_entries(entries(entry), by=marta)

        assert purge_canceled_entries(PurgeFilters(), by=None).entries == 1

        assert not Reinstatement.objects.exists()

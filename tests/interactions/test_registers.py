"""Canceling logged segments and campaign entries, with all that is theirs."""

from threading import Thread

import pytest
from django.db import connection

from interactions.actions import (
    AnotherIsOpen,
    CampaignEntryIsGone,
    LoggedSegmentIsGone,
    ParentCanceled,
    RunCanceled,
    cancel_campaign_entry,
    cancel_entries,
    cancel_logged_segment,
    delete_canceled_logged_segments,
    reinstate_campaign_entry,
    reinstate_entries,
    reinstate_logged_segment,
)
from interactions.models import CampaignEntry, CanceledWith, InteractionLogEntry, LoggedSegment
from interactions.signals import entries_canceled
from segments.models import CriteriaStep, Segment
from tests.factories import (
    CampaignEntryFactory,
    CriteriaStepFactory,
    DocumentKindFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    SegmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def run():
    """A logged segment with three entries, two of them in a campaign."""
    logged = LoggedSegmentFactory(segment_no="SM00021")
    campaign_entry = CampaignEntryFactory(logged_segment=logged, segment_no="SM00021")
    for number, parent in enumerate((campaign_entry, campaign_entry, None)):
        InteractionLogEntryFactory(logged_segment=logged, campaign_entry=parent, segment_line_no=number)
    InteractionLogEntryFactory()
    return logged


def states(logged):
    """What each entry was canceled with, and what each campaign entry."""
    entries = logged.entries.order_by("pk").values_list("canceled_with", flat=True)
    campaign_entries = CampaignEntry.objects.filter(logged_segment=logged).order_by("pk")
    return list(entries), [(row.is_canceled, row.canceled_with_segment) for row in campaign_entries]


def fresh(row):
    return type(row).objects.get(pk=row.pk)


IT, RUN, CAMPAIGN = CanceledWith.ITSELF, CanceledWith.LOGGED_SEGMENT, CanceledWith.CAMPAIGN_ENTRY


class TestCancelLoggedSegment:
    @pytest.mark.case("XS-010")
    def test_takes_entries_and_campaign_entries_along_and_brings_them_back(self, run, by):
        done = cancel_logged_segment(run, by=by, reason="Wrong prices")
        assert (done.count, fresh(run).canceled_by, fresh(run).canceled_reason) == (3, by, "Wrong prices")
        assert states(run) == ([RUN] * 3, [(True, True)])
        assert {entry.canceled_at for entry in run.entries.all()} == {done.at}
        assert InteractionLogEntry.objects.counting().count() == 1
        assert reinstate_logged_segment(run, by=by).count == 3
        assert states(run) == ([""] * 3, [(False, False)])
        assert not fresh(run).is_canceled

    def test_brings_back_exactly_what_it_took(self, run, by):
        first, second, _third = run.entries.order_by("pk")
        cancel_entries(InteractionLogEntry.objects.filter(pk=first.pk), by=by, reason="Bounced")
        assert cancel_logged_segment(run, by=by).count == 2
        assert reinstate_logged_segment(run, by=by).count == 2
        assert states(run) == ([IT, "", ""], [(False, False)])
        assert fresh(first).canceled_reason == "Bounced"
        cancel_campaign_entry(second.campaign_entry, by=by)
        cancel_logged_segment(run, by=by)
        assert states(run) == ([IT, CAMPAIGN, RUN], [(True, False)])
        reinstate_logged_segment(run, by=by)
        assert states(run) == ([IT, CAMPAIGN, ""], [(True, False)])

    def test_a_second_time_changes_nothing(self, run, by):
        cancel_logged_segment(run, by=by, reason="First")
        assert cancel_logged_segment(run, by=by, reason="Second").count == 0
        assert fresh(run).canceled_reason == "First"
        assert reinstate_logged_segment(run, by=by).count == 3
        assert reinstate_logged_segment(run, by=by).count == 0

    def test_its_entries_do_not_come_back_alone(self, run, by):
        cancel_logged_segment(run, by=by)
        with pytest.raises(ParentCanceled, match="SM00021"):
            reinstate_entries(InteractionLogEntry.objects.filter(pk=run.entries.first().pk), by=by)

    def test_takes_as_many_statements_for_any_number(self, run, by, django_assert_num_queries):
        other = LoggedSegmentFactory()
        InteractionLogEntryFactory(logged_segment=other)
        for logged in (run, other):
            with django_assert_num_queries(7):
                cancel_logged_segment(logged, by=by)
            with django_assert_num_queries(10 if logged == run else 6):
                reinstate_logged_segment(logged, by=by)

    def test_tells_others_once(self, run, by, django_capture_on_commit_callbacks):
        told = []
        receiver = lambda sender, count, **kwargs: told.append(count)  # noqa: E731
        entries_canceled.connect(receiver)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                cancel_logged_segment(run, by=by)
        finally:
            entries_canceled.disconnect(receiver)
        assert told == [3]

    def test_one_that_was_deleted_is_refused(self, run, by):
        cancel_logged_segment(run, by=by)
        delete_canceled_logged_segments(LoggedSegment.objects.all(), by=by)
        for verb in (cancel_logged_segment, reinstate_logged_segment):
            with pytest.raises(LoggedSegmentIsGone):
                verb(run, by=by)


class TestDeleteCanceledLoggedSegments:
    @pytest.mark.case("BJ-004")
    def test_removes_the_register_row_and_keeps_the_entries_canceled_without_it(self, run, by):
        kept = LoggedSegmentFactory()
        cancel_logged_segment(run, by=by)
        assert delete_canceled_logged_segments(LoggedSegment.objects.all(), by=by) == 1
        assert LoggedSegment.objects.get() == kept
        entries = InteractionLogEntry.objects.canceled()
        assert [(entry.logged_segment, entry.canceled_with) for entry in entries] == [(None, IT)] * 3
        campaign_entry = CampaignEntry.objects.get()
        assert (campaign_entry.logged_segment, campaign_entry.is_canceled) == (None, True)
        assert campaign_entry.segment_no == "SM00021"

    def test_lets_the_entries_come_back_alone_with_their_campaign_entry(self, run, by):
        cancel_logged_segment(run, by=by)
        delete_canceled_logged_segments(LoggedSegment.objects.all(), by=by)
        reinstate_campaign_entry(CampaignEntry.objects.get(), by=by)
        assert reinstate_entries(InteractionLogEntry.objects.all(), by=by).count == 3

    def test_leaves_follow_ups_and_steps_that_came_from_it(self, run, by):
        segment = SegmentFactory(follow_up_of=run)
        step = CriteriaStepFactory(segment=segment, logged_segment=run)
        cancel_logged_segment(run, by=by)
        delete_canceled_logged_segments(LoggedSegment.objects.all(), by=by)
        assert Segment.objects.get().follow_up_of is None
        assert CriteriaStep.objects.get(pk=step.pk).logged_segment is None


class TestCampaignEntries:
    def test_take_their_entries_along_and_bring_back_exactly_those(self, run, by):
        campaign_entry = CampaignEntry.objects.get()
        first = run.entries.order_by("pk").first()
        cancel_entries(InteractionLogEntry.objects.filter(pk=first.pk), by=by)
        assert cancel_campaign_entry(campaign_entry, by=by, reason="Twice").count == 1
        assert states(run) == ([IT, CAMPAIGN, ""], [(True, False)])
        assert cancel_campaign_entry(campaign_entry, by=by).count == 0
        assert reinstate_campaign_entry(campaign_entry, by=by).count == 1
        assert states(run) == ([IT, "", ""], [(False, False)])
        assert reinstate_campaign_entry(campaign_entry, by=by).count == 0

    def test_do_not_come_back_while_their_segment_is_canceled(self, run, by):
        cancel_logged_segment(run, by=by)
        with pytest.raises(RunCanceled, match="SM00021"):
            reinstate_campaign_entry(CampaignEntry.objects.get(), by=by)

    def test_do_not_come_back_beside_another_open_one(self, run, by):
        old = CampaignEntry.objects.get()
        cancel_logged_segment(run, by=by)
        CampaignEntryFactory(campaign=old.campaign, segment_no=old.segment_no)
        with pytest.raises(AnotherIsOpen, match=old.campaign.no):
            reinstate_logged_segment(run, by=by)
        assert fresh(run).is_canceled
        delete_canceled_logged_segments(LoggedSegment.objects.all(), by=by)
        with pytest.raises(AnotherIsOpen):
            reinstate_campaign_entry(old, by=by)

    def test_of_one_kind_of_document_do_not_stand_in_the_way_of_another(self, run, by):
        old = CampaignEntry.objects.get()
        cancel_logged_segment(run, by=by)
        CampaignEntryFactory(
            campaign=old.campaign, segment_no=old.segment_no, document_kind=DocumentKindFactory()
        )
        assert reinstate_logged_segment(run, by=by).count == 3

    @pytest.mark.parametrize("count", [1, 3])
    def test_of_a_segment_are_looked_at_together(self, by, count, django_assert_num_queries):
        logged = LoggedSegmentFactory()
        CampaignEntryFactory.create_batch(count, logged_segment=logged, segment_no=logged.segment_no)
        cancel_logged_segment(logged, by=by)
        with django_assert_num_queries(10):
            reinstate_logged_segment(logged, by=by)
        assert states(logged) == ([], [(False, False)] * count)

    def test_that_are_gone_are_refused(self, by):
        row = CampaignEntryFactory()
        CampaignEntry.objects.all().delete()
        for verb in (cancel_campaign_entry, reinstate_campaign_entry):
            with pytest.raises(CampaignEntryIsGone):
                verb(row, by=by)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_an_entry_does_not_slip_out_of_a_segment_that_is_canceled_meanwhile(by):
    """Open when its parents are looked at, canceled with its segment before the entries are written."""
    logged = LoggedSegmentFactory()
    InteractionLogEntryFactory(logged_segment=logged)

    def cancel():
        cancel_logged_segment(logged, by=by)
        connection.close()

    def just_before_writing(execute, sql, *arguments):
        if sql.startswith("UPDATE"):
            other = Thread(target=cancel)
            other.start()
            other.join()
        return execute(sql, *arguments)

    with connection.execute_wrapper(just_before_writing):
        reinstate_entries(InteractionLogEntry.objects.all(), by=by)
    assert states(logged)[0] == [RUN]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_a_campaign_entry_does_not_come_back_beside_one_that_is_made_meanwhile(by):
    """None is open when they are looked at, one is before they are written: refused in words, nothing written."""
    logged = LoggedSegmentFactory()
    old = CampaignEntryFactory(logged_segment=logged, segment_no=logged.segment_no)
    cancel_logged_segment(logged, by=by)
    made = []

    def make_another():
        made.append(CampaignEntryFactory(campaign=old.campaign, segment_no=old.segment_no, created_by=by))
        connection.close()

    def just_before_writing(execute, sql, *arguments):
        if sql.startswith('UPDATE "interactions_campaignentry"') and not made:
            other = Thread(target=make_another)
            other.start()
            other.join()
        return execute(sql, *arguments)

    with connection.execute_wrapper(just_before_writing), pytest.raises(AnotherIsOpen, match=old.campaign.no):
        reinstate_logged_segment(logged, by=by)
    assert len(made) == 1
    assert fresh(logged).is_canceled
    assert fresh(old).is_canceled

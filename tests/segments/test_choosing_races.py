"""Two at once choose contacts: what each meant is done, or he or she is told."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from crm.errors import Refusal
from crm.models import ContactMailingGroup, MailingGroup
from segments.actions import (
    add_contact,
    add_contacts,
    apply_mailing_group,
    clear_history,
    go_back,
    go_forward,
    reduce_contacts,
    take_back,
)
from segments.criteria import Recipe
from segments.models import Segment, SegmentLine
from tests.factories import ContactFactory, SegmentFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
ROUNDS = 5


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


def at_once(*works):
    """What became of each: "done" or the name of the refusal, sorted."""
    outcomes, start = [], Barrier(len(works))

    def run(work):
        start.wait()
        try:
            work()
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_a_step_is_taken_back_once_by_two_who_press_go_back(by):
    for _round in range(ROUNDS):
        segment = SegmentFactory()
        _first, second = (add_contact(segment, ContactFactory(), by=by).added_by for _number in range(2))

        def back(segment=segment, step=second.pk):
            go_back(segment, by=by, step=step)

        assert at_once(back, back) == ["SegmentChanged", "done"]
        assert segment.lines.count() == 1


def test_a_step_is_done_again_once_by_two_who_press_undo(by):
    for _round in range(ROUNDS):
        segment = SegmentFactory()
        for _number in range(2):
            add_contact(segment, ContactFactory(), by=by)
        go_back(segment, by=by)
        step = go_back(segment, by=by).pk

        def forward(segment=segment, step=step):
            go_forward(segment, by=by, step=step)

        assert at_once(forward, forward) == ["SegmentChanged", "done"]
        assert segment.lines.count() == 1


def test_undo_takes_back_its_own_steps_or_says_that_there_is_a_newer_one(by):
    for _round in range(ROUNDS):
        segment, newcomer = SegmentFactory(), ContactFactory()
        mine = [add_contact(segment, ContactFactory(), by=by).added_by_id for _number in range(2)]
        outcomes = at_once(
            lambda segment=segment, mine=mine: take_back(segment, mine, by=by),
            lambda segment=segment, newcomer=newcomer: add_contact(segment, newcomer, by=by),
        )
        lines = SegmentLine.objects.filter(segment=segment).count()
        assert (outcomes, lines) in [(["done", "done"], 1), (["SegmentChanged", "done"], 3)]


def test_a_history_is_cleared_with_the_steps_that_the_page_showed(by):
    for _round in range(ROUNDS):
        segment, newcomer = SegmentFactory(), ContactFactory()
        shown = add_contact(segment, ContactFactory(), by=by).added_by_id
        outcomes = at_once(
            lambda segment=segment, shown=shown: clear_history(segment, by=by, step=shown),
            lambda segment=segment, newcomer=newcomer: add_contact(segment, newcomer, by=by),
        )
        left = segment.steps.count()
        assert (outcomes, left) in [(["done", "done"], 1), (["SegmentChanged", "done"], 2)]
        assert SegmentLine.objects.filter(segment=segment).count() == 2


def test_of_two_steps_at_one_version_one_is_made(by):
    for _round in range(ROUNDS):
        segment = SegmentFactory(contacts=[ContactFactory()])
        version = Segment.objects.get(pk=segment.pk).version
        outcomes = at_once(
            lambda segment=segment, version=version: reduce_contacts(
                segment, Recipe(), by=by, version=version
            ),
            lambda segment=segment, version=version: add_contacts(segment, Recipe(), by=by, version=version),
        )
        assert outcomes == ["SegmentChanged", "done"]


def test_a_mailing_group_gets_each_contact_of_two_segments_once(by):
    shared = [ContactFactory() for _number in range(3)]
    group = MailingGroup.objects.create(code="BOTH")
    both = [SegmentFactory(contacts=[*shared, ContactFactory()]) for _number in range(2)]
    works = [lambda segment=segment: apply_mailing_group(segment, group, by=by) for segment in both]
    assert at_once(*works) == ["done", "done"]
    assert ContactMailingGroup.objects.filter(mailing_group=group).count() == 5

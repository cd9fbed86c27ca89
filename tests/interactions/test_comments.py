"""Remarks on entries (R-71)."""

import datetime as dt

import pytest
import time_machine

from interactions.actions.entries import CommentIsEmpty, EntryIsGone, add_comment
from interactions.models import EntryComment, InteractionLogEntry
from tests.factories import InteractionLogEntryFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestAddComment:
    @pytest.mark.case("MI-058")
    def test_stands_under_the_entry_with_todays_date_and_its_author(self):
        entry, marta = InteractionLogEntryFactory(), UserFactory()

        with time_machine.travel(dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC), tick=False):
            comment = add_comment(entry, " ABC ", by=marta)

        assert list(entry.comments.all()) == [comment]
        assert (comment.text, comment.date) == ("ABC", dt.date(2026, 11, 20))
        assert (comment.created_by, comment.created_at) == (
            marta,
            dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC),
        )

    def test_may_be_added_to_a_canceled_entry(self):
        entry = InteractionLogEntryFactory(canceled=True)

        add_comment(entry, "Logged twice", by=UserFactory())

        assert entry.comments.count() == 1

    def test_is_found_by_searching_its_words(self):
        entry = InteractionLogEntryFactory(description="Voicemail")

        add_comment(entry, "Assistant says Thursday", by=UserFactory())

        assert list(InteractionLogEntry.objects.search("thurs")) == [entry]

    @pytest.mark.parametrize("blank", ["", "  \n"])
    def test_is_refused_when_empty(self, blank):
        with pytest.raises(CommentIsEmpty):
            add_comment(InteractionLogEntryFactory(), blank, by=UserFactory())

        assert not EntryComment.objects.exists()

    def test_is_refused_when_the_entry_was_purged_meanwhile(self):
        entry = InteractionLogEntryFactory(canceled=True)
        InteractionLogEntry.objects.filter(pk=entry.pk).purge()

        with pytest.raises(EntryIsGone):
            add_comment(entry, "ABC", by=UserFactory())

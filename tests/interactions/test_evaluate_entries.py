"""Evaluating entries (R-71)."""

import pytest

from interactions.actions import entries as actions
from interactions.actions.entries import NoSuchEvaluation, evaluate_entries, take_back_evaluation
from interactions.models import Evaluation, InteractionLogEntry
from tests.factories import InteractionLogEntryFactory, UserFactory

pytestmark = pytest.mark.django_db

ENTRIES = InteractionLogEntry.objects


def evaluations():
    return list(ENTRIES.order_by("pk").values_list("evaluation", flat=True))


class TestEvaluateEntries:
    @pytest.mark.case("MI-072")
    def test_gives_the_chosen_one_of_five(self):
        assert Evaluation.labels == ["Very positive", "Positive", "Neutral", "Negative", "Very negative"]
        InteractionLogEntryFactory()

        assert evaluate_entries(ENTRIES.all(), Evaluation.values[1], by=UserFactory()).count == 1

        assert evaluations() == [Evaluation.POSITIVE]

    def test_gives_it_to_all_selected_and_to_canceled_ones_too(self):
        InteractionLogEntryFactory(evaluation=Evaluation.NEGATIVE)
        InteractionLogEntryFactory(canceled=True)

        assert evaluate_entries(ENTRIES.newest_first(), Evaluation.NEUTRAL, by=UserFactory()).count == 2

        assert evaluations() == [Evaluation.NEUTRAL, Evaluation.NEUTRAL]

    @pytest.mark.parametrize("blank", [None, "", 3])
    def test_never_sets_back_to_blank_or_to_anything_else(self, blank):
        InteractionLogEntryFactory(evaluation=Evaluation.POSITIVE)

        with pytest.raises(NoSuchEvaluation):
            evaluate_entries(ENTRIES.all(), blank, by=UserFactory())

        assert evaluations() == [Evaluation.POSITIVE]


class TestTakeBackEvaluation:
    def test_gives_back_what_each_entry_had(self):
        InteractionLogEntryFactory()
        InteractionLogEntryFactory(evaluation=Evaluation.NEGATIVE)
        done = evaluate_entries(ENTRIES.all(), Evaluation.VERY_POSITIVE, by=UserFactory())

        assert (
            take_back_evaluation(ENTRIES.all(), done.before, Evaluation.VERY_POSITIVE, by=UserFactory()).count
            == 2
        )

        assert evaluations() == [None, Evaluation.NEGATIVE]

    def test_leaves_an_entry_that_somebody_evaluated_again(self):
        entry = InteractionLogEntryFactory()
        done = evaluate_entries(ENTRIES.all(), Evaluation.VERY_POSITIVE, by=UserFactory())
        evaluate_entries(ENTRIES.filter(pk=entry.pk), Evaluation.NEUTRAL, by=UserFactory())

        assert (
            take_back_evaluation(ENTRIES.all(), done.before, Evaluation.VERY_POSITIVE, by=UserFactory()).count
            == 0
        )

        assert evaluations() == [Evaluation.NEUTRAL]

    def test_is_offered_up_to_a_number_of_entries(self, monkeypatch):
        monkeypatch.setattr(actions, "MOST_TO_TAKE_BACK", 2)
        InteractionLogEntryFactory.create_batch(3)

        some = evaluate_entries(
            ENTRIES.filter(pk__in=list(ENTRIES.values_list("pk", flat=True)[:2])), 1, by=UserFactory()
        )
        all_of_them = evaluate_entries(ENTRIES.all(), 2, by=UserFactory())

        assert len(some.before) == 2
        assert (all_of_them.count, all_of_them.before) == (3, None)

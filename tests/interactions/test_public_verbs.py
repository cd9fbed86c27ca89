"""What `interactions.actions` offers to other apps."""

import inspect

import pytest

from crm.errors import Refusal
from interactions import actions

VERBS = (
    *("start_draft", "save_draft", "keep_draft", "discard_draft", "restore_draft", "log_interaction"),
    *("cancel_entries", "reinstate_entries", "evaluate_entries", "add_comment", "purge_canceled_entries"),
    *("queue_deliveries", "resend", "mark_sent", "dismiss_problems", "withdraw_deliveries", "mark_printed"),
    "send_test_mail",
)


class TestPublicVerbs:
    @pytest.mark.parametrize("name", VERBS)
    def test_stand_in_one_place_and_name_the_acting_user(self, name):
        assert name in actions.__all__
        assert (
            inspect.signature(getattr(actions, name)).parameters["by"].kind is inspect.Parameter.KEYWORD_ONLY
        )

    def test_bring_their_refusals_along(self):
        answers = {"PurgeFilters", "PurgeResult", "Queued"}
        refusals = {name for name in actions.__all__ if name[0].isupper()} - answers

        assert {"CannotLog", "DraftIsGone", "ParentCanceled", "TemplateIsUsed"} <= refusals
        assert all(issubclass(getattr(actions, name), Refusal) for name in refusals)

"""The verbs of interactions. Each is atomic, names the acting user and answers what it did or made."""

from .drafts import (
    ContactIsBlocked,
    DraftIsGone,
    FieldIsFixed,
    discard_draft,
    keep_draft,
    restore_draft,
    save_draft,
    start_draft,
)
from .entries import (
    CommentIsEmpty,
    EntryIsGone,
    NoSuchEvaluation,
    ParentCanceled,
    add_comment,
    cancel_entries,
    evaluate_entries,
    reinstate_entries,
    toggle_canceled,
)
from .logging import CannotLog, log_interaction
from .purge import PurgeFilters, PurgeResult, purge_canceled_entries
from .templates import TemplateIsUsed, delete_template

__all__ = [
    "CannotLog",
    "CommentIsEmpty",
    "ContactIsBlocked",
    "DraftIsGone",
    "EntryIsGone",
    "FieldIsFixed",
    "NoSuchEvaluation",
    "ParentCanceled",
    "PurgeFilters",
    "PurgeResult",
    "TemplateIsUsed",
    "add_comment",
    "cancel_entries",
    "delete_template",
    "discard_draft",
    "evaluate_entries",
    "keep_draft",
    "log_interaction",
    "purge_canceled_entries",
    "reinstate_entries",
    "restore_draft",
    "save_draft",
    "start_draft",
    "toggle_canceled",
]

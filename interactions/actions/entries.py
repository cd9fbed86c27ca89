"""What may happen to logged entries: cancel, reinstate, evaluate, comment (R-70, R-71)."""

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.errors import Refusal
from interactions.actions.attachments import drop_unused
from interactions.models import (
    CampaignEntry,
    EntryComment,
    Evaluation,
    InteractionLogEntry,
    LoggedSegment,
)
from interactions.models.attachment import file_users
from interactions.signals import entries_canceled

MOST_TO_TAKE_BACK = 1_000  # evaluations that undo remembers one by one


class Done(int):
    """How many entries a verb changed.

    at: the instant of a canceling, by which undo finds its entries.  blocked: entries left alone because the logged
    segment or campaign entry they belong to is canceled.  before: {pk: evaluation} as it was, or None beyond
    MOST_TO_TAKE_BACK.  files: how many files went.
    """

    def __new__(cls, count, *, at=None, blocked=0, before=None, files=0):
        done = super().__new__(cls, count)
        done.at, done.blocked, done.before, done.files = at, blocked, before, files
        return done


class ParentCanceled(Refusal):
    """Entries of a canceled logged segment or campaign entry come back with it, not alone."""


class SegmentCanceled(ParentCanceled):
    sentence = _(
        "Logged segment %(segment)s is canceled, and this entry with it. Reinstate the segment to bring it back."
    )


class CampaignEntryCanceled(ParentCanceled):
    sentence = _(
        "The entry in campaign %(campaign)s is canceled, and this entry with it. Reinstate it there to bring it back."
    )


class SeveralParentsCanceled(ParentCanceled):
    sentence = _(
        "These entries belong to logged segments or campaign entries that are canceled. Reinstate those to bring"
        " them back."
    )


class NoSuchEvaluation(Refusal):
    sentence = _("Choose one of the five evaluations.")


class CommentIsEmpty(Refusal):
    sentence = _("Enter the comment first.")


class EntryIsGone(Refusal):
    sentence = _("This entry has been deleted meanwhile.")


# --- cancel and reinstate -------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_entries(entries, *, by, reason="", remove_files=False):
    """Cancel those of *entries* (a queryset) that are not canceled yet; Done says how many and when.

    remove_files: files that only one of them used go too, which cannot be taken back (R-70).
    """
    at = timezone.now()
    count = entries.order_by().cancel(by=by, reason=reason, at=at)
    if not count:
        return Done(0)
    transaction.on_commit(
        partial(entries_canceled.send_robust, InteractionLogEntry, canceled_at=at, count=count, by=by)
    )
    files = 0
    if remove_files:
        files = _remove_own_files(InteractionLogEntry.objects.filter(canceled_at=at, canceled_by=by))
    return Done(count, at=at, files=files)


@transaction.atomic
def reinstate_entries(entries, *, by):
    """Take back the canceling of *entries* (a queryset), except where a canceled parent holds it.

    Raises ParentCanceled when that leaves none. Entries that are not canceled are passed over.
    """
    canceled = entries.order_by().canceled()
    segments, campaign_entries = _canceled_parents(canceled)
    held = Q(logged_segment__in=segments) | Q(campaign_entry__in=campaign_entries)
    if not (segments or campaign_entries):
        return Done(canceled.reinstate())
    blocked = canceled.filter(held).count()
    # NULL is in no list: ~Q(… IN …) alone would leave out entries without a parent.
    free = canceled.filter(Q(logged_segment=None) | ~Q(logged_segment__in=segments)).filter(
        Q(campaign_entry=None) | ~Q(campaign_entry__in=campaign_entries)
    )
    count = free.reinstate()
    if blocked and not count:
        raise _parent_canceled(segments, campaign_entries)
    return Done(count, blocked=blocked)


@transaction.atomic
def toggle_canceled(entries, *, by, first=None, reason="", remove_files=False):
    """Give all *entries* the opposite of the mark of *first* (an entry; default: the newest), and say how many (R-70)."""
    first = first or entries.newest_first().first()
    if first is None:
        return Done(0)
    if first.is_canceled:
        return reinstate_entries(entries, by=by)
    return cancel_entries(entries, by=by, reason=reason, remove_files=remove_files)


@transaction.atomic
def take_back_canceling(entries, at, *, by):
    """Reinstate those of *entries* (a queryset) that *by* canceled at the instant *at* (undo)."""
    return reinstate_entries(entries.filter(canceled_at=at, canceled_by=by), by=by)


def _canceled_parents(entries):
    """Canceled logged segments and campaign entries of *entries*, all of them locked until the transaction ends."""
    found = []
    for model, name in ((LoggedSegment, "logged_segment"), (CampaignEntry, "campaign_entry")):
        parents = model.objects.filter(pk__in=entries.filter(**{f"{name}__isnull": False}).values(name))
        found.append([row for row in parents.order_by("pk").select_for_update() if row.is_canceled])
    return found


def _parent_canceled(segments, campaign_entries):
    if len(segments) == 1 and not campaign_entries:
        return SegmentCanceled(segment=segments[0].segment_no)
    if len(campaign_entries) == 1 and not segments:
        return CampaignEntryCanceled(campaign=campaign_entries[0].campaign.no)
    return SeveralParentsCanceled()


# --- files ----------------------------------------------------------------------------------------------------------


def with_own_file(entries):
    """Those of *entries* (a queryset) whose file nothing else points at: no other entry, template or draft (R-70)."""
    for users in file_users(OuterRef("attachment")):
        if users.model is InteractionLogEntry:
            users = users.exclude(pk=OuterRef("pk"))
        entries = entries.filter(~Exists(users))
    return entries.filter(attachment__isnull=False)


def _remove_own_files(entries):
    files = list(with_own_file(entries).order_by().values_list("attachment", flat=True))
    entries.filter(attachment__in=files).remove_attachment()
    return drop_unused(files)


# --- evaluate and comment -------------------------------------------------------------------------------------------


@transaction.atomic
def evaluate_entries(entries, evaluation, *, by):
    """Give *entries* (a queryset) one of the five evaluations; never back to blank (R-71). Canceled ones too.

    Raises NoSuchEvaluation.
    """
    if evaluation not in Evaluation.values:
        raise NoSuchEvaluation
    entries = entries.order_by()
    before = dict(
        entries.select_for_update(of=("self",)).values_list("pk", "evaluation")[: MOST_TO_TAKE_BACK + 1]
    )
    count = entries.evaluate(evaluation)
    return Done(count, before=before if len(before) <= MOST_TO_TAKE_BACK else None)


@transaction.atomic
def take_back_evaluation(entries, before, evaluation, *, by):
    """Give those of *entries* (a queryset) that still have *evaluation* what they had (undo).

    before: {pk: evaluation or None}.
    """
    count = 0
    for old in set(before.values()):
        keys = [pk for pk, value in before.items() if value == old]
        count += entries.filter(pk__in=keys, evaluation=evaluation).evaluate(old)
    return Done(count)


@transaction.atomic
def add_comment(entry, text, *, by):
    """Add a remark to *entry*, canceled or not (R-71). Raises CommentIsEmpty, EntryIsGone."""
    text = text.strip()
    if not text:
        raise CommentIsEmpty
    # A purge that runs now waits, or has taken the entry already.
    if not InteractionLogEntry.objects.select_for_update().filter(pk=entry.pk).exists():
        raise EntryIsGone
    return EntryComment.objects.create(
        entry=entry, text=text, date=clock.today(), created_at=timezone.now(), created_by=by
    )

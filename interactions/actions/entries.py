"""What may happen to logged entries: cancel, reinstate, evaluate, comment (R-70, R-71)."""

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.bulk import insert_from_select
from crm.errors import Refusal
from interactions.actions.attachments import drop_unused
from interactions.models import (
    CampaignEntry,
    EntryComment,
    EntryDocument,
    Evaluation,
    InteractionLogEntry,
    LoggedSegment,
    Reinstatement,
)
from interactions.models.attachment import file_users
from interactions.signals import entries_canceled

PARENTS = ((LoggedSegment, "logged_segment"), (CampaignEntry, "campaign_entry"))
MOST_TO_TAKE_BACK = 1_000  # evaluations that undo remembers one by one


@dataclass(frozen=True, kw_only=True)
class Done:
    """How many entries a verb changed.

    at: the instant of a canceling or reinstating, by which undo finds its entries.  blocked: entries left alone because
    the logged segment or campaign entry they belong to is canceled.  before: {pk: evaluation} as it was, or None beyond
    MOST_TO_TAKE_BACK.  files: how many files went.
    """

    count: int = 0
    at: dt.datetime | None = None
    blocked: int = 0
    before: dict | None = None
    files: int = 0


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
        return Done()
    transaction.on_commit(
        partial(entries_canceled.send_robust, InteractionLogEntry, canceled_at=at, count=count, by=by)
    )
    files = 0
    if remove_files:
        files = _remove_own_files(InteractionLogEntry.objects.filter(canceled_at=at, canceled_by=by))
    return Done(count=count, at=at, files=files)


@transaction.atomic
def reinstate_entries(entries, *, by):
    """Take back the canceling of *entries* (a queryset), except where a canceled parent holds it.

    What is taken back stays on record as Reinstatement rows. Raises ParentCanceled when that leaves none. Entries that are
    not canceled are passed over.
    """
    canceled = entries.order_by().canceled()
    segments, campaign_entries = _canceled_parents(canceled)
    held = Q(logged_segment__in=segments) | Q(campaign_entry__in=campaign_entries)
    blocked = canceled.filter(held).count() if segments or campaign_entries else 0
    # Asked again by the statement that writes: a parent whose entries were all open above may be canceled by now.
    # NULL is in no list: ~Q(… IN …) alone would leave out entries without a parent.
    free = canceled
    for model, name in PARENTS:
        gone = model.objects.filter(canceled_at__isnull=False).values("pk")
        free = free.filter(Q(**{name: None}) | ~Q(**{f"{name}__in": gone}))
    done = _reinstate(free, by=by)
    if blocked and not done.count:
        raise _parent_canceled(segments, campaign_entries)
    return replace(done, blocked=blocked)


def _reinstate(canceled, *, by):
    at = timezone.now()
    kept = {name: F(name) for name in Reinstatement.KEPT}
    # Locked, so that the rows that are kept are those that come back.
    locked = canceled.select_for_update(of=("self",))
    insert_from_select(
        Reinstatement, locked, entry=F("pk"), reinstated_at=Value(at), reinstated_by=Value(by.pk), **kept
    )
    entries = InteractionLogEntry.objects.filter(pk__in=_reinstatements(at, by).values("entry"))
    return Done(count=entries.reinstate(), at=at)


def _reinstatements(at, by):
    return Reinstatement.objects.filter(reinstated_at=at, reinstated_by=by)


@transaction.atomic
def toggle_canceled(entries, *, by, first=None, reason="", remove_files=False):
    """Give all *entries* the opposite of the mark of *first* (an entry; default: the newest), and say how many (R-70)."""
    first = first or entries.newest_first().first()
    if first is None:
        return Done()
    if first.is_canceled:
        return reinstate_entries(entries, by=by)
    return cancel_entries(entries, by=by, reason=reason, remove_files=remove_files)


@transaction.atomic
def take_back_canceling(entries, at, *, by):
    """Reinstate those of *entries* (a queryset) that *by* canceled at the instant *at* (undo)."""
    return reinstate_entries(entries.filter(canceled_at=at, canceled_by=by), by=by)


@transaction.atomic
def take_back_reinstating(entries, at, *, by):
    """Cancel again those of *entries* (a queryset) that *by* reinstated at the instant *at*, as they were (undo).

    What has been canceled since then stays as it is.
    """
    rows = _reinstatements(at, by)
    later = Reinstatement.objects.filter(entry=OuterRef("pk"), reinstated_at__gt=at)
    count = entries.order_by().filter(~Exists(later)).cancel_again(rows)
    # As if it had not been: neither the history nor a second undo finds them.
    rows.filter(entry__canceled_at=F("canceled_at")).delete()
    return Done(count=count)


def _canceled_parents(entries):
    """Canceled logged segments and campaign entries of *entries*, all of them locked until the transaction ends."""
    found = []
    for model, name in PARENTS:
        parents = model.objects.filter(pk__in=entries.filter(**{f"{name}__isnull": False}).values(name))
        found.append([row for row in parents.order_by("pk").select_for_update() if row.is_canceled])
    return found


def _parent_canceled(segments, campaign_entries):
    campaign_entries = [row for row in campaign_entries if not row.canceled_with_segment]
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
        elif users.model is EntryDocument:
            users = users.exclude(entry=OuterRef("pk"))
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
    return Done(count=count, before=before if len(before) <= MOST_TO_TAKE_BACK else None)


@transaction.atomic
def take_back_evaluation(entries, before, evaluation, *, by):
    """Give those of *entries* (a queryset) that still have *evaluation* what they had (undo).

    before: {pk: evaluation or None}.
    """
    count = 0
    for old in set(before.values()):
        keys = [pk for pk, value in before.items() if value == old]
        count += entries.filter(pk__in=keys, evaluation=evaluation).evaluate(old)
    return Done(count=count)


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

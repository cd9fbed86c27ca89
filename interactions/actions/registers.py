"""What may happen to logged segments and campaign entries: cancel and reinstate with all that is theirs (R-70, R-73).

Each verb locks the parents first, in the order of their ids, logged segments before campaign entries: as
`reinstate_entries` does, which an entry could otherwise slip through.
"""

from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from interactions.actions.documents import keep_company
from interactions.actions.entries import Done
from interactions.models import CampaignEntry, CanceledWith, InteractionLogEntry, LoggedSegment
from interactions.signals import entries_canceled

NOT_CANCELED = {"canceled_at": None, "canceled_by": None, "canceled_reason": ""}


class LoggedSegmentIsGone(Refusal):
    sentence = _("This logged segment has been deleted meanwhile.")


class CampaignEntryIsGone(Refusal):
    sentence = _("This campaign entry has been deleted meanwhile.")


class RunCanceled(Refusal):
    """A campaign entry comes back with its logged segment, not alone."""

    sentence = _(
        "Logged segment %(segment)s is canceled, and this campaign entry with it. Reinstate the segment to bring"
        " it back."
    )


class AnotherIsOpen(Refusal):
    sentence = _("Campaign %(campaign)s has another entry for the same by now. Cancel that one first.")


def _lock(model, row, gone):
    found = model.objects.select_for_update().filter(pk=row.pk).first()
    if found is None:
        raise gone
    return found


# --- logged segments ----------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_logged_segment(logged, *, by, reason=""):
    """Cancel *logged* with its entries and campaign entries that are not canceled yet; Done counts the entries.

    Done() when it is canceled already. Raises LoggedSegmentIsGone.
    """
    logged = _lock(LoggedSegment, logged, LoggedSegmentIsGone)
    if logged.is_canceled:
        return Done()
    at = timezone.now()
    stamp = {"canceled_at": at, "canceled_by": by, "canceled_reason": reason}
    LoggedSegment.objects.filter(pk=logged.pk).update(**stamp)
    _open_campaign_entries(logged).update(**stamp, canceled_with_segment=True)
    return _cancel(logged.entries, CanceledWith.LOGGED_SEGMENT, at=at, by=by, reason=reason)


@transaction.atomic
def reinstate_logged_segment(logged, *, by):
    """Bring *logged* back with exactly what was canceled with it; Done counts the entries.

    Entries canceled by themselves, or with a campaign entry, stay so. Done() when it is not canceled. Raises
    LoggedSegmentIsGone, AnotherIsOpen.
    """
    logged = _lock(LoggedSegment, logged, LoggedSegmentIsGone)
    if not logged.is_canceled:
        return Done()
    with_it = CampaignEntry.objects.filter(logged_segment=logged, canceled_with_segment=True)
    # Locked in order, as _canceled_parents does.
    ids = list(with_it.order_by("pk").select_for_update().values_list("pk", flat=True))
    LoggedSegment.objects.filter(pk=logged.pk).update(**NOT_CANCELED)
    if ids:
        _reopen(with_it)
    return Done(count=logged.entries.filter(canceled_with=CanceledWith.LOGGED_SEGMENT).reinstate())


@transaction.atomic
def delete_canceled_logged_segments(segments, *, by):
    """Delete those of *segments* (a queryset of LoggedSegment) that are canceled; return how many.

    Entries and campaign entries stay, canceled by themselves from now on, and lose the reference (R-73).
    """
    canceled = segments.order_by("pk").filter(canceled_at__isnull=False).select_for_update(of=("self",))
    ids = list(canceled.values_list("pk", flat=True))
    CampaignEntry.objects.filter(logged_segment__in=ids).update(
        logged_segment=None, canceled_with_segment=False
    )
    entries = InteractionLogEntry.objects.filter(logged_segment__in=ids)
    keep_company(entries)
    entries.leave_logged_segment()
    return LoggedSegment.objects.filter(pk__in=ids).delete()[0]


def _open_campaign_entries(logged):
    rows = CampaignEntry.objects.filter(logged_segment=logged, canceled_at=None)
    # Locked in order, as _canceled_parents does.
    list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    return rows


# --- campaign entries ---------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel_campaign_entry(campaign_entry, *, by, reason=""):
    """Cancel *campaign_entry* with its entries that are not canceled yet; Done counts these.

    Done() when it is canceled already. Raises CampaignEntryIsGone.
    """
    campaign_entry = _lock(CampaignEntry, campaign_entry, CampaignEntryIsGone)
    if campaign_entry.is_canceled:
        return Done()
    at = timezone.now()
    CampaignEntry.objects.filter(pk=campaign_entry.pk).update(
        canceled_at=at, canceled_by=by, canceled_reason=reason
    )
    return _cancel(campaign_entry.interactions, CanceledWith.CAMPAIGN_ENTRY, at=at, by=by, reason=reason)


@transaction.atomic
def reinstate_campaign_entry(campaign_entry, *, by):
    """Bring *campaign_entry* back with exactly the entries canceled with it; Done counts these.

    Done() when it is not canceled. Raises CampaignEntryIsGone, RunCanceled, AnotherIsOpen.
    """
    if campaign_entry.logged_segment_id:
        run = LoggedSegment.objects.select_for_update().filter(pk=campaign_entry.logged_segment_id).first()
        if run is not None and run.is_canceled:
            raise RunCanceled(segment=run.segment_no)
    campaign_entry = _lock(CampaignEntry, campaign_entry, CampaignEntryIsGone)
    if not campaign_entry.is_canceled:
        return Done()
    _reopen(CampaignEntry.objects.filter(pk=campaign_entry.pk))
    return Done(
        count=campaign_entry.interactions.filter(canceled_with=CanceledWith.CAMPAIGN_ENTRY).reinstate()
    )


def _reopen(canceled):
    """Bring the campaign entries *canceled* (a queryset) back. Raises AnotherIsOpen."""
    _refuse_a_second_one(canceled)
    try:
        with transaction.atomic():
            canceled.update(**NOT_CANCELED, canceled_with_segment=False)
    except IntegrityError:
        # Somebody logged one after that look.
        _refuse_a_second_one(canceled)
        raise


def _refuse_a_second_one(canceled):
    """There is one open entry for each campaign, kind and segment (R-97, ours)."""
    same = CampaignEntry.objects.filter(
        campaign=OuterRef("campaign"), segment_no=OuterRef("segment_no"), canceled_at=None
    )
    of_kind = Exists(same.filter(document_kind=OuterRef("document_kind")))
    without_kind = Q(document_kind=None) & Exists(same.filter(document_kind=None))
    found = canceled.filter(of_kind | without_kind).order_by("pk")
    campaign = found.values_list("campaign__no", flat=True).first()
    if campaign is not None:
        raise AnotherIsOpen(campaign=campaign)


def _cancel(entries, cause, *, at, by, reason):
    count = entries.order_by().cancel(by=by, reason=reason, at=at, together_with=cause)
    if count:
        transaction.on_commit(
            partial(entries_canceled.send_robust, InteractionLogEntry, canceled_at=at, count=count, by=by)
        )
    return Done(count=count, at=at)

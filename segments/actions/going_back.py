"""Steps taken back and done again, exactly (R-57, ours), and a history that is cleared."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from interactions.actions.attachments import drop_unused_later
from segments.models import CriteriaStep, RemovedLine, SegmentLine, StepAction

from .choosing import drop_removed, put_back, set_aside, set_aside_again
from .segments import SegmentChanged, let_lines_hear, lock_segment, raise_version


class NothingToTakeBack(Refusal):
    sentence = _("There is no step to take back.")


class NothingToRepeat(Refusal):
    sentence = _("There is no step to do again.")


class NoHistory(Refusal):
    sentence = _("There is no history to clear.")


@transaction.atomic
def go_back(segment, *, by, version=None, step=None):
    """Take back the newest step: exactly what was, own values of lines included (R-57, ours). Returns the CriteriaStep.

    step: id of the one that the page showed as the newest. `go_forward` does it again until another step is made.
    Raises NothingToTakeBack, SegmentChanged.
    """
    segment = lock_segment(segment, by=by, version=version)
    newest = segment.steps.done().newest_first().first()
    if newest is None:
        raise NothingToTakeBack
    if step is not None and step != newest.pk:
        raise SegmentChanged(segment, by=by)
    raise_version(segment, by=by)
    return _take_back(newest)


@transaction.atomic
def take_back(segment, steps, *, by):
    """Take back *steps* (ids) if they are the newest ones of *segment*, all or none. Raises SegmentChanged."""
    segment = lock_segment(segment, by=by)
    newest = list(segment.steps.done().newest_first()[: len(steps)])
    if {step.pk for step in newest} != set(steps):
        raise SegmentChanged(segment, by=by)
    raise_version(segment, by=by)
    for step in newest:
        _take_back(step)


def _take_back(step):
    if step.action == StepAction.ADD:
        set_aside(step, step.segment.lines.filter(added_by=step))
    else:
        put_back(step)
        let_lines_hear(step.segment)
    step.undone_at = timezone.now()
    step.save(update_fields=["undone_at"])
    return step


@transaction.atomic
def go_forward(segment, *, by, step=None):
    """Do the step again that was taken back last.

    step: id of the one that is meant. Raises NothingToRepeat, SegmentChanged.
    """
    segment = lock_segment(segment, by=by)
    first = segment.steps.exclude(undone_at=None).order_by("number").first()
    if step is not None and (first is None or step != first.pk):
        raise SegmentChanged(segment, by=by)
    if first is None:
        raise NothingToRepeat
    raise_version(segment, by=by)
    if first.action == StepAction.ADD:
        put_back(first)
        let_lines_hear(segment)
        drop_removed(RemovedLine.objects.filter(step=first))
        files = ()
    else:
        files = set_aside_again(first)
    first.undone_at = None
    first.save(update_fields=["undone_at"])
    drop_unused_later(files)
    return first


@transaction.atomic
def clear_history(segment, *, by, version=None, step=None):
    """Forget all steps; the lines stay, and no step takes them back. Returns how many steps there were.

    step: id of the one that the page showed as the newest. Raises NoHistory, SegmentChanged.
    """
    segment = lock_segment(segment, by=by, version=version)
    newest = segment.steps.done().newest_first().first()
    if newest is None:
        raise NoHistory
    if step is not None and step != newest.pk:
        raise SegmentChanged(segment, by=by)
    raise_version(segment, by=by)
    count = segment.steps.done().count()
    files = drop_removed(RemovedLine.objects.filter(step__segment=segment))
    SegmentLine.objects.filter(segment=segment).update(added_by=None)
    steps = CriteriaStep.objects.filter(segment=segment)
    steps._raw_delete(steps.db)
    drop_unused_later(files)
    return count

"""Edits of a worksheet that can be taken back, also after the page has changed."""

from crm import undo
from segments import actions, editing
from segments.models import EditedLine, Segment
from segments.steps import MANY


def offer(request, segment, edits):
    """The token of an offer to take *edits* back; None when nothing was written."""
    if not edits:
        return None
    return undo.offer(request, "take_edits_back", segment=segment.pk, edits=[edit.pk for edit in edits])


def offer_of(request, done):
    """The token for what *done* (editing.Edited) was, or None."""
    name, payload = done.undo or ("", {})
    return undo.offer(request, name, **payload) if name else None


def take_back(user, segment, edits):
    """edits: ids. Returns the sentence, or the Job that does it where many lines are meant."""
    found = Segment.objects.visible_to(user).filter(pk=segment).first()
    if found is None:
        raise actions.SegmentIsGone
    if EditedLine.objects.filter(edit__in=edits).order_by()[: MANY + 1].count() > MANY:
        return editing.start("take_back", found, by=user, edits=edits)
    return editing.make("take_back", found, by=user, edits=edits).sentence


undo.register("take_edits_back", take_back, permission="segments.change_segment")

"""What edits replace, kept by the verbs that write, so that it can be brought back (see `undoing`)."""

import datetime as dt
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from django.db.models import Value
from django.utils import timezone

from crm.bulk import insert_from_select
from interactions.actions.attachments import drop_unused_later
from segments.models import OWN, EditedLetter, EditedLine, SegmentEdit

KEPT = dt.timedelta(minutes=15)  # longer than undo is offered

_made = ContextVar("edits made", default=None)


@contextmanager
def recorded():
    """Collects the edits that verbs make meanwhile, for an offer of undo: `with recorded() as edits:`."""
    edits = []
    token = _made.set(edits)
    try:
        yield edits
    finally:
        _made.reset(token)


def new_edit(segment, *, columns=(), header=None, languages=()):
    """Record an edit of the locked *segment* before it is written; see SegmentEdit."""
    edit = SegmentEdit.objects.create(
        segment=segment,
        made_at=timezone.now(),
        columns=list(columns),
        header=header or {},
        languages=sorted(languages),
    )
    made = _made.get()
    if made is not None:
        made.append(edit)
    return edit


def keep_lines(edit, lines):
    """Keep what *lines* (a queryset of SegmentLine) say now."""
    insert_from_select(
        EditedLine,
        lines.order_by(),
        edit=Value(edit.pk),
        line_id="pk",
        contact="contact",
        **{name: name for name in OWN},
    )


def keep_letters(edit, letters):
    """Keep *letters* (a queryset of SegmentAttachment) as they are now."""
    names = ("language", "subject", "attachment", "own")
    insert_from_select(
        EditedLetter, letters.order_by(), edit=Value(edit.pk), **{name: name for name in names}
    )


def drop_edits(edits):
    """Remove *edits* (a queryset); returns the ids of their files, for `drop_unused`."""
    lines = EditedLine.objects.filter(edit__in=edits.values("pk"))
    letters = EditedLetter.objects.filter(edit__in=edits.values("pk"))
    found = lines.exclude(own_attachment=None).order_by().values_list("own_attachment")
    found = found.union(letters.exclude(attachment=None).order_by().values_list("attachment"))
    files = {pk for (pk,) in found}
    for rows in (lines, letters, edits):
        rows._raw_delete(rows.db)
    return files


def clean_up_edits():
    """Remove what can no longer be brought back; return how many edits."""
    with transaction.atomic():
        stale = SegmentEdit.objects.filter(made_at__lt=timezone.now() - KEPT)
        ids = list(stale.values_list("pk", flat=True))
        drop_unused_later(drop_edits(SegmentEdit.objects.filter(pk__in=ids)))
    return len(ids)

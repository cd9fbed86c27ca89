"""Edits taken back: what they replaced comes back, except where a later edit wrote again."""

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from interactions.actions.attachments import drop_unused_later
from segments.models import EditedLine, Segment, SegmentAttachment, SegmentEdit, SegmentLine

from .edits import drop_edits
from .segments import begin_change, let_lines_hear


class ChangedAgain(Refusal):
    sentence = _("This was changed again meanwhile. It stays as it is.")


class EditIsGone(Refusal):
    sentence = _("This can no longer be taken back.")


@transaction.atomic
def take_edits_back(segment, edits, *, by):
    """Bring back what *edits* (ids, of one change) of *segment* replaced; return whether all of it came back.

    Raises EditIsGone, ChangedAgain when nothing would come back, SegmentIsGone, SegmentAlreadyLogged.
    """
    segment = begin_change(segment, by=by)
    meant = list(segment.edits.filter(pk__in=edits).order_by("-pk"))
    if not meant or len(meant) != len(edits):
        raise EditIsGone
    later = list(segment.edits.filter(pk__gt=meant[-1].pk).exclude(pk__in=edits))
    files, came, stayed = set(), 0, 0
    for edit in meant:
        for bring_back in (_header, _letters, _lines):
            done, left = bring_back(segment, edit, later, files)
            came, stayed = came + done, stayed + left
    if stayed and not came:
        raise ChangedAgain
    let_lines_hear(segment)
    files |= drop_edits(SegmentEdit.objects.filter(pk__in=edits))
    drop_unused_later(files)
    return not stayed


def _header(segment, edit, later, _files):
    again = {name for other in later for name in other.header}
    back = {name: value for name, value in edit.header.items() if name not in again}
    gone = 0
    for name, value in back.items():
        field = Segment._meta.get_field(name)
        related = field.remote_field and value is not None
        if related and not field.related_model._base_manager.filter(pk=value).exists():
            gone += 1
        else:
            setattr(segment, field.attname, field.to_python(value))
    if back:
        segment.save(update_fields=list(back))
    return len(back) - gone, len(edit.header) - len(back) + gone


def _letters(segment, edit, later, files):
    back = set(edit.languages) - {language for other in later for language in other.languages}
    present = segment.languages.filter(language__in=back)
    files |= {pk for pk in present.values_list("attachment", flat=True) if pk}
    present.delete()
    SegmentAttachment.objects.bulk_create(
        SegmentAttachment(
            segment=segment,
            language=row.language,
            subject=row.subject,
            attachment_id=row.attachment_id,
            own=row.own,
        )
        for row in edit.letters.filter(language__in=back)
    )
    return len(back), len(edit.languages) - len(back)


def _lines(segment, edit, later, files):
    if not edit.columns:
        return 0, 0
    # A line that holds another contact by now says nothing of this one.
    kept = edit.lines.filter(contact__segment_lines=F("line_id")).order_by()
    again = [other.pk for other in later if set(other.columns) & set(edit.columns)]
    if again:
        kept = kept.exclude(line_id__in=EditedLine.objects.filter(edit__in=again).values("line_id"))
    lines = SegmentLine.objects.filter(segment=segment, pk__in=kept.values("line_id"))
    if "own_attachment" in edit.columns:
        found = lines.exclude(own_attachment=None).order_by()
        files |= set(found.values_list("own_attachment", flat=True))
    before = edit.lines.filter(line_id=OuterRef("pk"))
    count = lines.update(**{column: Subquery(before.values(column)[:1]) for column in edit.columns})
    return count, edit.lines.count() - count

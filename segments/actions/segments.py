"""The worksheet itself: made, changed, deleted and brought back; and the lock that every verb takes first."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.errors import Refusal
from crm.models import MarketingSetup
from interactions.actions.attachments import drop_unused_later, store
from interactions.models import CampaignEntry, LoggedSegment
from segments.models import (
    CriteriaStep,
    RemovedLine,
    Segment,
    SegmentAttachment,
    SegmentLine,
)

from .edits import keep_letters, keep_lines, new_edit

UNDO_TIME = dt.timedelta(hours=24)
ONLY_WITH_A_CAMPAIGN = {"campaign_target": None, "campaign_response": None}
# What `update_segment` writes.
HEADER = (
    "description",
    "salesperson",
    "date",
    "template",
    "language",
    "channel",
    "ignore_contact",
    "cost",
    "minutes",
    "direction",
    "initiated_by",
    "campaign",
    "campaign_target",
    "campaign_response",
)


class SegmentIsGone(Refusal):
    sentence = _("This segment is gone: somebody deleted it.")


class SegmentAlreadyLogged(Refusal):
    """`.logged` is the register row that says when and by whom."""

    sentence = _("Segment %(segment)s has been logged already. Nothing was logged again.")

    def __init__(self, logged):
        self.logged = logged
        super().__init__(segment=logged.segment_no)


class SegmentChanged(Refusal):
    """The segment is no longer what the dialog showed; `.segment` is the present one. by: whom it tells."""

    sentence = _("%(person)s changed this segment meanwhile. Nothing was done; check it again.")
    by_myself = _("You changed this segment meanwhile, in another window. Nothing was done; check it again.")

    def __init__(self, segment, *, by):
        self.segment = segment
        if segment.changed_by_id == by.pk:
            super().__init__(self.by_myself)
        else:
            super().__init__(person=segment.changed_by.display_name)


class NoSegmentNumbers(Refusal):
    sentence = _("Segments need a number series. Choose the segment numbers in Marketing setup.")


class NumberIsTaken(Refusal):
    sentence = _("There is a segment with the number %(number)s already.")


class NoFileYet(Refusal):
    sentence = _(
        "There is no file in this language yet. Choose one, or say that nothing goes in this language."
    )


class LetterChanged(Refusal):
    """The row of this language is no longer what the page showed."""

    sentence = _(
        "The file in this language was changed meanwhile. Nothing was saved; what you typed is still here. Look, and"
        " save again."
    )


# --- the lock ---------------------------------------------------------------------------------------------------------


def lock_segment(segment, *, by, version=None):
    """The present state of *segment*, locked until commit (architecture 2.13). Call it inside a transaction.

    version: what the dialog saw.  by: who asks. Raises SegmentAlreadyLogged, SegmentIsGone, SegmentChanged.
    """
    # No joins: a row that another one changed while this one waited would not be found through the old ones.
    found = Segment.objects.select_for_update().filter(pk=segment.pk).first()
    if found is None:
        logged = LoggedSegment.objects.filter(segment_no=segment.no).first()
        raise SegmentAlreadyLogged(logged) if logged else SegmentIsGone()
    if version is not None and version != found.version:
        raise SegmentChanged(found, by=by)
    return found


def begin_change(segment, *, by, version=None):
    """Lock *segment* for a verb that writes it, its lines or its steps, and raise its version."""
    return raise_version(lock_segment(segment, by=by, version=version), by=by)


def raise_version(segment, *, by):
    """Say that *by* changes the locked *segment*: whoever looked at it before has to look again."""
    segment.version += 1
    segment.changed_by, segment.changed_at = by, timezone.now()
    segment.save(update_fields=["version", "changed_by", "changed_at"])
    return segment


# --- make, change, delete ---------------------------------------------------------------------------------------------


def number_is_taken(number):
    """Campaign entries keep the number of a logged segment that was deleted; canceled ledger entries that outlive it
    are not looked at, for numbers come from a series that does not go back. One query."""
    taken = Segment.with_deleted.filter(no=number).order_by().values_list("no")
    for model in (LoggedSegment, CampaignEntry):
        taken = taken.union(model.objects.filter(segment_no=number).order_by().values_list("segment_no"))
    return bool(taken[:1])


def next_number():
    """The next free number of the series, which stays locked until commit. Raises NoSegmentNumbers, NumberSeriesProblem."""
    return series_of_segments().take(taken=number_is_taken)


def foresee_number():
    """The number that `next_number` would give now; nothing is counted, nothing locked. Raises what that would raise."""
    return series_of_segments().foresee(taken=number_is_taken)


def series_of_segments():
    series = MarketingSetup.current().segment_nos
    if series is None:
        raise NoSegmentNumbers
    return series


def typed_number(number):
    """The *number* somebody typed, if the series allows that and nobody has it (R-84)."""
    series_of_segments().accept(number)
    if number_is_taken(number):
        raise NumberIsTaken(number=number)
    return number


@transaction.atomic
def create_segment(*, by, number="", **header):
    """A new segment with the next number, of today and of the salesperson that *by* is (domain 2.9).

    number: typed, if the series accepts that.  header: fields of Segment. Raises NoSegmentNumbers, NumberIsTaken,
    NumberSeriesProblem.
    """
    template = header.pop("template", None)
    segment = Segment(
        **{"salesperson": by.own_salesperson, "date": clock.today()} | header,
        created_by=by,
        changed_by=by,
        changed_at=timezone.now(),
    )
    segment.no = typed_number(number.strip().upper()) if number.strip() else next_number()
    try:
        with transaction.atomic():
            segment.save(force_insert=True)
    except IntegrityError:  # somebody else typed it at the same moment
        raise NumberIsTaken(number=segment.no) from None
    if template is not None:
        segment = update_segment(segment, by=by, template=template)
    return segment


@transaction.atomic
def update_segment(segment, *, by, version=None, **changed):
    """Change fields of the header; every line without an own value follows at once (architecture 2.2).

    A new template brings its files and its campaign (R-48); without a campaign nobody is its target (R-50). Raises
    SegmentIsGone, SegmentAlreadyLogged, SegmentChanged.
    """
    segment = begin_change(segment, by=by, version=version)
    before = {name: getattr(segment, name) for name in HEADER}
    other_template = "template" in changed and changed["template"] != segment.template
    if other_template:
        segment.choose_template(changed.pop("template"))
    for name, value in changed.items():
        setattr(segment, name, value)
    if segment.campaign is None:
        for name, value in ONLY_WITH_A_CAMPAIGN.items():
            setattr(segment, name, value)
    segment.description = (segment.description or "").strip() or None
    replaced = {name: value for name, value in before.items() if value != getattr(segment, name)}
    if replaced:
        _keep_header(segment, replaced)
    if other_template:
        _take_files_of_template(segment)
        let_lines_hear(segment)
    segment.save()
    return segment


def _keep_header(segment, replaced):
    """Record an edit of the fields *replaced* ({name: value before}), and what goes with another template."""
    header = {name: getattr(value, "pk", value) for name, value in replaced.items()}
    if "template" not in replaced:
        new_edit(segment, header=header)
        return
    brought = segment.languages.filter(own=False)
    languages = set(brought.values_list("language", flat=True))
    if segment.template is not None:
        languages |= set(segment.template.languages.values_list("language", flat=True))
    languages -= set(segment.languages.filter(own=True).values_list("language", flat=True))
    edit = new_edit(segment, header=header, columns=["own_template"], languages=languages)
    keep_letters(edit, brought)
    if segment.template is not None:  # what `let_lines_hear` will change
        keep_lines(edit, SegmentLine.objects.filter(segment=segment, own_template=segment.template))


@transaction.atomic
def renumber_segment(segment, *, by):
    """Give *segment* the next number, because its own one was logged already. Raises NoSegmentNumbers,
    NumberSeriesProblem, SegmentIsGone."""
    segment = begin_change(segment, by=by)
    segment.no = next_number()
    segment.save(update_fields=["no"])
    return segment


def let_lines_hear(segment):
    """R-45: the header's own template is no own value of a line."""
    if segment.template is not None:
        own = SegmentLine.objects.filter(segment=segment, own_template=segment.template)
        own.update(own_template=None)


def _take_files_of_template(segment):
    """Replace what an earlier template brought by the files of the present one (R-48); what somebody chose here stays."""
    segment.languages.filter(own=False).delete()
    if segment.template is not None:
        own = set(segment.languages.values_list("language", flat=True))
        SegmentAttachment.objects.bulk_create(
            SegmentAttachment(
                segment=segment, language=row.language, subject=row.subject, attachment=row.attachment
            )
            for row in segment.template.languages.exclude(language__in=own)
        )


@transaction.atomic
def delete_segments(segments, *, by):
    """Delete those of *segments* (a queryset) that are still there; return their ids. `restore_segments` undoes it."""
    # In one order, else two who delete the same ones could wait for each other.
    locked = segments.order_by("pk").select_for_update(of=("self",))
    ids = list(locked.values_list("pk", flat=True))
    Segment.objects.filter(pk__in=ids).update(deleted_at=timezone.now(), deleted_by=by)
    return ids


@transaction.atomic
def restore_segments(segments, *, by):
    """Bring back those of *segments* (a queryset over `with_deleted`) that *by* deleted; return how many."""
    return segments.filter(deleted_at__isnull=False, deleted_by=by).update(deleted_at=None, deleted_by=None)


def clean_up_segments():
    """Remove segments deleted longer ago than one can undo, with all that belongs to them; return how many."""
    stale = Segment.with_deleted.deleted_before(timezone.now() - UNDO_TIME)
    with transaction.atomic():
        gone = list(stale.order_by("pk").select_for_update())
        files = {file for segment in gone for file in remove_worksheet(segment)}
        drop_unused_later(files)
    return len(gone)


def remove_worksheet(segment, *, logged=False):
    """Remove a locked segment and everything under it, set by set; return the ids of files for `drop_unused`.

    logged: the files of its lines are the ledger's now.
    """
    lines = SegmentLine.objects.filter(segment=segment)
    removed = RemovedLine.objects.filter(step__segment=segment)
    found = segment.languages.exclude(attachment=None).order_by().values_list("attachment")
    for rows in (removed,) if logged else (removed, lines):
        found = found.union(rows.exclude(own_attachment=None).order_by().values_list("own_attachment"))
    files = {pk for (pk,) in found}
    for rows in (
        removed,
        lines,
        CriteriaStep.objects.filter(segment=segment),
        SegmentAttachment.objects.filter(segment=segment),
        Segment.with_deleted.filter(pk=segment.pk),
    ):
        rows._raw_delete(rows.db)
    return files


# --- files of the header ----------------------------------------------------------------------------------------------


@transaction.atomic
def set_letter(segment, language, *, by, seen=None, upload=None, subject=None, nothing=False):
    """Give the header's row of *language* a file that the gate accepted, or a subject.

    nothing: there is no file in it, so lines that ask for it do not take another one.  seen: see `_lock_letter`.
    Raises NoFileYet where there is no such row and neither a file nor *nothing* makes one, LetterChanged, and what the
    lock does.
    """
    segment, row = _lock_letter(segment, language, by=by, seen=seen)
    if row is None:
        if upload is None and not nothing:
            raise NoFileYet
        row = SegmentAttachment(segment=segment, language=language)
    if nothing:
        row.attachment = None
    elif upload is not None:
        row.attachment = store(upload, by=by)
    if subject is not None:
        row.subject = subject
    row.own = True
    row.save()
    return row


@transaction.atomic
def remove_letter(segment, language, *, by, seen=None):
    """Remove the header's row of *language*; the lines that took its file fall back to the next best language.

    seen: see `_lock_letter`.
    """
    segment, row = _lock_letter(segment, language, by=by, seen=seen)
    if row is not None:
        row.delete()


def _lock_letter(segment, language, *, by, seen):
    """The locked segment and its row of *language*, which is kept for undo.

    seen: `SegmentAttachment.fingerprint` of the row that the page showed, "" where it showed none; None: not asked.
    """
    segment = begin_change(segment, by=by)
    rows = segment.languages.filter(language=language)
    row = rows.first()
    if seen is not None and seen != (row.fingerprint() if row else ""):
        raise LetterChanged
    keep_letters(new_edit(segment, languages=[language]), rows)
    return segment, row

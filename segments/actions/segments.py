"""The worksheet itself: made, changed, deleted and brought back; and the lock that every verb takes first."""

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.errors import Refusal
from crm.models import MarketingSetup
from interactions.actions.attachments import drop_unused, store
from interactions.models import CampaignEntry, LoggedSegment
from segments.models import CriteriaStep, RemovedLine, Segment, SegmentAttachment, SegmentLine

UNDO_TIME = dt.timedelta(hours=24)
ONLY_WITH_A_CAMPAIGN = {"campaign_target": None, "campaign_response": None}


class SegmentIsGone(Refusal):
    sentence = _("This segment is gone: somebody deleted it.")


class SegmentAlreadyLogged(Refusal):
    """`.logged` is the register row that says when and by whom."""

    sentence = _("Segment %(segment)s has been logged already. Nothing was logged again.")

    def __init__(self, logged):
        self.logged = logged
        super().__init__(segment=logged.segment_no)


class SegmentChanged(Refusal):
    """The segment is no longer what the dialog showed; `.segment` is the present one."""

    sentence = _("%(person)s changed this segment meanwhile. Nothing was done; check it again.")

    def __init__(self, segment):
        self.segment = segment
        super().__init__(person=segment.changed_by.display_name)


class NoSegmentNumbers(Refusal):
    sentence = _("Segments need a number series. Choose the segment numbers in Marketing setup.")


class NumberIsTaken(Refusal):
    sentence = _("There is a segment with the number %(number)s already.")


class NoFileYet(Refusal):
    sentence = _(
        "There is no file in this language yet. Choose one, or say that nothing goes in this language."
    )


# --- the lock ---------------------------------------------------------------------------------------------------------


def lock_segment(segment, *, version=None):
    """The present state of *segment*, locked until commit (architecture 2.13). Call it inside a transaction.

    version: what the dialog saw. Raises SegmentAlreadyLogged, SegmentIsGone, SegmentChanged.
    """
    # No joins: a row that another one changed while this one waited would not be found through the old ones.
    found = Segment.objects.select_for_update().filter(pk=segment.pk).first()
    if found is None:
        logged = LoggedSegment.objects.filter(segment_no=segment.no).first()
        raise SegmentAlreadyLogged(logged) if logged else SegmentIsGone()
    if version is not None and version != found.version:
        raise SegmentChanged(found)
    return found


def begin_change(segment, *, by, version=None):
    """Lock *segment* for a verb that writes it, its lines or its steps, and raise its version."""
    return raise_version(lock_segment(segment, version=version), by=by)


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
    segment.save(force_insert=True)
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
    dropped = []
    if "template" in changed and changed["template"] != segment.template:
        segment.choose_template(changed.pop("template"))
        dropped = _take_files_of_template(segment)
        _let_lines_hear(segment)
    for name, value in changed.items():
        setattr(segment, name, value)
    if segment.campaign is None:
        for name, value in ONLY_WITH_A_CAMPAIGN.items():
            setattr(segment, name, value)
    segment.description = (segment.description or "").strip() or None
    segment.save()
    drop_unused(dropped)
    return segment


@transaction.atomic
def renumber_segment(segment, *, by):
    """Give *segment* the next number, because its own one was logged already. Raises NoSegmentNumbers,
    NumberSeriesProblem, SegmentIsGone."""
    segment = begin_change(segment, by=by)
    segment.no = next_number()
    segment.save(update_fields=["no"])
    return segment


def _let_lines_hear(segment):
    """R-45: the header's own template is no own value of a line, of one set aside neither."""
    if segment.template is not None:
        of_lines = SegmentLine.objects.filter(segment=segment)
        removed = RemovedLine.objects.filter(step__segment=segment)
        for rows in (of_lines, removed):
            rows.filter(own_template=segment.template).update(own_template=None)


def _take_files_of_template(segment):
    """Replace what an earlier template brought by the files of the present one (R-48); what somebody chose here stays.

    Returns the ids of the files that went.
    """
    brought = segment.languages.filter(own=False)
    before = list(brought.exclude(attachment=None).values_list("attachment", flat=True))
    brought.delete()
    if segment.template is not None:
        own = set(segment.languages.values_list("language", flat=True))
        SegmentAttachment.objects.bulk_create(
            SegmentAttachment(
                segment=segment, language=row.language, subject=row.subject, attachment=row.attachment
            )
            for row in segment.template.languages.exclude(language__in=own)
        )
    return before


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
        drop_unused(files)
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
def set_letter(segment, language, *, by, version=None, upload=None, subject=None, nothing=False):
    """Give the header's row of *language* a file that the gate accepted, or a subject.

    nothing: there is no file in it, so lines that ask for it do not take another one.  version: what the page showed.
    Raises NoFileYet where there is no such row and neither a file nor *nothing* makes one, and what the lock does.
    """
    segment = begin_change(segment, by=by, version=version)
    row = segment.languages.filter(language=language).first()
    if row is None:
        if upload is None and not nothing:
            raise NoFileYet
        row = SegmentAttachment(segment=segment, language=language)
    before = row.attachment_id
    if nothing:
        row.attachment = None
    elif upload is not None:
        row.attachment = store(upload, by=by)
    if subject is not None:
        row.subject = subject
    row.own = True
    row.save()
    if before and before != row.attachment_id:
        drop_unused([before])
    return row


@transaction.atomic
def remove_letter(segment, language, *, by, version=None):
    """Remove the header's row of *language*; the lines that took its file fall back to the next best language.

    version: what the page showed.
    """
    segment = begin_change(segment, by=by, version=version)
    rows = segment.languages.filter(language=language)
    files = [pk for pk in rows.values_list("attachment", flat=True) if pk]
    rows.delete()
    drop_unused(files)

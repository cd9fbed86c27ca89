"""What is different about one line, or about some: own values, own letters, and back to what the segment says."""

from decimal import Decimal
from enum import StrEnum

from django.db import transaction
from django.db.models import Count, Q, Value
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from interactions.actions.attachments import store
from segments.criteria import Recipe
from segments.models import SegmentLine, StepAction, StepOrigin

from .choosing import close_step, new_step, put_on_line, set_aside
from .edits import keep_lines, new_edit
from .segments import begin_change

# What a line may say itself, under the ledger's names, and where it says it.
OF_LINE = {
    **{
        name: f"own_{name}"
        for name in (
            "language",
            "description",
            "subject",
            "channel",
            "direction",
            "initiated_by",
            "cost",
            "minutes",
            "date",
            "time",
            "salesperson",
            "campaign",
            "campaign_target",
            "campaign_response",
        )
    },
    "evaluation": "evaluation",
    "attempt_failed": "attempt_failed",
}


COLUMNS = {"template": "own_template"} | OF_LINE
CHUNK = 5_000  # lines that one statement names
NOT_INHERITED = {"time", "evaluation", "attempt_failed"}


class LineIsGone(Refusal):
    sentence = _("This line is gone: somebody removed its contact from the segment.")


class LineChanged(Refusal):
    """The line is no longer what the page showed."""

    sentence = _(
        "This line was changed meanwhile. Nothing was saved; what you typed is still here. Look, and save again."
    )


class SelectionChanged(Refusal):
    """The number that the page showed is not the number of lines that are meant any more."""

    sentence = _("The lines you chose are %(count)s now, not %(shown)s. Nothing was done; check it again.")


def expect(count, shown):
    """Raises SelectionChanged unless the page showed that *count*; None showed none."""
    if shown is not None and count != shown:
        raise SelectionChanged(count=count, shown=shown)


class Letter(StrEnum):
    """What becomes of the file of a line."""

    KEPT = "kept"
    OF_SEGMENT = "segment"
    NONE = "none"


def lock_line(line, *, by, seen=None):
    """The present state of *line*, its segment locked and its version raised.

    seen: `fingerprint` of what the page showed, and the columns it is of.  Raises LineIsGone, LineChanged, and what the
    lock does.
    """
    segment = begin_change(line.segment, by=by)
    found = SegmentLine.objects.select_related("contact").filter(pk=line.pk, segment=segment).first()
    if found is None:
        raise LineIsGone
    if seen is not None:
        shown, columns = seen
        if found.fingerprint(*columns) != shown:
            raise LineChanged
    found.segment = segment
    return found


@transaction.atomic
def change_line(line, *, by, seen=None, upload=None, letter=Letter.KEPT, **values):
    """Give *line* values of its own, under the ledger's names, and a file; None takes a value back; return the line.

    What equals the value it would have anyway is no own value, so the line goes on hearing the header (R-45).
    upload: a file of its own, which the gate accepted.  letter: a Letter, without one.  seen: see `lock_line`.
    """
    line = lock_line(line, by=by, seen=seen)
    if values:
        segment = line.segment
        _give(segment, [line.pk], values)
        line = SegmentLine.objects.select_related("contact").get(pk=line.pk)
        line.segment = segment
    if upload is not None:
        _change_letter(line, store(upload, by=by), without=False)
    elif letter != Letter.KEPT:
        _change_letter(line, None, without=letter == Letter.NONE)
    return line


def _give(segment, ids, values):
    """Write the own *values* of the lines *ids*: R-45 for one line and for many, and nowhere else.

    First nothing is said, with the template that then speaks; so what each line would have anyway can be compared.
    """
    if not ids:
        return
    edit = new_edit(segment, columns=[COLUMNS[name] for name in values])
    for chunk in batched(ids, CHUNK):
        lines = SegmentLine.objects.filter(pk__in=chunk)
        keep_lines(edit, lines)
        columns = {OF_LINE[name]: _nothing(name) for name in values if name != "template"}
        if "template" in values:
            columns["own_template"] = own_template(segment, values["template"])
        lines.update(**columns)
        for name, value in values.items():
            if name == "template" or value is None:
                continue
            differ = lines
            if name not in NOT_INHERITED:
                found = lines.effective().filter(differs(name, value)).order_by()
                differ = SegmentLine.objects.filter(pk__in=found.values("pk"))
            differ.update(**{OF_LINE[name]: value})


def batched(ids, size):
    return (ids[start : start + size] for start in range(0, len(ids), size))


def differs(name, value):
    """The Q over effective lines whose value of that name is not *value*.

    A language is compared with the one that is asked for: a file in another one may be all there is, and to take that
    one is something to say.
    """
    column = "asked_language" if name == "language" else name
    value = getattr(value, "pk", value)
    if isinstance(value, Decimal):
        value = Value(value, SegmentLine._meta.get_field(OF_LINE[name]))
    return ~Q(**{column: value}) | Q(**{f"{column}__isnull": True})


def own_template(segment, template):
    """R-45: the header's own template is no own value, else the line would not hear the header any more."""
    return None if template is not None and template.pk == segment.template_id else template


def _nothing(name):
    return False if name == "attempt_failed" else None


@transaction.atomic
def exchange_contact(line, contact, *, by):
    """Put *contact* in the place of the one on *line*, without own values (R-44); return the line, which keeps its id.

    Recorded as a Reduce and an Add (R-52), so going back twice restores the line. The same contact again leaves
    the line as it is. Raises LineIsGone, ContactIsBlocked, ContactAlreadyIn.
    """
    line = lock_line(line, by=by)
    if contact == line.contact:
        return line
    recipe = Recipe.of_contacts([line.contact.no])
    step = new_step(line.segment, StepAction.REDUCE, recipe, by=by, origin=StepOrigin.MANUAL)
    close_step(step, set_aside(step, SegmentLine.objects.filter(pk=line.pk)))
    return put_on_line(line.segment, contact, by=by, pk=line.pk)


def _change_letter(line, attachment, *, without):
    edit = new_edit(line.segment, columns=["own_attachment", "without_letter"])
    keep_lines(edit, SegmentLine.objects.filter(pk=line.pk))
    line.own_attachment, line.without_letter = attachment, without
    line.save()


@transaction.atomic
def change_lines(segment, lines, *, by, version=None, count=None, **values):
    """Give all *lines* (a queryset) of the segment the same own values, as `change_line` does; return how many.

    version, count: what the page showed.  Raises SelectionChanged, and what the lock does.
    """
    segment = begin_change(segment, by=by, version=version)
    # Read before anything is written: which lines are meant may depend on what they say.
    ids = list(lines.filter(segment=segment).order_by().values_list("pk", flat=True))
    expect(len(ids), count)
    _give(segment, ids, values)
    return len(ids)


@transaction.atomic
def reset_lines(segment, lines, *, by, version=None, count=None):
    """Take all own values of *lines* (a queryset) back, files included; return how many. See `change_lines`."""
    segment = begin_change(segment, by=by, version=version)
    lines = lines.filter(segment=segment).order_by()
    if count is not None:
        expect(lines.count(), count)
    nothing = {"own_template": None, "own_attachment": None, "without_letter": False}
    nothing |= {column: _nothing(name) for name, column in OF_LINE.items()}
    edit = new_edit(segment)
    keep_lines(edit, SegmentLine.objects.filter(pk__in=lines.values("pk")))
    edit.columns = _said_in(edit.lines, nothing)
    edit.save(update_fields=["columns"])
    # By id: which lines are meant may depend on what they say.
    return SegmentLine.objects.filter(pk__in=edit.lines.values("line_id")).update(**nothing)


def _said_in(lines, nothing):
    """The columns in which one of *lines* says something. nothing: {column: what it holds otherwise}."""
    said = {
        column: Count(
            "pk", filter=~Q(**{column: value}) if value is False else Q(**{f"{column}__isnull": False})
        )
        for column, value in nothing.items()
    }
    found = lines.aggregate(**{f"in_{column}": count for column, count in said.items()})
    return [column for column in nothing if found[f"in_{column}"]]

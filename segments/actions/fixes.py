"""What puts a finding of the preflight right: verbs for all lines that have it (ui 5.10)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.errors import Refusal
from crm.models import Channel
from segments.models import SegmentLine

from .choosing import remove_lines
from .lines import change_lines, expect
from .preflight import BY_CODE, SAME_ADDRESS, by_mail, lines_with
from .segments import lock_segment, renumber_segment, update_segment


class NotFixable(Refusal):
    sentence = _("There is no quick way to put this right. Open the lines.")


class NobodyIsChosen(Refusal):
    sentence = _("Choose a salesperson for these lines first.")


class NoTemplateIsChosen(Refusal):
    sentence = _("Choose a template first.")


class NoWords(Refusal):
    sentence = _("Enter a description first.")


class NoOtherWay(Refusal):
    sentence = _("None of these contacts has an e-mail address. Open the lines.")


class NoOtherFile(Refusal):
    sentence = _("There is no file in another language that these lines could take.")


@dataclass(frozen=True)
class Fixed:
    """How many lines were changed or removed. step: the CriteriaStep of a removal, for undo.

    segment: the header, when that was changed.
    """

    count: int
    step: object = None
    segment: object = None


@dataclass(frozen=True)
class Fix:
    """One way to put a finding right.

    run: (segment, lines, *, by, **choice) -> Fixed.  asks: the name of the choice it needs, or "".
    """

    name: str
    run: Callable
    asks: str = ""


@transaction.atomic
def fix(segment, code, detail="", *, name="", by, version=None, count=None, **choice):
    """Put right what all lines with the finding (*code*, *detail*) have, as they are now; return Fixed.

    name: of the Fix; the first one without.  choice: salesperson, template or description, as the fix asks.  version,
    count: what the dialog showed.  Raises NotFixable, NobodyIsChosen, NoTemplateIsChosen, NoWords, NoOtherWay,
    NoOtherFile, SegmentIsGone, SegmentAlreadyLogged, SegmentChanged, SelectionChanged, and for a new number
    NoSegmentNumbers, NumberSeriesProblem.
    """
    chosen = find_fix(code, name)
    segment = lock_segment(segment, by=by, version=version)
    lines = found(segment, code, detail)
    if count is not None:
        expect(lines.count(), count)
    return chosen.run(segment, lines, by=by, **choice)


def find_fix(code, name=""):
    """The Fix called *name* of the finding *code*. Raises NotFixable."""
    fixes = FIXES.get(code, ())
    for each in fixes:
        if name in ("", each.name):
            return each
    raise NotFixable


def found(segment, code, detail=""):
    """The lines of *segment* with that finding, as a queryset that may be written; none of what concerns the header."""
    lines = SegmentLine.objects.filter(segment=segment)
    if code not in BY_CODE and code != SAME_ADDRESS.code:
        return lines.none()
    return SegmentLine.objects.filter(pk__in=lines_with(lines, code, detail).order_by().values("pk"))


def _change(segment, lines, *, by, **values):
    return Fixed(change_lines(segment, lines, by=by, **values)) if lines.exists() else Fixed(0)


def _remove(segment, lines, *, by):
    if not lines.exists():
        return Fixed(0)
    step = remove_lines(segment, lines, by=by)
    return Fixed(step.changed, step)


def send_as_letter(segment, lines, *, by):
    return _change(segment, lines, by=by, channel=Channel.HARD_COPY)


def send_by_email(segment, lines, *, by):
    """Those that have an address for it; the others would only change one finding for another."""
    reachable = lines.exclude(contact__email="")
    if lines.exists() and not reachable.exists():
        raise NoOtherWay
    return _change(segment, reachable, by=by, channel=Channel.EMAIL)


def use_language_of_file(segment, lines, *, by):
    """Each line says itself the language of the file it gets, so nobody is surprised any more."""
    count = 0
    for tag in list(lines.effective().order_by().values_list("language", flat=True).distinct()):
        of_tag = lines.effective().filter(language=tag).order_by()
        count += change_lines(
            segment, SegmentLine.objects.filter(pk__in=of_tag.values("pk")), by=by, language=tag
        )
    return Fixed(count)


def other_file_language(segment):
    """The language whose file lines of *segment* may take when theirs has none: its default one first; or None."""
    tags = set(segment.languages.exclude(attachment=None).values_list("language", flat=True))
    if not tags:
        return None
    default = segment.effective("language")
    return default if default in tags else min(tags)


def use_default_file(segment, lines, *, by):
    """Not those that are to go without a file, nor those whose own template has none."""
    tag = other_file_language(segment)
    if tag is None:
        raise NoOtherFile
    count = _change(segment, lines.filter(without_letter=False, own_template=None), by=by, language=tag).count
    if not count and lines.exists():
        raise NoOtherFile
    return Fixed(count)


def set_salesperson(segment, lines, *, by, salesperson=None):
    if salesperson is None or not salesperson.is_available:
        raise NobodyIsChosen
    return _change(segment, lines, by=by, salesperson=salesperson)


def set_template(segment, lines, *, by, template=None):
    """Of the header, which brings the files too: a line is without a template because the header is."""
    if template is None or not template.active:
        raise NoTemplateIsChosen
    count = lines.count()
    if count and segment.template_id is None:
        segment = update_segment(segment, by=by, template=template)
    return Fixed(count, segment=segment)


def set_description(segment, lines, *, by, description=""):
    """Of the header where it has none, then of the lines that say nothing all the same."""
    description = description.strip()
    if not description:
        raise NoWords
    count, changed = lines.count(), None
    if count and segment.description is None:
        changed = update_segment(segment, by=by, description=description)
    _change(segment, lines, by=by, description=description)
    return Fixed(count, segment=changed)


def set_name(segment, lines, *, by, description=""):
    """The description of a segment that has none."""
    if not description.strip():
        raise NoWords
    if segment.description:
        return Fixed(0)
    return Fixed(0, segment=update_segment(segment, by=by, description=description))


def take_next_number(segment, lines, *, by):
    return Fixed(0, segment=renumber_segment(segment, by=by))


def use_today(segment, lines, *, by):
    """The segment's own date first: what follows it then needs no date of its own. A time that is still to come goes."""
    count, (today, now) = lines.count(), clock.this_minute()
    _change(segment, lines.filter(own_time__gt=now), by=by, time=None)
    if segment.date > today:
        update_segment(segment, by=by, date=today)
    _change(segment, lines, by=by, date=today)
    return Fixed(count)


def keep_one(segment, lines, *, by):
    """Of the lines with the same e-mail address the first one stays."""
    firsts = by_mail(lines).order_by().values("address").annotate(first=Min("pk")).values("first")
    others = lines.exclude(pk__in=firsts)
    return _remove(segment, others, by=by)


REMOVE = Fix("remove", _remove)
SET_SALESPERSON = Fix("salesperson", set_salesperson, asks="salesperson")

# The first one is what most people want.
FIXES = {
    "privacy": (REMOVE,),
    "excluded": (REMOVE,),
    "no_template": (Fix("template", set_template, asks="template"),),
    "no_description": (Fix("description", set_description, asks="description"),),
    "no_file": (Fix("language", use_default_file), REMOVE),
    "no_email": (Fix("letter", send_as_letter),),
    "no_letter": (REMOVE,),
    "opted_out": (REMOVE,),
    "no_address": (Fix("email", send_by_email),),
    "other_language": (Fix("language", use_language_of_file), REMOVE),
    "no_salesperson": (SET_SALESPERSON,),
    "salesperson_blocked": (SET_SALESPERSON,),
    "future": (Fix("today", use_today),),
    SAME_ADDRESS.code: (Fix("keep_one", keep_one),),
    # Of the segment as a whole.
    "name": (Fix("name", set_name, asks="description"),),
    "number": (Fix("number", take_next_number),),
}

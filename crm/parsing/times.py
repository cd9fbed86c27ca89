import datetime as dt
import re
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.units import format_unit
from django.utils.translation import gettext

from crm import clock, formats
from crm.folding import fold

from .numbers import read_number
from .text import LANGUAGES, LONGEST, ParseError, plain, shown

HOURS_MARKS = {"", ":", ".", ",", "h", "hr", "hrs", "ч", "u", "uur", "uhr"}


def parse_time(text):
    """The time of day that *text* means: 930, 9:30, 9.30, 9, 9h30, 14 h 30, 2:30 pm, 09:30:15."""
    typed = plain(text) if len(text) <= LONGEST else ""
    if re.fullmatch(r"\d\d:\d\d:\d\d(\.\d{1,6})?", typed, re.ASCII):  # a native picker
        try:
            return dt.time.fromisoformat(typed)
        except ValueError as error:
            raise _not_a_time(text) from error
    found = re.fullmatch(r"(\d+)\s*([:.,]|[^\W\d_]*)\s*(\d*)\s*(\D*)", fold(typed))
    if not found:
        raise _not_a_time(text)
    hours, mark, minutes, end = found.groups()
    if not minutes:  # 930, 9h, 2 p. m.
        mark, end = "", mark + end
        if len(hours) > 2:
            hours, minutes = hours[:-2], hours[-2:]
    half = _half_of_day(re.sub(r"[\s.:,]", "", end))
    if mark not in HOURS_MARKS or half is None or len(hours) > 2 or len(minutes) not in (0, 2):
        raise _not_a_time(text)
    hour, minute = int(hours), int(minutes or 0)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 99
    if hour == 24 and minute == 0:
        raise _not_a_time(text, dt.time(0, 0))
    if hour > 23 or minute > 59:
        raise _not_a_time(text)
    return dt.time(hour, minute)


def _not_a_time(text, instead=None):
    example = formats.time_short(instead or clock.now())
    if not text.strip():
        # Translators: %(example)s is a time such as 14:30.
        return ParseError(gettext("Enter a time, for example %(example)s."), example=example)
    # Translators: "25:00 is not a time. Try 14:30."
    return ParseError(
        gettext("%(typed)s is not a time. Try %(example)s."), typed=shown(text), example=example
    )


def _half_of_day(word):
    """ "am", "pm", "" for an end that says nothing, None for one that is not understood."""
    if word in HOURS_MARKS or word in _unit_words("minute"):
        return ""
    return _halves_of_day(formats.active()).get(word)


@cache
def _halves_of_day(region):
    names = {"a": "am", "p": "pm"}
    for tag in (*LANGUAGES, region):
        for width in Locale.parse(tag, sep="-").day_periods["format"].values():
            for half in {"am", "pm"} & set(width):
                name = re.sub(r"[\s.]", "", fold(width[half]))
                if len(name) > 1:
                    names[name] = half
    return names


def parse_minutes(text):
    """The whole minutes that *text* means: 45, 90 min, 1:30, 1h30, 1 h 30 min, 1,5h."""
    folded = fold(plain(text)) if len(text) <= LONGEST else ""
    if found := re.fullmatch(r"(\d+):(\d\d)", folded):
        return _sum_of(text, int(found[1]), found[2])
    found = re.fullmatch(r"([\d., ']*\d)\s*([^\W\d_]*)\.?\s*(?:(\d+)\s*([^\W\d_]*)\.?)?", folded)
    if not found:
        raise _not_a_duration(text)
    number, unit, rest, rest_unit = found.groups()
    amount = _amount(text, number)
    if unit in _unit_words("hour"):
        if rest is None:
            return int(amount * 60 + Decimal("0.5"))
        if rest_unit == "" or rest_unit in _unit_words("minute"):
            return _sum_of(text, amount, rest)
    if (unit == "" or unit in _unit_words("minute")) and rest is None and amount == int(amount):
        return int(amount)
    raise _not_a_duration(text)


def _sum_of(text, hours, minutes):
    if hours != int(hours) or int(minutes) > 59:
        raise _not_a_duration(text)
    return int(hours) * 60 + int(minutes)


def _amount(text, number):
    try:
        return read_number(number, formats.region_of(formats.active()))
    except ValueError as error:
        raise _not_a_duration(text) from error


def _not_a_duration(text):
    example = formats.minutes(90)
    if not text.strip():
        # Translators: %(example)s is a duration such as 1 h 30 min.
        return ParseError(gettext("Enter minutes, for example 45, or %(example)s."), example=example)
    # Translators: "long is not a duration. Try 45 or 1 h 30 min." A number alone means minutes.
    sentence = gettext("%(typed)s is not a duration. Try 45 or %(example)s.")
    return ParseError(sentence, typed=shown(text), example=example)


def _unit_words(unit):
    """Folded words for an "hour" or a "minute", those of `formats.minutes` in the language of the page included."""
    own = {"hour": gettext("%(hours)s h"), "minute": gettext("%(minutes)s min")}[unit]
    return _known_unit_words(unit) | {fold(plain(own % {"hours": "", "minutes": ""})).strip(". ")}


@cache
def _known_unit_words(unit):
    words = {"hour": {"h", "hr", "hrs", "u", "ч", "std"}, "minute": {"m", "min", "mins", "м", "мин"}}[unit]
    for language in LANGUAGES:
        for length in ("long", "short", "narrow"):
            for count in (1, 2, 5):
                written = format_unit(count, f"duration-{unit}", length, locale=language)
                words.add(fold(plain(written)).strip("0123456789. "))
    return words

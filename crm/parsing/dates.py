import datetime as dt
import re
from calendar import monthrange
from contextlib import suppress
from functools import cache, lru_cache
from itertools import product

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, gettext

from crm import clock, formats
from crm.folding import fold

from .text import LANGUAGES, LONGEST, ParseError, plain, shown

FIRST_YEAR, LAST_YEAR = 1900, 2999

TODAY = {
    "t",
    "today",
    "h",
    "hoy",
    "a",
    "aujourd'hui",
    "с",
    "т",
    "сегодня",
    "heute",
    "oggi",
    "vandaag",
    "hoje",
}
UNITS = {
    **dict.fromkeys("djд", "days"),  # day, día, jour, день
    **dict.fromkeys("wsн", "weeks"),  # week, semana, semaine, неделя
    **dict.fromkeys("mм", "months"),  # month, mes, mois, месяц
    **dict.fromkeys("yaг", "years"),  # year, año, an, год
}
STEP = re.compile(rf"([+-]\d{{1,5}})([{''.join(UNITS)}]?)")
FROM_TODAY = re.compile(rf"(\w['\w]*)?((?:{STEP.pattern})*)")
# Words inside dates that say nothing: "20 de noviembre", "20th of", "1er", "2026 г.", "segunda-feira".
FILLERS = {"de", "del", "of", "the", "le", "el", "il", "den", "der", "feira", "г", "год", "года"}
FILLERS |= {"st", "nd", "rd", "th", "er", "e", "o", "a", "го"}


def parse_date(text):
    """The date that *text* means: 20/11, 20.11.2026, 2026-11-20, 201126, 20, t, +3, t-30d, fri, 20 nov 2026, …

    A day alone is one of this month, a day of the week one of this week, a date without year one of this year.
    """
    if len(text) > LONGEST:
        raise _not_a_date(text)
    folded = fold(plain(text))
    day, problem = _from_today(folded), None
    if day is None:
        day, problem = _from_words(text, folded)
    if day is None:
        day = _as_printed(folded)
    if day is None:
        raise problem or _not_a_date(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        # Translators: %(typed)s is a date as it was typed, %(first)s and %(last)s are years.
        sentence = gettext("%(typed)s is too far away. Use a year from %(first)s to %(last)s.")
        raise ParseError(sentence, typed=shown(text), first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _not_a_date(text, instead=None):
    example = formats.date_table(instead or clock.today())
    if not text.strip():
        # Translators: %(example)s is a date such as 20 Nov 2026.
        return ParseError(gettext("Enter a date, for example %(example)s."), example=example)
    # Translators: "31 Feb 2026 is not a date. Try 28 Feb 2026."
    return ParseError(
        gettext("%(typed)s is not a date. Try %(example)s."), typed=shown(text), example=example
    )


def _from_today(folded):
    """t, +3, t-30d, t+1m-1d; None for anything else."""
    found = FROM_TODAY.fullmatch(folded.replace(" ", ""))
    if not found or not folded or found[1] not in {None, *TODAY}:
        return None
    day = clock.today()
    for count, unit in STEP.findall(found[2]):
        day = _moved(day, int(count), UNITS.get(unit, "days"))
    return day


def _moved(day, count, unit):
    """*day* some days, weeks, months or years later, at the calendar's ends at most. A short month gives its last day."""
    try:
        if unit in ("days", "weeks"):
            return day + dt.timedelta(**{unit: count})
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "years" else 1)
        year, month = months // 12, months % 12 + 1
        return dt.date(year, month, min(day.day, monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return dt.date.max if count > 0 else dt.date.min


def _as_printed(folded):
    """A date exactly as `crm.formats` writes it, in whatever language: "in 3 days", "2026年11月20日"."""
    numbers = re.findall(r"\d+", folded)
    today = clock.today()
    candidates = {today + dt.timedelta(days=distance) for distance in range(-7, 8)}
    years = [int(number) for number in numbers if len(number) == 4] or [today.year]
    days = [int(number) for number in numbers if len(number) <= 2]
    for year, month, day in product(years, range(1, 13), days):
        with suppress(ValueError):
            candidates.add(dt.date(year, month, day))
    writers = (formats.relative_day, formats.date_table, formats.date_dense, formats.date_long)
    printed = ((day, write(day)) for day in candidates for write in writers)
    return next((day for day, text in printed if fold(plain(text)) == folded), None)


def _from_words(text, folded):
    """(date, None) of numbers, names of months and days of the week; (None, what is wrong or None) otherwise."""
    if not re.fullmatch(r"[\w\s./,-]+", folded):
        return None, None
    numbers, names = [], []
    for token in re.findall(r"\d+|[^\W\d_]+", folded):
        if token.isdecimal():
            numbers.append(token)
        elif token not in FILLERS:
            names.append(_meaning(token, _languages()))
    problem = None
    for parts, weekdays in _readings(numbers, names):
        try:
            day = _built(*parts)
        except ValueError:
            problem = problem or _not_a_date(text, _nearest(*parts))
            continue
        if all(day.weekday() == weekday for weekday in weekdays):
            return day, None
        # Translators: %(example)s is a long date with its right day of the week: "Friday, 20 November 2026".
        sentence = gettext("The day of the week does not fit the date. Try %(example)s.")
        problem = problem or ParseError(sentence, example=formats.date_long(day))
    if not numbers and len(names) == 1 and names[0][1] is not None:
        start = clock.start_of_week(clock.today(), formats.active())
        return start + dt.timedelta(days=(names[0][1] - start.weekday()) % 7), None
    return None, problem


def _readings(numbers, names):
    """Every way to take the words: ((year, month, day), days of the week that must fit). Months come before days."""
    for position, (month, _weekday) in enumerate(names):
        weekdays = [weekday for other, (_month, weekday) in enumerate(names) if other != position]
        parts = _beside_a_name(numbers, month)
        if parts and None not in weekdays:
            yield parts, weekdays
    weekdays = [weekday for _month, weekday in names]
    parts = _in_digits(numbers)
    if parts and None not in weekdays:
        yield parts, weekdays


def _in_digits(numbers):
    """(year, month, day) as text from digits alone, by the order of the region; None when they cannot be a date."""
    region = formats.region_of(formats.active())
    sizes = [len(number) for number in numbers]
    today = clock.today()
    if len(numbers) == 1:
        (digits,) = numbers
        if sizes[0] <= 2:
            return str(today.year), str(today.month), digits
        if sizes[0] in (4, 6, 8):
            return _in_digits([digits[:2], digits[2:4], digits[4:]][: 2 if sizes[0] == 4 else 3])
    if len(numbers) == 2 and max(sizes) <= 2:
        day, month = numbers if region.day_first else reversed(numbers)
        return str(today.year), month, day
    if len(numbers) == 3 and sizes[0] == 4 and max(sizes[1:]) <= 2:
        return tuple(numbers)
    if len(numbers) == 3 and max(sizes[:2]) <= 2 and sizes[2] in (2, 4):
        day, month = numbers[:2] if region.day_first else reversed(numbers[:2])
        return numbers[2], month, day
    return None


def _beside_a_name(numbers, month):
    """(year, month, day) as text from one or two numbers beside the name of a month."""
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if month is None or len(years) + len(days) != len(numbers) or not days:
        return None
    if len(years) == 1 and len(days) == 1:
        return years[0], str(month), days[0]
    if not years and len(days) <= 2:
        return days[1] if len(days) == 2 else str(clock.today().year), str(month), days[0]
    return None


def _built(year, month, day):
    return dt.date(_full_year(year), int(month), int(day))


def _full_year(year):
    """Two digits are the year within 70 years back and 29 years ahead."""
    if len(year) > 2:
        return int(year)
    oldest = clock.today().year - 70
    return oldest + (int(year) - oldest) % 100


def _nearest(year, month, day):
    """What was meant by a date that does not exist: the last of that month, or month and day the other way round."""
    year, month, day = _full_year(year), int(month), int(day)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if 1 <= month <= 12:
        return dt.date(year, month, max(1, min(day, monthrange(year, month)[1])))
    if 1 <= day <= 12 and 1 <= month <= monthrange(year, day)[1]:
        return dt.date(year, day, month)
    return None


def _languages():
    """Whose names count, first the region's (an Austrian January is a Jänner), then the page's."""
    return tuple(dict.fromkeys((formats.active(), (get_language() or "en").split("-")[0], *LANGUAGES)))


@lru_cache(maxsize=1024)
def _meaning(word, languages):
    """(number of the month or None, number of the day of the week or None) in the first language that knows *word*."""
    for language in languages:
        months, weekdays = _names(language)
        if word in months or word in weekdays:
            return months.get(word), weekdays.get(word)
    return None, None


@cache
def _names(language):
    """Months and days of the week by their folded names, abbreviations and clear beginnings of 3 letters or more."""
    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return {}, {}
    return _by_name(locale.months), _by_name(locale.days)


def _by_name(table):
    exact, beginnings = {}, {}
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in table[form][width].items():
                word = "".join(re.findall(r"[^\W\d_]+", fold(name))[:1])
                exact[word] = number
                for size in range(3, len(word)):
                    beginnings.setdefault(word[:size], set()).add(number)
    return {word: numbers.pop() for word, numbers in beginnings.items() if len(numbers) == 1} | exact

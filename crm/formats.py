"""How dates, numbers and money look to the reader: by region, never by the language of the pages (ui 4.5).

The region is a tag such as en-GB. It is active per request, as a language is; without one it follows the language.
Every function answers "" to None and to "" (a variable that a template does not find). Words around numbers
("yesterday", "1 h 30 min") are gettext's, everything else is Babel's.
"""

import datetime as dt
import re
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property, lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_currency_precision
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from . import clock

# What people can choose, each in its own words. Any other region that Babel knows works too.
REGIONS = [
    ("en-AU", "English (Australia)"),
    ("en-CA", "English (Canada)"),
    ("en-IE", "English (Ireland)"),
    ("en-NZ", "English (New Zealand)"),
    ("en-GB", "English (United Kingdom)"),
    ("en-US", "English (United States)"),
    ("es-AR", "Español (Argentina)"),
    ("es-CL", "Español (Chile)"),
    ("es-CO", "Español (Colombia)"),
    ("es-ES", "Español (España)"),
    ("es-US", "Español (Estados Unidos)"),
    ("es-MX", "Español (México)"),
    ("fr-BE", "Français (Belgique)"),
    ("fr-CA", "Français (Canada)"),
    ("fr-FR", "Français (France)"),
    ("fr-CH", "Français (Suisse)"),
    ("ru-KZ", "Русский (Казахстан)"),
    ("ru-RU", "Русский (Россия)"),
    ("de-DE", "Deutsch (Deutschland)"),
    ("de-AT", "Deutsch (Österreich)"),
    ("de-CH", "Deutsch (Schweiz)"),
    ("it-IT", "Italiano (Italia)"),
    ("nl-BE", "Nederlands (België)"),
    ("nl-NL", "Nederlands (Nederland)"),
    ("pt-BR", "Português (Brasil)"),
    ("pt-PT", "Português (Portugal)"),
]

NO_BREAK_SPACE = "\u00a0"
ENGLISH = Locale("en")

# --- which region -----------------------------------------------------------------------------------------------------

_active = ContextVar("region", default=None)


def active():
    """The tag of the region that output and typed input follow now."""
    return _active.get() or default_region(get_language() or "")


def activate(region):
    """Use *region* from now on in this request; a blank or unknown one means: follow the language."""
    _active.set(find_region(region or ""))


@contextmanager
def override(region):
    """Use *region* inside the block."""
    token = _active.set(find_region(region or ""))
    try:
        yield
    finally:
        _active.reset(token)


@lru_cache(maxsize=256)
def find_region(text):
    """*text* as a region's tag ("en_gb" -> "en-GB"), or None when it names no language and territory known to Babel."""
    try:
        locale = Locale.parse(text.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    return f"{locale.language}-{locale.territory}" if locale.territory else None


@lru_cache(maxsize=256)
def default_region(language):
    """The region of people who read *language* and have chosen none: "es" -> "es-ES", "fr-ch" -> "fr-CH"."""
    if region := find_region(language):
        return region
    base = language.split("-")[0]
    # Babel would send English to the United States.
    return (base != "en" and find_region(get_global("likely_subtags").get(base, ""))) or "en-GB"


# --- what a region knows ----------------------------------------------------------------------------------------------

# A number of four digits is written without a separator there (CLDR minimumGroupingDigits, which Babel leaves out).
LATE_GROUPING = {"bg", "es-ES", "es-GQ", "es-PH", "et", "hu", "it", "lv", "pl", "pt-PT", "ru-UA", "sl"}


class Region:
    """The patterns of one region, parsed once. Get it from `region_of`."""

    def __init__(self, tag):
        self.tag = tag
        self.locale = Locale.parse(tag, sep="-")
        self.late_grouping = tag in LATE_GROUPING or self.locale.language in LATE_GROUPING

    @cached_property
    def dates(self):
        """Babel's date patterns by the name of our own look."""
        formats, skeletons = self.locale.date_formats, self.locale.datetime_skeletons
        # Russian tables take digits: "20 нояб. 2026 г." is too long for a column.
        table = formats["short" if self.locale.language == "ru" else "medium"]
        return {
            "table": table,
            "dense": skeletons["MMMd" if "MMM" in table.pattern else "Md"],
            "long": formats["full"],
            "month": skeletons["yMMMM"],
        }

    @cached_property
    def day_first(self):
        """Whether the day comes before the month, in digits too."""
        pattern = re.sub(r"'[^']*'", "", self.dates["dense"].pattern)
        return re.search("[dML]", pattern)[0] == "d"

    @cached_property
    def decimal_sign(self):
        return self.locale.number_symbols["latn"]["decimal"]

    @cached_property
    def group_sign(self):
        return self.locale.number_symbols["latn"]["group"]

    @cached_property
    def middle_group(self):
        """Digits between two separators: 3, in India 2 (12,34,567)."""
        return self.locale.decimal_formats[None].grouping[1]

    def signs_of(self, currency):
        """How the currency of that ISO code may be written beside an amount: {"€", "EUR"}."""
        return {
            currency,
            *(locale.currency_symbols.get(currency, currency) for locale in (self.locale, ENGLISH)),
        }

    def date(self, look, day):
        return self.dates[look].apply(day, self.locale)

    def time(self, time):
        return self.locale.time_formats["short"].apply(time, self.locale)

    def number(self, pattern, value, digits, currency=None, grouped=True):
        """*value* by a Babel number *pattern*; digits: (at least, at most) after the decimal sign."""
        pattern = copy(pattern)
        pattern.frac_prec = digits
        grouped = grouped and not (self.late_grouping and abs(value) < 10_000)
        return pattern.apply(value, self.locale, currency, currency_digits=False, group_separator=grouped)


@cache
def region_of(tag):
    return Region(tag)


# --- dates and times --------------------------------------------------------------------------------------------------


def date_table(day):
    """20 Nov 2026; in Russian 20.11.2026."""
    return _date(active(), "table", _day(day)) if day else ""


def date_dense(day):
    """20 Nov; with the year when that is not the reader's current one."""
    if not day:
        return ""
    day = _day(day)
    return _date(active(), "dense" if day.year == clock.this_year() else "table", day)


def date_long(day):
    """Friday, 20 November 2026."""
    return _date(active(), "long", _day(day)) if day else ""


def date_said(day):
    """Like `date_long`, but of the language of the page: a date inside a sentence."""
    return _date(_spoken_region(), "long", _day(day)) if day else ""


def _spoken_region():
    """The active region, or one of the language of the page where that is another: "es-US" of Spanish in "en-US"."""
    region, language = active(), get_language() or ""
    base, territory = language.split("-")[0], region.rpartition("-")[2]
    if not base or region.split("-")[0] == base:
        return region
    return find_region(f"{base}-{territory}") or default_region(language)


def month_year(day):
    """November 2026, for headings over a month."""
    return _date(active(), "month", _day(day).replace(day=1)) if day else ""


def time_short(time):
    """14:30 or 2:30 PM, of a time or of an instant (then in the reader's zone)."""
    if _missing(time):
        return ""
    if isinstance(time, dt.datetime):
        time = _local(time).time()
    return _time(active(), time.hour, time.minute)


def date_time(moment):
    """20 Nov 2026, 14:30 of an instant, in the reader's zone."""
    return _together(date_table, moment)


def relative(moment):
    """An instant up to seven days from now in words ("yesterday, 17:48"), else as "20 Nov, 14:30".

    Show the absolute `date_time` in the title beside it.
    """
    if not moment:
        return ""
    distance = (_day(moment) - clock.today()).days
    if distance == 0:
        # Translators: a moment of this day; %(time)s is a time such as 09:58.
        return gettext("today, %(time)s") % {"time": time_short(moment)}
    if distance == -1:
        # Translators: a moment of the day before; %(time)s is a time such as 17:48.
        return gettext("yesterday, %(time)s") % {"time": time_short(moment)}
    if distance == 1:
        # Translators: a moment of the day after; %(time)s is a time such as 09:00.
        return gettext("tomorrow, %(time)s") % {"time": time_short(moment)}
    return _days_away(distance) or _together(date_dense, moment)


def relative_day(day):
    """A date up to seven days from today in words ("yesterday", "in 3 days"), else as `date_dense`."""
    if not day:
        return ""
    distance = (_day(day) - clock.today()).days
    if distance == 0:
        # Translators: this day, inside a line: "due today".
        return gettext("today")
    if distance == -1:
        # Translators: the day before this one, inside a line.
        return gettext("yesterday")
    if distance == 1:
        # Translators: the day after this one, inside a line.
        return gettext("tomorrow")
    return _days_away(distance) or date_dense(day)


def _days_away(distance):
    if -7 <= distance < 0:
        # Translators: %(days)s is from 2 to 7.
        return ngettext("%(days)s day ago", "%(days)s days ago", -distance) % {"days": -distance}
    if 0 < distance <= 7:
        # Translators: %(days)s is from 2 to 7.
        return ngettext("in %(days)s day", "in %(days)s days", distance) % {"days": distance}
    return ""


def _together(date, moment):
    if not moment:
        return ""
    joint = region_of(active()).locale.datetime_formats["medium"]
    return joint.replace("{1}", date(moment)).replace("{0}", time_short(moment))


def _local(moment):
    return timezone.localtime(moment) if moment.tzinfo else moment


def _day(day):
    return day if type(day) is dt.date else _local(day).date()


@lru_cache(maxsize=8192)
def _date(tag, look, day):
    return region_of(tag).date(look, day)


@lru_cache(maxsize=4096)
def _time(tag, hour, minute):
    return region_of(tag).time(dt.time(hour, minute))


# --- numbers ----------------------------------------------------------------------------------------------------------


def integer(value):
    """12,480."""
    return "" if _missing(value) else _decimal(active(), value, 0, True)


def decimal(value, places=None, grouped=True):
    """12,480.50 with two *places*, rounded half up; None: as many as the value has, at most three."""
    return "" if _missing(value) else _decimal(active(), _exact(value), places, grouped)


def money(value, currency):
    """€1,248.50, in the digits of the currency (an ISO code) but never with cents cut off; "" means: a bare number."""
    if _missing(value):
        return ""
    return _money(active(), _exact(value), currency) if currency else decimal(value, 2)


def percent(ratio, places=0):
    """8% of 0.08."""
    return "" if _missing(ratio) else _percent(active(), _exact(ratio), places)


def _missing(value):
    return value is None or value == ""


def _exact(value):
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)


def _rounded(value, places):
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@lru_cache(maxsize=8192)
def _decimal(tag, value, places, grouped):
    region = region_of(tag)
    value = _rounded(Decimal(value), 3 if places is None else places)
    digits = (0, 3) if places is None else (places, places)
    return region.number(region.locale.decimal_formats[None], value, digits, grouped=grouped)


@lru_cache(maxsize=8192)
def _money(tag, value, currency):
    region = region_of(tag)
    places = get_currency_precision(currency)
    if _rounded(value, places) != _rounded(value, 2):
        places = 2
    pattern = region.locale.currency_formats["standard"]
    text = region.number(pattern, _rounded(value, places), (places, places), currency)
    return _spaced(text, region.locale.currency_symbols.get(currency, currency))


def _spaced(text, symbol):
    """Letters never touch digits: "EUR1.00" becomes "EUR 1.00" (CLDR currency spacing, which Babel leaves out)."""
    before, _, after = text.partition(symbol)
    if symbol[-1].isalpha() and after[:1].isdigit():
        return f"{before}{symbol}{NO_BREAK_SPACE}{after}"
    if symbol[0].isalpha() and before[-1:].isdigit():
        return f"{before}{NO_BREAK_SPACE}{symbol}{after}"
    return text


@lru_cache(maxsize=1024)
def _percent(tag, ratio, places):
    region = region_of(tag)
    value = _rounded(ratio, places + 2)
    return region.number(region.locale.percent_formats[None], value, (places, places))


# --- quantities -------------------------------------------------------------------------------------------------------


def minutes(total):
    """45 min, 2 h, 1 h 30 min of whole minutes."""
    if _missing(total):
        return ""
    hours, rest = divmod(total, 60)
    if not hours:
        # Translators: a duration below an hour.
        return gettext("%(minutes)s min") % {"minutes": rest}
    if not rest:
        # Translators: a duration of full hours.
        return gettext("%(hours)s h") % {"hours": integer(hours)}
    # Translators: a duration in hours and minutes.
    return gettext("%(hours)s h %(minutes)s min") % {"hours": integer(hours), "minutes": rest}


def file_size(size):
    """84 KB of a size in bytes; a KB has 1,024."""
    if _missing(size):
        return ""
    if size < 1024:
        # Translators: the size of a small file.
        return ngettext("%(size)s byte", "%(size)s bytes", size) % {"size": size}
    if (kilobytes := round(size / 1024)) < 1024:
        # Translators: kilobytes.
        return gettext("%(size)s KB") % {"size": kilobytes}
    if (megabytes := round(size / 1024**2, 1)) < 1024:
        # Translators: megabytes.
        return gettext("%(size)s MB") % {"size": decimal(megabytes)}
    # Translators: gigabytes.
    return gettext("%(size)s GB") % {"size": decimal(round(size / 1024**3, 1))}

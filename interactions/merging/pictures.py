r"""Numbers and dates as the pictures of Word say: ``\# "#,##0.00"`` and ``\@ "d MMMM yyyy"``.

The picture is read with the decimal sign of the document's author; what comes out follows the language of the letter.
"""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from crm.formats import default_region

_DATE = re.compile(r"'([^']*)'?|(am/pm)|(y+|M+|d+|h+|m+|s+)|(.)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"\s*[-+]?\d+(?:\.\d+)?\s*")
_LITERAL = re.compile(r"'([^']*)'?|`[^`]*`?|(.)", re.DOTALL)
_DIGITS = "0#xX"
# More places than that have no meaning in a letter.
MAX_PLACES = 20
_WIDE = Context(prec=100)


@lru_cache(maxsize=256)
def locale_of(language):
    """The Babel locale for letters in *language*, a BCP 47 tag; English where the tag is blank or not known."""
    try:
        return Locale.parse(default_region(language or "en"), sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en", "GB")


def plain(value, language):
    """*value* without a picture: a date written out, a time and a number as the language does, text as it is."""
    if value is None:
        return ""
    locale = locale_of(language)
    if isinstance(value, dt.datetime):
        return (
            f"{format_date(value.date(), 'long', locale)} {format_time(value.time(), 'short', locale=locale)}"
        )
    if isinstance(value, dt.date):
        return format_date(value, "long", locale)
    if isinstance(value, dt.time):
        return format_time(value, "short", locale=locale)
    exact = None if isinstance(value, str) else _exact(value)
    return str(value) if exact is None else format_decimal(exact, locale=locale)


# --- dates


def date(value, picture, language):
    """A date, a time or both by *picture*; anything else as `plain`.

    As in Word, M is the month and m the minute; day and year letters may be small or large; H counts 24 hours, h 12.
    """
    if not isinstance(value, (dt.date, dt.time)):
        return plain(value, language)
    has_day = bool(re.search("d", re.sub(r"'[^']*'?", "", picture), re.IGNORECASE))
    moment = _Moment(value, locale_of(language), "format" if has_day else "stand-alone")
    return "".join(moment.piece(*found) for found in _DATE.findall(picture))


class _Moment:
    def __init__(self, value, locale, context):
        self.day = value if isinstance(value, dt.date) else dt.date(1899, 12, 30)
        self.time = value if isinstance(value, (dt.time, dt.datetime)) else dt.time()
        self.locale = locale
        self.context = context  # "20 ноября" beside a day, "ноябрь" alone

    def piece(self, literal, half, letters, other):
        if half:
            name = "am" if self.time.hour < 12 else "pm"
            return name if half[0] == "a" else name.upper()
        if not letters:
            return literal + other
        kind = letters[0] if letters[0] in "MmHh" else letters[0].lower()
        return getattr(self, f"_{self.READERS[kind]}")(min(len(letters), 4))

    READERS = {
        "y": "year",
        "M": "month",
        "d": "date",
        "H": "hour",
        "h": "hour_of_12",
        "m": "minute",
        "s": "second",
    }

    def _year(self, width):
        return f"{self.day.year % 100:02}" if width < 3 else f"{self.day.year:04}"

    def _month(self, width):
        return self._named(self.locale.months, self.day.month, self.day.month, width)

    def _date(self, width):
        return self._named(self.locale.days, self.day.weekday(), self.day.day, width)

    def _named(self, names, key, number, width):
        if width < 3:
            return f"{number:0{width}}"
        return names[self.context]["abbreviated" if width == 3 else "wide"][key]

    def _hour(self, width):
        return f"{self.time.hour:0{min(width, 2)}}"

    def _hour_of_12(self, width):
        return f"{self.time.hour % 12 or 12:0{min(width, 2)}}"

    def _minute(self, width):
        return f"{self.time.minute:0{min(width, 2)}}"

    def _second(self, width):
        return f"{self.time.second:0{min(width, 2)}}"


# --- numbers


def number(value, picture, language, *, decimal_sign="."):
    """A number, or text that is one, by *picture*; anything else as `plain`.

    0 is a digit, # a digit or a blank, x the last digit that counts, sections between ; are for positive numbers,
    negative ones and zero. *decimal_sign* is that of the picture.
    """
    exact = _exact(value)
    if exact is None:
        return plain(value, language)
    sections = _sections(picture)
    symbols = locale_of(language).number_symbols["latn"]
    chosen, shown = sections[0], exact
    if exact < 0 and len(sections) > 1:
        chosen, shown = sections[1], -exact
    if len(sections) > 2 and _rounded(exact, _split(sections[0], decimal_sign)[1]) == 0:
        chosen = sections[2]
    return _filled(chosen, shown, decimal_sign, symbols, signed=chosen is sections[0])


def _exact(value):
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    try:
        exact = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return exact if exact.is_finite() and abs(exact.adjusted()) < MAX_PLACES else None


def _sections(picture):
    """The pictures between semicolons, each a list of (character, is literal)."""
    sections = [[]]
    for found in _LITERAL.finditer(picture):
        character = found[2]
        if character == ";":
            sections.append([])
        elif character:
            sections[-1].append((character, False))
        elif found[1]:
            sections[-1].extend((each, True) for each in found[1])
    return sections


def _split(section, decimal_sign):
    """The places of the whole number and those behind the decimal sign."""
    for place, (character, is_literal) in enumerate(section):
        if character == decimal_sign and not is_literal:
            return section[:place], section[place + 1 :]
    return section, []


def _is_digit(place):
    return not place[1] and place[0] in _DIGITS


def _rounded(value, fraction):
    places = min(sum(map(_is_digit, fraction)), MAX_PLACES)
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)


def _filled(section, value, decimal_sign, symbols, *, signed):
    whole, fraction = _split(section, decimal_sign)
    if not any(map(_is_digit, [*whole, *fraction])):
        return "".join(character for character, _literal in section)
    rounded = _rounded(value, fraction)
    digits, _point, decimals = f"{abs(rounded):f}".partition(".")
    shown = _whole(whole, digits if digits != "0" else "", decimal_sign, symbols)
    has_sign = any(sign in shown for sign in _SIGNS.values())
    if signed and rounded < 0 and not has_sign:
        shown = symbols["minusSign"] + shown
    if fraction:
        shown += _fraction(fraction, decimals, symbols)
    return "".join(_signed(character, rounded, symbols) for character in shown)


# Signs of the picture wait for the number behind private characters, so that no sign of the language is taken for one.
_MINUS, _PLUS = "\ue000", "\ue001"
_SIGNS = {"-": _MINUS, "+": _PLUS}


def _signed(character, value, symbols):
    if character == _MINUS:
        return symbols["minusSign"] if value < 0 else " "
    if character == _PLUS:
        return symbols["minusSign"] if value < 0 else symbols["plusSign"] if value > 0 else " "
    return character


def _whole(places, digits, decimal_sign, symbols):
    """The digits before the decimal sign, from the last place to the first."""
    group = "," if decimal_sign == "." else "."
    grouped = (group, False) in places
    first = next((index for index, place in enumerate(places) if _is_digit(place)), None)
    waiting, out, count = list(digits), [], 0

    def put(digit):
        nonlocal count
        if grouped and count and count % 3 == 0 and digit != " ":
            out.append(symbols["group"])
        out.append(digit)
        count += 1

    for index in range(len(places) - 1, -1, -1):
        character, is_literal = places[index]
        if _is_digit(places[index]):
            put(waiting.pop() if waiting else "0" if character == "0" else " ")
            if index == first and character not in "xX":
                while waiting:
                    put(waiting.pop())
        elif is_literal or character != group:
            is_sign = not is_literal and (first is None or index < first)
            out.append(_SIGNS.get(character, character) if is_sign else character)
    if first is None:
        out[:0] = reversed(digits)
    return "".join(reversed(out))


def _fraction(places, decimals, symbols):
    waiting = list(reversed(decimals))
    out = [symbols["decimal"]] if decimals else []
    for character, is_literal in places:
        if not is_literal and character in _DIGITS:
            out.append(waiting.pop() if waiting else "")
        else:
            out.append(character)
    return "".join(out)

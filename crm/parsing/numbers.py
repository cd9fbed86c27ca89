import re
from decimal import Decimal

from django.utils.translation import gettext

from crm import formats
from crm.folding import fold

from .text import LONGEST, ParseError, plain, shown


class Ambiguous(ValueError):
    """A number such as 1.248 where neither reading is the region's own; args: both values."""


def parse_decimal(text, currency=""):
    """The Decimal that *text* means, with point or comma, blanks or apostrophes between thousands.

    currency: an ISO code whose sign or name may stand beside the number; any other sign is refused.
    """
    region = formats.region_of(formats.active())
    typed = plain(text).replace(" -", "-").replace("- ", "-")
    found = re.fullmatch(r"([^\d.,+-]*)([+-]?)([^\d.,+-]*)(\d[\d., ']*|[.,]\d+)([^\d]*)", typed)
    if not found or len(text) > LONGEST:
        raise _not_an_amount(text)
    before, sign, between, number, after = found.groups()
    signs = {"", *(fold(plain(sign)) for sign in region.signs_of(currency))} if currency else {""}
    beside = [fold(part).strip(" '") for part in (before, between, after)]
    if any(part not in signs for part in beside) or sum(map(bool, beside)) > 1:
        raise _not_an_amount(text)
    try:
        value = read_number(number.rstrip(" '"), region)
    except Ambiguous as both:
        large, small = both.args
        # Translators: "1.248 can be read in two ways. Enter 1248 or 1,248."
        sentence = gettext("%(typed)s can be read in two ways. Enter %(one)s or %(other)s.")
        one, other = formats.decimal(large, 0, grouped=False), formats.decimal(small, 3)
        raise ParseError(sentence, typed=shown(text), one=one, other=other) from both
    except ValueError as error:
        raise _not_an_amount(text) from error
    return -value if sign == "-" else value


def _not_an_amount(text):
    example = formats.decimal(Decimal("1248.5"), 2)
    if not text.strip():
        # Translators: %(example)s is a number such as 1,248.50.
        return ParseError(gettext("Enter an amount, for example %(example)s."), example=example)
    # Translators: "12,34,5 is not an amount. Try 1,248.50."
    return ParseError(
        gettext("%(typed)s is not an amount. Try %(example)s."), typed=shown(text), example=example
    )


def read_number(number, region):
    """The Decimal of digits, points, commas, blanks and apostrophes. Raises ValueError, or Ambiguous."""
    mark = _decimal_mark(number, region)
    whole, _, fraction = number.rpartition(mark) if mark else (number, "", "")
    marks = {character for character in whole if not character.isdecimal()}
    if len(marks) > 1 or (fraction and not fraction.isdecimal()):
        raise ValueError(number)
    if marks:
        first, *groups = whole.split(marks.pop())
        sizes = {len(group) for group in groups[:-1]} - {3, region.middle_group}
        if not 1 <= len(first) <= 3 or len(groups[-1]) != 3 or sizes:
            raise ValueError(number)
        whole = first + "".join(groups)
    return Decimal(f"{whole or 0}.{fraction}" if fraction else whole)


def _decimal_mark(number, region):
    """ "." or "," where it parts whole from fraction, else ""."""
    marks = [character for character in number if not character.isdecimal()]
    signs = [mark for mark in marks if mark in ".,"]
    if not signs or (len(set(signs)) == 1 and len(signs) > 1):
        return ""
    last = signs[-1]
    if len(set(signs)) == 2 or len(marks) > 1 or last == region.decimal_sign:
        return last
    whole, _, rest = number.partition(last)
    if len(rest) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return last
    if last == region.group_sign:
        return ""
    raise Ambiguous(Decimal(whole + rest), Decimal(f"{whole}.{rest}"))

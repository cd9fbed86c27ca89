r"""What the switches of a merge field make of a value: ``\*``, ``\b``, ``\f``, ``\#``, ``\@``, in their order."""

import re

from . import pictures

_WORD_START = re.compile(r"(?<![\w'’])[^\W\d_]")
_FIRST_LETTER = re.compile(r"[^\W\d_]")
# Nan and Inf are names of people.
_NUMBER = re.compile(r"\s*[-+]?[0-9]{1,300}(?:\.[0-9]{1,300})?\s*")

_CASES = {
    "upper": str.upper,
    "lower": str.lower,
    # The rest of a word stays: McDonald, S.A.
    "caps": lambda text: _WORD_START.sub(lambda letter: letter[0].upper(), text),
    "firstcap": lambda text: _FIRST_LETTER.sub(lambda letter: letter[0].upper(), text, count=1),
}


def text_of(value, switches, language, *, decimal_sign="."):
    """*value* (text, number, date, time or None) as text after *switches* (Switch)."""
    for flag, option in switches:
        if flag == "\\#":
            value = pictures.number(value, option, language, decimal_sign=decimal_sign)
        elif flag == "\\@":
            value = pictures.date(value, option, language)
        elif flag == "\\*" and (case := _CASES.get(option.lower())):
            value = case(pictures.plain(value, language))
        elif flag in {"\\b", "\\f"} and (text := pictures.plain(value, language)):
            value = option + text if flag == "\\b" else text + option
    return pictures.plain(value, language)


# --- conditions


def holds(left, operator, right):
    """Whether *left* and *right* (texts) are as the *operator* of an IF field says.

    Numbers are compared as numbers, texts without their case; behind = and <> a text may have ? and * in it.
    """
    numbers = _number(left), _number(right)
    if None not in numbers:
        left, right = numbers
    elif operator in {"=", "<>", "!="}:
        is_alike = _is_alike(left.casefold(), right.casefold())
        return is_alike if operator == "=" else not is_alike
    else:
        left, right = left.casefold(), right.casefold()
    return {
        "=": left == right,
        "<>": left != right,
        "!=": left != right,
        "<": left < right,
        ">": left > right,
        "<=": left <= right,
        ">=": left >= right,
    }[operator]


def _number(text):
    return float(text) if _NUMBER.fullmatch(text) else None


def _is_alike(text, pattern):
    """Whether *text* is *pattern*, in which ? is any character and * any number of them; time is their product at most."""
    place = at = 0
    star = resume = -1
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume, at = at, place, at + 1
        elif at < len(pattern) and pattern[at] in {"?", text[place]}:
            place, at = place + 1, at + 1
        elif star >= 0:
            resume += 1
            place, at = resume, star + 1
        else:
            return False
    return not pattern[at:].strip("*")

"""What countries and languages are called in the language of the page. Codes are ISO 3166 and BCP 47, stored as they are."""

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from django.utils.translation import get_language

from .folding import fold

COUNTRY = re.compile("[A-Z]{2}")

# Variants that letters are written in, beside the plain languages.
VARIANTS = [
    "de-AT",
    "de-CH",
    "en-AU",
    "en-CA",
    "en-GB",
    "en-IE",
    "en-US",
    "es-419",
    "es-AR",
    "es-ES",
    "es-MX",
    "es-US",
    "fr-BE",
    "fr-CA",
    "fr-CH",
    "it-CH",
    "nl-BE",
    "pt-BR",
    "pt-PT",
    "zh-Hans",
    "zh-Hant",
]


def country_name(code):
    """France of FR; a code that nobody knows is its own name."""
    return _countries(_reader()).get(code, code)


def language_name(tag):
    """Swiss French of fr-CH; a tag that nobody knows is its own name."""
    return _language(_reader(), tag) if tag else ""


def countries():
    """[(code, name), …] by name."""
    return list(_countries(_reader()).items())


def languages(*others):
    """[(tag, name), …] by name, with the tags *others* that are not among the usual ones."""
    usual = _languages(_reader())
    extra = {tag: language_name(tag) for tag in others if tag and tag not in usual}
    return by_name((usual | extra).items()) if extra else list(usual.items())


def by_name(pairs):
    return sorted(pairs, key=lambda pair: fold(pair[1]))


def _reader():
    """Babel's name for the language of the page."""
    return (get_language() or "en").split("-")[0]


@lru_cache(maxsize=8)
def _countries(reader):
    outside = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}  # unions, outlying and pseudo territories
    names = Locale.parse(reader).territories
    return dict(
        by_name(pair for pair in names.items() if COUNTRY.fullmatch(pair[0]) and pair[0] not in outside)
    )


@lru_cache(maxsize=8)
def _languages(reader):
    written = {tag for tag in get_global("likely_subtags") if len(tag) == 2}
    known = Locale.parse(reader).languages
    return dict(by_name((tag, _language(reader, tag)) for tag in [*(written & set(known)), *VARIANTS]))


@lru_cache(maxsize=2048)
def _language(reader, tag):
    locale = Locale.parse(reader)
    name = locale.languages.get(tag.replace("-", "_"))
    if name is None:
        try:
            name = Locale.parse(tag, sep="-").get_display_name(locale)
        except (ValueError, UnknownLocaleError):
            name = None
    return name[:1].upper() + name[1:] if name else tag

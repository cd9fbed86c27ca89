"""Languages of letters, by BCP 47 tag (architecture 2.9)."""

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, pgettext

# What a select offers first; any well-formed tag may be stored.
OFFERED = ("en", "es", "fr", "ru", "de", "it", "pt", "nl", "pl", "fr-CH", "de-CH", "en-US", "es-MX", "pt-BR")


SHAPE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


@lru_cache(maxsize=512)
def language_tag(text):
    """*text* as its tag is written ("ES-es" → "es-ES"), or None when it is none that Babel knows."""
    match = SHAPE.fullmatch(text.strip())
    if match is None:
        return None
    language, script, territory = match.groups("")
    tag = "-".join(filter(None, [language.lower(), script.title(), territory.upper()]))
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return None
    return tag


def language_name(tag):
    """ "French (Switzerland)" of fr-CH, in the language of the page; an unknown tag as it is, none as "Neutral"."""
    if not tag:
        return pgettext("language of a letter", "Neutral")
    return _name(tag, get_language() or "en")


def language_inside(tag):
    """The name of a language inside a sentence: "French" in English, "francés" in Spanish."""
    return _inside(tag, get_language() or "en") if tag else pgettext("language of a letter", "Neutral")


def _name(tag, page_language):
    name = _inside(tag, page_language)
    return f"{name[:1].upper()}{name[1:]}" if name != tag else tag


@lru_cache(maxsize=512)
def _inside(tag, page_language):
    try:
        return Locale.parse(tag, sep="-").get_display_name(page_language) or tag
    except (ValueError, UnknownLocaleError):
        return tag


def language_choices(*also):
    """[(tag, name), …] for a select, with the tags *also* among them."""
    tags = dict.fromkeys([*OFFERED, *filter(None, also)])
    return sorted(((tag, language_name(tag)) for tag in tags), key=lambda choice: choice[1])

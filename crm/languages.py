"""Languages of letters, by BCP 47 tag (architecture 2.9)."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, pgettext

# What a select offers first; any well-formed tag may be stored.
OFFERED = ("en", "es", "fr", "ru", "de", "it", "pt", "nl", "pl", "fr-CH", "de-CH", "en-US", "es-MX", "pt-BR")


def language_name(tag):
    """ "French (Switzerland)" of fr-CH, in the language of the page; an unknown tag as it is, none as "Neutral"."""
    if not tag:
        return pgettext("language of a letter", "Neutral")
    return _name(tag, get_language() or "en")


@lru_cache(maxsize=512)
def _name(tag, page_language):
    try:
        name = Locale.parse(tag, sep="-").get_display_name(page_language)
    except (ValueError, UnknownLocaleError):
        return tag
    return f"{name[:1].upper()}{name[1:]}" if name else tag


def language_choices(*also):
    """[(tag, name), …] for a select, with the tags *also* among them."""
    tags = dict.fromkeys([*OFFERED, *filter(None, also)])
    return sorted(((tag, language_name(tag)) for tag in tags), key=lambda choice: choice[1])

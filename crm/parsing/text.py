from unicodedata import category, normalize

from crm.errors import Refusal

# Whose names of months, days and units are understood, whatever the region.
LANGUAGES = ("en", "es", "fr", "ru", "de", "it", "nl", "pt")
LONGEST = 60

DASHES = str.maketrans(dict.fromkeys("−–—‐‑", "-") | {"’": "'"})


class ParseError(Refusal):
    """Typed text that means nothing here. `.for_user` says what to type instead."""


def plain(text):
    """*text* with one kind of blank, dash and apostrophe, and without invisible characters."""
    visible = "".join(character for character in normalize("NFKC", text) if category(character) != "Cf")
    return " ".join(visible.translate(DASHES).split())


def shown(text):
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

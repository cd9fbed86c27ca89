"""File names as people know them, without what could mislead a reader or a file system."""

import re
import unicodedata

MAX_NAME = 200
MAX_ENDING = 10

# Controls, invisible format characters (a right-to-left override turns "exe.docx" round) and lone surrogates.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs"})
# What no file may be called on Windows, and what would end a quoted name in a header.
_PLAIN = str.maketrans({'"': "'", "<": "(", ">": ")", "|": "-", "*": "-", "?": " ", ":": "-"})
_PATH = re.compile(r"[/\\]")


def display_name(name):
    """*name* without path and unprintable characters: NFC, at most 200 characters, never empty.

    Cyrillic and blanks stay; the ending survives the shortening. Cleaning twice changes nothing.
    """
    last = _PATH.split(name)[-1].translate(_PLAIN)
    # Any white space is one blank before controls go, so that a tab between words does not join them.
    shown = "".join(c for c in " ".join(last.split()) if unicodedata.category(c) not in _UNSHOWN)
    shown = " ".join(unicodedata.normalize("NFC", shown).split()).strip(" .")
    stem, dot, end = shown.rpartition(".")
    if dot and end.isalnum() and len(end) <= MAX_ENDING:
        stem = stem.strip(" .")[: MAX_NAME - 1 - len(end)].strip(" .")
        return f"{stem}.{end}"
    # What a cut leaves may end like an ending.
    return (shown if len(shown) <= MAX_NAME else display_name(shown[:MAX_NAME])) or "file"


def ending(name):
    """The lower-case ending of a display name without its dot; empty when it has none."""
    return name.rpartition(".")[2].lower() if "." in name else ""

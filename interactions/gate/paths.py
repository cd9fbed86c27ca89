"""Whether an address in a Word file names a file on the disk of its author."""

import re
import unicodedata
from urllib.parse import unquote

MAX_CHARACTERS = 2_000

# Word writes a drive with and without "file:///"; a home is that of a Mac or of Linux.
_ABSOLUTE = re.compile(r"(?:(?:file:///)?[A-Za-z]:[\\/]|(?:file://)?/(?:Users|home)/)")
_UPWARDS = re.compile(r"(?:\.\.?[\\/])*")
_SEPARATOR = re.compile(r"[\\/]")
_ENCODED_SEPARATOR = re.compile(r"%(?:2f|3a|5c)", re.I)

# What may stand in a name besides letters, digits, dashes and quotation marks: neither what is left when decoding
# fails nor a percent sign, so that nothing can be decoded a second time.
_MARKS = frozenset(" !#$&'()+,-.;=@[]^_`{}~§©®™°№")
_DASHES_AND_QUOTES = frozenset({"Pd", "Pi", "Pf"})


def is_local_path(address):
    """True for a path with a drive, one in a home, and a relative one; False for anything that may lead elsewhere.

    *address* is the target of a relation, where Word encodes some characters with percent signs and others not.
    """
    if len(address) > MAX_CHARACTERS or _ENCODED_SEPARATOR.search(address):
        return False
    path = unquote(address)
    if path != path.strip():
        return False
    if absolute := _ABSOLUTE.match(path):
        return _are_names(_SEPARATOR.split(path[absolute.end() :]))
    names = _SEPARATOR.split(path[_UPWARDS.match(path).end() :])
    # A folder with a dot could be meant as a host: "evil.example/letter.dotx".
    return _are_names(names) and not any("." in folder or "@" in folder for folder in names[:-1])


def _are_names(names):
    """Every name says something: two separators in a row, or dots, could be read in another way."""
    return all(name.strip(". ") for name in names) and all(map(_may_stand_in_name, set("".join(names))))


def _may_stand_in_name(character):
    category = unicodedata.category(character)
    return character in _MARKS or category[0] in "LMN" or category in _DASHES_AND_QUOTES

"""PDF files: no scripts, no commands, no files inside.

The names that start them are looked for in the whole file and in its packed streams, however they are spelled. This is
no PDF reader: where bytes stand does not matter, only what they could mean. A file built against this very check may
still get a script past it; a viewer asks before it runs one.
"""

import re
import zlib

from .budget import MAX_TOTAL_BYTES
from .refusals import Refused

# Names in the sense of PDF. Scripts and commands need one of them, spelled out in the file or in a packed stream.
ACTIVE_NAMES = (
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"GoToE",
    b"ImportData",
    b"JavaScript",
    b"Launch",
    b"Rendition",
    b"RichMedia",
    b"XFA",
)
MAX_STREAMS = 25_000
TAIL_BYTES = 2048
CHUNK = 64 * 1024
# No name above is longer, even with every letter written as #xx.
OVERLAP = 64


def _spelled(name):
    """A pattern for *name* with any of its letters written as #xx."""
    return b"".join(b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in name)


def _named(*names):
    return re.compile(b"/(?:" + b"|".join(map(_spelled, names)) + rb")(?=[\0\t\n\f\r ()<>\[\]{}/%]|\Z)")


_ACTIVE = _named(*ACTIVE_NAMES)
_ENCRYPT = _named(b"Encrypt")
# Streams of objects need the key First, and begin with pairs of numbers.
_FIRST = _named(b"First")
_OBJECT_NUMBERS = re.compile(rb"\s*\d+\s+\d+\s")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_OTHER_FILTER = _named(
    b"ASCIIHexDecode",
    b"AHx",
    b"ASCII85Decode",
    b"A85",
    b"LZWDecode",
    b"LZW",
    b"RunLengthDecode",
    b"RL",
    b"Crypt",
    b"Predictor",
)
_FLATE = _named(b"FlateDecode")
_STREAM = re.compile(rb"endstream|stream[ \t]*(?:\r?\n|\r)")


def check(content, kind):
    """*content* unchanged. Raises Refused."""
    if not content.startswith(b"%PDF-"):
        raise Refused("not_what_it_says")
    if b"%%EOF" not in content[-TAIL_BYTES:]:
        raise Refused("unreadable")
    if _ENCRYPT.search(content):
        raise Refused("pdf_protected")
    _refuse_active_names(content)
    _check_streams(content)
    return content


def _refuse_active_names(text):
    if _ACTIVE.search(text):
        raise Refused("pdf_active")


def _check_streams(content):
    """Looks into every packed stream; of a picture only at its beginning, unless it begins like objects."""
    left, streams, place = MAX_TOTAL_BYTES, 0, 0
    about = _Description()
    for mark in _STREAM.finditer(content):
        if mark[0] == b"endstream":
            about = _Description()
        else:
            streams += 1
            if streams > MAX_STREAMS:
                raise Refused("too_complicated")
            about.read(content, place, mark.start())
            seen = _check_stream(memoryview(content)[mark.end() :], left, about.is_picture)
            if about.hides_objects or (about.holds_objects and about.is_packed and not seen):
                raise Refused("pdf_hidden")
            left -= seen
        place = mark.end()


class _Description:
    """What the bytes before a stream say of it, since the end of the stream before."""

    def __init__(self):
        self.holds_objects = self.is_picture = self.is_packed = self.has_other_filter = False

    @property
    def hides_objects(self):
        return self.holds_objects and self.has_other_filter

    def read(self, content, start, end):
        self.holds_objects |= bool(_FIRST.search(content, start, end))
        self.is_packed |= bool(_FLATE.search(content, start, end))
        self.has_other_filter |= bool(_OTHER_FILTER.search(content, start, end))
        self.is_picture |= bool(_PICTURE.search(content, start, end))


def _check_stream(packed, left, is_picture):
    """Inflates from the start of *packed*; the number of bytes looked at, at most *left*."""
    seen, tail = 0, b""
    for piece in _inflated(packed):
        seen += len(piece)
        if seen > left:
            raise Refused("too_complicated")
        _refuse_active_names(tail + piece)
        tail = piece[-OVERLAP:]
        if is_picture and seen == len(piece) and not _OBJECT_NUMBERS.match(piece):
            break
    return seen


def _inflated(packed):
    """The bytes in *packed* (memoryview) in pieces of at most CHUNK, as far as they can be inflated."""
    inflater = zlib.decompressobj()
    try:
        for start in range(0, len(packed), CHUNK):
            piece = inflater.decompress(packed[start : start + CHUNK], CHUNK)
            yield piece
            while len(piece) == CHUNK and not inflater.eof:
                piece = inflater.decompress(inflater.unconsumed_tail, CHUNK)
                yield piece
            if inflater.eof:
                return
    except zlib.error:
        return

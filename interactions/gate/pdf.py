"""PDF files: no scripts, no commands, no files inside, nothing that cannot be looked at."""

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
# Streams of objects need the key First; images never have it.
_FIRST = _named(b"First")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
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
    """Looks into every packed stream except images; what stands between two streams describes the second."""
    left, streams, gap = MAX_TOTAL_BYTES, 0, 0
    for mark in _STREAM.finditer(content):
        if mark[0] == b"endstream":
            gap = mark.end()
            continue
        streams += 1
        if streams > MAX_STREAMS:
            raise Refused("too_complicated")
        holds_objects = _FIRST.search(content, gap, mark.start())
        if holds_objects and _OTHER_FILTER.search(content, gap, mark.start()):
            raise Refused("pdf_hidden")
        if holds_objects or not _IMAGE.search(content, gap, mark.start()):
            seen = _check_stream(memoryview(content)[mark.end() :], left)
            if holds_objects and not seen and _FLATE.search(content, gap, mark.start()):
                raise Refused("pdf_hidden")
            left -= seen


def _check_stream(packed, left):
    """Inflates from the start of *packed* as far as it goes; the number of bytes looked at."""
    inflater = zlib.decompressobj()
    seen, tail = 0, b""
    for start in range(0, len(packed), CHUNK):
        pending = packed[start : start + CHUNK]
        while True:
            try:
                piece = inflater.decompress(pending, CHUNK)
            except zlib.error:
                return seen
            seen += len(piece)
            if seen > left:
                raise Refused("too_complicated")
            _refuse_active_names(tail + piece)
            tail = piece[-OVERLAP:]
            pending = inflater.unconsumed_tail
            if inflater.eof or len(piece) < CHUNK:
                break
        if inflater.eof:
            break
    return seen

"""Plain text and pictures: files that must be what their names say, from the first byte on."""

import codecs
import re
import struct
import zlib

from .refusals import Refused

ENCODINGS = ("utf-8-sig", "windows-1251", "windows-1252")
CHUNK = 64 * 1024

MAX_PIXELS = 200_000_000
# Pictures have some hundreds; each costs a moment.
MAX_SEGMENTS = 20_000

_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

_FILLING = re.compile(rb"\xff+")

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_HEADER = b"\0\0\0\x0dIHDR"
JPEG_START = b"\xff\xd8"
JPEG_END = b"\xff\xd9"
JPEG_SCAN = 0xDA
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


def check_text(content, kind):
    """*content* unchanged: text in UTF-8, or in one of the Windows code pages of our languages. Raises Refused."""
    if _WEB_PAGE.match(content[:1024]):
        raise Refused("not_what_it_says")
    if not any(_is_text(content, encoding) for encoding in ENCODINGS):
        raise Refused("not_text")
    return content


def _is_text(content, encoding):
    """Decodes piece by piece: as one string a text may take four times its size."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), CHUNK):
            if _CONTROL.search(decoder.decode(content[start : start + CHUNK])):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def check_png(content, kind):
    """*content* unchanged: whole chunks with right sums from the header to the end, and nothing behind. Raises Refused."""
    if not content.startswith(PNG_SIGNATURE):
        raise Refused("not_what_it_says")
    place, name, has_pixels = len(PNG_SIGNATURE), b"", False
    for _ in range(MAX_SEGMENTS):
        name, place = _png_chunk(content, place)
        has_pixels |= name == b"IDAT"
        if name == b"IEND":
            break
    has_header = content.startswith(PNG_HEADER, len(PNG_SIGNATURE))
    if not has_header or not has_pixels or name != b"IEND" or place != len(content):
        raise Refused("unreadable")
    _refuse_size(*struct.unpack_from(">2L", content, len(PNG_SIGNATURE + PNG_HEADER)))
    return content


def _png_chunk(content, place):
    """The name of the chunk at *place*, and where the next one starts."""
    size = int.from_bytes(content[place : place + 4], "big")
    end = place + 8 + size
    if end + 4 > len(content):
        raise Refused("unreadable")
    if zlib.crc32(memoryview(content)[place + 4 : end]) != int.from_bytes(content[end : end + 4], "big"):
        raise Refused("unreadable")
    return content[place + 4 : place + 8], end + 4


def check_jpeg(content, kind):
    """*content* unchanged: segments up to a scan, with a frame before it and an end after it. Raises Refused.

    Cameras write small pictures and notes behind the end; they stay.
    """
    if not content.startswith(JPEG_START + b"\xff"):
        raise Refused("not_what_it_says")
    place, marker, has_frame = len(JPEG_START), 0, False
    for _ in range(MAX_SEGMENTS):
        marker, body, place = _jpeg_segment(content, place)
        if marker in JPEG_FRAMES:
            has_frame = True
            _refuse_size(*_jpeg_size(body))
        if marker == JPEG_SCAN:
            break
    if marker != JPEG_SCAN or not has_frame or content.find(JPEG_END, place) < 0:
        raise Refused("unreadable")
    return content


def _jpeg_segment(content, place):
    """The marker at *place*, its bytes, and where the next segment starts."""
    filling = _FILLING.match(content, place)
    if not filling or filling.end() + 3 > len(content):
        raise Refused("unreadable")
    place = filling.end() - 1
    marker = content[place + 1]
    if marker in JPEG_WITHOUT_LENGTH:
        return marker, b"", place + 2
    size = int.from_bytes(content[place + 2 : place + 4], "big")
    end = place + 2 + size
    if size < 2 or end > len(content):
        raise Refused("unreadable")
    return marker, content[place + 4 : end], end


def _jpeg_size(frame):
    if len(frame) < 6:
        raise Refused("unreadable")
    return struct.unpack_from(">x2H", frame)


def _refuse_size(width, height):
    if not width or not height or width * height > MAX_PIXELS:
        raise Refused("unreadable")

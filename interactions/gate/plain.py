"""Plain text and pictures: files that must be what their names say, from the first byte on."""

import re
import struct
import zlib

from .refusals import Refused

MAX_PIXELS = 200_000_000

_WEB_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8\xff"
JPEG_END = b"\xff\xd9"
JPEG_SCAN = 0xDA
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


def check_text(content, kind):
    """*content* unchanged: text in UTF-8, or in one of the Windows code pages of our languages. Raises Refused."""
    text = _decoded(content)
    if _CONTROL.search(text):
        raise Refused("not_text")
    if _WEB_PAGE.match(text):
        raise Refused("not_what_it_says")
    return content


def _decoded(content):
    for encoding in ("utf-8-sig", "windows-1251", "windows-1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("not_text")


def check_png(content, kind):
    """*content* unchanged: whole chunks with right sums from the header to the end, and nothing behind. Raises Refused."""
    if not content.startswith(PNG_SIGNATURE):
        raise Refused("not_what_it_says")
    names = []
    place = len(PNG_SIGNATURE)
    while not names or names[-1] != b"IEND":
        name, place = _png_chunk(content, place)
        names.append(name)
    if names[0] != b"IHDR" or b"IDAT" not in names or place != len(content):
        raise Refused("unreadable")
    _refuse_size(*struct.unpack_from(">2L", content, len(PNG_SIGNATURE) + 8))
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
    if not content.startswith(JPEG_SIGNATURE):
        raise Refused("not_what_it_says")
    has_frame = False
    place = 2
    while True:
        marker, body, end = _jpeg_segment(content, place)
        if marker in JPEG_FRAMES:
            has_frame = True
            _refuse_size(*_jpeg_size(body))
        if marker == JPEG_SCAN:
            break
        place = end
    if not has_frame or content.find(JPEG_END, end) < 0:
        raise Refused("unreadable")
    return content


def _jpeg_segment(content, place):
    """The marker at *place*, its bytes, and where the next segment starts."""
    while content[place : place + 2] == b"\xff\xff":
        place += 1
    if content[place : place + 1] != b"\xff" or place + 4 > len(content):
        raise Refused("unreadable")
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

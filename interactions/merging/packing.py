"""Writes Word files fast: what is the same in every letter is deflated once, when the template is read.

Deflated data may be put together from pieces as long as each ends on a byte and looks back no further than its own
beginning. So a part is written as deflated literals with the values between them, stored or deflated on their own.
"""

import struct
import zlib
from typing import NamedTuple

from interactions.gate.archive import CENTRAL, DEFLATE_VERSION, DEFLATED, END, LOCAL, UTF8_NAME

_LOCAL_SIGNATURE, _CENTRAL_SIGNATURE, _END_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_DAY = 33  # 1 January 1980, the first that an archive can name: the same letter is the same file on any day
_LAST_BLOCK = b"\x03\x00"
_STORED_BLOCK = struct.Struct("<BHH")
_PLACE = struct.Struct("<L")
_MOST_STORED = 0xFFFF
# Shorter literals cost more as blocks of their own than they save; longer values are worth deflating.
SHORT, LONG = 64, 512


def deflated(data, level=6):
    """*data* as deflated blocks that end on a byte, the last one not marked as last."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


def blocks(data):
    """*data* (bytes) as blocks of a deflated stream: stored when short."""
    if len(data) > LONG:
        return deflated(data, 1)
    if not data:
        return b""
    return _STORED_BLOCK.pack(0, len(data), len(data) ^ _MOST_STORED) + data


class Recipe:
    """A part with slots: its literals, deflated where that pays, and the numbers of its slots between them."""

    def __init__(self, pieces):
        self.steps = [
            piece if isinstance(piece, int) else (piece, deflated(piece, 9) if len(piece) >= SHORT else None)
            for piece in pieces
        ]
        self.slots = {piece for piece in pieces if isinstance(piece, int)}

    def plain(self, rendered):
        """The bytes of the part, given what stands in each slot."""
        return b"".join(rendered[step] if isinstance(step, int) else step[0] for step in self.steps)

    def packed(self, rendered):
        """The same deflated."""
        out, waiting = [], []
        for step in self.steps:
            if isinstance(step, int):
                waiting.append(rendered[step])
            elif step[1] is None:
                waiting.append(step[0])
            else:
                if waiting:
                    out.append(blocks(b"".join(waiting)))
                    waiting = []
                out.append(step[1])
        out.append(blocks(b"".join(waiting)))
        out.append(_LAST_BLOCK)
        return b"".join(out)


class Entry(NamedTuple):
    """The two records of one file of an archive: before its data, and in the directory at the end."""

    local: bytes
    central: bytes
    name: bytes

    def placed(self, place):
        """The record of the directory, for a file that begins at *place*."""
        return self.central + _PLACE.pack(place) + self.name


def entry(name, method, crc, packed_size, size):
    raw = name.encode()
    flags = 0 if name.isascii() else UTF8_NAME
    common = (DEFLATE_VERSION, flags, method, 0, _DAY, crc, packed_size, size, len(raw), 0)
    central = CENTRAL.pack(_CENTRAL_SIGNATURE, DEFLATE_VERSION, *common, 0, 0, 0, 0, 0)
    return Entry(LOCAL.pack(_LOCAL_SIGNATURE, *common) + raw, central[: -_PLACE.size], raw)


class Frame:
    """The files of an archive that are the same in every letter, written once; the others follow them.

    Their order is the order of *fixed*: (name, method, data as packed, CRC, size).
    """

    def __init__(self, fixed):
        body, directory = bytearray(), bytearray()
        for name, method, data, crc, size in fixed:
            written = entry(name, method, crc, len(data), size)
            directory += written.placed(len(body))
            body += written.local + data
        self.body, self.directory, self.count = bytes(body), bytes(directory), len(fixed)

    def archive(self, parts):
        """The whole archive with *parts*: (name, bytes, the same deflated)."""
        out, directory, place = [self.body], [self.directory], len(self.body)
        for name, plain, packed in parts:
            written = entry(name, DEFLATED, zlib.crc32(plain), len(packed), len(plain))
            directory.append(written.placed(place))
            out += (written.local, packed)
            place += len(written.local) + len(packed)
        size, count = sum(map(len, directory)), self.count + len(parts)
        end = END.pack(_END_SIGNATURE, 0, 0, count, count, size, place, 0)
        return b"".join([*out, *directory, end])

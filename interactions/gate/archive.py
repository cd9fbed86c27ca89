"""A zip archive read without believing it.

The directory at the end of an archive is only a claim, and programs differ in what they do when claims disagree. This
reader accepts nothing that two programs could read differently: the members must cover the file from its first byte
to the directory without gap or overlap, each local header must repeat what the directory says, and every member is
inflated in small pieces whose real bytes are counted. Office writes no other archives.
"""

import re
import struct
import unicodedata
import zlib
from typing import NamedTuple
from urllib.parse import unquote

from .budget import MAX_PART_BYTES, MAX_PARTS, MAX_RATIO, MAX_TOTAL_BYTES, RATIO_FREE_BYTES
from .refusals import Refused

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
LOCAL_SIGNATURE, CENTRAL_SIGNATURE, END_SIGNATURE = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
ZIP64_LOCATOR_SIGNATURE, DESCRIPTOR_SIGNATURE = b"PK\x06\x07", b"PK\x07\x08"
ZIP64_LOCATOR_BYTES = 20
MAX_COMMENT = 0xFFFF

STORED, DEFLATED = 0, 8
DEFLATE_VERSION = 20
# Deflate options (2), sizes after the data (1), name in UTF-8 (1). Encryption and patches are anything else.
DEFLATE_OPTIONS, SIZES_FOLLOW, UTF8_NAME = 0b110, 0x8, 0x800
KNOWN_FLAGS = DEFLATE_OPTIONS | SIZES_FOLLOW | UTF8_NAME
# How hard it was to deflate means nothing afterwards, and the alphabet of a name only when it is not ASCII.
MEANING_FLAGS = ~(DEFLATE_OPTIONS | UTF8_NAME)
ZIP64_EXTRA, UNICODE_PATH_EXTRA = 0x0001, 0x7075

DEFLATED_NOTHING = b"\x03\x00"

CHUNK = 64 * 1024
# So much of a part is seen at once when it is told by its beginning what it is.
HEAD = 1024

# A part in pieces (open packaging allows "[0].piece") would slip past checks of whole parts.
_PIECE = re.compile(r"\[\d+\](\.last)?\.piece$")


class Member(NamedTuple):
    """One file of the archive; the last four are offsets into the archive, ``end`` where the next member starts."""

    name: str
    flags: int
    method: int
    crc: int
    packed_size: int
    size: int
    record: bytes
    start: int
    data: int
    end: int

    @property
    def is_folder(self):
        return self.name.endswith("/")


class Archive:
    """The members of *content* (bytes), keyed by folded name, in the order of the file.

    Raises Refused for anything but a plain, complete archive. ``chunks`` inflates.
    """

    def __init__(self, content, budget):
        self.content = content
        self.budget = budget
        self.members = {}
        for member in _laid_out(content):
            self._add(member)
        if sum(member.size for member in self.members.values()) > MAX_TOTAL_BYTES:
            raise Refused("bomb")

    def _add(self, member):
        key = part_key(member.name)
        if key in self.members:
            raise Refused("duplicate_parts")
        if member.is_folder and (member.size or member.packed_size > len(DEFLATED_NOTHING)):
            raise Refused("packing")
        if member.size > MAX_PART_BYTES:
            raise Refused("bomb")
        self.members[key] = member

    def chunks(self, member):
        """The real bytes of *member* in pieces of at least HEAD bytes, except the last; Refused at the first byte too many.

        The checksum is compared after the last piece: run it to the end.
        """
        return _gathered(self._counted(member))

    def _counted(self, member):
        size = crc = 0
        for piece in self._pieces(member):
            size += len(piece)
            self.budget.unpack(len(piece))
            if size > member.size:
                raise Refused("lying_sizes")
            if size > RATIO_FREE_BYTES and size > MAX_RATIO * member.packed_size:
                raise Refused("bomb")
            crc = zlib.crc32(piece, crc)
            yield piece
        if size != member.size:
            raise Refused("lying_sizes")
        if crc != member.crc:
            raise Refused("damaged")

    def read(self, member, limit):
        """All bytes of *member*, which must not be more than *limit*."""
        if member.size > limit:
            raise Refused("too_complicated")
        return b"".join(self.chunks(member))

    def _pieces(self, member):
        packed = memoryview(self.content)[member.data : member.data + member.packed_size]
        if member.method == DEFLATED and packed:
            return _inflated(packed)
        return (packed[start : start + CHUNK] for start in range(0, len(packed), CHUNK))

    def with_parts(self, replaced):
        """The archive as bytes, parts named in *replaced* (key -> bytes) exchanged, all others byte for byte."""
        out, directory = bytearray(), bytearray()
        for key, member in self.members.items():
            start = len(out)
            if key in replaced:
                local, record = _fresh_member(member, replaced[key], start)
                out += local
            else:
                out += memoryview(self.content)[member.start : member.end]
                record = _moved(member.record, start)
            directory += record
        count = len(self.members)
        end = END.pack(END_SIGNATURE, 0, 0, count, count, len(directory), len(out), 0)
        out += directory
        out += end
        return bytes(out)


def part_key(name):
    """*name* as Office compares part names (no case, percent signs resolved); Refused when it is no relative path."""
    plain = unicodedata.normalize("NFC", unquote(name))
    segments = plain.removesuffix("/").split("/")
    if (
        any(c in plain for c in "\\:")
        or not plain.isprintable()
        or any(not segment.strip(". ") for segment in segments)
        or _PIECE.search(plain)
    ):
        raise Refused("part_path")
    return plain.casefold()


def _laid_out(content):
    """The members of *content*, sorted by place, proven to fill it."""
    if not content.startswith(LOCAL_SIGNATURE):
        raise Refused("packing")
    directory_start, directory_end, count = _end_record(content)
    claims = _directory(content, directory_start, directory_end, count)
    claims.sort(key=lambda claim: claim.start)
    ends = [claim.start for claim in claims[1:]] + [directory_start]
    place = 0
    for claim, end in zip(claims, ends, strict=True):
        if claim.start != place or end <= claim.start:
            raise Refused("packing")
        yield _located(content, claim, end)
        place = end


def _end_record(content):
    """Where the directory starts and ends, and how many members it lists."""
    earliest = max(0, len(content) - MAX_COMMENT - END.size)
    place = content.rfind(END_SIGNATURE, earliest)
    if place < 0 or place + END.size > len(content):
        raise Refused("damaged")
    _, disk, directory_disk, here, count, size, start, comment = END.unpack_from(content, place)
    if place + END.size + comment > len(content):
        raise Refused("damaged")
    if place + END.size + comment < len(content) or _other_end_record(content, earliest, place):
        raise Refused("packing")
    if content.startswith(ZIP64_LOCATOR_SIGNATURE, max(0, place - ZIP64_LOCATOR_BYTES)):
        raise Refused("packing")
    if disk or directory_disk or here != count or start + size != place:
        raise Refused("packing")
    if count > MAX_PARTS:
        raise Refused("too_many_parts")
    return start, place, count


def _other_end_record(content, earliest, found):
    """True when an earlier end record also reaches exactly to the end of the file: two readings of one archive."""
    place = content.find(END_SIGNATURE, earliest)
    while place < found:
        if place + END.size + int.from_bytes(content[place + 20 : place + 22], "little") == len(content):
            return True
        place = content.find(END_SIGNATURE, place + 1)
    return False


def _directory(content, place, end, count):
    """The claims of the directory as members whose ``data`` and ``end`` are not known yet."""
    claims = []
    while place < end:
        if len(claims) == count:
            raise Refused("packing")
        claim, place = _claim(content, place, end)
        claims.append(claim)
    if len(claims) != count or place != end or not claims:
        raise Refused("packing")
    return claims


def _claim(content, place, end):
    if place + CENTRAL.size > end or not content.startswith(CENTRAL_SIGNATURE, place):
        raise Refused("packing")
    fields = CENTRAL.unpack_from(content, place)
    flags, method = fields[3:5]
    crc, packed_size, size, name_size, extra_size, comment_size, disk = fields[7:14]
    start = fields[-1]
    name_end = place + CENTRAL.size + name_size
    extra_end = name_end + extra_size
    record_end = extra_end + comment_size
    if record_end > end or disk or flags & ~KNOWN_FLAGS or method not in {STORED, DEFLATED}:
        raise Refused("packing")
    _refuse_odd_extra(content[name_end:extra_end])
    name = _decoded(content[place + CENTRAL.size : name_end], flags)
    record = content[place:record_end]
    return Member(name, flags, method, crc, packed_size, size, record, start, 0, 0), record_end


def _located(content, claim, end):
    """*claim* with its place, once its local header says the same and its bytes reach exactly to *end*."""
    if claim.start + LOCAL.size > end:
        raise Refused("packing")
    signature, _, flags, method, _, _, crc, packed_size, size, name_size, extra_size = LOCAL.unpack_from(
        content, claim.start
    )
    name_end = claim.start + LOCAL.size + name_size
    data = name_end + extra_size
    data_end = data + claim.packed_size
    if (
        signature != LOCAL_SIGNATURE
        or (flags & MEANING_FLAGS, method) != (claim.flags & MEANING_FLAGS, claim.method)
        or data_end > end
        or not _same_name(
            content[claim.start + LOCAL.size : name_end], _raw_name(claim.record), flags ^ claim.flags
        )
        or content[data_end:end] not in _descriptors(claim)
        or (claim.method == STORED and claim.packed_size != claim.size)
    ):
        raise Refused("packing")
    not_yet = {0} if claim.flags & SIZES_FOLLOW else set()
    for told, claimed in ((crc, claim.crc), (packed_size, claim.packed_size), (size, claim.size)):
        if told not in {claimed, *not_yet}:
            raise Refused("lying_sizes")
    _refuse_odd_extra(content[name_end:data])
    return claim._replace(data=data, end=end)


def _descriptors(claim):
    """What may stand between the data of a member and the next one."""
    if not claim.flags & SIZES_FOLLOW:
        return {b""}
    sizes = struct.pack("<3L", claim.crc, claim.packed_size, claim.size)
    return {sizes, DESCRIPTOR_SIGNATURE + sizes}


def _same_name(told, claimed, differing_flags):
    return told == claimed and (claimed.isascii() or not differing_flags & UTF8_NAME)


def _raw_name(record):
    return record[CENTRAL.size : CENTRAL.size + int.from_bytes(record[28:30], "little")]


def _decoded(raw, flags):
    try:
        return raw.decode("utf-8" if flags & UTF8_NAME else "cp437")
    except UnicodeDecodeError:
        raise Refused("part_path") from None


def _refuse_odd_extra(extra):
    """Extra fields may pad and date a member, but not give it another size or name."""
    place = 0
    while place + 4 <= len(extra):
        field, size = struct.unpack_from("<2H", extra, place)
        if field in {ZIP64_EXTRA, UNICODE_PATH_EXTRA}:
            raise Refused("packing")
        place += 4 + size


def _gathered(pieces):
    """The same bytes in fewer pieces: a part can be packed so that it inflates to nothing for a long time."""
    gathered = b""
    for piece in pieces:
        gathered = gathered + piece if gathered else piece
        if len(gathered) >= HEAD:
            yield bytes(gathered)
            gathered = b""
    if gathered:
        yield bytes(gathered)


def _inflated(packed):
    """The deflated bytes *packed* (memoryview), inflated in pieces of at most CHUNK."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(packed), CHUNK):
            if inflater.eof:
                raise Refused("packing")
            piece = inflater.decompress(packed[start : start + CHUNK], CHUNK)
            yield piece
            # A full piece may leave more in the inflater even when all input is consumed.
            while len(piece) == CHUNK and not inflater.eof:
                piece = inflater.decompress(inflater.unconsumed_tail, CHUNK)
                yield piece
    except zlib.error:
        raise Refused("damaged") from None
    if not inflater.eof:
        raise Refused("damaged")
    if inflater.unused_data:
        raise Refused("packing")


def _fresh_member(member, data, start):
    """Local header with data, and directory record, of *member* holding *data* from now on."""
    name = _raw_name(member.record)
    _, made_by, _, _, _, time, date, *_ = CENTRAL.unpack_from(member.record)
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = deflater.compress(data) + deflater.flush()
    flags = member.flags & UTF8_NAME
    sizes = zlib.crc32(data), len(packed), len(data), len(name)
    common = (DEFLATE_VERSION, flags, DEFLATED, time, date, *sizes)
    local = LOCAL.pack(LOCAL_SIGNATURE, *common, 0) + name + packed
    record = CENTRAL.pack(CENTRAL_SIGNATURE, made_by, *common, 0, 0, 0, 0, 0, start) + name
    return local, record


def _moved(record, start):
    """A directory record whose member now begins at *start*; the offset is its last fixed field."""
    return record[: CENTRAL.size - 4] + struct.pack("<L", start) + record[CENTRAL.size :]

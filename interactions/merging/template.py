"""A Word file read once and merged as often as there are contacts."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from interactions.gate.archive import DEFLATED
from interactions.gate.markup import WORD
from interactions.models.choices import MergeEngine

from .filling import Slots, fill_part
from .package import DOCUMENT, FOOTER, HEADER, Package
from .packing import Frame, Recipe, deflated
from .slots import Letter, TextSlot

SETTINGS = "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"
PARTS = {DOCUMENT: "document", HEADER: "header", FOOTER: "footer"}


@dataclass(frozen=True)
class Filling:
    """What one letter is filled with.

    values: text, number, date, time or None by the name that the document uses; a name that is missing stays empty.
    language: the tag of the letter's language, for months and numbers.  name: of its file, without ending.
    warnings: sentences about what could not be filled.
    """

    values: Mapping
    language: str = ""
    name: str = ""
    warnings: tuple = field(default=())


class Merged:
    """One letter. ``content``: the .docx as bytes; ``parts``: those that may differ from letter to letter, unpacked."""

    def __init__(self, content, digests, parts):
        self.content = content
        self.parts = parts
        self._digests = digests

    @property
    def sha256(self):
        """Over the names of all parts and their bytes as they are when unpacked: the same letter, the same text."""
        return content_hash(
            {**self._digests, **{name: hashlib.sha256(part).digest() for name, part in self.parts}}
        )


def content_hash(digests):
    """The hash of a letter whose parts have these digests (part name → SHA-256 as bytes)."""
    whole = hashlib.sha256()
    for name in sorted(digests):
        whole.update(name.encode() + b"\0" + digests[name])
    return whole.hexdigest()


class CompiledTemplate:
    """A Word file whose merge fields this engine understands, all of them. Raises Unmergeable, filling.Unsure."""

    engine = MergeEngine.COMPILED

    def __init__(self, content):
        package = Package(content)
        self.source = content
        self.decimal_sign = decimal_sign(package)
        slots = Slots()
        self.uses = ()
        self._recipes = {}
        for key in package.stories():
            root = package.tree(key)
            found = fill_part(root, PARTS.get(package.type_of(key), "note"), slots)
            self.uses += tuple(found)
            pieces = slots.pieces(root)
            if any(isinstance(piece, int) for piece in pieces):
                self._recipes[package.name(key)] = Recipe(pieces)
        self._slots = slots.all
        self._frame, self._digests = _frame(package, self._recipes)

    def merge(self, filling, *, marks=None):
        """The letter (Merged) for one contact (Filling).

        marks: two characters to put around every value, for a preview; results of IF fields get none.
        """
        letter = Letter(filling.values, filling.language, self.decimal_sign)
        rendered = [slot.render(letter) for slot in self._slots]
        if marks:
            begin, end = (mark.encode() for mark in marks)
            rendered = [
                begin + text + end if isinstance(slot, TextSlot) else text
                for slot, text in zip(self._slots, rendered, strict=True)
            ]
        parts, packed = [], []
        for name, recipe in self._recipes.items():
            plain = recipe.plain(rendered)
            parts.append((name, plain))
            packed.append((name, plain, recipe.packed(rendered)))
        return Merged(self._frame.archive(packed), self._digests, parts)


def _frame(package, recipes):
    """The parts that are the same in every letter, as they lie in the file, and their digests."""
    fixed, digests = [], {}
    for key in package.members:
        name = package.name(key)
        if name in recipes:
            continue
        whole, crc, size = hashlib.sha256(), 0, 0
        for chunk in package.chunks(key):
            whole.update(chunk)
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        method, packed = package.packed(key) or (DEFLATED, deflated(package.read(key), 9) + b"\x03\x00")
        fixed.append((name, method, packed, crc, size))
        digests[name] = whole.digest()
    return Frame(fixed), digests


def decimal_sign(package):
    """The sign that the author's computer wrote before decimals."""
    for key in package.members:
        if package.type_of(key) == SETTINGS:
            root = package.tree(key)
            for word in WORD:
                found = root.find(f"{{{word}}}decimalSymbol")
                if found is not None and found.get(f"{{{word}}}val") == ",":
                    return ","
    return "."

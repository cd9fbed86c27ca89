"""Many letters in one Word file for the printer, each with its own section, headers, footers and notes."""

import posixpath
import zipfile
from copy import deepcopy
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from lxml import etree

from interactions.gate.markup import split_tag
from interactions.gate.relations import TYPES_PART, relations_part_of

from .filling import Filler, Slots, refuse_next_record
from .package import Package
from .scanning import scan
from .sections import (
    HEADERS,
    NOTES,
    Lists,
    Sections,
    count_own_pages,
    links_of,
    note_slot,
    number_bookmarks,
    number_drawings,
    number_lists,
    number_notes,
    without_review,
)
from .slots import Letter, NumberSlot
from .template import PARTS, decimal_sign

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that an archive can name
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


class Edge:
    """A slot that only marks a place in a part."""

    def render(self, letter):
        return b""


class Print:
    """A Word file prepared for a print file. differing: keys of the headers and footers that each letter has its own of.

    With *fields* the merge fields become slots; else the file is a merged letter already. Raises filling.Unsure.
    """

    def __init__(self, package, *, fields=True, differing=()):
        self.package = package
        self.decimal_sign = decimal_sign(package)
        self.slots = Slots()
        self.folder = posixpath.dirname(package.name(package.main))
        self.edge = self.slots.number(Edge())
        self.differing = [key for key in differing if package.type_of(key) in HEADERS]
        trees, found = {}, {}
        for key in package.stories():
            root = trees[key] = package.tree(key)
            found[key] = scan(root, PARTS.get(package.type_of(key), "note"))
        if fields:
            for key, root in trees.items():
                refuse_next_record(found[key])
                Filler(root, self.slots).fill(found[key])
                if package.type_of(key) in HEADERS and _has_slots(root, self.slots):
                    self.differing.append(key)
        self.word = split_tag(trees[package.main].tag)[0]
        self._number(trees)
        self._prepare_sections(trees, found)
        self.parts = {
            key: self.slots.pieces(root) for key, root in trees.items() if package.type_of(key) in HEADERS
        }
        self._cut(trees[package.main])

    # Preparation

    def _number(self, trees):
        main, package = trees[self.package.main], self.package
        self.notes = {}
        for key, root in trees.items():
            without_review(root, self.word)
            kind = NOTES.get(package.type_of(key))
            if kind:
                self.notes[key] = _Notes(root, kind, self.word, self.slots)
        counts = {notes.kind: notes.places for notes in self.notes.values()}
        number_notes(main, self.word, self.slots, counts)
        used = {each.get(f"{{{self.word}}}val") for each in main.iter(f"{{{self.word}}}numId")}
        self.lists = Lists(package, used)
        number_lists(main, self.word, self.slots, self.lists)
        number_drawings(main, self.slots)
        number_bookmarks(main, self.word, self.slots)

    def _prepare_sections(self, trees, found):
        package, main = self.package, trees[self.package.main]
        count = len(self.differing)
        self.own = {key: place for place, key in enumerate(self.differing)}
        self.prefix = _fresh("rIdLetter", {relation.id for relation in package.relations})
        differing = {
            relation.id: NumberSlot(self.prefix.encode() + b"%d", self.own[relation.part], count)
            for relation in package.relations_of(package.main)
            if relation.part in self.own
        }
        self.blanks = {kind: f"{self.prefix}{kind.capitalize()}" for kind in ("header", "footer")}
        sections = Sections(main, self.word, self.slots, differing=differing, blanks=self.blanks)
        sections.prepare()
        if len(sections.sections) == 1:
            for fields in found.values():
                count_own_pages(fields)

    def _cut(self, root):
        """The document before the letters, a letter, the last letter, and what is behind: all as pieces."""
        middle = deepcopy(root)
        sections = Sections(middle, self.word, self.slots, differing={}, blanks={})
        sections.as_middle()
        self.head, self.middle, _tail = self._at_edges(middle)
        _head, self.last, self.tail = self._at_edges(root)

    def _at_edges(self, root):
        body = root.find(f"{{{self.word}}}body")
        edge = self.slots.all[self.edge]
        body.insert(0, self.slots.mark(edge))
        body.append(self.slots.mark(edge))
        pieces = self.slots.pieces(root)
        begin = pieces.index(self.edge)
        end = pieces.index(self.edge, begin + 1)
        return pieces[:begin], pieces[begin + 1 : end], pieces[end + 1 :]

    # Letters

    def letter(self, number, filling=None, *, is_last):
        """What letter *number* (from 1) puts into the file (Sheet)."""
        values, language = (filling.values, filling.language) if filling else ({}, "")
        letter = Letter(values, language, self.decimal_sign, number)
        return Sheet(self, number, [slot.render(letter) for slot in self.slots.all], is_last)

    def place_of(self, key, number):
        """Which of all headers and footers in the file it is that letter *number* has instead of *key*."""
        return self.own[key] + len(self.own) * number


class Sheet:
    """One letter of a print file: its text, its notes, its headers and footers, ready to be written."""

    def __init__(self, made, number, rendered, is_last):
        self.made, self.number, self.rendered, self.is_last = made, number, rendered, is_last

    @property
    def document(self):
        return written(self.made.last if self.is_last else self.made.middle, self.rendered)

    @property
    def notes(self):
        """{key of the part: the notes of this letter}"""
        return {key: written(notes.body, self.rendered) for key, notes in self.made.notes.items()}

    @property
    def headers(self):
        """{key of the part that it stands for: header or footer of this letter}"""
        return {key: written(self.made.parts[key], self.rendered) for key in self.made.own}

    def kept(self):
        """The same without the file that it was read from, which takes more memory."""
        return Kept(self.number, self.document, self.notes, self.headers)


class Kept(NamedTuple):
    number: int
    document: bytes
    notes: dict
    headers: dict


class _Notes:
    """Footnotes or endnotes: the separators, which a file has once, and the notes of one letter."""

    def __init__(self, root, kind, word, slots):
        self.kind = kind
        notes = [
            note for note in root.iter(f"{{{word}}}{kind}") if note.get(f"{{{word}}}type") in {None, "normal"}
        ]
        self.places = {note.get(f"{{{word}}}id"): place for place, note in enumerate(notes)}
        for note in notes:
            place = self.places[note.get(f"{{{word}}}id")]
            note.set(f"{{{word}}}id", slots.text_mark(note_slot(place, len(self.places))))
        edge = slots.all[0]
        if notes:
            notes[0].addprevious(slots.mark(edge))
            notes[-1].addnext(slots.mark(edge))
        pieces = slots.pieces(root)
        if notes:
            begin = pieces.index(0)
            end = pieces.index(0, begin + 1)
            self.head, self.body, self.tail = pieces[:begin], pieces[begin + 1 : end], pieces[end + 1 :]
        else:
            self.head, self.body, self.tail = pieces, [], []


def _has_slots(root, slots):
    return any(isinstance(piece, int) for piece in slots.pieces(root))


def _fresh(name, taken):
    while any(each.startswith(name) for each in taken):
        name += "X"
    return name


def written(pieces, rendered):
    return b"".join(rendered[piece] if isinstance(piece, int) else piece for piece in pieces)


# --- writing


class Compiled:
    """Letters for the printer, made when they are asked for, as often as they are: Sheets for *fillings* (a list)."""

    def __init__(self, template, fillings):
        self.made = Print(Package(template.source))
        self.fillings = fillings

    @property
    def first(self):
        return self.made

    def __len__(self):
        return len(self.fillings)

    def __iter__(self):
        for number, filling in enumerate(self.fillings, 1):
            yield self.made.letter(number, filling, is_last=number == len(self.fillings))


class MadeOnce:
    """The same for the slow path: each letter is merged once and kept."""

    def __init__(self, template, fillings):
        self.first, self._sheets = None, []
        for number, filling in enumerate(fillings, 1):
            package = Package(template.merge(filling).content)
            made = Print(package, fields=False, differing=template.differing)
            self.first = self.first or made
            self._sheets.append(made.letter(number, is_last=number == len(fillings)).kept())

    def __len__(self):
        return len(self._sheets)

    def __iter__(self):
        return iter(self._sheets)


def write(letters, file):
    """Write *letters* (Compiled or MadeOnce) as one .docx into *file* (binary, open for writing)."""
    first = letters.first
    package, rendered = first.package, [b""] * len(first.slots.all)
    links = relations_part_of(package.main)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, package.name(TYPES_PART), [_types(letters)])
        for key in package.members:
            if key == package.main:
                parts = _document(letters)
            elif key in first.notes:
                parts = _notes(key, letters)
            elif key == first.lists.key and first.lists.places:
                parts = _numbering(letters)
            elif key in first.parts:
                parts = [written(first.parts[key], rendered)]
            elif key in {TYPES_PART, links}:
                continue
            else:
                parts = package.chunks(key)
            _put(archive, package.name(key), parts)
        _put(archive, _relations_name(package.name(package.main)), [_relations(letters)])
        _write_headers(archive, letters)


def _put(archive, name, parts):
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w") as member:
        for part in parts:
            member.write(part)


def _relations_name(name):
    folder, file = posixpath.split(name)
    return posixpath.join(folder, "_rels", f"{file}.rels")


def _document(letters):
    first = letters.first
    nothing = [b""] * len(first.slots.all)
    yield written(first.head, nothing)
    for sheet in letters:
        yield sheet.document
    yield written(first.tail, nothing)


def _notes(key, letters):
    notes = letters.first.notes[key]
    nothing = [b""] * len(letters.first.slots.all)
    yield written(notes.head, nothing)
    for sheet in letters:
        yield sheet.notes[key]
    yield written(notes.tail, nothing)


def _numbering(letters):
    first = letters.first
    lists, slots = first.lists, first.slots
    lists.last.addnext(slots.mark(slots.all[first.edge]))
    whole = slots.pieces(lists.root)
    edge = whole.index(first.edge)
    yield b"".join(whole[:edge])
    pieces = slots.cut(lists.renewed(slots))
    for number in range(1, len(letters) + 1):
        letter = Letter({}, number=number)
        yield written(pieces, [slot.render(letter) for slot in slots.all])
    yield b"".join(whole[edge + 1 :])


def _write_headers(archive, letters):
    package = letters.first.package
    for sheet in letters:
        for key, part in sheet.headers.items():
            name = _header_name(letters.first, key, sheet.number)
            _put(archive, name, [part])
            if relations_part_of(key) in package.members:
                _put(archive, _relations_name(name), [package.read(relations_part_of(key))])
    for kind, root in (("header", "hdr"), ("footer", "ftr")):
        _put(archive, _blank_name(letters.first, kind), [_blank(letters.first, root)])


def _header_name(first, key, number):
    folder = posixpath.dirname(first.package.name(key))
    return posixpath.join(folder, f"{first.prefix}{first.place_of(key, number)}.xml")


def _own_headers(letters):
    """(key, number of the letter, name) of all headers and footers that belong to one letter."""
    first = letters.first
    for number in range(1, len(letters) + 1):
        for key in first.own:
            yield key, number, _header_name(first, key, number)


def _types(letters):
    first = letters.first
    root = first.package.tree(TYPES_PART)

    def add(name, content_type):
        override = etree.SubElement(root, f"{{{_TYPES}}}Override")
        override.set("PartName", f"/{name}")
        override.set("ContentType", content_type)

    for key, _number, name in _own_headers(letters):
        add(name, first.package.type_of(key))
    for content_type, kind in HEADERS.items():
        add(_blank_name(first, kind), content_type)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)


def _relations(letters):
    first = letters.first
    package, key = first.package, relations_part_of(first.package.main)
    root = package.tree(key) if key in package.members else etree.Element(f"{{{_RELATIONS}}}Relationships")
    base = links_of(first.word)

    def add(identity, kind, name):
        relation = etree.SubElement(root, f"{{{_RELATIONS}}}Relationship")
        relation.set("Id", identity)
        relation.set("Type", f"{base}/{kind}")
        relation.set("Target", posixpath.relpath(name, first.folder or "."))

    for key, number, name in _own_headers(letters):
        add(f"{first.prefix}{first.place_of(key, number)}", HEADERS[package.type_of(key)], name)
    for kind, identity in first.blanks.items():
        add(identity, kind, _blank_name(first, kind))
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)


def _blank_name(first, kind):
    return posixpath.join(first.folder, f"{first.blanks[kind]}.xml")


def _blank(first, root):
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<w:{root} xmlns:w={quoteattr(first.word)}><w:p/></w:{root}>"
    ).encode()

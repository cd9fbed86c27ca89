"""Puts slots where the merge fields of a part are.

A part is read as a tree once; each merge field becomes a mark in the tree, and what stands between the marks is written
once. `Unsure` says that a field has a shape this module does not understand.
"""

import re
import secrets
from copy import deepcopy
from typing import NamedTuple

from lxml import etree

from interactions.gate.markup import split_tag

from .errors import Unmergeable
from .instructions import arguments, condition
from .scanning import Place, scan
from .slots import Condition, RunsSlot, TextSlot, Value, Words, Writing

MERGE = "MERGEFIELD"
# Fields of Word's own that stand for a whole block of values. They take their values by these names.
BLOCKS = frozenset({"ADDRESSBLOCK", "GREETINGLINE"})
NEXT_RECORD = frozenset({"NEXT", "NEXTIF", "SKIPIF", "MERGEREC", "MERGESEQ"})

_KEPT = frozenset(
    {
        "bookmarkStart",
        "bookmarkEnd",
        "commentRangeStart",
        "commentRangeEnd",
        "permStart",
        "permEnd",
        "moveFromRangeStart",
        "moveFromRangeEnd",
        "moveToRangeStart",
        "moveToRangeEnd",
    }
)


class Unsure(Exception):
    """A field that this engine does not fully understand."""


class Use(NamedTuple):
    """A merge field in use: its name as it is written, and the Place where it stands."""

    name: str
    place: Place


def is_merged(field):
    return field.command == MERGE or field.command in BLOCKS


def value_name(field):
    return field.command if field.command in BLOCKS else field.name


def uses(fields):
    """What values *fields* take (Use), in their order."""
    return [Use(value_name(field), field.place) for field in fields if is_merged(field) and value_name(field)]


def refuse_next_record(fields):
    for field in fields:
        if field.command in NEXT_RECORD:
            raise Unmergeable("next_record", field=field.command, place=field.place)


class Filler:
    """Changes the tree of one part and collects its slots; *slots* may be shared by parts."""

    def __init__(self, root, slots):
        self.root = root
        self.word, _local = split_tag(root.tag)
        self.writing = Writing(next((p for p, uri in root.nsmap.items() if uri == self.word), None) or "")
        if self.writing.prefix == "" and root.nsmap.get(None) != self.word:
            raise Unmergeable("damaged")
        self.declared = [
            f' xmlns{f":{prefix}" if prefix else ""}="{uri}"'.encode() for prefix, uri in root.nsmap.items()
        ]
        self.slots = slots

    def fill(self, fields):
        """Raises Unsure. *fields* are those of `scan`."""
        replaced = set()
        for field in fields:
            if field.around in replaced:
                replaced.add(field)  # it goes with what is around it
            elif field.outer is None and (is_merged(field) or (field.command == "IF" and _merges(field))):
                self._replace(field)
                replaced.add(field)
            elif any(map(_merges, field.inner)):
                raise Unsure(field.command)

    def _replace(self, field):
        if field.command == "IF":
            slot = RunsSlot(self._condition(field), self.writing)
            fresh = self.slots.mark(slot)
        else:
            fresh = etree.Element(self._tag("r"))
            looks = self._looks(field)
            if looks is not None:
                fresh.append(deepcopy(looks))
            text = etree.SubElement(fresh, self._tag("t"))
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            text.append(self.slots.mark(TextSlot(self._value(field, None), self.writing)))
        put_instead(field, fresh, self.word)

    def _tag(self, local):
        return f"{{{self.word}}}{local}"

    # Fields as expressions

    def _value(self, field, looks):
        if any(atom.field is not None for atom in field.atoms):
            raise Unsure(field.command)
        switches = () if field.command in BLOCKS else field.switches
        switches = tuple(s for s in switches if s.option.lower() not in {"mergeformat", "charformat"})
        return Value(value_name(field), switches, looks or b"")

    def _condition(self, field):
        sides = condition(field.tokens)
        if sides is None:
            raise Unsure(field.command)
        left, operator, right, if_true, if_false = sides
        return Condition(
            self._parts(left), operator, self._parts(right), self._parts(if_true), self._parts(if_false)
        )

    def _parts(self, token):
        """What a token consists of: texts that look alike, and fields."""
        parts, text, looks = [], [], b""

        def flush():
            if text:
                parts.append(Words("".join(text), looks))
                text.clear()

        for atom in token.atoms:
            if atom.field is not None:
                flush()
                parts.append(self._expression(atom.field))
                continue
            these = looks if atom.run is None else self._written(self._looks_of_run(atom.run))
            if these != looks:
                flush()
                looks = these
            text.append(atom.text)
        flush()
        return tuple(parts)

    def _expression(self, field):
        if field.command == "IF":
            return self._condition(field)
        if is_merged(field):
            return self._value(field, self._written(self._looks(field)))
        raise Unsure(field.command)

    # How the text looks

    def _looks(self, field):
        """The run properties of what the field shows: those of its result, or of the first letter of its instruction."""
        options = {switch.option.lower() for switch in arguments(field.tokens)[1]}
        first = next((atom.run for atom in field.atoms if atom.text.strip()), None)
        if field.is_simple or ("mergeformat" in options and field.result_runs):
            first = field.result_runs[0] if field.result_runs else None
        return self._looks_of_run(first)

    def _looks_of_run(self, run):
        return None if run is None else run.find(self._tag("rPr"))

    def _written(self, looks):
        """Run properties as bytes, without the namespaces that the part declares at its beginning."""
        if looks is None:
            return b""
        written = etree.tostring(looks, with_tail=False)
        for declaration in self.declared:
            written = written.replace(declaration, b"")
        return written


def _merges(field):
    """Whether it takes a value, or a field inside its instruction does."""
    return is_merged(field) or any(map(_merges, field.inner))


def put_instead(field, fresh, word):
    """Put the node *fresh* where *field* was. What is no text, such as a bookmark, stays. Raises Unsure."""
    begin, end = field.begin, field.end
    parent, end_parent = begin.getparent(), end.getparent()
    if parent is not end_parent:
        _join(parent, end_parent, end, word)
    begin.addprevious(fresh)
    element = begin
    while element is not None:
        following = element.getnext()
        if not _is_kept(element):
            for kept in [inner for inner in element.iter() if _is_kept(inner)]:
                element.addprevious(kept)
            parent.remove(element)
        if element is end:
            return
        element = following
    raise Unsure(field.command)


def _is_kept(node):
    return isinstance(node.tag, str) and split_tag(node.tag)[1] in _KEPT


def _join(first, last, end, word):
    """Make one paragraph of those from *first* to *last*: a field that begins in one and ends in the other."""
    paragraph, properties = f"{{{word}}}p", f"{{{word}}}pPr"
    if first.tag != paragraph or last.tag != paragraph or first.getparent() is not last.getparent():
        raise Unsure
    between = []
    following = first
    while following is not last:
        if following is None or following.tag != paragraph:
            raise Unsure
        if following.find(f"{properties}/{{{word}}}sectPr") is not None:
            raise Unsure
        following = following.getnext()
        between.append(following)
    if last.find(f"{properties}/{{{word}}}sectPr") is not None:
        raise Unsure
    for each in between:
        for child in [child for child in each if child.tag != properties]:
            first.append(child)
        each.getparent().remove(each)


class Slots:
    """The slots of a document, each kind once, and the marks that stand for them in a tree.

    Marks are processing instructions with a name that no document can know.
    """

    def __init__(self):
        self.all = []
        self._numbers = {}
        self._name = f"slot-{secrets.token_hex(8)}"
        self._marks = re.compile(rb"<\?%s (\d+)\?>" % self._name.encode())
        self._text_marks = re.compile(rb"%s (\d+)\." % self._name.encode())

    def number(self, slot):
        if slot not in self._numbers:
            self._numbers[slot] = len(self.all)
            self.all.append(slot)
        return self._numbers[slot]

    def mark(self, slot):
        return etree.ProcessingInstruction(self._name, str(self.number(slot)))

    def text_mark(self, slot):
        """The same for the value of an attribute."""
        return f"{self._name} {self.number(slot)}."

    def pieces(self, root):
        """The part *root* as literals (bytes) and numbers of slots (int)."""
        return self.cut(
            etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
        )

    def cut(self, written):
        """XML with marks in it as literals and numbers of slots."""
        written = self._text_marks.sub(rb"<?%s \1?>" % self._name.encode(), written)
        return [
            int(piece) if number % 2 else piece
            for number, piece in enumerate(self._marks.split(written))
            if piece or number % 2
        ]


def fill_part(root, part, slots):
    """Find and replace the fields of one part; return what values it takes (Use). Raises Unmergeable, Unsure."""
    fields = scan(root, part)
    refuse_next_record(fields)
    found = uses(fields)
    Filler(root, slots).fill(fields)
    return found

"""Prepares a document to stand in one file with others: each letter with sections, headers and numbers of its own.

What is only unique within a letter (notes, bookmarks, drawings, lists) gets a number that also says which letter. Page
numbers begin anew with each letter, and "page 1 of 3" counts its own pages where the letter is one section.
"""

import re
from copy import deepcopy
from xml.sax.saxutils import quoteattr

from lxml import etree

from interactions.gate.markup import LINKS, split_tag

from .package import ENDNOTES, FOOTER, FOOTNOTES, HEADER
from .slots import NumberSlot

# Of the children of a section, up to the columns; Word insists on it.
_ORDER = (
    "headerReference",
    "footerReference",
    "footnotePr",
    "endnotePr",
    "type",
    "pgSz",
    "pgMar",
    "paperSrc",
    "pgBorders",
    "lnNumType",
    "pgNumType",
)
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_COMMENTS = ("commentRangeStart", "commentRangeEnd", "commentReference")
_NUMBERED_PARAGRAPHS = ("paraId", "textId")
_NUMBERING = "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"


class Sections:
    """Edits the tree of the document *root* in place. *word* is the namespace of Word's elements in it.

    differing: {relation id: slot for the id that a letter's own header or footer gets}.
    blanks: {"header" | "footer": id of a relation to an empty one}.
    """

    def __init__(self, root, word, slots, *, differing, blanks):
        self.root, self.word, self.slots = root, word, slots
        self.body = root.find(self.tag("body"))
        self.differing = differing
        self.blanks = blanks
        self.final = self._final()
        self.sections = [*self.body.iter(self.tag("sectPr"))]
        self.sections = [s for s in self.sections if split_tag(s.getparent().tag)[1] in {"pPr", "body"}]

    def tag(self, local):
        return f"{{{self.word}}}{local}"

    def _final(self):
        last = self.body[-1] if len(self.body) else None
        if last is None or last.tag != self.tag("sectPr"):
            last = etree.SubElement(self.body, self.tag("sectPr"))
        return last

    def prepare(self):
        first = self.sections[0]
        self._begin_on_new_page(first)
        self._number_pages_anew(first)
        self._keep_from_inheriting(first)
        for section in self.sections:
            for reference in self._references(section):
                relation = _relation_id(reference)
                if reference.get(relation) in self.differing:
                    reference.set(relation, self.slots.text_mark(self.differing[reference.get(relation)]))

    def _references(self, section):
        return [
            child
            for child in section
            if child.tag in {self.tag("headerReference"), self.tag("footerReference")}
        ]

    def _begin_on_new_page(self, section):
        kind = section.find(self.tag("type"))
        if kind is not None and kind.get(self.tag("val")) in {"continuous", "nextColumn"}:
            kind.set(self.tag("val"), "nextPage")

    def _number_pages_anew(self, section):
        numbers = section.find(self.tag("pgNumType"))
        if numbers is None:
            numbers = self._put(section, "pgNumType")
        if numbers.get(self.tag("start")) is None:
            numbers.set(self.tag("start"), "1")

    def _keep_from_inheriting(self, first):
        """A section without a header has that of the section before, which is another letter's."""
        wanted = {self._what(r) for section in self.sections for r in self._references(section)}
        for local, kind in sorted(wanted - {self._what(r) for r in self._references(first)}):
            reference = self._put(first, local)
            reference.set(self.tag("type"), kind)
            reference.set(f"{{{links_of(self.word)}}}id", self.blanks[local.removesuffix("Reference")])

    def _what(self, reference):
        return split_tag(reference.tag)[1], reference.get(self.tag("type"))

    def _put(self, section, local):
        """A new child where Word expects it."""
        element = etree.Element(self.tag(local))
        before = _ORDER[: _ORDER.index(local) + 1]
        place = 0
        for index, child in enumerate(section):
            if isinstance(child.tag, str) and split_tag(child.tag)[1] in before:
                place = index + 1
        section.insert(place, element)
        return element

    def as_middle(self):
        """Let the last section end in a paragraph, because another letter follows."""
        self.body.remove(self.final)
        last = next((child for child in reversed(self.body) if isinstance(child.tag, str)), None)
        properties = None if last is None else last.find(self.tag("pPr"))
        is_free = properties is None or properties.find(self.tag("sectPr")) is None
        if last is None or last.tag != self.tag("p") or not is_free:
            last, properties = etree.SubElement(self.body, self.tag("p")), None
        if properties is None:
            properties = etree.Element(self.tag("pPr"))
            last.insert(0, properties)
        # Only a tracked change of the properties stands behind the section.
        change = properties.find(self.tag("pPrChange"))
        if change is None:
            properties.append(self.final)
        else:
            change.addprevious(self.final)


def _relation_id(element):
    return next(f"{{{link}}}id" for link in LINKS if f"{{{link}}}id" in element.attrib)


def links_of(word):
    return next(link for link in LINKS if ("purl.oclc.org" in link) == ("purl.oclc.org" in word))


# --- what must be unique in a file


def number_drawings(root, slots):
    drawings = list(root.iter(f"{{{_DRAWING}}}docPr"))
    for place, drawing in enumerate(drawings):
        slot = NumberSlot(b"%d", 1 + place, len(drawings))
        drawing.set("id", slots.text_mark(slot))


def number_bookmarks(root, word, slots):
    """Their ids, their names, and the links and fields that lead to them."""
    tag = f"{{{word}}}"
    ids = {}
    for element in root.iter(f"{tag}bookmarkStart", f"{tag}bookmarkEnd"):
        ids.setdefault(element.get(f"{tag}id"), len(ids))
    for element in root.iter(f"{tag}bookmarkStart", f"{tag}bookmarkEnd"):
        slot = NumberSlot(b"%d", ids[element.get(f"{tag}id")], len(ids))
        element.set(f"{tag}id", slots.text_mark(slot))
    names = {}
    for element in root.iter(f"{tag}bookmarkStart"):
        if name := element.get(f"{tag}name"):
            pattern = quoteattr(name[:30])[1:-1].encode().replace(b"%", b"%%") + b"_%d"
            names[name] = slots.text_mark(NumberSlot(pattern, 0, 1))
            element.set(f"{tag}name", names[name])
    if not names:
        return
    for link in root.iter(f"{tag}hyperlink"):
        if link.get(f"{tag}anchor") in names:
            link.set(f"{tag}anchor", names[link.get(f"{tag}anchor")])
    pattern = re.compile(
        rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?!\w)"
    )
    for text in root.iter(f"{tag}instrText"):
        if text.text:
            text.text = pattern.sub(lambda found: names[found[0]], text.text)


def number_notes(root, word, slots, counts):
    """The references to notes in the text. counts: {"footnote" | "endnote": {id: place}} of the notes there are."""
    for kind, places in counts.items():
        for reference in root.iter(f"{{{word}}}{kind}Reference"):
            place = places.get(reference.get(f"{{{word}}}id"))
            if place is not None:
                reference.set(f"{{{word}}}id", slots.text_mark(note_slot(place, len(places))))


def note_slot(place, count):
    return NumberSlot(b"%d", 10 + place, count)


def number_lists(root, word, slots, lists):
    """Each letter counts its lists from their beginning. lists: {number of a list: place}."""
    for number in root.iter(f"{{{word}}}numId"):
        place = lists.places.get(number.get(f"{{{word}}}val"))
        if place is not None:
            number.set(f"{{{word}}}val", slots.text_mark(lists.slot(place)))


class Lists:
    """The numbered lists of a document, and how the same list begins again in the next letter."""

    def __init__(self, package, used):
        self.places, self.largest = {}, 0
        self.key = next((key for key in package.members if package.type_of(key) == _NUMBERING), None)
        if self.key is None:
            return
        self.root = package.tree(self.key)
        self.word = split_tag(self.root.tag)[0]
        abstract = {
            each.get(self._tag("abstractNumId")): each for each in self.root.iter(self._tag("abstractNum"))
        }
        self.numbers = {each.get(self._tag("numId")): each for each in self.root.iter(self._tag("num"))}
        self.largest = max((int(number) for number in self.numbers if number.isdigit()), default=0)
        self.levels = {}
        for number, each in self.numbers.items():
            link = each.find(self._tag("abstractNumId"))
            kind = abstract.get(link.get(self._tag("val"))) if link is not None else None
            if number in used and kind is not None and self._counts(kind):
                self.places[number] = len(self.places)
                self.levels[number] = kind

    def _tag(self, local):
        return f"{{{self.word}}}{local}"

    def _counts(self, kind):
        """Whether any level of it has numbers, not only bullets."""
        formats = [each.get(self._tag("val")) for each in kind.iter(self._tag("numFmt"))]
        return any(each not in {"bullet", "none"} for each in formats)

    def slot(self, place):
        return NumberSlot(b"%d", self.largest + 1 - len(self.places) + place, len(self.places))

    @property
    def last(self):
        """The element that more lists are put behind."""
        return list(self.numbers.values())[-1]

    def renewed(self, slots):
        """The lists of one letter as XML with marks."""
        return b"".join(etree.tostring(self._renewed(number, slots)) for number in self.places)

    def _renewed(self, number, slots):
        fresh = deepcopy(self.numbers[number])
        fresh.tail = None
        fresh.set(self._tag("numId"), slots.text_mark(self.slot(self.places[number])))
        for name in [name for name in fresh.attrib if split_tag(name)[1] == "durableId"]:
            del fresh.attrib[name]
        given = {each.get(self._tag("ilvl")) for each in fresh.iter(self._tag("lvlOverride"))}
        for level in self.levels[number].iter(self._tag("lvl")):
            at, start = level.get(self._tag("ilvl")), level.find(self._tag("start"))
            if at not in given:
                override = etree.SubElement(fresh, self._tag("lvlOverride"))
                override.set(self._tag("ilvl"), at)
                begin = etree.SubElement(override, self._tag("startOverride"))
                begin.set(self._tag("val"), "1" if start is None else start.get(self._tag("val")))
        return fresh


def without_review(root, word):
    """Take out what belongs to reviewing and may stand in a file only once: comments, the ids of paragraphs."""
    for local in _COMMENTS:
        for element in list(root.iter(f"{{{word}}}{local}")):
            element.getparent().remove(element)
    for element in root.iter():
        if isinstance(element.tag, str):
            for name in [name for name in element.attrib if split_tag(name)[1] in _NUMBERED_PARAGRAPHS]:
                del element.attrib[name]


def count_own_pages(fields):
    """Let "of 3 pages" count the pages of the section, which is the letter."""
    for field in fields:
        if field.command != "NUMPAGES":
            continue
        for element in {id(atom.run): atom.run for atom in field.atoms if atom.run is not None}.values():
            for text in [element, *element]:
                name = next((name for name in text.attrib if split_tag(name)[1] == "instr"), None)
                if name:
                    text.set(name, text.get(name).replace("NUMPAGES", "SECTIONPAGES"))
                elif isinstance(text.tag, str) and split_tag(text.tag)[1] == "instrText" and text.text:
                    text.text = text.text.replace("NUMPAGES", "SECTIONPAGES")


NOTES = {FOOTNOTES: "footnote", ENDNOTES: "endnote"}
HEADERS = {HEADER: "header", FOOTER: "footer"}

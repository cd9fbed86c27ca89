"""The parts of a Word file, read with the archive reader of the upload gate, and the parts that hold text."""

import re
from functools import cached_property

from lxml import etree

from interactions.gate.archive import DEFLATED, Archive
from interactions.gate.budget import MIB, Budget
from interactions.gate.refusals import Refused
from interactions.gate.relations import TYPES_PART, read_content_types, read_relations

from .errors import Unmergeable

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
DOCUMENT, TEMPLATE = f"{_WORD}document.main+xml", f"{_WORD}template.main+xml"
HEADER, FOOTER = f"{_WORD}header+xml", f"{_WORD}footer+xml"
FOOTNOTES, ENDNOTES = f"{_WORD}footnotes+xml", f"{_WORD}endnotes+xml"
# As trees they take some thirty times that; a page has about 10 kB.
MAX_STORY_BYTES = 4 * MIB
STORIES = (DOCUMENT, HEADER, FOOTER, FOOTNOTES, ENDNOTES)

_TEMPLATE_TYPE = re.compile(re.escape(TEMPLATE).encode(), re.IGNORECASE)


class Package:
    """The Word file *content* (bytes). Keys are the part names as programs compare them, in the order of the file.

    Raises Unmergeable for anything that is no plain, whole Word file.
    """

    def __init__(self, content):
        try:
            self.archive = Archive(content, Budget())
            self.types = read_content_types(self.archive)
            self.relations = read_relations(self.archive)
            self.members = {
                key: member for key, member in self.archive.members.items() if not member.is_folder
            }
        except Refused:
            raise Unmergeable("damaged") from None
        if self.type_of(self.main) != DOCUMENT:
            raise Unmergeable("damaged")
        if sum(self.members[key].size for key in self.stories()) > MAX_STORY_BYTES:
            raise Unmergeable("too_large")

    @cached_property
    def main(self):
        """The key of the part that everything hangs on."""
        for relation in self.relations:
            if not relation.source and relation.kind == "officedocument" and relation.part in self.members:
                return relation.part
        raise Unmergeable("damaged")

    def type_of(self, key):
        found = self.types.of(key)
        return DOCUMENT if found == TEMPLATE else found

    def stories(self):
        """The keys of the parts whose text is merged: the document first, then headers, footers and notes."""
        found = [key for key in self.members if key != self.main and self.type_of(key) in STORIES[1:]]
        return [self.main, *found]

    def name(self, key):
        return self.members[key].name

    def chunks(self, key):
        """The bytes of a part in pieces, checked as they come. Raises Unmergeable."""
        if key == TYPES_PART:
            yield self.content_types
            return
        self.archive.budget = Budget()  # a part may be read as often as need be
        try:
            yield from self.archive.chunks(self.members[key])
        except Refused:
            raise Unmergeable("damaged") from None

    def read(self, key):
        return b"".join(self.chunks(key))

    @cached_property
    def content_types(self):
        """The part that says what the others are: a letter made from a Word template is a document."""
        return _TEMPLATE_TYPE.sub(DOCUMENT.encode(), b"".join(self.archive.chunks(self.members[TYPES_PART])))

    def tree(self, key):
        """The part parsed: no network, no entities, no document type."""
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
        try:
            root = etree.fromstring(self.read(key), parser)
        except etree.XMLSyntaxError:
            raise Unmergeable("damaged") from None
        if root.getroottree().docinfo.doctype:
            raise Unmergeable("damaged")
        return root

    def packed(self, key):
        """(method, bytes) of a part as it lies in the archive; None when its bytes have changed since."""
        member = self.members[key]
        if key == TYPES_PART:
            return None
        data = bytes(memoryview(self.archive.content)[member.data : member.data + member.packed_size])
        return (member.method if data else DEFLATED, data or b"\x03\x00")

    def relations_of(self, key):
        return [relation for relation in self.relations if relation.source == key]

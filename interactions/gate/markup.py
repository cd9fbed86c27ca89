"""The XML parts of an Office package, read as a stream: nothing is loaded, resolved or kept."""

import re

from lxml import etree

from .budget import MAX_TOKEN_ATTRIBUTES, MAX_TOKEN_BYTES, MAX_WARNINGS, SIP
from .refusals import Refused

_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,500}\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([^"']*)""")
_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[^\0]")
_UTF8_BOM, _UTF16_BOMS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def namespaces(transitional, strict):
    """Office has two addresses for each of its vocabularies; files use one or the other."""
    return frozenset({transitional, strict})


OFFICE = "http://schemas.openxmlformats.org/"
STRICT = "http://purl.oclc.org/ooxml/"
WORD = namespaces(OFFICE + "wordprocessingml/2006/main", STRICT + "wordprocessingml/main")
MATH = namespaces(OFFICE + "officeDocument/2006/math", STRICT + "officeDocument/math")
SLIDES = namespaces(OFFICE + "presentationml/2006/main", STRICT + "presentationml/main")
LINKS = namespaces(OFFICE + "officeDocument/2006/relationships", STRICT + "officeDocument/relationships")
OLE = "urn:schemas-microsoft-com:office:office"
VML = "urn:schemas-microsoft-com:vml"


def split_tag(tag):
    """``{namespace}name`` as a pair; the namespace of an unqualified name is empty."""
    namespace, _, local = tag.rpartition("}")
    return namespace.removeprefix("{"), local


class Markup:
    """The least every XML part must bear: no document type, few names, bounded size. A parser target of lxml.

    ``root`` is the local name of the first element, ``events`` counts what the parser reported. Subclasses look at
    elements by answering ``actions`` and ``attribute_action``, which are asked once per distinct name.
    """

    def __init__(self, budget):
        self.budget = budget
        self.root = ""
        self.events = 0
        self._opening = {}
        self._closing = {}
        self._attributes = {}

    def actions(self, namespace, local):
        """What to call with the attributes when such an element opens, and without arguments when it closes."""
        return None, None

    def attribute_action(self, namespace, local):
        """What to call with the tag and the value when an element has such an attribute."""
        return None

    def start(self, tag, attrib):
        self.events += 1
        if tag not in self._opening:
            self._meet(tag)
        for name in attrib:
            if name not in self._attributes:
                self._meet_attribute(name)
            if given := self._attributes[name]:
                given(tag, attrib[name])
        if opened := self._opening[tag]:
            opened(attrib)

    def end(self, tag):
        self.events += 1
        if closed := self._closing[tag]:
            closed()

    def data(self, text):
        self.events += 1

    def comment(self, text):
        self.events += 1

    def pi(self, target, data=None):
        self.events += 1
        self.budget.learn_name(target)

    def start_ns(self, prefix, uri):
        self.budget.learn_name(prefix)
        self.budget.learn_name(uri)

    def doctype(self, name, public_id, system_url):
        raise Refused("doctype")

    def close(self):
        return self

    def _meet(self, tag):
        self.budget.learn_name(tag)
        namespace, local = split_tag(tag)
        if not self._opening:
            self.root = local
        self._opening[tag], self._closing[tag] = self.actions(namespace, local)

    def _meet_attribute(self, name):
        self.budget.learn_name(name)
        self._attributes[name] = self.attribute_action(*split_tag(name))


def read_markup(chunks, target, *, whole=True):
    """Feeds the bytes of one part to *target* and runs *chunks* to its end.

    Without *whole* only the prolog and the first tag are parsed: a document type can stand nowhere else. Raises
    Refused for anything that is not well-formed.
    """
    feeder = _Feeder(target, whole)
    for chunk in chunks:
        feeder.feed(chunk)
    feeder.close()


class _Feeder:
    """Gives a parser small pieces, and watches how long it digests without a word: that is one long token."""

    def __init__(self, target, whole):
        self.target = target
        self.whole = whole
        self.parser = etree.XMLParser(
            target=target, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
        )
        self.head = b""
        self.token_bytes = self.token_attributes = 0

    @property
    def has_enough(self):
        return not self.whole and bool(self.target.root)

    def feed(self, chunk):
        if not self.head:
            self.head = chunk
            _refuse_odd_encoding(chunk)
        for start in range(0, len(chunk), SIP):
            if self.has_enough:
                return
            self._feed(chunk[start : start + SIP])

    def close(self):
        if not self.has_enough:
            self._parse(self.parser.close)

    def _feed(self, sip):
        before = self.target.events
        self._parse(self.parser.feed, sip)
        events = self.target.events - before
        self.target.budget.parse(events)
        self.token_bytes = 0 if events else self.token_bytes + len(sip)
        self.token_attributes = 0 if events else self.token_attributes + sip.count(b"=")
        if self.token_bytes > MAX_TOKEN_BYTES or self.token_attributes > MAX_TOKEN_ATTRIBUTES:
            raise Refused("too_complicated")

    def _parse(self, step, *sip):
        try:
            step(*sip)
        except etree.XMLSyntaxError:
            if not self.has_enough:
                raise self._not_well_formed() from None
        if not self.has_enough:
            self._refuse_errors()

    def _refuse_errors(self):
        """libxml2 reads on behind a prefix that was never declared; a part with one is no XML all the same."""
        log = self.parser.feed_error_log
        if any(entry.level >= etree.ErrorLevels.ERROR for entry in log):
            raise Refused("damaged")
        if len(log) > MAX_WARNINGS:
            raise Refused("too_complicated")

    def _not_well_formed(self):
        """libxml2 refuses entity declarations before it reports the document type they stand in."""
        return Refused("doctype" if b"<!DOCTYPE" in self.head.replace(b"\0", b"") else "damaged")


def looks_like_markup(head):
    """True when the first bytes of a part are those of XML, whatever its name."""
    if head.startswith(_UTF16_BOMS):
        head = head[2:].replace(b"\0", b"")
    return _OPENING.match(head) is not None


def _refuse_odd_encoding(head):
    """Office packages are in UTF-8 or UTF-16; other encodings could say one thing here and another thing there."""
    if head.startswith(_UTF16_BOMS):
        text, good = head[2:].replace(b"\0", b""), {b"", b"utf-16"}
    else:
        text, good = head.removeprefix(_UTF8_BOM), {b"", b"utf-8", b"us-ascii"}
    declaration = _DECLARATION.match(text)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    if (
        (text.lstrip().startswith(b"<?xml") and not declaration)
        or (encoding[1].lower() if encoding else b"") not in good
        or b"\0" in text[:4]
    ):
        raise Refused("packing")

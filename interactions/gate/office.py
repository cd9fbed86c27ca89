"""Office packages: a Word document or template, an Excel workbook, a PowerPoint presentation."""

import re

from . import traces
from .archive import LOCAL_SIGNATURE, Archive
from .budget import MIB, Budget
from .elements import OfficeMarkup
from .fields import WordMarkup
from .formulas import without_fetching
from .kinds import XLSX
from .links import refuse_dangerous_link
from .markup import LINKS, Markup, looks_like_markup, read_markup
from .paths import is_local_path
from .refusals import Refused
from .relations import (
    PACKAGE,
    TYPES_PART,
    is_relations_part,
    read_content_types,
    read_relations,
    relations_part_of,
)

OLE_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
PROGRAM_HEADERS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
_WEB_PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|script)\b",
    re.IGNORECASE | re.DOTALL,
)
MAX_WORKBOOK_IN_CHART = 8 * MIB

# By a word in the content type of any part, used or not.
REFUSED_TYPES = {
    "macroenabled": "macros",
    "vbaproject": "macros",
    "vbadata": "macros",
    "macrosheet": "macros",
    "attachedtoolbars": "macros",
    "activex": "embedded",
    "oleobject": "embedded",
    "externallink": "external",
    "spreadsheetml.connections": "external",
}

# By the last word of the type of a relation, wherever it leads.
REFUSED_RELATIONS = {
    "vbaproject": "macros",
    "wordvbadata": "macros",
    "xlmacrosheet": "macros",
    "xlintlmacrosheet": "macros",
    "attachedtoolbars": "macros",
    "extensibility": "macros",
    "usercustomization": "macros",
    "control": "embedded",
    "activexcontrolbinary": "embedded",
    "attachedtemplate": "remote_template",
    "afchunk": "external",
    "connections": "external",
    "externallink": "external",
    "frame": "external",
    "subdocument": "external",
}
# By the name of a part, whether anything refers to it or not: a program may look for it there.
REFUSED_NAMES = (
    (re.compile(r"vbaproject|vbadata|vbaprojectsignature"), "macros"),
    (re.compile(r"oleobject\d*\.|(?:^|/)activex/"), "embedded"),
)
# Refused too, and external before embedded: a linked object is broken, an embedded one is replaced.
EMBEDDING_RELATIONS = frozenset({"oleobject", "package"})

HYPERLINKS = frozenset(f"{namespace}/hyperlink" for namespace in LINKS)
TEMPLATES = frozenset(f"{namespace}/attachedTemplate" for namespace in LINKS)
MERGE_SOURCES = frozenset({"mailmergesource", "mailmergeheadersource"})
SETTINGS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"
CHART_TYPES = frozenset(
    {
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
        "application/vnd.ms-office.chartex+xml",
    }
)

# By the first bytes of a part, whatever its name and type.
REFUSED_HEADERS = {OLE_HEADER: "embedded", LOCAL_SIGNATURE: "embedded", b"{\\rtf": "embedded"}


def check(content, kind):
    """The bytes to store for *content*: the same, without traces of where it was written. Raises Refused."""
    _refuse_other_formats(content)
    return _Package(content, kind, Budget()).checked()


def _refuse_other_formats(content):
    """Names what people upload instead of an Office package, before the archive reader finds fault with it."""
    if content.startswith(OLE_HEADER):
        raise Refused("encrypted" if ENCRYPTED_STREAM in content else "old_office")
    if content.startswith(PROGRAM_HEADERS):
        raise Refused("program")
    if _WEB_PAGE.match(content[:1024]):
        raise Refused("web_page")
    if not content.startswith(LOCAL_SIGNATURE):
        raise Refused("not_what_it_says")


class _Package:
    def __init__(self, content, kind, budget, *, is_inner=False):
        self.content = content
        self.kind = kind
        self.is_inner = is_inner
        self.archive = Archive(content, budget)
        self.types = read_content_types(self.archive)
        self.relations = read_relations(self.archive)
        self.links = {}
        self.templates = {}
        self.workbooks = set()
        self.traces = {}

    def checked(self):
        self._check_types()
        self._check_main_part()
        for relation in self.relations:
            self._check_relation(relation)
        traced = [key for key in self.archive.members if self._check_part(key)]
        return self._without_traces(traced)

    def _check_types(self):
        declared = " ".join(self.types.declared())
        for word, code in REFUSED_TYPES.items():
            if word in declared:
                raise Refused(code)

    def _check_main_part(self):
        mains = [r for r in self.relations if r.source == PACKAGE and r.kind == "officedocument"]
        if not mains:
            raise Refused("damaged")
        if len(mains) > 1 or mains[0].is_external:
            raise Refused("packing")
        self.main = mains[0].part
        if self.main not in self.archive.members:
            raise Refused("damaged")
        if self.types.of(self.main) != self.kind.main:
            raise Refused("not_what_it_says")

    def _check_relation(self, relation):
        is_of_settings = self.kind.program == "Word" and self.types.of(relation.source) == SETTINGS_TYPE
        if is_of_settings and relation.kind in MERGE_SOURCES:
            self.traces.setdefault(relation.source, []).append(relation)
        elif is_of_settings and self._is_template_on_disk(relation):
            self.traces.setdefault(relation.source, []).append(relation)
            self.templates[relation.source] = {relation.id}
        elif relation.kind in REFUSED_RELATIONS:
            raise Refused(REFUSED_RELATIONS[relation.kind])
        elif relation.is_external:
            if relation.type not in HYPERLINKS:
                raise Refused("external")
            refuse_dangerous_link(relation.target)
            self.links.setdefault(relation.source, set()).add(relation.id)
        elif relation.kind in EMBEDDING_RELATIONS:
            self._check_embedding(relation)

    def _is_template_on_disk(self, relation):
        """True for the one relation that Word writes when a document is made from a template of its author."""
        return (
            relation.type in TEMPLATES
            and relation.mode == "External"
            and relation.source not in self.templates
            and is_local_path(relation.target)
        )

    def _check_embedding(self, relation):
        """A chart may bring the workbook it draws; any other embedded file is refused."""
        is_workbook = relation.kind == "package" and relation.part.endswith(".xlsx")
        if self.is_inner or not is_workbook or self.types.of(relation.source) not in CHART_TYPES:
            raise Refused("embedded")
        self.workbooks.add(relation.part)

    def _check_part(self, key):
        """Reads one part to its end; True when it describes where the document was written."""
        member = self.archive.members[key]
        if member.is_folder or key == TYPES_PART or is_relations_part(key):
            return False
        for name, code in REFUSED_NAMES:
            if name.search(key):
                raise Refused(code)
        if key in self.workbooks:
            workbook = self.archive.read(member, MAX_WORKBOOK_IN_CHART)
            _Package(workbook, XLSX, self.archive.budget, is_inner=True).checked()
            return False
        return self._check_bytes(key, self.archive.chunks(member))

    def _check_bytes(self, key, chunks):
        head = next(chunks, b"")
        for header, code in REFUSED_HEADERS.items():
            if head.startswith(header):
                raise Refused(code)
        if head.startswith(b"MZ") and b"PE\0\0" in head:
            raise Refused("program")
        rest = _resumed(head, chunks)
        if not self._is_markup(key, head):
            for _ in rest:
                pass
            return False
        if self._holds_formulas(key):
            rest = without_fetching(rest)
        return self._check_markup(key, rest)

    def _is_markup(self, key, head):
        return key.endswith((".xml", ".vml")) or self.types.of(key).endswith("xml") or looks_like_markup(head)

    def _holds_formulas(self, key):
        kind = self.types.of(key)
        return self.kind.program == "Excel" and "spreadsheetml" in kind and "sharedstrings" not in kind

    def _check_markup(self, key, chunks):
        budget = self.archive.budget
        links, templates = self.links.get(key, frozenset()), self.templates.get(key, frozenset())
        is_old_drawing = key.endswith(".vml")
        if self.kind.program == "Word":
            reader = WordMarkup(budget, links, templates)
        elif self.kind.program == "PowerPoint" and not is_old_drawing:
            reader = OfficeMarkup(budget, links)
        else:
            reader = Markup(budget)
        # Sheets of a million cells are read no further than their first tag; old drawings are often not well-formed.
        read_markup(chunks, reader, whole=isinstance(reader, OfficeMarkup))
        if key == self.main and reader.root != self.kind.root:
            raise Refused("not_what_it_says")
        return isinstance(reader, WordMarkup) and reader.has_traces

    def _without_traces(self, traced):
        if any(self.types.of(key) != SETTINGS_TYPE for key in traced):
            raise Refused("external")
        replaced = {key: traces.settings_without_traces(self._reread(key)) for key in traced}
        for source, relations in self.traces.items():
            key = relations_part_of(source)
            replaced[key] = traces.relations_without(relations, self._reread(key))
        return self.archive.with_parts(replaced) if replaced else self.content

    def _reread(self, key):
        return self.archive.read(self.archive.members[key], traces.MAX_BYTES)


def _resumed(head, chunks):
    yield head
    yield from chunks

"""Finds the fields of one part of a Word file, as Word follows them.

Marks and instructions may be spread over any number of runs, fields nest, and a text box in the middle of a line is a
story of its own. Deleted text that waits for somebody to accept the deletion has no fields.
"""

from copy import deepcopy
from dataclasses import dataclass

from django.utils.translation import gettext
from lxml import etree

from interactions.gate.markup import WORD, split_tag

from . import instructions
from .errors import Unmergeable
from .instructions import Atom

_SPLIT = frozenset({"fldChar", "instrText"})
_TEXT = frozenset({"t", "instrText"})
_BLANKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_DELETED = frozenset({"del", "moveFrom"})
DEPTH = 20
# Characters of all instructions of a part; each costs a hundred bytes until the part is read.
MAX_ATOMS = 200_000


@dataclass(frozen=True)
class Place:
    """Where in a document something stands, for people: "page 1", "in the header"."""

    part: str
    page: int = 1

    def __str__(self):
        match self.part:
            case "header":
                # Translators: where a field of a letter stands.
                return gettext("in the header")
            case "footer":
                # Translators: where a field of a letter stands.
                return gettext("in the footer")
            case "note":
                # Translators: where a field of a letter stands.
                return gettext("in a footnote")
        # Translators: where a field of a letter stands.
        return gettext("page %(page)s") % {"page": self.page}


class Field:
    """One field: its marks (runs, or one fldSimple), its instruction as atoms, and where it stands.

    ``around`` is the field that it stands in, ``outer`` the one whose instruction it is part of: a field in the result
    of another one has none.
    """

    def __init__(self, begin, *, around, place, is_simple=False):
        self.begin = begin
        self.end = begin if is_simple else None
        self.around = around
        self.outer = around if around and not around.in_result else None
        self.place = place
        self.is_simple = is_simple
        self.in_result = is_simple
        self.atoms = []
        self.inner = []
        self.result_runs = []
        self._tokens = None

    @property
    def tokens(self):
        if self._tokens is None:
            self._tokens = instructions.tokens(self.atoms)
        return self._tokens

    @property
    def command(self):
        return instructions.command_of(self.tokens)

    @property
    def name(self):
        """Of a merge field: the name of its value as it is written; empty when there is none."""
        plain, _switches = instructions.arguments(self.tokens)
        return plain[0].text.strip() if plain and plain[0].is_plain else ""

    @property
    def switches(self):
        return instructions.arguments(self.tokens)[1]


def scan(root, part):
    """The fields of the part *root* (an element, which is changed: each mark gets a run of its own), in their order.

    part: document, header, footer or note. Raises Unmergeable.
    """
    word = split_tag(root.tag)[0]
    if word not in WORD:
        raise Unmergeable("damaged")
    _give_marks_runs_of_their_own(root, word)
    return _Scanner(word, _Pages(root, word), part).scan(root)


class _Pages:
    """Counts pages by the breaks Word noted when it laid the document out, else by those that somebody typed."""

    def __init__(self, root, word):
        self.word = word
        self.noted = next(root.iter(f"{{{word}}}lastRenderedPageBreak"), None) is not None
        self.page = 1

    def see(self, local, element):
        typed = local == "br" and element.get(f"{{{self.word}}}type") == "page"
        if local == "lastRenderedPageBreak" or (typed and not self.noted):
            self.page += 1


class _Scanner:
    def __init__(self, word, pages, part):
        self.word = word
        self.pages = pages
        self.part = part
        self.found = []
        self.stories = [[]]
        self.deleted = 0
        self.atoms = 0

    @property
    def open(self):
        return self.stories[-1]

    def scan(self, root):
        for event, element in etree.iterwalk(root, events=("start", "end")):
            namespace, local = split_tag(element.tag) if isinstance(element.tag, str) else ("", "")
            if namespace == self.word:
                (self._start if event == "start" else self._end)(local, element)
        self._close_story()
        return self.found

    def _start(self, local, element):
        self.pages.see(local, element)
        if local == "txbxContent":
            self.stories.append([])
        elif local in _DELETED:
            self.deleted += 1
        elif self.deleted:
            return
        elif local == "fldChar":
            self._mark(element.get(f"{{{self.word}}}fldCharType"), element.getparent())
        elif local == "fldSimple":
            self._begin(element, is_simple=True)
            self._instruct(element.get(f"{{{self.word}}}instr", ""), element, self.open[-1])
        elif self.open:
            self._inside(local, element, self.open[-1])

    def _end(self, local, element):
        if local == "txbxContent":
            self._close_story()
            self.stories.pop()
        elif local in _DELETED:
            self.deleted -= 1
        elif local == "fldSimple" and not self.deleted:
            if not self.open[-1].is_simple:
                raise self._unfinished()
            self.open.pop()
        elif local == "p" and self.open and not self.open[-1].in_result:
            self.open[-1].atoms.append(Atom("\n"))

    def _mark(self, kind, run):
        if kind == "begin":
            self._begin(run)
        elif self.open and not self.open[-1].is_simple:
            current = self.open[-1]
            if kind == "separate":
                current.in_result = True
            elif kind == "end":
                current.end = run
                self.open.pop()

    def _begin(self, element, *, is_simple=False):
        around = self.open[-1] if self.open else None
        field = Field(element, around=around, place=Place(self.part, self.pages.page), is_simple=is_simple)
        if field.outer:
            field.outer.atoms.append(Atom("", field=field))
            field.outer.inner.append(field)
        self.found.append(field)
        self.open.append(field)
        if len(self.open) > DEPTH:
            raise self._too_nested()

    def _inside(self, local, element, current):
        """Text of an instruction, or a run of a result."""
        if local == "r" and current.in_result:
            current.result_runs.append(element)
        elif not current.in_result:
            if local in _TEXT:
                self._instruct(element.text or "", element.getparent(), current)
            elif local in _BLANKS:
                self._instruct(_BLANKS[local], element.getparent(), current)

    def _instruct(self, text, run, current):
        self.atoms += len(text)
        if self.atoms > MAX_ATOMS:
            raise Unmergeable("too_large")
        current.atoms += instructions.atoms_of(text, run)

    def _close_story(self):
        if self.open:
            raise self._unfinished()

    def _unfinished(self):
        field = self.open[-1]
        return Unmergeable("unfinished", field=field.command or "MERGEFIELD", place=field.place)

    def _too_nested(self):
        field = self.open[0]
        return Unmergeable("too_nested", field=field.command or "IF", place=field.place)


def _give_marks_runs_of_their_own(root, word):
    """Some programs put a mark, an instruction and the next mark into one run."""
    properties = f"{{{word}}}rPr"
    for run in list(root.iter(f"{{{word}}}r")):
        content = [child for child in run if child.tag != properties]
        if len(content) < 2 or not any(
            split_tag(c.tag)[1] in _SPLIT for c in content if isinstance(c.tag, str)
        ):
            continue
        looks = run.find(properties)
        for child in reversed(content[1:]):
            fresh = etree.Element(run.tag, run.attrib, run.nsmap)
            if looks is not None:
                fresh.append(deepcopy(looks))
            child.tail = None
            fresh.append(child)
            run.addnext(fresh)

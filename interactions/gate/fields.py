"""The fields of a Word part, followed as Word follows them.

A field is a run of characters with marks in it: begin, instruction, separate, result, end. The marks and the
instruction may be spread over any number of runs and paragraphs, fields nest, and a text box in the middle of a line
is a story of its own. Word takes the first word of the instruction as the command; so does this reader, in every
reading that tracked changes allow. Where marks stand so that Word might see fewer of them than this reader does, or
where a command is the result of another field, the file is refused as hiding something: nobody writes letters that way.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from .elements import OfficeMarkup
from .links import refuse_dangerous_link
from .markup import MATH, WORD
from .refusals import Refused

# Commands that fetch, start or print something when Word updates fields. Old synonyms still work.
ACTIVE_FIELDS = frozenset(
    {
        "DATA",
        "DATABASE",
        "DDE",
        "DDEAUTO",
        "IMPORT",
        "INCLUDE",
        "INCLUDEPICTURE",
        "INCLUDETEXT",
        "LINK",
        "PRINT",
        "RD",
    }
)
MAX_DEPTH = 200

# What one run of an instruction takes in memory, in characters.
PIECE_COST = 16

# Stands for text that is known only when Word updates the fields.
COMPUTED = "\ufffc"
_COMMAND = re.compile(f"[^A-Z={COMPUTED}]*([A-Z]*)({COMPUTED}?)")
# The address of a link, behind switches with and without a word of their own.
_HYPERLINK = re.compile(
    r'\W*HYPERLINK(?:\s*+\\(?:[LOTS]\s*(?:["“”][^"“”]*["“”]|\S+)|[A-Z]))*+\s*+["“”]?+([^"“”]*)', re.IGNORECASE
)
_ACTIVE_WORD = re.compile(
    rf"DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|(?<![A-Z])(?:{'|'.join(sorted(ACTIVE_FIELDS))})(?![A-Z])"
)

_DELETED, _INSERTED = 1, 2
_READINGS = (0, _DELETED, _INSERTED, _DELETED | _INSERTED)
_REVISIONS = {"del": _DELETED, "moveFrom": _DELETED, "ins": _INSERTED, "moveTo": _INSERTED}


@dataclass(slots=True)
class _Field:
    instruction: list = field(default_factory=list)  # pairs of text and revision
    in_result: bool = False
    is_simple: bool = False


@dataclass(slots=True)
class _Story:
    """A flow of text: a part, or one text box in it. ``foreign`` counts open elements that are not Word's own."""

    fields: list = field(default_factory=list)
    stray: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    foreign: int = 0
    is_irregular: bool = False


class WordMarkup(OfficeMarkup):
    """Refuses active and hidden fields. ``has_traces`` tells whether a data source or a template is described here."""

    def __init__(self, budget, links=frozenset(), templates=frozenset()):
        super().__init__(budget, links, templates)
        self.has_traces = False
        self._namespace = ""
        self._story = _Story()
        self._outer_stories = []
        self._revisions = {_DELETED: 0, _INSERTED: 0}
        self._text = None

    # Parsing

    def actions(self, namespace, local):
        super_actions = super().actions(namespace, local)
        if namespace in WORD:
            self._refuse_second_namespace(namespace)
            return self._word_actions(local)
        return super_actions if namespace in MATH else self._foreign_actions(super_actions[0])

    def start(self, tag, attrib):
        if self._text is not None:
            # Text of an instruction holds nothing but text.
            raise Refused("hidden_field")
        super().start(tag, attrib)

    def data(self, text):
        self.events += 1
        if self._text is not None:
            self.budget.remember_text(len(text))
            self._text.append(text)

    def close(self):
        _refuse_active_story(self._story)
        return self

    def _refuse_second_namespace(self, namespace):
        self._namespace = self._namespace or namespace
        if namespace != self._namespace:
            raise Refused("hidden_field")

    def _word_actions(self, local):
        if local in _REVISIONS:
            revision = _REVISIONS[local]
            return lambda attrib: self._revise(revision, 1), lambda: self._revise(revision, -1)
        return {
            "fldChar": (self._mark, None),
            "fldSimple": (self._begin_simple, self._end_simple),
            "instrText": (self._begin_text, self._end_instruction_text),
            "delInstrText": (self._begin_text, self._end_instruction_text),
            "t": (self._begin_text_in_instruction, self._end_text),
            "delText": (self._begin_text_in_instruction, self._end_text),
            "sym": (self._computed, None),
            "tab": (self._blank, None),
            "br": (self._blank, None),
            "cr": (self._blank, None),
            "p": (self._blank, None),
            "txbxContent": (self._begin_story, self._end_story),
            "mailMerge": (self._merge, None),
            "attachedTemplate": (self._attach, None),
        }.get(local, (None, None))

    def _foreign_actions(self, check):
        def opened(attrib):
            self._story.foreign += 1
            if check:
                check(attrib)

        return opened, self._end_foreign

    def _end_foreign(self):
        self._story.foreign -= 1

    # What elements mean

    def _merge(self, attrib):
        self.has_traces = True

    def _attach(self, attrib):
        super()._attach(attrib)
        self.has_traces = True

    def _revise(self, revision, step):
        self._revisions[revision] += step

    def _begin_story(self, attrib):
        if len(self._outer_stories) == MAX_DEPTH:
            raise Refused("too_complicated")
        self._outer_stories.append(self._story)
        self._story = _Story()

    def _end_story(self):
        _refuse_active_story(self._story)
        self._story = self._outer_stories.pop()

    def _mark(self, attrib):
        if self._story.foreign:
            # Word may pass over elements it does not know, and the mark with them.
            raise Refused("hidden_field")
        _refuse_stray(self._story)
        kind = attrib.get(f"{{{self._namespace}}}fldCharType", "")
        {"begin": self._begin, "separate": self._separate, "end": self._end}.get(kind, _refuse_mark)()

    def _begin(self):
        self._computed()
        self._open(_Field())

    def _separate(self):
        current = self._complex_field()
        if current and not current.in_result:
            _refuse_active_field(current)
            current.in_result = True

    def _end(self):
        current = self._complex_field()
        if current:
            self._story.fields.pop()
            if not current.in_result:
                _refuse_active_field(current)

    def _complex_field(self):
        """The innermost open field, which the next mark speaks of; None when there is none."""
        if not self._story.fields:
            self._story.is_irregular = True
            return None
        if self._story.fields[-1].is_simple:
            raise Refused("hidden_field")
        return self._story.fields[-1]

    def _begin_simple(self, attrib):
        if self._story.foreign:
            raise Refused("hidden_field")
        self._computed()
        instruction = attrib.get(f"{{{self._namespace}}}instr", "")
        self.budget.remember_text(len(instruction) + PIECE_COST)
        self._story.texts.append(instruction)
        simple = _Field([(instruction, 0)], in_result=True, is_simple=True)
        _refuse_active_field(simple)
        self._open(simple)

    def _end_simple(self):
        if not self._story.fields or not self._story.fields[-1].is_simple:
            raise Refused("hidden_field")
        self._story.fields.pop()

    def _open(self, opened):
        if len(self._story.fields) == MAX_DEPTH:
            raise Refused("too_complicated")
        self._story.fields.append(opened)

    # Text of instructions

    @property
    def _in_instruction(self):
        fields = self._story.fields
        return bool(fields) and not fields[-1].in_result

    def _begin_text(self, attrib):
        self._text = []

    def _begin_text_in_instruction(self, attrib):
        if self._in_instruction:
            self._text = []

    def _end_text(self):
        if self._text is not None:
            self._instruct("".join(self._text))
            self._text = None

    def _end_instruction_text(self):
        text = "".join(self._text)
        self._text = None
        self._story.texts.append(text)
        if self._in_instruction:
            self._instruct(text)
        if not self._in_instruction or self._story.foreign:
            self._story.stray.append(text)
            self._story.is_irregular = True

    def _computed(self, attrib=None):
        if self._in_instruction:
            self._instruct(COMPUTED)

    def _blank(self, attrib):
        if self._in_instruction:
            self._instruct(" ")

    def _instruct(self, text):
        """Adds *text* to the open instruction; text that Word may pass over counts as not known."""
        self.budget.remember_text(PIECE_COST)
        revision = sum(kind for kind, depth in self._revisions.items() if depth)
        current = self._story.fields[-1].instruction
        current.append((COMPUTED if self._story.foreign else text, revision))


def _refuse_mark():
    raise Refused("hidden_field")


def _refuse_active_story(story):
    _refuse_stray(story)
    for unfinished in story.fields:
        story.is_irregular = True
        _refuse_active_field(unfinished)
    if story.is_irregular:
        # Marks do not match: whatever Word makes of them, no active command may be among the words.
        _refuse_active_words("".join(story.texts))


def _refuse_stray(story):
    """Instruction text outside an instruction is none to Word, unless Word sees the marks differently."""
    if story.stray:
        _refuse_active_command("".join(story.stray))
        story.stray.clear()


def _refuse_active_field(current):
    """Checks the instruction as it reads with and without deletions and insertions."""
    tracked = any(revision for _, revision in current.instruction)
    for without in _READINGS if tracked else _READINGS[:1]:
        _refuse_active_command(
            "".join(text for text, revision in current.instruction if not revision & without)
        )


def _refuse_active_command(instruction):
    command, computed = _COMMAND.match(_plain(instruction)).groups()
    if command in ACTIVE_FIELDS:
        raise Refused("active_field", field=command)
    if link := _HYPERLINK.match(instruction):
        refuse_dangerous_link(link[1].replace("\\\\", "\\"))
    if computed and any(name.startswith(command) for name in ACTIVE_FIELDS):
        raise Refused("hidden_field")


def _refuse_active_words(text):
    if found := _ACTIVE_WORD.search(_plain(text)):
        raise Refused("active_field", field=found[0])


def _plain(text):
    """*text* in plain capitals, without characters nobody sees."""
    if text.isascii():
        return text.upper()
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")

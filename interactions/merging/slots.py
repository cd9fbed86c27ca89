"""The places of a document that differ from letter to letter, and what is written there."""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from . import pictures
from .formatting import holds, text_of

# What a text of XML cannot hold as it is, or Word would not show as a new line or a tab.
_ODD = re.compile("[&<>\t\x00-\x08\n\x0b-\x1f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_NEW_LINE = re.compile("\r\n|[\r\n\x0b\x85\u2028\u2029]")
_ILLEGAL = re.compile("[\x00-\x08\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def cleaned(text):
    """*text* with one kind of new line, and without what no XML can hold."""
    return _ILLEGAL.sub("", _NEW_LINE.sub("\n", text))


@dataclass(frozen=True)
class Letter:
    """What one letter is made from: values by the names that the document uses, and the language it is written in.

    number: its place among the letters of one file, from 1.
    """

    values: dict
    language: str = ""
    decimal_sign: str = "."
    number: int = 1


@dataclass(frozen=True)
class Writing:
    """How texts are written inside a part, which may call Word's names w: or anything else."""

    prefix: str

    def tag(self, name):
        return f"{self.prefix}:{name}" if self.prefix else name

    def inner(self, text):
        """*text* between the tags of a text element: new lines and tabs end it and begin another one."""
        if not _ODD.search(text):
            return text.encode()
        opened, closed = f'<{self.tag("t")} xml:space="preserve">', f"</{self.tag('t')}>"
        text = escape(cleaned(text))
        text = text.replace("\n", f"{closed}<{self.tag('br')}/>{opened}")
        return text.replace("\t", f"{closed}<{self.tag('tab')}/>{opened}").encode()

    def run(self, looks, inner):
        """A run with the properties *looks* and the escaped text *inner* (both bytes)."""
        if not inner:
            return b""
        run, text = self.tag("r"), self.tag("t")
        return b'<%s>%s<%s xml:space="preserve">%s</%s></%s>' % (
            run.encode(),
            looks,
            text.encode(),
            inner,
            text.encode(),
            run.encode(),
        )


@dataclass(frozen=True)
class Value:
    """The value of one merge field after its switches."""

    name: str
    switches: tuple
    looks: bytes = b""

    def text(self, letter):
        value = letter.values.get(self.name)
        if not self.switches:
            return value if type(value) is str else pictures.plain(value, letter.language)
        return text_of(value, self.switches, letter.language, decimal_sign=letter.decimal_sign)

    def runs(self, letter, writing):
        return writing.run(self.looks, writing.inner(self.text(letter)))


@dataclass(frozen=True)
class Words:
    """Text of an instruction as somebody typed it."""

    words: str
    looks: bytes = b""

    def text(self, letter):
        return self.words

    def runs(self, letter, writing):
        return writing.run(self.looks, writing.inner(self.words))


@dataclass(frozen=True)
class Condition:
    """An IF field. All four sides are tuples of Value, Words and Condition."""

    left: tuple
    operator: str
    right: tuple
    if_true: tuple
    if_false: tuple

    def chosen(self, letter):
        left = cleaned("".join(part.text(letter) for part in self.left))
        right = cleaned("".join(part.text(letter) for part in self.right))
        return self.if_true if holds(left, self.operator, right) else self.if_false

    def text(self, letter):
        return "".join(part.text(letter) for part in self.chosen(letter))

    def runs(self, letter, writing):
        return b"".join(part.runs(letter, writing) for part in self.chosen(letter))


# What stands in a slot


@dataclass(frozen=True)
class TextSlot:
    """The text of a run whose tags are part of the document."""

    value: Value
    writing: Writing

    def render(self, letter):
        return self.writing.inner(self.value.text(letter))


@dataclass(frozen=True)
class RunsSlot:
    """Whole runs."""

    condition: Condition
    writing: Writing

    def render(self, letter):
        return self.condition.runs(letter, self.writing)


@dataclass(frozen=True)
class NumberSlot:
    """A number or name that no two letters of one file may share, as *pattern* (with ``%d``) says: base + step × letter."""

    pattern: bytes
    base: int
    step: int

    def render(self, letter):
        return self.pattern % (self.base + self.step * letter.number)

"""The slow path: docx-mailmerge2 puts the values into documents that our own engine does not fully understand.

What a value looks like is decided here as there: before the library sees the document, each merge field gets a name
of its own and loses its switches, and the library is given the finished text. A letter costs it some ten milliseconds.
"""

import io
import warnings
import zipfile
from collections import namedtuple
from copy import deepcopy

from lxml import etree
from mailmerge import MailMerge, MailMergeOptions, OptionAutoUpdateFields

from interactions.gate.markup import split_tag
from interactions.models.choices import MergeEngine

from .errors import Unmergeable
from .filling import is_merged, refuse_next_record, uses, value_name
from .package import TYPES_PART, Package
from .scanning import scan
from .slots import Letter, Value, cleaned
from .template import PARTS, Merged, decimal_sign

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FAULTS = (
    ValueError,
    AssertionError,
    AttributeError,
    KeyError,
    IndexError,
    TypeError,
    etree.LxmlError,
)
# In the instruction of another field a value must not end a quoted text or begin a switch.
_UNQUOTED = str.maketrans({'"': "'", "“": "'", "”": "'", "„": "'", "\\": "/", "\n": " "})
# Stands for a new line on the way through the library, which loses those inside of IF fields.
_NEW_LINE = "\ue00a"

# is_quoted: it becomes part of the instruction of a field that Word updates.  is_shown: it always comes out.
_Alias = namedtuple("_Alias", "value is_quoted is_shown")


class MailMergeTemplate:
    """A Word file that docx-mailmerge2 merges. Raises Unmergeable when the library loses a field or a word of it."""

    engine = MergeEngine.MAILMERGE

    def __init__(self, content):
        package = Package(content)
        self.source = content
        self.decimal_sign = decimal_sign(package)
        self.uses = ()
        self._aliases = {}
        self.differing = set()
        replaced, shown = {TYPES_PART: package.read(TYPES_PART)}, {}
        for key in package.stories():
            root = package.tree(key)
            fields = scan(root, PARTS.get(package.type_of(key), "note"))
            refuse_next_record(fields)
            found = uses(fields)
            self.uses += tuple(found)
            if found:
                self.differing.add(key)
            shown[package.name(key)] = _words_outside(root, fields)
            self._rename(fields)
            replaced[key] = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
        self._prepared = package.archive.with_parts(replaced)
        self._try(shown)

    def merge(self, filling, *, marks=None):
        """The letter (Merged) for one contact (Filling).

        marks: two characters to put around every value, for a preview; results of IF fields get none.
        """
        letter = Letter(filling.values, filling.language, self.decimal_sign)
        texts = {}
        for name, (value, is_quoted, is_shown) in self._aliases.items():
            text = cleaned(value.text(letter))
            if marks and is_shown and not is_quoted:
                text = text.join(marks)
            texts[name] = text.translate(_UNQUOTED) if is_quoted else text.replace("\n", _NEW_LINE)
        return self._merged(texts)

    def _rename(self, fields):
        for field in fields:
            if not is_merged(field) or not value_name(field):
                continue
            if any(atom.field is not None for atom in field.atoms):
                raise Unmergeable("too_nested", field=field.command, place=field.place)
            switches = () if field.command != "MERGEFIELD" else field.switches
            name = f"field{len(self._aliases)}"
            self._aliases[name] = _Alias(Value(value_name(field), switches), *_fate(field))
            _give_instruction(field, f" MERGEFIELD {name} ")

    def _merged(self, texts):
        options = MailMergeOptions(
            merge_if_fields=True, auto_update_fields_on_open=OptionAutoUpdateFields.AUTO
        )
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of what it does not support
            with MailMerge(io.BytesIO(self._prepared), options=options) as document:
                document.merge(**texts)
                for part in document.docx.get_parts():
                    _finish(part["part"].getroot())
                document.write(file)
        content = file.getvalue()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
        return Merged(content, {}, parts)

    def _try(self, shown):
        """Merges once with marks instead of values: each must come out, and each word around them."""
        marks = {name: f"⟦{name}⟧" for name in self._aliases}
        first = self.uses[0] if self.uses else None
        try:
            parts = dict(self._merged(marks).parts)
            texts = {name: _text(etree.fromstring(parts[name])) for name in shown}
        except _FAULTS:
            raise self._refusal(first) from None
        whole = "".join(texts.values())
        for name, alias in self._aliases.items():
            if alias.is_shown and marks[name] not in whole:
                raise self._refusal(next(use for use in self.uses if use.name == alias.value.name))
        for name, words in shown.items():
            place = 0
            for word in words:
                place = texts[name].find(word, place)
                if place < 0:
                    raise self._refusal(first)
                place += len(word)

    def _refusal(self, use):
        return Unmergeable(
            "too_nested", field=use.name if use else "MERGEFIELD", place=use.place if use else ""
        )


def _fate(field):
    """Whether its value becomes part of an instruction that Word reads, and whether it always comes out."""
    around, commands = field.outer, []
    while around is not None:
        commands.append(around.command)
        around = around.outer
    return any(command != "IF" for command in commands), "IF" not in commands


def _words_outside(root, fields):
    """The texts of a part that belong to no field, in their order."""
    inside = set()
    for field in fields:
        inside.update(field.result_runs)
        inside.update(atom.run for atom in field.atoms if atom.run is not None)
    return [
        text.text
        for text in root.iter()
        if isinstance(text.tag, str)
        and split_tag(text.tag)[1] == "t"
        and text.text
        and not any(around in inside for around in text.iterancestors())
    ]


def _text(root):
    return "".join(
        element.text or ""
        for element in root.iter()
        if isinstance(element.tag, str) and split_tag(element.tag)[1] in {"t", "instrText"}
    )


def _give_instruction(field, text):
    """Let *field* consist of marks and the instruction *text*: the library knows simple fields only by halves."""
    word = split_tag(field.begin.tag)[0]
    if field.is_simple:
        _unfold(field, text, word)
        return
    first = True
    for run in dict.fromkeys(atom.run for atom in field.atoms if atom.run is not None):
        for element in run.iter(f"{{{word}}}instrText", f"{{{word}}}t"):
            element.text = text if first else ""
            element.set(_SPACE, "preserve")
            first = False


def _unfold(field, text, word):
    simple = field.begin
    looks = next((run.find(f"{{{word}}}rPr") for run in field.result_runs), None)

    def run(local, **attributes):
        made = etree.Element(f"{{{word}}}r", None, simple.nsmap)
        if looks is not None:
            made.append(deepcopy(looks))
        inner = etree.SubElement(made, f"{{{word}}}{local}", attributes)
        simple.addprevious(made)
        return inner

    kind = f"{{{word}}}fldCharType"
    run("fldChar", **{kind: "begin"})
    run("instrText", **{_SPACE: "preserve"}).text = text
    run("fldChar", **{kind: "end"})
    simple.getparent().remove(simple)


def _finish(root):
    """Break lines, and keep the blanks at the ends of texts, which Word takes away where it is not told."""
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or split_tag(element.tag)[1] != "t":
            continue
        first, *more = (element.text or "").split(_NEW_LINE)
        behind = element
        _write(element, first)
        for line in more:
            for local, text in (("br", None), ("t", line)):
                fresh = etree.Element(element.tag.replace("}t", f"}}{local}"), None, element.nsmap)
                behind.addnext(fresh)
                behind = fresh
                if text is not None:
                    _write(fresh, text)


def _write(element, text):
    element.text = text
    if text != text.strip():
        element.set(_SPACE, "preserve")

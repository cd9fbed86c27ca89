"""The instruction of a Word field taken apart: words, quoted texts, switches, and fields inside it.

An instruction is a sequence of atoms: characters, each with the run that it stands in, and nested fields.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

QUOTES = '"“”„'
OPERATORS = re.compile(r"<=|>=|<>|!=|[=<>]")
# Switches of a merge field that take no word after them: mapped field, vertical text.
BARE_SWITCHES = ("\\m", "\\v")


class Atom(NamedTuple):
    """One character, or a nested field (then *text* is empty)."""

    text: str
    run: object = None
    field: object = None


class Switch(NamedTuple):
    flag: str
    option: str


@dataclass(frozen=True)
class Token:
    """A word of an instruction or a text between quotation marks."""

    atoms: tuple
    quoted: bool = False

    @property
    def text(self):
        return "".join(atom.text for atom in self.atoms)

    @property
    def is_plain(self):
        return not any(atom.field is not None for atom in self.atoms)


def atoms_of(text, run=None):
    return [Atom(character, run) for character in text]


def tokens(atoms):
    """The tokens of *atoms*; a quotation mark behind a backslash, inside quotes, is one of the text."""
    found, word, quoted, is_quoted = [], [], [], False
    place = 0
    while place < len(atoms):
        atom = atoms[place]
        following = atoms[place + 1].text if place + 1 < len(atoms) else ""
        if is_quoted:
            if atom.text == "\\" and following and following in f"{QUOTES}\\":
                place += 1
                quoted.append(atoms[place])
            elif atom.text and atom.text in QUOTES:
                found.append(Token(tuple(quoted), quoted=True))
                quoted, is_quoted = [], False
            else:
                quoted.append(atom)
        elif atom.text and atom.text in QUOTES:
            is_quoted = True
            _flush(word, found)
        elif atom.text.isspace():
            _flush(word, found)
        else:
            word.append(atom)
        place += 1
    _flush(word, found)
    if is_quoted:  # never closed: Word reads to the end
        found.append(Token(tuple(quoted), quoted=True))
    return found


def _flush(word, found):
    if word:
        found.append(Token(tuple(word)))
        word.clear()


def command_of(found):
    """The first word in capitals: MERGEFIELD, IF, PAGE… Empty when there is none, or another field in its place."""
    return found[0].text.upper() if found and found[0].is_plain else ""


def arguments(found):
    """The tokens behind the command up to the first switch, and the switches (Switch)."""
    plain, switches, rest = [], [], list(found[1:])
    while rest:
        token = rest.pop(0)
        if token.quoted or not token.text.startswith("\\"):
            if not switches:
                plain.append(token)
            continue
        flag, option = token.text[:2].lower(), token.text[2:]
        if not option and flag not in BARE_SWITCHES and rest:
            option = rest.pop(0).text
        switches.append(Switch(flag, option))
    return plain, tuple(switches)


def condition(found):
    """Left side, operator, right side, text if true, text if false of an IF field: tokens and an operator.

    A side without a token is empty. None when there is no operator.
    """
    parts = [piece for token in found[1:] for piece in _without_operator(token)]
    at = next((index for index, part in enumerate(parts) if isinstance(part, str)), None)
    if at is None:
        return None
    left = Token(tuple(atom for part in parts[:at] for atom in part.atoms))
    rest = []
    for part in parts[at + 1 :]:
        token = part if isinstance(part, Token) else Token(tuple(atoms_of(part)))
        if not token.quoted and token.text.startswith("\\"):
            break  # how the result looks, such as \* MERGEFORMAT
        rest.append(token)
    rest += [Token(())] * (3 - len(rest))
    return left, parts[at], *rest[:3]


def _without_operator(token):
    """*token*, or what it consists of when an operator is glued to it."""
    if token.quoted:
        return [token]
    text = "".join(atom.text or "\0" for atom in token.atoms)
    found = OPERATORS.search(text)
    if not found:
        return [token]
    before, after = token.atoms[: found.start()], token.atoms[found.end() :]
    return [
        *([Token(before)] if before else []),
        found[0],
        *([Token(after)] if after else []),
    ]

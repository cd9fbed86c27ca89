"""Filter expressions of code fields, as people of the field type them: `S*|T*`, `1000..1999`, `<>X`, `@m?d*`."""

import re

from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from .text import ParseError, shown

MOST_PARTS = 200
COMPARISONS = {">=": GreaterThanOrEqual, "<=": LessThanOrEqual, ">": GreaterThan, "<": LessThan}
WILDCARDS = frozenset("*?")
ATOM = re.compile(r"(<>|>=|<=|>|<|=)?(.*)", re.DOTALL)


class Capitals(Func):
    """Text in capitals as Python writes them, "ß" as "SS": by themselves databases know few letters, or other ones.

    PostgreSQL has them from ICU, SQLite from a function that `crm.apps` gives to each connection.
    """

    arity = 1
    output_field = TextField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, function="capitals", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = 'UPPER((%(expressions)s) COLLATE "und-x-icu")'
        return self.as_sql(compiler, connection, template=template, **context)


class Like(Func):
    """Whether a text looks like a pattern of LIKE."""

    template = "%(expressions)s ESCAPE '\\'"
    arg_joiner = " LIKE "
    arity = 2
    output_field = BooleanField()


class ByCharacter(Func):
    """Text in the order of its characters, which every database then compares alike."""

    template = "%(expressions)s COLLATE %(collation)s"

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, collation="BINARY", **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, collation='"C"', **context)


def parse_expression(field, text):
    """The Q over *field* (a look-up path) that *text* means; upper and lower case are one.

    `|` is or, `&` is and, `..` a range (open on either side), `*` any text, `?` any character, `<>` not. A leading `@`,
    "in small or capital letters", says what always holds. Raises ParseError.
    """
    alternatives = [[atom.strip() for atom in part.split("&")] for part in text.split("|")]
    if sum(map(len, alternatives)) > MOST_PARTS:
        raise ParseError(_("These are more than %(count)s values. Take fewer."), count=MOST_PARTS)
    found = Q()
    for atoms in alternatives:
        together = Q()
        for atom in atoms:
            together &= _atom(field, atom, text)
        found |= together
    return found


def _atom(field, atom, text):
    sign, value = ATOM.fullmatch(atom).groups()
    value = value.strip().removeprefix("@").lstrip()
    if not value and sign not in ("<>", "="):
        raise ParseError(
            _("“%(text)s” has an empty part. Write for example A*|B* or 1000..1999."), text=shown(text)
        )
    if sign in COMPARISONS:
        return _compared(field, sign, value)
    if sign == "<>":
        return ~_equal(field, value)
    if ".." in value and sign is None:
        first, last = (part.strip() for part in value.split("..", 1))
        if not (first or last):
            raise ParseError(
                _("“%(text)s” has a range without ends. Write for example 1000..1999."), text=shown(text)
            )
        return (_compared(field, ">=", first) if first else Q()) & (
            _compared(field, "<=", last) if last else Q()
        )
    return _equal(field, value)


def _compared(field, sign, value):
    return Q(COMPARISONS[sign](ByCharacter(Capitals(field)), Value(value.upper())))


def _equal(field, value):
    if not value:
        return Q(**{field: ""})
    if not value.strip("*"):
        return ~Q(**{field: ""})
    if not WILDCARDS.intersection(value):
        return Q(Exact(Capitals(field), Value(value.upper())))
    return _like(field, escaped(value).replace("*", "%").replace("?", "_"))


def _like(field, pattern):
    return Q(Like(Capitals(F(field)), Value(pattern.upper())))


def escaped(text):
    """*text* as part of a pattern of LIKE."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def begins_with(field, text):
    """The Q over *field* for values that begin with *text*; upper and lower case are one."""
    return _like(field, f"{escaped(text)}%")


def has_inside(field, text):
    """The Q over *field* for values that have *text* somewhere; upper and lower case are one."""
    return _like(field, f"%{escaped(text)}%")

"""Pages of long lists by key instead of by offset: page 1,000 costs what page 1 costs, nothing is counted (heart 5).

A key is the order of a list, ending in a unique column, all parts in one direction; each index behind a list ends in
the same columns. Cursors are opaque to the page that carries them: whatever comes back in one is a value of a
comparison at most, never a column or an order.
"""

import datetime as dt
import json
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import NamedTuple
from zlib import crc32

from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import BooleanField, F, Func, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone

from . import formats

LONGEST_CURSOR = 4096
BIGGEST = 2**63


class Row(Func):
    """A row value, (a, b, c): both databases compare it part by part and walk an index while they do."""

    template = "(%(expressions)s)"
    arg_joiner = ", "
    output_field = BooleanField()  # of no meaning: a row has no type of its own


class BadCursor(Exception):
    """A cursor that this list has not made."""


@dataclass
class KeysetPage:
    """One page of a list. Cursors are "" where there is no such page.

    rows: what the queryset gave; may be replaced (`fetch`), for the cursors are made already.
    cursor_was_bad: the cursor was broken or of another list, and this is page 1.
    """

    rows: list
    next_cursor: str = ""
    previous_cursor: str = ""
    cursor_was_bad: bool = False

    @property
    def has_next(self):
        return self.next_cursor != ""

    @property
    def has_previous(self):
        return self.previous_cursor != ""

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)

    def fetch(self, queryset):
        """Takes the same rows from *queryset*, in the same order: keys come from a lean query, the rest by id."""
        ids = [row["id"] if isinstance(row, dict) else row.pk for row in self.rows]
        found = queryset.in_bulk(ids)
        self.rows = [found[id] for id in ids if id in found]


def paginate(queryset, key=("date", "time", "id"), *, after="", before="", at=None, size=50, descending=True):
    """The KeysetPage of *size* rows of *queryset* that follow the cursor *after*, come before *before*, or are first.

    at: instead of a cursor, values of *key*; the page begins with the first row behind them, and is the last one if none is.

    key: names of columns that are never NULL, or of annotations, the last one unique; may pass foreign keys (a__b).
    descending: the direction of all parts. Rows may be models or `values()` that hold the key.
    """
    order = _Order(queryset, key, descending)
    try:
        if at is not None:
            return order.page_at(at, size)
        if after:
            return order.page_after(order.read(after), size)
        if before:
            return order.page_before(order.read(before), size)
    except BadCursor:
        page = order.first_page(size)
        page.cursor_was_bad = True
        return page
    return order.first_page(size)


class _Order:
    """A queryset walked along its key."""

    def __init__(self, queryset, key, descending):
        self.queryset, self.key, self.descending = queryset, tuple(key), descending
        self.fields = [_field(queryset, part) for part in key]
        self.mark = crc32(f"{queryset.model._meta.label} {self.key} {descending}".encode())

    # Pages

    def first_page(self, size):
        rows = list(self._ordered(self.descending)[: size + 1])
        return self._page(rows[:size], is_last=len(rows) <= size, is_first=True)

    def page_after(self, values, size):
        rows = list(self._beyond(values, self.descending)[: size + 1])
        return self._page(rows[:size], is_last=len(rows) <= size, is_first=not rows)

    def page_before(self, values, size):
        rows = list(self._beyond(values, not self.descending)[: size + 1])
        if len(rows) < size:
            return self.first_page(size)  # the beginning is near: a full page instead of its remainder
        return self._page(rows[size - 1 :: -1], is_last=False, is_first=len(rows) == size)

    def page_at(self, values, size):
        """The page that begins behind *values*; where nothing is behind them, the last one."""
        rows = list(self._beyond(values, self.descending)[: size + 1])
        if not rows:
            rows = list(self._ordered(not self.descending)[:size])[::-1]
        is_first = not rows or not self._beyond(self._values(rows[0]), not self.descending).exists()
        return self._page(rows[:size], is_last=len(rows) <= size, is_first=is_first)

    def _values(self, row):
        return [_value(row, part) for part in self.key]

    def _page(self, rows, *, is_last, is_first):
        return KeysetPage(
            rows,
            next_cursor="" if is_last else self.write(rows[-1]),
            previous_cursor="" if is_first else self.write(rows[0]),
        )

    def _ordered(self, descending):
        return self.queryset.order_by(*(f"-{part}" if descending else part for part in self.key))

    def _beyond(self, values, descending):
        """The rows behind *values* in that direction, nearest first."""
        here = Row(*(F(part) for part in self.key))
        there = Row(*(Value(value, field) for value, field in zip(values, self.fields, strict=True)))
        beyond = LessThan(here, there) if descending else GreaterThan(here, there)
        # The bound says nothing new. It is there for planners that do not see through row values.
        bound = {f"{self.key[0]}__{'lte' if descending else 'gte'}": values[0]}
        return self._ordered(descending).filter(beyond, **bound)

    # Cursors

    def write(self, row):
        values = [_json_value(value) for value in self._values(row)]
        text = json.dumps([self.mark, *values], ensure_ascii=False, separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, cursor):
        """The values of the key in *cursor*, ready for the database. Raises BadCursor."""
        try:
            if len(cursor) > LONGEST_CURSOR:
                raise BadCursor
            text = b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True)
            mark, *values = json.loads(text)
            if mark != self.mark:
                raise BadCursor
            return [self._read_value(value, field) for value, field in zip(values, self.fields, strict=True)]
        except (ValueError, TypeError, ArithmeticError, RecursionError, ValidationError) as error:
            raise BadCursor from error

    def _read_value(self, value, field):
        if isinstance(value, str):
            value.encode()  # half a surrogate pair reaches no database
        elif type(value) is not int or not -BIGGEST <= value < BIGGEST:
            raise BadCursor
        if "\0" in str(value):
            raise BadCursor
        value = field.to_python(value)
        if isinstance(value, dt.datetime):
            if timezone.is_naive(value):
                raise BadCursor
            value = value.astimezone(dt.UTC)
        if isinstance(value, Decimal) and not _is_reasonable(value):
            raise BadCursor
        field.get_db_prep_value(value, connections[self.queryset.db])  # refuses what the column cannot hold
        return value


def _field(queryset, part):
    """The field of one part of a key."""
    if part in queryset.query.annotations:
        return queryset.query.annotations[part].output_field
    model = queryset.model
    for name in part.split("__"):
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        if field.null:
            raise ValueError(f"{part} may be NULL: such rows would be on no page")
        model = field.related_model
    return getattr(field, "target_field", field)


def _is_reasonable(number):
    return number.is_finite() and abs(number) < BIGGEST and -40 < number.as_tuple().exponent < 40


def _value(row, part):
    return row[part] if isinstance(row, dict) else reduce(getattr, part.split("__"), row)


def _json_value(value):
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return int(value) if isinstance(value, int) else str(value)


# --- counts -----------------------------------------------------------------------------------------------------------


class Capped(NamedTuple):
    """How many rows there are, at least. more: and some more."""

    count: int
    more: bool

    @property
    def label(self):
        """412, or 10,000+."""
        return f"{formats.integer(self.count)}{'+' if self.more else ''}"

    def __str__(self):
        return self.label


def capped_count(queryset, cap=10_000):
    """The Capped count of *queryset*; the database looks at no more than *cap* + 1 rows."""
    count = queryset.order_by().values("pk")[: cap + 1].count()
    return Capped(min(count, cap), count > cap)

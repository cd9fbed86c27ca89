"""What the apps above add to contacts and salespeople: rows that point at them, and parts of their lists.

An app registers in its own `dependents.py`, found at start as admin.py files are:

    from crm import dependents

    dependents.register(dependents.Dependent(name="entries", of=Contact, rows=entries_of, fixes_type=True))
    dependents.contacts.add(
        dependents.Column(name="last_interaction", label=_("Last interaction"), values=last_dates, show=date_dense),
        dependents.ListFilter(name="quiet_since", filter=DateFilter(…)),
    )

A column asks one query for the ids of a page, never one per row.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# --- rows that point at a contact or a salesperson --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Dependent:
    """A model of an upper app with a foreign key to *of* (Contact or Salesperson).

    rows: callable(queryset of *of*) -> queryset of the rows that point there.  fixes_type: while there are any, a
    contact stays what it is, company or person (R-74).
    """

    name: str
    of: type
    rows: Callable
    fixes_type: bool = False


_dependents: dict[str, Dependent] = {}


def register(*dependents):
    for dependent in dependents:
        if _dependents.setdefault(dependent.name, dependent) is not dependent:
            raise ValueError(f"{dependent.name} is registered twice.")


def unregister(*dependents):
    for dependent in dependents:
        del _dependents[dependent.name]


def fixing_type_of(contacts):
    """The first Dependent because of which *contacts* (a queryset) keep their type, or None."""
    for dependent in _dependents.values():
        if dependent.fixes_type and dependent.rows(contacts).exists():
            return dependent
    return None


# --- parts of lists ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a list, of its export and a fact of the card.

    values: callable(ids, user) -> {id: value}; one query.  show: value -> text of the page; an export writes the plain
    value.  numeric: set to the right.  permission: "app.codename"; without it there is no such column.
    """

    name: str
    label: Any
    values: Callable
    show: Callable = str
    numeric: bool = False
    permission: str = ""
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """A filter of a list. filter: a Filter of django-filter; each list gets a copy."""

    name: str
    filter: Any
    permission: str = ""
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something to do with the selected rows of a list.

    url: URL name that takes a POST of the list's form, whose answer opens as a dialog (see `crm.selection`).
    icon: a symbol of icons.svg.
    """

    name: str
    label: Any
    icon: str
    url: str
    permission: str = ""
    order: int = 100


class ListProviders:
    """What upper apps add to one list."""

    def __init__(self):
        self._parts = {}

    def add(self, *parts):
        for part in parts:
            if self._parts.setdefault(part.name, part) is not part:
                raise ValueError(f"{part.name} is registered twice.")

    def remove(self, *parts):
        for part in parts:
            del self._parts[part.name]

    def columns(self, user):
        """The Columns that *user* may see, in order."""
        return self._permitted(Column, user)

    def bulk_actions(self, user):
        """The BulkActions that *user* may take, in order."""
        return self._permitted(BulkAction, user)

    def filters(self, user):
        """{name: Filter} of what *user* may filter by, in order; fresh copies."""
        return {part.name: copy.deepcopy(part.filter) for part in self._permitted(ListFilter, user)}

    def _permitted(self, kind, user):
        parts = [
            part
            for part in self._parts.values()
            if type(part) is kind and (not part.permission or user.has_perm(part.permission))
        ]
        return sorted(parts, key=lambda part: part.order)


contacts = ListProviders()
salespeople = ListProviders()


class Cells:
    """The provided columns of one page of rows: one query for each column, made when the first cell is read."""

    def __init__(self, providers, user, rows):
        self.columns = providers.columns(user)
        self.user = user
        self.rows = rows
        self._values = {}

    def value(self, column, row):
        """The plain value of a cell, or None."""
        if column.name not in self._values:
            ids = [each.pk for each in self.rows]
            self._values[column.name] = column.values(ids, self.user) if ids else {}
        return self._values[column.name].get(row.pk)

    def of(self, row):
        """[(Column, text), …] of *row*; a missing value is ""."""
        values = [(column, self.value(column, row)) for column in self.columns]
        return [(column, "" if value is None else column.show(value)) for column, value in values]

    def __iter__(self):
        """(row, its cells) for each row."""
        return ((row, self.of(row)) for row in self.rows)

"""Values that a condition offers: a few that never change, or rows of a list that may be long."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from crm.parsing.expressions import begins_with, has_inside

MOST_LISTED = 100  # rows; more of them are searched
FOUND = 20  # rows that a search answers
NOBODY = ""  # among the salespeople: contacts that nobody has


@dataclass(frozen=True)
class Few:
    """Values of which all are offered. every: () -> [(key, label), …]."""

    every: Callable

    def listed(self, user):
        """[(key, label), …] of all, or None when they have to be searched."""
        return self.every()

    def labels(self, keys, user=None):
        """{key: label} of those of *keys* that there are and that *user* may see."""
        known = {str(key): str(label) for key, label in self.every()}
        return {key: known[key] for key in keys if key in known}


@dataclass(frozen=True)
class Rows:
    """Rows of *model*, called by their column *key*.

    named: the column of names, searched too.  order: of the list.  scoped: the model says what a user sees
    (`visible_to`).  nobody: contacts without such a row can be asked for too.  unread: long columns that stay in the
    database.
    """

    model: Any
    key: str = "code"
    named: str = "description"
    order: str = "code"
    scoped: bool = False
    nobody: bool = False
    unread: tuple = ()

    def listed(self, user):
        rows = list(self._rows(user)[: MOST_LISTED + 1])
        return None if len(rows) > MOST_LISTED else [*self._nobody(), *map(self._pair, rows)]

    def labels(self, keys, user=None):
        rows = self._rows(user).filter(**{f"{self.key}__in": [key for key in keys if key != NOBODY]})
        found = dict(map(self._pair, rows))
        return found | {key: label for key, label in self._nobody() if key in keys}

    def search(self, words, user):
        """[(key, label), …] of at most FOUND rows whose key begins with *words* or whose name has them."""
        rows = self._rows(user)
        if words:
            rows = rows.filter(begins_with(self.key, words) | has_inside(self.named, words))
        return [*([] if words else self._nobody()), *map(self._pair, rows[:FOUND])]

    def _rows(self, user):
        rows = self.model.objects.defer(*self.unread)
        if self.scoped and user is not None:
            rows = rows.visible_to(user)
        return rows.order_by(self.order, self.key)

    def _pair(self, row):
        return getattr(row, self.key), str(row)

    def _nobody(self):
        return [(NOBODY, gettext("Nobody"))] if self.nobody else []

"""One question of a recipe: checked, asked, and said in words."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.errors import Refusal
from crm.parsing.text import shown
from segments.models.criteria import VALUES_SAID

from .fields import (
    ALL_FIELDS,
    BEFORE,
    CHOSEN,
    CONTAINS,
    IS,
    IS_NOT,
    MATCHES,
    NOT_SINCE,
    NOT_WITHIN,
    SINCE,
    WITHIN,
    EntryField,
)

MOST_VALUES = 2_000
MOST_DAYS = 36_500


class BadCondition(Refusal):
    """A condition that means nothing; `.position` is its place among the conditions, from 0."""

    def __init__(self, sentence, *, position=None, **values):
        self.position = position
        super().__init__(sentence, **values)


@dataclass(frozen=True)
class Condition:
    """One question."""

    field: str
    operator: str
    value: Any
    more: int = 0  # values that an outline leaves out

    def checked(self, by):
        """The same with its value in order.

        Raises BadCondition when it means nothing, or asks for what *by* may not ask or names what *by* does not see.
        """
        if not isinstance(self.field, str) or self.field not in ALL_FIELDS:
            raise BadCondition(_("There is no condition “%(field)s”."), field=shown(str(self.field)))
        if self.operator not in [each.name for each in self.asks.operators]:
            raise BadCondition(_("Choose how to compare “%(field)s”."), field=self.asks.label)
        if self.asks.permission and not by.has_perm(self.asks.permission):
            raise BadCondition(_("You may not ask about “%(field)s”."), field=self.asks.label)
        condition = replace(self, value=self._checked(by))
        condition.q()  # an expression that cannot be read is found here
        return condition

    def _checked(self, by):
        kind = self.comparison.kind
        if kind == "choices":
            return self._choices(by)
        if kind == "days":
            return self._days()
        if kind == "day":
            return self._day()
        text = self.value.strip() if isinstance(self.value, str) else ""
        if not text:
            raise BadCondition(_("Enter what “%(field)s” is to be."), field=self.asks.label)
        return text

    def _choices(self, by):
        values = self.value if isinstance(self.value, (list, tuple)) else [self.value]
        values = list(dict.fromkeys(str(value) for value in values if value is not None))
        if not values:
            raise BadCondition(_("Choose a value for “%(field)s”."), field=self.asks.label)
        if len(values) > MOST_VALUES and self.field != CHOSEN.name:
            raise BadCondition(
                _("“%(field)s” has more than %(count)s values. Take fewer."),
                field=self.asks.label,
                count=MOST_VALUES,
            )
        of = self.asks.choices or self.asks.rows
        if of is not None:
            known = of.labels(values, by)
            for value in values:
                if value not in known:
                    raise BadCondition(
                        _("“%(field)s” knows no “%(value)s” any more. Choose another value."),
                        field=self.asks.label,
                        value=shown(value),
                    )
        return values

    def _days(self):
        try:
            days = int(self.value)
        except (TypeError, ValueError, OverflowError):
            days = -1
        if not 0 <= days <= MOST_DAYS:
            raise BadCondition(
                _("Enter a number of days for “%(field)s”, such as 180."), field=self.asks.label
            )
        return days

    def _day(self):
        try:
            return dt.date.fromisoformat(self.value).isoformat()
        except (TypeError, ValueError):
            raise BadCondition(_("Enter a date for “%(field)s”."), field=self.asks.label) from None

    @property
    def asks(self):
        return ALL_FIELDS[self.field]

    @property
    def comparison(self):
        return next(each for each in self.asks.operators if each.name == self.operator)

    def q(self):
        """What it asks: over InteractionLogEntry if `is_about_entries`, else over Contact."""
        try:
            return self.asks.q(self.operator, self.value)
        except Refusal as problem:
            raise BadCondition(problem.sentence, **problem.values) from problem

    @property
    def is_known(self):
        """Whether it can be said in words: what was stored may ask for a field that there is no longer."""
        if not isinstance(self.field, str) or self.field not in ALL_FIELDS:
            return False
        if self.operator not in [each.name for each in self.asks.operators]:
            return False
        match self.comparison.kind:
            case "choices":
                return isinstance(self.value, list) and all(isinstance(each, str) for each in self.value)
            case "day":
                return isinstance(self.value, str) and is_day(self.value)
        return isinstance(self.value, (str, int))

    @property
    def is_about_entries(self):
        return isinstance(self.asks, EntryField)

    def as_json(self):
        return {"field": self.field, "operator": self.operator, "value": self.value}


def is_day(text):
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Sentences:
    """Says conditions in the language of the page. `learn` first what is to be said: then each list is asked once."""

    # Translators: %(field)s is such as "Country/region", %(values)s such as "Spain, Portugal".
    PATTERNS = {
        IS.name: _("%(field)s: %(values)s"),
        MATCHES.name: _("%(field)s: %(values)s"),
        CONTAINS.name: _("%(field)s contains %(values)s"),
        IS_NOT.name: _("%(field)s is not: %(values)s"),
        SINCE.name: _("%(field)s: on or after %(values)s"),
        BEFORE.name: _("%(field)s: before %(values)s"),
        WITHIN.name: _("%(field)s: in the last %(values)s days"),
        NOT_SINCE.name: _("%(field)s: none since %(values)s"),
        NOT_WITHIN.name: _("%(field)s: none in the last %(values)s days"),
    }

    def __init__(self, user=None):
        self._user = user  # whoever is to see the names of rows; without one all are said
        self._labels = {}

    def learn(self, recipes):
        """Ask for the labels of all values that saying *recipes* takes."""
        wanted = {}
        for condition in (each for recipe in recipes for each in recipe.conditions):
            if condition.is_known and condition.comparison.kind == "choices":
                wanted.setdefault(condition.field, set()).update(condition.value[:VALUES_SAID])
        for name, values in wanted.items():
            self._ask(ALL_FIELDS[name], sorted(values))

    def of(self, condition):
        """Such as "Country/region: Spain, Portugal"."""
        if not condition.is_known:
            return gettext("Unknown condition “%(field)s”") % {"field": shown(str(condition.field))}
        pattern = str(self.PATTERNS[condition.operator])
        return pattern % {"field": condition.asks.label, "values": self._values(condition)}

    def _values(self, condition):
        match condition.comparison.kind:
            case "day":
                return formats.date_dense(dt.date.fromisoformat(condition.value))
            case "choices":
                first = [self._label(condition.asks, value) for value in condition.value[:VALUES_SAID]]
                if more := len(condition.value) - len(first) + condition.more:
                    first.append(gettext("%(count)s more") % {"count": formats.integer(more)})
                return ", ".join(first)
        return str(condition.value)

    def _label(self, asks, value):
        if (asks.name, value) not in self._labels:
            self._ask(asks, [value])
        return self._labels[asks.name, value]

    def _ask(self, asks, values):
        labels = asks.choices.labels(values, self._user) if asks.choices else {}
        self._labels |= {(asks.name, value): labels.get(value, value) for value in values}

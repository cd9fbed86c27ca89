"""The merge fields there are, and the names they go by."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from crm.folding import fold


class Group(models.TextChoices):
    """What a field tells about."""

    CONTACT = "contact", pgettext_lazy("group of merge fields", "Contact")
    SALESPERSON = "salesperson", pgettext_lazy("group of merge fields", "Salesperson")
    INTERACTION = "interaction", pgettext_lazy("group of merge fields", "Interaction")
    COMPANY = "company", pgettext_lazy("group of merge fields", "Our company")


class Kind(StrEnum):
    """What becomes of the text that was read: a date and a number follow the language of the letter."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True, kw_only=True)
class MergeField:
    """One thing that letters can say.

    name: its stable English name in Word files, words joined by underscores.
    label: for people, without the group.
    source: what is read from the database, relative to the group: the path of a field ("salutation__code") or a
        function that gets the prefix of such paths ("contact__") and answers an expression. None for fields that are
        put together from others.
    value: a function of `Frozen` that answers text, a date, a number or None; without it, what `source` reads.
    names: {language: its name in that language}.  aliases: other names that files may use.
    """

    name: str
    group: Group
    label: str | Promise
    source: str | Callable | None = None
    kind: Kind = Kind.TEXT
    value: Callable | None = None
    names: Mapping = field(default_factory=dict)
    aliases: tuple = ()

    @property
    def key(self):
        """Under which its source is frozen."""
        return f"{self.group}.{self.source if isinstance(self.source, str) else self.name}"

    def name_in(self, language):
        """Its name for files in *language*; the English one where it has none."""
        return self.names.get(language) or self.names.get(language.partition("-")[0]) or self.name


_fields = {}
_by_key = {}


def name_key(name):
    """What is alike in all spellings of a name: "Contact Phone No." and "contact_phone_no" are one."""
    return "".join(character for character in fold(name) if character.isalnum())


def register(*fields):
    """Make *fields* (MergeField) known. Raises ValueError for a name that another field goes by."""
    for each in fields:
        names = [each.name, *each.names.values(), *each.aliases]
        for name in names:
            other = _by_key.get(name_key(name), (each, ""))[0]
            if other.name != each.name:
                raise ValueError(f"{name} is a name of the merge field {other.name}.")
        for name in names:
            _by_key.setdefault(name_key(name), (each, name))
        _fields[each.name] = each


def unregister(name):
    """Forget a field, for tests."""
    gone = _fields.pop(name)
    for key in [key for key, (each, _name) in _by_key.items() if each is gone]:
        del _by_key[key]


def all_fields():
    """All fields in the order in which they were registered."""
    return list(_fields.values())


def by_group():
    """[(Group, [MergeField, …]), …] as lists for people show them."""
    return [(group, [each for each in all_fields() if each.group == group]) for group in Group]


def find(name):
    """The field that goes by *name* in any spelling and language, or None."""
    found = _by_key.get(name_key(name))
    return found[0] if found else None


def suggest(name):
    """The name that *name* was probably meant to be, or ''."""
    close = difflib.get_close_matches(name_key(name), _by_key, n=1, cutoff=0.7)
    return _by_key[close[0]][1] if close else ""

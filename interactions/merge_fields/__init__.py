"""What letters can say about a contact, a salesperson, an interaction and our own company (R-86).

A registry that other apps may add to: `register(MergeField(…))` in `AppConfig.ready()`. Files may call a field by its
stable English name, by its names in Spanish, French and Russian, or as Business Central does.
"""

from .filling import Filler, Unknown, fill_entries, frozen_for, unknown, value_of
from .frozen import Frozen, company_values, thaw, with_values
from .registry import Group, Kind, MergeField, all_fields, by_group, find, register, suggest, unregister
from .starter import starter_file

__all__ = [
    "Filler",
    "Frozen",
    "Group",
    "Kind",
    "MergeField",
    "Unknown",
    "all_fields",
    "by_group",
    "company_values",
    "fill_entries",
    "find",
    "frozen_for",
    "register",
    "starter_file",
    "suggest",
    "thaw",
    "unknown",
    "unregister",
    "value_of",
    "with_values",
]

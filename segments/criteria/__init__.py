"""Choosing contacts: what a condition is, and the contacts that a recipe of conditions finds (R-53 to R-55).

There is no option *Allow existing contacts*: a contact is in a segment once.

A recipe is JSON, so that it can be stored, shown and run again against the data of the day:

    {"conditions": [{"field": "country", "operator": "is", "value": ["ES", "PT"]}, …], "options": ["expand_companies"]}

Conditions combine with AND. Those on interactions look for one interaction that meets them all.
"""

from .choices import Rows
from .conditions import MOST_VALUES, BadCondition, Condition, Sentences
from .fields import FIELDS, OF_LOGGED
from .recipes import (
    ENTIRE_COMPANIES,
    EXPAND_COMPANIES,
    IGNORE_EXCLUSION,
    MOST_CONDITIONS,
    OF_ADD,
    OF_REMOVE,
    OPTIONS,
    RELATED_COMPANIES,
    Recipe,
)

__all__ = [
    "ENTIRE_COMPANIES",
    "EXPAND_COMPANIES",
    "FIELDS",
    "IGNORE_EXCLUSION",
    "MOST_CONDITIONS",
    "MOST_VALUES",
    "OF_ADD",
    "OF_LOGGED",
    "OF_REMOVE",
    "OPTIONS",
    "RELATED_COMPANIES",
    "BadCondition",
    "Condition",
    "Recipe",
    "Rows",
    "Sentences",
]

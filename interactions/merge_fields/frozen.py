"""What a letter is made from, as text: read by one query for many letters, kept for ever beside an entry.

A row of it is nested JSON, {group: {source: text}}, made by the database. Texts only: the two databases disagree about how
JSON shows dates and numbers.
"""

import datetime as dt
from decimal import Decimal, InvalidOperation

from django.db.models import F, FilteredRelation, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject, NullIf, StrIndex, Substr

from crm.models import MarketingSetup, NamePart, SalutationFormula, SalutationType

from .registry import Group, Kind, all_fields

# Read whether a field asks for them or not: salutations, addresses and file names are made from them.
NEEDED = {
    Group.CONTACT: [
        "type",
        "name",
        "company_name",
        "language",
        "country",
        "email",
        "salutation__code",
        *(part.lower() for part in NamePart.values),
    ],
    Group.INTERACTION: ["language"],
    Group.SALESPERSON: [],
}
# More pairs would need more arguments than functions take (heart 1).
MOST_PAIRS = 40
# Of the letter, its base language, neutral: the salutation is in the first that has a formula.
_CHAIN = ("letter_language", "letter_base_language", "letter_no_language")
_BETWEEN = "|"


class Frozen(dict):
    """The texts of one letter by "group.source", such as "contact.name"; one that is not there is ''."""

    def __missing__(self, key):
        return ""

    @property
    def language(self):
        """Of the letter, else of the contact."""
        return self["interaction.language"] or self["contact.language"]

    @property
    def is_person(self):
        return self["contact.type"] == "PERSON"

    def typed(self, key, kind):
        """The text under *key* as what it is; None where there is none, text where it is no such thing."""
        text = self[key]
        if kind == Kind.TEXT or not text:
            return text or None
        try:
            return dt.date.fromisoformat(text) if kind == Kind.DATE else Decimal(text)
        except (ValueError, InvalidOperation):
            return text


def thaw(nested, *, company=None):
    """Frozen from a row of JSON, with the values of our own *company* (default: as they are now)."""
    flat = Frozen()
    for group, pairs in nested.items():
        for name, text in pairs.items():
            flat[f"{group.partition('+')[0]}.{name}"] = text or ""
    flat.update(company_values() if company is None else company)
    return flat


def company_values():
    """{"company.name": …}: what letters say about our own company."""
    setup = MarketingSetup.current()
    fields = [each.source for each in all_fields() if each.group == Group.COMPANY and each.source]
    return {f"company.{name}": str(getattr(setup, f"company_{name}") or "") for name in fields}


def with_values(rows, *, contact, salesperson, interaction):
    """*rows* (a queryset) annotated with `merge_values`, the JSON of each row; one statement, whatever their number.

    contact, salesperson, interaction: the prefix of paths from a row ("contact__", "" for the row itself), or a dict of
    texts by source where all rows have the same.
    """
    language = _first_text(_path(interaction, "language"), _path(contact, "language"))
    base = Substr(language, 1, StrIndex(Concat(language, Value("-")), Value("-")) - 1)
    rows = rows.alias(letter_language=language, letter_base_language=base, letter_no_language=Value(""))
    if isinstance(contact, str):
        rows = rows.alias(**_formulas(contact))
    groups = {}
    for group, place in (
        (Group.CONTACT, contact),
        (Group.SALESPERSON, salesperson),
        (Group.INTERACTION, interaction),
    ):
        pairs = _pairs(group, place)
        names = list(pairs)
        for start in range(0, len(names), MOST_PAIRS):
            key = f"{group}+{start // MOST_PAIRS}" if start else str(group)
            groups[key] = JSONObject(**{name: pairs[name] for name in names[start : start + MOST_PAIRS]})
    return rows.annotate(merge_values=JSONObject(**groups))


def _pairs(group, place):
    """{name in the JSON: expression} of one group."""
    sources = {name: name for name in NEEDED[group]}
    for each in all_fields():
        if each.group == group and each.source:
            sources[each.key.partition(".")[2]] = each.source
    if not isinstance(place, str):
        return {name: Value(str(place.get(name) or ""), TextField()) for name in sources}
    pairs = {
        name: _text(source(place) if callable(source) else F(f"{place}{source}"))
        for name, source in sources.items()
    }
    if group == Group.CONTACT:
        pairs |= {f"salutation_{kind.lower()}": _formula(kind) for kind in SalutationType.values}
    return pairs


def _text(expression):
    return Coalesce(Cast(expression, TextField()), Value(""), output_field=TextField())


def _path(place, name):
    return F(f"{place}{name}") if isinstance(place, str) else Value(str(place.get(name) or ""))


def _first_text(*expressions):
    return Coalesce(
        *(NullIf(Cast(each, TextField()), Value("")) for each in expressions),
        Value(""),
        output_field=TextField(),
    )


# --- salutations


def _formulas(contact):
    """Joins to the formulas that may greet the contact: for each type one per language, best first."""
    path = f"{contact}salutation__formulas"
    return {
        f"{kind.lower()}_in_{language}": FilteredRelation(
            path, condition=Q(**{f"{path}__language": F(language), f"{path}__type": kind})
        )
        for kind in SalutationType.values
        for language in _CHAIN
    }


def _formula(kind):
    """The formula found: what stands for its places and its pattern, as one text; see `formula_of`."""

    def found(column):
        return Coalesce(
            *(f"{kind.lower()}_in_{language}__{column}" for language in _CHAIN),
            Value(""),
            output_field=TextField(),
        )

    pieces = []
    for name in SalutationFormula.PARTS:
        pieces += [found(name), Value(_BETWEEN)]
    return Concat(*pieces, found("pattern"), output_field=TextField())


def formula_of(text):
    """(pattern, names of the contact's fields behind %1 to %5) of a frozen formula; ('', …) when there was none."""
    *parts, pattern = text.split(_BETWEEN, len(SalutationFormula.PARTS))
    return pattern, [part.lower() for part in parts]

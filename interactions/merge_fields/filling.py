"""From frozen texts to what a template is filled with."""

from django.utils.translation import gettext

from interactions import merging
from interactions.merging import Filling

from . import values
from .frozen import Frozen, company_values, thaw, with_values
from .registry import find, suggest

_GREETINGS = {"Formal_Salutation": "FORMAL", "Informal_Salutation": "INFORMAL"}


class Filler:
    """Fills the *template* (of `merging.compile`) of one file: its names are looked up once.

    company: the values of our own company as they were kept with the letters; default: as they are now.
    """

    def __init__(self, template, *, company=None):
        used = {use.name: find(use.name) for use in template.uses}
        self.fields = {name: field for name, field in used.items() if field is not None}
        self.greetings = sorted({_GREETINGS[f.name] for f in self.fields.values() if f.name in _GREETINGS})
        self.company = company_values() if company is None else company

    def fill(self, row):
        """The Filling for a row of JSON (`merge_values`) or a Frozen."""
        frozen = row if isinstance(row, Frozen) else thaw(row, company=self.company)
        return Filling(
            values={name: value_of(field, frozen) for name, field in self.fields.items()},
            language=frozen.language,
            name=merging.letter_stem(
                company=frozen["contact.company_name"] if frozen.is_person else "",
                person=frozen["contact.name"],
            ),
            warnings=tuple(
                filter(None, (values.salutation_warning(kind, frozen) for kind in self.greetings))
            ),
        )


def value_of(field, frozen):
    """What *field* (MergeField) says in a letter: text, date, number or None."""
    return field.value(frozen) if field.value else frozen.typed(field.key, field.kind)


def fill_entries(template, entries, *, company=None):
    """Pairs of the id of an entry and its Filling, for a queryset of entries: one query, a batch in memory at a time."""
    filler = Filler(template, company=company)
    rows = with_values(entries, contact="contact__", salesperson="salesperson__", interaction="")
    for pk, row in rows.values_list("pk", "merge_values").iterator(chunk_size=500):
        yield pk, filler.fill(row)


def frozen_for(contacts, *, salesperson="salesperson__", **interaction):
    """{id: Frozen} for a queryset of contacts, for letters that are no entries yet; one query.

    salesperson: the one of the interaction; default: each contact's own. interaction: date, description, subject,
    language, campaign__no, segment_no.
    """
    given = {name: _plain(value) for name, value in interaction.items()}
    who = salesperson if isinstance(salesperson, str) else _texts_of(salesperson)
    rows = with_values(contacts, contact="", salesperson=who, interaction=given)
    company = company_values()
    return {pk: thaw(row, company=company) for pk, row in rows.values_list("pk", "merge_values")}


def _plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")


def _texts_of(salesperson):
    if salesperson is None:
        return {}
    return {name: getattr(salesperson, name) for name in ("code", "name", "job_title", "phone_no", "email")}


# --- names that nobody knows


class Unknown:
    """A merge field that no value is known for. ``sentence`` tells where it is and what was probably meant."""

    def __init__(self, use, suggestion):
        self.name, self.place, self.suggestion = use.name, use.place, suggestion

    @property
    def sentence(self):
        found = {"field": self.name, "place": self.place, "suggestion": self.suggestion}
        if self.suggestion:
            # Translators: %(field)s is a name somebody wrote, %(place)s a place such as "page 1".
            return gettext("%(field)s, %(place)s. Did you mean %(suggestion)s?") % found
        # Translators: %(field)s is a name somebody wrote, %(place)s a place such as "page 1".
        return gettext("%(field)s, %(place)s. There is no such merge field.") % found


def unknown(uses):
    """The fields among *uses* that nothing is known of (Unknown), each name once, where it stands first."""
    found = {}
    for use in uses:
        if find(use.name) is None:
            found.setdefault(use.name, Unknown(use, suggest(use.name)))
    return list(found.values())

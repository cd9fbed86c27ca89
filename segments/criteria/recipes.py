"""Recipes: conditions and options, and the contacts or lines that they find (R-54, R-55)."""

from dataclasses import dataclass, field, replace

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from crm.models import (
    Contact,
    ContactType,
)
from interactions.models import (
    InteractionLogEntry,
)

from .conditions import BadCondition, Condition
from .fields import CHOSEN, IS, OF_LOGGED

MOST_CONDITIONS = 30

EXPAND_COMPANIES = "expand_companies"
RELATED_COMPANIES = "related_companies"
IGNORE_EXCLUSION = "ignore_exclusion"
ENTIRE_COMPANIES = "entire_companies"

OPTIONS = {
    EXPAND_COMPANIES: _("Everyone in the companies found"),
    RELATED_COMPANIES: _("The companies of the people found too"),
    IGNORE_EXCLUSION: _("Contacts that are excluded from segments too"),
    ENTIRE_COMPANIES: _("Entire companies: one hit stands for everyone there"),
}
OF_ADD = (EXPAND_COMPANIES, RELATED_COMPANIES, IGNORE_EXCLUSION)
OF_REMOVE = (ENTIRE_COMPANIES,)


@dataclass(frozen=True)
class Recipe:
    """Conditions and options of one step."""

    conditions: tuple = ()
    options: frozenset = field(default_factory=frozenset)

    @classmethod
    def read(cls, data):
        """The Recipe, or its outline, that was stored as JSON, as it was: for showing it."""
        rows = data.get("conditions", [])
        conditions = [
            Condition(row.get("field"), row.get("operator"), row.get("value"), row.get("more", 0))
            for row in rows
        ]
        return cls(tuple(conditions), frozenset(data.get("options", ())) & OPTIONS.keys())

    def checked(self, by):
        """The same, every condition in order. Raises BadCondition, with the position of the condition.

        by: whoever runs it, and may ask only what is open to him or her, whoever wrote it.
        """
        if len(self.conditions) > MOST_CONDITIONS:
            raise BadCondition(_("Take at most %(count)s conditions."), count=MOST_CONDITIONS)
        conditions = []
        for position, condition in enumerate(self.conditions):
            try:
                conditions.append(condition.checked(by))
            except BadCondition as problem:
                problem.position = position
                raise
        return replace(self, conditions=tuple(conditions))

    @classmethod
    def of_contacts(cls, numbers):
        """That names contacts one by one: what a line typed by hand records (R-52)."""
        return cls((Condition(CHOSEN.name, IS.name, list(numbers)),))

    def as_json(self):
        return {
            "conditions": [condition.as_json() for condition in self.conditions],
            "options": sorted(self.options),
        }

    def only(self, options):
        return replace(self, options=self.options & frozenset(options))

    @classmethod
    def of_logged_segment(cls, logged):
        """That finds the contacts of a logged segment again (R-59)."""
        return cls((Condition(OF_LOGGED.name, IS.name, [logged.segment_no]),))

    # Contacts

    def meets(self):
        """The Q over Contact of all conditions."""
        found, entries = Q(), None
        for condition in self.conditions:
            if condition.is_about_entries:
                entries = (entries if entries is not None else Q()) & condition.q()
            else:
                found &= condition.q()
        if entries is not None:
            # Canceled interactions do not count (ours; R-53).
            theirs = InteractionLogEntry.objects.counting().filter(entries)
            found &= Exists(theirs.filter(contact=OuterRef("pk")))
        return found

    def found_in(self, contacts):
        """Those of *contacts* (a queryset) that an Add finds: expansion first, related companies second (R-54)."""
        found = contacts.filter(self.meets()).order_by()
        if EXPAND_COMPANIES in self.options:
            found = contacts.alias(house=HOUSE).filter(house__in=houses_of(found)).order_by()
        if RELATED_COMPANIES in self.options:
            companies = found.exclude(company=None).values("company")
            found = contacts.filter(pk__in=found.values("pk").union(companies)).order_by()
        return found

    def addable(self):
        """The Q of found contacts that may come into a segment: exclusion last (R-54); never blocked ones (ours).

        Contacts that somebody named one by one come even when they are excluded.
        """
        allowed = Q(privacy_blocked=False)
        if IGNORE_EXCLUSION in self.options or any(each.field == CHOSEN.name for each in self.conditions):
            return allowed
        return allowed & Q(exclude_from_segment=False)

    def hits(self, lines):
        """Those of *lines* (a queryset of segment lines) that a Reduce removes and a Refine keeps (R-55).

        Without conditions that is every line.
        """
        if not self.conditions:
            return lines
        found = Contact.objects.filter(self.meets()).order_by()
        if ENTIRE_COMPANIES not in self.options:
            return lines.filter(contact__in=found.values("pk"))
        return lines.alias(house=HOUSE_OF_LINE).filter(house__in=houses_of(found))


# What the contacts of one company have in common: the id of the company. A person without one is a house of his or her
# own, below zero. One look-up in a set, where "this one, or that one's company" is two for each contact.
HOUSE = Case(
    When(type=ContactType.COMPANY, then=F("pk")),
    When(company__isnull=False, then=F("company")),
    default=-F("pk"),
    output_field=BigIntegerField(),
)
HOUSE_OF_LINE = Case(
    When(contact__type=ContactType.COMPANY, then=F("contact")),
    When(contact__company__isnull=False, then=F("contact__company")),
    default=-F("contact"),
    output_field=BigIntegerField(),
)


def houses_of(contacts):
    return contacts.annotate(house=HOUSE).values("house")

"""What criteria can ask: the ways to compare, and the fields of contacts and of interactions (R-53)."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock
from crm.bulk import Among
from crm.countries import country_choices
from crm.languages import language_choices
from crm.models import (
    BusinessRelation,
    Channel,
    Contact,
    ContactBusinessRelation,
    ContactIndustryGroup,
    ContactJobResponsibility,
    ContactMailingGroup,
    ContactType,
    IndustryGroup,
    JobResponsibility,
    MailingGroup,
    Salesperson,
    Territory,
)
from crm.parsing.expressions import parse_expression
from interactions.models import (
    Campaign,
    Evaluation,
    InteractionGroup,
    InteractionLogEntry,
    InteractionTemplate,
    LoggedSegment,
)

from .choices import NOBODY, Few, Rows

MANY_VALUES = 100  # so many are parameters of their own


# --- operators: how a value is written, checked and said ------------------------------------------------------------


@dataclass(frozen=True)
class Operator:
    """One way to compare. kind: what its value is, "choices" ([key, …]), "text", "day" (ISO) or "days" (a number).

    hint: what may be typed, where that is not plain.
    """

    name: str
    label: Any
    kind: str
    hint: Any = ""


IS = Operator("is", pgettext_lazy("condition", "is"), "choices")
IS_NOT = Operator("is_not", pgettext_lazy("condition", "is not"), "choices")
MATCHES = Operator(
    "matches",
    pgettext_lazy("condition", "matches"),
    "text",
    hint=_("For example A*, A*|B*, A..C or <>A. * stands for any text, ? for one character."),
)
CONTAINS = Operator(
    "contains",
    pgettext_lazy("condition", "contains"),
    "text",
    hint=_("Words that stand anywhere in it. For A*|B*, A..C or <>A choose “matches”."),
)
SINCE = Operator("since", pgettext_lazy("condition", "on or after"), "day")
BEFORE = Operator("before", pgettext_lazy("condition", "before"), "day")
WITHIN = Operator("within", pgettext_lazy("condition", "in the last (days)"), "days")
NOT_SINCE = Operator("not_since", pgettext_lazy("condition", "not since"), "day")
NOT_WITHIN = Operator("not_within", pgettext_lazy("condition", "not in the last (days)"), "days")


# --- fields ---------------------------------------------------------------------------------------------------------

CONTACT, LISTS, INTERACTIONS = pgettext_lazy("crm", "Contact"), _("Lists"), _("Interactions")


@dataclass(frozen=True, kw_only=True)
class ContactField:
    """Something to ask about a contact. q: (operator name, value) -> Q over Contact.

    choices: Few or Rows, the values that it may have; without them every text may.  rows: what its values name where
    they say it by themselves.
    """

    name: str
    label: Any
    operators: tuple
    q: Callable
    section: Any = CONTACT
    choices: Few | Rows | None = None
    rows: Rows | None = None
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryField(ContactField):
    """Something to ask about interactions; q is over InteractionLogEntry."""

    section: Any = INTERACTIONS
    permission: str = "interactions.view_interactionlogentry"


def column(name):
    """q of a column of choices."""

    def q(operator, values):
        found = Q(**{f"{name}__in": Among(values) if len(values) > MANY_VALUES else values})
        return ~found if operator == IS_NOT.name else found

    return q


def related(name, key="code"):
    """q of a foreign key whose rows are named by *key*; NOBODY means none."""

    def q(operator, values):
        found = Q(**{f"{name}__{key}__in": [value for value in values if value != NOBODY]})
        if NOBODY in values:
            found |= Q(**{f"{name}__isnull": True})
        return ~found if operator == IS_NOT.name else found

    return q


def expression(name):
    return lambda _operator, text: parse_expression(name, text)


def membership(link, name, *, of_company=False):
    """q of a list that contacts are members of; of_company: asked of the contact's company (R-53).

    NOT EXISTS for those that are not: NOT IN reads a long list again for each contact.
    """

    def q(operator, codes):
        members = link.objects.filter(**{f"{name}__code__in": codes})
        is_one = Exists(members.filter(contact=OuterRef("pk")))
        has_one = Exists(members.filter(contact=OuterRef("company")))
        if operator == IS_NOT.name:
            return (~is_one & ~has_one) if of_company else Q(~is_one)
        return (is_one | has_one) if of_company else Q(pk__in=members.values("contact"))

    return q


def named(operator, text):
    """By words, wherever they stand; or by an expression, as the search name of R-53."""
    if operator == MATCHES.name:
        return parse_expression("name", text)
    found = Contact.objects.search(text)
    return Q(pk__in=found.values("pk"))


def reached():
    """Interactions that took place: neither canceled nor failed."""
    return InteractionLogEntry.objects.counting().filter(attempt_failed=False)


def not_reached(operator, value):
    """Contacts with no interaction from that day on: their own and, of a company, its people's."""
    day = day_of(operator, value)
    since = reached().filter(date__gte=day)
    return ~Exists(since.filter(contact=OuterRef("pk"))) & ~Exists(
        since.filter(contact_company=OuterRef("pk"))
    )


def on_days(operator, value):
    day = day_of(operator, value)
    return Q(date__lt=day) if operator == BEFORE.name else Q(date__gte=day)


def day_of(operator, value):
    if operator in (WITHIN.name, NOT_WITHIN.name):
        return clock.today() - dt.timedelta(days=value)
    return dt.date.fromisoformat(value)


CAMPAIGNS = Rows(Campaign, key="no", order="no", scoped=True)
COLLEAGUES = Rows(Salesperson, named="name", order="name", scoped=True)


def choice_field(kind, name, label, choices, q, operators=(IS, IS_NOT), **more):
    return kind(
        name=name,
        label=label,
        operators=operators,
        q=q,
        choices=choices,
        **more,
    )


def enum(choices):
    return Few(lambda: [(str(value), label) for value, label in choices.choices])


def evaluated(operator, values):
    return column("evaluation")(operator, [int(value) for value in values])


FIELDS = {
    each.name: each
    for each in (
        ContactField(name="no", label=_("Contact no."), operators=(MATCHES,), q=expression("no")),
        choice_field(
            ContactField,
            "type",
            pgettext_lazy("crm", "Type"),
            enum(ContactType),
            column("type"),
            operators=(IS,),
        ),
        ContactField(name="name", label=_("Name"), operators=(CONTAINS, MATCHES), q=named),
        choice_field(
            ContactField,
            "salesperson",
            _("Salesperson"),
            replace(COLLEAGUES, nobody=True),
            related("salesperson"),
        ),
        ContactField(name="post_code", label=_("Post code"), operators=(MATCHES,), q=expression("post_code")),
        ContactField(name="city", label=_("City"), operators=(MATCHES,), q=expression("city")),
        choice_field(ContactField, "country", _("Country/region"), Few(country_choices), column("country")),
        choice_field(
            ContactField,
            "territory",
            pgettext_lazy("sales", "Territory"),
            Rows(Territory),
            related("territory"),
        ),
        choice_field(ContactField, "language", _("Language"), Few(language_choices), column("language")),
        choice_field(
            ContactField,
            "channel",
            _("Correspondence"),
            enum(Channel),
            column("channel"),
        ),
        ContactField(
            name="last_interaction",
            label=_("Last interaction"),
            operators=(NOT_WITHIN, NOT_SINCE),
            q=not_reached,
            permission="interactions.view_interactionlogentry",
        ),
        choice_field(
            ContactField,
            "mailing_group",
            _("Mailing group"),
            Rows(MailingGroup),
            membership(ContactMailingGroup, "mailing_group"),
            section=LISTS,
        ),
        choice_field(
            ContactField,
            "industry_group",
            _("Industry group"),
            Rows(IndustryGroup),
            membership(ContactIndustryGroup, "industry_group", of_company=True),
            section=LISTS,
        ),
        choice_field(
            ContactField,
            "business_relation",
            _("Business relation"),
            Rows(BusinessRelation),
            membership(ContactBusinessRelation, "business_relation", of_company=True),
            section=LISTS,
        ),
        choice_field(
            ContactField,
            "job_responsibility",
            _("Job responsibility"),
            Rows(JobResponsibility),
            membership(ContactJobResponsibility, "job_responsibility"),
            section=LISTS,
        ),
        EntryField(
            name="interaction_date",
            label=_("Date of an interaction"),
            operators=(WITHIN, SINCE, BEFORE),
            q=on_days,
        ),
        choice_field(
            EntryField,
            "interaction_template",
            _("Template of an interaction"),
            Rows(InteractionTemplate),
            related("template"),
        ),
        choice_field(
            EntryField,
            "interaction_group",
            _("Group of an interaction"),
            Rows(InteractionGroup),
            related("group"),
        ),
        choice_field(
            EntryField,
            "interaction_evaluation",
            _("Evaluation of an interaction"),
            enum(Evaluation),
            evaluated,
            operators=(IS,),
        ),
        choice_field(
            EntryField,
            "interaction_campaign",
            _("Campaign of an interaction"),
            CAMPAIGNS,
            related("campaign", "no"),
        ),
        EntryField(
            name="interaction_segment",
            label=_("Segment of an interaction"),
            operators=(MATCHES,),
            q=expression("segment_no"),
        ),
        choice_field(
            EntryField,
            "interaction_salesperson",
            _("Salesperson of an interaction"),
            COLLEAGUES,
            related("salesperson"),
        ),
    )
}


def in_logged_segment(_operator, numbers):
    entries = InteractionLogEntry.objects.counting().filter(logged_segment__segment_no__in=numbers)
    return Exists(entries.filter(contact=OuterRef("pk")))


# What steps record that no form offers: contacts named one by one, and those of a logged segment.
CHOSEN = ContactField(name="contact", label=pgettext_lazy("crm", "Contact"), operators=(IS,), q=column("no"))
OF_LOGGED = ContactField(
    name="logged_segment",
    label=_("Logged segment"),
    operators=(IS,),
    q=in_logged_segment,
    rows=Rows(LoggedSegment, key="segment_no", order="segment_no", scoped=True, unread=("criteria",)),
    permission="interactions.view_loggedsegment",
)
ALL_FIELDS = FIELDS | {each.name: each for each in (CHOSEN, OF_LOGGED)}

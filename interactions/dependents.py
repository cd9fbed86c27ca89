"""What interactions add to contacts and salespeople (see `crm.dependents`)."""

from django.db.models import Case, Count, Exists, OuterRef, Subquery, When
from django.utils.translation import gettext_lazy as _

from crm import clock, dependents, formats
from crm.filters import DayFilter
from crm.models import Contact, ContactType

from .models import Delivery, EntryDocument, FollowUp, InteractionDraft, InteractionLogEntry

MAY_READ = "interactions.view_interactionlogentry"
MAY_LOG = "interactions.log_interaction"


# --- rows that point at contacts --------------------------------------------------------------------------------------

dependents.register(
    dependents.Dependent(
        name="entries",
        of=Contact,
        rows=lambda contacts: InteractionLogEntry.objects.filter(contact__in=contacts),
        fixes_type=True,
    ),
    dependents.Dependent(
        name="company_entries",
        of=Contact,
        rows=lambda contacts: InteractionLogEntry.objects.filter(contact_company__in=contacts),
        fixes_type=True,
    ),
    dependents.Dependent(
        name="follow_ups",
        of=Contact,
        rows=lambda contacts: FollowUp.objects.filter(contact__in=contacts),
        fixes_type=True,
    ),
    # Through its entry: erase these before the entry forgets its contact (DeliveryQuerySet.erase).
    dependents.Dependent(
        name="deliveries",
        of=Contact,
        rows=lambda contacts: Delivery.objects.filter(entry__contact__in=contacts),
    ),
    # The same (EntryDocumentQuerySet.erase).
    dependents.Dependent(
        name="documents",
        of=Contact,
        rows=lambda contacts: EntryDocument.objects.filter(entry__contact__in=contacts),
    ),
)


# --- the contacts list ------------------------------------------------------------------------------------------------


def successful():
    """Entries that reached their contact (domain 2.15); ours: canceled ones do not count."""
    return InteractionLogEntry.objects.counting().filter(attempt_failed=False)


def last_interactions(ids, user):
    """{contact id: date of the last interaction}; a company's are its own and its people's. Read from the indexes."""

    def last(column):
        entries = successful().filter(**{column: OuterRef("pk")}).newest_first()
        return Subquery(entries.values("date")[:1])

    dates = Case(When(type=ContactType.COMPANY, then=last("contact_company")), default=last("contact"))
    found = Contact.objects.filter(pk__in=ids).order_by().annotate(last_interaction=dates)
    return {pk: date for pk, date in found.values_list("pk", "last_interaction") if date is not None}


def quiet_since(contacts, name, day):
    """Contacts with no interaction on or after *day*."""
    entries = successful().filter(date__gte=day)
    return contacts.exclude(Exists(entries.filter(contact=OuterRef("pk")))).exclude(
        Exists(entries.filter(contact_company=OuterRef("pk")))
    )


dependents.contacts.add(
    dependents.Column(
        name="last_interaction",
        label=_("Last interaction"),
        values=last_interactions,
        show=formats.date_table,
        permission=MAY_READ,
    ),
    dependents.ListFilter(
        name="quiet_since",
        filter=DayFilter(method=quiet_since, label=_("No interaction since")),
        permission=MAY_READ,
    ),
)


# --- the salespeople list ---------------------------------------------------------------------------------------------


def interactions_this_month(ids, user):
    """{salesperson id: number of entries of the current month that *user* finds, canceled ones not counted}"""
    today = clock.today()
    entries = InteractionLogEntry.objects.visible_to(user).counting()
    entries = entries.filter(salesperson__in=ids, date__gte=today.replace(day=1), date__lte=today)
    return dict(entries.order_by().values_list("salesperson").annotate(Count("pk")))


def postponed(ids, user):
    """{salesperson id: number of interactions saved for later that *user* sees}"""
    drafts = InteractionDraft.objects.visible_to(user).kept().filter(salesperson__in=ids)
    return dict(drafts.order_by().values_list("salesperson").annotate(Count("pk")))


dependents.salespeople.add(
    dependents.Column(
        name="this_month",
        label=_("Interactions this month"),
        values=interactions_this_month,
        show=formats.integer,
        numeric=True,
        permission=MAY_READ,
    ),
    dependents.Column(
        name="postponed",
        label=_("Postponed"),
        values=postponed,
        show=formats.integer,
        numeric=True,
        permission=MAY_LOG,
    ),
)

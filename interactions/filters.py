"""The ledger list's GET parameters (architecture 4), and their words on the page."""

import datetime as dt

import django_filters as filters
from django.db.models import Exists, OuterRef, TextChoices
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock
from crm.filters import DayFilter, ListFilterForm, ListFilterSet
from crm.lookup import ContactField, RowField
from crm.models import Contact, Salesperson, Scope
from interactions.fields import CodeChoiceField
from interactions.models import (
    Campaign,
    Delivery,
    DeliveryState,
    DocumentKind,
    Evaluation,
    InteractionGroup,
    InteractionLogEntry,
    InteractionTemplate,
    Kind,
    LoggedSegment,
)

NOT_EVALUATED = "none"
EVALUATION_DAYS = 14  # after so many days nobody is asked any more how it went
EVALUATED_KINDS = (Kind.CALL, Kind.MEETING)

# --- views: the tabs over the list --------------------------------------------------------------------------------------


class View(TextChoices):
    MINE = "mine", pgettext_lazy("view of entries", "Mine")
    TEAM = "team", pgettext_lazy("view of entries", "My team")
    ALL = "all", pgettext_lazy("view of entries", "All")
    AWAITING = "awaiting", pgettext_lazy("view of entries", "Awaiting evaluation")
    CANCELED = "canceled", pgettext_lazy("view of entries", "Canceled")


def views_of(user):
    """The Views that differ for *user*."""
    differs = {
        View.MINE: user.own_salesperson is not None,
        View.TEAM: user.scope != Scope.OWN and bool(user.team_ids),
        View.ALL: user.scope == Scope.ALL,
    }
    return [view for view in View if differs.get(view, True)]


def widest_view(user):
    """The View that holds everything *user* finds; the list without a `view` is that one."""
    return next((view for view in (View.ALL, View.TEAM, View.MINE) if view in views_of(user)), View.ALL)


def in_view(entries, view, user):
    """Those of *entries* (what *user* finds) that belong to *view*."""
    own = user.own_salesperson
    match view:
        case View.MINE:
            return entries.filter(salesperson=own) if own else entries.none()
        case View.TEAM:
            return entries.filter(team__in=user.team_ids)
        case View.AWAITING:
            return awaiting_evaluation(entries.filter(salesperson=own) if own else entries)
        case View.CANCELED:
            return entries.canceled()
    return entries


def evaluated_since():
    """The first day whose calls and meetings still wait for an evaluation."""
    return clock.today() - dt.timedelta(days=EVALUATION_DAYS)


def awaiting_evaluation(entries):
    """Calls and meetings of the last fortnight that took place and that nobody has evaluated."""
    return entries.counting().filter(
        evaluation=None,
        attempt_failed=False,
        document_kind=None,
        template__kind__in=EVALUATED_KINDS,
        date__gte=evaluated_since(),
    )


# --- filters ----------------------------------------------------------------------------------------------------------


class Canceled(TextChoices):
    NO = "no", pgettext_lazy("filter of entries", "Not canceled")
    YES = "yes", pgettext_lazy("filter of entries", "Only canceled")


class Sending(TextChoices):
    """What became of the last sending of an entry."""

    WAITING = "waiting", pgettext_lazy("filter of entries", "Waiting or being sent")
    SENT = "sent", pgettext_lazy("filter of entries", "Sent")
    PROBLEM = "problem", pgettext_lazy("filter of entries", "Delivery problem")
    NEVER = "never", pgettext_lazy("filter of entries", "Never sent")


def last_sending(wanted):
    """The Q over entries whose last sending is as *wanted* (Sending)."""
    if wanted == Sending.NEVER:
        return ~Exists(Delivery.objects.filter(entry=OuterRef("pk")))
    of_entry = Delivery.objects.filter(entry=OuterRef("pk"))
    match wanted:
        case Sending.WAITING:
            found = of_entry.filter(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])
        case Sending.SENT:
            found = of_entry.latest().filter(state=DeliveryState.SENT)
        case _:
            found = of_entry.problems().latest()
    return Exists(found)


class RowFilter(filters.Filter):
    """Entries of one row, named by its code or number."""

    field_class = CodeChoiceField

    def __init__(self, *, queryset, code="code", unknown, **kwargs):
        super().__init__(queryset=queryset, to_field_name=code, unknown=unknown, **kwargs)


class ContactFilter(filters.Filter):
    """Of a person its own entries, of a company its people's too (domain 2.15)."""

    field_class = ContactField

    def filter(self, queryset, value):
        return queryset.of_contact(value) if value else queryset


class LookupFilter(filters.Filter):
    """Entries of one row among many, looked up as it is typed; `form` says among which."""

    field_class = RowField


class EntryFilterForm(ListFilterForm):
    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("date_after"), cleaned.get("date_before")
        if first and last and last < first:
            self.add_error("date_before", _("The last date is before the first one."))
        return cleaned


class EntryFilterSet(ListFilterSet):
    """The fifteen parameters, and `view`, one of the tabs."""

    view = filters.ChoiceFilter(
        choices=View.choices, method="filter_view", label=pgettext_lazy("of a list", "View")
    )
    contact = ContactFilter(label=pgettext_lazy("crm", "Contact"))
    salesperson = RowFilter(
        field_name="salesperson",
        label=_("Salesperson"),
        queryset=Salesperson.objects.order_by("name", "id"),
        empty_label=_("Any salesperson"),
        unknown=_("There is no salesperson “%(value)s”."),
    )
    template = RowFilter(
        field_name="template",
        label=_("Template"),
        queryset=InteractionTemplate.objects.order_by("code"),
        empty_label=_("Any template"),
        unknown=_("There is no template “%(value)s”."),
    )
    group = RowFilter(
        field_name="group",
        label=_("Interaction group"),
        queryset=InteractionGroup.objects.order_by("code"),
        empty_label=_("Any group"),
        unknown=_("There is no interaction group “%(value)s”."),
    )
    date_after = DayFilter(field_name="date", lookup_expr="gte", label=_("From date"))
    date_before = DayFilter(field_name="date", lookup_expr="lte", label=_("To date"))
    canceled = filters.ChoiceFilter(
        method="filter_canceled",
        label=pgettext_lazy("filter of entries", "Canceled"),
        choices=Canceled.choices,
        empty_label=pgettext_lazy("filter of entries", "Canceled or not"),
    )
    evaluation = filters.ChoiceFilter(
        method="filter_evaluation",
        label=_("Evaluation"),
        choices=[
            *((str(value), label) for value, label in Evaluation.choices),
            (NOT_EVALUATED, _("Not evaluated")),
        ],
        empty_label=_("Any evaluation"),
    )
    campaign = RowFilter(
        field_name="campaign",
        label=_("Campaign"),
        queryset=Campaign.objects.order_by("no"),
        code="no",
        empty_label=_("Any campaign"),
        unknown=_("There is no campaign “%(value)s”."),
    )
    segment = filters.CharFilter(
        field_name="segment_no", label=_("Segment no."), method="filter_segment", max_length=20
    )
    logged_segment = LookupFilter(
        key="segment_no",
        url=reverse_lazy("segments:logged_lookup"),
        placeholder=_("Search by number or description"),
        plain_label=_("Number of the logged segment"),
        missing=_("There is no logged segment “%(text)s”."),
        label=_("Logged segment"),
    )
    document_kind = RowFilter(
        field_name="document_kind",
        label=_("Document kind"),
        queryset=DocumentKind.objects.order_by("name"),
        empty_label=_("Any kind of document"),
        unknown=_("There is no kind of document “%(value)s”."),
    )
    document_no = filters.CharFilter(label=_("Document no."), max_length=50)
    delivery = filters.ChoiceFilter(
        method="filter_delivery",
        label=pgettext_lazy("filter of entries", "Delivery"),
        choices=Sending.choices,
        empty_label=pgettext_lazy("filter of entries", "Sent or not"),
    )
    # Last, because it asks the text index at once.
    q = filters.CharFilter(method="filter_words", label=_("Search"), max_length=500)

    class Meta:
        model = InteractionLogEntry
        form = EntryFilterForm
        fields: list[str] = []

    @property
    def form(self):
        form = super().form
        if "contact" in form.fields:
            form.fields["contact"].queryset = Contact.objects.visible_to(self.request.user)
        if "logged_segment" in form.fields:
            form.fields["logged_segment"].rows = LoggedSegment.objects.visible_to(self.request.user)
        return form

    def filter_view(self, entries, name, value):
        return in_view(entries, value, self.request.user)

    def filter_canceled(self, entries, name, value):
        return entries.canceled() if value == Canceled.YES else entries.counting()

    def filter_evaluation(self, entries, name, value):
        return entries.filter(evaluation=None if value == NOT_EVALUATED else int(value))

    def filter_delivery(self, entries, name, value):
        return entries.filter(last_sending(value))

    def filter_segment(self, entries, name, value):
        return entries.filter(segment_no=value.strip().upper())

    def filter_words(self, entries, name, value):
        return entries.search(value)

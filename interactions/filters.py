"""The ledger list's GET parameters (architecture 4), and their words on the page."""

from dataclasses import dataclass
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import formats
from crm.lookup import ContactField
from crm.models import Contact, Salesperson
from interactions.fields import CodeChoiceField, DayField
from interactions.models import (
    Campaign,
    DocumentKind,
    Evaluation,
    InteractionGroup,
    InteractionLogEntry,
    InteractionTemplate,
    LoggedSegment,
)

NOT_EVALUATED = "none"


class Canceled(TextChoices):
    NO = "no", pgettext_lazy("filter of entries", "Without canceled ones")
    YES = "yes", pgettext_lazy("filter of entries", "Only canceled ones")


class RowFilter(filters.Filter):
    """Entries of one row, named by its code or number. describe: attribute that names it in a chip."""

    field_class = CodeChoiceField

    def __init__(self, *, queryset, code="code", unknown, **kwargs):
        super().__init__(queryset=queryset, to_field_name=code, unknown=unknown, **kwargs)


class DayFilter(filters.Filter):
    field_class = DayField


class ContactFilter(filters.Filter):
    """Of a person its own entries, of a company its people's too (domain 2.15)."""

    field_class = ContactField

    def filter(self, queryset, value):
        return queryset.of_contact(value) if value else queryset


@dataclass(frozen=True)
class Chip:
    """An active filter: what it says, and the parameter that its cross removes."""

    name: str
    label: Any
    value: Any


class EntryFilterSet(filters.FilterSet):
    """Parameters that make no sense leave the list unfiltered and say why: read `entries` and `problems`.

    Wants `request.user`: only contacts that he or she sees can be named.
    """

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
        empty_label=pgettext_lazy("filter of entries", "With canceled ones"),
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
    logged_segment = RowFilter(
        field_name="logged_segment",
        label=_("Logged segment"),
        queryset=LoggedSegment.objects.order_by("-pk"),
        code="pk",
        empty_label=_("Any logged segment"),
        unknown=_("There is no logged segment “%(value)s”."),
    )
    document_kind = RowFilter(
        field_name="document_kind",
        label=_("Document kind"),
        queryset=DocumentKind.objects.order_by("name"),
        empty_label=_("Any kind of document"),
        unknown=_("There is no kind of document “%(value)s”."),
    )
    document_no = filters.CharFilter(label=_("Document no."), max_length=50)
    # Last, because it asks the text index at once.
    q = filters.CharFilter(method="filter_words", label=_("Search"), max_length=500)

    class Meta:
        model = InteractionLogEntry
        fields: list[str] = []

    @property
    def form(self):
        form = super().form
        form.fields["contact"].queryset = Contact.objects.visible_to(self.request.user)
        return form

    # How the parameters that are not plain equality filter

    def filter_canceled(self, entries, name, value):
        return entries.canceled() if value == Canceled.YES else entries.counting()

    def filter_evaluation(self, entries, name, value):
        return entries.filter(evaluation=None if value == NOT_EVALUATED else int(value))

    def filter_segment(self, entries, name, value):
        return entries.filter(segment_no=value.strip().upper())

    def filter_words(self, entries, name, value):
        return entries.search(value)

    # What the page asks

    @property
    def entries(self):
        """The filtered entries; all of them when a parameter makes no sense."""
        return self.qs if self.is_valid() else self.queryset.all()

    @property
    def problems(self):
        """One sentence for each parameter that makes no sense."""
        return [sentence for sentences in self.form.errors.values() for sentence in sentences]

    @property
    def chosen(self):
        """{parameter: cleaned value} of those that filter."""
        if not self.is_valid():
            return {}
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")}

    @property
    def chips(self):
        """The Chips of everything chosen, except the words of the search field."""
        return [
            Chip(name, self.form.fields[name].label, self._words_of(name, value))
            for name, value in self.chosen.items()
            if name != "q"
        ]

    def _words_of(self, name, value):
        if isinstance(self.form.fields[name], forms.ChoiceField) and not isinstance(
            self.form.fields[name], forms.ModelChoiceField
        ):
            return dict(self.form.fields[name].choices)[value]
        if name.startswith("date_"):
            return formats.date_table(value)
        return value

"""What the lists of contacts and salespeople can be filtered by; GET parameters are the filters."""

import re
from dataclasses import dataclass

import django_filters as filters
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.db.models import Model, Q
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from . import dependents, formats
from .countries import country_choices
from .languages import language_choices
from .lookup import ContactField
from .models import Channel, Contact, ContactType, Salesperson

PAGING = (
    "after",
    "before",
    "loaded",
    "filters",
)  # parameters that say where one is in a list, not what it holds
NOBODY = "none"


@dataclass(frozen=True)
class Chip:
    """An active filter: what it says, and the address of the list without it."""

    label: str
    url: str


class ListFilterSet(filters.FilterSet):
    """The filters of a list. Read `rows`, `chips` and `problems`.

    Only the filters that the address names are built; full=True builds all of them, for the open form. A value that
    makes no sense leaves the whole list unfiltered, and `problems` says why.
    """

    providers = dependents.ListProviders()

    def __init__(self, data, queryset, *, request, full=False):
        super().__init__(data, queryset, request=request)
        self.filters.update(self.providers.filters(request.user))
        for each in self.filters.values():
            each.parent, each.model = self, self._meta.model
        if not full:
            asked = {name for name, value in data.items() if value.strip()}
            self.filters = {name: each for name, each in self.filters.items() if name in asked}
        for name, each in self.filters.items():
            each.field_name = each.field_name or name

    # What the page asks

    @property
    def rows(self):
        return self.qs if self.is_valid() else self.queryset.all()

    @property
    def problems(self):
        """One sentence for each parameter that makes no sense."""
        return [
            gettext("%(filter)s: %(problem)s Nothing is filtered.")
            % {"filter": self.form.fields[name].label, "problem": " ".join(sentences)}
            for name, sentences in self.form.errors.items()
        ]

    @property
    def chosen(self):
        """{parameter: cleaned value} of everything that filters."""
        if not self.is_valid():
            return {}
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")}

    @property
    def words(self):
        return self.chosen.get("q", "")

    @property
    def chips(self):
        """The Chips of everything chosen but the words of the search field."""
        return [Chip(self.say(name), self.url_without(name)) for name in self.chosen if name != "q"]

    @property
    def kept(self):
        """[(name, value)] that the search field sends along."""
        return [(name, value) for name, value in self.clean_data.items() if name != "q"]

    @property
    def clean_data(self):
        """The parameters that say something, without those of paging."""
        data = self.data.copy()
        for name in list(data):
            if name in PAGING or not data[name].strip():
                del data[name]
        return data

    @property
    def query(self):
        """The parameters of this list as they stand behind "?"."""
        return self.clean_data.urlencode()

    @property
    def query_to_open(self):
        """The same, with the form open."""
        data = self.clean_data
        data["filters"] = "1"
        return data.urlencode()

    def url_without(self, name):
        data = self.clean_data
        data.pop(name, None)
        return f"?{data.urlencode()}"

    def say(self, name):
        field, value = self.form.fields[name], self.chosen[name]
        if isinstance(field, forms.DateField):
            value = formats.date_table(value)
        elif isinstance(field, forms.ChoiceField) and not isinstance(value, Model):
            value = dict(field.choices)[self.data[name]]
        # Translators: an active filter, such as "Type: person".
        return pgettext("active filter", "%(name)s: %(value)s") % {"name": field.label, "value": value}

    # The open form

    @property
    def open_form(self):
        form = self.form
        form.helper = FormHelper()
        form.helper.form_tag = False
        form.helper.disable_csrf = True
        form.helper.form_method = "get"
        form.optional_marks = False
        names = [name for name in form.fields if name not in {"q", "view"}]
        form.helper.layout = Layout(
            Div(*(Field(name, wrapper_class="c6 m12") for name in names), css_class="g12")
        )
        return form


class CompanyFilter(filters.Filter):
    """A company and its people."""

    field_class = ContactField

    def filter(self, queryset, value):
        return queryset.filter(Q(company=value) | Q(pk=value.pk)) if value else queryset


class BlockedFilter(filters.ChoiceFilter):
    CHOICES = (("yes", _("Only blocked")), ("no", _("Not blocked")))

    def __init__(self, **kwargs):
        super().__init__(choices=self.CHOICES, empty_label=_("Blocked or not"), **kwargs)

    def filter(self, queryset, value):
        return queryset.filter(**{self.field_name: value == "yes"}) if value else queryset


def salespeople(request):
    return Salesperson.objects.visible_to(request.user).order_by("name", "id")


# The views that exist from the start; each is a tab over the list.
MINE, ALL, COMPANIES = "mine", "", "companies"
VIEWS = {
    MINE: pgettext_lazy("view of contacts", "My accounts"),
    ALL: pgettext_lazy("view of contacts", "All"),
    COMPANIES: pgettext_lazy("view of contacts", "Companies"),
}


def views_of(user):
    """[(name, label), …] of the views that make sense for *user*."""
    return [
        (name, label) for name, label in VIEWS.items() if name != MINE or user.own_salesperson is not None
    ]


def in_view(contacts, name, user):
    """The *contacts* of the view *name*."""
    if name == MINE:
        return contacts.filter(salesperson=user.own_salesperson) if user.own_salesperson else contacts.none()
    return contacts.companies() if name == COMPANIES else contacts


class ContactFilter(ListFilterSet):
    providers = dependents.contacts

    view = filters.ChoiceFilter(
        choices=[(name, label) for name, label in VIEWS.items() if name],
        method="filter_view",
        label=pgettext_lazy("of a list", "View"),
    )
    q = filters.CharFilter(method="search", label=_("Search"), max_length=200)
    type = filters.ChoiceFilter(
        choices=ContactType,
        label=pgettext_lazy("of a contact", "Type"),
        empty_label=_("Companies and people"),
    )
    company = CompanyFilter(label=_("Company and its people"))
    salesperson = filters.ModelChoiceFilter(
        queryset=salespeople,
        to_field_name="code",
        null_label=pgettext_lazy("salesperson", "Nobody"),
        null_value=NOBODY,
        label=_("Salesperson"),
        empty_label=_("Any salesperson"),
    )
    city = filters.CharFilter(method="filter_city", label=_("City"), max_length=30)
    country = filters.ChoiceFilter(
        choices=country_choices, label=_("Country/region"), empty_label=_("Any country/region")
    )
    language = filters.ChoiceFilter(
        choices=language_choices, label=_("Language"), empty_label=_("Any language")
    )
    channel = filters.ChoiceFilter(choices=Channel, label=_("Correspondence"), empty_label=_("Any channel"))
    privacy_blocked = BlockedFilter(label=_("Blocked for privacy"))

    class Meta:
        model = Contact
        fields: list[str] = []

    @property
    def form(self):
        form = super().form
        if "company" in form.fields:
            form.fields["company"].queryset = Contact.objects.visible_to(self.request.user).companies()
        return form

    def search(self, contacts, name, words):
        return contacts.search(words)

    def filter_city(self, contacts, name, text):
        # Not icontains: SQLite knows the case of Latin letters only.
        return contacts.filter(city__iregex=re.escape(text))

    def filter_view(self, contacts, name, view):
        return in_view(contacts, view, self.request.user)


class SalespersonFilter(ListFilterSet):
    providers = dependents.salespeople

    q = filters.CharFilter(method="search", label=_("Search"), max_length=100)
    blocked = BlockedFilter(label=_("Blocked"))

    class Meta:
        model = Salesperson
        fields: list[str] = []

    def search(self, salespeople, name, words):
        for word in map(re.escape, words.split()):
            salespeople = salespeople.filter(
                Q(name__iregex=word) | Q(code__iregex=word) | Q(email__iregex=word)
            )
        return salespeople

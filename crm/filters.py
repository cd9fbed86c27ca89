"""What the lists of contacts and salespeople can be filtered by; GET parameters are the filters."""

import datetime as dt
from dataclasses import dataclass

import django_filters as filters
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.db.models import Model, Q
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from . import dependents, folding, formats
from .countries import country_choices
from .fields import PlainDateField
from .folding import fold
from .languages import language_choices
from .lookup import ContactField
from .models import Channel, Contact, ContactType, Salesperson

# Parameters that say where one is in a list, not what it holds.
PAGING = ("after", "before", "jump", "loaded", "filters")
ELSEWHERE = {"q", "view"}  # parameters that the page shows outside of chips and form
NOBODY = "none"


@dataclass(frozen=True)
class Chip:
    """An active filter: what it says, and the address of the list without it."""

    label: str
    url: str


UNREADABLE = (
    "\ufffd"  # what `PlainTextMiddleware` puts for NUL, and browsers for broken bytes; nothing is called so
)


def ignored(label, problem):
    """What a list says of a parameter that makes no sense."""
    return gettext("%(filter)s: %(problem)s Nothing is filtered.") % {"filter": label, "problem": problem}


def no_choice(value):
    return gettext("“%(value)s” is not one of the choices.") % {"value": value}


def no_words(value):
    return gettext("“%(value)s” has a character that cannot be searched.") % {"value": value}


@dataclass(frozen=True)
class Asked:
    """The view and the words that the address of a short list asks for.  problems: sentences; then nothing is filtered."""

    view: str
    words: str
    problems: tuple = ()

    @classmethod
    def of(cls, request, views, *, default, widest):
        """views: names that *view* may have.  default: without one.  widest: the one that holds everything."""
        view, words = request.GET.get("view", "").strip(), request.GET.get("q", "").strip()
        problems = []
        if view and view not in views:
            problems.append(ignored(pgettext("of a list", "View"), no_choice(view)))
        if UNREADABLE in words:
            problems.append(ignored(gettext("Search"), no_words(words)))
        if problems:
            return cls(widest, "", tuple(problems))
        return cls(view or default, words)


class ListFilterForm(forms.Form):
    """Says in our own words what makes no sense, by the value that was sent."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
                field.error_messages["invalid_choice"] = _("“%(value)s” is not one of the choices.")
            elif isinstance(field, forms.CharField):
                field.error_messages["max_length"] = _("Enter at most %(limit_value)s characters.")

    def clean(self):
        cleaned = super().clean()
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and UNREADABLE in value:
                self.add_error(name, no_words(value))
        return cleaned


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
            ignored(self.form.fields[name].label, " ".join(sentences))
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
        """The Chips of everything chosen but the words of the search field and the view, which a tab shows."""
        return [Chip(self.say(name), self.url_without(name)) for name in self.chosen if name not in ELSEWHERE]

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
        if isinstance(value, dt.date):
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
        names = [name for name in form.fields if name not in ELSEWHERE]
        form.helper.layout = Layout(
            Div(*(Field(name, wrapper_class="c3") for name in names), css_class="g12")
        )
        return form


class DayFilter(filters.Filter):
    """A date as people and links write it: 20/11, t-30d, 2026-11-20."""

    field_class = PlainDateField


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
        error_messages={"invalid_choice": _("There is no salesperson “%(value)s”.")},
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
        form = ListFilterForm
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
        # Compared here: neither database knows both case and accents of all letters, and cities are few.
        cities = contacts.order_by().values_list("city", flat=True).distinct()
        return contacts.filter(city__in=[city for city in cities if fold(text) in fold(city)])

    def filter_view(self, contacts, name, view):
        return in_view(contacts, view, self.request.user)


class SalespersonFilter(ListFilterSet):
    providers = dependents.salespeople

    q = filters.CharFilter(method="search", label=_("Search"), max_length=100)
    blocked = BlockedFilter(label=_("Blocked"))

    class Meta:
        model = Salesperson
        form = ListFilterForm
        fields: list[str] = []

    def search(self, salespeople, name, words):
        """Those in which every word occurs: name, code or e-mail, folded as contacts are; they are few."""
        asked = folding.words(words)
        found = [
            pk
            for pk, *texts in salespeople.order_by().values_list("pk", "name", "code", "email")
            if asked and all(word in fold(" ".join(texts)) for word in asked)
        ]
        return salespeople.filter(pk__in=found)

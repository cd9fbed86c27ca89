"""What people type about a contact. A form reads; `crm.actions` applies the rules and writes."""

import json

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .countries import country_choices
from .languages import language_choices
from .lookup import ContactField
from .models import Channel, Contact, ContactType, MarketingSetup, Salesperson
from .seen import Conflict

GENERAL = (
    ("type", "c12"),
    ("number", "c4 m12"),
    ("name", "c8 m12"),
    ("name_2", "c6 m12"),
    ("search_name", "c6 m12"),
    ("first_name", "c4 m12"),
    ("middle_name", "c4 m12"),
    ("surname", "c4 m12"),
    ("initials", "c4 m12"),
    ("job_title", "c8 m12"),
    ("company", "c6 m12"),
    ("salesperson", "c6 m12"),
    ("salutation", "c6 m12"),
)
COMMUNICATION = (
    ("phone_no", "c6 m12"),
    ("mobile_phone_no", "c6 m12"),
    ("email", "c6 m12"),
    ("email_2", "c6 m12"),
    ("home_page", "c12"),
    ("language", "c6 m12"),
    ("channel", "c6 m12"),
    ("address", "c8 m12"),
    ("address_2", "c4 m12"),
    ("post_code", "c3 m12"),
    ("city", "c5 m12"),
    ("county", "c4 m12"),
    ("country", "c6 m12"),
)
SEGMENTATION = (("exclude_from_segment", "c12"),)
PRIVACY = (("privacy_blocked", "c12"), ("minor", "c6 m12"), ("parental_consent_received", "c6 m12"))
SECTIONS = (
    ("general", pgettext_lazy("section of a contact", "General"), GENERAL),
    ("communication", pgettext_lazy("section of a contact", "Communication"), COMMUNICATION),
    ("segmentation", pgettext_lazy("section of a contact", "Segmentation"), SEGMENTATION),
    ("privacy", pgettext_lazy("section of a contact", "Privacy"), PRIVACY),
)
PERSONS_ONLY = {
    "first_name",
    "middle_name",
    "surname",
    "initials",
    "job_title",
    "company",
    "minor",
    "parental_consent_received",
}


NAME_PARTS = ("first_name", "middle_name", "surname")


class ContactForm(forms.ModelForm):
    """A contact in four sections. user: sees only his or her companies."""

    optional_marks = False

    number = forms.CharField(
        label=pgettext_lazy("number", "No."),
        max_length=20,
        required=False,
        help_text=_("Leave empty to get the next number."),
    )
    name = forms.CharField(
        label=pgettext_lazy("person or company", "Name"),
        max_length=100,
        required=False,
        help_text=_("Enter the full name or its parts; each follows from the other."),
    )
    company = ContactField(
        companies=True,
        required=False,
        label=_("Company"),
        help_text=_("Empty fields are taken from the company."),
    )
    home_page = forms.URLField(
        label=pgettext_lazy("web site", "Home page"), max_length=255, required=False, assume_scheme="https"
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("Used for letters and e-mails.")
    )
    country = forms.ChoiceField(label=_("Country/region"), required=False)

    class Meta:
        model = Contact
        fields = [name for _id, _title, section in SECTIONS for name, _width in section if name != "number"]
        widgets = {"type": forms.RadioSelect}

    def __init__(self, data=None, *, user, instance=None, initial=None):
        super().__init__(data, instance=instance, initial=initial)
        contact, fields = self.instance, self.fields
        if instance is not None or not numbers_may_be_typed():
            del fields["number"]
        if contact.company is not None:
            self.initial["company"] = contact.company
        fields["company"].queryset = Contact.objects.visible_to(user).companies() | Contact.objects.filter(
            pk=contact.company_id
        )
        fields["salesperson"].queryset = (
            Salesperson.objects.active() | Salesperson.objects.filter(pk=contact.salesperson_id)
        ).order_by("name", "id")
        for name in ("salesperson", "salutation"):
            fields[name].empty_label = "—"
        fields["language"].choices = [("", "—"), *language_choices(contact.language)]
        fields["country"].choices = [("", "—"), *country_choices(contact.country)]
        fields["channel"].choices = [("", pgettext_lazy("channel", "No preference")), *Channel.choices]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*(self.section(*section) for section in SECTIONS))

    def section(self, css_id, title, places):
        return Fieldset(
            title,
            Div(
                *(
                    Field(name, wrapper_class=f"{width} person-only" if name in PERSONS_ONLY else width)
                    for name, width in places
                    if name in self.fields
                ),
                css_class="g12",
            ),
            css_id=css_id,
        )

    def _post_clean(self):
        """Nothing is written to the contact here: `crm.actions` does that, by its rules. Only columns have their say."""
        for name in self._meta.fields:
            if value := self.cleaned_data.get(name):
                try:
                    self._meta.model._meta.get_field(name).run_validators(value)
                except forms.ValidationError as problem:
                    self.add_error(name, problem)

    def clean(self):
        data = super().clean()
        person = data.get("type") == ContactType.PERSON
        named = data.get("name") or (person and any(data.get(part) for part in NAME_PARTS))
        if not named and "name" not in self.errors:
            self.add_error("name", forms.ValidationError(_("Enter a name."), code="required"))
        return data

    @property
    def values(self):
        """What was typed, as the action takes it; of a company without what only persons have."""
        dropped = PERSONS_ONLY if self.cleaned_data["type"] == ContactType.COMPANY else set()
        return {name: value for name, value in self.cleaned_data.items() if name not in dropped}

    def refuse(self, problem):
        """Show why the action refused, at the field it is about."""
        field = getattr(problem, "field", None)
        self.add_error(field if field in self.fields else None, problem.for_user)


def numbers_may_be_typed():
    series = MarketingSetup.current().contact_nos
    return series is None or series.manual_nos


# --- editing while somebody else does ---------------------------------------------------------------------------------


class EditContactForm(ContactForm):
    """Also knows what every field held when the page was written (`was`), so it can tell who has changed what.

    A field that only I have changed is in `changes`; one that somebody else has changed to another value meanwhile is
    in `conflicts` too, and the page asks with `take_<name>` = mine or theirs. `merged` is the form for that page.
    """

    was = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, user, contact):
        self.user, self.contact = user, contact
        super().__init__(self.with_choices(data), user=user, instance=contact)
        self.now = {name: posted(getattr(contact, name)) for name in self.fields if name != "was"}
        self.initial["was"] = self.now
        self.helper.layout.insert(0, "was")

    @staticmethod
    def with_choices(data):
        """*data* with the other one's value where it was chosen; that is what `was` holds on such a page."""
        taken = [
            name[5:]
            for name, choice in (data or {}).items()
            if name.startswith("take_") and choice == "theirs"
        ]
        if not taken:
            return data
        data = data.copy()
        was = read_json(data.get("was"))
        for name in taken:
            if name in was:
                put(data, name, was[name])
        return data

    @cached_property
    def changes(self):
        """{field: value} of what I have changed."""
        was = self.before
        return {name: value for name, value in self.values.items() if posted(value) != was.get(name)}

    @property
    def values(self):
        return {name: value for name, value in super().values.items() if name != "was"}

    @property
    def before(self):
        """What the fields held when the page was written; without a word about it, what they hold now."""
        was = self.cleaned_data.get("was")
        return self.now | was if isinstance(was, dict) else self.now

    @property
    def conflicts(self):
        return [
            Conflict(
                name, self.fields[name].label, self.say(name, posted(value)), self.say(name, self.now[name])
            )
            for name, value in self.changes.items()
            if self.now[name] not in (self.before[name], posted(value))
        ]

    def merged(self):
        """The form with my changes on top of what is stored now; its `was` is what is stored now."""
        data = self.data.copy()
        for name, value in self.now.items():
            if name not in self.changes:
                put(data, name, value)
        data["was"] = json.dumps(self.now)
        for name in [name for name in data if name.startswith("take_")]:
            del data[name]
        return EditContactForm(data, user=self.user, contact=self.contact)

    def say(self, name, value):
        """A posted value in words; two people cannot change a box to two values."""
        field = self.fields[name]
        if isinstance(field, ContactField):
            found = field.queryset.filter(no=value).first() if value else None
            return found.name if found else value or "—"
        if isinstance(field, forms.ChoiceField):
            return str(next((label for key, label in field.choices if str(key) == value), value)) or "—"
        return value or "—"


def posted(value):
    """A value as a form sends it, comparable after JSON: text, or True and False of a box."""
    if isinstance(value, Contact):
        return value.no
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, bool):
        return value
    return "" if value is None else str(value)


def put(data, name, value):
    """Write a posted value into *data*; a box that is not ticked sends nothing."""
    if value is False:
        data.pop(name, None)
    else:
        data[name] = "on" if value is True else value


def read_json(text):
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

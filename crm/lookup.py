"""Choosing one contact among a hundred thousand: a search field with a script, a text field without one."""

from django import forms
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Contact

SHOWN = 5  # so many candidates are named when the text fits several contacts


def detail(contact):
    """The second line of a contact: its company, its number."""
    company = "" if contact.is_company else contact.company_name
    return " · ".join(filter(None, (company, contact.no)))


class ContactInput(forms.Widget):
    """`select[data-combobox]` that asks `crm:contact_lookup`; without a script, the text input in <noscript>.

    Both have the same name and the last one counts, so the server always reads one text: a number or a name.
    """

    url = reverse_lazy("crm:contact_lookup")
    contacts = None  # a queryset: whom the reader may see; only they are called by name

    def __init__(self, attrs=None, *, companies=False):
        super().__init__(attrs)
        self.companies = companies

    def format_value(self, value):
        return value

    def render(self, name, value, attrs=None, renderer=None):
        attrs = self.build_attrs(self.attrs, attrs)
        contact = value if isinstance(value, Contact) else None
        if value and contact is None and self.contacts is not None:
            contact = self.contacts.filter(no=str(value).strip()).first()
        typed = contact.no if contact else (value or "")
        option = format_html(
            '<option value="{}" selected>{}</option>', typed, contact.name if contact else typed
        )
        data = {
            **attrs,
            "class": f"{attrs.get('class', 'form-select')} js-only",
            "data-combobox": "",
            "placeholder": _("Search by name, number, e-mail or phone"),
            "data-url": format_lazy("{}{}", self.url, "?type=COMPANY" if self.companies else ""),
        }
        plain = {key: attrs[key] for key in ("aria-describedby", "aria-invalid") if key in attrs}
        return format_html(
            '<select name="{}"{}><option value=""></option>{}</select>'
            '<noscript><input type="text" class="form-control" name="{}" value="{}"{} aria-label="{}"></noscript>',
            name,
            forms.utils.flatatt(data),
            option if typed else "",
            name,
            typed,
            forms.utils.flatatt(plain),
            _("Number or name of the contact"),
        )


class ContactHidden(forms.HiddenInput):
    def format_value(self, value):
        return value.no if isinstance(value, Contact) else value


class ContactField(forms.Field):
    """One contact of *queryset*, found by number, exact name, beginning of the name or words, in this order.

    cleaned: a Contact or None.
    """

    widget = ContactInput
    hidden_widget = ContactHidden
    default_error_messages = {"required": _("Choose a contact.")}

    def __init__(self, queryset=None, *, companies=False, **kwargs):
        kwargs.setdefault("widget", ContactInput(companies=companies))
        super().__init__(**kwargs)
        self.queryset = queryset

    @property
    def queryset(self):
        """The contacts to choose from; what the widget may call by name, too."""
        return self.widget.contacts

    @queryset.setter
    def queryset(self, queryset):
        self.widget.contacts = queryset

    def to_python(self, value):
        text = (value or "").strip() if isinstance(value, str) else value
        if not text or isinstance(text, Contact):
            return text or None
        for candidates in (
            self.queryset.filter(no=text),
            self.queryset.filter(name__iexact=text),
            self.queryset.filter(name__istartswith=text),
            self.queryset.search(text),
        ):
            found = list(candidates.order_by("name", "id")[: SHOWN + 1])
            if len(found) == 1:
                return found[0]
            if found:
                raise forms.ValidationError(self.several(text, found), code="several")
        raise forms.ValidationError(
            _("No contact is called “%(text)s”. Search by name, number, e-mail or phone."),
            code="unknown",
            params={"text": text},
        )

    @staticmethod
    def several(text, found):
        named = "; ".join(f"{contact.name} ({detail(contact)})" for contact in found[:SHOWN])
        if len(found) > SHOWN:
            return gettext(
                "More than %(count)d contacts match “%(text)s”, such as %(contacts)s. Enter the number of one."
            ) % {
                "count": SHOWN,
                "text": text,
                "contacts": named,
            }
        return gettext("Several contacts match “%(text)s”: %(contacts)s. Enter the number of one.") % {
            "text": text,
            "contacts": named,
        }

    def has_changed(self, initial, data):
        if self.disabled:
            return False
        before = initial.no if isinstance(initial, Contact) else (initial or "")
        return before != (data or "").strip()

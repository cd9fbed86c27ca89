"""Choosing one row among a hundred thousand: a search field with a script, a text field without one."""

from django import forms
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Contact
from .parsing.text import shown

SHOWN = 5  # so many candidates are named when the text fits several contacts


def detail(contact):
    """The second line of a contact: its company, its number."""
    company = "" if contact.is_company else contact.company_name
    return " · ".join(filter(None, (company, contact.no)))


class LookupInput(forms.Widget):
    """`select[data-combobox]` that asks *url*; without a script, the text input in <noscript>.

    Both have the same name and the last one counts, so the server always reads one text. placeholder: of the search.
    plain_label: of the text input.
    """

    def __init__(self, attrs=None, *, url="", placeholder="", plain_label=""):
        super().__init__(attrs)
        self.url, self.placeholder, self.plain_label = url, placeholder, plain_label

    def format_value(self, value):
        return value

    def chosen(self, value):
        """(what is sent, what is shown) of *value*."""
        return str(value or ""), str(value or "")

    def render(self, name, value, attrs=None, renderer=None):
        attrs = self.build_attrs(self.attrs, attrs)
        typed, label = self.chosen(value)
        option = format_html('<option value="{}" selected>{}</option>', typed, label)
        data = {
            **attrs,
            "class": f"{attrs.get('class', 'form-select')} js-only",
            "data-combobox": "",
            "placeholder": self.placeholder,
            "data-url": self.url,
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
            self.plain_label,
        )


class ContactInput(LookupInput):
    """A contact: by number or by name."""

    contacts = None  # a queryset: whom the reader may see; only they are called by name

    def __init__(self, attrs=None, *, companies=False):
        super().__init__(
            attrs,
            url=format_lazy("{}{}", reverse_lazy("crm:contact_lookup"), "?type=COMPANY" if companies else ""),
            placeholder=_("Search by name, number, e-mail or phone"),
            plain_label=_("Number or name of the contact"),
        )

    def chosen(self, value):
        contact = value if isinstance(value, Contact) else None
        if value and contact is None and self.contacts is not None:
            contact = self.contacts.filter(no=str(value).strip()).first()
        return (contact.no, contact.name) if contact else super().chosen(value)


class RowInput(LookupInput):
    """A row of a list: by its number or code."""

    rows, key = None, ""

    def chosen(self, value):
        typed, label = super().chosen(value)
        row = self.rows.filter(**{self.key: typed.strip().upper()}).first() if typed.strip() else None
        return (getattr(row, self.key), str(row)) if row else (typed, label)


class RowField(forms.Field):
    """One row of *rows* (a queryset, which forms may narrow), found by its column *key*, a code.

    cleaned: the row or None.  missing: the sentence about a text that no row has; %(text)s is it.
    """

    default_error_messages = {"missing": _("There is no “%(text)s”.")}

    def __init__(self, rows=None, *, key, url, placeholder, plain_label, missing=None, **kwargs):
        widget = RowInput(url=url, placeholder=placeholder, plain_label=plain_label)
        messages = {"missing": missing} if missing else {}
        super().__init__(widget=widget, error_messages=messages | kwargs.pop("error_messages", {}), **kwargs)
        self.key = self.widget.key = key
        self.rows = rows

    @property
    def rows(self):
        return self.widget.rows

    @rows.setter
    def rows(self, rows):
        self.widget.rows = rows

    def to_python(self, value):
        text = (value or "").strip()
        if not text:
            return None
        row = self.rows.filter(**{self.key: text.upper()}).first()
        if row is None:
            raise forms.ValidationError(
                self.error_messages["missing"], code="missing", params={"text": shown(text)}
            )
        return row


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

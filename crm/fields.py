"""Form fields for dates, times, durations and amounts: people type as they like, pages show it by region (ui 4.2).

A field that was bound shows what was typed, to the letter; otherwise its value as `crm.formats` writes it. The values
of native pickers (2026-11-20, 14:30) are always understood; `data-picker` and `data-iso` serve a picker's button. A date
that an address holds as 2026-11-20 was not typed: it is shown as the region writes it.
"""

import datetime as dt
import re
from contextlib import suppress
from decimal import Decimal

from django import forms
from django.utils.translation import gettext, ngettext

from . import formats, parsing

MOST_MINUTES = 100_000
ISO = re.compile(r"\d{4}-\d\d-\d\d")


class TypedInput(forms.TextInput):
    """A line of text for a value that is parsed. picker: "date" or "time", the native one that may fill it."""

    def __init__(self, attrs=None, *, picker=""):
        default = {"class": "num", "autocomplete": "off"}
        if picker:
            default["data-picker"] = picker
        super().__init__({**default, **(attrs or {})})


class TypedField(forms.Field):
    """A field whose text is read by its `parse` and written by its `show`; both follow the active region."""

    def to_python(self, value):
        """The value, or None of nothing. Raises ValidationError with the sentence of the ParseError."""
        if value in self.empty_values or not isinstance(value, str):
            return None if value in self.empty_values else value
        if not value.strip():
            return None
        try:
            return self.parse(value)
        except parsing.ParseError as problem:
            raise forms.ValidationError(problem.for_user, code="invalid") from problem

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else self.show(value)


class PickedBoundField(forms.BoundField):
    """Tells a picker's button which date or time it opens on."""

    def build_widget_attrs(self, attrs, widget=None):
        attrs = super().build_widget_attrs(attrs, widget)
        try:
            value = self.field.to_python(self.value())
        except forms.ValidationError:
            return attrs
        return {**attrs, "data-iso": value.isoformat()} if value else attrs


class PlainDateField(TypedField):
    """A datetime.date: 20/11, 20 Nov 2026, fri, t-30d, 2026-11-20."""

    widget = TypedInput(picker="date")
    bound_field_class = PickedBoundField
    parse = staticmethod(parsing.parse_date)
    show = staticmethod(formats.date_table)

    def prepare_value(self, value):
        if isinstance(value, str) and ISO.fullmatch(value):
            with suppress(ValueError):  # 2026-02-31
                value = dt.date.fromisoformat(value)
        return super().prepare_value(value)


class PlainTimeField(TypedField):
    """A datetime.time: 930, 9:30, 2:30 pm."""

    widget = TypedInput(picker="time")
    bound_field_class = PickedBoundField
    parse = staticmethod(parsing.parse_time)
    show = staticmethod(formats.time_short)


class LinesField(forms.CharField):
    """Text of several lines. A browser sends every line break as two characters but counts one, and so does this."""

    widget = forms.Textarea

    def to_python(self, value):
        value = super().to_python(value)
        return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


class BoundedField(TypedField):
    """A number within bounds, which its `show_bound` writes."""

    def __init__(self, *, min_value=0, max_value=None, **kwargs):
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)

    def validate(self, value):
        super().validate(value)
        if value is None:
            return
        if value < self.min_value:
            # Translators: %(least)s is an amount or a duration.
            sentence = gettext("Enter at least %(least)s.")
            raise forms.ValidationError(
                sentence % {"least": self.show_bound(self.min_value)}, code="min_value"
            )
        if value > self.max_value:
            # Translators: %(most)s is an amount or a duration.
            sentence = gettext("Enter at most %(most)s.")
            raise forms.ValidationError(
                sentence % {"most": self.show_bound(self.max_value)}, code="max_value"
            )


class MinutesField(BoundedField):
    """Whole minutes as int, 0 to 100,000: 45, 1:30, 1h30, 1 h 30 min. Shown as a bare number: the label says "min"."""

    widget = TypedInput
    parse = staticmethod(parsing.parse_minutes)
    show = staticmethod(str)
    show_bound = staticmethod(formats.minutes)

    def __init__(self, *, max_value=MOST_MINUTES, **kwargs):
        super().__init__(max_value=max_value, **kwargs)


class AmountField(BoundedField):
    """A Decimal with two places from 0 to 9,999,999.99, with point or comma. Takes the arguments of a DecimalField.

    currency: an ISO code, or a callable that answers one; its sign may be typed beside the number.
    """

    widget = TypedInput({"inputmode": "decimal"})

    def __init__(self, *, currency="", max_digits=9, decimal_places=2, max_value=None, **kwargs):
        self.currency, self.places = currency, decimal_places
        if max_value is None:
            max_value = (Decimal(10) ** max_digits - 1).scaleb(-decimal_places)
        super().__init__(max_value=max_value, **kwargs)

    def parse(self, text):
        currency = self.currency() if callable(self.currency) else self.currency
        return parsing.parse_decimal(text, currency=currency)

    def show(self, value):
        return formats.decimal(value, self.places, grouped=False)

    def show_bound(self, bound):
        return formats.decimal(bound, self.places)

    def validate(self, value):
        super().validate(value)
        if value is not None and value != round(value, self.places):
            # Translators: of an amount: digits behind the point or comma.
            sentence = ngettext("Use at most %(n)s decimal.", "Use at most %(n)s decimals.", self.places)
            raise forms.ValidationError(sentence % {"n": self.places}, code="decimals")

    def clean(self, value):
        value = super().clean(value)
        return value if value is None else round(value, self.places) + 0  # + 0: there is no minus nought

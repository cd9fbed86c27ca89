"""Fields that read what people type in filters: a code or number, a date in the region's own writing."""

import datetime as dt

from django import forms

from crm.parsing import ParseError, parse_date


class DayField(forms.DateField):
    """A date as a native picker sends it, or as people and links write it: 20/11, t-30d, 2026-11-20."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, dt.date):
            return value or None
        try:
            return parse_date(str(value))
        except ParseError as problem:
            raise forms.ValidationError(problem.for_user, code="invalid") from problem


class CodeChoiceField(forms.ModelChoiceField):
    """A row chosen by its code or number (`to_field_name`). unknown: the sentence, with %(value)s, for any other."""

    def __init__(self, queryset, *, unknown, widget=forms.Select, **kwargs):
        kwargs.setdefault("required", False)
        super().__init__(queryset, widget=widget, **kwargs)
        self.error_messages["invalid_choice"] = unknown

"""A field that reads what people type in filters: a code or number."""

from django import forms


class CodeChoiceField(forms.ModelChoiceField):
    """A row chosen by its code or number (`to_field_name`). unknown: the sentence, with %(value)s, for any other."""

    def __init__(self, queryset, *, unknown, widget=forms.Select, **kwargs):
        kwargs.setdefault("required", False)
        super().__init__(queryset, widget=widget, **kwargs)
        self.error_messages["invalid_choice"] = unknown

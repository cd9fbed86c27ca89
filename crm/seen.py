"""Forms of something that somebody else may change while one of them is filled in.

The page sends back what it showed (`{% as_shown field %}`). Only what its user changed counts as changed, so two people
who change different fields do not meet; where both changed the same one, the page shows both values and asks.

    form = CampaignForm(request.POST, campaign=found)        # on the present state
    if form.is_valid() and not form.conflicts:
        update(found, seen=found.version, **form.values)     # another state by now: look again
    elif form.is_valid():
        conflicts, form = form.conflicts, CampaignForm(form.on(CampaignForm(campaign=found)), campaign=found)
        # … {% include "components/_conflicts.html" %}
"""

from dataclasses import dataclass

from django import forms
from django.utils.functional import cached_property

TAKE = "take_"  # take_<field> = mine | theirs: what the page asked about a conflict


@dataclass(frozen=True)
class Conflict:
    """A field that two people have changed: what I typed and what is stored now, in words."""

    name: str
    label: str
    mine: str
    theirs: str


class SeenForm(forms.Form):
    """Knows what each field held when the page was written. Its initial values are the present ones."""

    def __init__(self, data=None, *args, **kwargs):
        super().__init__(self.as_chosen(data), *args, **kwargs)

    def as_chosen(self, data):
        """*data* with the other one's value where somebody took it: that is what the page showed beside the question."""
        taken = [
            name[len(TAKE) :]
            for name in data or ()
            if name.startswith(TAKE) and data.get(name) == "theirs" and f"initial-{name[len(TAKE) :]}" in data
        ]
        if not taken:
            return data
        data = data.copy()
        for name in taken:
            data[name] = data[f"initial-{name}"]
        return data

    def keep_what_is_shown(self):
        """Call it when all fields are there."""
        for field in self.fields.values():
            if not field.widget.is_hidden and not isinstance(field, forms.FileField):
                field.show_hidden_initial = True

    @cached_property
    def conflicts(self):
        """A Conflict for each field that its user and somebody else have changed to different values."""
        return [self._conflict(name) for name in self.changed_data if self._met_another(name)]

    def _met_another(self, name):
        """A page that says nothing of what it showed has met nobody."""
        field, bound = self.fields[name], self[name]
        if not field.show_hidden_initial or bound.html_initial_name not in self.data:
            return False
        shown = field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)
        stored = bound.initial
        return field.has_changed(stored, shown) and field.has_changed(stored, bound.data)

    def _conflict(self, name):
        bound = self[name]
        return Conflict(
            name, bound.label, self._in_words(name, bound.data), self._in_words(name, bound.initial)
        )

    def _in_words(self, name, value):
        field = self.fields[name]
        value = field.prepare_value(value)
        if hasattr(field, "choices"):
            text = "" if value is None else str(value)
            return str(next((label for key, label in field.choices if str(key) == text), text)) or "—"
        return field.widget.format_value(value) or "—"

    def on(self, fresh):
        """The data of this form on the present state: what its user changed, and for the rest what *fresh* shows."""
        data, changed = self.data.copy(), set(self.changed_data)
        for name in [name for name in data if name.startswith(TAKE)]:
            del data[name]
        for name, field in fresh.fields.items():
            if field.widget.is_hidden:
                data[name] = fresh[name].value()
            elif field.show_hidden_initial:
                value = fresh[name].value()
                text = "" if value is None else str(value)
                data[fresh[name].html_initial_name] = text
                if name not in changed:
                    data[name] = text
        return data

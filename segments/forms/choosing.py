"""What people type to choose contacts: rows of field, operator and value, and options (ui 5.9)."""

import re

from django import forms
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.fields import PlainDateField
from crm.lookup import RowField
from crm.models import MailingGroup
from interactions.models import LoggedSegment
from segments.criteria import (
    FIELDS,
    MOST_CONDITIONS,
    OF_ADD,
    OF_REMOVE,
    OPTIONS,
    BadCondition,
    Condition,
    Recipe,
)
from segments.models import Segment, StepAction

ROW = re.compile(r"c(\d{1,3})-field")
SPARE_ROWS = 3  # offered where no script can add one
MOST_PASTED = 10_000
SEPARATORS = re.compile(r"[\n\r\t,;]+")
BRACKETS = re.compile(r"<([^<>]+)>")


def fields_for(user):
    """The fields that *user* may ask about, as choices in groups."""
    groups = {}
    for each in FIELDS.values():
        if not each.permission or user.has_perm(each.permission):
            groups.setdefault(str(each.section), []).append((each.name, each.label))
    return [("", gettext("Choose…")), *groups.items()]


class ValuesInput(forms.SelectMultiple):
    """Values of a list. Of a long one the chosen ones only, and a look-up; without a script, a text field for codes.

    plain_label: of the text field.
    """

    def __init__(self, choices, *, url="", plain_label=""):
        super().__init__({"data-combobox": "", "size": 4}, choices=choices)
        self.url, self.plain_label = url, plain_label

    def render(self, name, value, attrs=None, renderer=None):
        if not self.url:
            return super().render(name, value, attrs, renderer)
        attrs = attrs or {}
        looked_up = {**attrs, "data-url": self.url, "class": f"{attrs.get('class', '')} js-only".strip()}
        said = {key: attrs[key] for key in ("aria-describedby", "aria-invalid") if key in attrs}
        return format_html(
            '{}<noscript><input type="text" class="form-control" name="{}" value="{}"{} aria-label="{}"></noscript>',
            super().render(name, value, looked_up, renderer),
            typed_name(name),
            ", ".join(value or ()),
            forms.utils.flatatt(said),
            self.plain_label,
        )


def typed_name(name):
    """Under which the text field sends what was typed instead of the select called *name*."""
    return f"{name}-typed"


class ValuesField(forms.Field):
    """Values of a list, as they came: `Condition` checks them. asks: a field of the criteria."""

    def __init__(self, asks, chosen, *, user, **kwargs):
        listed = asks.choices.listed(user)
        labels = asks.choices.labels(chosen, user) if listed is None else {}
        known = [(str(key), label) for key, label in listed or labels.items()]
        gone = [(value, value) for value in chosen if value not in {key for key, _label in known}]
        url = reverse("segments:choices", args=[asks.name]) if listed is None else ""
        label = gettext("Codes of %(field)s, separated by commas") % {"field": asks.label}
        super().__init__(widget=ValuesInput([*known, *gone], url=url, plain_label=label), **kwargs)


class ConditionRow(forms.Form):
    """One row. What its value looks like follows from the field and the operator that are chosen."""

    optional_marks = False

    field = forms.ChoiceField(label=_("Field"), required=False)
    operator = forms.ChoiceField(label=_("Comparison"), required=False)

    def __init__(self, data=None, *, user, number):
        super().__init__(data, prefix=f"c{number}")
        self.number, self.user = number, user
        self.fields["field"].choices = fields_for(user)
        offered = {name for _group, names in self.fields["field"].choices[1:] for name, _label in names}
        name = self.typed("field")
        self.asks = FIELDS[name] if name in offered else None
        if self.asks is None:
            del self.fields["operator"]
            self.fields["field"].label = _("Field of a further condition")
            return
        operators = {each.name: each for each in self.asks.operators}
        self.comparison = operators.get(self.typed("operator"), self.asks.operators[0])
        self.fields["operator"].choices = [(each.name, each.label) for each in operators.values()]
        self.initial["operator"] = self.comparison.name
        self.fields["value"] = self._value_field()
        self.fields["field"].label = gettext("Field of the condition “%(field)s”") % {
            "field": self.asks.label
        }
        for field in ("operator", "value"):
            self.fields[field].widget.attrs["aria-label"] = self._named(field)

    def _named(self, field):
        # Translators: what a control of a condition is for; %(field)s is such as "Country/region".
        sentence = gettext("Value of %(field)s") if field == "value" else gettext("Comparison of %(field)s")
        return sentence % {"field": self.asks.label}

    def _value_field(self):
        match self.comparison.kind:
            case "choices":
                chosen = [value for value in self._values() if value]
                return ValuesField(self.asks, chosen, user=self.user, label=self.asks.label, required=False)
            case "day":
                return PlainDateField(label=self.asks.label, required=False)
            case "days":
                attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "num"}
                return forms.CharField(
                    label=self.asks.label, required=False, widget=forms.TextInput(attrs), max_length=12
                )
        attrs = {"autocomplete": "off", "maxlength": 250}
        return forms.CharField(
            label=self.asks.label,
            required=False,
            widget=forms.TextInput(attrs),
            help_text=self.comparison.hint,
        )

    @classmethod
    def drawn_again(cls, data, *, user, number):
        """The row after its field or comparison changed; a value that means nothing now is left out."""
        row = cls(data, user=user, number=number)
        if row.is_valid():
            return row
        data = data.copy()
        for name in row.errors:
            data.setlist(row.add_prefix(name), [])
        return cls(data, user=user, number=number)

    def typed(self, name):
        return self.data.get(self.add_prefix(name)) or ""

    def _values(self):
        if not self.is_bound:
            return []
        name = self.add_prefix("value")
        if typed_name(name) in self.data:
            return [code.strip().upper() for code in self.data[typed_name(name)].split(",") if code.strip()]
        return self.data.getlist(name)

    @property
    def condition(self):
        """The Condition that was typed; its value may still mean nothing."""
        return Condition(self.asks.name, self.comparison.name, self._value())

    def _value(self):
        match self.comparison.kind:
            case "choices":
                return self._values()
            case "day":
                day = self.cleaned_data.get("value")
                return day.isoformat() if day else ""
        return self.typed("value").strip()

    def checked(self):
        """The checked Condition, or None: then the row says why."""
        if not self.is_valid():
            return None
        try:
            return self.condition.checked(self.user)
        except BadCondition as problem:
            self.add_error("value", problem.for_user)
            return None

    @property
    def is_unfinished(self):
        """Whether nobody has said yet what the value is to be."""
        return "value" in self.fields and not any(text.strip() for text in self._values())


class CriteriaForm:
    """The rows and options of one tab. Read `recipe()`; then `rows` say what was wrong.

    data: a QueryDict, or None.  action: a StepAction.
    """

    def __init__(self, data=None, *, user, action):
        self.user, self.action = user, action
        self.data = data
        self.problem = ""  # what is wrong with all of it
        numbers = [int(found[1]) for name in data or () if (found := ROW.fullmatch(name)) and data[name]]
        if len(numbers) > MOST_CONDITIONS:
            self.problem = gettext("Take at most %(count)s conditions.") % {"count": MOST_CONDITIONS}
        self.rows = [self._row(number) for number in numbers[:MOST_CONDITIONS]]
        self.offered = OF_ADD if action == StepAction.ADD else OF_REMOVE
        self.chosen = {name for name in self.offered if data and name in data.getlist("option")}

    def _row(self, number):
        return ConditionRow(self.data, user=self.user, number=number)

    @property
    def options(self):
        """[(name, label, whether it is ticked), …]"""
        return [(name, OPTIONS[name], name in self.chosen) for name in self.offered]

    @property
    def has_conditions(self):
        return bool(self.rows)

    @property
    def next_number(self):
        return max((row.number for row in self.rows), default=-1) + 1

    @property
    def blank(self):
        """The row that a script copies; it puts the number in."""
        return ConditionRow(user=self.user, number="NUMBER")

    def spare_rows(self):
        """Empty rows for a page without a script; the first one is for every page that has no condition yet."""
        return [self._blank(number) for number in range(self.next_number, self.next_number + SPARE_ROWS)]

    def _blank(self, number):
        return ConditionRow(user=self.user, number=number)

    def without(self, number):
        self.rows = [row for row in self.rows if str(row.number) != number]

    def recipe(self):
        """The checked Recipe, or None: then a row, or `problem`, says why."""
        if self.problem:
            return None
        conditions = tuple(row.checked() for row in self.rows)
        return None if None in conditions else Recipe(conditions, frozenset(self.chosen))

    @property
    def first_problem(self):
        """One sentence about what is wrong."""
        if self.problem:
            return self.problem
        sentences = [sentence for row in self.rows for each in row.errors.values() for sentence in each]
        return sentences[0] if sentences else ""

    @property
    def why_uncounted(self):
        """One sentence for the place of the count: a row with a wrong value is marked, one without says what it waits for."""
        if not self.problem and any(row.errors and not row.is_unfinished for row in self.rows):
            return gettext("Put the marked condition right to see how many contacts match.")
        return self.first_problem


class SaveCriteriaForm(forms.Form):
    """A code for the steps of a segment (R-58)."""

    optional_marks = True

    code = forms.CharField(
        label=_("Code"),
        max_length=10,
        error_messages={"required": _("Enter a code of up to ten characters.")},
    )
    description = forms.CharField(label=_("Description"), max_length=100, required=False)

    def clean_code(self):
        return self.cleaned_data["code"].upper()


class ReuseSegmentForm(forms.Form):
    """Which logged segment to take the contacts of (R-59)."""

    logged = RowField(
        key="segment_no",
        url=reverse_lazy("segments:logged_lookup"),
        placeholder=_("Search by number or description"),
        plain_label=_("Number of the logged segment"),
        missing=_("There is no logged segment “%(text)s”."),
        label=_("Logged segment"),
        error_messages={"required": _("Choose a logged segment.")},
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["logged"].rows = LoggedSegment.objects.visible_to(user).defer("criteria")


class MailingGroupForm(forms.Form):
    """Which mailing group the contacts of a segment come into (R-59)."""

    group = RowField(
        MailingGroup.objects,
        key="code",
        url=reverse_lazy("segments:choices", args=["mailing_group"]),
        placeholder=_("Search by code or description"),
        plain_label=_("Code of the mailing group"),
        missing=_("There is no mailing group “%(text)s”."),
        label=_("Mailing group"),
        error_messages={"required": _("Choose a mailing group.")},
    )
    clear = forms.BooleanField(label=_("Take everybody else out of the group first"), required=False)


class ChooseSegmentForm(forms.Form):
    """Where chosen contacts go: an open segment, or a new one."""

    segment = RowField(
        key="no",
        url=reverse_lazy("segments:lookup"),
        placeholder=_("A new segment, or search by number or description"),
        plain_label=_("Number of the segment"),
        missing=_("There is no segment “%(text)s”."),
        label=_("Segment"),
        required=False,
    )
    description = forms.CharField(label=_("Description of the new segment"), max_length=100, required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["segment"].rows = Segment.objects.visible_to(user)

    def clean(self):
        new = not self.cleaned_data.get("segment") and not self.errors
        if new and not self.user.has_perm("segments.add_segment"):
            self.add_error("segment", gettext("Choose a segment."))


class PasteForm(forms.Form):
    """Numbers and e-mail addresses of contacts, as they stand in a list or in a message."""

    pasted = forms.CharField(
        label=_("Numbers or e-mail addresses"),
        help_text=_("One per line, or separated by commas or semicolons."),
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": _("Paste at least one number or e-mail address.")},
    )

    def clean_pasted(self):
        """The texts, each once, in order."""
        pieces = (inside_brackets(piece) for piece in SEPARATORS.split(self.cleaned_data["pasted"]))
        texts = list(dict.fromkeys(piece for piece in pieces if piece))
        if not texts:
            raise forms.ValidationError(self.fields["pasted"].error_messages["required"])
        if len(texts) > MOST_PASTED:
            raise forms.ValidationError(
                _("These are %(count)s; paste at most %(most)s at once."),
                params={"count": formats.integer(len(texts)), "most": formats.integer(MOST_PASTED)},
            )
        return texts


def inside_brackets(piece):
    """`ana@ferrer.test` of `Ana Ferrer <ana@ferrer.test>`."""
    found = BRACKETS.search(piece)
    return (found[1] if found else piece).strip().strip("\"'")

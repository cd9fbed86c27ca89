"""What people type into the lines of a segment. Left empty, a field is as the segment says."""

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.fields import AmountField, MinutesField, PlainDateField, PlainTimeField
from crm.languages import language_choices
from crm.lookup import ContactField
from crm.models import Channel, Contact, Salesperson
from crm.seen import SeenForm
from interactions.fields import CampaignField
from interactions.models import Campaign, Direction, Evaluation, Initiator, InteractionTemplate
from segments.actions.lines import COLUMNS, Letter
from segments.forms.segments import (
    ANSWERS,
    NOT_STATED,
    NOTHING,
    Upload,
    answer,
    offered_campaigns,
    offered_salespeople,
    offered_templates,
    own_answer,
    own_value,
)

CELLS = ("description", "template", "channel", "language")
CHOSEN = ("channel", "language", "direction", "initiated_by")  # "" is as the segment, NOTHING an own blank
ANSWERED = ("campaign_target", "campaign_response")
LETTER = ("own_attachment", "without_letter")  # the columns of a line's letter


def as_the_segment(choices, *, nothing=None):
    own = [(NOTHING, nothing)] if nothing is not None else []
    return [("", gettext("As the segment")), *own, *choices]


class OwnChoice(forms.ChoiceField):
    """A choice that may be inherited: cleaned NULL, '' or a value. nothing: label of an own blank."""

    def __init__(self, *, nothing, **kwargs):
        super().__init__(required=False, **kwargs)
        self.nothing = nothing

    def offer(self, choices):
        self.choices = as_the_segment(choices, nothing=self.nothing)

    def clean(self, value):
        return own_value(super().clean(value))


class OwnAnswer(forms.ChoiceField):
    """Yes, no, or as the segment: cleaned True, False or NULL."""

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)

    def offer(self):
        self.choices = as_the_segment(ANSWERS)

    def clean(self, value):
        return own_answer(super().clean(value))


class OwnText(forms.CharField):
    def clean(self, value):
        return super().clean(value).strip() or None


class LineFields(SeenForm):
    """The own values of a line. line: with its effective values, which the placeholders show."""

    optional_marks = False

    description = OwnText(label=_("Description"), max_length=250, required=False)
    template = forms.ModelChoiceField(
        InteractionTemplate.objects.none(),
        label=_("Template"),
        required=False,
        empty_label=_("As the segment"),
    )
    channel = OwnChoice(label=_("Sent as"), nothing=pgettext_lazy("channel", "Nothing is sent"))
    language = OwnChoice(
        label=pgettext_lazy("of a letter", "Language"),
        nothing=pgettext_lazy("language of a letter", "Neutral"),
    )

    def __init__(self, *args, line, **kwargs):
        self.line = line
        shown = {name: self.own(name) for name in self.base_fields if name in COLUMNS}
        super().__init__(*args, **{"initial": shown} | kwargs)
        self._offer()

    def own(self, name):
        """What the line says itself, as the field of that name shows it."""
        value = getattr(self.line, COLUMNS[name])
        if name in CHOSEN:
            return {None: "", "": NOTHING}.get(value, value)
        return answer(value) if name in ANSWERED else value

    @property
    def own_names(self):
        """The names of what the line says itself."""
        return own_names(self.line)

    def _offer(self):
        line, fields = self.line, self.fields
        fields["template"].queryset = offered_templates(line.own_template_id)
        fields["channel"].offer(Channel.choices)
        fields["language"].offer(language_choices(line.own_language))
        fields["description"].widget.attrs["placeholder"] = line.description or ""


def own_names(line):
    """The names of what *line* says itself, in the order of COLUMNS."""
    # By attname: the template itself would be one query a line.
    values = {name: getattr(line, line._meta.get_field(column).attname) for name, column in COLUMNS.items()}
    return [
        name for name, value in values.items() if value is not None and (value or name != "attempt_failed")
    ]


def cell_form(name, line, data=None):
    """The form of one cell. seen: which state of it the page showed."""
    form = LineFields(data, line=line)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    form.fields = {"seen": seen, name: form.fields[name]}
    form.initial["seen"] = line.fingerprint(COLUMNS[name])
    return form


class LineForm(LineFields):
    """All of one line; `values` are those that its user changed."""

    subject = OwnText(label=_("Subject"), max_length=250, required=False)
    salesperson = forms.ModelChoiceField(
        Salesperson.objects.none(), label=_("Salesperson"), required=False, empty_label=_("As the segment")
    )
    date = PlainDateField(label=_("Date"), required=False)
    time = PlainTimeField(label=_("Time"), required=False)
    cost = AmountField(label=_("Cost"), required=False)
    minutes = MinutesField(label=_("Duration, min"), required=False)
    direction = OwnChoice(label=_("Direction"), nothing=NOT_STATED)
    initiated_by = OwnChoice(label=_("Initiated by"), nothing=NOT_STATED)
    campaign = CampaignField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("As the segment")
    )
    campaign_target = OwnAnswer(label=_("The contact is a target of the campaign"))
    campaign_response = OwnAnswer(label=_("This is a response to the campaign"))
    evaluation = forms.TypedChoiceField(
        label=_("Evaluation"),
        choices=[("", pgettext_lazy("evaluation", "None")), *Evaluation.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    attempt_failed = forms.BooleanField(label=_("The contact was not reached"), required=False)
    letter = forms.ChoiceField(
        label=pgettext_lazy("of a line", "Letter"),
        choices=[
            (Letter.KEPT, pgettext_lazy("letter of a line", "As it is")),
            (Letter.OF_SEGMENT, pgettext_lazy("letter of a line", "The segment’s file")),
            (Letter.NONE, pgettext_lazy("letter of a line", "No file")),
        ],
        initial=Letter.KEPT,
        required=False,
    )
    upload = Upload(label=_("Own letter"), required=False)
    letter_seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, user, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)
        self.initial["letter_seen"] = self.line.fingerprint(*LETTER)
        if not user.has_perm("interactions.see_costs"):
            del self.fields["cost"]
        self.keep_what_is_shown()
        self.fields["letter"].show_hidden_initial = False

    def _offer(self):
        super()._offer()
        line, fields = self.line, self.fields
        fields["salesperson"].queryset = offered_salespeople(self.user, line.own_salesperson_id)
        fields["campaign"].queryset = offered_campaigns(self.user, line.own_campaign_id)
        fields["direction"].offer(Direction.choices)
        fields["initiated_by"].offer(Initiator.choices)
        for name in ANSWERED:
            fields[name].offer()
        fields["subject"].widget.attrs["placeholder"] = line.subject or ""
        fields["minutes"].widget.attrs["placeholder"] = formats.integer(line.minutes or 0)
        fields["cost"].widget.attrs["placeholder"] = formats.decimal(line.cost or 0, 2)
        fields["date"].widget.attrs["placeholder"] = formats.date_table(line.date)

    def clean(self):
        data = super().clean()
        seen = data.get("letter_seen")
        if self.changes_letter and seen and seen != self.initial["letter_seen"]:
            sentence = gettext("Somebody else changed this letter meanwhile. Look at it, then save again.")
            self.add_error("letter", forms.ValidationError(sentence, code="changed"))
        return data

    @property
    def changes_letter(self):
        return bool(self.cleaned_data.get("upload")) or self.wanted_letter != Letter.KEPT

    @property
    def wanted_letter(self):
        return self.cleaned_data.get("letter") or Letter.KEPT

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in self.changed_data if name in COLUMNS}

    def emptied(self, name):
        """The data with nothing in the field *name*: what a reset of it asks for."""
        data = self.data.copy()
        data[name] = ""
        return data

    def without(self, name, fresh):
        """The data with the field *name* as *fresh* shows it, everything else as it was typed."""
        data = self.on(fresh)
        data[name] = data[fresh[name].html_initial_name]
        return data


KEEP, FOLLOW = "", "="  # choices of a form for many lines: as each one is; as the segment again


class ManyLinesForm(forms.Form):
    """Values for many lines at once; `values` are those that are not left as they are."""

    optional_marks = False

    template = forms.ChoiceField(label=_("Template"), required=False)
    language = forms.ChoiceField(label=pgettext_lazy("of a letter", "Language"), required=False)
    salesperson = forms.ChoiceField(label=_("Salesperson"), required=False)
    channel = forms.ChoiceField(label=_("Sent as"), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = {
            "template": {row.code: row for row in offered_templates()},
            "salesperson": {
                row.code: row for row in Salesperson.objects.visible_to(user).active().order_by("name", "id")
            },
        }
        choices = {
            "template": [(code, str(row)) for code, row in self.rows["template"].items()],
            "salesperson": [(code, row.name) for code, row in self.rows["salesperson"].items()],
            "language": [
                (NOTHING, pgettext_lazy("language of a letter", "Neutral")),
                *language_choices(None),
            ],
            "channel": [(NOTHING, pgettext_lazy("channel", "Nothing is sent")), *Channel.choices],
        }
        for name, offered in choices.items():
            keep = (KEEP, gettext("Leave as it is"))
            self.fields[name].choices = [keep, (FOLLOW, gettext("As the segment")), *offered]

    def clean(self):
        if not self.errors and not self.plain_values:
            raise forms.ValidationError(gettext("Choose what is to change."), code="nothing")
        return self.cleaned_data

    @property
    def plain_values(self):
        """What was chosen, as JSON: codes for rows, None for "as the segment"."""
        chosen = {
            name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name) != KEEP
        }
        return {name: None if text == FOLLOW else own_value(text) for name, text in chosen.items()}


class AddContactForm(forms.Form):
    """A contact to add, or to put in the place of another one."""

    contact = ContactField(label=pgettext_lazy("crm", "Contact"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = Contact.objects.visible_to(user)

"""What people type into a template."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.fields import AmountField, LinesField, MinutesField
from crm.languages import language_choices, language_name, language_tag
from crm.lookup import ContactField
from crm.models import Channel, Contact, MarketingSetup
from interactions.actions.templates import state_of
from interactions.bodies import MOST_CHARACTERS
from interactions.gate import Refused, accept
from interactions.models import (
    Campaign,
    Direction,
    Initiator,
    InteractionGroup,
    Kind,
    WizardAction,
)

SETTINGS = (
    "code",
    "group",
    "description",
    "kind",
    "wizard_action",
    "channel",
    "ignore_contact",
    "direction",
    "initiated_by",
    "cost",
    "minutes",
    "campaign",
    "campaign_target",
    "campaign_response",
    "language",
    "quick_key",
    "active",
)
ACTIONS = [
    ("", pgettext_lazy("what happens with the file", "Nothing")),
    (WizardAction.OPEN, _("Open — edit before logging")),
    (WizardAction.IMPORT, _("Import — ask for a file")),
    (WizardAction.MERGE, _("Merge — fill in the fields")),
]


class CodeField(forms.CharField):
    """A code as it is stored: trimmed and upper-cased."""

    def __init__(self, **kwargs):
        super().__init__(label=_("Code"), max_length=10, **kwargs)

    def to_python(self, value):
        return super().to_python(value).upper()


def with_blank(choices):
    return [("", pgettext_lazy("choice", "Not stated")), *choices]


class NewTemplateForm(forms.Form):
    """The least that a template needs; the rest is its page's business."""

    code = CodeField()
    description = forms.CharField(label=_("Description"), max_length=100)
    group = forms.ModelChoiceField(InteractionGroup.objects.order_by("code"), label=_("Group"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.LETTER)


class DuplicateForm(forms.Form):
    code = CodeField(help_text=_("Of the new template."))


class TemplateForm(forms.Form):
    """The settings of a template.

    The page sends back what it showed (`{% as_shown %}`): only what its user changed counts as changed, and `seen`
    says which state that was.
    """

    optional_marks = False

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    code = CodeField()
    group = forms.ModelChoiceField(InteractionGroup.objects.order_by("code"), label=_("Group"))
    description = forms.CharField(label=_("Description"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    wizard_action = forms.ChoiceField(
        label=_("What the assistant does with the file"), choices=ACTIONS, required=False
    )
    channel = forms.ChoiceField(
        label=_("Send as"),
        choices=[("", pgettext_lazy("channel", "Nothing is sent")), *Channel.choices],
        required=False,
    )
    ignore_contact = forms.BooleanField(label=_("Ignore the contact’s own choice"), required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=with_blank(Direction.choices), required=False)
    initiated_by = forms.ChoiceField(
        label=_("Initiated by"), choices=with_blank(Initiator.choices), required=False
    )
    cost = AmountField(label=_("Unit cost"))
    minutes = MinutesField(label=_("Duration, min"))
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("No campaign")
    )
    campaign_target = forms.BooleanField(label=_("The contact is a target of the campaign"), required=False)
    campaign_response = forms.BooleanField(label=_("This is a response to the campaign"), required=False)
    language = forms.ChoiceField(
        label=_("Default language"),
        required=False,
        help_text=_("Taken when there is no file in the language of the contact."),
    )
    quick_key = forms.TypedChoiceField(
        label=_("Quick-log key"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "—"), *((number, number) for number in range(1, 10))],
        help_text=_("Adds a button with this key to each contact card."),
    )
    active = forms.BooleanField(
        label=_("Active"), required=False, help_text=_("Inactive templates are not offered any more.")
    )

    def __init__(self, data=None, *, template, user):
        self.template = template
        initial = {name: getattr(template, name) for name in SETTINGS}
        initial["seen"] = state_of(template)
        super().__init__(data, initial=initial)
        self.fields["campaign"].queryset = Campaign.objects.visible_to(user).order_by("-starting_date", "no")
        if template.campaign_id:
            self.fields["campaign"].queryset |= Campaign.objects.filter(pk=template.campaign_id)
        self.fields["language"].choices = [("", language_name("")), *language_choices(template.language)]
        if not user.has_perm("interactions.see_costs"):
            del self.fields["cost"]
        elif currency := MarketingSetup.current().currency:
            self.fields["cost"].label = _("Unit cost, %(currency)s") % {"currency": currency}
        may_change = user.has_perm("interactions.change_interactiontemplate")
        for name, field in self.fields.items():
            field.disabled = not may_change
            field.show_hidden_initial = may_change and name != "seen"

    def on(self, fresh):
        """The data of this form on the present state: what its user changed, and for the rest what *fresh* shows."""
        data, changed = self.data.copy(), set(self.changed_data)
        data["seen"] = fresh["seen"].value()
        for name in SETTINGS:
            if name not in fresh.fields:
                continue
            bound = fresh[name]
            value = bound.value()
            data[bound.html_initial_name] = "" if value is None else str(value)
            if name in changed:
                continue
            if value is True:
                data[name] = "on"
            elif value is False:
                data.pop(name, None)
            else:
                data[name] = "" if value is None else str(value)
        return data

    @property
    def values(self):
        """What its user changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "seen"}


class GateField(forms.FileField):
    """A file as the gate lets it through."""

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        try:
            return accept(upload, name=upload.name, max_bytes=settings.ATTACHMENT_MAX_BYTES)
        except Refused as refused:
            raise forms.ValidationError(refused.for_user, code=refused.code) from refused


class LanguageForm(forms.Form):
    """What every form about one language of a template sends: which, and the file it showed (0: none)."""

    language = forms.CharField(required=False, max_length=15, widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def clean_language(self):
        text = self.cleaned_data["language"]
        tag = language_tag(text) if text else ""
        if tag is None:
            raise forms.ValidationError(_("There is no language “%(text)s”."), params={"text": text})
        return tag


class FileForm(LanguageForm):
    upload = GateField(label=_("File"), error_messages={"required": _("Choose a file first.")})


class WordsForm(LanguageForm):
    """What goes with the file of a language: texts, and the body of the e-mail with its merge fields."""

    subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
    description = forms.CharField(label=_("Description in this language"), max_length=100, required=False)
    body = LinesField(
        label=_("Body of the e-mail"),
        max_length=MOST_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true"}),
        help_text=_("Text or simple HTML, with merge fields as {{Contact_Name}}."),
    )


class CopyForm(LanguageForm):
    """From which language the file is taken."""

    source = forms.CharField(required=False, max_length=15)


class PreviewForm(forms.Form):
    """For whom the letter is shown."""

    contact = ContactField(label=_("Preview with"), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = Contact.objects.visible_to(user)

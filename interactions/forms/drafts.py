from django import forms
from django.conf import settings
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.fields import AmountField, LinesField, MinutesField, PlainDateField, PlainTimeField
from crm.languages import language_name
from crm.lookup import ContactField
from crm.models import Channel, Contact, MarketingSetup, Salesperson
from interactions.fields import CampaignField
from interactions.gate import Refused, accept
from interactions.models import Campaign, Direction, Evaluation, Initiator, InteractionTemplate

# Names of the form whose value goes into the draft as it is; the file has its own way.
TYPED = (
    "contact",
    "template",
    "description",
    "salesperson",
    "date",
    "time",
    "language",
    "channel",
    "direction",
    "initiated_by",
    "evaluation",
    "minutes",
    "cost",
    "attempt_failed",
    "comment",
    "campaign",
    "campaign_target",
    "campaign_response",
)


def with_blank(choices, label):
    return [("", label), *choices]


class EvaluationField(forms.TypedChoiceField):
    widget = forms.RadioSelect

    def __init__(self, **kwargs):
        super().__init__(choices=Evaluation.choices, coerce=int, empty_value=None, required=False, **kwargs)


class DraftForm(forms.Form):
    """What is typed into the sheet. Nothing is required here: completeness is checked when logging (R-23, R-24).

    draft: the InteractionDraft that gives the initial values. user: sees only his or her contacts.
    `changes` are the values that differ from what the page showed (not from the draft, which another tab may have
    changed), valid ones only, so an unfinished field never blocks saving.
    """

    optional_marks = False
    refused_upload = ()  # what the gate said of a file that an autosave brought

    contact = ContactField(label=pgettext_lazy("crm", "Contact"), required=False)
    template = forms.ModelChoiceField(
        InteractionTemplate.objects.none(),
        label=_("Template"),
        required=False,
        empty_label=_("Choose a template"),
    )
    description = forms.CharField(label=_("Description"), required=False, max_length=250)
    salesperson = forms.ModelChoiceField(
        Salesperson.objects.none(),
        label=_("Salesperson"),
        required=False,
        empty_label=_("Choose a salesperson"),
    )
    date = PlainDateField(label=_("Date"), required=False)
    time = PlainTimeField(label=_("Time"), required=False)
    language = forms.ChoiceField(label=pgettext_lazy("of a letter", "Language"), required=False)
    channel = forms.ChoiceField(
        label=_("Correspondence"),
        required=False,
        choices=with_blank(Channel.choices, pgettext_lazy("channel", "Nothing is sent")),
    )
    direction = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=with_blank(Direction.choices, pgettext_lazy("direction", "Not stated")),
    )
    initiated_by = forms.ChoiceField(
        label=_("Initiated by"),
        required=False,
        choices=with_blank(Initiator.choices, pgettext_lazy("initiated by", "Not stated")),
    )
    upload = forms.FileField(label=_("File"), required=False)
    remove_file = forms.BooleanField(label=_("Remove the file"), required=False)
    evaluation = EvaluationField(label=_("Evaluation"))
    minutes = MinutesField(label=_("Duration, min"), required=False)
    cost = AmountField(label=_("Cost"), required=False)
    attempt_failed = forms.TypedChoiceField(
        label=_("Reached the contact?"),
        required=False,
        choices=[("False", pgettext_lazy("reached the contact", "Yes")), ("True", _("No, failed"))],
        coerce=lambda value: value == "True",
        empty_value=False,
        widget=forms.RadioSelect,
    )
    comment = LinesField(
        label=_("Comment"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    campaign = CampaignField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("No campaign")
    )
    campaign_target = forms.BooleanField(label=_("The contact is a target of the campaign"), required=False)
    campaign_response = forms.BooleanField(label=_("This is a response to the campaign"), required=False)

    def __init__(self, *args, draft, user, **kwargs):
        self.draft = draft
        initial = {name: getattr(draft, name) for name in TYPED}
        initial["date"], initial["time"] = draft.when_shown
        initial |= {
            "attempt_failed": str(draft.attempt_failed),
            "campaign": draft.campaign_id,
            "template": draft.template_id,
            "salesperson": draft.salesperson_id,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["contact"].queryset = Contact.objects.visible_to(user)
        # An inactive template or a blocked salesperson stays where it already is.
        self.fields["template"].queryset = InteractionTemplate.objects.filter(
            pk__in=InteractionTemplate.objects.active().values("pk")
        ).order_by("code") | InteractionTemplate.objects.filter(pk=draft.template_id).order_by("code")
        self.fields["salesperson"].queryset = Salesperson.objects.active().order_by(
            "name"
        ) | Salesperson.objects.filter(pk=draft.salesperson_id).order_by("name")
        self.fields["campaign"].queryset = Campaign.objects.order_by("-starting_date", "no")
        self.fields["language"].choices = self.languages()
        if user.has_perm("interactions.see_costs"):
            currency = MarketingSetup.current().currency
            if currency:
                self.fields["cost"].label = _("Cost, %(currency)s") % {"currency": currency}
        else:
            del self.fields["cost"]
        for name in TYPED:
            if name in self.fields:
                self.fields[name].show_hidden_initial = name not in draft.locked
        for name in draft.locked:
            self.fields[name].disabled = True
        self.fields[self.first_field()].widget.attrs["autofocus"] = True

    def first_field(self):
        """The first one that is needed and empty; else the description of the template, to be typed over."""
        needed = ("contact", "template", "description", "salesperson")
        return next((name for name in needed if not getattr(self.draft, name)), "description")

    def languages(self):
        """The languages of the chosen template only (MI-033); the draft's own if it has another one."""
        template = self.posted_template() or self.draft.template
        tags = [row.language for row in template.languages.all()] if template else []
        if self.draft.language not in tags:
            tags.append(self.draft.language)
        return sorted(
            ((tag, language_name(tag)) for tag in set(tags)), key=lambda choice: (choice[0] != "", choice[1])
        )

    def posted_template(self):
        number = self.data.get(self.add_prefix("template"), "") if self.is_bound else ""
        if not number.isdecimal() or len(number) > 18 or int(number) == self.draft.template_id:
            return None
        return InteractionTemplate.objects.filter(pk=number).first()

    def clean_contact(self):
        contact = self.cleaned_data["contact"]
        if contact and contact.privacy_blocked and contact != self.draft.contact:
            raise forms.ValidationError(
                _("%(contact)s is blocked for privacy. Choose another contact."),
                params={"contact": contact.name},
            )
        return contact

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if not upload:
            return None
        try:
            return accept(upload, name=upload.name, max_bytes=settings.ATTACHMENT_MAX_BYTES)
        except Refused as refused:
            raise forms.ValidationError(refused.for_user, code=refused.code) from refused

    @property
    def changes(self):
        """{field: value} for save_draft: what was typed and is valid."""
        valid = self.cleaned_data
        changed = {name: valid[name] for name in self.changed_data if name in TYPED and name in valid}
        if valid.get("upload"):
            changed["upload"] = valid["upload"]
        elif valid.get("remove_file"):
            changed["attachment"] = None
        return changed

    @property
    def all_values(self):
        """As `changes`, with everything else the page shows, for a draft that is made anew. The time is that of logging,
        unless it was typed."""
        shown = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in TYPED
            and name not in {"date", "time"}
            and name not in self.draft.locked
            and value not in self.fields[name].empty_values
        }
        return shown | self.changes

    @property
    def unread(self):
        """ "Duration, min: Enter … Date: …": what is not saved, and why; "" when everything is."""
        return " ".join(
            gettext("%(label)s: %(sentence)s") % {"label": self.fields[name].label, "sentence": sentence}
            for name in self.unread_names
            for sentence in self.errors[name]
        )

    @property
    def unread_names(self):
        return [name for name in self.errors if name in self.fields]

    # What the page shows beside the fields

    @property
    def defaults(self):
        """The quiet line under the first section: where the four defaults stand, as words."""
        draft = self.draft
        said = [
            draft.get_direction_display(),
            {
                Initiator.US: gettext("Initiated by us"),
                Initiator.THEM: gettext("Initiated by them"),
            }.get(draft.initiated_by),
            {Channel.EMAIL: gettext("By e-mail"), Channel.HARD_COPY: gettext("As hard copy")}.get(
                draft.channel
            ),
            language_name(draft.language) if draft.language else None,
        ]
        return [word for word in said if word]

    @property
    def defaults_have_errors(self):
        return any(self[name].errors for name in ("direction", "initiated_by", "channel", "language"))

    @property
    def what_is_done(self):
        """Whether the first section needs nothing more."""
        draft = self.draft
        return bool(draft.contact and draft.template and draft.salesperson and draft.description)

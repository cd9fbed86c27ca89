"""What people type into the header of a segment. Left empty, a field is as its template says."""

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm import formats
from crm.fields import AmountField, MinutesField, PlainDateField
from crm.languages import language_choices, language_name
from crm.models import Channel, Salesperson
from crm.seen import SeenForm
from interactions.fields import CampaignField
from interactions.forms.campaigns import offered_salespeople
from interactions.gate import Refused, accept
from interactions.models import Campaign, Direction, Initiator, InteractionTemplate

NOTHING = "-"  # a choice that says "none", beside "" that says "as the template"
YES, NO = "yes", "no"


def inheriting(choices, inherited, *, nothing=None):
    """Choices for a value that may be inherited; *inherited* is what that would be. nothing: label of an own blank."""
    first = (
        gettext("As the template: %(value)s") % {"value": inherited}
        if inherited
        else gettext("As the template")
    )
    own = [(NOTHING, nothing)] if nothing is not None else []
    return [("", first), *own, *choices]


def own_value(text):
    """NULL, '' or the value of a choice made by `inheriting`."""
    if text == "":
        return None
    return "" if text == NOTHING else text


class Upload(forms.FileField):
    """A file as the gate lets it through."""

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return accept(upload, name=upload.name, max_bytes=settings.ATTACHMENT_MAX_BYTES)
        except Refused as refusal:
            raise forms.ValidationError(refusal.for_user, code="refused") from refusal


def offered_templates(also=None):
    """Active templates, and the one that is chosen already."""
    return InteractionTemplate.objects.filter(Q(active=True) | Q(pk=also)).order_by("code")


def offered_campaigns(user, also=None):
    """Campaigns that *user* sees, and the one that is chosen already."""
    visible = Campaign.objects.visible_to(user).values("pk")
    return Campaign.objects.filter(Q(pk__in=visible) | Q(pk=also)).order_by("no")


ANSWERS = ((YES, pgettext_lazy("answer", "Yes")), (NO, pgettext_lazy("answer", "No")))
NOT_STATED = pgettext_lazy("direction", "Not stated")


def answer(value):
    """The choice of a boolean that may be inherited."""
    return {None: "", True: YES, False: NO}[value]


def own_answer(text):
    """NULL, True or False of such a choice."""
    return {"": None, YES: True, NO: False}[text]


class NewSegmentForm(forms.Form):
    optional_marks = True

    description = forms.CharField(label=_("Description"), max_length=100, required=False)
    template = forms.ModelChoiceField(
        InteractionTemplate.objects.none(),
        label=_("Template"),
        required=False,
        empty_label=_("Choose a template later"),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = offered_templates()

    @property
    def values(self):
        return {
            "description": self.cleaned_data["description"].strip() or None,
            "template": self.cleaned_data["template"],
        }


class SegmentForm(SeenForm):
    """The header. segment: gives the values; `values` are those that the user changed."""

    optional_marks = False

    description = forms.CharField(label=_("Description"), max_length=100, required=False)
    salesperson = forms.ModelChoiceField(
        Salesperson.objects.none(),
        label=_("Salesperson"),
        required=False,
        empty_label=_("The salesperson of each contact"),
    )
    date = PlainDateField(label=_("Date"))
    template = forms.ModelChoiceField(
        InteractionTemplate.objects.none(),
        label=_("Template"),
        required=False,
        empty_label=_("Choose a template"),
    )
    language = forms.ChoiceField(label=_("Default language"), required=False)
    channel = forms.ChoiceField(label=_("Correspondence"), required=False)
    ignore_contact = forms.ChoiceField(label=_("Who decides how it is sent"), required=False)
    direction = forms.ChoiceField(label=_("Direction"), required=False)
    initiated_by = forms.ChoiceField(label=_("Initiated by"), required=False)
    cost = AmountField(label=_("Cost, per contact"), required=False)
    minutes = MinutesField(label=_("Duration, min, per contact"), required=False)
    campaign = CampaignField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("No campaign")
    )
    campaign_target = forms.ChoiceField(label=_("Contacts are targets of the campaign"), required=False)
    campaign_response = forms.ChoiceField(label=_("This is a response to the campaign"), required=False)

    def __init__(self, *args, segment, user, **kwargs):
        self.segment = segment
        initial = {
            name: getattr(segment, name)
            for name in ("description", "salesperson", "date", "template", "cost", "minutes", "campaign")
        }
        for name in ("language", "channel", "direction", "initiated_by"):
            value = getattr(segment, name)
            initial[name] = NOTHING if value == "" else (value or "")
        for name in ("ignore_contact", "campaign_target", "campaign_response"):
            initial[name] = answer(getattr(segment, name))
        super().__init__(*args, initial=initial, **kwargs)
        self._offer(user)
        if not user.has_perm("interactions.see_costs"):
            del self.fields["cost"]
        self.keep_what_is_shown()

    def _offer(self, user):
        template, fields = self.segment.template, self.fields
        fields["template"].queryset = offered_templates(self.segment.template_id)
        fields["salesperson"].queryset = offered_salespeople(user, self.segment.salesperson_id)
        fields["campaign"].queryset = offered_campaigns(user, self.segment.campaign_id)
        neutral = pgettext_lazy("language of a letter", "Neutral")
        if template:
            fields["cost"].widget.attrs["placeholder"] = formats.decimal(template.cost, 2)
            fields["minutes"].widget.attrs["placeholder"] = formats.integer(template.minutes)
        fields["language"].choices = inheriting(
            language_choices(self.segment.language),
            template and template.language and language_name(template.language),
            nothing=neutral,
        )
        fields["channel"].choices = inheriting(
            Channel.choices,
            template and template.get_channel_display(),
            nothing=pgettext_lazy("channel", "Nothing is sent"),
        )
        fields["direction"].choices = inheriting(
            Direction.choices, template and template.get_direction_display(), nothing=NOT_STATED
        )
        fields["initiated_by"].choices = inheriting(
            Initiator.choices, template and template.get_initiated_by_display(), nothing=NOT_STATED
        )
        decides = [(NO, _("The contact’s own correspondence first")), (YES, _("The segment"))]
        says = template and dict(decides)[YES if template.ignore_contact else NO]
        fields["ignore_contact"].choices = inheriting(decides, says)
        for name in ("campaign_target", "campaign_response"):
            says = template and dict(ANSWERS)[answer(getattr(template, name))]
            fields[name].choices = inheriting(ANSWERS, says)

    @property
    def values(self):
        """What changed, as `update_segment` takes it."""
        found = {}
        for name in self.changed_data:
            value = self.cleaned_data.get(name)
            if name in ("language", "channel", "direction", "initiated_by"):
                value = own_value(value)
            elif name in ("ignore_contact", "campaign_target", "campaign_response"):
                value = own_answer(value)
            found[name] = value
        return found


class LetterForm(forms.Form):
    """The header's file in one language. The page says of each row which state it showed (`seen`)."""

    optional_marks = True

    language = forms.ChoiceField(label=pgettext_lazy("of a letter", "Language"), required=False)
    subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
    upload = Upload(label=_("File"), required=False)
    nothing = forms.BooleanField(label=_("Nothing goes in this language"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="letter", **kwargs)
        asked = self.data.get(self.add_prefix("language"), "")  # one that is not offered may be there already
        neutral = pgettext_lazy("language of a letter", "Neutral")
        self.fields["language"].choices = [("", neutral), *language_choices(asked[:15])]

    def clean(self):
        if "upload" in self.errors:
            return self.cleaned_data
        upload, nothing = self.cleaned_data["upload"], self.cleaned_data["nothing"]
        if upload and nothing:
            sentence = gettext("Choose a file, or that nothing goes in this language; not both.")
            raise forms.ValidationError(sentence, code="both")
        if not upload and not nothing and not self.cleaned_data.get("subject", "").strip():
            sentence = gettext("Choose a file first, or say that nothing goes in this language.")
            raise forms.ValidationError(sentence, code="neither")
        return self.cleaned_data

    @property
    def new_subject(self):
        """None leaves the subject as it is: a file that comes without one does not empty it."""
        subject = self.cleaned_data["subject"].strip()
        return subject or None

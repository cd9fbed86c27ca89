"""What people say when they cancel, evaluate or comment on entries."""

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.fields import LinesField
from interactions.models import Evaluation, InteractionLogEntry

MOST_REASON = InteractionLogEntry._meta.get_field("canceled_reason").max_length


class Reason(TextChoices):
    """Why entries are canceled; what is stored is the sentence, in the words of whoever canceled."""

    MISTAKE = "MISTAKE", pgettext_lazy("reason for canceling", "Logged by mistake")
    DUPLICATE = "DUPLICATE", pgettext_lazy("reason for canceling", "Duplicate")
    WRONG_CONTACT = "WRONG_CONTACT", pgettext_lazy("reason for canceling", "Wrong contact")
    NOT_HELD = "NOT_HELD", pgettext_lazy("reason for canceling", "Did not take place")
    OTHER = "OTHER", pgettext_lazy("reason for canceling", "Other")


class CancelForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Reason.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    note = forms.CharField(label=_("Note"), max_length=MOST_REASON - 50, required=False)
    remove_files = forms.BooleanField(required=False)

    @property
    def sentence(self):
        """Reason and note as one text; "" without both."""
        reason, note = self.cleaned_data["reason"], self.cleaned_data["note"]
        label = str(Reason(reason).label) if reason and (reason != Reason.OTHER or not note) else ""
        return ": ".join(filter(None, (label, note)))


class EvaluateForm(forms.Form):
    evaluation = forms.TypedChoiceField(label=_("Evaluation"), choices=Evaluation.choices, coerce=int)


class CommentForm(forms.Form):
    text = LinesField(
        label=_("Comment"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Enter the comment first.")},
    )

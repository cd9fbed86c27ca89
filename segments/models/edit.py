from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Contact
from crm.models.fields import LanguageField
from interactions.models import Attachment

from .line import Own
from .segment import Segment


class SegmentEdit(models.Model):
    """One edit of the header, of its files or of own values of lines, with what it replaced, until it is too late for undo.

    The ids are the order of the edits. columns: those of Own that were written.  header: {field: value before}.
    languages: those of the header's files that were written.
    """

    # The worksheet may be logged meanwhile, which has no time for this: the clean-up takes edits away.
    segment = models.ForeignKey(
        Segment,
        models.DO_NOTHING,
        related_name="edits",
        verbose_name=_("segment"),
        db_constraint=False,
        db_index=False,
    )
    made_at = models.DateTimeField(_("changed"))
    columns = models.JSONField(default=list)
    header = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    languages = models.JSONField(default=list)

    class Meta:
        verbose_name = _("edit of a segment")
        verbose_name_plural = _("edits of segments")
        indexes = [
            # The edits since one of them.
            models.Index(name="segment_edit_order", fields=["segment", "id"]),
            # The clean-up.
            models.Index(name="segment_edit_time", fields=["made_at"]),
        ]

    def __str__(self):
        return f"{self.segment_id} {self.pk}"


class EditedLine(Own):
    """What a line said before an edit."""

    edit = models.ForeignKey(
        SegmentEdit,
        models.CASCADE,
        related_name="lines",
        verbose_name=_("edit of a segment"),
        db_index=False,
    )
    line_id = models.BigIntegerField()
    # As of RemovedLine: no reason to keep a contact.
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="+", verbose_name=pgettext_lazy("crm", "contact")
    )

    class Meta:
        verbose_name = _("edited segment line")
        verbose_name_plural = _("edited segment lines")
        constraints = [
            models.UniqueConstraint(name="edited_line_once_per_edit", fields=["edit", "line_id"]),
        ]

    def __str__(self):
        return f"{self.edit} · {self.contact}"


class EditedLetter(models.Model):
    """The header's file in one language, and its subject, before an edit; without a row there was none."""

    edit = models.ForeignKey(
        SegmentEdit,
        models.CASCADE,
        related_name="letters",
        verbose_name=_("edit of a segment"),
        db_index=False,
    )
    language = LanguageField(pgettext_lazy("of a letter", "language"), max_length=15, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    own = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("edited file of a segment")
        verbose_name_plural = _("edited files of segments")
        constraints = [
            models.UniqueConstraint(name="edited_letter_once_per_edit", fields=["edit", "language"]),
        ]

    def __str__(self):
        return f"{self.edit} {self.language}"

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .choices import MergeEngine


def key_of(sha256, name):
    """What identifies a stored file: its content and its name."""
    return hashlib.sha256(f"{sha256}/{name}".encode()).hexdigest()


def path_of(attachment, _name):
    """Where the file of *attachment* lies: by content and name, never by what somebody called it."""
    return f"attachments/{attachment.sha256[:2]}/{attachment.key}"


def file_users(attachment):
    """A queryset of the rows that point at *attachment* (an expression), for each model that can."""
    for relation in Attachment._meta.get_fields(include_hidden=True):  # most of them have no name there
        if relation.one_to_many or relation.one_to_one:
            yield relation.related_model._base_manager.filter(**{relation.field.name: attachment})


class AttachmentQuerySet(models.QuerySet):
    def unused(self):
        """Attachments that no row points at."""
        for users in file_users(models.OuterRef("pk")):
            self = self.filter(~models.Exists(users))
        return self


MARKS = {"docx": "W", "dotx": "W", "xlsx": "X", "pptx": "P"}


def mark_of(extension):
    """The letter on the icon of a file: of the program that it belongs to, else the first of its ending."""
    return MARKS.get(extension, (extension or "")[:1].upper())


class Attachment(models.Model):
    """A stored file. Never changed: another content or another name is another row, and who points here keeps it.

    The row is the lock of its file (`interactions.actions.attachments`): make and remove attachments only there.
    """

    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    extension = models.CharField(_("ending"), max_length=10, editable=False)
    mime = models.CharField(_("content type"), max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    key = models.CharField(_("key"), max_length=64, unique=True, editable=False)
    file = models.FileField(_("file"), upload_to=path_of, max_length=150)
    merge_engine = models.CharField(
        _("merge engine"), max_length=9, blank=True, choices=MergeEngine, editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("created by")
    )

    # Triggers refuse to change them. What merged a letter once merges it again, whatever later programs understand.
    WRITTEN_ONCE = ("sha256", "name", "extension", "mime", "size", "key", "merge_engine")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.UniqueConstraint(name="attachment_content_and_name_once", fields=["sha256", "name"]),
            models.CheckConstraint(
                name="attachment_merge_engine_is_known",
                condition=Q(merge_engine__in=["", *MergeEngine.values]),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_merged(self):
        """Whether it has merge fields that are filled for each contact."""
        return bool(self.merge_engine)

    @property
    def mark(self):
        """The letter of its icon: W for Word, X for Excel, P for PowerPoint, else the first of its ending."""
        return mark_of(self.extension)

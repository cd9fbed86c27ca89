from django.db import models
from django.utils.translation import gettext_lazy as _

from .attachment import Attachment
from .entry import InteractionLogEntry


class EntryDocumentQuerySet(models.QuerySet):
    def erase(self):
        """Forget what these letters say of their contacts, which an erasing Succession row names; return how many. Call it
        before the entries lose their contact."""
        return self.exclude(values="").update(values="")

    def remove_attachment(self):
        return self.filter(attachment__isnull=False).update(attachment=None)

    def seal(self, hashes):
        """Write the hashes of letters that were made for the first time: {id of the entry: SHA-256}."""
        fresh = self.filter(entry__in=hashes, sha256="").only("pk", "entry_id")
        fresh = list(fresh.order_by("pk").select_for_update())
        for document in fresh:
            document.sha256 = hashes[document.entry_id]
        return self.bulk_update(fresh, ["sha256"]) if fresh else 0


class EntryDocument(models.Model):
    """What the letter of an entry is made from, as it was when it was logged (architecture 2.4): the letter of then, however
    template, contact and salesperson change.

    attachment: of a letter with merge fields, else NULL.  body: of the e-mail that brings it, if there is one.
    values: nested JSON of texts (`merge_fields.with_values`), as text: databases change JSON that they read. company: the
    same about our own company, unless the register of the entry's logged segment has it. sha256: of the letter, once it
    was made.
    """

    # Its fence: values may become '' while the entry's contact is erased; the row goes only with a canceled entry.
    ERASABLE = ("values",)
    CLEARABLE = ("attachment",)  # to NULL only, with that of the entry
    SET_ONCE = ("sha256", "company")  # from '' only

    entry = models.OneToOneField(
        InteractionLogEntry,
        models.PROTECT,
        related_name="document",
        verbose_name=_("interaction log entry"),
    )
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name=_("file"), editable=False
    )
    body = models.ForeignKey(
        Attachment,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("body of the e-mail"),
        editable=False,
    )
    values = models.TextField(_("values"), blank=True, editable=False)
    company = models.TextField(_("our company"), blank=True, editable=False)
    engine_version = models.PositiveSmallIntegerField(_("version of the merge"), editable=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False)

    objects = EntryDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("frozen letter")
        verbose_name_plural = _("frozen letters")
        default_permissions = ()  # it is read with its entry

    def __str__(self):
        return str(self.entry_id)

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Succession(models.Model):
    """Proof that the rows of a contact follow another one (merge, deletion) or were erased. Never deleted.

    The triggers of the ledger read it: contact pointers move only to the successor written here, and text becomes
    empty only while a row with `erases` names the contact. The contact itself may be gone, so ids are plain numbers.
    """

    contact_id = models.BigIntegerField(_("contact"))
    contact_no = models.CharField(_("contact no."), max_length=20)
    successor_id = models.BigIntegerField(_("successor"), null=True, blank=True)
    erases = models.BooleanField(_("erases"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        constraints = [
            models.CheckConstraint(
                name="succession_to_somebody_else",
                condition=Q(successor_id__isnull=True) | ~Q(successor_id=models.F("contact_id")),
            )
        ]
        indexes = [
            # The ledger's triggers look a contact up here.
            models.Index(name="succession_of_contact", fields=["contact_id", "successor_id"])
        ]

    def __str__(self):
        return f"{self.contact_no} {self.at:%Y-%m-%d}"

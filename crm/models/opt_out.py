from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .choices import Channel
from .contact import Contact


class OptOut(models.Model):
    """That a contact wants nothing by one channel any more. Checked when something is queued and again when it is sent."""

    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        related_name="opt_outs",
        verbose_name=pgettext_lazy("crm", "contact"),
        db_index=False,
    )
    channel = models.CharField(_("correspondence"), max_length=10, choices=Channel)
    at = models.DateTimeField(_("since"), auto_now_add=True)
    # NULL: the contact itself, by the link in an e-mail.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entered by"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("opt-out")
        verbose_name_plural = _("opt-outs")
        constraints = [
            models.UniqueConstraint(
                name="opt_out_once_per_channel",
                fields=["contact", "channel"],
                violation_error_message=_("This contact has opted out of that already."),
            ),
            models.CheckConstraint(name="opt_out_channel_is_known", condition=Q(channel__in=Channel.values)),
        ]

    def __str__(self):
        return f"{self.contact} – {self.get_channel_display()}"

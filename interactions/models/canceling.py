from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Cancelable(models.Model):
    """A row that can be canceled and taken back, and says who, when and why."""

    canceled_at = models.DateTimeField(_("canceled at"), null=True, blank=True, editable=False)
    canceled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="+",
        verbose_name=_("canceled by"),
    )
    canceled_reason = models.CharField(_("reason for canceling"), max_length=250, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_canceled(self):
        return self.canceled_at is not None


def canceled_together(name):
    """The constraint that a canceling is whole: an instant and a person, or neither and no reason."""
    return models.CheckConstraint(
        name=name,
        condition=Q(canceled_at__isnull=False, canceled_by__isnull=False)
        | Q(canceled_at__isnull=True, canceled_by__isnull=True, canceled_reason=""),
    )

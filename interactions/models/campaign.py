from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Contact, Salesperson
from crm.models.fields import CodeField

from .canceling import Cancelable, canceled_together


class Campaign(models.Model):
    """A marketing campaign that interactions can belong to."""

    no = CodeField(_("no."), max_length=20, unique=True)
    description = models.CharField(_("description"), max_length=100, blank=True)
    starting_date = models.DateField(_("starting date"), null=True, blank=True)
    ending_date = models.DateField(_("ending date"), null=True, blank=True)
    salesperson = models.ForeignKey(
        Salesperson,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("salesperson"),
    )
    modified_at = models.DateTimeField(_("last modified"), auto_now=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                name="campaign_ends_after_it_starts",
                condition=Q(ending_date__isnull=True)
                | Q(starting_date__isnull=True)
                | Q(ending_date__gte=F("starting_date")),
                violation_error_message=_("The campaign ends before it starts. Change one of the dates."),
            )
        ]

    def __str__(self):
        return f"{self.no} · {self.description}" if self.description else self.no


class DocumentKind(models.Model):
    """A kind of document that other systems record, and the template its interactions are made from."""

    code = CodeField(_("code"), max_length=20, unique=True)
    name = models.CharField(pgettext_lazy("of a kind of document", "name"), max_length=100)
    template = models.ForeignKey(
        "interactions.InteractionTemplate",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="document_kinds",
        verbose_name=_("template"),
        help_text=_("Without a template, documents of this kind are not recorded."),
    )

    class Meta:
        verbose_name = _("document kind")
        verbose_name_plural = _("document kinds")

    def __str__(self):
        return self.name


class LoggedSegment(Cancelable):
    """The ledger's register of mass runs: one row for each logged segment (architecture 2.3)."""

    segment_no = CodeField(_("segment no."), max_length=20, unique=True)
    description = models.CharField(_("description"), max_length=100)
    criteria = models.JSONField(_("criteria"), default=list, blank=True)
    logged_at = models.DateTimeField(_("logged at"))
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("logged by")
    )

    class Meta:
        verbose_name = _("logged segment")
        verbose_name_plural = _("logged segments")
        constraints = [canceled_together("logged_segment_canceled_whole")]

    def __str__(self):
        return f"{self.segment_no} · {self.description}"


class CampaignEntry(Cancelable):
    """The interactions of one segment, or of one kind of document, in a campaign (R-97)."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="entries", verbose_name=_("campaign"))
    description = models.CharField(_("description"), max_length=100, blank=True)
    date = models.DateField(_("date"))
    document_kind = models.ForeignKey(
        DocumentKind, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("document kind")
    )
    segment_no = CodeField(_("segment no."), max_length=20, blank=True)
    logged_segment = models.ForeignKey(
        LoggedSegment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaign_entries",
        verbose_name=_("logged segment"),
    )
    salesperson = models.ForeignKey(
        Salesperson, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("salesperson")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    created_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    canceled_with_segment = models.BooleanField(
        _("canceled with its logged segment"), default=False, editable=False
    )

    class Meta:
        verbose_name = _("campaign entry")
        verbose_name_plural = _("campaign entries")
        constraints = [
            canceled_together("campaign_entry_canceled_whole"),
            # One open entry for each campaign, kind and segment; canceled ones are never used again (R-97, ours).
            models.UniqueConstraint(
                name="campaign_entry_once_per_kind",
                fields=["campaign", "document_kind", "segment_no"],
                condition=Q(canceled_at__isnull=True, document_kind__isnull=False),
            ),
            models.UniqueConstraint(
                name="campaign_entry_once_without_kind",
                fields=["campaign", "segment_no"],
                condition=Q(canceled_at__isnull=True, document_kind__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.campaign.no} · {self.description}"


class FollowUp(models.Model):
    """Something to do with a contact by a day."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="follow_ups", verbose_name=_("contact"))
    salesperson = models.ForeignKey(
        Salesperson, models.PROTECT, related_name="follow_ups", verbose_name=_("salesperson")
    )
    description = models.CharField(_("description"), max_length=250)
    due_date = models.DateField(_("due"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")

    def __str__(self):
        return self.description

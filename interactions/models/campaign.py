from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Contact, Salesperson, Scope
from crm.models.classification import ListValue
from crm.models.fields import CodeField

from .canceling import Cancelable, canceled_together


class CampaignStatus(ListValue):
    """How far a campaign is: planned, running, done…"""

    class Meta:
        verbose_name = _("campaign status")
        verbose_name_plural = _("campaign statuses")


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What *user* finds: by the salesperson of the campaign; one without is everybody's (architecture 8)."""
        if not user.has_perm("interactions.view_campaign"):
            return self.none()
        if user.scope == Scope.ALL:
            return self
        mine = Salesperson.objects.in_scope_of(user).values("pk")
        return self.filter(Q(salesperson__in=mine) | Q(salesperson=None))

    def not_on(self, day):
        """Those that are over on *day*, or have not begun: what is dated so does not count in them."""
        return self.filter(Q(starting_date__gt=day) | Q(ending_date__lt=day))


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
    status = models.ForeignKey(
        CampaignStatus,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="campaigns",
        verbose_name=_("status"),
    )
    modified_at = models.DateTimeField(_("last modified"), auto_now=True)

    objects = CampaignQuerySet.as_manager()

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

    def get_absolute_url(self):
        return reverse("interactions:campaign", args=[self.no])

    # Properties

    @property
    def title(self):
        return self.description or self.no


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


def with_same_mark(rows, name):
    """Those of *rows* (a related queryset) that are canceled if, and only if, the row of the outer query is (R-73)."""
    return rows.filter(**{name: OuterRef("pk")}).filter(
        Q(canceled_at__isnull=True, **{f"{name}__canceled_at__isnull": True})
        | Q(canceled_at__isnull=False, **{f"{name}__canceled_at__isnull": False})
    )


def figure(rows, name, aggregate, output_field):
    """*aggregate* over *rows* as a subquery, 0 where there are none."""
    found = rows.order_by().values(name).annotate(figure=aggregate).values("figure")
    return Coalesce(Subquery(found, output_field=output_field), Value(0), output_field=output_field)


class LoggedSegmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What *user* finds: by the salesperson of whoever logged it (architecture 8)."""
        if not user.has_perm("interactions.view_loggedsegment"):
            return self.none()
        if user.scope == Scope.ALL:
            return self
        mine = Salesperson.objects.in_scope_of(user).values("pk")
        return self.filter(
            Q(logged_by=user) | Q(logged_by__salesperson__in=mine) | Q(logged_by__salesperson=None)
        )

    def with_counts(self):
        """Annotate `interaction_count` and `campaign_entry_count`: rows canceled like the segment (domain 2.13)."""
        entries = self.model._meta.get_field("entries").related_model.objects.all()
        integer = models.IntegerField()
        return self.annotate(
            interaction_count=figure(
                with_same_mark(entries, "logged_segment"), "logged_segment", Count("pk"), integer
            ),
            campaign_entry_count=figure(
                with_same_mark(CampaignEntry.objects.all(), "logged_segment"),
                "logged_segment",
                Count("pk"),
                integer,
            ),
        )


class LoggedSegments(models.Manager.from_queryset(LoggedSegmentQuerySet)):
    """Leaves the criteria in the database until they are read: they may name a hundred thousand contacts. So are the
    constants of its letters."""

    def get_queryset(self):
        return super().get_queryset().defer("criteria", "company")


class LoggedSegment(Cancelable):
    """The ledger's register of mass runs: one row for each logged segment (architecture 2.3)."""

    segment_no = CodeField(_("segment no."), max_length=20, unique=True)
    description = models.CharField(_("description"), max_length=100)
    criteria = models.JSONField(_("criteria"), default=list, blank=True)
    # What its letters say of our own company, once for all of them (EntryDocument); JSON.
    company = models.TextField(_("our company"), blank=True, editable=False)
    logged_at = models.DateTimeField(_("logged at"))
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("logged by")
    )

    objects = LoggedSegments()

    class Meta:
        verbose_name = _("logged segment")
        verbose_name_plural = _("logged segments")
        permissions = [("cancel_loggedsegment", _("Can cancel and reinstate logged segments"))]
        constraints = [canceled_together("logged_segment_canceled_whole")]

    def __str__(self):
        return f"{self.segment_no} · {self.description}"


class CampaignEntryQuerySet(models.QuerySet):
    def with_figures(self, user):
        """Annotate `interaction_count`, `cost` and `minutes` of the interactions canceled like it (domain 2.14).

        Those that *user* finds, as the figures of the campaign.
        """
        interactions = self.model._meta.get_field("interactions").related_model.objects.visible_to(user)
        same = with_same_mark(interactions, "campaign_entry")
        amount = models.DecimalField(max_digits=18, decimal_places=2)
        return self.annotate(
            interaction_count=figure(same, "campaign_entry", Count("pk"), models.IntegerField()),
            cost=figure(same, "campaign_entry", Sum("cost"), amount),
            minutes=figure(same, "campaign_entry", Sum("minutes"), models.IntegerField()),
        )


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

    objects = CampaignEntryQuerySet.as_manager()

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

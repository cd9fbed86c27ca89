import datetime as dt
import hashlib

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from crm import clock
from crm.models import Channel, Contact, Salesperson, Scope
from crm.models.fields import CodeField, LanguageField
from interactions.models import (
    Attachment,
    Campaign,
    Direction,
    Initiator,
    InteractionTemplate,
    LoggedSegment,
)

FIGURES_LAST = dt.timedelta(minutes=5)


class SegmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What *user* finds: by the salesperson of the segment; one without is everybody's (architecture 8)."""
        if not user.has_perm("segments.view_segment"):
            return self.none()
        if user.scope == Scope.ALL:
            return self
        mine = Salesperson.objects.in_scope_of(user).values("pk")
        return self.filter(Q(salesperson__in=mine) | Q(salesperson=None) | Q(created_by=user))

    def with_contact(self, contact):
        """Segments that hold this contact; of a company: its people too."""
        meant = Q(pk=contact.pk)
        if contact.is_company:
            meant |= Q(company=contact)
        lines = self.model._meta.get_field("lines").related_model.objects
        held = lines.filter(contact__in=Contact.objects.filter(meant).values("pk"))
        return self.filter(pk__in=held.values("segment"))

    def deleted_before(self, instant):
        return self.filter(deleted_at__lt=instant)

    def for_list(self):
        related = self.select_related("salesperson", "template", "follow_up_of")
        return related.defer("follow_up_of__criteria").order_by("-date", "-id")


class PresentSegments(models.Manager.from_queryset(SegmentQuerySet)):
    """Leaves out what was deleted; `with_deleted` holds that too until it is cleared away (architecture 2.12)."""

    def get_queryset(self):
        return super().get_queryset().filter(deleted_at=None)


class Segment(models.Model):
    """A worksheet: contacts, and one interaction prepared for all of them.

    A column that is NULL says nothing: then the template speaks (heart 1). Every verb that writes the segment, its
    lines or its steps locks this row first and raises `version` (architecture 2.13).
    """

    no = CodeField(_("no."), max_length=20, unique=True)
    description = models.CharField(_("description"), max_length=100, null=True, blank=True)
    salesperson = models.ForeignKey(
        Salesperson,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="segments",
        verbose_name=_("salesperson"),
    )
    date = models.DateField(_("date"))

    template = models.ForeignKey(
        InteractionTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="segments",
        verbose_name=_("template"),
    )
    language = LanguageField(_("default language"), max_length=15, null=True, blank=True)
    channel = models.CharField(_("correspondence"), max_length=10, null=True, blank=True, choices=Channel)
    ignore_contact = models.BooleanField(_("ignore the contact's correspondence"), null=True, blank=True)
    cost = models.DecimalField(
        _("cost"), max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    minutes = models.PositiveIntegerField(
        _("duration in minutes"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    direction = models.CharField(_("direction"), max_length=8, null=True, blank=True, choices=Direction)
    initiated_by = models.CharField(_("initiated by"), max_length=4, null=True, blank=True, choices=Initiator)
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="segments",
        verbose_name=_("campaign"),
    )
    campaign_target = models.BooleanField(_("campaign target"), null=True, blank=True)
    campaign_response = models.BooleanField(_("campaign response"), null=True, blank=True)

    follow_up_of = models.ForeignKey(
        LoggedSegment,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="follow_ups",
        verbose_name=_("follow-up of"),
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
        db_index=False,
    )
    changed_at = models.DateTimeField(_("changed"), editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("deleted by"),
        db_index=False,
    )
    # What the card and the list show of its lines, and the version they were counted at; see `measure`.
    figures = models.JSONField(default=dict, editable=False)
    figures_version = models.PositiveIntegerField(null=True, editable=False)

    objects = PresentSegments()
    with_deleted = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        permissions = [("log_segment", _("Can log segments"))]
        constraints = [
            models.CheckConstraint(
                name="segment_cost_is_not_negative", condition=Q(cost__isnull=True) | Q(cost__gte=0)
            ),
            # An empty description says nothing either: lines then take the template's.
            models.CheckConstraint(name="segment_description_is_null_or_said", condition=~Q(description="")),
        ]
        indexes = [
            # The segments list; that of one salesperson.
            models.Index(
                name="segment_newest", fields=["-date", "-id"], condition=Q(deleted_at__isnull=True)
            ),
            # The clean-up of deleted segments.
            models.Index(
                name="segment_deleted", fields=["deleted_at"], condition=Q(deleted_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.no} · {self.description}" if self.description else self.no

    def get_absolute_url(self):
        return reverse("segments:segment", args=[self.no])

    # Mutators

    def choose_template(self, template):
        """R-48, ours: what only followed the old template follows the new one; own values of the header stay.

        So does its campaign, unless it is the one that the old template brought. The caller saves, and copies the files
        (`segments.actions`).
        """
        brought = self.template.campaign_id if self.template else None
        if self.campaign_id == brought:
            self.campaign = template.campaign if template else None
        self.template = template

    # Properties

    @property
    def title(self):
        return self.description or self.no

    @property
    def figures_are_fresh(self):
        """Of this version, of today and not old: contacts, templates and the date are in no version."""
        counted = parse_datetime(self.figures.get("counted_at", ""))
        if self.figures_version != self.version or counted is None:
            return False
        return counted > timezone.now() - FIGURES_LAST and timezone.localdate(counted) == clock.today()

    def effective(self, name):
        """The value of the header: its own, else its template's; None without either."""
        own = getattr(self, name)
        if own is None and self.template is not None:
            return getattr(self.template, name)
        return own

    @property
    def interaction(self):
        """What the card shows of the interaction for every line, in words."""
        channel, direction = self.effective("channel"), self.effective("direction")
        return {
            "channel": Channel(channel).label if channel else pgettext("channel", "Nothing is sent"),
            "ignore_contact": self.effective("ignore_contact"),
            "direction": Direction(direction).label if direction else pgettext("direction", "Not stated"),
            "arrow": {Direction.OUTBOUND: "out", Direction.INBOUND: "in"}.get(direction, ""),
            "cost": self.effective("cost") or 0,
            "minutes": self.effective("minutes") or 0,
        }


class SegmentAttachment(models.Model):
    """The file of the header in one language, and the subject that goes with it. Language '' is neutral.

    Named like the rows of a template, so that `effective()` reads both alike.
    """

    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="languages", verbose_name=_("segment"), db_index=False
    )
    language = LanguageField(pgettext_lazy("of a letter", "language"), max_length=15, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    # Somebody put it here: it stays when the segment gets another template, whose file it stands before.
    own = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("file of a segment")
        verbose_name_plural = _("files of segments")
        constraints = [
            # This is also what keeps the joins of effective() from multiplying lines.
            models.UniqueConstraint(
                name="segment_language_once",
                fields=["segment", "language"],
                violation_error_message=_("The segment has this language already."),
            )
        ]

    def __str__(self):
        return f"{self.segment.no} {self.language}"

    # Queries

    def fingerprint(self):
        """What this row says now, as 16 letters: a page that shows another one is out of date."""
        return hashlib.sha256(repr([self.subject, self.attachment_id]).encode()).hexdigest()[:16]

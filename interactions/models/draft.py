import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm import clock
from crm.models import Channel, Contact, Salesperson
from crm.models.fields import WebField

from .attachment import Attachment
from .campaign import Campaign, FollowUp
from .choices import Direction, Evaluation, Initiator
from .defaulting import Defaulting
from .template import InteractionTemplate


class InteractionDraftQuerySet(models.QuerySet):
    def kept(self):
        """Saved for later: the postponed interactions."""
        return self.filter(kept_at__isnull=False)

    def of_user(self, user):
        return self.filter(created_by=user)

    def visible_to(self, user):
        """Mine, and what the people of the teams I lead have saved for later (architecture 8)."""
        mine = Q(created_by=user)
        if user.led_team_ids:
            people = Salesperson.objects.of_teams(user.led_team_ids).values("user")
            mine |= Q(kept_at__isnull=False, created_by__in=people)
        return self.filter(mine)

    def for_contact(self, contact):
        """Of this contact; of a company: its people's too."""
        return self.filter(Q(contact=contact) | Q(contact__company=contact))

    def for_list(self):
        return self.select_related("contact", "template", "salesperson", "created_by", "attachment").order_by(
            "-updated_at", "-id"
        )

    def discarded_before(self, instant):
        return self.filter(deleted_at__lt=instant)


class PresentDrafts(models.Manager.from_queryset(InteractionDraftQuerySet)):
    """Leaves out what was discarded; `with_deleted` holds that too until it is cleared away (architecture 2.12)."""

    def get_queryset(self):
        return super().get_queryset().filter(deleted_at=None)


class InteractionDraft(Defaulting, models.Model):
    """An interaction that is not logged yet, possibly half-done; `kept_at` is NULL while its author is typing.

    `own` names the fields whose value somebody typed: defaults never overwrite them (R-14, ours). `locked` names those
    that the starting point fixed (R-8). A date or time that is not own means: when it is logged (R-18, R-37).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafts", verbose_name=_("by"), db_index=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("saved"), auto_now=True)
    kept_at = models.DateTimeField(_("saved for later at"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("deleted by"),
        db_index=False,
    )
    own = models.JSONField(default=list, editable=False)
    locked = models.JSONField(default=list, editable=False)

    contact = models.ForeignKey(
        Contact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name=pgettext_lazy("crm", "contact"),
    )
    address_code = models.CharField(_("alternative address"), max_length=10, blank=True)
    template = models.ForeignKey(
        InteractionTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name=_("template"),
    )
    description = models.CharField(_("description"), max_length=250, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    salesperson = models.ForeignKey(
        Salesperson,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name=_("salesperson"),
    )
    date = models.DateField(_("date"), null=True, blank=True)
    time = models.TimeField(_("time"), null=True, blank=True)
    language = models.CharField(pgettext_lazy("of a letter", "language"), max_length=15, blank=True)
    channel = models.CharField(_("correspondence"), max_length=10, blank=True, choices=Channel)
    direction = models.CharField(_("direction"), max_length=8, blank=True, choices=Direction)
    initiated_by = models.CharField(_("initiated by"), max_length=4, blank=True, choices=Initiator)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    evaluation = models.SmallIntegerField(_("evaluation"), null=True, blank=True, choices=Evaluation)
    minutes = models.PositiveIntegerField(
        _("duration in minutes"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    cost = models.DecimalField(
        _("cost"), max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    attempt_failed = models.BooleanField(_("the contact was not reached"), default=False)
    comment = models.TextField(_("comment"), blank=True, max_length=4000)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="drafts", verbose_name=_("campaign")
    )
    campaign_target = models.BooleanField(_("campaign target"), default=False)
    campaign_response = models.BooleanField(_("campaign response"), default=False)
    opportunity_no = models.CharField(_("opportunity no."), max_length=20, blank=True)
    opportunity_url = WebField(_("link to the opportunity"), max_length=500, blank=True)
    follow_up = models.ForeignKey(
        FollowUp, models.PROTECT, null=True, blank=True, related_name="drafts", verbose_name=_("follow-up")
    )
    contact_via = models.CharField(_("contact via"), max_length=250, blank=True)

    objects = PresentDrafts()
    with_deleted = InteractionDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("postponed interaction")
        verbose_name_plural = _("postponed interactions")
        constraints = [
            models.CheckConstraint(
                name="draft_cost_is_not_negative", condition=Q(cost__isnull=True) | Q(cost__gte=0)
            )
        ]
        indexes = [
            # The Postponed page, its count in the menu, and "unfinished" under Mine.
            models.Index(
                name="draft_of_user",
                fields=["created_by", "-updated_at", "-id"],
                condition=Q(deleted_at__isnull=True),
            ),
            # The clean-up of discarded drafts.
            models.Index(
                name="draft_discarded", fields=["deleted_at"], condition=Q(deleted_at__isnull=False)
            ),
        ]

    def __str__(self):
        return self.description or str(_("Interaction without a description"))

    def get_absolute_url(self):
        return reverse("interactions:draft", args=[self.uuid])

    # Properties

    @property
    def is_kept(self):
        return self.kept_at is not None

    @property
    def when_shown(self):
        """(date, time) it will be logged with: what was typed, else now."""
        date, time = clock.this_minute()
        return self.date if "date" in self.own else date, self.time if "time" in self.own else time

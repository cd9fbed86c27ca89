from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Channel
from crm.models.fields import CodeField, LanguageField

from .attachment import Attachment
from .choices import Direction, Initiator, Kind, WizardAction


class InteractionGroup(models.Model):
    """A classification of templates: letters, meetings, phone… Its statistics are those of its templates."""

    code = CodeField(_("code"), max_length=10, unique=True)
    description = models.CharField(_("description"), max_length=100)

    class Meta:
        verbose_name = _("interaction group")
        verbose_name_plural = _("interaction groups")

    def __str__(self):
        return self.description or self.code


class InteractionTemplateQuerySet(models.QuerySet):
    def active(self):
        return self.filter(active=True)

    def quick(self):
        """The templates behind the quick-log buttons 1, 2, 3… of a contact card."""
        return self.active().filter(quick_key__isnull=False).order_by("quick_key")

    def for_list(self):
        return self.select_related("group").order_by("code")

    def with_use(self):
        """Annotate `last_date`, of the newest entry, and `records`, whether documents are recorded with it."""
        entries = apps.get_model("interactions", "InteractionLogEntry").objects.filter(
            template=OuterRef("pk")
        )
        kinds = apps.get_model("interactions", "DocumentKind").objects.filter(template=OuterRef("pk"))
        return self.annotate(
            last_date=Subquery(entries.newest_first().values("date")[:1]), records=Exists(kinds)
        )


class InteractionTemplate(models.Model):
    """The model of an interaction: what a new one starts with."""

    code = CodeField(_("code"), max_length=10, unique=True)
    group = models.ForeignKey(
        InteractionGroup, models.PROTECT, related_name="templates", verbose_name=_("interaction group")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.NOTE)
    description = models.CharField(_("description"), max_length=100, blank=True)
    cost = models.DecimalField(
        _("cost"),
        max_digits=9,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("Cost of one interaction."),
    )
    minutes = models.PositiveIntegerField(
        _("duration in minutes"), default=0, validators=[MaxValueValidator(100_000)]
    )
    direction = models.CharField(_("direction"), max_length=8, blank=True, choices=Direction)
    initiated_by = models.CharField(_("initiated by"), max_length=4, blank=True, choices=Initiator)
    channel = models.CharField(
        _("correspondence"), max_length=10, blank=True, choices=Channel, default=Channel.EMAIL
    )
    ignore_contact = models.BooleanField(
        _("ignore the contact's correspondence"),
        default=False,
        help_text=_("The template decides how it is sent, whatever the contact prefers."),
    )
    language = LanguageField(
        _("default language"),
        max_length=15,
        blank=True,
        help_text=_("Taken when there is no row in the language of the contact."),
    )
    wizard_action = models.CharField(
        _("what happens with the file"), max_length=6, blank=True, choices=WizardAction
    )
    campaign = models.ForeignKey(
        "interactions.Campaign",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaign"),
    )
    campaign_target = models.BooleanField(_("campaign target"), default=False)
    campaign_response = models.BooleanField(_("campaign response"), default=False)
    quick_key = models.PositiveSmallIntegerField(
        _("quick-log key"),
        null=True,
        blank=True,
        unique=True,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("Adds a button with this key to each contact card."),
    )
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Inactive templates are not offered any more.")
    )

    objects = InteractionTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction template")
        verbose_name_plural = _("interaction templates")
        constraints = [
            models.CheckConstraint(name="template_cost_is_not_negative", condition=Q(cost__gte=0)),
            models.CheckConstraint(name="template_kind_is_known", condition=Q(kind__in=Kind.values)),
        ]

    def __str__(self):
        return f"{self.code} · {self.description}" if self.description else self.code

    def get_absolute_url(self):
        return reverse("interactions:template", args=[self.code])

    # Queries

    def row_for(self, language):
        """The language row that serves *language* (BCP 47), and why: ("exact" | "base" | "default" | "none").

        Language of the contact, its base language, the template's default (R-15, architecture 2.9).
        """
        rows = {row.language: row for row in self.languages.all()}
        for tag, why in (
            (language, "exact"),
            (language.partition("-")[0], "base"),
            (self.language, "default"),
        ):
            if (tag or why == "default") and tag in rows:
                return rows[tag], why
        return None, "none"


class InteractionTemplateLanguage(models.Model):
    """A template in one language: its file and the subject that goes with it. Language '' is neutral."""

    template = models.ForeignKey(
        InteractionTemplate,
        models.CASCADE,
        related_name="languages",
        verbose_name=_("template"),
        db_index=False,
    )
    language = LanguageField(pgettext_lazy("of a letter", "language"), max_length=15, blank=True)
    description = models.CharField(_("description"), max_length=100, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    body = models.ForeignKey(
        Attachment,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("body of the e-mail"),
    )

    class Meta:
        verbose_name = _("template language")
        verbose_name_plural = _("template languages")
        constraints = [
            models.UniqueConstraint(
                name="template_language_once",
                fields=["template", "language"],
                violation_error_message=_("The template has this language already."),
            )
        ]

    def __str__(self):
        return f"{self.template.code} {self.language}"

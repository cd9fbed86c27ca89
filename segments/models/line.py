import hashlib

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, FilteredRelation, Q, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf, StrIndex, Substr
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Channel, Contact, Salesperson, Scope
from crm.models.fields import LanguageField
from interactions.models import (
    Attachment,
    Campaign,
    Direction,
    Evaluation,
    Initiator,
    InteractionTemplate,
)

from .criteria import CriteriaStep
from .segment import Segment

# --- what a line is logged with: nearest first (heart 1) --------------------------------------------------------------

LANGUAGES = ("asked", "asked_base", "default_language")  # best first (architecture 2.9)


def nearest(field):
    """What the line says itself, else its own template, else the header, else the header's template."""
    return Coalesce(
        f"own_{field}", f"own_template__{field}", f"segment__{field}", f"segment__template__{field}"
    )


def first_tag(*sources):
    """The first language that is said; as text, whatever fields say it."""
    return Coalesce(*sources, output_field=models.CharField())


def base_language(tag):
    """`fr` of `fr-CH`."""
    return Substr(tag, 1, StrIndex(Concat(tag, Value("-")), Value("-")) - 1)


def letters(book, **only):
    """Joins to the files of *book* that a line may carry, one for each of LANGUAGES."""
    return {
        f"{book}_{language}": FilteredRelation(
            f"{book}__languages", condition=Q(**{f"{book}__languages__language": F(language)}, **only)
        )
        for language in LANGUAGES
    }


# The rows that may be joined: the own template's, else the header's; best language first.
LETTERS = [f"{book}_{language}" for book in ("own_template", "segment") for language in LANGUAGES]


def letter(field):
    """That column, never NULL, of the row found."""
    return [f"{row}__{field}" for row in LETTERS]


def file_found():
    """The file of the row found; a row without one means that nothing goes with that language."""
    rows = [When(**{f"{row}__language__isnull": False}, then=f"{row}__attachment") for row in LETTERS]
    return Case(When(own_attachment__isnull=False, then="own_attachment"), *rows)


def home_of(path):
    """The join to the team that the salesperson at *path* records under."""
    return FilteredRelation(f"{path}__memberships", condition=Q(**{f"{path}__memberships__is_home": True}))


class SegmentLineQuerySet(models.QuerySet):
    def effective(self):
        """Each line with what it will be logged with, under the names of the ledger's columns.

        Page, preflight and log action read nothing else; the precedence of each field stands here and nowhere else.
        """
        return (
            self.annotate(
                spoken=first_tag("own_language", "contact__language"), spoken_base=base_language("spoken")
            )
            .alias(
                # A contact without a language asks for the default one, not for the neutral row.
                asked=first_tag("own_language", NullIf("contact__language", Value(""))),
                asked_base=base_language("asked"),
                default_language=first_tag(
                    "own_template__language", "segment__language", "segment__template__language", Value("")
                ),
                asked_language=first_tag("asked", "default_language"),
            )
            .alias(
                **letters("own_template"),
                **letters(
                    "segment", own_template=None
                ),  # with its own template a line never takes the header's file
                header_decides=Coalesce("segment__ignore_contact", "segment__template__ignore_contact"),
                header_channel=NullIf(Coalesce("segment__channel", "segment__template__channel"), Value("")),
                template_decides=Coalesce(
                    "own_template__ignore_contact", "segment__template__ignore_contact"
                ),
                template_channel=NullIf(
                    Coalesce("own_template__channel", "segment__template__channel"), Value("")
                ),
            )
            .annotate(
                template=Coalesce("own_template", "segment__template"),
                group=Coalesce("own_template__group", "segment__template__group"),
                description=nearest("description"),
                cost=nearest("cost"),
                minutes=nearest("minutes"),
                direction=nearest("direction"),
                initiated_by=nearest("initiated_by"),
                campaign=Coalesce("own_campaign", "segment__campaign", "own_template__campaign"),
                campaign_target=nearest("campaign_target"),
                campaign_response=nearest("campaign_response"),
                date=Coalesce("own_date", "segment__date"),
                contact_company=Case(
                    When(contact__type="COMPANY", then="contact"), default="contact__company"
                ),
                salesperson=Coalesce("own_salesperson", "segment__salesperson", "contact__salesperson"),
                channel=Coalesce(
                    "own_channel",
                    Case(When(header_decides=True, then="header_channel")),
                    Case(When(Q(template_decides=True) | Q(contact__channel=""), then="template_channel")),
                    "contact__channel",
                ),
                # A letter of its own was written in the language that the line asks for, whatever files there are.
                language=first_tag(
                    Case(When(own_attachment__isnull=False, then="asked")),
                    *letter("language"),
                    "own_language",
                    "default_language",
                ),
                subject=Coalesce("own_subject", *letter("subject"), Value("")),
                attachment=Case(When(without_letter=False, then=file_found())),
            )
        )

    def with_team(self):
        """Each line with the `team` that its salesperson records under: six joins that only the ledger needs."""
        return self.alias(
            own_home=home_of("own_salesperson"),
            segment_home=home_of("segment__salesperson"),
            contact_home=home_of("contact__salesperson"),
        ).annotate(
            team=Case(
                When(own_salesperson__isnull=False, then="own_home__team"),
                When(segment__salesperson__isnull=False, then="segment_home__team"),
                default="contact_home__team",
            )
        )

    def visible_to(self, user):
        """Lines whose contact *user* sees; the others are counted, not shown (architecture 8)."""
        if user.scope == Scope.ALL:
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user).values("pk"))


# --- the rows ---------------------------------------------------------------------------------------------------------


class Own(models.Model):
    """What a line says itself. NULL says nothing, an empty string says: nothing there."""

    own_template = models.ForeignKey(
        InteractionTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("template"),
    )
    own_language = LanguageField(
        pgettext_lazy("of a letter", "language"), max_length=15, null=True, blank=True
    )
    own_description = models.CharField(_("description"), max_length=250, null=True, blank=True)
    own_subject = models.CharField(_("subject"), max_length=250, null=True, blank=True)
    own_channel = models.CharField(_("correspondence"), max_length=10, null=True, blank=True, choices=Channel)
    own_direction = models.CharField(_("direction"), max_length=8, null=True, blank=True, choices=Direction)
    own_initiated_by = models.CharField(
        _("initiated by"), max_length=4, null=True, blank=True, choices=Initiator
    )
    own_cost = models.DecimalField(
        _("cost"), max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    own_minutes = models.PositiveIntegerField(
        _("duration in minutes"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    own_date = models.DateField(_("date"), null=True, blank=True)
    own_time = models.TimeField(_("time"), null=True, blank=True)
    own_salesperson = models.ForeignKey(
        Salesperson, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("salesperson")
    )
    own_campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("campaign")
    )
    own_campaign_target = models.BooleanField(_("campaign target"), null=True, blank=True)
    own_campaign_response = models.BooleanField(_("campaign response"), null=True, blank=True)
    own_attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("own file")
    )
    without_letter = models.BooleanField(_("without a file"), default=False)
    evaluation = models.SmallIntegerField(_("evaluation"), null=True, blank=True, choices=Evaluation)
    attempt_failed = models.BooleanField(_("the contact was not reached"), default=False)

    class Meta:
        abstract = True


# Every column of Own, for copying lines by one statement.
OWN = tuple(field.name for field in Own._meta.local_fields)


class SegmentLine(Own):
    """A contact in a segment, once, and what is different about its interaction.

    The id is the order of the lines; a line that comes back from RemovedLine has the id it had.
    """

    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="lines", verbose_name=_("segment"), db_index=False
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, related_name="segment_lines", verbose_name=pgettext_lazy("crm", "contact")
    )
    # NULL once the history was cleared: no step takes the line back.
    added_by = models.ForeignKey(
        CriteriaStep, models.CASCADE, null=True, related_name="lines", verbose_name=_("criteria step")
    )

    objects = SegmentLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment line")
        verbose_name_plural = _("segment lines")
        constraints = [
            models.UniqueConstraint(
                name="segment_line_once_per_contact",
                fields=["segment", "contact"],
                violation_error_message=_("This contact is in the segment already."),
            ),
            models.CheckConstraint(
                name="segment_line_cost_is_not_negative",
                condition=Q(own_cost__isnull=True) | Q(own_cost__gte=0),
            ),
            models.CheckConstraint(
                name="segment_line_has_a_file_or_none",
                condition=Q(without_letter=False) | Q(own_attachment__isnull=True),
            ),
        ]
        indexes = [
            # The lines of a segment in their order, and its pages.
            models.Index(name="segment_line_order", fields=["segment", "id"]),
        ]

    def __str__(self):
        return f"{self.segment.no} · {self.contact}"

    # Queries

    def fingerprint(self, *columns):
        """What the line says itself now, as 16 letters: a page that shows another one is out of date.

        columns: of Own; without any, all of them and the contact.
        """
        attnames = [self._meta.get_field(name).attname for name in columns or (*OWN, "contact")]
        values = repr([str(getattr(self, name)) for name in attnames])
        return hashlib.sha256(values.encode()).hexdigest()[:16]


class RemovedLine(Own):
    """A line that a step removed, or that was in an added step taken back: all it takes to come back as it was."""

    step = models.ForeignKey(
        CriteriaStep, models.CASCADE, related_name="removed_lines", verbose_name=_("criteria step")
    )
    line_id = models.BigIntegerField()
    # No reason to keep a contact: it only does not come back when the step is taken back.
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="removed_lines", verbose_name=pgettext_lazy("crm", "contact")
    )
    added_by = models.ForeignKey(
        CriteriaStep, models.CASCADE, null=True, related_name="+", verbose_name=_("added by"), db_index=False
    )

    class Meta:
        verbose_name = _("removed segment line")
        verbose_name_plural = _("removed segment lines")

    def __str__(self):
        return f"{self.step} · {self.contact}"

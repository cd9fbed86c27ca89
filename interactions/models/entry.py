from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.lookups import IsNull
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Channel, Contact, Salesperson, Scope, Team
from crm.models.fields import WebField
from interactions.ledger_text import search_entries

from .attachment import Attachment
from .campaign import Campaign, CampaignEntry, DocumentKind, FollowUp, LoggedSegment
from .canceling import Cancelable, canceled_together
from .choices import CanceledWith, Direction, Evaluation, Initiator
from .template import InteractionGroup, InteractionTemplate

CENT = Decimal("0.01")  # SQLite sums decimals as floats; every sum leaves through here


class LedgerViolation(Exception):
    """Somebody tried to change the ledger other than through its mutators: a mistake in a program."""


def refused(message):
    def refuse(self, *args, **kwargs):
        raise LedgerViolation(message)

    return refuse


class InteractionLogEntryQuerySet(models.QuerySet):
    # What the ledger does not do

    update = refused("Entries change only through cancel, reinstate, evaluate, move_contact and erase.")
    bulk_update = refused("Entries change only through cancel, reinstate, evaluate, move_contact and erase.")
    update_or_create = refused("Entries are never updated.")
    delete = refused("Entries go only when canceled, by purge_canceled_entries.")
    update.alters_data = bulk_update.alters_data = update_or_create.alters_data = delete.alters_data = True
    delete.queryset_only = True

    def bulk_create(self, objs, *args, update_conflicts=False, **kwargs):
        if update_conflicts:
            raise LedgerViolation("Entries are never updated.")
        return super().bulk_create(objs, *args, **kwargs)

    def _set(self, **values):
        return super().update(**values)

    # Which entries

    def counting(self):
        """Entries that statistics count: the ones that are not canceled."""
        return self.filter(canceled_at=None)

    def canceled(self):
        return self.filter(canceled_at__isnull=False)

    def of_contact(self, contact):
        """The timeline: of a person its own; of a company its own and its people's (domain 2.15)."""
        if contact.is_company:
            return self.filter(contact_company=contact)
        return self.filter(contact=contact)

    def visible_to(self, user):
        """What *user* finds in lists, searches, exports and counts: one equality for each scope (architecture 8).

        Entries without a contact, such as erased ones, are for the scope "all" only.
        """
        if not user.has_perm("interactions.view_interactionlogentry"):
            return self.none()
        match user.scope:
            case Scope.ALL:
                return self
            case Scope.TEAM if user.team_ids:
                return self.filter(team__in=user.team_ids, contact__isnull=False)
        if user.own_salesperson is None:
            return self.none()
        return self.filter(salesperson=user.own_salesperson, contact__isnull=False)

    def openable_by(self, user):
        """What *user* may open: the visible entries, and those on the timeline of a contact he or she sees."""
        if not user.has_perm("interactions.view_interactionlogentry"):
            return self.none()
        if user.scope == Scope.ALL:
            return self
        contacts = Contact.objects.visible_to(user)
        return self.filter(
            Q(pk__in=self.model.objects.visible_to(user).values("pk"))
            | Q(contact__in=contacts.values("pk"))
            | Q(contact_company__in=contacts.values("pk"))
        )

    def search(self, text):
        """Entries in which every word of *text* begins a word of theirs. Runs a query: call it last."""
        return search_entries(self, text)

    def newest_first(self):
        return self.order_by("-date", "-time", "-id")

    def with_marks(self):
        """Annotate `has_comment`."""
        # For EXISTS, PostgreSQL reads all comments there are rather than those of the page.
        one = EntryComment.objects.filter(entry=OuterRef("pk")).values("pk")[:1]
        return self.annotate(has_comment=IsNull(Subquery(one), False))

    def for_list(self):
        return (
            self.select_related("contact", "template", "salesperson", "attachment")
            .with_marks()
            .newest_first()
        )

    # Figures

    def statistics(self):
        """{"count", "cost", "minutes", "last_date"} of the entries that count; cost in the firm's currency, exact."""
        figures = self.counting().aggregate(
            count=Count("pk"), cost=Sum("cost"), minutes=Sum("minutes"), last_date=Max("date")
        )
        return figures | {
            "cost": Decimal(figures["cost"] or 0).quantize(CENT),
            "minutes": figures["minutes"] or 0,
        }

    def figures_by_contact(self, contacts):
        """{id of the contact: (count, cost)} of the entries that count, for those ids of *contacts* that have any."""
        found = self.counting().filter(contact__in=contacts).order_by().values_list("contact")
        return {pk: (count, cost or 0) for pk, count, cost in found.annotate(Count("pk"), Sum("cost"))}

    # Mutators: one statement each

    def cancel(self, *, by, reason="", at=None, together_with=CanceledWith.ITSELF):
        """Cancel those that are not canceled yet; return how many. The instant *at* marks the ones of this call."""
        return self.counting()._set(
            canceled_at=at or timezone.now(),
            canceled_by=by,
            canceled_reason=reason,
            canceled_with=together_with,
        )

    def reinstate(self):
        """Take the canceling back; return how many. Parents are checked by the action."""
        return self.canceled()._set(canceled_at=None, canceled_by=None, canceled_reason="", canceled_with="")

    def cancel_again(self, reinstatements):
        """Give those that count the canceling back that *reinstatements* keep (a queryset, at most one row for each entry);
        return how many."""
        kept = reinstatements.filter(entry=OuterRef("pk"))
        return (
            self.counting()
            .filter(Exists(kept))
            ._set(**{name: Subquery(kept.values(name)) for name in Reinstatement.KEPT})
        )

    def evaluate(self, evaluation):
        return self._set(evaluation=evaluation)

    def remove_attachment(self):
        documents = self.model._meta.get_field("document").related_model.objects
        documents.filter(entry__in=self.order_by().values("pk")).remove_attachment()
        return self.filter(attachment__isnull=False)._set(attachment=None)

    def leave_logged_segment(self):
        """Lose the reference to a logged segment that goes; what was canceled with it is canceled by itself then."""
        alone = Case(
            When(canceled_with=CanceledWith.LOGGED_SEGMENT, then=Value(CanceledWith.ITSELF)),
            default="canceled_with",
        )
        return self._set(logged_segment=None, canceled_with=alone)

    def move_contact(self, contact, *, to):
        """Let entries of *contact* follow *to*, which a Succession row names; return how many."""
        return self.filter(contact=contact)._set(contact=to)

    def move_company(self, company, *, to):
        """Let entries whose company is *company* follow *to*, which a Succession row names; return how many."""
        return self.filter(contact_company=company)._set(contact_company=to)

    def erase(self):
        """Empty the text of entries whose contact an erasing Succession row names; figures stay, and so
        does the company of a person."""
        return self._set(
            description="",
            subject="",
            contact_via="",
            contact_company=Case(When(contact_company=F("contact"), then=None), default="contact_company"),
            contact=None,
        )

    def purge(self):
        """Remove canceled entries, what belongs to them first; return (entries, comments). The triggers refuse any other."""
        for name in ("deliveries", "document"):
            belonging = self.model._meta.get_field(name).related_model.objects
            belonging.filter(entry__in=self.values("pk"))._raw_delete(self.db)
        Reinstatement.objects.filter(entry__in=self.values("pk"))._raw_delete(self.db)
        comments = EntryComment.objects.filter(entry__in=self.values("pk"))._raw_delete(self.db)
        return self._raw_delete(self.db), comments


class InteractionLogEntry(Cancelable):
    """One communication with one contact: a row of the append-only ledger.

    Three fences keep it so: this class's QuerySet refuses, its mutators are the only way, and triggers made from
    MUTABLE (`ledger_guard`) refuse for everybody else. `date` and `time` are the wall clock of whoever recorded it.
    """

    # What may change after logging, and how far; everything else is frozen by the triggers.
    MUTABLE = (
        "canceled_at",
        "canceled_by",
        "canceled_reason",
        "canceled_with",
        "evaluation",
        "attempt_failed",
    )
    CLEARABLE = ("campaign", "campaign_entry", "logged_segment", "attachment")  # to NULL only
    FOLLOWS_CONTACT = ("contact", "contact_company")  # to the recorded successor only
    ERASABLE = (
        "description",
        "subject",
        "contact_via",
    )  # to '' only, while an erasing Succession names the contact

    date = models.DateField(_("date"))
    time = models.TimeField(_("time"))
    logged_at = models.DateTimeField(_("logged at"))
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("logged by"),
        db_index=False,
    )
    contact = models.ForeignKey(
        Contact,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=pgettext_lazy("crm", "contact"),
        db_index=False,
    )
    contact_company = models.ForeignKey(
        Contact,
        models.PROTECT,
        null=True,
        related_name="company_entries",
        verbose_name=_("company"),
        db_index=False,
    )
    address_code = models.CharField(_("alternative address"), max_length=10, blank=True)
    salesperson = models.ForeignKey(
        Salesperson,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("salesperson"),
        db_index=False,
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, related_name="+", verbose_name=_("team"), db_index=False
    )
    template = models.ForeignKey(
        InteractionTemplate,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("template"),
        db_index=False,
    )
    group = models.ForeignKey(
        InteractionGroup,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("interaction group"),
        db_index=False,
    )
    description = models.CharField(_("description"), max_length=250)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    language = models.CharField(pgettext_lazy("of a letter", "language"), max_length=15, blank=True)
    channel = models.CharField(_("correspondence"), max_length=10, blank=True, choices=Channel)
    direction = models.CharField(_("direction"), max_length=8, blank=True, choices=Direction)
    initiated_by = models.CharField(_("initiated by"), max_length=4, blank=True, choices=Initiator)
    cost = models.DecimalField(_("cost"), max_digits=9, decimal_places=2)
    minutes = models.PositiveIntegerField(_("duration in minutes"))
    evaluation = models.SmallIntegerField(_("evaluation"), null=True, choices=Evaluation)
    attempt_failed = models.BooleanField(_("the contact was not reached"), default=False)
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name=_("file"), db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, related_name="+", verbose_name=_("campaign"), db_index=False
    )
    campaign_entry = models.ForeignKey(
        CampaignEntry,
        models.PROTECT,
        null=True,
        related_name="interactions",
        verbose_name=_("campaign entry"),
        db_index=False,
    )
    campaign_target = models.BooleanField(_("campaign target"), default=False)
    campaign_response = models.BooleanField(_("campaign response"), default=False)
    opportunity_no = models.CharField(_("opportunity no."), max_length=20, blank=True)
    opportunity_url = WebField(_("link to the opportunity"), max_length=500, blank=True)
    follow_up = models.ForeignKey(
        FollowUp,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("follow-up"),
        db_index=False,
    )
    contact_via = models.CharField(_("contact via"), max_length=250, blank=True)
    document_kind = models.ForeignKey(
        DocumentKind,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("document kind"),
        db_index=False,
    )
    document_no = models.CharField(_("document no."), max_length=50, blank=True)
    document_version = models.PositiveIntegerField(_("document version"), default=0)
    document_url = WebField(_("link to the document"), max_length=500, blank=True)
    segment_no = models.CharField(_("segment no."), max_length=20, blank=True)
    logged_segment = models.ForeignKey(
        LoggedSegment,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("logged segment"),
        db_index=False,
    )
    segment_line_no = models.PositiveBigIntegerField(_("segment line"), null=True)
    draft_uuid = models.UUIDField(_("draft"), null=True, editable=False)
    canceled_with = models.CharField(
        _("canceled with"), max_length=14, blank=True, choices=CanceledWith, editable=False
    )

    objects = InteractionLogEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction log entry")
        verbose_name_plural = _("interaction log entries")
        permissions = [
            ("log_interaction", _("Can create and log interactions")),
            ("cancel_interactions", _("Can cancel and reinstate interaction log entries")),
            ("evaluate_interactions", _("Can evaluate and comment on interaction log entries")),
            ("purge_interactions", _("Can delete canceled interaction log entries")),
            ("export_interactions", _("Can export interaction log entries")),
            ("see_costs", _("Can see costs")),
        ]
        constraints = [
            canceled_together("entry_canceled_whole"),
            models.CheckConstraint(
                name="entry_says_what_it_was_canceled_with",
                condition=Q(canceled_at__isnull=True, canceled_with="")
                | Q(canceled_at__isnull=False, canceled_with__in=CanceledWith.values),
            ),
            models.CheckConstraint(name="entry_cost_is_not_negative", condition=Q(cost__gte=0)),
            models.CheckConstraint(
                name="entry_evaluation_is_known",
                condition=Q(evaluation__isnull=True) | Q(evaluation__in=Evaluation.values),
            ),
            models.UniqueConstraint(
                name="entry_once_per_segment_line", fields=["logged_segment", "segment_line_no"]
            ),
            models.UniqueConstraint(
                name="entry_once_per_draft", fields=["draft_uuid"], condition=Q(draft_uuid__isnull=False)
            ),
        ]
        indexes = [
            # The ledger list, all entries.
            models.Index(name="entry_newest", fields=["date", "time", "id"]),
            # The timeline of a person, of a company; filters and scopes of the ledger list.
            models.Index(name="entry_contact", fields=["contact", "date", "time", "id"]),
            models.Index(name="entry_company", fields=["contact_company", "date", "time", "id"]),
            models.Index(name="entry_salesperson", fields=["salesperson", "date", "time", "id"]),
            # Only who sees everything sees entries without a contact, so a team's are counted in the index alone.
            models.Index(
                name="entry_team", fields=["team", "date", "time", "id"], condition=Q(contact__isnull=False)
            ),
            models.Index(name="entry_template", fields=["template", "date", "time", "id"]),
            models.Index(
                name="entry_campaign",
                fields=["campaign", "date", "time", "id"],
                condition=Q(campaign__isnull=False),
            ),
            models.Index(
                name="entry_logged_segment",
                fields=["logged_segment", "date", "time", "id"],
                condition=Q(logged_segment__isnull=False),
            ),
            models.Index(
                name="entry_evaluation",
                fields=["evaluation", "date", "time", "id"],
                condition=Q(evaluation__isnull=False),
            ),
            models.Index(
                name="entry_document",
                fields=["document_kind", "document_no", "date", "time", "id"],
                condition=Q(document_kind__isnull=False),
            ),
            # The Canceled view and the purge.
            models.Index(
                name="entry_canceled", fields=["date", "time", "id"], condition=Q(canceled_at__isnull=False)
            ),
            # Its count for a team and for one salesperson, which may have none among many.
            models.Index(
                name="entry_team_canceled",
                fields=["team", "date", "time", "id"],
                condition=Q(canceled_at__isnull=False, contact__isnull=False),
            ),
            models.Index(
                name="entry_salesperson_canceled",
                fields=["salesperson", "date", "time", "id"],
                condition=Q(canceled_at__isnull=False),
            ),
            # Undo of a canceling finds its entries by the instant.
            models.Index(
                name="entry_canceled_at", fields=["canceled_at"], condition=Q(canceled_at__isnull=False)
            ),
            # Cascades from a campaign entry; what a follow-up led to; who still uses a file.
            models.Index(
                name="entry_campaign_entry",
                fields=["campaign_entry"],
                condition=Q(campaign_entry__isnull=False),
            ),
            models.Index(name="entry_follow_up", fields=["follow_up"], condition=Q(follow_up__isnull=False)),
            models.Index(
                name="entry_attachment", fields=["attachment"], condition=Q(attachment__isnull=False)
            ),
            # Statistics of a contact and of a company, read from the index alone.
            models.Index(
                name="entry_contact_sums",
                fields=["contact", "date", "cost", "minutes"],
                condition=Q(canceled_at__isnull=True),
            ),
            models.Index(
                name="entry_company_sums",
                fields=["contact_company", "date", "cost", "minutes"],
                condition=Q(canceled_at__isnull=True),
            ),
        ]

    def __str__(self):
        return self.description or str(pgettext_lazy("ledger", "Erased interaction"))

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise LedgerViolation("A logged entry is not saved again; use its QuerySet's mutators.")
        super().save(*args, **kwargs)

    delete = refused("Entries go only when canceled, by purge_canceled_entries.")

    def get_absolute_url(self):
        return reverse("interactions:entry", args=[self.pk])

    # Properties

    @property
    def title(self):
        """How histories name it: template, and who spoke (domain 2.7). Wants template, salesperson, contact, logged_by."""
        name = self.template.description or self.template.code
        if self.direction == Direction.OUTBOUND:
            return _("%(interaction)s – by %(person)s") % {
                "interaction": name,
                "person": self.salesperson.name if self.salesperson else self.logged_by.display_name,
            }
        if self.direction == Direction.INBOUND and self.contact:
            return _("%(interaction)s – from %(person)s") % {"interaction": name, "person": self.contact.name}
        return name


class EntryComment(models.Model):
    """A remark on an entry; added any time, never changed, gone only with its entry."""

    # Its fence: the text may become '' while the entry's contact is erased; the row goes only with a canceled entry.
    ERASABLE = ("text",)

    entry = models.ForeignKey(
        InteractionLogEntry, models.PROTECT, related_name="comments", verbose_name=_("interaction log entry")
    )
    text = models.TextField(_("comment"), max_length=4000)
    date = models.DateField(_("date"))
    created_at = models.DateTimeField(_("written at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("written by"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("comment on an entry")
        verbose_name_plural = _("comments on entries")

    def __str__(self):
        return self.text


class Reinstatement(Cancelable):
    """That an entry came back, and the canceling that this took back: the entry's history, and what undo restores."""

    KEPT = ("canceled_at", "canceled_by", "canceled_reason", "canceled_with")  # under the ledger's own names
    # Its fence is that of the comments.
    ERASABLE = ("canceled_reason",)

    entry = models.ForeignKey(
        InteractionLogEntry,
        models.PROTECT,
        related_name="reinstatements",
        verbose_name=_("interaction log entry"),
        db_index=False,
    )
    reinstated_at = models.DateTimeField(_("reinstated at"))
    reinstated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("reinstated by"),
        db_index=False,
    )
    canceled_with = models.CharField(_("canceled with"), max_length=14, choices=CanceledWith, editable=False)

    class Meta:
        verbose_name = _("reinstatement")
        verbose_name_plural = _("reinstatements")
        default_permissions = ()  # it is read with its entry
        constraints = [
            models.UniqueConstraint(name="reinstatement_once_at_a_time", fields=["entry", "reinstated_at"]),
            models.CheckConstraint(
                name="reinstatement_keeps_a_canceling",
                condition=Q(canceled_at__isnull=False, canceled_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="reinstatement_at", fields=["reinstated_at"])]

    def __str__(self):
        return str(self.entry)

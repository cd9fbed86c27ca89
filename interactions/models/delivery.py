import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Channel, OptOut, Scope

from .entry import InteractionLogEntry

# A worker takes at most some minutes for one e-mail: every step of the mail server has a time-out.
DEAD_AFTER = dt.timedelta(minutes=10)


class DeliveryState(models.TextChoices):
    """What has become of a sending. SENDING is committed before the first byte leaves."""

    QUEUED = "QUEUED", pgettext_lazy("delivery", "Waiting")
    SENDING = "SENDING", pgettext_lazy("delivery", "Sending")
    SENT = "SENT", pgettext_lazy("delivery", "Sent")
    ERROR = "ERROR", pgettext_lazy("delivery", "Not sent")
    UNCERTAIN = "UNCERTAIN", pgettext_lazy("delivery", "Perhaps sent")


class DeliveryReason(models.TextChoices):
    """Why a sending failed, waits for another attempt, or is uncertain."""

    # Found before anything is sent
    CONTACT_GONE = "CONTACT_GONE", _("The interaction has no contact any more.")
    BLOCKED = "BLOCKED", _("The contact is blocked for privacy.")
    OPTED_OUT = "OPTED_OUT", _("The contact has opted out of this kind of message.")
    NO_ADDRESS = "NO_ADDRESS", _("The contact has no e-mail address.")
    NO_FILE = "NO_FILE", _("There is no file to send.")
    NOT_WORD = "NOT_WORD", _("Only Word files can be printed as letters.")
    CANCELED = "CANCELED", _("The interaction was canceled before it was sent.")
    WITHDRAWN = "WITHDRAWN", _("The sending was stopped.")
    ERASED = "ERASED", _("The contact was erased before it was sent.")
    BROKEN = "BROKEN", _("The message could not be made.")
    # Said by the mail server
    NO_SERVER = "NO_SERVER", _("The mail server does not answer.")
    LATER = "LATER", _("The mail server asked to try later.")
    REFUSED = "REFUSED", _("The mail server refused it.")
    # Nobody knows whether it has arrived
    LOST = "LOST", _("The connection was lost before the mail server had confirmed it.")
    WORKER_DIED = "WORKER_DIED", _("The program was interrupted while it was sending.")


def still_open():
    """The Q of deliveries after which no other may begin: the constraint, and what asks for the same."""
    return Q(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING]) | Q(
        state=DeliveryState.UNCERTAIN, settled_at__isnull=True
    )


class DeliveryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Deliveries of the entries that *user* finds in lists."""
        if user.scope == Scope.ALL and user.has_perm("interactions.view_interactionlogentry"):
            return self
        return self.filter(entry__in=InteractionLogEntry.objects.visible_to(user).order_by().values("pk"))

    def open(self):
        return self.filter(still_open())

    def due(self, now):
        """E-mails that may be sent at *now*."""
        return self.filter(state=DeliveryState.QUEUED, channel=Channel.EMAIL, next_attempt_at__lte=now)

    def to_print(self):
        """Letters on paper that wait for a print file."""
        return self.filter(state=DeliveryState.QUEUED, channel=Channel.HARD_COPY)

    def abandoned(self, now):
        """Those whose worker must be dead."""
        return self.filter(state=DeliveryState.SENDING, claimed_at__lt=now - DEAD_AFTER)

    def problems(self):
        """What waits for somebody's decision: not sent, or perhaps sent, and not settled yet."""
        return self.filter(state__in=[DeliveryState.ERROR, DeliveryState.UNCERTAIN], settled_at__isnull=True)

    def latest(self):
        """The last sending of each entry."""
        later = Delivery.objects.filter(entry=OuterRef("entry"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))

    def with_suppression(self):
        """Annotate `opted_out`."""
        opted_out = OptOut.objects.filter(contact=OuterRef("entry__contact"), channel=OuterRef("channel"))
        return self.annotate(opted_out=Exists(opted_out))

    def for_list(self):
        return self.select_related("entry__contact", "entry__template", "entry__salesperson").order_by("-id")

    def figures(self):
        """{state: count} for progress bars and registers; every state is there."""
        counts = dict(self.order_by().values_list("state").annotate(Count("pk")))
        return {state.value: counts.get(state.value, 0) for state in DeliveryState}

    # Mutators: one statement each

    def give_up(self, reason, *, answer="", by=None, settled=False, at=None):
        """Waiting ones are not sent any more; return how many."""
        at = at or timezone.now()
        settling = {"settled_at": at, "settled_by": by} if settled else {}
        return self.filter(state=DeliveryState.QUEUED).update(
            state=DeliveryState.ERROR, reason=reason, answer=answer, **settling
        )

    def settle(self, *, by, at=None):
        """Somebody has dealt with these problems; return how many there were."""
        return self.problems().update(settled_at=at or timezone.now(), settled_by=by)

    def erase(self):
        """Forget what these say about a contact, and send nothing more; figures stay. Call it before the entries lose
        their contact."""
        self.give_up(DeliveryReason.ERASED, settled=True)
        return self.update(address="", answer="")


class Delivery(models.Model):
    """One sending of one entry, and the only place that knows what became of it: the outbox (architecture 2.8).

    Retries stay in the row and keep its Message-ID; a deliberate resend is a new row with the next number.
    """

    entry = models.ForeignKey(
        InteractionLogEntry,
        models.PROTECT,
        related_name="deliveries",
        verbose_name=_("interaction log entry"),
        db_index=False,
    )
    number = models.PositiveIntegerField(_("sending"), default=1)
    channel = models.CharField(_("correspondence"), max_length=10, choices=Channel)
    address = models.CharField(_("e-mail"), max_length=254, blank=True)
    message_id = models.CharField(_("message ID"), max_length=300, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=9, choices=DeliveryState, default=DeliveryState.QUEUED, editable=False
    )
    reason = models.CharField(_("reason"), max_length=12, blank=True, choices=DeliveryReason, editable=False)
    answer = models.CharField(_("answer of the mail server"), max_length=500, blank=True, editable=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=timezone.now, editable=False)
    claimed_at = models.DateTimeField(_("last attempt"), null=True, editable=False)
    claimed_by = models.CharField(_("worker"), max_length=150, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("sent by"),
        db_index=False,
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("settled by"),
        db_index=False,
        editable=False,
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("of a letter", "delivery")
        verbose_name_plural = pgettext_lazy("of letters", "deliveries")
        default_permissions = ()  # it is read with its entry
        permissions = [("deliver_interactions", _("Can send interactions and settle delivery problems"))]
        constraints = [
            models.UniqueConstraint(name="delivery_once_per_number", fields=["entry", "number"]),
            models.UniqueConstraint(
                name="delivery_one_open_per_entry", fields=["entry"], condition=still_open()
            ),
            models.CheckConstraint(
                name="delivery_state_is_known", condition=Q(state__in=DeliveryState.values)
            ),
            models.CheckConstraint(name="delivery_channel_is_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="delivery_reason_is_known", condition=Q(reason="") | Q(reason__in=DeliveryReason.values)
            ),
            models.CheckConstraint(
                name="delivery_problem_has_a_reason",
                condition=~Q(state__in=["ERROR", "UNCERTAIN"]) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="delivery_sent_at_when_sent",
                condition=Q(state="SENT", sent_at__isnull=False)
                | (~Q(state="SENT") & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="delivery_sending_by_somebody",
                condition=~Q(state="SENDING") | (Q(claimed_at__isnull=False) & ~Q(claimed_by="")),
            ),
            models.CheckConstraint(
                name="delivery_settled_when_over",
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | (Q(settled_at__isnull=False) & ~Q(state__in=["QUEUED", "SENDING"])),
            ),
            models.CheckConstraint(
                name="delivery_waits_with_an_address",
                condition=~Q(state="QUEUED", channel="EMAIL") | ~Q(address=""),
            ),
        ]
        indexes = [
            # The queue: what the workers take next.
            models.Index(
                name="delivery_queue",
                fields=["channel", "next_attempt_at", "id"],
                condition=Q(state="QUEUED"),
            ),
            # The list "Delivery problems"; each minute, what a dead worker left.
            models.Index(name="delivery_state", fields=["state", "settled_at", "id"]),
            # The limit per minute.
            models.Index(
                name="delivery_claimed", fields=["claimed_at"], condition=Q(claimed_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.entry_id}/{self.number} {self.state}"

    # Properties

    @property
    def is_problem(self):
        return self.state in {DeliveryState.ERROR, DeliveryState.UNCERTAIN} and self.settled_at is None

    @property
    def cause(self):
        """The reason in one sentence, with the words of the mail server when there are any."""
        sentence = str(self.get_reason_display()) if self.reason else ""
        return f"{sentence} {self.answer}".strip()

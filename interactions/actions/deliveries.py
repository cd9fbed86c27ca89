"""The outbox: what is to be sent is written as rows, set-based, and sent by workers after the commit."""

from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.bulk import insert_from_select
from crm.errors import Refusal
from crm.models import Channel, OptOut
from interactions.models import Delivery, DeliveryReason, DeliveryState

from .mail_server import MailServer
from .messages import message_domain, sender
from .sending import wake_workers

PRINTED_AS_LETTERS = ("docx", "dotx")


class NothingToSend(Refusal):
    sentence = _("There is nothing to send here: choose interactions that have a correspondence type.")


class NoCorrespondenceType(Refusal):
    sentence = _("This interaction has no correspondence type, so it cannot be sent.")


class IsCanceled(Refusal):
    sentence = _("A canceled interaction is not sent. Reinstate it first.")


class IsUnderWay(Refusal):
    sentence = _("This is being sent already.")


class AlreadySent(Refusal):
    """`.count` of the chosen entries were sent, or perhaps sent; `again=True` sends them all the same."""

    sentence = ngettext_lazy(
        "%(count)d of these has been sent already, or perhaps. Send it again?",
        "%(count)d of these have been sent already, or perhaps. Send them again?",
        "count",
    )

    def __init__(self, count):
        self.count = count
        super().__init__(count=count)


class AddressIsWrong(Refusal):
    sentence = _("Enter a valid e-mail address.")


class NotForOne(Refusal):
    sentence = _("Change the address of one interaction at a time.")


class MailServerProblem(Refusal):
    sentence = _("The test message was not sent. %(cause)s")


@dataclass(frozen=True)
class Queued:
    """queued: will be sent or printed.  left_out: {reason: count} of those that will not, each with a row that says so."""

    queued: int
    left_out: dict

    @property
    def total(self):
        return self.queued + sum(self.left_out.values())


class RandomHex(Func):
    """32 random hexadecimal digits, other ones for each row."""

    output_field = CharField()
    arity = 0

    def as_sqlite(self, compiler, connection, **extra):
        return "lower(hex(randomblob(16)))", []

    def as_postgresql(self, compiler, connection, **extra):
        return "replace(gen_random_uuid()::text, '-', '')", []


def objections():
    """The expression over entries with `sent_to` for the DeliveryReason why one cannot be sent; "" when it can."""
    opted_out = OptOut.objects.filter(contact=OuterRef("contact"), channel=OuterRef("channel"))
    return Case(
        When(contact=None, then=Value(DeliveryReason.CONTACT_GONE)),
        When(contact__privacy_blocked=True, then=Value(DeliveryReason.BLOCKED)),
        When(Exists(opted_out), then=Value(DeliveryReason.OPTED_OUT)),
        When(attachment=None, then=Value(DeliveryReason.NO_FILE)),
        When(
            Q(channel=Channel.HARD_COPY) & ~Q(attachment__extension__in=PRINTED_AS_LETTERS),
            then=Value(DeliveryReason.NOT_WORD),
        ),
        When(Q(channel=Channel.EMAIL) & Q(sent_to=""), then=Value(DeliveryReason.NO_ADDRESS)),
        default=Value(""),
        output_field=CharField(),
    )


def write_rows(entries, *, by, at, address=None):
    """One Delivery for each of *entries* by one statement, with the next number of each; return how many."""
    before = Delivery.objects.filter(entry=OuterRef("pk")).order_by().values("entry")
    to = Value(address) if address else Coalesce("contact__email", Value(""))
    rows = entries.annotate(
        sent_to=Case(When(channel=Channel.EMAIL, then=to), default=Value(""), output_field=CharField())
    ).annotate(
        objection=objections(),
        next_number=Coalesce(Subquery(before.annotate(last=Max("number")).values("last")), 0) + 1,
        new_id=Concat(Value("<"), RandomHex(), Value(f"@{message_domain()}>"), output_field=CharField()),
    )
    now = Value(at, DateTimeField())
    return insert_from_select(
        Delivery,
        rows.annotate(
            new_state=Case(
                When(objection="", then=Value(DeliveryState.QUEUED)),
                default=Value(DeliveryState.ERROR),
                output_field=CharField(),
            )
        ).order_by("pk"),
        entry="pk",
        number="next_number",
        channel="channel",
        address="sent_to",
        message_id="new_id",
        state="new_state",
        reason="objection",
        answer=Value(""),
        attempts=Value(0),
        next_attempt_at=now,
        claimed_by=Value(""),
        created_at=now,
        created_by=Value(by.pk),
    )


@transaction.atomic
def queue_deliveries(entries, *, by):
    """Queue the first sending of each of *entries* (a queryset), by one statement; answer Queued.

    Entries that are canceled, have no correspondence type, or were queued before are passed over: called twice, it sends
    once. What cannot be sent (no address, no file, opted out, blocked) gets a row that says why. Workers begin after the
    commit.
    """
    at = timezone.now()
    sent_before = Delivery.objects.filter(entry=OuterRef("pk"))
    fresh = entries.counting().exclude(channel="").filter(~Exists(sent_before))
    for is_last in (False, True):
        try:
            with transaction.atomic():
                write_rows(fresh, by=by, at=at)
            break
        except IntegrityError:
            # Somebody else has queued some of them at the same moment; looked at again, they are not fresh any more.
            if is_last:
                raise
    return hand_over(entries, at=at, by=by)


def hand_over(entries, *, at, by):
    """Wake workers after the commit for the rows that were just written; answer Queued."""
    written = Delivery.objects.filter(entry__in=entries.order_by().values("pk"), created_at=at, created_by=by)
    by_reason = count_by(written, "reason")
    queued = by_reason.pop("", 0)
    if queued:
        transaction.on_commit(partial(wake_workers, queued), robust=True)
    return Queued(queued, by_reason)


def count_by(rows, column):
    """{value of the column: number of rows}"""
    return dict(rows.order_by().values_list(column).annotate(Count("pk")))


@transaction.atomic
def resend(entries, *, by, again=False, address=None):
    """Send *entries* (a queryset) once more, or for the first time, each as a new row; answer Queued.

    again: also those that were sent, or perhaps sent; without it they make it raise AlreadySent, and nothing is written.
    address: another one than the contact's, for one entry.  The problems of these entries are settled by it. What is
    waiting or being sent is passed over. Raises AddressIsWrong, NotForOne; when nothing is left NothingToSend, and for
    one entry NoCorrespondenceType, IsCanceled or IsUnderWay.
    """
    if address is not None:
        address = checked_address(address)
        if entries.order_by()[:2].count() != 1:
            raise NotForOne
    earlier = Delivery.objects.filter(entry=OuterRef("pk"))
    under_way = earlier.filter(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])
    fit = entries.counting().exclude(channel="").filter(~Exists(under_way))
    if not fit.exists():
        raise why_nothing(entries)
    if not again:
        sent = Exists(earlier.filter(state__in=[DeliveryState.SENT, DeliveryState.UNCERTAIN]))
        count = fit.filter(sent).count()
        if count:
            raise AlreadySent(count)
        # What is sent between that look and the next statement is left out by it.
        fit = fit.filter(~sent)
    at = timezone.now()
    Delivery.objects.filter(entry__in=fit.order_by().values("pk")).settle(by=by, at=at)
    try:
        with transaction.atomic():
            write_rows(fit, by=by, at=at, address=address)
    except IntegrityError:
        raise IsUnderWay from None
    return hand_over(entries, at=at, by=by)


def checked_address(text):
    try:
        validate_email(text.strip())
    except ValidationError:
        raise AddressIsWrong from None
    return text.strip()


def why_nothing(entries):
    """The Refusal that fits when none of *entries* can be sent."""
    first, *more = entries.order_by("pk").values_list("channel", "canceled_at")[:2] or [None]
    if first is None or more:
        return NothingToSend()
    channel, canceled_at = first
    if canceled_at is not None:
        return IsCanceled()
    return IsUnderWay() if channel else NoCorrespondenceType()


# --- what somebody decides about problems -------------------------------------------------------------------------------


def mark_sent(deliveries, *, by):
    """Those that were perhaps sent have arrived, says *by*; return how many."""
    uncertain = deliveries.filter(state=DeliveryState.UNCERTAIN, settled_at=None)
    at = timezone.now()
    return uncertain.update(state=DeliveryState.SENT, sent_at=F("claimed_at"), settled_at=at, settled_by=by)


def dismiss_problems(deliveries, *, by):
    """Nothing more is to be done about those that were not sent; return how many. What is uncertain needs a decision."""
    return deliveries.filter(state=DeliveryState.ERROR).settle(by=by)


def withdraw_deliveries(deliveries, *, by):
    """Those that still wait are not sent; return how many."""
    return deliveries.give_up(DeliveryReason.WITHDRAWN, by=by, settled=True)


def mark_printed(deliveries, *, by):
    """The letters on paper among *deliveries* were printed; return how many. by: whose print file it was."""
    at = timezone.now()
    return deliveries.to_print().update(
        state=DeliveryState.SENT, reason="", sent_at=at, settled_at=at, settled_by=by
    )


# --- trying it out ------------------------------------------------------------------------------------------------------


def send_test_mail(*, to, by, letter=None):
    """Send a message that is no interaction to *to*, at once. letter: a Letter to attach.

    Raises AddressIsWrong, MailServerProblem with the words of the server.
    """
    message = EmailMessage(
        subject=gettext("Test message"),
        body=gettext("%(person)s asked for this test message. Nothing was recorded.")
        % {"person": by.display_name},
        from_email=sender(),
        to=[checked_address(to)],
    )
    if letter is not None:
        message.attach(letter.name, letter.content, letter.mime)
    with MailServer() as server:
        outcome = server.send(server.prepare(message))
    if outcome.state != DeliveryState.SENT:
        cause = DeliveryReason(outcome.reason).label
        raise MailServerProblem(cause=f"{cause} {outcome.answer}".strip())

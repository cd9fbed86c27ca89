"""The workers of the outbox: each takes one e-mail after the other until none is due.

A row is claimed by one worker (SKIP LOCKED on PostgreSQL, one writer at a time on SQLite) and SENDING is committed before
the first byte leaves. The same statement writes what became of the message before: one commit for each e-mail. So a
worker that dies leaves one row in SENDING; `recover` makes it uncertain, and nobody sends it again by itself. What the
messages are made of is read for many at a time: it decides nothing about who sends them.
"""

import datetime as dt
import logging
import os
import socket
import time
import uuid
from dataclasses import dataclass

from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from interactions.models import Delivery, DeliveryReason, DeliveryState, EntryDocument

from .documents import letter_of
from .mail_server import MailServer, refused
from .messages import message_of

ATTEMPTS = 10
FIRST_PAUSE = dt.timedelta(minutes=1)  # before the second attempt; each pause is twice the one before
LONGEST_PAUSE = dt.timedelta(hours=4)
RUN_SECONDS = 50  # of one task, which then queues the next one
REQUEUED_EACH = 60  # seconds
ROWS_PER_WORKER = 25  # so many waiting rows are worth another worker
MOST_WORKERS = 8
AHEAD = 100  # messages whose contents are read at once
FRESH = dt.timedelta(seconds=2)  # how old that may be
RATE_LOCK = 0x0B17AC02  # the number of the lock that counts what was sent within a minute

# What a message is made of, and what may stand against it: compiling and reading all columns would cost as much again.
NEEDED = (
    "address",
    "attempts",
    "channel",
    "claimed_at",
    "claimed_by",
    "message_id",
    "entry__canceled_at",
    "entry__description",
    "entry__language",
    "entry__subject",
    "entry__attachment__extension",
    "entry__attachment__file",
    "entry__attachment__merge_engine",
    "entry__attachment__mime",
    "entry__attachment__name",
    "entry__contact__privacy_blocked",
    "entry__document__attachment",
    "entry__document__body",
    "entry__document__company",
    "entry__document__sha256",
    "entry__document__values",
    "entry__logged_segment__company",
    "entry__salesperson__email",
)

logger = logging.getLogger(__name__)


def wake_workers(count):
    """Ask for workers, as *count* rows wait. Too many find nothing to do; none at all are asked again by beat."""
    for _worker in range(min(MOST_WORKERS, -(-count // ROWS_PER_WORKER))):
        deliver_task.apply_async(expires=REQUEUED_EACH)


@shared_task(name="interactions.deliver")
def deliver_task():
    if not deliver(seconds=RUN_SECONDS):
        deliver_task.apply_async(expires=REQUEUED_EACH)


def requeue_deliveries():
    """What beat asks for each minute: see to what dead workers left, and wake workers for what is due."""
    recover()
    now = timezone.now()
    wake_workers(Delivery.objects.due(now)[: MOST_WORKERS * ROWS_PER_WORKER].count())


def recover():
    """What a dead worker left becomes uncertain; return how many."""
    left = Delivery.objects.abandoned(timezone.now())
    count = left.update(state=DeliveryState.UNCERTAIN, reason=DeliveryReason.WORKER_DIED)
    if count:
        logger.error("%d deliveries were interrupted and may have been sent.", count)
    return count


def deliver(*, seconds=None):
    """Send what is due; return whether nothing is left to do now (False: the *seconds* are over)."""
    worker = f"{socket.gethostname()[:100]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    end = time.monotonic() + (seconds or float("inf"))
    delivery, outcome, ahead = None, None, Ahead()
    with MailServer() as server:
        while not (outcome and outcome.server_is_down) and time.monotonic() < end:
            claimed = advance(delivery, outcome, worker=worker)
            if claimed is None:
                ahead.seal()
                return True
            delivery = ahead.take(claimed)
            outcome = attempt(delivery, server, ahead.hashes) if delivery else None
        record(delivery, outcome)
        ahead.seal()
        return bool(outcome and outcome.server_is_down)


@dataclass(frozen=True)
class Claim:
    """A row that is SENDING now and ours."""

    pk: int
    attempts: int
    at: dt.datetime
    by: str


def advance(delivery, outcome, *, worker):
    """Write the *outcome* of *delivery*, if there is one, and claim what has been due for longest, by one statement: the
    Claim, or None."""
    now = timezone.now()
    if not settings.DELIVERIES_PER_MINUTE:
        return turn(delivery, outcome, now, worker)
    with transaction.atomic():
        if not limit_is_reached(now):
            return turn(delivery, outcome, now, worker)
        record(delivery, outcome)
    return None


def turn(delivery, outcome, now, worker):
    """The statement behind `advance`. Bare rows: the next one is read from the front of its index, however long the queue
    is, and one that another worker is about to claim is passed over."""
    ending = ending_of(delivery, outcome, now)
    pk = delivery.pk if delivery else None
    instant = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM[connection.vendor],
            {
                "pk": pk,
                **{
                    name: instant(value) if hasattr(value, "tzinfo") else value
                    for name, value in ending.items()
                },
                "claimed_at": instant(delivery.claimed_at) if delivery else None,
                "claimed_by": delivery.claimed_by if delivery else "",
                "now": instant(now),
                "worker": worker,
            },
        )
        written = dict(cursor.fetchall())
    if delivery and written.pop(pk, None) is None:
        say_decided(delivery, outcome)
    for claimed, attempts in written.items():
        return Claim(claimed, attempts, now, worker)
    return None


# Both rows are told apart by their ids; a row cannot be the end of one and the beginning of another.
_NEXT = """
    SELECT id FROM interactions_delivery
    WHERE state = 'QUEUED' AND channel = 'EMAIL' AND next_attempt_at <= %(now)s
    ORDER BY next_attempt_at, id LIMIT 1"""
_CLAIM = """
    UPDATE interactions_delivery SET
        state = CASE WHEN id = %(pk)s THEN %(state)s ELSE 'SENDING' END,
        reason = CASE WHEN id = %(pk)s THEN %(reason)s ELSE reason END,
        answer = CASE WHEN id = %(pk)s THEN %(answer)s ELSE answer END,
        sent_at = CASE WHEN id = %(pk)s THEN %(sent_at)s ELSE sent_at END,
        settled_at = CASE WHEN id = %(pk)s THEN %(settled_at)s ELSE settled_at END,
        next_attempt_at = CASE WHEN id = %(pk)s THEN COALESCE(%(next_attempt_at)s, next_attempt_at)
                          ELSE next_attempt_at END,
        claimed_at = CASE WHEN id = %(pk)s THEN claimed_at ELSE %(now)s END,
        claimed_by = CASE WHEN id = %(pk)s THEN claimed_by ELSE %(worker)s END,
        attempts = CASE WHEN id = %(pk)s THEN attempts ELSE attempts + 1 END
    WHERE (id = %(pk)s AND claimed_at = %(claimed_at)s AND claimed_by = %(claimed_by)s
           AND state IN ('SENDING', 'UNCERTAIN') AND settled_at IS NULL)
       OR id = ({next})
    RETURNING id, attempts"""
CLAIM = {
    "postgresql": _CLAIM.format(next=_NEXT + " FOR UPDATE SKIP LOCKED"),
    "sqlite": _CLAIM.format(next=_NEXT),
}


class Ahead:
    """What the next messages are made of, read for many at a time, and never older than FRESH seconds: a contact may opt
    out, an entry be canceled."""

    def __init__(self):
        self.rows, self.read_at = {}, dt.datetime.min.replace(tzinfo=dt.UTC)
        self.hashes = {}

    def take(self, claim):
        """The Delivery of a Claim with all that its message needs, and `opted_out`; None when it went with a canceled
        entry."""
        if claim.pk not in self.rows or claim.at > self.read_at + FRESH:
            self.seal()
            due = Delivery.objects.due(claim.at).order_by("next_attempt_at", "id")
            self.rows = read([claim.pk, *due.values_list("pk", flat=True)[: AHEAD - 1]])
            self.read_at = claim.at
        delivery = self.rows.pop(claim.pk, None)
        if delivery is not None:
            delivery.claimed_at, delivery.claimed_by = claim.at, claim.by
            delivery.attempts = claim.attempts
        return delivery

    def seal(self):
        """Write the hashes of letters that were made for the first time."""
        if self.hashes:
            with transaction.atomic():
                EntryDocument.objects.all().seal(self.hashes)
            self.hashes = {}


def read(ids):
    """{id: Delivery}"""
    found = Delivery.objects.filter(pk__in=ids).select_related(
        "entry__contact",
        "entry__salesperson",
        "entry__attachment",
        "entry__document",
        "entry__logged_segment",
    )
    return {row.pk: row for row in found.only(*NEEDED).with_suppression()}


def limit_is_reached(now):
    """Whether as many e-mails as DELIVERIES_PER_MINUTE allows were tried in this minute of the clock, by all workers."""
    limit = settings.DELIVERIES_PER_MINUTE
    if not limit:
        return False
    if connection.vendor == "postgresql":  # elsewhere there is one writer at a time anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RATE_LOCK])
    begin = now.replace(second=0, microsecond=0)
    return Delivery.objects.filter(claimed_at__gte=begin).order_by()[:limit].count() >= limit


def attempt(delivery, server, hashes):
    """The Outcome of trying to send a claimed *delivery*. hashes: {id of the entry: SHA-256}, of letters made anew."""
    reason = objection(delivery)
    if reason:
        return refused(reason)
    try:
        letter = letter_of(delivery.entry)
        parcel = server.prepare(message_of(delivery, letter))
    except FileNotFoundError:
        return refused(DeliveryReason.NO_FILE)
    except Exception:  # one message that cannot be made must not stop the others
        logger.exception("The message of delivery %s could not be made.", delivery.pk)
        return refused(DeliveryReason.BROKEN)
    if letter.sha256 and not delivery.entry.document.sha256:
        hashes[delivery.entry_id] = letter.sha256
    return server.send(parcel)


def objection(delivery):
    """Why *delivery* must not be sent any more, "" when it may: much may have changed since it was queued."""
    entry = delivery.entry
    if entry.contact is None:
        return DeliveryReason.CONTACT_GONE
    if entry.is_canceled:
        return DeliveryReason.CANCELED
    if entry.contact.privacy_blocked:
        return DeliveryReason.BLOCKED
    if delivery.opted_out:
        return DeliveryReason.OPTED_OUT
    if entry.attachment is None:
        return DeliveryReason.NO_FILE
    return ""


def ending_of(delivery, outcome, now):
    """The columns that say what became of an attempt; next_attempt_at None: as it was."""
    columns = {
        "state": "",
        "reason": "",
        "answer": "",
        "sent_at": None,
        "settled_at": None,
        "next_attempt_at": None,
    }
    if delivery is None:
        return columns
    columns |= {"state": str(outcome.state), "reason": str(outcome.reason), "answer": outcome.answer}
    if outcome.state == DeliveryState.SENT:
        columns["sent_at"] = now
    elif outcome.state == DeliveryState.QUEUED:
        if delivery.attempts >= ATTEMPTS:
            columns["state"] = str(DeliveryState.ERROR)
        else:
            columns["next_attempt_at"] = now + pause_after(delivery.attempts)
    elif outcome.reason == DeliveryReason.CANCELED:
        columns["settled_at"] = now  # it was meant
    return columns


def record(delivery, outcome):
    """Write what became of an attempt. A row that was thought abandoned meanwhile is ours still, unless somebody has
    decided about it."""
    if delivery is None:
        return
    values = ending_of(delivery, outcome, timezone.now())
    if values["next_attempt_at"] is None:
        del values["next_attempt_at"]
    ours = Delivery.objects.filter(
        pk=delivery.pk,
        claimed_by=delivery.claimed_by,
        claimed_at=delivery.claimed_at,
        state__in=[DeliveryState.SENDING, DeliveryState.UNCERTAIN],
        settled_at=None,
    )
    if not ours.update(**values):
        say_decided(delivery, outcome)


def say_decided(delivery, outcome):
    logger.error("Delivery %s was decided elsewhere; it ended with %s.", delivery.pk, outcome.state)


def pause_after(attempts):
    """How long to wait after so many attempts: 1, 2, 4, … minutes."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1))

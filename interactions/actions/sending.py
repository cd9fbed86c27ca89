"""The workers of the outbox: each takes one e-mail after the other until none is due.

A row is claimed by one worker (SKIP LOCKED on PostgreSQL, one writer at a time on SQLite) and SENDING is committed before
the first byte leaves. The same transaction writes what became of the message before: one commit for each e-mail. So a
worker that dies leaves one row in SENDING; `recover` makes it uncertain, and nobody sends it again by itself.
"""

import datetime as dt
import logging
import os
import socket
import time
import uuid

from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from interactions.models import Delivery, DeliveryReason, DeliveryState

from .mail_server import MailServer, refused
from .messages import message_of

ATTEMPTS = 10
FIRST_PAUSE = dt.timedelta(minutes=1)  # before the second attempt; each pause is twice the one before
LONGEST_PAUSE = dt.timedelta(hours=4)
RUN_SECONDS = 50  # of one task, which then queues the next one
REQUEUED_EACH = 60  # seconds
ROWS_PER_WORKER = 25  # so many waiting rows are worth another worker
MOST_WORKERS = 8
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
    "entry__attachment__file",
    "entry__attachment__mime",
    "entry__attachment__name",
    "entry__contact__privacy_blocked",
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
    delivery, outcome = None, None
    with MailServer() as server:
        while not (outcome and outcome.server_is_down) and time.monotonic() < end:
            pk = advance(delivery, outcome, worker=worker)
            if pk is None:
                return True
            delivery = read(pk)
            outcome = attempt(delivery, server) if delivery else None
        with transaction.atomic():
            record(delivery, outcome)
        return bool(outcome and outcome.server_is_down)


@transaction.atomic
def advance(delivery, outcome, *, worker):
    """Write the *outcome* of *delivery*, if there is one, and claim the next; return its id, or None."""
    record(delivery, outcome)
    now = timezone.now()
    return None if limit_is_reached(now) else claim(now, worker=worker)


def claim(now, *, worker):
    """The id of the Delivery that has been due for longest, now SENDING and ours; None when there is none."""
    # Bare rows and no joins: so it is read from the front of its index, however long the queue is.
    due = Delivery.objects.due(now).order_by("next_attempt_at", "id")
    pk = next(iter(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:1]), None)
    if pk is None:
        return None
    # The row is locked; the condition is what claims it where there are no row locks.
    claimed = Delivery.objects.filter(pk=pk, state=DeliveryState.QUEUED).update(
        state=DeliveryState.SENDING, claimed_at=now, claimed_by=worker, attempts=F("attempts") + 1
    )
    return pk if claimed else None


def read(pk):
    """A Delivery with all that its message needs, and `opted_out`; None when it went with a canceled entry."""
    found = Delivery.objects.filter(pk=pk).select_related(
        "entry__contact", "entry__salesperson", "entry__attachment"
    )
    return next(iter(found.only(*NEEDED).with_suppression()), None)


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


def attempt(delivery, server):
    """The Outcome of trying to send a claimed *delivery*."""
    reason = objection(delivery)
    if reason:
        return refused(reason)
    try:
        parcel = server.prepare(message_of(delivery))
    except FileNotFoundError:
        return refused(DeliveryReason.NO_FILE)
    except Exception:  # one message that cannot be made must not stop the others
        logger.exception("The message of delivery %s could not be made.", delivery.pk)
        return refused(DeliveryReason.BROKEN)
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


def record(delivery, outcome):
    """Write what became of an attempt. A row that was thought abandoned meanwhile is ours still, unless somebody has
    decided about it."""
    if delivery is None:
        return
    now = timezone.now()
    values = {"state": outcome.state, "reason": outcome.reason, "answer": outcome.answer}
    if outcome.state == DeliveryState.SENT:
        values["sent_at"] = now
    elif outcome.state == DeliveryState.QUEUED:
        if delivery.attempts >= ATTEMPTS:
            values["state"] = DeliveryState.ERROR
        else:
            values["next_attempt_at"] = now + pause_after(delivery.attempts)
    elif outcome.reason == DeliveryReason.CANCELED:
        values["settled_at"] = now  # it was meant
    ours = Delivery.objects.filter(
        pk=delivery.pk,
        claimed_by=delivery.claimed_by,
        claimed_at=delivery.claimed_at,
        state__in=[DeliveryState.SENDING, DeliveryState.UNCERTAIN],
        settled_at=None,
    )
    if not ours.update(**values):
        logger.error("Delivery %s was decided elsewhere; it ended with %s.", delivery.pk, outcome.state)


def pause_after(attempts):
    """How long to wait after so many attempts: 1, 2, 4, … minutes."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempts - 1))

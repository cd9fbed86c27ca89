"""What the tests of the outbox share: entries to send and settings of a mail server."""

from django.utils import timezone

from interactions.actions import queue_deliveries
from interactions.models import Delivery, InteractionLogEntry
from interactions.models.delivery import DEAD_AFTER
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
)


def letters(count=1, *, by, address="contact{}@verrier.example", **values):
    """A queryset of *count* entries by e-mail, each to a contact of its own."""
    shared = {
        "attachment": AttachmentFactory(created_by=by),
        "salesperson": SalespersonFactory(email="marta@alder.example"),
        "template": InteractionTemplateFactory(),
        "logged_by": by,
        "channel": "EMAIL",
        "subject": "Your quote",
    } | values
    made = [
        InteractionLogEntryFactory(**{"contact": ContactFactory(email=address.format(number))} | shared)
        for number in range(count)
    ]
    return InteractionLogEntry.objects.filter(pk__in=[entry.pk for entry in made])


def queued(count=1, *, by, **values):
    """The deliveries of so many entries, waiting."""
    entries = letters(count, by=by, **values)
    queue_deliveries(entries, by=by)
    return Delivery.objects.filter(entry__in=entries).order_by("pk")


def use(settings, port, **more):
    """Let mail go to the server at *port*."""
    values = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_TIMEOUT": 5,
    }
    for name, value in (values | more).items():
        setattr(settings, name, value)


def later():
    """As if every pause was over."""
    Delivery.objects.filter(state="QUEUED").update(next_attempt_at=timezone.now())


def silent(deliveries):
    """As if their workers had died a while ago."""
    deliveries.update(claimed_at=timezone.now() - 2 * DEAD_AFTER)


def states(deliveries):
    return [(row.state, row.reason) for row in deliveries.all()]

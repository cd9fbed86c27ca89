"""What beat starts: what waits in the outbox; discarded drafts after the time for undo and files that no row knows go."""

from celery import shared_task
from celery.signals import worker_ready

from crm.celery import app

from . import jobs  # noqa: F401  every worker knows the kinds of jobs
from .actions import sending
from .actions.attachments import sweep_orphans
from .actions.drafts import clean_up_drafts

app.conf.beat_schedule = {
    **app.conf.beat_schedule,
    "clean-up-drafts": {"task": "interactions.clean_up_drafts", "schedule": 60.0, "options": {"expires": 60}},
    "requeue-deliveries": {
        "task": "interactions.requeue_deliveries",
        "schedule": float(sending.REQUEUED_EACH),
        "options": {"expires": sending.REQUEUED_EACH},
    },
    "sweep-orphans": {"task": "interactions.sweep_orphans", "schedule": 24 * 3600.0},
}


@shared_task(name="interactions.clean_up_drafts")
def clean_up_drafts_task():
    clean_up_drafts()


@shared_task(name="interactions.sweep_orphans")
def sweep_orphans_task():
    sweep_orphans()


@shared_task(name="interactions.requeue_deliveries")
def requeue_deliveries_task():
    sending.requeue_deliveries()


@worker_ready.connect
def look_for_deliveries(**_signal):
    """A worker that starts need not wait for the first minute."""
    requeue_deliveries_task.delay()

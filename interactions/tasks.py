"""What beat clears away: discarded drafts after the time for undo, files that no row knows."""

from celery import shared_task

from crm.celery import app

from . import jobs  # noqa: F401  every worker knows the kinds of jobs
from .actions.attachments import sweep_orphans
from .actions.drafts import clean_up_drafts

app.conf.beat_schedule = {
    **app.conf.beat_schedule,
    "clean-up-drafts": {"task": "interactions.clean_up_drafts", "schedule": 60.0, "options": {"expires": 60}},
    "sweep-orphans": {"task": "interactions.sweep_orphans", "schedule": 24 * 3600.0},
}


@shared_task(name="interactions.clean_up_drafts")
def clean_up_drafts_task():
    clean_up_drafts()


@shared_task(name="interactions.sweep_orphans")
def sweep_orphans_task():
    sweep_orphans()

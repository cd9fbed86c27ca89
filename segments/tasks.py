"""What workers know of segments, and what beat starts: what can no longer be taken back goes."""

from celery import shared_task

from crm.celery import app

from . import editing, jobs, steps  # noqa: F401  register the kinds of jobs
from .actions.edits import clean_up_edits
from .actions.segments import clean_up_segments

app.conf.beat_schedule = {
    **app.conf.beat_schedule,
    "clean-up-edits": {"task": "segments.clean_up_edits", "schedule": 60.0, "options": {"expires": 60}},
    "clean-up-segments": {
        "task": "segments.clean_up_segments",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}


@shared_task(name="segments.clean_up_edits")
def clean_up_edits_task():
    clean_up_edits()


@shared_task(name="segments.clean_up_segments")
def clean_up_segments_task():
    clean_up_segments()

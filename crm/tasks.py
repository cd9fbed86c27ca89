"""What beat starts by itself. Imported by every worker, with the kinds of jobs that crm has."""

from celery import shared_task
from celery.signals import worker_ready

from . import jobs
from .celery import app

app.conf.beat_schedule = {
    **app.conf.beat_schedule,
    "requeue-jobs": {"task": "crm.requeue_jobs", "schedule": 60.0, "options": {"expires": 60}},
    "forget-old-jobs": {"task": "crm.forget_old_jobs", "schedule": 24 * 3600.0},
}


@shared_task(name="crm.requeue_jobs")
def requeue_jobs():
    jobs.requeue()


@shared_task(name="crm.forget_old_jobs")
def forget_old_jobs():
    jobs.forget_old()


@worker_ready.connect
def look_for_work(**_signal):
    """A worker that starts need not wait for the first minute."""
    requeue_jobs.delay()

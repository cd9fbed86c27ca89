"""What beat starts by itself. Imported by every worker, with the kinds of jobs that crm has."""

import datetime as dt

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery import shared_task
from celery.signals import worker_ready
from django.core.management import call_command
from django.utils import timezone

from . import jobs
from .celery import app

DAY = 24 * 3600.0  # seconds
SIGN_INS_KEPT = dt.timedelta(days=30)

app.conf.beat_schedule = {
    **app.conf.beat_schedule,
    "requeue-jobs": {
        "task": "crm.requeue_jobs",
        "schedule": float(jobs.REQUEUED_EACH),
        "options": {"expires": jobs.REQUEUED_EACH},
    },
    "forget-old-jobs": {"task": "crm.forget_old_jobs", "schedule": DAY},
    "forget-sessions": {"task": "crm.forget_sessions", "schedule": DAY},
    "forget-sign-ins": {"task": "crm.forget_sign_ins", "schedule": DAY},
}


@shared_task(name="crm.requeue_jobs")
def requeue_jobs():
    jobs.requeue()


@shared_task(name="crm.forget_old_jobs")
def forget_old_jobs():
    jobs.forget_old()


@shared_task(name="crm.forget_sessions")
def forget_sessions():
    """Sessions that are over: nobody else removes their rows."""
    call_command("clearsessions")


@shared_task(name="crm.forget_sign_ins")
def forget_sign_ins():
    """Who signed in or failed to, and from where, is personal data that nobody needs for longer."""
    for model in (AccessLog, AccessAttempt, AccessFailureLog):
        model.objects.filter(attempt_time__lt=timezone.now() - SIGN_INS_KEPT).delete()


@worker_ready.connect
def look_for_work(**_signal):
    """A worker that starts need not wait for the first minute."""
    requeue_jobs.delay()

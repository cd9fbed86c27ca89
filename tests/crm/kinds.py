"""Kinds of jobs that only tests start; the worker of a test is told to import this."""

import io
import time

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from crm import formats, jobs
from crm.errors import Refusal
from crm.models import MailingGroup


@jobs.kind("test_count")
def count(job, progress, *, upto, pause=0):
    for number in range(1, upto + 1):
        time.sleep(pause)
        progress(number, upto)
    return {"text": f"Counted to {upto}."}


@jobs.kind("test_settle")
def settle(job, progress, *, code):
    with transaction.atomic():
        MailingGroup.objects.create(code=code)
        return jobs.settle(job, {"text": f"{code} is there."})


@jobs.kind("test_look")
def look(job, progress):
    zone = str(timezone.get_current_timezone())
    return {"text": f"{translation.get_language()}, {zone}, {formats.active()}"}


@jobs.kind("test_refuse")
def refuse(job, progress):
    raise Refusal(gettext_lazy("This field is required."))  # a sentence that Django has in every language


@jobs.kind("test_break")
def stumble(job, progress):
    return 1 / 0


@jobs.kind("test_file")
def keep_words(job, progress, *, words, name="words.txt"):
    jobs.keep_file(job, name, io.BytesIO(words.encode()))


@jobs.kind("test_break_after_file")
def keep_and_stumble(job, progress):
    jobs.keep_file(job, "words.txt", io.BytesIO(b"half"))
    raise RuntimeError("the disk is on fire")


@jobs.kind("test_lose")
def lose(job, progress):
    """Somebody else claims the job while this one works."""
    progress(3, 10)
    job.__class__.objects.filter(pk=job.pk).update(heartbeat=job.heartbeat - 2 * jobs.SILENCE)
    assert jobs.claim(job.pk) is not None
    progress(10, 11)

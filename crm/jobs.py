"""Work that outlives a request. The row of crm.Job is the truth; the queue carries its id and may lose it.

    @jobs.kind("export_entries")
    def export_entries(job, progress, *, filters):
        for number, batch in enumerate(batches, start=1):
            ...
            progress(number * SIZE, total)
        jobs.keep_file(job, "entries.xlsx", stream)
        return {"text": _("5,000 entries exported.")}

    job = jobs.start("export_entries", by=request.user, title=_("Export"), filters=...)

Kinds live in modules that a tasks.py imports, so every worker knows them. A kind may run twice, whole or in part: after
its worker died it begins again. It calls `progress` between its transactions and at least once a minute; a job that
has been silent for SILENCE belongs to whoever claims it next, and the first worker, should it still live, is told so by
its next call. What a kind returns becomes `job.result`; "text" (a translated sentence) and "link" ([URL, words]) are
shown on the page of the job, the `link` of a Refusal too; "undo" ([name, payload], see `crm.undo`) is offered there
when it ends. Work that cannot be counted says what it is at with
`progress.stage(words)`, also between its transactions. Work that is one transaction ends it with `settle(job, result)`:
then it is done once, however often its worker dies.
"""

import datetime as dt
import logging
import posixpath
import time

from celery import shared_task
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .errors import Refusal
from .middleware import Preferences, preferences_of
from .models import Job, JobState

SILENCE = dt.timedelta(minutes=2)
KEPT = dt.timedelta(days=7)  # rows and files of finished jobs
ATTEMPTS = 5
SECONDS_BETWEEN_WRITES = 0.5
REQUEUED_EACH = 60  # seconds
PREFERENCES = "_preferences"  # the key in params of how the page looked that started the job

logger = logging.getLogger(__name__)
_kinds = {}


class TakenOver(Exception):
    """The job belongs to another worker now, or is gone: stop."""


def kind(name):
    """Registers the function that jobs of the kind *name* call: `run(job, progress, **params)`."""

    def register(run):
        if _kinds.setdefault(name, run) is not run:
            raise ValueError(f"two kinds of job are called {name!r}")
        return run

    return register


def start(kind, *, by, title, **params):
    """A new Job, queued when the transaction commits.

    params: JSON, ids and filters rather than data.  title: translated, what the work is called on its page. The job runs
    in the language, time zone and region that are active now: not all of them need be stored with the person.
    Raises LookupError for an unknown kind.
    """
    if kind not in _kinds:
        raise LookupError(f"no kind of job is called {kind!r}")
    params[PREFERENCES] = Preferences.now().as_json()
    job = Job.objects.create(kind=kind, by=by, title=title, params=params)
    run.delay_on_commit(str(job.pk))
    return job


@shared_task(name="crm.jobs.run")
def run(pk):
    """Does the job, unless it is over or somebody is at it."""
    job = claim(pk)
    if job is None:
        return
    progress = Progress(job)
    if job.outcome is not None:  # the worker died between its commit and its report
        progress.finish(JobState.DONE, result=job.outcome)
        return
    with look_of(job).active():
        try:
            result = _kinds[job.kind](job, progress, **params_of(job))
        except TakenOver:
            logger.warning("Job %s was taken over while it ran.", pk)
        except Refusal as refusal:
            result = {"link": refusal.link} if refusal.link else {}
            progress.finish(JobState.FAILED, result=result, error=refusal.for_user)
        except Exception:
            logger.exception("Job %s (%s) failed.", pk, job.kind)
            progress.finish(JobState.FAILED, error=broken())
        else:
            progress.finish(JobState.DONE, result=result or {})


def look_of(job):
    """The Preferences that a job runs under: those of the page that started it."""
    stored = job.params.get(PREFERENCES)
    return Preferences.from_json(stored) if stored else preferences_of(job.by)


def params_of(job):
    return {name: value for name, value in job.params.items() if name != PREFERENCES}


def broken():
    return _("Something went wrong on our side. Start it again; if it stops again, tell an administrator.")


def claim(pk):
    """The Job, now ours and RUNNING; None when it is over, gone, or in the hands of a worker that is alive."""
    now = timezone.now()
    job = Job.objects.select_related("by").filter(pk=pk).first()
    if job is None:
        return None
    attempt = {"attempts": attempts_of(job) + 1}
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, heartbeat__lt=now - SILENCE)
    if not Job.objects.filter(free, pk=pk).update(
        state=JobState.RUNNING, heartbeat=now, stage="", done=0, total=None, result=attempt
    ):
        return None
    job.state, job.heartbeat, job.done, job.total, job.result = JobState.RUNNING, now, 0, None, attempt
    job.refresh_from_db(fields=["outcome"])  # a worker believed dead may have committed while this one waited
    return job


def attempts_of(job):
    """How often an open job was begun."""
    return job.result.get("attempts", 0)


def settle(job, result):
    """Keeps *result* as what *job* came to, and answers it. The last thing in the transaction that does the work.

    It is committed with the work or not at all, so an attempt that finds it has only to report it. Raises TakenOver,
    which takes the work back, when the job belongs to another worker by now.
    """
    ours = Job.objects.filter(
        pk=job.pk, state=JobState.RUNNING, heartbeat=job.heartbeat, outcome__isnull=True
    )
    if not ours.update(outcome=result):
        raise TakenOver
    return result


class Progress:
    """How far a job is: `progress(done, total)`. Written at most twice a second; each write is a sign of life.

    The heartbeat that was written last proves the job ours: raises TakenOver when the row has another one.
    """

    def __init__(self, job):
        self.job = job
        self.written = time.monotonic()

    def __call__(self, done, total=None):
        new_total = total is not None and total != self.job.total
        self.job.done = done
        self.job.total = total if total is not None else self.job.total
        if new_total or time.monotonic() - self.written >= SECONDS_BETWEEN_WRITES:
            self.write()

    def stage(self, words):
        """What the job is at now, a translated word or two; written at once."""
        self.job.stage = words
        self.write(stage=words)

    def write(self, **values):
        now = timezone.now()
        ours = Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING, heartbeat=self.job.heartbeat)
        if not ours.update(heartbeat=now, done=self.job.done, total=self.job.total, **values):
            raise TakenOver
        self.job.heartbeat = now
        self.written = time.monotonic()

    def finish(self, state, *, result=None, error=""):
        if state == JobState.DONE and self.job.total is not None:
            self.job.done = self.job.total
        try:
            self.write(
                state=state,
                result=result or {},
                error=error[:500],
                file=self.job.file.name if state == JobState.DONE else "",
                finished_at=timezone.now(),
            )
        except TakenOver:
            logger.warning("Job %s was taken over before it could finish.", self.job.pk)


def keep_file(job, name, content):
    """Keeps *content* (an open binary file) as what the owner of *job* downloads under *name*."""
    field = Job._meta.get_field("file")
    path = posixpath.join(folder_of(job), str(attempts_of(job)), name)
    job.file.name = field.storage.save(path, content, max_length=field.max_length)


def folder_of(job):
    return f"jobs/{job.pk}"


def remove_files(job):
    """Removes what *job* kept, also in attempts that were interrupted."""
    storage = Job._meta.get_field("file").storage
    try:
        attempts, _files = storage.listdir(folder_of(job))
    except FileNotFoundError:
        return
    for attempt in attempts:
        inside = posixpath.join(folder_of(job), attempt)
        for name in storage.listdir(inside)[1]:
            storage.delete(posixpath.join(inside, name))
        storage.delete(inside)
    storage.delete(folder_of(job))


def requeue():
    """Queues again what waits and what has lost its worker; return how many. A job that always stops is given up.

    A waiting job is stamped by it, which is how `worker_is_alive` knows.
    """
    now = timezone.now()
    for job in Job.objects.filter(state=JobState.RUNNING, heartbeat__lt=now - SILENCE).select_related("by"):
        if attempts_of(job) >= ATTEMPTS and job.outcome is None:
            logger.error("Job %s (%s) was interrupted %d times and is given up.", job.pk, job.kind, ATTEMPTS)
            with look_of(job).active():
                Progress(job).finish(JobState.FAILED, error=broken())
    Job.objects.filter(state=JobState.QUEUED).update(heartbeat=now)
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, heartbeat__lt=now - SILENCE)
    waiting = list(Job.objects.filter(free).order_by("created_at").values_list("pk", flat=True))
    for pk in waiting:
        # Beat asks each minute: what no worker has taken by then is queued again and must not pile up.
        run.apply_async((str(pk),), expires=REQUEUED_EACH)
    return len(waiting)


def worker_is_alive():
    """Whether some worker has touched some job lately; an idle one touches those that wait, each minute."""
    return Job.objects.filter(heartbeat__gte=timezone.now() - SILENCE).exists()


def forget_old():
    """Removes jobs that ended more than KEPT ago, with their files; return how many."""
    old = list(Job.objects.filter(finished_at__lt=timezone.now() - KEPT))
    for job in old:
        remove_files(job)
        job.delete()
    return len(old)

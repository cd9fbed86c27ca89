import datetime as dt
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery.signals import before_task_publish
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone, translation

from crm import formats, jobs, tasks
from crm.celery import app
from crm.models import Job, JobState, MailingGroup
from tests.crm import kinds
from tests.factories import JobFactory, UserFactory


@pytest.fixture
def marta(db):
    return UserFactory(username="marta")


@pytest.fixture
def started(marta, django_capture_on_commit_callbacks):
    """Starts a job and lets the queue run it, as after a request; returns the row as it is then."""

    def start(kind, by=marta, **params):
        with django_capture_on_commit_callbacks(execute=True):
            job = jobs.start(kind, by=by, title="Counting", **params)
        job.refresh_from_db()
        return job

    return start


@pytest.fixture
def queue():
    """Jobs go through the real queue instead of running at once."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


def silent(job):
    """As if its worker had died a while ago."""
    Job.objects.filter(pk=job.pk).update(heartbeat=timezone.now() - 2 * jobs.SILENCE)


class TestStart:
    def test_writes_the_row_first_and_queues_it_when_the_transaction_commits(
        self, marta, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks() as queued:
            job = jobs.start("test_count", by=marta, title="Counting", upto=3)
        assert (job.state, job.title, job.by) == ("QUEUED", "Counting", marta)
        assert jobs.params_of(job) == {"upto": 3}
        assert len(queued) == 1
        queued[0]()
        job.refresh_from_db()
        assert job.state == JobState.DONE

    def test_runs_as_the_page_looked_that_started_it(self, marta, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as queued:
            zone = timezone.override("Europe/Madrid")
            with translation.override("fr"), zone, formats.override("de-AT"):
                job = jobs.start("test_look", by=marta, title="Looking")
        queued[0]()
        job.refresh_from_db()
        assert job.result["text"] == "fr, Europe/Madrid, de-AT"

    @pytest.mark.django_db
    def test_runs_as_its_owner_likes_it_when_nothing_else_is_known(self):
        owner = UserFactory(language="es", time_zone="Europe/Madrid", region="es-MX")
        job = JobFactory(kind="test_look", by=owner)
        jobs.run(str(job.pk))
        job.refresh_from_db()
        assert job.result["text"] == "es, Europe/Madrid, es-MX"

    @pytest.mark.django_db(transaction=True, serialized_rollback=True)
    def test_queues_nothing_when_the_transaction_is_rolled_back(self):
        marta = UserFactory()
        with transaction.atomic():
            jobs.start("test_count", by=marta, title="Counting", upto=3)
            transaction.set_rollback(True)
        assert not Job.objects.exists()

    def test_refuses_a_kind_that_nobody_registered(self, marta):
        with pytest.raises(LookupError, match="no_such_kind"):
            jobs.start("no_such_kind", by=marta, title="Counting")
        assert not Job.objects.exists()


class TestKind:
    def test_is_registered_once(self):
        with pytest.raises(ValueError, match="test_count"):
            jobs.kind("test_count")(lambda job, progress: None)


class TestRun:
    def test_keeps_the_result_and_the_numbers(self, started):
        job = started("test_count", upto=7)
        assert (job.state, job.done, job.total) == ("DONE", 7, 7)
        assert job.result == {"text": "Counted to 7."}
        assert job.finished_at is not None
        assert job.error == ""

    def test_keeps_the_sentence_of_a_refusal_in_the_language_of_the_page_that_started_it(self, started):
        with translation.override("es"):
            job = started("test_refuse")
        assert (job.state, job.error) == ("FAILED", "Este campo es obligatorio.")
        assert job.finished_at is not None

    def test_tells_the_owner_of_a_mistake_in_general_words_and_the_log_in_detail(self, started, caplog):
        job = started("test_break")
        assert job.state == JobState.FAILED
        assert job.error.startswith("Something went wrong on our side.")
        assert "ZeroDivisionError" in caplog.text
        assert str(job.pk) in caplog.text

    def test_fails_in_words_when_a_release_has_dropped_its_kind(self, marta):
        job = JobFactory(kind="long_gone", by=marta)
        jobs.run(str(job.pk))
        job.refresh_from_db()
        assert job.state == JobState.FAILED
        assert job.error.startswith("Something went wrong on our side.")

    def test_does_nothing_for_a_job_that_is_gone(self, db):
        jobs.run("7f6d2f0e-8f0f-4a5b-9d3a-0d8f5f4f3c11")
        assert not Job.objects.exists()

    def test_runs_a_finished_job_no_second_time(self, started):
        job = started("test_count", upto=7)
        Job.objects.filter(pk=job.pk).update(done=5)
        jobs.run(str(job.pk))
        job.refresh_from_db()
        assert job.done == 5

    def test_leaves_a_job_alone_whose_worker_lives(self, marta):
        job = JobFactory(
            kind="test_count", params={"upto": 3}, by=marta, state="RUNNING", heartbeat=timezone.now()
        )
        jobs.run(str(job.pk))
        job.refresh_from_db()
        assert (job.state, job.done) == ("RUNNING", 0)

    def test_begins_a_job_again_whose_worker_is_silent(self, marta):
        job = JobFactory(kind="test_count", params={"upto": 3}, by=marta, state="RUNNING", done=2, total=3)
        silent(job)
        jobs.run(str(job.pk))
        job.refresh_from_db()
        assert (job.state, job.done, job.total) == ("DONE", 3, 3)

    def test_stops_without_a_trace_when_another_worker_has_taken_over(self, started, caplog):
        job = started("test_lose")
        assert (job.state, job.done, job.total) == ("RUNNING", 0, None)
        assert jobs.attempts_of(job) == 2
        assert "taken over" in caplog.text

    def test_does_not_overwrite_what_another_worker_has_finished(self, marta):
        job = JobFactory(kind="test_count", params={"upto": 3}, by=marta)
        slow = jobs.Progress(jobs.claim(job.pk))
        silent(job)
        jobs.run(str(job.pk))
        slow.finish(JobState.FAILED, error="Too late.")
        job.refresh_from_db()
        assert (job.state, job.error) == ("DONE", "")


class TestClaim:
    def test_gives_a_waiting_job_to_one_worker_only(self, marta):
        job = JobFactory(by=marta)
        assert jobs.claim(job.pk).state == JobState.RUNNING
        assert jobs.claim(job.pk) is None


class TestSettle:
    def test_is_what_the_job_reports(self, started):
        job = started("test_settle", code="ONE")
        assert (job.state, job.result, job.outcome) == ("DONE", {"text": "ONE is there."}, job.result)

    def test_lets_the_next_attempt_report_what_a_dead_worker_had_committed(self, marta):
        job = jobs.claim(JobFactory(kind="test_settle", params={"code": "ONE"}, by=marta).pk)
        kinds.settle(job, jobs.Progress(job), code="ONE")
        silent(job)
        jobs.run(str(job.pk))
        job.refresh_from_db()
        assert (job.state, job.result) == ("DONE", {"text": "ONE is there."})
        assert MailingGroup.objects.count() == 1

    def test_takes_the_work_of_a_slow_worker_back_that_lost_the_job(self, marta):
        slow = jobs.claim(JobFactory(kind="test_settle", params={"code": "ONE"}, by=marta).pk)
        silent(slow)
        fast = jobs.claim(slow.pk)
        with pytest.raises(jobs.TakenOver):
            kinds.settle(slow, jobs.Progress(slow), code="SLOW")
        kinds.settle(fast, jobs.Progress(fast), code="FAST")
        with pytest.raises(jobs.TakenOver):
            kinds.settle(fast, jobs.Progress(fast), code="TWICE")
        assert [group.code for group in MailingGroup.objects.all()] == ["FAST"]

    def test_saves_a_job_from_being_given_up(self, marta):
        job = JobFactory(
            kind="test_settle",
            by=marta,
            state="RUNNING",
            outcome={"text": "ONE is there."},
            result={"attempts": jobs.ATTEMPTS},
        )
        silent(job)
        jobs.requeue()
        job.refresh_from_db()
        assert (job.state, job.result) == ("DONE", {"text": "ONE is there."})


class TestProgress:
    def test_is_written_at_most_twice_a_second(self, marta, django_assert_max_num_queries):
        progress = jobs.Progress(jobs.claim(JobFactory(by=marta).pk))
        with django_assert_max_num_queries(3):
            for number in range(5000):
                progress(number, 5000)

    def test_shows_a_total_at_once(self, marta):
        job = JobFactory(by=marta)
        jobs.Progress(jobs.claim(job.pk))(0, 5000)
        job.refresh_from_db()
        assert (job.done, job.total) == (0, 5000)

    def test_is_a_sign_of_life(self, marta):
        job = JobFactory(by=marta)
        claimed = jobs.claim(job.pk)
        before = claimed.heartbeat
        jobs.Progress(claimed)(1, 2)
        job.refresh_from_db()
        assert job.heartbeat > before


class TestFile:
    def test_is_kept_with_the_job(self, started):
        job = started("test_file", words="Добрый день")
        with job.file.open() as file:
            assert file.read().decode() == "Добрый день"
        assert os.path.basename(job.file.name) == "words.txt"

    def test_has_a_name_that_fits(self, started):
        job = started("test_file", words="first", name=f"{'Журнал взаимодействий ' * 5}2026-11-20.xlsx")
        assert job.state == JobState.DONE
        assert len(job.file.name) == 100
        assert job.file.name.endswith(".xlsx")

    def test_of_an_interrupted_attempt_goes_with_the_job(self, started):
        job = started("test_file", words="first")
        silent(job)
        Job.objects.filter(pk=job.pk).update(state="RUNNING", finished_at=None, result={"attempts": 1})
        jobs.run(str(job.pk))
        job.refresh_from_db()
        Job.objects.update(finished_at=timezone.now() - 2 * jobs.KEPT)
        folder = Path(settings.MEDIA_ROOT, jobs.folder_of(job))
        assert sorted(file.parent.name for file in folder.rglob("words.txt")) == ["1", "2"]

        assert jobs.forget_old() == 1
        assert not folder.exists()

    def test_of_a_failed_job_is_not_offered(self, started):
        job = started("test_break_after_file")
        assert (job.state, job.file.name) == ("FAILED", "")


class TestForgetOld:
    def test_removes_what_ended_a_week_ago_and_keeps_the_rest(self, started, marta):
        old, young = started("test_count", upto=1), started("test_count", upto=1)
        waiting = JobFactory(by=marta)
        Job.objects.filter(pk=old.pk).update(finished_at=timezone.now() - 2 * jobs.KEPT)
        tasks.forget_old_jobs()
        assert set(Job.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}


class TestRequeue:
    def test_runs_what_waits_and_what_lost_its_worker(self, marta):
        waiting = JobFactory(kind="test_count", params={"upto": 2}, by=marta)
        lost = JobFactory(kind="test_count", params={"upto": 3}, by=marta, state="RUNNING")
        silent(lost)
        alive = JobFactory(by=marta, state="RUNNING", heartbeat=timezone.now())
        assert jobs.requeue() == 2
        states = dict(Job.objects.values_list("pk", "state"))
        assert states == {waiting.pk: "DONE", lost.pk: "DONE", alive.pk: "RUNNING"}

    def test_gives_up_what_stops_its_worker_every_time(self, marta, caplog):
        job = JobFactory(
            kind="test_count",
            params={"upto": 2},
            by=marta,
            state="RUNNING",
            result={"attempts": jobs.ATTEMPTS},
        )
        silent(job)
        with caplog.at_level(logging.ERROR):
            assert jobs.requeue() == 0
        job.refresh_from_db()
        assert job.state == JobState.FAILED
        assert job.error.startswith("Something went wrong on our side.")
        assert str(job.pk) in caplog.text

    @pytest.mark.usefixtures("queue")
    def test_leaves_nothing_in_the_queue_for_longer_than_until_the_next_time(self, marta):
        JobFactory(kind="test_count", params={"upto": 2}, by=marta)
        expiries = []

        def look(headers, **_message):
            expiries.append(dt.datetime.fromisoformat(headers["expires"]))

        before_task_publish.connect(look)
        try:
            jobs.requeue()
        finally:
            before_task_publish.disconnect(look)

        [expires] = expiries
        assert dt.timedelta(seconds=50) < expires - timezone.now() <= dt.timedelta(seconds=60)

    def test_is_asked_for_each_minute(self):
        assert app.conf.beat_schedule["requeue-jobs"]["schedule"] == 60
        assert app.conf.beat_schedule["requeue-jobs"]["task"] in app.tasks
        assert app.conf.beat_schedule["forget-old-jobs"]["task"] in app.tasks


class TestHousekeeping:
    def test_is_done_each_day(self):
        for name in ("forget-old-jobs", "forget-sessions", "forget-sign-ins"):
            assert app.conf.beat_schedule[name]["schedule"] == 24 * 3600
            assert app.conf.beat_schedule[name]["task"] in app.tasks

    def test_removes_sessions_that_are_over(self, db):
        now = timezone.now()
        Session.objects.create(session_key="over", expire_date=now - dt.timedelta(minutes=1))
        Session.objects.create(session_key="open", expire_date=now + dt.timedelta(minutes=1))

        tasks.forget_sessions()

        assert list(Session.objects.values_list("pk", flat=True)) == ["open"]

    @pytest.mark.parametrize("model", [AccessLog, AccessFailureLog, AccessAttempt])
    def test_keeps_sign_ins_for_thirty_days(self, db, model):
        own = {"failures_since_start": 1} if model is AccessAttempt else {}
        for name, days in (("old", 31), ("young", 29)):
            row = model.objects.create(username=name, ip_address="192.0.2.1", **own)
            model.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - dt.timedelta(days=days))

        tasks.forget_sign_ins()

        assert list(model.objects.values_list("username", flat=True)) == ["young"]


class TestWorkerIsAlive:
    def test_when_it_has_touched_a_job_lately(self, marta):
        assert not jobs.worker_is_alive()
        job = JobFactory(by=marta, state="RUNNING", heartbeat=timezone.now())
        assert jobs.worker_is_alive()
        silent(job)
        assert not jobs.worker_is_alive()


# --- with real processes


def database_url():
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values)


@contextmanager
def worker():
    """A Celery worker on the database and the queue of the test, in one process; ends with the block."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": database_url(),
    }
    command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "--pool", "solo"]
    command += [
        "--include",
        "tests.crm.kinds",
        "--loglevel",
        "WARNING",
        "--without-mingle",
        "--without-gossip",
    ]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def eventually(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "that never happened"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.usefixtures("queue")
class TestWorker:
    def test_finishes_after_a_restart_what_was_killed_in_the_middle(self):
        job = jobs.start("test_count", by=UserFactory(), title="Counting", upto=60, pause=0.05)
        with worker() as first:  # whose progress this process sees while it runs
            eventually(lambda: Job.objects.get(pk=job.pk).done > 5)
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
        job.refresh_from_db()
        assert job.state == JobState.RUNNING
        assert job.done < 60

        silent(job)
        with worker():  # looks for lost work by itself when it starts
            eventually(lambda: Job.objects.get(pk=job.pk).state == JobState.DONE)
        job.refresh_from_db()
        assert (job.done, job.total, job.result) == (60, 60, {"text": "Counted to 60."})


class TestWorkerInProduction:
    def test_knows_the_tasks_of_every_app_without_being_told(self):
        """A worker started as in production finds the kinds by importing each app's tasks."""
        registered = (
            "import crm.celery, django; django.setup(); crm.celery.app.loader.import_default_modules()"
        )
        code = f"{registered}; print(sorted(crm.celery.app.tasks))"
        found = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings"},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "crm.jobs.run" in found
        assert "crm.requeue_jobs" in found


class TestStorage:
    def test_keeps_nothing_for_a_job_without_a_file(self, started):
        job = started("test_count", upto=1)
        jobs.remove_files(job)
        assert not default_storage.exists(jobs.folder_of(job))

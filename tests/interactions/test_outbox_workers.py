"""The outbox with real worker processes, a real queue and a real mail server: nothing lost, nothing twice."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from crm.celery import app
from interactions import tasks
from interactions.actions import requeue_deliveries, sending
from interactions.models import Delivery
from tests.factories import UserFactory
from tests.interactions.outbox import queued, silent, states
from tests.mail_server import Hold, MailServer


def database_url():
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values)


@contextmanager
def worker(server, **more):
    """A Celery worker of one process on the database, the queue and the mail server of the test; ends with the block.

    more: of its environment.
    """
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "DATABASE_URL": database_url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
        **more,
    }
    command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "--pool", "solo", "--loglevel", "ERROR"]
    command += ["--without-mingle", "--without-gossip"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def eventually(condition, seconds=40):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "that never happened"
        time.sleep(0.05)


def all_are(rows, *allowed):
    return {state for state, _reason in states(rows)} <= set(allowed)


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_queue")
class TestWorkers:
    def test_send_what_was_queued_before_they_began(self, server):
        rows = queued(5, by=UserFactory())
        with worker(server):
            eventually(lambda: all_are(rows, "SENT"))
        assert sorted(server.ids) == sorted(row.message_id for row in rows)

    def test_find_everything_although_the_queue_was_emptied(self, server):
        rows = queued(5, by=UserFactory())
        app.control.purge()
        with worker(server):  # looks for work when it starts
            eventually(lambda: all_are(rows, "SENT"))
            more = queued(5, by=UserFactory(), address="more{}@verrier.example")
            app.control.purge()
            requeue_deliveries()  # as beat does each minute
            eventually(lambda: all_are(more, "SENT"))
        assert len(server.ids) == len(set(server.ids)) == 10

    def test_killed_in_the_middle_leave_one_message_that_is_uncertain(self, server):
        hold = Hold()
        server.after_data("contact3@verrier.example", hold)
        rows = queued(8, by=UserFactory())
        with worker(server) as first:
            assert hold.begun.wait(40)
            assert states(rows) == [("SENT", "")] * 3 + [("SENDING", "")] + [("QUEUED", "")] * 4
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
        hold.go.set()  # the server has it, and nobody hears that

        with worker(server):
            eventually(lambda: all_are(rows, "SENT", "SENDING"))
            assert states(rows)[3] == ("SENDING", "")
            silent(rows.filter(state="SENDING"))
            requeue_deliveries()
        assert states(rows) == [("SENT", "")] * 3 + [("UNCERTAIN", "WORKER_DIED")] + [("SENT", "")] * 4
        requeue_deliveries()
        assert sending.deliver() is True
        assert len(server.ids) == len(set(server.ids)) == 8

    def test_are_two_and_one_dies(self, server):
        rows = queued(120, by=UserFactory())
        with worker(server) as first, worker(server):
            eventually(lambda: len(server.ids) > 20)
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
            eventually(lambda: all_are(rows, "SENT", "SENDING") and not Delivery.objects.due(timezone.now()))
            eventually(lambda: rows.filter(state="SENDING").count() <= 1)
        silent(rows.filter(state="SENDING"))
        sending.recover()
        assert all_are(rows, "SENT", "UNCERTAIN")
        assert rows.filter(state="UNCERTAIN").count() <= 1
        assert len(server.ids) == len(set(server.ids)) >= 119


BROKERS = {
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
    "rabbitmq": os.environ.get("TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}


@pytest.fixture
def broker(request):
    """The environment of a worker on the message broker of that name, with a queue that no other run knows."""
    url, queue = BROKERS[request.param], f"tests-{uuid4().hex}"
    before = app.conf.broker_url, app.conf.broker_transport_options, app.conf.task_default_queue
    use_broker(url, {}, queue)
    try:
        with app.connection_for_write(connect_timeout=2) as there:
            there.ensure_connection(max_retries=1, timeout=2)
    except (OSError, OperationalError) as error:
        use_broker(*before)
        pytest.skip(f"{request.param} does not answer: {error}")
    app.conf.task_always_eager = False
    yield {"CELERY_BROKER_URL": url, "QUEUE": queue, "DJANGO_SETTINGS_MODULE": "tests.probe.broker.settings"}
    app.conf.task_always_eager = True
    with app.connection_for_write() as there:
        there.default_channel.queue_delete(queue)
    use_broker(*before)


def use_broker(url, options, queue):
    """Let this process send its messages there; what is open to another broker is forgotten."""
    app.conf.update(broker_url=url, broker_transport_options=options, task_default_queue=queue)
    app.amqp.__dict__.pop("queues", None)
    app.amqp.__dict__.pop("router", None)
    app._after_fork()


@pytest.mark.django_db(transaction=True)
class TestBrokers:
    @pytest.mark.parametrize("broker", BROKERS, indirect=True)
    def test_carry_the_work_and_may_lose_it(self, server, broker):
        rows = queued(5, by=UserFactory())
        assert app.control.purge() >= 1  # the broker lost it
        with worker(server, **broker):
            eventually(lambda: all_are(rows, "SENT"))
            more = queued(5, by=UserFactory(), address="more{}@verrier.example")
            eventually(lambda: all_are(more, "SENT"))
            last = queued(5, by=UserFactory(), address="last{}@verrier.example")
            app.control.purge()
            requeue_deliveries()  # as beat does each minute
            eventually(lambda: all_are(last, "SENT"))
        assert len(server.ids) == len(set(server.ids)) == 15


class TestTimetable:
    def test_asks_for_the_outbox_each_minute(self):
        entry = app.conf.beat_schedule["requeue-deliveries"]
        assert (entry["schedule"], entry["options"]) == (60, {"expires": 60})
        assert entry["task"] == tasks.requeue_deliveries_task.name


class TestCommand:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("real_queue")
    def test_sends_without_a_worker_and_counts(self, server):
        queued(2, by=UserFactory())
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "DJANGO_SETTINGS_MODULE": "crm.settings",
        }
        said = subprocess.run(
            [sys.executable, "manage.py", "deliver"],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert said.startswith("Sent: 2, waiting: 0 (0 due now), not sent: 0, perhaps sent: 0")
        assert len(server.ids) == 2

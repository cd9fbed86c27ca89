import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

GRACE = 10  # seconds between asking a process to stop and killing it; every task may run twice, so nothing is lost
START = 60  # seconds that the web server may take to answer


class Command(BaseCommand):
    help = "Runs the web server and one worker with its timetable, and stops both on Ctrl-C or when one of them dies."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", default=8000, type=int, help="port to listen on (default: 8000)")

    def handle(self, *, host, port, **options):
        if answers(host, port):
            raise CommandError(f"Something else answers at {host}:{port}. Choose another --port.")
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        with (
            stop_requests() as stop,
            running(server_command(host, port), worker_command()) as (server, worker),
        ):
            deadline = time.monotonic() + START
            while (
                not stop
                and time.monotonic() < deadline
                and both_run(server, worker)
                and not answers(host, port)
            ):
                time.sleep(0.1)
            if not stop and both_run(server, worker):
                if not answers(host, port):
                    raise CommandError(f"The web server did not answer within {START} seconds.")
                self.welcome(host, port)
            while not stop and both_run(server, worker):
                time.sleep(0.2)
            if not stop:
                name, process = ("web server", server) if server.poll() is not None else ("worker", worker)
                raise CommandError(
                    f"The {name} stopped with status {process.returncode}; its messages are above."
                )
        self.stdout.write("Stopped.")

    def welcome(self, host, port):
        people = list(demo_people())  # checking passwords takes a moment
        self.stdout.write(f"\nBitácora is ready at http://{host}:{port}/")
        for user, group in people:
            self.stdout.write(
                f"  sign in as {user.get_username()} ({group}), password {settings.DEMO_PASSWORD}"
            )
        self.stdout.write("Stop with Ctrl-C.")
        self.stdout.flush()


def demo_people():
    """One person of each group who can sign in with DEMO_PASSWORD."""
    if not settings.DEMO_PASSWORD:
        return
    for group in Group.objects.order_by("pk"):
        user = get_user_model().objects.filter(groups=group, is_active=True).order_by("pk").first()
        if user is not None and user.check_password(settings.DEMO_PASSWORD):
            yield user, group


def server_command(host, port):
    # Threads, because requests mostly wait for the database; two processes, because one of them holds the interpreter.
    options = [
        "--workers=2",
        "--worker-class=gthread",
        "--threads=4",
        "--no-control-socket",
        "--log-level=warning",
    ]
    return [sys.executable, "-m", "gunicorn", f"--bind={host}:{port}", *options, "crm.wsgi:application"]


def worker_command():
    alone = [
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]  # there is no other worker to talk to
    options = ["--beat", "--pool=threads", "--concurrency=2", "--loglevel=WARNING", *alone]
    return [sys.executable, "-m", "celery", "--quiet", "--app=crm", "worker", *options]


@contextmanager
def stop_requests():
    """Yields a list that a signal to stop is put into."""
    received = []
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {
        number: signal.signal(number, lambda number, frame: received.append(number)) for number in signals
    }
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def running(*commands):
    """Starts processes; at the end stops them and everything that they started."""
    processes = []
    try:
        # A session of its own for each: Ctrl-C in the terminal reaches only us, and a whole group can be killed.
        processes.extend(
            subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True) for command in commands
        )
        yield processes
    finally:
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + GRACE
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def both_run(*processes):
    return all(process.poll() is None for process in processes)


def answers(host, port):
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False

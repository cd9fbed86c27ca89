"""The outbox: thousands of e-mails by two worker processes to a mail server on loopback, beside a bare smtplib loop.

One run tells the speed. In another one the queue is emptied and a worker is killed half-way: nothing may be lost, nothing
sent twice, and at most one message for each killed worker may be uncertain.
"""

import datetime as dt
import os
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

from django.db import connection
from django.utils import timezone

from crm.celery import app
from crm.models import Contact, User
from interactions.actions import queue_deliveries, requeue_deliveries, sending
from interactions.actions.documents import letter_of
from interactions.actions.mail_server import wire_format
from interactions.actions.messages import message_of
from interactions.models import Attachment, Delivery, InteractionLogEntry, InteractionTemplate
from interactions.models.delivery import DEAD_AFTER

from .databases import ROOT

MESSAGES = 5000
WARM_UP = 200
PATIENCE = 600  # seconds


@contextmanager
def process(*command, **environment):
    running = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL
    )
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


@contextmanager
def mail_server():
    """(port, callable that gives the Message-IDs accepted so far) of a mail server in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "accepted")
        with process("benchmarks.mail_server", str(port), str(file)):
            eventually(lambda: answers(port))
            yield port, lambda: file.read_text(encoding="ascii").split()


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def worker(port):
    options = ["--pool=solo", "--loglevel=ERROR", "--without-gossip", "--without-mingle"]
    return process(
        *("celery", "--quiet", "--app=crm", "worker", *options),
        DJANGO_SETTINGS_MODULE="crm.settings",
        EMAIL_URL=f"smtp://127.0.0.1:{port}",
    )


def eventually(condition, each=None, pause=0.1):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("The workers did not get there.")
        time.sleep(pause)
        if each:
            each()


def written(count):
    """A queryset of *count* new entries by e-mail, to contacts that have an address and want to hear from us."""
    by = User.objects.get(username="nora.alder")
    contacts = Contact.objects.may_be_contacted().exclude(email="").filter(opt_outs=None).order_by("pk")
    template = InteractionTemplate.objects.order_by("pk").first()
    file = Attachment.objects.filter(extension="docx").order_by("size").first()
    at = timezone.now()
    entries = InteractionLogEntry.objects.bulk_create(
        InteractionLogEntry(
            date=at.date(),
            time=dt.time(9),
            logged_at=at,
            logged_by=by,
            contact=contact,
            contact_company_id=contact.company_key,
            template=template,
            group_id=template.group_id,
            description="Only for measuring",
            subject="Only for measuring",
            channel="EMAIL",
            cost=0,
            minutes=0,
            attachment=file,
        )
        for contact in islice(cycle(contacts[:count]), count)
    )
    return InteractionLogEntry.objects.filter(pk__gte=entries[0].pk, pk__lte=entries[-1].pk), by


def queued(count):
    """The deliveries of *count* new entries, waiting; and the seconds that queueing them took."""
    entries, by = written(count)
    begin = time.perf_counter()
    done = queue_deliveries(entries, by=by)
    seconds = time.perf_counter() - begin
    if done.queued != count:
        raise ValueError(f"left out: {done.left_out}")
    return Delivery.objects.filter(entry__in=entries.values("pk")), seconds


def left(rows):
    return rows.filter(state__in=["QUEUED", "SENDING"]).exists()


def measure_outbox(say):
    """{"queue", "sent", "loop", "bare loop": seconds for MESSAGES each; "killed": what the run with a dead worker left}"""
    found = {}
    with mail_server() as (port, accepted), ExitStack() as workers:
        first, _second = (workers.enter_context(worker(port)) for _worker in range(2))
        warm, _seconds = queued(WARM_UP)
        eventually(lambda: not left(warm), each=requeue_deliveries, pause=1)
        rows, found["queue"] = queued(MESSAGES)
        begin = time.perf_counter()
        eventually(lambda: not left(rows))
        found["sent"] = time.perf_counter() - begin
        found["workers"] = rows.order_by().values("claimed_by").distinct().count()
        say(f"  {MESSAGES} sent in {found['sent']:.1f} s")
        for name, commits in (("loop", True), ("bare loop", False)):
            found[name] = loop(port, rows, commits=commits)
            say(f"  {name}: {found[name]:.1f} s")
        found["killed"] = kill_one(first, say)
        ids = accepted()
        loops = 2 * MESSAGES  # the loops sent the messages of the first run twice more
        of_killed = set(found["killed"]["ids"])
        again = [each for each in ids if each in of_killed]
        found["killed"]["twice"] = len(again) - len(set(again))
        sent = set(found["killed"]["sent"])
        found["killed"]["lost"] = len(sent - set(again))
        if len(ids) < loops:
            raise ValueError("the mail server did not see the loops")
    return found


def kill_one(victim, say):
    """Empty the queue and kill a worker half-way; {"ids", "sent", "uncertain", "other"} of the messages at the end."""
    rows, _seconds = queued(MESSAGES)
    eventually(lambda: rows.filter(state="SENT").count() >= MESSAGES / 2, pause=0.05)
    app.control.purge()
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    say("  one worker killed, the queue emptied")
    eventually(lambda: not rows.filter(state="QUEUED").exists(), each=requeue_deliveries, pause=1)
    eventually(lambda: rows.filter(state="SENDING").count() <= 1)
    rows.filter(state="SENDING").update(claimed_at=timezone.now() - 2 * DEAD_AFTER)
    sending.recover()
    found = list(rows.values_list("message_id", "state"))
    states = [state for _id, state in found]
    return {
        "ids": [message_id for message_id, _state in found],
        "sent": [message_id for message_id, state in found if state == "SENT"],
        "uncertain": states.count("UNCERTAIN"),
        "other": len(states) - states.count("SENT") - states.count("UNCERTAIN"),
    }


def loop(port, rows, *, commits):
    """The seconds of a bare loop over as many messages in one process, with or without a committed row before each."""
    sample = rows.select_related("entry__contact", "entry__salesperson", "entry__attachment").first()
    message = message_of(sample, letter_of(sample.entry))
    content = wire_format(message)
    own_id = sample.message_id.encode()
    targets = list(rows.values_list("pk", "address", "message_id"))
    begin = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp, connection.cursor() as cursor:
        for pk, address, message_id in targets:
            if commits:
                cursor.execute(f"UPDATE {Delivery._meta.db_table} SET attempts = 1 WHERE id = %s", [pk])
            smtp.sendmail(
                "crm@localhost", [address], content.replace(own_id, b"<loop-" + message_id[1:].encode())
            )
    return time.perf_counter() - begin

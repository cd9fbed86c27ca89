"""Two at once, and the power cut: a segment is logged once, whole or not at all, and nothing of it is lost."""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Event, Thread

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from crm.errors import Refusal
from crm.models import Contact
from interactions.models import Attachment, InteractionLogEntry, LoggedSegment
from segments.actions import (
    Letter,
    SegmentAlreadyLogged,
    add_contact,
    add_contacts,
    change_line,
    go_back,
    log_segment,
    reduce_contacts,
    remove_lines,
    update_segment,
)
from segments.actions.edits import clean_up_edits
from segments.criteria import Recipe
from segments.models import (
    CriteriaStep,
    EditedLetter,
    EditedLine,
    RemovedLine,
    Segment,
    SegmentAttachment,
    SegmentEdit,
    SegmentLine,
)
from segments.signals import segment_logging
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    CriteriaStepFactory,
    InteractionTemplateLanguageFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)
from tests.segments.choosing import give_file

RACES = int(os.environ.get("RACES", 10))
KILLS = int(os.environ.get("KILLS", 3))
LINES = int(os.environ.get("LINES_TO_KILL", 2_000))

committing = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def by():
    return UserFactory(username="presser", role="Marketing manager")


def ready_segment(**header):
    """Named as `presser` expects it."""
    segment = SegmentFactory(ready=True, **header)
    Segment.objects.filter(pk=segment.pk).update(no=f"SM{segment.pk:05}")
    segment.refresh_from_db()
    return segment


def with_lines(segment, contacts):
    step = CriteriaStepFactory(segment=segment)
    SegmentLine.objects.bulk_create(
        SegmentLine(segment=segment, contact=contact, added_by=step) for contact in contacts
    )


def many_contacts(count):
    return Contact.objects.bulk_create(
        Contact(no=f"CT8{number:06}", name=f"Contact {number}", type="COMPANY") for number in range(count)
    )


def database_url():
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values)


@contextmanager
def pressers(count):
    """Processes that press *Log* when they are told."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "crm.settings", "DATABASE_URL": database_url()}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.segments.presser"],
            env=environment,
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _number in range(count)
    ]
    try:
        for process in running:
            assert process.stdout.readline() == "ready\n"
        yield running
    finally:
        for process in running:
            process.stdin.close()
            process.wait(60)
            process.stdout.close()


def press(processes, segment):
    """All of them press at the same moment."""
    when = time.time() + 0.02
    for process in processes:
        process.stdin.write(f"{segment.pk} {when}\n")
        process.stdin.flush()


def answer(process):
    words = iter(lambda: process.stdout.readline().strip(), "")
    return next(word for word in words if word != "writing")


@committing
def test_two_processes_that_log_the_same_segment_log_it_once(by):
    contacts = [ContactFactory() for _number in range(5)]
    with pressers(2) as both:
        for _race in range(RACES):
            segment = ready_segment()
            with_lines(segment, contacts)
            press(both, segment)
            assert sorted(answer(process) for process in both) == ["SegmentAlreadyLogged", "logged"]
            logged = LoggedSegment.objects.get(segment_no=segment.no)
            assert sorted(logged.entries.values_list("contact", flat=True)) == [row.pk for row in contacts]
    assert LoggedSegment.objects.count() == RACES
    assert not Segment.with_deleted.exists()


@committing
def test_a_process_killed_while_it_logs_leaves_nothing_or_all_and_pressing_again_works(by):
    moments = random.Random(4)
    contacts = many_contacts(LINES)
    rehearsal = ready_segment()
    with_lines(rehearsal, contacts)
    with pressers(KILLS + 1) as (first, *others):
        began = time.monotonic()
        press([first], rehearsal)
        assert answer(first) == "logged"
        duration = time.monotonic() - began
        for process in others:
            segment = ready_segment()
            with_lines(segment, contacts)
            press([process], segment)
            assert process.stdout.readline() == "writing\n"
            time.sleep(duration * moments.random())
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            entries = InteractionLogEntry.objects.filter(segment_no=segment.no)
            assert entries.count() in (0, LINES)
            try:
                logged = log_segment(segment, by=by)
            except SegmentAlreadyLogged as already:
                logged = already.logged
            assert (logged.segment_no, entries.count()) == (segment.no, LINES)
            assert entries.filter(logged_segment=logged).count() == LINES
            assert not SegmentLine.objects.exists()


# --- a colleague --------------------------------------------------------------------------------------------------------


class Colleague:
    """Does something to the segment in a thread with its own connection, and remembers what became of it."""

    def __init__(self, work):
        self.outcome = None
        self.thread = Thread(target=self.run, args=[work])

    def run(self, work):
        try:
            work()
            self.outcome = "saved"
        except Refusal as problem:
            self.outcome = type(problem).__name__
        finally:
            connection.close()


def log_while(work, segment, by):
    """What became of *work*, which begins in the middle of the log."""
    colleague = Colleague(work)

    def meanwhile(**_sent):
        colleague.thread.start()
        time.sleep(0.2)
        assert colleague.outcome is None  # waits for the lock

    segment_logging.connect(meanwhile)
    try:
        log_segment(segment, by=by)
    finally:
        segment_logging.disconnect(meanwhile)
    colleague.thread.join()
    return colleague.outcome


@committing
class TestColleague:
    """Whatever is saved while the segment is logged is logged, or refused."""

    @pytest.mark.parametrize("verb", ["add", "change", "header", "reduce", "letter"])
    def test_is_refused_by_every_verb_when_the_log_was_first(self, by, verb):
        segment = ready_segment()
        with_lines(segment, [ContactFactory(), ContactFactory()])
        newcomer = ContactFactory()
        line = segment.lines.select_related("segment").first()
        work = {
            "add": lambda: add_contact(segment, newcomer, by=by),
            "change": lambda: change_line(line, by=by, description="Too late"),
            "header": lambda: update_segment(segment, by=by, cost=9),
            "reduce": lambda: reduce_contacts(segment, Recipe(), by=by),
            "letter": lambda: give_file(line, by=by),
        }
        assert log_while(work[verb], segment, by) == "SegmentAlreadyLogged"
        assert InteractionLogEntry.objects.count() == 2
        assert not SegmentLine.objects.exists()

    @pytest.mark.parametrize("version", [None, 0])
    def test_is_logged_when_he_or_she_was_first_or_the_dialog_is_told(self, by, version):
        segment = ready_segment()
        with_lines(segment, [ContactFactory()])
        line, newcomer = segment.lines.select_related("segment").get(), ContactFactory()
        saving, outcome = Event(), []

        def press():
            saving.wait()
            try:
                log_segment(segment, by=by, version=version)
                outcome.append("logged")
            except Refusal as refusal:
                outcome.append(type(refusal).__name__)
            finally:
                connection.close()

        thread = Thread(target=press)
        thread.start()
        with transaction.atomic():
            change_line(line, by=by, description="Just in time")
            add_contact(segment, newcomer, by=by)
            saving.set()
            time.sleep(0.2)
            assert outcome == []
        thread.join()
        described = set(InteractionLogEntry.objects.values_list("contact", "description"))
        if version is None:
            assert outcome == ["logged"]
            assert described == {(line.contact_id, "Just in time"), (newcomer.pk, "Q4 prices")}
        else:
            assert outcome == ["SegmentChanged"]
            assert described == set()
            assert segment.lines.count() == 2


# --- files --------------------------------------------------------------------------------------------------------------


def is_there(attachment):
    return (
        Attachment.objects.filter(pk=attachment.pk).exists(),
        attachment.file.storage.exists(attachment.file.name),
    )


@pytest.mark.django_db
class TestFiles:
    def test_of_lines_pass_to_the_entries_and_unused_ones_go_with_every_row_of_the_worksheet(
        self, by, django_capture_on_commit_callbacks
    ):
        names = ("own", "header", "unused", "of a template", "removed", "before an edit")
        files = {name: AttachmentFactory() for name in names}
        InteractionTemplateLanguageFactory(attachment=files["of a template"])
        segment = SegmentFactory(ready=True, language="en")
        for tag, name in (("en", "header"), ("fr", "unused"), ("ru", "of a template")):
            SegmentAttachmentFactory(segment=segment, language=tag, attachment=files[name])
        SegmentLineFactory(segment=segment, own_attachment=files["own"])
        edited = SegmentLineFactory(segment=segment, own_attachment=files["before an edit"])
        change_line(edited, by=by, letter=Letter.OF_SEGMENT)
        removed = SegmentLineFactory(segment=segment, own_attachment=files["removed"])
        remove_lines(segment, SegmentLine.objects.filter(pk=removed.pk), by=by)
        line = add_contact(segment, ContactFactory(), by=by)
        files["taken back"] = give_file(line, by=by)
        go_back(segment, by=by)
        with django_capture_on_commit_callbacks(execute=True):
            add_contacts(segment, Recipe(), by=by)
        go_back(segment, by=by)
        assert RemovedLine.objects.count() > 1

        with django_capture_on_commit_callbacks() as after_commit:
            logged = log_segment(segment, by=by)
        assert all(
            is_there(file)[1] for name, file in files.items() if name != "taken back"
        )  # until it is certain
        for callback in after_commit:
            callback()
        entries = logged.entries.order_by("pk")
        assert [entry.attachment for entry in entries] == [files["own"], files["header"]]
        for name in ("own", "header", "of a template"):
            assert is_there(files[name]) == (True, True)
        later = time_machine.travel(timezone.now() + dt.timedelta(minutes=16))
        with later, django_capture_on_commit_callbacks(execute=True):
            clean_up_edits()
        for name in ("unused", "removed", "taken back", "before an edit"):
            assert is_there(files[name]) == (False, False)
        for model in (
            Segment,
            SegmentLine,
            SegmentAttachment,
            CriteriaStep,
            RemovedLine,
            SegmentEdit,
            EditedLine,
            EditedLetter,
        ):
            assert not model._base_manager.exists()

"""Letters on paper: one file for the printer, made by a job, and then they are printed."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from crm.models import Contact, Job
from interactions import merging
from interactions.actions import queue_deliveries
from interactions.actions.attachments import check_upload, store
from interactions.actions.documents import freeze_letters, our_company
from interactions.actions.printing import write_print_file
from interactions.models import Delivery, InteractionLogEntry
from tests.factories import LoggedSegmentFactory, UserFactory
from tests.interactions.outbox import letters, states
from tests.merging import field, letter, text_of
from tests.word_files import plain_docx

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


def waiting(count, content, *, by, **values):
    content = content if isinstance(content, bytes) else content.packed()
    file = store(check_upload(ContentFile(content, name="Offer.docx")), by=by)
    entries = letters(count, by=by, attachment=file, channel="HARD_COPY", **values)
    freeze_letters(entries, company=our_company())
    queue_deliveries(entries, by=by)
    return Delivery.objects.filter(entry__in=entries)


def written(rows):
    file = io.BytesIO()
    made = write_print_file(rows, file, name="Letters")
    return made, file.getvalue()


class TestPrintFile:
    def test_holds_each_letter_as_it_was_logged(self, by):
        rows = waiting(3, letter(field("Contact_Name")), by=by)
        names = [row.entry.contact.name for row in rows.order_by("entry_id")]
        Contact.objects.update(name="Somebody Else")
        made, content = written(rows)
        assert (made.name, made.letters) == ("Letters.docx", 3)
        said = text_of(content)
        assert [name for name in names if name in said] == names
        assert "Somebody Else" not in said

    def test_is_an_archive_when_one_file_does_not_do(self, by, monkeypatch):
        monkeypatch.setattr(merging, "MOST_LETTERS", 2)
        rows = waiting(3, letter(field("Contact_Name")), by=by)
        waiting(1, plain_docx(), by=by)
        made, content = written(Delivery.objects.all())
        assert (made.name, made.letters) == ("Letters.zip", 4)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.namelist() == ["Letters 1.docx", "Letters 2.docx", "Letters 3.docx"]
            assert rows.first().entry.contact.name in text_of(archive.read("Letters 1.docx"))

    def test_leaves_out_whom_one_may_not_write_to_any_more(self, by):
        rows = waiting(2, letter(field("Contact_Name")), by=by)
        Contact.objects.filter(pk=rows.first().entry.contact_id).update(privacy_blocked=True)
        assert written(rows)[0].letters == 1


class TestJob:
    def press(self, client, **data):
        return client.post(reverse("interactions:print_letters"), data)

    def test_makes_the_file_and_marks_the_letters(self, by, client, django_capture_on_commit_callbacks):
        rows = waiting(2, letter(field("Contact_Name")), by=by)
        client.force_login(by)
        page = client.get(reverse("interactions:delivery_problems")).content.decode()
        assert "2 letters wait to be printed." in page
        with django_capture_on_commit_callbacks(execute=True):
            self.press(client)
        job = Job.objects.get()
        assert job.result["text"] == "2 letters to print."
        with job.file.open() as made:
            assert rows.first().entry.contact.name in text_of(made.read())
        assert states(rows) == [("SENT", "")] * 2

    def test_of_one_logged_segment_leaves_the_others(self, by, client, django_capture_on_commit_callbacks):
        register = LoggedSegmentFactory(segment_no="SM00021")
        mine = waiting(1, plain_docx(), by=by, logged_segment=register, segment_line_no=1)
        other = waiting(1, plain_docx(), by=by)
        client.force_login(by)
        page = client.get(reverse("segments:logged", args=[register.pk])).content.decode()
        assert "Print letters" in page
        with django_capture_on_commit_callbacks(execute=True):
            self.press(client, logged_segment=register.pk)
        assert Job.objects.get().file.name.endswith("Segment SM00021.docx")
        assert (states(mine), states(other)) == ([("SENT", "")], [("QUEUED", "")])
        assert (
            "Print letters" not in client.get(reverse("segments:logged", args=[register.pk])).content.decode()
        )

    def test_without_letters_says_so(self, by, client, django_capture_on_commit_callbacks):
        client.force_login(by)
        with django_capture_on_commit_callbacks(execute=True):
            self.press(client)
        assert Job.objects.get().error == "No letters wait to be printed."
        assert not InteractionLogEntry.objects.exists()

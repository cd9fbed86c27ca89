"""Files are stored once by content and name, heal when they are damaged, and go with their last reference."""

import datetime as dt
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from interactions.actions.attachments import check_upload, drop_unused, store, sweep_orphans
from interactions.gate import Accepted, Refused
from interactions.models import Attachment
from tests.factories import (
    AttachmentFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateLanguageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def text(content=b"Hello", name="note.txt"):
    return Accepted(content=content, name=name, extension="txt", mime="text/plain")


def content_of(attachment):
    with attachment.file.storage.open(attachment.file.name) as stored:
        return stored.read()


def empty(path):
    os.truncate(path, 0)


class TestStoring:
    @pytest.mark.case("AS-009", "AS-010", "AS-011", "MI-064")
    def test_keeps_content_and_ending(self):
        accepted = check_upload(SimpleUploadedFile("Заметка.txt", "Привет".encode()))
        stored = store(accepted, by=UserFactory())
        assert (stored.name, stored.extension, stored.size) == ("Заметка.txt", "txt", 12)
        assert content_of(stored).decode() == "Привет"

    def test_the_same_file_again_is_the_same_row(self):
        user = UserFactory()
        assert store(text(), by=user) == store(text(), by=user)
        assert Attachment.objects.count() == 1

    def test_the_same_content_under_another_name_is_another_row(self):
        user = UserFactory()
        first, second = store(text(), by=user), store(text(name="memo.txt"), by=user)
        assert first.sha256 == second.sha256
        assert (first.name, second.name) == ("note.txt", "memo.txt")
        drop_unused([first.pk])
        assert content_of(second) == b"Hello"

    @pytest.mark.parametrize("damage", [os.remove, empty])
    def test_heals_a_lost_or_broken_file(self, damage):
        user = UserFactory()
        stored = store(text(), by=user)
        damage(stored.file.path)
        assert content_of(store(text(), by=user)) == b"Hello"

    def test_refuses_what_the_gate_refuses(self):
        with pytest.raises(Refused):
            check_upload(SimpleUploadedFile("letter.docx", b"MZ\x90 not a letter"))


class TestDropping:
    @pytest.mark.parametrize(
        "refer",
        [
            lambda file: InteractionLogEntryFactory(attachment=file),
            lambda file: InteractionDraftFactory(attachment=file),
            lambda file: InteractionTemplateLanguageFactory(attachment=file),
        ],
        ids=["entry", "draft", "template"],
    )
    def test_leaves_what_something_points_at(self, refer):
        stored = store(text(), by=UserFactory())
        refer(stored)
        assert drop_unused([stored.pk]) == 0
        assert stored.file.storage.exists(stored.file.name)

    def test_takes_the_file_along(self):
        stored = store(text(), by=UserFactory())
        assert drop_unused([stored.pk]) == 1
        assert not default_storage.exists(stored.file.name)


class TestOrphans:
    @pytest.fixture(autouse=True)
    def empty_folder(self, settings, tmp_path):
        """A rollback leaves the files of other tests, and their clocks may have moved."""
        settings.MEDIA_ROOT = tmp_path

    def test_are_swept_after_a_day(self):
        kept = AttachmentFactory()
        orphan = default_storage.save("attachments/zz/orphan", ContentFile(b"left by a rollback"))
        fresh = default_storage.save("attachments/zz/fresh", ContentFile(b"being stored right now"))
        yesterday = (timezone.now() - dt.timedelta(hours=25)).timestamp()
        os.utime(default_storage.path(orphan), (yesterday, yesterday))
        os.utime(default_storage.path(kept.file.name), (yesterday, yesterday))
        assert sweep_orphans() == 1
        assert not default_storage.exists(orphan)
        assert default_storage.exists(fresh)
        assert default_storage.exists(kept.file.name)

    def test_of_rows_that_nothing_points_at_are_swept_too(self):
        old, young = AttachmentFactory(), AttachmentFactory()
        Attachment.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(hours=25))
        assert sweep_orphans() == 1
        assert list(Attachment.objects.all()) == [young]
        assert not default_storage.exists(old.file.name)

    def test_that_somebody_stores_again_are_young_again(self):
        user = UserFactory()
        stored = store(text(), by=user)
        path = stored.file.name
        Attachment.objects.filter(pk=stored.pk)._raw_delete("default")  # as after a rollback: the file stays
        yesterday = (timezone.now() - dt.timedelta(hours=25)).timestamp()
        os.utime(default_storage.path(path), (yesterday, yesterday))

        again = store(text(), by=user)
        Attachment.objects.filter(pk=again.pk)._raw_delete(
            "default"
        )  # not committed yet: the sweep knows no row

        assert again.file.name == path
        sweep_orphans()
        assert content_of(again) == b"Hello"

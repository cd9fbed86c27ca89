"""Word files as they are stored: what merges them is decided once."""

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from interactions.actions.attachments import check_upload, store
from interactions.actions.letters import examine, template_of
from interactions.merging import Filling
from interactions.models import Attachment, MergeEngine
from tests.factories import AttachmentFactory, UserFactory
from tests.merging import complex_field, field, letter, mark, nested, text_of
from tests.word_files import LETTER, plain_docx, template, workbook

pytestmark = pytest.mark.django_db

LINK = nested(' HYPERLINK "mailto:', field("Contact_Email"), '" ')


def accepted(content, name="letter.docx"):
    return check_upload(ContentFile(content if isinstance(content, bytes) else content.packed(), name=name))


def stored(content, name="letter.docx"):
    return store(accepted(content, name), by=UserFactory())


class TestStoredFile:
    @pytest.mark.parametrize(
        ("content", "name", "engine"),
        [
            (LETTER.read_bytes(), "letter.docx", MergeEngine.COMPILED),
            (template().write(field("City")), "letter.dotx", MergeEngine.COMPILED),
            (letter(LINK), "letter.docx", MergeEngine.MAILMERGE),
            (plain_docx(), "letter.docx", ""),
            (letter(mark("begin"), mark("end"), field("City"), mark("begin")), "letter.docx", ""),
            (workbook(), "sheet.xlsx", ""),
            (b"Hello", "note.txt", ""),
        ],
    )
    def test_knows_what_merges_it(self, content, name, engine):
        attachment = stored(content, name)
        assert attachment.merge_engine == engine
        assert attachment.is_merged is bool(engine)

    def test_keeps_what_merges_it(self):
        attachment = stored(LETTER.read_bytes())
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.filter(pk=attachment.pk).update(merge_engine="MAILMERGE")

    def test_knows_no_other_engine(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            AttachmentFactory(merge_engine="MAGIC")

    def test_is_read_once_for_many_letters(self):
        attachment = stored(letter(field("City"), LINK))
        first, again = template_of(attachment), template_of(Attachment.objects.get(pk=attachment.pk))
        assert first is again
        assert first.engine == MergeEngine.MAILMERGE
        assert text_of(first.merge(Filling({"City": "Irún"})).content) == "¶Irún?"

    def test_without_merge_fields_is_no_template(self):
        assert template_of(stored(plain_docx())) is None


class TestExamine:
    def test_lists_fields_and_those_that_nobody_knows(self):
        found = examine(accepted(letter(field("Contact_Name"), field("Contact_Titel"))))
        assert [use.name for use in found.uses] == ["Contact_Name", "Contact_Titel"]
        assert [each.sentence for each in found.unknown] == [
            "Contact_Titel, page 1. Did you mean Contact_Title?"
        ]
        assert found.problem == ""

    def test_says_why_a_file_cannot_be_merged(self):
        found = examine(accepted(letter(complex_field(" NEXT "), field("Name"))))
        assert found.engine == ""
        assert found.problem.startswith("The field NEXT, page 1, goes on to the next contact")

    def test_of_a_file_without_fields_finds_nothing(self):
        assert examine(accepted(plain_docx())) == examine(accepted(b"Hello", "note.txt"))

"""The files of the header, in the sheet of the interaction for every line."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from segments.actions import set_letter, update_segment
from segments.models import SegmentLine
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)
from tests.word_files import plain_docx

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="Marketing manager", first_name="Sofía")


@pytest.fixture
def web(client, user):
    client.force_login(user)
    return client


def shown(web, segment):
    """What the sheet sends when nothing is changed in it."""
    data = {}
    for field in web.get(f"/segments/{segment.no}/edit/").context["form"]:
        value = field.value()
        data[field.html_name] = data[field.html_initial_name] = "" if value is None else str(value)
    seen = {f"letter-seen-{row.language}": row.fingerprint() for row in segment.languages.all()}
    return data | seen


def send(web, segment, page=None, **values):
    """Presses a button of the files: remove=language, or the one that saves."""
    data = shown(web, segment) if page is None else page
    data = data | {name if name == "remove" else f"letter-{name}": value for name, value in values.items()}
    return web.post(f"/segments/{segment.no}/letter/", data)


def docx(name="Precios.docx"):
    return SimpleUploadedFile(name, plain_docx())


class TestFile:
    def test_is_saved_for_one_language_and_removed(self, web):
        segment = SegmentFactory(ready=True)
        send(web, segment, language="es", subject="Precios", upload=docx())
        row = segment.languages.get()
        assert (row.language, row.subject, row.attachment.name) == ("es", "Precios", "Precios.docx")
        send(web, segment, remove="es")
        assert not segment.languages.exists()

    def test_that_is_dangerous_is_refused_in_one_sentence(self, web):
        segment = SegmentFactory(ready=True)
        upload = SimpleUploadedFile("a.docx", b"MZ\x90")
        answer = send(web, segment, language="es", subject="Precios", upload=upload)
        assert answer.status_code == 422
        html = answer.content.decode()
        assert 'role="alert"' in html
        assert 'value="Precios"' in html
        assert not segment.languages.exists()

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({}, "Choose a file first, or say that nothing goes in this language."),
            ({"subject": "Prix"}, "There is no file in this language yet."),
        ],
    )
    def test_that_is_missing_takes_no_line_its_letter(self, web, values, sentence):
        segment = SegmentFactory(ready=True, language="es")
        spanish = SegmentAttachmentFactory(segment=segment, language="es", attachment=AttachmentFactory())
        SegmentLineFactory(segment=segment, contact=ContactFactory(language="fr"))
        answer = send(web, segment, language="fr", **values)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert '<option value="fr" selected>' in answer.content.decode()
        assert SegmentLine.objects.effective().get().attachment == spanish.attachment_id

    def test_may_be_none_in_one_language_when_that_is_said(self, web):
        segment = SegmentFactory(ready=True, language="es")
        SegmentAttachmentFactory(segment=segment, language="es", attachment=AttachmentFactory())
        SegmentLineFactory(segment=segment, contact=ContactFactory(language="fr"))
        assert send(web, segment, language="fr", nothing="on", upload=docx()).status_code == 422
        assert send(web, segment, language="fr", nothing="on").status_code == 200
        assert SegmentLine.objects.effective().get().attachment is None

    def test_keeps_its_subject_and_the_subject_its_file(self, web):
        segment = SegmentFactory(ready=True)
        send(web, segment, language="es", subject="Precios", upload=docx())
        send(web, segment, language="es", upload=docx("Otros.docx"))
        assert segment.languages.get().subject == "Precios"
        send(web, segment, language="es", subject="Otros")
        row = segment.languages.get()
        assert (row.subject, row.attachment.name) == ("Otros", "Otros.docx")

    def test_of_somebody_else_is_not_replaced_by_who_did_not_see_it(self, web, user):
        segment = SegmentFactory(ready=True)
        page = shown(web, segment) | {"description": "Mine"}
        set_letter(segment, "es", by=UserFactory(), nothing=True, subject="Theirs")
        for values in ({"language": "es", "upload": docx()}, {"remove": "es"}):
            answer = send(web, segment, page, **values)
            assert answer.status_code == 422
            html = answer.content.decode()
            assert "The file in this language was changed meanwhile." in html
            assert 'value="Mine"' in html
        row = segment.languages.get()
        assert (row.subject, row.attachment) == ("Theirs", None)

    def test_leaves_what_is_typed_in_the_sheet(self, web):
        segment = SegmentFactory(ready=True)
        page = shown(web, segment) | {"description": "Typed, not saved", "minutes": "7"}
        answer = send(web, segment, page, language="es", upload=docx())
        assert answer.status_code == 200
        assert 'value="Typed, not saved"' in answer.content.decode()
        again = answer.context["form"].data.dict()
        assert web.post(f"/segments/{segment.no}/edit/", again).status_code == 302
        segment.refresh_from_db()
        assert (segment.description, segment.minutes) == ("Typed, not saved", 7)

    def test_is_saved_whatever_else_was_changed_meanwhile(self, web, user):
        segment = SegmentFactory(ready=True)
        page = shown(web, segment)
        update_segment(segment, by=UserFactory(), cost=3)
        set_letter(segment, "fr", by=UserFactory(), nothing=True)
        assert send(web, segment, page, language="es", upload=docx()).status_code == 200
        assert segment.languages.count() == 2

"""Letters in the browser: what is filled is marked, nothing in them can do harm, and whatever the file is, there is an answer."""

import io

import pytest
from django.core.files.base import ContentFile
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH

from interactions import showing
from interactions.actions.attachments import check_upload, store
from interactions.actions.previews import frozen_of, preview
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    UserFactory,
)
from tests.merging import complex_field, field, letter, nested, text, with_headers
from tests.word_files import plain_docx, png, workbook

pytestmark = pytest.mark.django_db

LINK = nested(' HYPERLINK "mailto:', field("Contact_Email"), '" ')


def stored(content, name="letter.docx"):
    content = content if isinstance(content, bytes) else content.packed()
    return store(check_upload(ContentFile(content, name=name)), by=UserFactory())


def document(build):
    made, file = Document(), io.BytesIO()
    build(made)
    made.save(file)
    return file.getvalue()


@pytest.fixture
def helene():
    return ContactFactory(name="Hélène Marchand", city="Lyon", language="fr", email="h@example.com")


def seen(content, contact, name="letter.docx"):
    return preview(stored(content, name), frozen_of(contact))


class TestLetter:
    def test_shows_values_marked(self, helene):
        found = seen(letter(text("Dear "), field("Contact_Name"), text(" in "), field("City")), helene)
        assert "Dear <mark>Hélène Marchand</mark> in <mark>Lyon</mark>" in found.shown.body
        assert (found.filled, found.language, found.problem) == (2, "fr", "")

    def test_shows_a_value_of_several_lines_as_one(self, helene):
        helene.city = "Lyon\n3e"
        helene.save()
        assert "<mark>Lyon<br>3e</mark>" in seen(letter(field("City")), helene).shown.body

    def test_shows_what_is_empty_as_nothing(self, helene):
        found = seen(letter(text("To "), field("Contact_County"), text(".")), helene)
        assert "<p>To .</p>" in found.shown.body
        assert found.filled == 0

    def test_names_a_field_that_nobody_knows(self, helene):
        found = seen(letter(field("Contact_Titel")), helene)
        assert '<mark class="unknown">«Contact_Titel»</mark>' in found.shown.body
        assert [each.suggestion for each in found.unknown] == ["Contact_Title"]

    def test_says_what_stays_empty_and_why(self, helene):
        assert seen(letter(field("Formal_Salutation")), helene).warnings == (
            "Hélène Marchand has no salutation. The greeting stays empty.",
        )

    def test_of_the_thorough_engine_is_marked_too(self, helene):
        found = seen(letter(field("City"), LINK), helene)
        assert "<mark>Lyon</mark>" in found.shown.body

    def test_without_a_contact_shows_the_names(self):
        found = preview(stored(letter(field("City"))))
        assert "<mark>«City»</mark>" in found.shown.body

    def test_has_its_header_and_footer(self, helene):
        package = with_headers(
            letter(text("Body")),
            default_header=text("Head ") + field("City"),
            default_footer=text("Foot"),
        )
        shown = seen(package, helene).shown
        assert shown.header == "<p>Head <mark>Lyon</mark></p>"
        assert shown.body == "<p>Body</p>"
        assert shown.footer == "<p>Foot</p>"

    def test_has_the_header_of_its_first_page(self, helene):
        package = with_headers(
            letter(field("City")),
            default_header=text("Later"),
            first_header=text("First"),
        )
        assert seen(package, helene).shown.header == "<p>First</p>"

    def test_keeps_the_looks_that_a_page_can_show(self, helene):
        def build(made):
            made.add_heading("Offer", 1)
            made.add_paragraph("Lyon").alignment = WD_ALIGN_PARAGRAPH.RIGHT
            made.add_paragraph().add_run("bold").bold = True
            made.add_paragraph("one", style="List Bullet")
            made.add_table(rows=1, cols=1).rows[0].cells[0].text = "cell"

        body = seen(document(build), helene).shown.body
        for part in ('<p class="h1">Offer</p>', '<p class="right">Lyon</p>', "<strong>bold</strong>"):
            assert part in body
        for part in ("<ul><li>one</li></ul>", "<td><p>cell</p></td>"):
            assert part in body

    def test_shows_its_pictures_as_data(self, helene):
        body = seen(document(lambda made: made.add_picture(io.BytesIO(png()))), helene).shown.body
        assert 'src="data:image/png;base64,' in body
        assert '<img alt=""' in body

    def test_leaves_out_pictures_that_are_too_large(self, helene, monkeypatch):
        monkeypatch.setattr(showing, "MOST_PICTURE_BYTES", 10)
        body = seen(document(lambda made: made.add_picture(io.BytesIO(png()))), helene).shown.body
        assert "<img" not in body

    def test_ends_where_it_gets_long(self, helene, monkeypatch):
        monkeypatch.setattr(showing, "MOST_ELEMENTS", 30)

        def build(made):
            for number in range(40):
                made.add_paragraph(f"Line {number}.")

        shown = seen(document(build), helene).shown
        assert shown.is_cut
        assert "Line 0." in shown.body
        assert "Line 39." not in shown.body


class TestSafety:
    EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'</mark>"

    def test_values_are_text(self, helene):
        helene.name = self.EVIL
        helene.save()
        body = seen(letter(field("Contact_Name")), helene).shown.body
        assert "<script" not in body
        assert "<img" not in body
        assert "&lt;script&gt;" in body

    def test_text_of_the_file_is_text(self, helene):
        body = seen(document(lambda made: made.add_paragraph(self.EVIL)), helene).shown.body
        assert "<script" not in body
        assert "onerror" not in body.replace("onerror=alert(1)&gt;", "")

    def test_names_of_fields_are_text(self, helene):
        body = seen(letter(complex_field(' MERGEFIELD "a&lt;b onclick=x" ')), helene).shown.body
        assert "<b" not in body

    def test_marks_that_somebody_typed_break_nothing(self, helene):
        evil = "".join([showing.MARKS[0], "x", showing.MARKS[0], showing.MARKS[1]])
        body = seen(document(lambda made: made.add_paragraph(evil)), helene).shown.body
        assert body.count("<mark>") == body.count("</mark>")

    @pytest.mark.parametrize(
        "html",
        [
            '<p onclick="alert(1)" style="color:red" id="x">a</p>',
            '<script>alert(1)</script><p class="h1 evil">a</p>',
            '<a href="javascript:alert(1)">a</a>',
            '<img src="https://example.com/x.png"><iframe src="/"></iframe>',
            '<svg><script>alert(1)</script></svg><form action="/logout/"><button>a</button></form>',
        ],
    )
    def test_only_harmless_html_is_left(self, html):
        cleaned = showing.clean(html)
        for part in (
            "script",
            "onclick",
            "style",
            "id=",
            "evil",
            "href",
            "https",
            "iframe",
            "form",
            "button",
        ):
            assert part not in cleaned


class TestOtherFiles:
    def test_of_text_show_their_words(self):
        shown = preview(stored(b"Dear <b>reader</b>\r\nhello\r\n\r\nBye", "note.txt")).shown
        assert shown.body == "<p>Dear &lt;b&gt;reader&lt;/b&gt;<br>hello</p><p>Bye</p>"

    def test_have_no_preview(self):
        found = preview(stored(workbook(), "prices.xlsx"))
        assert (found.shown, str(found.problem)) == (
            None,
            "No preview for this file type. You can still open it.",
        )

    def test_without_merge_fields_show_their_words(self, helene):
        found = preview(stored(plain_docx()), frozen_of(helene))
        assert found.shown.body
        assert found.filled == 0

    def test_that_cannot_be_merged_are_shown_as_they_are(self, helene):
        found = seen(letter(text("Dear"), complex_field(" NEXT "), field("Name")), helene)
        assert "Dear" in found.shown.body

    def test_that_are_missing_say_so(self):
        attachment = AttachmentFactory(name="letter.docx", extension="docx")
        attachment.file.storage.delete(attachment.file.name)
        assert "missing" in str(preview(attachment).problem)

    def test_that_are_broken_say_so(self):
        attachment = AttachmentFactory(name="letter.docx", extension="docx", content=b"PK no archive")
        assert preview(attachment).problem

    def test_that_the_converter_does_not_understand_say_so(self, helene):
        odd = letter(text("Dear")).edit(
            "word/document.xml", "<w:body>", '<w:body><w:p><w:r><w:sym w:char="zz"/></w:r></w:p>'
        )
        found = seen(odd, helene)
        assert found.problem or found.shown

"""Bodies of e-mails: a little HTML with merge fields, safe whatever is in it, frozen with the entry."""

import datetime as dt

import lxml.html
import pytest
from django.urls import reverse

from crm.models import Contact
from interactions import bodies
from interactions.actions import log_interaction
from interactions.actions.bodies import body_of, html_of, store_body
from interactions.actions.documents import letter_of
from interactions.actions.drafts import start_draft
from interactions.actions.messages import message_of
from interactions.actions.templates import change_language, delete_template
from interactions.merge_fields import Frozen
from interactions.models import Attachment, EntryDocument, InteractionLogEntry
from segments.actions import log_segment
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    DeliveryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    SegmentFactory,
    SegmentLineFactory,
    SuccessionFactory,
    UserFactory,
)
from tests.interactions.test_template_pages import manager, price_list, put, row_of  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db

HELENE = Frozen({"contact.name": "Hélène", "contact.city": "Lyon", "contact.language": "fr"})


class TestBody:
    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("Dear {{City}},\r\n\r\nBye\r\nNow", "<p>Dear {{City}},</p>\n<p>Bye<br>\nNow</p>"),
            ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
            ("<p>Hello</p>", "<p>Hello</p>"),
            ('<p onclick="x" style="y">a<script>x</script></p>', "<p>a</p>"),
            (
                '<a href="javascript:x">a</a><a href="https://a.example">b</a>',
                '<a>a</a><a href="https://a.example">b</a>',
            ),
            ('<img src="https://a.example/x.png"><iframe src="/"></iframe>', ""),
            (" \n ", ""),
        ],
    )
    def test_is_cleaned_when_it_is_typed(self, typed, stored):
        assert bodies.from_typed(typed) == stored

    def test_is_filled(self):
        html = "<p>{{Contact_Name}} in {{ Contacto_Población }}{{Nobody}}</p>"
        assert bodies.fill(html, HELENE) == "<p>Hélène in Lyon</p>"

    def test_shows_what_is_filled_and_what_nobody_knows(self):
        shown = bodies.fill("<p>{{City}} {{Nobody}}{{County}}</p>", HELENE, marked=True)
        assert shown == '<p><mark>Lyon</mark> <mark class="unknown">«Nobody»</mark></p>'

    @pytest.mark.parametrize(
        "value",
        ["<script>alert(1)</script>", '" onclick="x', "javascript:alert(1)", "</p><img src=x>", "{{City}}"],
    )
    def test_takes_values_as_text(self, value):
        html = '<p>{{City}} <a href="{{City}}">{{City}}</a></p>'
        filled = bodies.fill(html, Frozen(HELENE | {"contact.city": value}))
        tags = [
            (element.tag, name)
            for element in lxml.html.fromstring(filled).iter()
            for name in ("", *element.keys())
        ]
        assert set(tags) <= {("p", ""), ("a", ""), ("a", "href")}
        assert 'href="javascript' not in filled

    def test_keeps_lines_of_values(self):
        frozen = Frozen(HELENE | {"contact.city": "Lyon\n3e"})
        assert bodies.fill("<p>{{City}}</p>", frozen) == "<p>Lyon<br>3e</p>"

    def test_names_the_line_of_a_field(self):
        found = bodies.uses("<p>{{City}}</p>\n<p>{{ Contact_Titel }}</p>")
        assert [(use.name, str(use.place)) for use in found] == [
            ("City", "line 1"),
            ("Contact_Titel", "line 2"),
        ]

    def test_says_the_same_in_plain_text(self):
        html = (
            "<h1>Prices</h1><p>Dear <b>reader</b>,<br>see <a href='https://a.example'>our page</a> or "
            "<a href='mailto:a@b.example'>a@b.example</a>.</p><ul><li>one</li><li>two</li></ul>"
            "<table><tr><td>a</td><td>b</td></tr></table><p>Bye</p>"
        )
        assert bodies.text_of(html) == (
            "Prices\n\nDear reader,\nsee our page (https://a.example) or a@b.example.\n\n- one\n- two\n\na b\n\nBye"
        )


class TestBodyOfALanguage:
    @pytest.mark.case("MI-018")
    def test_is_stored_as_a_file(self, manager, price_list):  # noqa: F811
        put(manager, price_list, do="words", subject="S", body="Dear {{Contact_Name}}")
        body = row_of(price_list).body
        assert (body.extension, html_of(body.pk)) == ("html", "<p>Dear {{Contact_Name}}</p>")
        page = manager.get(price_list.get_absolute_url()).content.decode()
        assert "&lt;p&gt;Dear {{Contact_Name}}&lt;/p&gt;</textarea>" in page

    @pytest.mark.case("MI-019", "MI-020")
    def test_is_replaced_and_removed_without_a_trace(self, manager, price_list):  # noqa: F811
        before = Attachment.objects.count()
        for body in ("One", "Two", ""):
            put(manager, price_list, do="words", subject="S", body=body)
            assert Attachment.objects.count() == before + bool(body)
        assert row_of(price_list).body is None

    @pytest.mark.case("MI-029", "MI-030")
    def test_is_what_was_written_however_long(self, by):
        html = "<p>" + "Prices and more. " * 170 + "</p>"
        assert html_of(store_body(html, by=by).pk) == html

    def test_tells_of_fields_that_nobody_knows(self, manager, price_list):  # noqa: F811
        page = put(manager, price_list, do="words", body="Dear {{Contact_Titel}}").content.decode()
        assert "<b>Unknown field</b> Contact_Titel, line 1. Did you mean Contact_Title?" in page

    @pytest.mark.case("AS-021", "AS-022")
    def test_is_shown_with_the_letter(self, manager, price_list):  # noqa: F811
        zoe = ContactFactory(name="Zoe")
        put(manager, price_list, do="words", body="Dear {{Contact_Name}}")
        work = manager.get(price_list.get_absolute_url(), {"contact": zoe.no}).context["work"]
        part = manager.get(work.preview_url, headers={"HX-Request": "true"}).content.decode()
        assert "<p>Dear <mark>Zoe</mark></p>" in part

    def test_goes_with_its_template(self, by):
        row = InteractionTemplateLanguageFactory(body=store_body("Hello", by=by))
        delete_template(row.template, by=by)
        assert not Attachment.objects.exists()


@pytest.fixture
def by():
    return UserFactory(role="Administrator")


@pytest.fixture
def row(by):
    template = InteractionTemplateFactory(code="OFFER", channel="EMAIL", ignore_contact=True, language="fr")
    return InteractionTemplateLanguageFactory(
        template=template,
        language="fr",
        subject="Nos tarifs",
        attachment=AttachmentFactory(),
        body=store_body("Bonjour {{Contact_Name}}, {{Our_Company_Name}} {{Salesperson_Name}}", by=by),
    )


@pytest.fixture
def helene():
    return ContactFactory(
        name="Hélène", language="fr", email="h@example.com", salesperson=SalespersonFactory(name="Marta Ruiz")
    )


def found():
    return InteractionLogEntry.objects.select_related("document", "logged_segment", "contact").get()


class TestBodyOfAnEntry:
    def logged(self, row, helene, by):
        draft = start_draft(by=by, contact=helene, template=row.template)
        return log_interaction(draft, by=by)

    def test_is_frozen(self, row, helene, by):
        self.logged(row, helene, by)
        Contact.objects.update(name="Somebody else")
        change_language(row.template, "fr", by=by, body=store_body("Other words", by=by))
        html, text = body_of(found())
        assert html == "<p>Bonjour Hélène,  Marta Ruiz</p>"
        assert text == "Bonjour Hélène, Marta Ruiz"

    def test_of_a_segment_is_frozen_by_the_same_statement(self, row, helene, by):
        segment = SegmentFactory(template=row.template, description="Tarifs")
        SegmentLineFactory(segment=segment, contact=helene)
        log_segment(segment, by=by)
        assert body_of(found())[1] == "Bonjour Hélène, Marta Ruiz"
        document = EntryDocument.objects.get()
        assert (document.attachment, document.body) == (None, row.body)

    def test_is_none_on_paper_and_in_another_language(self, row, helene, by):
        row.template.channel = "HARD_COPY"
        row.template.save()
        self.logged(row, helene, by)
        assert body_of(found()) is None
        assert not EntryDocument.objects.exists()

    def test_is_gone_with_what_is_known_of_its_contact(self, row, helene, by):
        self.logged(row, helene, by)
        SuccessionFactory(contact_id=helene.pk, erases=True, by=by)
        EntryDocument.objects.all().erase()
        assert body_of(found()) is None

    def test_is_what_the_message_says(self, row, helene, by):
        self.logged(row, helene, by)
        entry = found()
        delivery = DeliveryFactory(entry=entry, address="h@example.com", created_at=dt.datetime.now(dt.UTC))
        message = message_of(delivery, letter_of(entry))
        assert message.body.startswith("Bonjour Hélène, Marta Ruiz\n\n-- \n")
        (html, mime), *_others = message.alternatives
        assert mime == "text/html"
        assert html.startswith("<p>Bonjour Hélène,  Marta Ruiz</p>\n<hr>\n<p>")
        assert '<a href="http' in html
        kinds = [part.get_content_type() for part in message.message().walk()]
        assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain"]

    @pytest.mark.case("MI-069", "AS-020", "AS-023")
    def test_is_read_from_the_entry(self, client, row, helene, by):
        self.logged(row, helene, by)
        client.force_login(by)
        entry, url = found(), reverse("interactions:entry_message", args=[found().pk])
        assert url in client.get(entry.get_absolute_url()).content.decode()
        assert "<p>Bonjour Hélène,  Marta Ruiz</p>" in client.get(url).content.decode()
        SuccessionFactory(contact_id=helene.pk, erases=True, by=by)
        EntryDocument.objects.all().erase()
        assert client.get(url).status_code == 404
        assert url not in client.get(entry.get_absolute_url()).content.decode()

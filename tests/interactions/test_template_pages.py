"""The pages of templates: the list, the settings, the files by language, what is known about their merge fields."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from crm import clock
from interactions.models import InteractionTemplate, InteractionTemplateLanguage, WizardAction
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    DocumentKindFactory,
    InteractionDraftFactory,
    InteractionGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SegmentFactory,
    UserFactory,
)
from tests.interactions.test_previews import stored
from tests.merging import field, letter, text, text_of
from tests.word_files import plain_docx

pytestmark = pytest.mark.django_db

LIST = "interactions:templates"


@pytest.fixture
def manager(client):
    client.user = UserFactory(role="Marketing manager")
    client.force_login(client.user)
    return client


@pytest.fixture
def price_list():
    template = InteractionTemplateFactory(code="MAILSHOT", description="Q4 price list", language="en")
    InteractionTemplateLanguageFactory(
        template=template, language="en", subject="Prices", attachment=stored(letter(field("Contact_Name")))
    )
    return template


def row_of(template, language="en"):
    return template.languages.get(language=language)


def put(client, template, do="upload", language="en", follow=True, **values):
    url = reverse("interactions:template_language", args=[template.code])
    return client.post(url, {"do": do, "language": language, **values}, follow=follow)


def upload(content, name="letter.docx"):
    return ContentFile(content if isinstance(content, bytes) else content.packed(), name=name)


def said(response):
    return [str(message) for message in response.context["messages"]] if response.context else []


def undo_of(response):
    page = response.content.decode()
    return page.partition('action="/undo/')[2].partition('"')[0]


class TestList:
    def test_shows_what_a_template_is(self, manager, price_list):
        contact = ContactFactory()
        InteractionTemplateLanguageFactory(template=price_list, language="fr")
        InteractionTemplateLanguageFactory(language="ru", attachment=AttachmentFactory())
        DocumentKindFactory(template=price_list)
        today = clock.today()
        for days in (1, 20, 100):
            InteractionLogEntryFactory(
                template=price_list, contact=contact, date=today - dt.timedelta(days=days)
            )
        response = manager.get(reverse(LIST))
        row = next(row for row in response.context["rows"] if row[0] == price_list)
        assert [(short, has_file) for short, _name, has_file in row[1]] == [
            ("en", True),
            ("fr", False),
            ("ru", False),
        ]
        assert row[2].count == 2
        assert row[0].last_date == today - dt.timedelta(days=1)
        assert "Used for automatic recording" in response.content.decode()

    def test_asks_the_same_of_the_database_for_one_and_for_many(self, manager, django_assert_num_queries):
        InteractionTemplateLanguageFactory()
        manager.get(reverse(LIST))
        with django_assert_num_queries(11):
            manager.get(reverse(LIST))
        for _each in range(5):
            InteractionTemplateLanguageFactory(attachment=AttachmentFactory())
        with django_assert_num_queries(11):
            manager.get(reverse(LIST))

    def test_is_read_page_by_page(self, manager):
        InteractionTemplateFactory.create_batch(60, group=InteractionGroupFactory())
        first = manager.get(reverse(LIST)).context["page"]
        second = manager.get(reverse(LIST) + first.next_url).context["page"]
        codes = [template.code for template in (*first.rows, *second.rows)]
        assert len(codes) == 60
        assert codes == sorted(codes)

    def test_finds_by_code_and_description_and_keeps_the_inactive_apart(self, manager, price_list):
        old = InteractionTemplateFactory(code="OLD", description="Old price list", active=False)

        def found(**query):
            return [row[0] for row in manager.get(reverse(LIST), query).context["rows"]]

        assert found() == [price_list]
        assert found(view="inactive") == [old]
        assert found(q="PRICE", view="all") == [price_list, old]
        assert found(q="mails") == [price_list]
        assert found(q="nothing like it") == []

    def test_keeps_costs_to_those_who_may_see_them(self, client, price_list):
        client.force_login(UserFactory(role="Reader"))
        assert (
            '<th scope="col" role="columnheader" class="r">Cost</th>'
            not in client.get(reverse(LIST)).content.decode()
        )

    def test_is_in_the_menu_of_everybody_who_may_see_templates(self, browser):
        assert f'href="{reverse(LIST)}"' in browser.get("/").content.decode()


class TestNew:
    def test_is_made_with_the_least_and_opens(self, manager):
        group = InteractionGroupFactory()
        form = {"code": " visit ", "description": "Visit", "group": group.pk, "kind": "MEETING"}
        response = manager.post(reverse("interactions:template_new"), form)
        made = InteractionTemplate.objects.get()
        assert (made.code, made.description, made.group, made.kind) == ("VISIT", "Visit", group, "MEETING")
        assert response.url == made.get_absolute_url() == "/templates/VISIT/"

    def test_with_a_code_that_exists_keeps_what_was_typed(self, manager, price_list):
        form = {"code": "mailshot", "description": "Mine", "group": price_list.group_id, "kind": "LETTER"}
        response = manager.post(reverse("interactions:template_new"), form)
        page = response.content.decode()
        assert response.status_code == 422
        assert "This code exists already: MAILSHOT." in page
        assert 'value="Mine"' in page

    def test_from_another_takes_settings_languages_and_files(self, manager, price_list):
        price_list.quick_key = 3
        price_list.save()
        url = reverse("interactions:template_duplicate", args=[price_list.code])
        assert manager.get(url).status_code == 200
        assert manager.post(url, {"code": "mailshot"}).status_code == 422
        response = manager.post(url, {"code": "q1"})
        twin = InteractionTemplate.objects.get(code="Q1")
        assert response.url == twin.get_absolute_url()
        assert (twin.description, twin.quick_key) == ("Q4 price list", None)
        assert row_of(twin).attachment == row_of(price_list).attachment
        assert row_of(twin).subject == "Prices"


class TestSettings:
    def posted(self, manager, template, **changes):
        """What a browser sends back after *changes*."""
        import lxml.html

        page = manager.get(template.get_absolute_url())
        form = lxml.html.fromstring(page.content.decode()).get_element_by_id("settings")
        data = {field.name: "" for field in form.iterfind(".//input[@type='hidden']")} | dict(
            form.form_values()
        )
        return data | {name: str(value) for name, value in changes.items()}

    def save(self, manager, template, **changes):
        return manager.post(template.get_absolute_url(), self.posted(manager, template, **changes))

    def test_are_saved(self, manager, price_list):
        campaign = CampaignFactory()
        response = self.save(
            manager,
            price_list,
            description="Prices",
            cost="3,50",
            minutes="1:30",
            campaign=campaign.pk,
            channel="EMAIL",
            quick_key="4",
            ignore_contact="on",
        )
        assert response.status_code == 302
        price_list.refresh_from_db()
        assert (price_list.description, str(price_list.cost), price_list.minutes) == ("Prices", "3.50", 90)
        assert (price_list.campaign, price_list.quick_key, price_list.ignore_contact) == (campaign, 4, True)

    def test_with_another_code_move_the_page(self, manager, price_list):
        assert self.save(manager, price_list, code="q4").url == "/templates/Q4/"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"code": "taken"}, "This code exists already: TAKEN."),
            ({"quick_key": "5"}, "The quick-log key 5 belongs to TAKEN."),
            ({"description": ""}, "This field is required."),
            ({"cost": "much"}, "id_cost_error"),
        ],
    )
    def test_that_are_wrong_say_so_and_stay(self, manager, price_list, changes, sentence):
        InteractionTemplateFactory(code="TAKEN", quick_key=5)
        response = self.save(manager, price_list, minutes="77", **changes)
        page = response.content.decode()
        assert response.status_code == 422
        assert sentence in page
        assert 'value="77"' in page

    @pytest.mark.parametrize(
        ("action", "content", "sentence"),
        [
            (WizardAction.MERGE, plain_docx(), "Merge needs a file with merge fields"),
            (WizardAction.IMPORT, letter(field("City")), "With Import the user brings the file"),
            (WizardAction.OPEN, plain_docx(), ""),
            (WizardAction.OPEN, letter(field("City")), ""),
            (WizardAction.MERGE, letter(field("City")), ""),
            (WizardAction.IMPORT, plain_docx(), ""),
        ],
    )
    def test_fit_the_file(self, manager, action, content, sentence):
        template = InteractionTemplateFactory(language="en")
        InteractionTemplateLanguageFactory(template=template, language="en", attachment=stored(content))
        response = self.save(manager, template, wizard_action=action)
        assert response.status_code == (422 if sentence else 302)
        assert sentence in response.content.decode()

    def test_make_a_row_for_the_default_language(self, manager, price_list):
        self.save(manager, price_list, language="es")
        assert row_of(price_list, "es").description == "Q4 price list"

    def test_of_two_people_at_once_lose_nothing(self, manager, price_list):
        mine = self.posted(manager, price_list, description="Mine")
        InteractionTemplate.objects.update(minutes=33)
        response = manager.post(price_list.get_absolute_url(), mine)
        page = response.content.decode()
        assert response.status_code == 422
        assert "Somebody else changed this template meanwhile." in page
        assert 'value="Mine"' in page
        assert 'value="33"' in page
        price_list.refresh_from_db()
        assert price_list.description == "Q4 price list"

    def test_are_read_only_for_who_may_not_change_them(self, browser, price_list):
        page = browser.get(price_list.get_absolute_url()).content.decode()
        assert 'data-key="ctrl+s"' not in page
        assert browser.post(price_list.get_absolute_url(), {"code": "X"}).status_code == 403
        assert put(browser, price_list, do="remove").status_code == 403


class TestUse:
    def test_is_counted_on_the_page(self, manager, price_list):
        for _each in range(2):
            InteractionLogEntryFactory(template=price_list, date=dt.date(2026, 11, 19))
        SegmentFactory(template=price_list)
        page = manager.get(price_list.get_absolute_url()).content.decode()
        assert "Interactions: 2 · Segments: 1 · last used " in page

    @pytest.mark.parametrize("factory", [InteractionLogEntryFactory, InteractionDraftFactory, SegmentFactory])
    def test_forbids_deleting_and_offers_to_block(self, manager, price_list, factory):
        factory(template=price_list)
        url = reverse("interactions:template_delete", args=[price_list.code])
        assert "Make inactive" in manager.get(url).content.decode()
        assert manager.post(url, {"do": "delete"}).status_code == 422
        assert manager.post(url, {"do": "block"}).status_code == 302
        price_list.refresh_from_db()
        assert not price_list.active

    def test_of_none_lets_it_go_with_its_files(self, manager, price_list):
        url = reverse("interactions:template_delete", args=[price_list.code])
        assert "letter.docx" in manager.get(url).content.decode()
        assert manager.post(url, {"do": "delete"}).url == reverse(LIST)
        assert not InteractionTemplate.objects.exists()


class TestFile:
    def test_is_added_in_a_language(self, manager, price_list):
        response = put(manager, price_list, language="fr", upload=upload(letter(field("City"))))
        row = row_of(price_list, "fr")
        assert row.attachment.is_merged
        assert row.description == "Q4 price list"
        assert "File added." in response.content.decode()

    def test_is_replaced_and_comes_back(self, manager, price_list):
        before = row_of(price_list).attachment
        response = put(manager, price_list, upload=upload(letter(field("City")), "new.docx"), seen=before.pk)
        assert row_of(price_list).attachment.name == "new.docx"
        manager.post(f"/undo/{undo_of(response)}")
        assert row_of(price_list).attachment == before
        assert before.file.storage.exists(before.file.name)

    @pytest.mark.case("MI-004", "AS-019")
    def test_is_removed_and_comes_back(self, manager, price_list):
        before = row_of(price_list).attachment
        response = put(manager, price_list, do="remove", seen=before.pk)
        assert row_of(price_list).attachment is None
        manager.post(f"/undo/{undo_of(response)}")
        assert row_of(price_list).attachment == before

    def test_does_not_come_back_over_a_newer_one(self, manager, price_list):
        response = put(manager, price_list, do="remove")
        put(manager, price_list, upload=upload(b"Hello", "new.txt"))
        manager.post(f"/undo/{undo_of(response)}")
        assert row_of(price_list).attachment.name == "new.txt"

    def test_is_copied_from_another_language(self, manager, price_list):
        put(manager, price_list, do="copy", language="ru", source="en")
        assert row_of(price_list, "ru").attachment == row_of(price_list).attachment
        assert row_of(price_list, "ru").subject == "Prices"

    def test_that_somebody_else_replaced_meanwhile_is_left_alone(self, manager, price_list):
        other = stored(b"Other", "other.txt")
        seen = row_of(price_list).attachment_id
        InteractionTemplateLanguage.objects.update(attachment=other)
        response = put(manager, price_list, upload=upload(b"Mine", "mine.txt"), seen=seen)
        assert "Somebody else changed this file meanwhile." in response.content.decode()
        assert row_of(price_list).attachment == other

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"upload": upload(b"MZ", "evil.exe")}, "Only .docx, .dotx"),
            ({"upload": upload(b"\xd0\xcf", "old.doc")}, "This is an old .doc file."),
            ({}, "Choose a file first."),
        ],
    )
    def test_that_is_refused_says_why(self, manager, price_list, values, sentence):
        response = put(manager, price_list, **values)
        assert response.status_code == 422
        assert sentence in response.content.decode()

    def test_comes_with_words(self, manager, price_list):
        put(manager, price_list, do="words", subject="Our prices", description="Prices")
        row = row_of(price_list)
        assert (row.subject, row.description) == ("Our prices", "Prices")
        assert put(manager, price_list, do="words", subject="x" * 300).status_code == 422

    def test_goes_with_its_language_but_not_with_the_default_one(self, manager, price_list):
        InteractionTemplateLanguageFactory(template=price_list, language="fr")
        put(manager, price_list, do="drop", language="fr")
        response = put(manager, price_list, do="drop", language="en")
        assert "This is the default language of the template." in response.content.decode()
        assert [row.language for row in price_list.languages.all()] == ["en"]

    def test_tells_of_fields_that_nobody_knows(self, manager, price_list):
        response = put(manager, price_list, upload=upload(letter(field("Contact_Titel"))))
        page = response.content.decode()
        assert "<b>Unknown field</b> Contact_Titel, page 1. Did you mean Contact_Title?" in page

    def test_tells_why_it_cannot_be_merged(self, manager, price_list):
        from tests.merging import complex_field

        response = put(manager, price_list, upload=upload(letter(complex_field(" NEXT "), field("Name"))))
        assert "goes on to the next contact" in response.content.decode()

    @pytest.mark.parametrize("values", [{"do": "explode"}, {"language": "no language"}])
    def test_of_nonsense_is_not_found(self, manager, price_list, values):
        assert put(manager, price_list, **values).status_code == 404

    def test_needs_the_permission_of_its_verb(self, client, price_list):
        from django.contrib.auth.models import Permission

        user = UserFactory()
        names = [
            "view_interactiontemplate",
            "change_interactiontemplate",
            "change_interactiontemplatelanguage",
        ]
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        assert put(client, price_list, do="remove").status_code == 200
        assert put(client, price_list, language="fr", upload=upload(b"Hello", "a.txt")).status_code == 403
        InteractionTemplateLanguageFactory(template=price_list, language="ru")
        assert put(client, price_list, do="drop", language="ru").status_code == 403


class TestPage:
    def test_shows_the_letter_for_whoever_got_the_last_one(self, manager, price_list):
        ContactFactory(name="Aaron")
        zoe = ContactFactory(name="Zoe")
        InteractionLogEntryFactory(template=price_list, contact=zoe)
        response = manager.get(price_list.get_absolute_url())
        work = response.context["work"]
        assert work.contact == zoe
        part = manager.get(work.preview_url, headers={"HX-Request": "true"}).content.decode()
        assert "<mark>Zoe</mark>" in part
        assert "<html" not in part

    def test_shows_the_letter_for_whom_one_chooses(self, manager, price_list):
        ContactFactory(name="Aaron")
        zoe = ContactFactory(name="Zoe", city="Lyon")
        page = manager.get(price_list.get_absolute_url(), {"contact": zoe.no})
        values = {name: value for _group, rows in page.context["work"].groups for _l, name, value in rows}
        assert (values["Contact_Name"], values["Contact_City"]) == ("Zoe", "Lyon")
        assert values["Subject"] == "Prices"

    def test_shows_the_names_of_fields_in_the_language_of_the_file(self, manager, price_list):
        page = manager.get(price_list.get_absolute_url(), {"language": "es"}).content.decode()
        assert 'data-copy="Saludo_formal"' in page
        assert "?language=es" in page

    def test_gives_htmx_the_columns_alone(self, manager, price_list):
        headers = {"HX-Request": "true", "HX-Target": "template-work"}
        part = manager.get(
            price_list.get_absolute_url(), {"language": "en"}, headers=headers
        ).content.decode()
        assert "<html" not in part
        assert 'id="settings"' not in part
        assert "letter.docx" in part

    def test_asks_the_same_of_the_database_for_every_number_of_languages(
        self, manager, price_list, django_assert_num_queries
    ):
        ContactFactory()
        manager.get(price_list.get_absolute_url())
        with django_assert_num_queries(24):
            manager.get(price_list.get_absolute_url())
        for tag in ("es", "fr", "ru"):
            InteractionTemplateLanguageFactory(
                template=price_list, language=tag, attachment=AttachmentFactory()
            )
        with django_assert_num_queries(24):
            manager.get(price_list.get_absolute_url())

    def test_of_an_empty_database_shows_the_fields_without_values(self, manager):
        template = InteractionTemplateFactory()
        page = manager.get(template.get_absolute_url())
        assert page.context["work"].contact is None
        assert 'data-copy="Contact_Name"' in page.content.decode()

    @pytest.mark.case("MI-076")
    def test_offers_a_starter_file(self, manager):
        response = manager.get(reverse("interactions:starter_file"), {"language": "es"})
        assert "Saludo_formal" in text_of(response.content)
        assert response.headers["Content-Disposition"] == 'attachment; filename="Merge fields.docx"'

    def test_downloads_the_filled_letter(self, manager, price_list):
        contact = ContactFactory(name="Zoe")
        url = reverse("interactions:template_letter", args=[price_list.code])
        response = manager.get(url, {"language": "en", "contact": contact.no})
        assert text_of(response.content).startswith("¶Zoe")
        assert response.headers["Content-Disposition"] == 'attachment; filename="Prices.docx"'

    def test_of_a_file_without_fields_downloads_the_file(self, manager):
        content = letter(text("Dear")).packed()  # once: a zip knows its hour
        row = InteractionTemplateLanguageFactory(attachment=stored(content))
        url = reverse("interactions:template_letter", args=[row.template.code])
        ContactFactory()
        response = manager.get(url, {"language": "en"})
        assert b"".join(response.streaming_content) == content

"""Letters that are not logged yet, in the sheet and from the template's page: seen, downloaded filled, and edited."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from interactions.actions.drafts import start_draft
from tests.factories import (
    ContactFactory,
    InteractionDraftFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    UserFactory,
)
from tests.interactions.test_previews import stored
from tests.merging import field, letter, text, text_of

pytestmark = pytest.mark.django_db


class TestOfADraft:
    @pytest.fixture
    def draft(self, marta):
        row = InteractionTemplateLanguageFactory(
            template=InteractionTemplateFactory(code="OFFER", language="fr"),
            language="fr",
            attachment=stored(letter(field("Contact_Name"), text(", "), field("Salesperson_Name"))),
        )
        contact = ContactFactory(name="Hélène", language="fr", salesperson=marta.salesperson)
        return start_draft(by=marta, contact=contact, template=row.template)

    def part(self, browser, url):
        headers = {"HX-Request": "true", "HX-Target": "draft-letter"}
        return browser.get(url, headers=headers)

    def test_stands_in_the_sheet(self, browser, draft):
        sheet = browser.get(draft.get_absolute_url()).content.decode()
        url = reverse("interactions:draft_preview", args=[draft.uuid])
        assert f'hx-get="{url}"' in sheet
        part = self.part(browser, url).content.decode()
        assert "<mark>Hélène</mark>, <mark>Marta Ruiz</mark>" in part
        assert "Filled for Hélène: 2 fields." in part
        assert 'lang="fr"' in part
        assert "<html" not in part

    def test_stands_in_a_sheet_that_is_no_draft_yet(self, browser, draft):
        address = f"{reverse('interactions:new')}?contact={draft.contact.no}&template=OFFER"
        sheet = browser.get(address).content.decode()
        url = f"{reverse('interactions:template_preview', args=['OFFER'])}?language=fr&amp;contact={draft.contact.no}"
        assert f'hx-get="{url}"' in sheet
        assert "<mark>Hélène</mark>" in self.part(browser, url.replace("&amp;", "&")).content.decode()

    def test_is_a_page_without_a_script(self, browser, draft):
        page = browser.get(reverse("interactions:draft_preview", args=[draft.uuid])).content.decode()
        assert "<h1>letter.docx</h1>" in page
        assert "<mark>Hélène</mark>" in page

    def test_is_downloaded_filled(self, browser, draft):
        response = browser.get(reverse("interactions:draft_letter", args=[draft.uuid]))
        assert text_of(response.content).startswith("¶Hélène, Marta Ruiz")
        assert response.headers["Content-Disposition"] == f'attachment; filename="{draft.description}.docx"'

    def test_comes_back_edited_as_the_drafts_own_file(self, browser, draft):
        content = browser.get(reverse("interactions:draft_letter", args=[draft.uuid])).content
        upload = ContentFile(content, name="edited.docx")
        browser.post(draft.get_absolute_url(), {"do": "save", "upload": upload})
        draft.refresh_from_db()
        assert (draft.attachment.name, draft.attachment.is_merged) == ("edited.docx", False)
        assert draft.template.languages.get().attachment.name == "letter.docx"

    def test_is_nobody_elses_business(self, client, draft):
        client.force_login(UserFactory(role="Salesperson"))
        for name in ("draft_preview", "draft_letter"):
            assert client.get(reverse(f"interactions:{name}", args=[draft.uuid])).status_code == 404

    def test_without_a_file_is_none(self, browser, marta):
        draft = InteractionDraftFactory(created_by=marta)
        assert browser.get(reverse("interactions:draft_preview", args=[draft.uuid])).status_code == 404

    def test_asks_little_of_the_database(self, browser, draft, django_assert_num_queries):
        url = reverse("interactions:draft_preview", args=[draft.uuid])
        self.part(browser, url)
        with django_assert_num_queries(6):
            self.part(browser, url)


def test_letters_of_other_peoples_contacts_are_not_shown(browser):
    row = InteractionTemplateLanguageFactory(attachment=stored(letter(field("Contact_Name"))))
    other = ContactFactory(salesperson=SalespersonFactory())
    for name in ("template_preview", "template_letter"):
        url = reverse(f"interactions:{name}", args=[row.template.code])
        assert browser.get(url, {"language": "en", "contact": other.no}).status_code == 404
        assert browser.get(url, {"language": "ru"}).status_code == 404
        assert browser.get(url, {"language": "x" * 99}).status_code == 404

"""Setup in the admin: templates with their files; the ledger can only be looked at."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from interactions.models import (
    Attachment,
    InteractionLogEntry,
    InteractionTemplate,
    InteractionTemplateLanguage,
)
from tests.factories import (
    CampaignFactory,
    DocumentKindFactory,
    InteractionDraftFactory,
    InteractionGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Administrator", is_staff=True))
    return client


def change(template):
    return reverse("admin:interactions_interactiontemplate_change", args=[template.pk])


def template_data(template, *rows):
    """The change form of *template* as it is posted, with language *rows* (dicts)."""
    data = {
        "code": template.code,
        "group": template.group_id,
        "kind": template.kind,
        "description": template.description,
        "cost": template.cost,
        "minutes": template.minutes,
        "active": "on",
        "languages-TOTAL_FORMS": len(rows),
        "languages-INITIAL_FORMS": sum("id" in row for row in rows),
    }
    for number, row in enumerate(rows):
        data[f"languages-{number}-template"] = template.pk
        data |= {f"languages-{number}-{name}": value for name, value in row.items()}
    return data


class TestTemplates:
    def test_are_listed_with_their_last_use(self, browser):
        entry = InteractionLogEntryFactory()
        InteractionTemplateFactory()
        page = browser.get(reverse("admin:interactions_interactiontemplate_changelist")).content.decode()
        assert entry.template.code in page
        assert "20 Nov 2026" in page or "Nov 20, 2026" in page

    def test_get_languages_with_files(self, browser):
        template = InteractionTemplateFactory()
        upload = SimpleUploadedFile("Заметка.txt", b"Hello")
        answer = browser.post(change(template), template_data(template, {"language": "ru", "upload": upload}))
        assert answer.status_code == 302
        row = InteractionTemplateLanguage.objects.get()
        assert (row.language, row.attachment.name) == ("ru", "Заметка.txt")
        assert "Заметка.txt" in browser.get(change(template)).content.decode()
        download = browser.get(reverse("interactions:template_file", args=[row.pk]))
        assert b"".join(download.streaming_content) == b"Hello"

    def test_begin_with_languages_and_files(self, browser):
        data = template_data(InteractionTemplateFactory(code="OLD"), {"language": "ru"})
        data |= {"code": "NEW", "languages-0-upload": SimpleUploadedFile("note.txt", b"Hello")}
        del data["languages-0-template"]
        answer = browser.post(reverse("admin:interactions_interactiontemplate_add"), data)
        assert answer.status_code == 302
        row = InteractionTemplateLanguage.objects.get()
        assert (row.template.code, row.attachment.name) == ("NEW", "note.txt")

    def test_refuse_a_bad_file_in_words_and_store_nothing(self, browser):
        template = InteractionTemplateFactory()
        upload = SimpleUploadedFile("letter.docx", b"MZ\x90\x00")
        answer = browser.post(change(template), template_data(template, {"language": "ru", "upload": upload}))
        assert answer.status_code == 200
        assert answer.context["errors"]
        assert not Attachment.objects.exists()

    def test_lose_a_file_or_a_whole_language(self, browser):
        template = InteractionTemplateFactory()
        for tag in ("en", "ru"):
            upload = SimpleUploadedFile("note.txt", tag.encode())
            browser.post(
                change(template),
                template_data(template, *rows_of(template), {"language": tag, "upload": upload}),
            )
        english, russian = InteractionTemplateLanguage.objects.order_by("language")
        browser.post(
            change(template),
            template_data(
                template,
                {"id": english.pk, "language": "en", "remove_file": "on"},
                {"id": russian.pk, "language": "ru", "DELETE": "on"},
            ),
        )
        assert InteractionTemplateLanguage.objects.get().attachment is None
        assert not Attachment.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_that_are_used_stay_and_one_sentence_says_why(self, browser, method):
        template = InteractionLogEntryFactory(template__code="VISIT", template__description="").template
        InteractionDraftFactory(template=template, deleted=True)
        url = reverse("admin:interactions_interactiontemplate_delete", args=[template.pk])
        answer = getattr(browser, method)(url, {"post": "yes"}, follow=True)
        assert answer.redirect_chain == [(change(template), 302)]
        assert [str(message) for message in answer.context["messages"]] == [
            "VISIT is used by interaction log entries and postponed interactions; make it inactive instead."
        ]
        assert InteractionTemplate.objects.filter(pk=template.pk).exists()

    def test_do_not_offer_themselves_as_their_own_page(self, browser):
        template = InteractionTemplateFactory()
        assert (
            reverse("admin:view_on_site", args=[0, 0])[:9]
            not in browser.get(change(template)).content.decode()
        )

    def test_that_are_not_used_can_go(self, browser):
        template = InteractionTemplateFactory()
        InteractionTemplateLanguageFactory(template=template)
        browser.post(
            reverse("admin:interactions_interactiontemplate_delete", args=[template.pk]), {"post": "yes"}
        )
        assert not InteractionTemplate.objects.exists()

    def test_deleted_together_keep_the_used_ones_and_say_why(self, browser):
        used, unused = InteractionLogEntryFactory().template, InteractionTemplateFactory()
        answer = browser.post(
            reverse("admin:interactions_interactiontemplate_changelist"),
            {"action": "delete_unused", "_selected_action": [used.pk, unused.pk], "post": "yes"},
            follow=True,
        )
        assert list(InteractionTemplate.objects.all()) == [used]
        said = [str(message) for message in answer.context["messages"]]
        assert said[0].endswith("is used by interaction log entries; make it inactive instead.")
        assert len(said) == 2

    def test_deleted_together_when_all_are_used_ask_nothing(self, browser):
        used = InteractionLogEntryFactory().template
        answer = browser.post(
            reverse("admin:interactions_interactiontemplate_changelist"),
            {"action": "delete_unused", "_selected_action": [used.pk]},
            follow=True,
        )
        assert len(answer.context["messages"]) == 1
        assert InteractionTemplate.objects.exists()


def rows_of(template):
    return [{"id": row.pk, "language": row.language} for row in template.languages.all()]


class TestSetupLists:
    @pytest.mark.parametrize("name", ["interactiongroup", "interactiontemplate", "campaign", "documentkind"])
    def test_answer(self, browser, name):
        InteractionGroupFactory()
        CampaignFactory()
        DocumentKindFactory()
        assert browser.get(reverse(f"admin:interactions_{name}_changelist")).status_code == 200
        assert browser.get(reverse(f"admin:interactions_{name}_add")).status_code == 200

    @pytest.mark.parametrize("field", ["group", "campaign", "document_kind"])
    def test_do_not_delete_what_the_ledger_uses(self, browser, field):
        InteractionLogEntryFactory(campaign=CampaignFactory(), document_kind=DocumentKindFactory())
        row = getattr(InteractionLogEntry.objects.get(), field)
        url = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_delete", args=[row.pk])
        (said,) = browser.post(url, {"post": "yes"}, follow=True).context["messages"]
        assert "is used by" in str(said)
        assert "interaction log entries" in str(said)
        assert type(row).objects.filter(pk=row.pk).exists()


class TestTheLedger:
    def test_is_shown(self, browser):
        entry = InteractionLogEntryFactory(description="Showroom visit")
        page = browser.get(reverse("admin:interactions_interactionlogentry_changelist"))
        assert "Showroom visit" in page.content.decode()
        detail = browser.get(reverse("admin:interactions_interactionlogentry_change", args=[entry.pk]))
        assert detail.status_code == 200
        assert 'name="_save"' not in detail.content.decode()

    def test_tells_when_by_whom_and_why_it_was_canceled(self, browser):
        entry = InteractionLogEntryFactory(
            canceled=True, canceled_by__username="nora.alder", canceled_reason="Wrong contact"
        )
        page = browser.get(reverse("admin:interactions_interactionlogentry_change", args=[entry.pk]))
        text = page.content.decode()
        for said in ("nora.alder", "Wrong contact", "20 Nov 2026" if "20 Nov" in text else "Nov. 20, 2026"):
            assert said in text

    @pytest.mark.parametrize(("role", "sees"), [("Administrator", True), ("Reader", False)])
    def test_tells_its_cost_only_to_those_who_see_costs(self, client, role, sees):
        user = UserFactory(role=role, is_staff=True)
        client.force_login(user)
        entry = InteractionLogEntryFactory(cost="120.00", salesperson=SalespersonFactory(user=user))
        page = client.get(reverse("admin:interactions_interactionlogentry_change", args=[entry.pk]))
        assert page.status_code == 200
        assert ("field-cost" in page.content.decode()) is sees

    def test_shows_nobody_more_than_the_list_does(self, client):
        user = UserFactory(role="Salesperson", is_staff=True)
        client.force_login(user)
        own = InteractionLogEntryFactory(salesperson=SalespersonFactory(user=user, team=None))
        other = InteractionLogEntryFactory(description="Of others")
        page = client.get(reverse("admin:interactions_interactionlogentry_changelist"))
        assert [row.pk for row in page.context["cl"].result_list] == [own.pk]
        assert (
            client.get(reverse("admin:interactions_interactionlogentry_change", args=[other.pk])).status_code
            == 302
        )

    def test_takes_no_changes(self, browser):
        entry = InteractionLogEntryFactory(description="Showroom visit")
        assert browser.get(reverse("admin:interactions_interactionlogentry_add")).status_code == 403
        for verb in ("change", "delete"):
            url = reverse(f"admin:interactions_interactionlogentry_{verb}", args=[entry.pk])
            assert browser.post(url, {"description": "Better", "post": "yes"}).status_code == 403
        assert InteractionLogEntry.objects.get().description == "Showroom visit"

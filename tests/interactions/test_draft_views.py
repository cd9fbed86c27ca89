"""The create sheet and the list of postponed interactions, as a browser without a script sees them."""

import json
import uuid

import lxml.html
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.models import MarketingSetup
from interactions.models import Attachment, InteractionDraft, InteractionLogEntry
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)
from tests.interactions.sheets import NEW, of, posted

pytestmark = pytest.mark.django_db


class TestOpening:
    def test_writes_nothing(self, browser):
        assert browser.get(of(ContactFactory())).status_code == 200
        assert not InteractionDraft.objects.exists()

    def test_shows_contact_salesperson_and_time(self, browser):
        contact = ContactFactory(name="Анна Соколова")
        with time_machine.travel("2026-11-20 14:29:10Z", tick=False):
            page = browser.get(of(contact))
        assert page.context["form"]["time"].value() == "14:29"
        assert "Анна Соколова" in page.content.decode()
        assert "Marta Ruiz" in page.content.decode()

    @pytest.mark.parametrize(
        "query",
        [
            "contact=NOBODY",
            "salesperson=X",
            "entry=7",
            "entry=x",
            "entry=²",
            "entry=" + "9" * 30,
            "campaign=X",
            "template=X",
        ],
    )
    def test_of_something_unknown_is_not_found(self, browser, query):
        assert browser.get(f"{reverse(NEW)}?{query}").status_code == 404

    def test_of_a_contact_out_of_sight_is_not_found(self, browser):
        hidden = ContactFactory(salesperson=SalespersonFactory())
        assert browser.get(of(hidden)).status_code == 404

    def test_of_a_blocked_contact_leads_to_its_card(self, browser):
        blocked = ContactFactory(privacy_blocked=True)
        answer = browser.get(of(blocked))
        assert (answer.status_code, answer.url) == (302, blocked.get_absolute_url())

    def test_needs_the_permission(self, client):
        client.force_login(UserFactory(role="Reader"))
        assert client.get(reverse(NEW)).status_code == 403

    @pytest.mark.parametrize("templates", [1, 3])
    def test_asks_the_same_queries_for_any_number_of_templates(
        self, browser, templates, django_assert_num_queries
    ):
        InteractionTemplateFactory.create_batch(templates)
        contact = ContactFactory()
        with django_assert_num_queries(11):
            browser.get(of(contact))

    @pytest.mark.case("MI-033")
    def test_offers_the_languages_of_the_template_only(self, browser, template):
        for tag in ("de", "fr"):
            InteractionTemplateLanguageFactory(template=template, language=tag)
        page = browser.get(f"{of(ContactFactory(language='de'))}&template=VISIT")
        assert [tag for tag, _name in page.context["form"]["language"].field.choices] == ["fr", "de"]
        assert page.context["form"]["language"].value() == "de"


class TestSaving:
    def test_the_first_change_makes_the_draft(self, browser, template):
        page = browser.get(of(ContactFactory()))
        answer = browser.post(of(ContactFactory()), posted(page, template=template.pk, do="save"))
        draft = InteractionDraft.objects.get()
        assert answer.url == draft.get_absolute_url()
        assert (draft.template, draft.description, draft.kept_at) == (template, "Showroom visit", None)

    def test_sent_twice_makes_one_draft(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        for text in ("First", "Second"):
            browser.post(of(contact), posted(page, description=text, do="save"))
        assert InteractionDraft.objects.get().description == "Second"

    def test_by_itself_answers_without_a_page(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact), posted(page, description="Visit", do="save"), headers={"HX-Request": "true"}
        )
        assert answer.status_code == 204
        assert "draftSaved" in answer.headers["HX-Trigger"]

    def test_by_itself_brings_new_fields_when_the_template_changed(self, browser, template):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact),
            posted(page, template=template.pk, do="save"),
            headers={"HX-Request": "true", "HX-Target": "draft-form"},
        )
        assert answer.headers["HX-Retarget"] == "#draft-fields"
        assert "Showroom visit" in answer.content.decode()
        assert "<html" not in answer.content.decode()

    def test_by_itself_keeps_what_cannot_be_read_yet(self, browser, template):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact),
            posted(page, template=template.pk, date="31 Feb 2026", do="save"),
            headers={"HX-Request": "true", "HX-Target": "draft-form"},
        )
        assert 'value="31 Feb 2026"' in answer.content.decode()
        assert InteractionDraft.objects.get().template == template

    def test_leaves_date_and_time_to_the_moment_of_logging(self, browser):
        contact = ContactFactory()
        with time_machine.travel("2026-11-13 10:00Z", tick=False):
            page = browser.get(of(contact))
        with time_machine.travel("2026-11-13 10:05Z", tick=False):
            browser.post(of(contact), posted(page, description="Visit", do="save"))
        draft = InteractionDraft.objects.get()
        assert (draft.date, draft.time, draft.own) == (None, None, ["description"])

    @pytest.mark.case("UI-005")
    def test_does_not_let_a_fixed_contact_be_exchanged(self, browser):
        contact, other = ContactFactory(), ContactFactory()
        page = browser.get(of(contact))
        browser.post(of(contact), posted(page, description="Visit", contact=other.no, do="save"))
        assert InteractionDraft.objects.get().contact == contact

    @pytest.mark.case("UI-004")
    def test_an_unknown_name_leaves_the_contact_blank_and_creates_nobody(self, browser):
        page = browser.get(reverse(NEW))
        answer = browser.post(reverse(NEW), posted(page, contact="xadam", do="keep"))
        assert answer.status_code == 422
        assert "No contact is called “xadam”" in answer.content.decode()
        assert InteractionDraft.objects.get().contact is None

    def test_finds_a_contact_by_its_name(self, browser):
        contact = ContactFactory(name="Hélène Marchand")
        page = browser.get(reverse(NEW))
        browser.post(reverse(NEW), posted(page, contact="helene", do="save"))
        assert InteractionDraft.objects.get().contact == contact

    def test_names_the_candidates_when_several_contacts_fit(self, browser):
        ContactFactory(no="A1", name="Marchand Anna")
        ContactFactory(no="A2", name="Marchand Boris")
        page = browser.get(reverse(NEW))
        answer = browser.post(reverse(NEW), posted(page, contact="marchand", do="keep"))
        assert "Marchand Anna (A1); Marchand Boris (A2)" in answer.content.decode()


class TestFiles:
    def test_a_file_is_stored_with_the_draft(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        browser.post(
            of(contact), posted(page, do="save") | {"upload": SimpleUploadedFile("note.txt", b"Hello")}
        )
        assert InteractionDraft.objects.get().attachment.name == "note.txt"

    def test_a_bad_file_is_refused_and_the_rest_is_kept(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        bad = SimpleUploadedFile("letter.docx", b"MZ\x90\x00 a program")
        answer = browser.post(of(contact), posted(page, description="Visit", do="keep") | {"upload": bad})
        assert answer.status_code == 422
        assert InteractionDraft.objects.get().description == "Visit"
        assert not Attachment.objects.exists()

    def test_a_bad_file_is_told_at_once_while_typing(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact),
            posted(page, do="save") | {"upload": SimpleUploadedFile("virus.exe", b"MZ")},
            headers={"HX-Request": "true", "HX-Target": "draft-form"},
        )
        assert 'id="upload-errors" role="status"><div class="err">' in answer.content.decode()

    def test_the_templates_file_can_be_left_out(self, browser, template):
        InteractionTemplateLanguageFactory(template=template, language="", attachment=AttachmentFactory())
        contact = ContactFactory()
        page = browser.get(f"{of(contact)}&template=VISIT")
        browser.post(f"{of(contact)}&template=VISIT", posted(page, remove_file="on", do="save"))
        assert InteractionDraft.objects.get().attachment is None
        assert Attachment.objects.exists()

    def test_is_downloaded_under_its_own_name(self, browser, marta):
        draft = InteractionDraftFactory(
            created_by=marta, attachment=AttachmentFactory(name="Заметка.txt", content=b"Hi")
        )
        answer = browser.get(reverse("interactions:draft_file", args=[draft.uuid]))
        assert b"".join(answer.streaming_content) == b"Hi"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    def test_of_somebody_else_is_not_found(self, browser):
        draft = InteractionDraftFactory(attachment=AttachmentFactory())
        assert browser.get(reverse("interactions:draft_file", args=[draft.uuid])).status_code == 404

    def test_that_is_not_there_is_not_found(self, browser, marta):
        draft = InteractionDraftFactory(created_by=marta)
        assert browser.get(reverse("interactions:draft_file", args=[draft.uuid])).status_code == 404


class TestMenu:
    def current(self, page):
        html = lxml.html.fromstring(page.content.decode())
        links = html.xpath("//nav[@id='menu']//a[@aria-current]")
        return [(link.get("title"), link.get("aria-current")) for link in links]

    def test_marks_no_page_for_a_new_interaction(self, browser):
        assert self.current(browser.get(reverse(NEW))) == []

    def test_marks_the_postponed_ones_for_a_draft(self, browser, marta):
        draft = InteractionDraftFactory(created_by=marta)
        assert self.current(browser.get(draft.get_absolute_url())) == [("Postponed", "true")]


class TestCost:
    def test_names_the_currency(self, browser):
        MarketingSetup(currency="CHF").save()
        assert "Cost, CHF" in browser.get(reverse(NEW)).content.decode()

    def test_without_a_currency_is_a_cost(self, browser):
        MarketingSetup(currency="").save()
        assert browser.get(reverse(NEW)).context["form"]["cost"].label == "Cost"


class TestButtons:
    def test_log_writes_the_entry_and_goes_back(self, browser, template):
        contact = ContactFactory()
        page = browser.get(f"{of(contact)}&template=VISIT")
        answer = browser.post(
            f"{of(contact)}&template=VISIT", posted(page, do="log", comment="Likes brass", evaluation=1)
        )
        entry = InteractionLogEntry.objects.get()
        assert (entry.contact, entry.description, entry.minutes) == (contact, "Showroom visit", 45)
        assert (entry.evaluation, entry.comments.get().text) == (1, "Likes brass")
        assert answer.url == f"{contact.get_absolute_url()}#entry-{entry.pk}"

    def test_log_says_what_is_missing_and_keeps_the_rest(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(of(contact), posted(page, do="log", comment="Half a thought"))
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"template": ["Choose a template."]}
        assert "Half a thought" in answer.content.decode()
        assert "data-unread" not in answer.content.decode()  # what is missing is no word that is lost
        assert "Draft saved" in answer.context["saved"]
        assert InteractionDraft.objects.get().comment == "Half a thought"

    @pytest.mark.parametrize(
        ("name", "typed", "sentence"),
        [("date", "31 Feb 2026", "not a date"), ("cost", "abc", ""), ("minutes", "999999", "at most")],
    )
    def test_log_names_a_field_that_cannot_be_read(self, browser, template, name, typed, sentence):
        contact = ContactFactory()
        page = browser.get(f"{of(contact)}&template=VISIT")
        answer = browser.post(f"{of(contact)}&template=VISIT", posted(page, **{name: typed, "do": "log"}))
        assert answer.status_code == 422
        assert sentence in answer.context["form"].errors[name][0]
        assert not InteractionLogEntry.objects.exists()

    @pytest.mark.case("MI-034")
    def test_closing_an_untouched_sheet_leaves_nothing(self, browser):
        browser.get(of(ContactFactory()))
        assert not InteractionDraft.objects.exists()
        assert not InteractionLogEntry.objects.exists()

    def test_save_for_later_keeps_the_draft(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(of(contact), posted(page, do="keep", description="Visit"))
        assert answer.url == contact.get_absolute_url()
        assert InteractionDraft.objects.kept().get().description == "Visit"

    def test_closing_a_touched_sheet_keeps_the_draft(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact), posted(page, do="close", description="Visit"), headers={"HX-Request": "true"}
        )
        assert answer.status_code == 204
        assert InteractionDraft.objects.kept().exists()

    def test_undoing_that_makes_it_unfinished_and_loses_nothing(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact), posted(page, do="close", description="Visit"), headers={"HX-Request": "true"}
        )
        [toast] = json.loads(answer.headers["HX-Trigger"])["toast"]["toasts"]
        browser.post(toast["undo"])
        draft = InteractionDraft.objects.get()
        assert (draft.kept_at, draft.description) == (None, "Visit")

    def test_closing_one_that_was_postponed_offers_no_undo_of_that(self, browser, marta):
        draft = InteractionDraftFactory(created_by=marta, kept=True)
        page = browser.get(draft.get_absolute_url())
        answer = browser.post(
            draft.get_absolute_url(),
            posted(page, do="close", description="Visit"),
            headers={"HX-Request": "true"},
        )
        [toast] = json.loads(answer.headers["HX-Trigger"])["toast"]["toasts"]
        assert toast["undo"] == ""
        assert InteractionDraft.objects.kept().get().description == "Visit"

    def test_discard_can_be_undone(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(of(contact), posted(page, do="discard", description="Visit"), follow=False)
        assert answer.status_code == 302
        assert not InteractionDraft.objects.exists()
        undo = (
            browser.get(answer.url)
            .content.decode()
            .split("data-undo")[0]
            .rsplit('action="', 1)[1]
            .split('"')[0]
        )
        browser.post(undo)
        assert InteractionDraft.objects.exists()

    def test_discard_saves_the_last_words_before(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        browser.post(of(contact), posted(page, do="discard", description="Visit", comment="Last words"))
        assert InteractionDraft.with_deleted.get(deleted_at__isnull=False).comment == "Last words"

    def test_discard_does_without_what_is_refused(self, browser):
        contact = ContactFactory()
        page = browser.get(reverse(NEW))
        ContactFactory(no="B1", name="Blocked", privacy_blocked=True)
        browser.post(reverse(NEW), posted(page, do="discard", contact="B1", comment="Last words"))
        assert InteractionDraft.with_deleted.get().comment == "Last words"
        page = browser.get(of(contact))
        draft = InteractionDraftFactory(
            created_by=page.wsgi_request.user, locked=["contact"], contact=contact
        )
        browser.post(draft.get_absolute_url(), {"do": "discard", "contact": "B1"})
        assert not InteractionDraft.objects.filter(pk=draft.pk).exists()

    def test_closing_with_a_bad_file_says_so_and_saves_the_rest(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact),
            posted(page, do="close", description="Visit")
            | {"upload": SimpleUploadedFile("virus.exe", b"MZ")},
            headers={"HX-Request": "true", "HX-Target": "sheet"},
        )
        assert answer.status_code == 422
        assert "<html" not in answer.content.decode()
        assert InteractionDraft.objects.kept().get().description == "Visit"

    def test_never_goes_to_another_site(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(of(contact), posted(page, do="keep") | {"next": "https://evil.example/"})
        assert answer.url == contact.get_absolute_url()


class TestPostponed:
    @pytest.mark.parametrize("count", [1, 3])
    def test_asks_the_same_queries_for_any_number_of_rows(
        self, browser, marta, count, django_assert_num_queries
    ):
        for _row in range(count):
            InteractionDraftFactory(
                created_by=marta, kept=True, contact=ContactFactory(person=True, company=ContactFactory())
            )
        with django_assert_num_queries(11):
            assert len(browser.get(reverse("interactions:postponed")).context["page"].rows) == count

    def test_says_what_is_left(self, browser, marta):
        InteractionDraftFactory(created_by=marta, kept=True, contact=ContactFactory())
        assert "Choose a template." in browser.get(reverse("interactions:postponed")).content.decode()

    def test_is_filtered_to_a_company_and_its_people(self, browser, marta):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        wanted = InteractionDraftFactory(created_by=marta, kept=True, contact=person)
        InteractionDraftFactory(created_by=marta, kept=True, contact=ContactFactory())
        page = browser.get(reverse("interactions:postponed"), {"contact": company.no})
        assert page.context["page"].rows == [wanted]

    def test_is_filtered_to_a_salesperson(self, browser, marta):
        wanted = InteractionDraftFactory(created_by=marta, kept=True, salesperson=marta.salesperson)
        InteractionDraftFactory(created_by=marta, kept=True)
        page = browser.get(reverse("interactions:postponed"), {"salesperson": "MR"})
        assert page.context["page"].rows == [wanted]

    @pytest.mark.parametrize(
        "query", [{"contact": "NOBODY"}, {"salesperson": "X"}, {"v": "x"}, {"after": "x"}]
    )
    def test_bears_unknown_values(self, browser, query):
        assert browser.get(reverse("interactions:postponed"), query).status_code == 200

    def test_shows_a_lead_what_the_team_has_kept(self, client):
        lead, colleague = UserFactory(role="Salesperson"), UserFactory(role="Salesperson")
        team = TeamFactory()
        SalespersonFactory(user=lead, team=team, team__is_lead=True)
        SalespersonFactory(user=colleague, team=team)
        theirs = InteractionDraftFactory(created_by=colleague, kept=True)
        client.force_login(lead)
        assert client.get(reverse("interactions:postponed"), {"v": "team"}).context["page"].rows == [theirs]

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_card_of_the_home_page_shows_those_that_wait_longest(
        self, browser, marta, count, django_assert_num_queries
    ):
        InteractionDraftFactory(created_by=marta, kept=True, description="Oldest")
        InteractionDraftFactory.create_batch(count - 1, created_by=marta, kept=True, description="Newer")
        InteractionDraftFactory(created_by=marta, description="Being written")
        with django_assert_num_queries(5):
            page = browser.get(reverse("interactions:postponed_card"), headers={"HX-Request": "true"})
        html = page.content.decode()
        assert "<html" not in html
        assert html.count('class="dr"') == count
        assert html.find("Oldest") < html.find("Newer") or count == 1
        assert "Being written" not in html

    def test_logs_as_is(self, browser, marta, template):
        draft = InteractionDraftFactory(
            created_by=marta,
            kept=True,
            contact=ContactFactory(),
            template=template,
            salesperson=marta.salesperson,
            description="Visit",
        )
        browser.post(reverse("interactions:draft_log", args=[draft.uuid]))
        assert InteractionLogEntry.objects.get().description == "Visit"

    def test_leads_to_the_sheet_when_something_is_missing(self, browser, marta):
        draft = InteractionDraftFactory(created_by=marta, kept=True)
        answer = browser.post(reverse("interactions:draft_log", args=[draft.uuid]))
        assert answer.url == draft.get_absolute_url()

    def test_logging_one_that_is_logged_leads_to_the_entry(self, browser, marta):
        entry = InteractionLogEntryFactory(draft_uuid=uuid.uuid4(), salesperson=marta.salesperson)
        answer = browser.post(reverse("interactions:draft_log", args=[entry.draft_uuid]))
        assert answer.url == entry.get_absolute_url()

    def test_deletes_the_chosen_ones_and_brings_them_back(self, browser, marta):
        going = InteractionDraftFactory.create_batch(2, created_by=marta, kept=True)
        staying = InteractionDraftFactory(created_by=marta, kept=True)
        page = browser.post(
            reverse("interactions:drafts_delete"), {"draft": [draft.uuid for draft in going]}, follow=True
        )
        assert list(InteractionDraft.objects.all()) == [staying]
        undo = page.content.decode().split("data-undo")[0].rsplit('action="', 1)[1].split('"')[0]
        browser.post(undo)
        assert InteractionDraft.objects.count() == 3

    def test_a_lead_brings_back_what_he_or_she_deleted(self, client):
        lead, colleague = UserFactory(role="Salesperson"), UserFactory(role="Salesperson")
        team = TeamFactory()
        SalespersonFactory(user=lead, team=team, team__is_lead=True)
        SalespersonFactory(user=colleague, team=team)
        theirs = InteractionDraftFactory(created_by=colleague, kept=True)
        client.force_login(lead)
        page = client.post(reverse("interactions:drafts_delete"), {"draft": [theirs.uuid]}, follow=True)
        undo = page.content.decode().split("data-undo")[0].rsplit('action="', 1)[1].split('"')[0]
        client.post(undo)
        assert list(InteractionDraft.objects.all()) == [theirs]

    def test_deletes_only_the_row_whose_button_was_pressed(self, browser, marta):
        pressed, checked = InteractionDraftFactory.create_batch(2, created_by=marta, kept=True)
        browser.post(reverse("interactions:drafts_delete"), {"draft": [checked.uuid], "only": pressed.uuid})
        assert list(InteractionDraft.objects.all()) == [checked]

    def test_deletes_nothing_of_others(self, browser):
        draft = InteractionDraftFactory(kept=True)
        browser.post(reverse("interactions:drafts_delete"), {"draft": [draft.uuid, "rubbish"]})
        assert InteractionDraft.objects.exists()

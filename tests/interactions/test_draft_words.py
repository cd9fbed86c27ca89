"""What the create sheet does with words that cannot be saved as they are: none is lost."""

import json
import uuid

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from interactions.models import InteractionDraft, InteractionLogEntry
from tests.factories import (
    ContactFactory,
    InteractionDraftFactory,
    UserFactory,
)
from tests.interactions.sheets import NEW, of, posted

pytestmark = pytest.mark.django_db


LINES = "\r\n".join(["x" * 35] * 110)  # 3,850 characters and 109 line breaks, as a browser sends them
HTMX = {"HX-Request": "true", "HX-Target": "sheet"}
AUTOSAVE = {"HX-Request": "true", "HX-Target": "draft-form"}


class TestRescue:
    """What a page that was left could not be sure to have saved is sent again by the next one."""

    def rescue(self, browser, url, data):
        return browser.post(url, data | {"do": "rescue"}, headers={"HX-Request": "true"})

    def test_saves_the_words_and_says_so(self, browser):
        contact = ContactFactory()
        data = posted(browser.get(of(contact)), description="Visit")
        answer = self.rescue(browser, of(contact), data)
        events = json.loads(answer.headers["HX-Trigger"])
        assert "draftRescued" in events
        assert events["toast"]["toasts"][0]["text"] == "What you typed last is saved."
        assert InteractionDraft.objects.get().description == "Visit"

    def test_is_quiet_when_the_words_had_arrived(self, browser):
        contact = ContactFactory()
        data = posted(browser.get(of(contact)), description="Visit")
        browser.post(of(contact), data | {"do": "save"})
        events = json.loads(self.rescue(browser, of(contact), data).headers["HX-Trigger"])
        assert events == {"draftRescued": {}}

    def test_of_a_draft_that_was_logged_leads_to_the_entry(self, browser, template):
        url = f"{of(ContactFactory())}&template=VISIT"
        data = posted(browser.get(url), do="log")
        browser.post(url, data)
        answer = self.rescue(browser, url, data)
        assert answer.status_code == 204
        assert InteractionLogEntry.objects.get().get_absolute_url() in answer.headers["HX-Trigger"]

    def test_says_what_is_refused(self, browser):
        contact = ContactFactory()
        data = posted(browser.get(of(contact)), description="Visit")
        contact.privacy_blocked = True
        contact.save()
        answer = self.rescue(browser, of(contact), data)
        assert answer.status_code == 204
        assert "blocked for privacy" in answer.headers["HX-Trigger"]
        assert not InteractionDraft.objects.exists()

    def test_gives_nothing_to_somebody_else(self, browser, client):
        data = posted(browser.get(reverse(NEW)), description="Visit")
        client.force_login(UserFactory(role="Salesperson"))
        answer = self.rescue(client, reverse(NEW), data)
        assert (answer.status_code, "HX-Trigger" in answer.headers) == (204, False)
        assert client.post(reverse(NEW), data | {"do": "save"}).status_code == 403
        assert not InteractionDraft.objects.exists()


class TestLongComment:
    def test_counts_a_line_break_once_as_the_browser_does(self, browser):
        text = LINES + "y" * 41
        assert len(text) == 4109
        contact = ContactFactory()
        page = browser.get(of(contact))
        browser.post(of(contact), posted(page, comment=text, do="close"), headers=HTMX)
        assert InteractionDraft.objects.get().comment == text.replace("\r\n", "\n")

    def test_that_is_too_long_keeps_the_sheet_open_with_all_its_words(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(of(contact), posted(page, comment="z" * 4001, do="close"), headers=HTMX)
        assert answer.status_code == 422
        assert "z" * 4001 in answer.content.decode()
        assert "at most 4000 characters" in answer.context["saved"]


class TestUnreadable:
    """What cannot be read is nowhere but on the page: no sentence says that it is saved, no button closes the sheet."""

    @pytest.mark.parametrize(
        ("name", "typed", "said"),
        [
            ("minutes", "an hour or so", "Saved, except Duration, min: "),
            ("date", "Friday last", "Saved, except Date: "),
        ],
    )
    def test_is_named_by_an_autosave(self, browser, name, typed, said):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(
            of(contact), posted(page, description="Visit", do="save", **{name: typed}), headers=AUTOSAVE
        )
        event = json.loads(answer.headers["HX-Trigger"])["draftSaved"]
        assert event["text"].startswith(said)
        assert event["unread"] == [name]
        assert InteractionDraft.objects.get().description == "Visit"

    def test_is_no_longer_named_once_it_can_be_read(self, browser):
        contact = ContactFactory()
        page = browser.get(of(contact))
        answer = browser.post(of(contact), posted(page, minutes="45", do="save"), headers=AUTOSAVE)
        event = json.loads(answer.headers["HX-Trigger"])["draftSaved"]
        assert event["text"].startswith("Draft saved")
        assert event["unread"] == []

    @pytest.mark.parametrize("button", ["close", "keep"])
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_keeps_the_sheet_open_with_the_sentence_at_its_field(self, browser, button, headers):
        contact = ContactFactory()
        page = browser.get(of(contact))
        data = posted(page, description="Visit", minutes="an hour or so", do=button)
        answer = browser.post(of(contact), data, headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="an hour or so"' in html
        assert 'data-unread="minutes"' in html
        assert 'id="id_minutes_error"' in html
        assert "This is not saved yet" in html
        assert "Saved for later." not in html + answer.headers.get("HX-Trigger", "")
        assert InteractionDraft.objects.get().description == "Visit"

    def test_is_told_of_words_that_are_brought_back(self, browser):
        contact = ContactFactory()
        data = posted(browser.get(of(contact)), comment="Likes brass", minutes="an hour or so", do="rescue")
        events = json.loads(browser.post(of(contact), data, headers=HTMX).headers["HX-Trigger"])
        assert "draftRescued" in events
        assert "What you typed last is saved, except Duration" in events["toast"]["toasts"][0]["text"]
        assert "an hour or so" in events["toast"]["toasts"][0]["text"]


class TestWordsForADraftThatIsGone:
    @pytest.fixture
    def url(self):
        return f"{of(ContactFactory(no='CT1', name='Hotel Sonne'))}&template=VISIT"

    @pytest.fixture
    def data(self, browser, template, url):
        """The second tab; the draft has been logged in the first one."""
        page = browser.get(url)
        browser.post(url, posted(page, do="log"))
        return posted(page, comment="Wants warm white.\r\nAnd brass.")

    @pytest.fixture
    def entry(self, data):
        return InteractionLogEntry.objects.get()

    @pytest.fixture
    def draft_url(self, entry):
        return reverse("interactions:draft", args=[entry.draft_uuid])

    @pytest.mark.parametrize("button", ["save", "close", "keep", "log"])
    @pytest.mark.parametrize("headers", [{}, HTMX, AUTOSAVE])
    def test_stay_on_the_page_with_the_entry_and_what_can_be_done(
        self, browser, data, entry, draft_url, button, headers
    ):
        answer = browser.post(draft_url, data | {"do": button}, headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "logged this draft already" in html
        assert f'href="{entry.get_absolute_url()}"' in html
        assert "Wants warm white." in html
        assert "Add as comment to the entry" in html
        assert "Keep as a new draft" in html
        assert "Hotel Sonne" in html
        assert ("<html" in html) == (not headers)
        assert not InteractionDraft.objects.exists()

    def test_replace_the_sheet_that_saved_itself(self, browser, data, draft_url):
        answer = browser.post(draft_url, data | {"do": "save", "in_sheet": "1"}, headers=AUTOSAVE)
        assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#draft-form", "outerHTML")
        assert 'name="in_sheet"' in answer.content.decode()

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_become_a_comment_on_the_entry(self, browser, data, entry, draft_url, headers):
        answer = browser.post(draft_url, data | {"do": "comment"}, headers=headers)
        assert answer.headers.get("HX-Redirect", answer.headers.get("Location")) == entry.get_absolute_url()
        assert entry.comments.get().text == "Wants warm white.\nAnd brass."

    def test_become_a_new_draft_once(self, browser, data, draft_url, template):
        page = browser.post(draft_url, data | {"do": "save"})
        again = posted(page, do="renew")
        for _press in range(2):
            answer = browser.post(draft_url, again)
            assert answer.status_code == 302
        draft = InteractionDraft.objects.kept().get()
        assert draft.comment == "Wants warm white.\nAnd brass."
        assert (draft.contact.name, draft.template, draft.description) == (
            "Hotel Sonne",
            template,
            "Showroom visit",
        )
        assert (draft.date, draft.time) == (None, None)

    def test_from_the_address_of_a_new_one_too(self, browser, data, url):
        page = browser.post(url, data | {"do": "keep"})
        assert page.status_code == 422
        assert "logged this draft already" in page.content.decode()
        browser.post(url, posted(page, do="renew"))
        assert InteractionDraft.objects.get().comment == "Wants warm white.\nAnd brass."

    def test_that_cannot_be_read_make_no_new_draft_yet(self, browser, data, draft_url):
        answer = browser.post(draft_url, data | {"do": "renew", "minutes": "an hour or so"})
        assert answer.status_code == 422
        assert 'value="an hour or so"' in answer.content.decode()
        assert not InteractionDraft.objects.exists()

    def test_ask_for_the_file_again(self, browser, data, draft_url):
        answer = browser.post(
            draft_url, data | {"do": "save", "upload": SimpleUploadedFile("note.txt", b"Hello")}
        )
        assert "Choose the file again" in answer.content.decode()
        browser.post(draft_url, data | {"do": "renew", "upload": SimpleUploadedFile("note.txt", b"Hello")})
        assert InteractionDraft.objects.get().attachment.name == "note.txt"

    def test_are_rescued_as_a_new_draft(self, browser, data, draft_url):
        answer = browser.post(draft_url, data | {"do": "rescue"}, headers={"HX-Request": "true"})
        draft = InteractionDraft.objects.get()
        assert draft.comment == "Wants warm white.\nAnd brass."
        assert draft.get_absolute_url() in answer.headers["HX-Trigger"]
        assert "draftRescued" in answer.headers["HX-Trigger"]

    def test_are_left_when_somebody_discards_them(self, browser, data, entry, draft_url):
        assert browser.post(draft_url, data | {"do": "discard"}).url == entry.get_absolute_url()

    def test_offer_no_comment_to_whom_may_not_write_one(self, browser, marta, data, draft_url):
        Group.objects.get(name="Salesperson").permissions.remove(
            Permission.objects.get(codename="evaluate_interactions")
        )
        answer = browser.post(draft_url, data | {"do": "comment"})
        assert answer.status_code == 422
        assert "Add as comment to the entry" not in answer.content.decode()

    def test_say_that_the_contact_is_blocked_by_now(self, browser, data, draft_url, entry):
        entry.contact.privacy_blocked = True
        entry.contact.save()
        answer = browser.post(draft_url, data | {"do": "renew"})
        assert answer.status_code == 422
        assert "blocked for privacy" in answer.content.decode()
        assert not InteractionDraft.objects.exists()

    def test_of_a_discarded_one_become_a_new_draft(self, browser, marta):
        old = InteractionDraftFactory(
            created_by=marta, contact=ContactFactory(), description="Visit", locked=["contact"]
        )
        data = posted(browser.get(old.get_absolute_url()), comment="Wants warm white.")
        browser.post(old.get_absolute_url(), {"do": "discard"})
        page = browser.post(old.get_absolute_url(), data | {"do": "close"}, headers=HTMX)
        assert page.status_code == 422
        assert "discarded this draft" in page.content.decode()
        assert "Add as comment" not in page.content.decode()
        browser.post(old.get_absolute_url(), posted(page, do="renew"))
        new = InteractionDraft.objects.get()
        assert (new.contact, new.description, new.comment) == (old.contact, "Visit", "Wants warm white.")

    def test_of_one_that_was_cleared_away_are_kept_too(self, browser, marta):
        old = InteractionDraftFactory(created_by=marta, contact=ContactFactory(), locked=["contact"])
        data = posted(browser.get(old.get_absolute_url()), comment="Wants warm white.")
        InteractionDraft.with_deleted.all().delete()
        page = browser.post(old.get_absolute_url(), data | {"do": "save"})
        assert page.status_code == 422
        browser.post(old.get_absolute_url(), posted(page, do="renew"))
        assert InteractionDraft.objects.get().comment == "Wants warm white."


class TestTwoTabs:
    def test_a_tab_leaves_alone_what_it_did_not_change(self, browser, marta):
        draft = InteractionDraftFactory(created_by=marta, description="One", comment="Two")
        first, second = (browser.get(draft.get_absolute_url()) for _tab in range(2))
        browser.post(draft.get_absolute_url(), posted(first, description="Changed in the first", do="save"))
        browser.post(draft.get_absolute_url(), posted(second, comment="Changed in the second", do="save"))
        draft.refresh_from_db()
        assert (draft.description, draft.comment) == ("Changed in the first", "Changed in the second")

    def test_the_second_one_is_led_to_the_entry(self, browser, template):
        contact = ContactFactory()
        page = browser.get(f"{of(contact)}&template=VISIT")
        data = posted(page, do="log")
        browser.post(f"{of(contact)}&template=VISIT", data)
        entry = InteractionLogEntry.objects.get()
        second = browser.post(reverse("interactions:draft", args=[entry.draft_uuid]), data)
        assert second.url == entry.get_absolute_url()
        again = browser.post(f"{of(contact)}&template=VISIT", data)
        assert again.url == entry.get_absolute_url()
        assert InteractionLogEntry.objects.count() == 1

    def test_the_second_one_is_told_while_it_saves_by_itself(self, browser, template):
        contact = ContactFactory()
        page = browser.get(f"{of(contact)}&template=VISIT")
        data = posted(page, do="log")
        browser.post(f"{of(contact)}&template=VISIT", data)
        entry = InteractionLogEntry.objects.get()
        draft = reverse("interactions:draft", args=[entry.draft_uuid])
        answer = browser.post(draft, data | {"do": "save"}, headers={"HX-Request": "true"})
        assert answer.status_code == 204
        assert entry.get_absolute_url() in answer.headers["HX-Trigger"]

    def test_the_second_one_is_told_who_logged_it_and_when(self, browser, marta, template):
        with time_machine.travel("2026-11-20T12:40:00Z", tick=False):
            browser.force_login(marta)
            contact = ContactFactory()
            data = posted(browser.get(f"{of(contact)}&template=VISIT"), do="log")
            browser.post(f"{of(contact)}&template=VISIT", data)
            answer = browser.post(f"{of(contact)}&template=VISIT", data, follow=True)
        said = f"{marta.display_name} logged this draft already, today, 12:40. Here is the entry."
        assert said in answer.content.decode()

    def test_the_second_one_is_told_who_discarded_it_and_when(self, browser, marta):
        with time_machine.travel("2026-11-20T12:40:00Z", tick=False):
            browser.force_login(marta)
            draft = InteractionDraftFactory(created_by=marta)
            data = posted(browser.get(draft.get_absolute_url()))
            browser.post(draft.get_absolute_url(), data | {"do": "discard"})
            answer = browser.post(draft.get_absolute_url(), data | {"do": "log"}, follow=True)
        assert f"{marta.display_name} discarded this draft, today, 12:40." in answer.content.decode()

    def test_a_draft_of_somebody_else_is_gone(self, browser):
        draft = InteractionDraftFactory()
        answer = browser.get(draft.get_absolute_url())
        assert answer.url == reverse("interactions:postponed")
        assert browser.get(reverse("interactions:draft", args=[uuid.uuid4()])).status_code == 302

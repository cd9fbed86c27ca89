"""What was typed is never lost: the page dies, the connection drops, the session ends, two tabs do the same."""

import time

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from interactions.actions.logging import log_interaction
from interactions.models import InteractionDraft, InteractionLogEntry
from tests.factories import InteractionDraftFactory, UserFactory

WORDS = "Lux calculation for the lobby"


def sheet_of(page):
    return page.get_by_role("dialog", name="Create interaction")


def begin(page, contact):
    """Opens the sheet on the card of *contact* and chooses a template; it has been saved once then."""
    page.goto(contact.get_absolute_url())
    page.get_by_role("link", name="Create interaction").first.click()
    sheet = sheet_of(page)
    sheet.get_by_label("Template").select_option(label="CALL · Call")
    sheet.get_by_text("Draft saved").wait_for()
    page.wait_for_function("() => document.querySelector('#id_description')?.value === 'Call'")
    return sheet


def forgive(problems, *words):
    """Takes what the test provoked from the complaints of the browser; there has to be such a complaint."""
    provoked = [problem for problem in problems if any(each in problem for each in words)]
    assert provoked
    for problem in provoked:
        problems.remove(problem)


class TestButtonsOfTheSheet:
    @pytest.mark.parametrize(
        ("button", "toast"),
        [("Save for later", "Saved for later."), ("Log interaction", "Interaction logged.")],
    )
    def test_win_over_an_autosave_that_is_due(self, new_page, firm, button, toast):
        """The answer takes longer than the pause after which the sheet saves itself."""
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)

        def slowly(route):
            time.sleep(1)
            route.continue_()

        page.route("**/interactions/drafts/**", slowly)
        page.route("**/interactions/new/**", slowly)
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_role("button", name=button).click()
        page.locator("#toasts").get_by_text(toast).wait_for()
        page.wait_for_url("**/contacts/CT000142/**")
        written = InteractionDraft if button == "Save for later" else InteractionLogEntry
        assert written.objects.get().description == WORDS


class TestPageThatDies:
    def test_leaves_its_words_under_postponed(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Description").fill(WORDS)
        with page.expect_response(lambda answer: answer.status == 204):
            sheet.get_by_label("Comment").fill("Wants warm white.")
        page.context.close()

        draft = InteractionDraft.objects.get()
        assert (draft.description, draft.comment, draft.kept_at) == (WORDS, "Wants warm white.", None)
        page = new_page(firm.user)
        page.goto("/interactions/postponed/")
        row = page.locator("tbody tr")
        expect(row.get_by_text("Being written")).to_be_visible()
        row.get_by_role("link", name=f"Resume {WORDS}").click()
        sheet = sheet_of(page)
        sheet.wait_for()
        expect(sheet.get_by_label("Description")).to_have_value(WORDS)
        expect(sheet.get_by_label("Comment")).to_have_value("Wants warm white.")


class TestLostConnection:
    def test_is_told_and_what_was_typed_meanwhile_is_saved_afterwards(
        self, new_page, firm, browser_problems, assert_accessible
    ):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        page.context.set_offline(True)
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_text("Not saved yet: no connection.").wait_for()
        expect(page.locator("#offline")).to_be_visible()
        assert InteractionDraft.objects.get().description == "Call"
        assert_accessible(page)

        page.context.set_offline(False)
        sheet.get_by_text("Draft saved").wait_for()
        expect(page.locator("#offline")).to_be_hidden()
        assert InteractionDraft.objects.get().description == WORDS
        forgive(browser_problems, "ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")

    def test_keeps_a_sheet_open_that_is_to_close_until_it_is_saved(self, new_page, firm, browser_problems):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        page.context.set_offline(True)
        sheet.get_by_label("Description").fill(WORDS)
        page.keyboard.press("Escape")
        sheet.get_by_text("This stays open until your words are saved.").wait_for()
        sheet.get_by_text("Not saved yet: no connection.").wait_for()
        page.go_back()
        page.wait_for_url("**/interactions/drafts/**")
        expect(sheet.get_by_label("Description")).to_have_value(WORDS)

        page.context.set_offline(False)
        sheet.get_by_text("Draft saved").wait_for()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.wait_for_url("**/contacts/CT000142/")
        assert InteractionDraft.objects.kept().get().description == WORDS
        browser_problems.clear()  # requests that could not leave

    def test_makes_the_browser_ask_before_a_page_is_left_with_words_unsaved(
        self, new_page, firm, browser_problems
    ):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        page.context.set_offline(True)
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_text("Not saved yet: no connection.").wait_for()
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.close(run_before_unload=True)
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]
        browser_problems.clear()


class TestServerInTrouble:
    @pytest.mark.parametrize(
        ("status", "sentence"),
        [
            (500, "Not saved yet: something went wrong on the server."),
            (403, "Not saved: you are not allowed to do that any more."),
            (None, "Not saved yet: the server does not answer."),
        ],
    )
    def test_is_told_and_saving_is_tried_again(self, new_page, firm, browser_problems, status, sentence):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)

        def trouble(route):
            route.abort("connectionrefused") if status is None else route.fulfill(status=status, body="")

        page.route("**/interactions/drafts/**", trouble)
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_text(sentence).wait_for()
        page.unroute("**/interactions/drafts/**")
        if status == 403:
            sheet.get_by_label("Comment").fill("Warm white.")
        sheet.get_by_text("Draft saved").wait_for()
        assert InteractionDraft.objects.get().description == WORDS
        browser_problems.clear()


class TestTwoTabs:
    def test_that_log_the_same_draft_write_one_entry(self, new_page, firm):
        draft = InteractionDraftFactory(
            kept=True,
            created_by=firm.user,
            contact=firm.helene,
            template=firm.call,
            salesperson=firm.marta,
            description=WORDS,
        )
        first, second = new_page(firm.user), new_page(firm.user)
        for page in (first, second):
            page.goto("/interactions/postponed/")
            page.get_by_role("link", name=f"Resume {WORDS}").click()
            sheet_of(page).wait_for()
        for page in (first, second):
            sheet_of(page).get_by_role("button", name="Log interaction").click()
            page.locator("#toasts [data-toast]").wait_for()

        entry = InteractionLogEntry.objects.get()
        assert (entry.description, entry.draft_uuid) == (WORDS, draft.uuid)
        assert not InteractionDraft.objects.exists()
        expect(first.locator("#toasts").get_by_text("Interaction logged.")).to_be_visible()
        said = f"{firm.user.display_name} logged this draft already, today,"
        expect(second.locator("#toasts").get_by_text(said)).to_be_visible()
        assert second.url.endswith(entry.get_absolute_url())


class TestWordsThatCannotBeSaved:
    """What the server cannot read is told while typing, and no way out of the sheet loses it."""

    def test_are_named_and_marked_and_keep_the_sheet_open(self, new_page, firm, assert_accessible):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        duration = sheet.get_by_label("Duration, min")
        duration.fill("an hour or so")
        sheet.locator("[data-draft-status]").get_by_text("Saved, except Duration, min:").wait_for()
        expect(duration).to_be_focused()
        assert duration.get_attribute("aria-invalid") is None  # not while somebody is typing
        sheet.get_by_label("Comment").focus()
        expect(duration).to_have_attribute("aria-invalid", "true")

        page.keyboard.press("Escape")
        sheet.get_by_text("This is not saved yet").wait_for()
        expect(duration).to_have_value("an hour or so")
        expect(page.locator("#toasts").get_by_text("Saved for later.")).to_be_hidden()
        assert_accessible(page)

        duration.fill("60")
        sheet.get_by_text("Draft saved").wait_for()
        expect(sheet.get_by_text("This is not saved yet")).to_have_count(0)
        expect(sheet.locator("#id_minutes_error")).to_have_count(0)
        page.keyboard.press("Escape")
        page.locator("#toasts").get_by_text("Saved for later.").wait_for()
        expect(sheet).to_be_hidden()
        assert InteractionDraft.objects.kept().get().minutes == 60

    def test_make_the_browser_ask_before_the_page_is_left(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Duration, min").fill("an hour or so")
        sheet.get_by_text("Saved, except Duration, min:").wait_for()
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.close(run_before_unload=True)
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]

    def test_of_a_long_comment_with_many_lines_there_are_none(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        text = "\n".join(["x" * 35] * 110) + "y" * 41
        sheet.get_by_label("Comment").fill(text)
        sheet.get_by_text("Draft saved").wait_for()
        page.keyboard.press("Escape")
        page.locator("#toasts").get_by_text("Saved for later.").wait_for()
        assert InteractionDraft.objects.get().comment == text


class TestWordsForADraftThatIsGone:
    def open_twice(self, new_page, firm):
        """The draft of the first tab is logged there; the second one still shows it."""
        draft = InteractionDraftFactory(
            kept=True,
            created_by=firm.user,
            contact=firm.helene,
            locked=["contact"],
            template=firm.call,
            salesperson=firm.marta,
            description=WORDS,
        )
        page = new_page(firm.user)
        page.goto("/interactions/postponed/")
        page.get_by_role("link", name=f"Resume {WORDS}").click()
        sheet_of(page).wait_for()
        log_interaction(draft, by=firm.user)
        return page

    def test_become_a_comment(self, new_page, firm, assert_accessible):
        page = self.open_twice(new_page, firm)
        sheet_of(page).get_by_label("Comment").fill("Wants warm white.")
        sheet = sheet_of(page)
        sheet.get_by_text("logged this draft already").wait_for()
        expect(sheet.get_by_label("Comment")).to_have_value("Wants warm white.")
        assert_accessible(page)
        sheet.get_by_role("button", name="Add as comment to the entry").click()
        entry = InteractionLogEntry.objects.get()
        page.wait_for_url(f"**{entry.get_absolute_url()}")
        assert entry.comments.get().text == "Wants warm white."
        assert not InteractionDraft.objects.exists()

    def test_are_saved_for_later_when_the_sheet_is_closed(self, new_page, firm):
        page = self.open_twice(new_page, firm)
        sheet = sheet_of(page)
        sheet.get_by_label("Comment").fill("Wants warm white.")
        sheet.get_by_text("logged this draft already").wait_for()
        page.keyboard.press("Escape")
        page.locator("#toasts").get_by_text("Saved for later.").wait_for()
        draft = InteractionDraft.objects.kept().get()
        assert (draft.contact, draft.comment) == (firm.helene, "Wants warm white.")


def sign_in(page, name="marta.ruiz"):
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill("light the lobby")
    page.get_by_role("button", name="Sign in").click()


class TestSessionThatEnded:
    def test_is_told_and_saving_goes_on_by_itself_after_signing_in(self, new_page, firm, browser_problems):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        Session.objects.all().delete()
        sheet.get_by_label("Description").fill(WORDS)
        dialog = page.get_by_role("dialog", name="Your session is over")
        dialog.get_by_role("button", name="Back to the page").click()
        sheet.get_by_text("Not saved: sign in again in another tab.").wait_for()
        sheet.get_by_label("Comment").fill("Warm white.")
        page.wait_for_timeout(1000)
        expect(dialog).to_be_hidden()
        page.keyboard.press("Escape")
        dialog.get_by_role("button", name="Back to the page").click()
        expect(sheet).to_be_visible()

        tab = page.context.new_page()
        tab.goto("/login/")
        sign_in(tab)
        tab.get_by_role("heading", level=1, name="Marta").wait_for()
        tab.close()
        sheet.get_by_text("Draft saved").wait_for()
        draft = InteractionDraft.objects.get()
        assert (draft.description, draft.comment) == (WORDS, "Warm white.")
        browser_problems.clear()  # the browser reports what was refused

    def test_keeps_the_words_of_a_full_page_whose_button_is_pressed(self, new_page, firm, browser_problems):
        page = new_page(firm.user)
        page.goto(f"/interactions/new/?contact={firm.helene.no}&template=CALL")
        page.get_by_label("Description").fill(WORDS)
        Session.objects.all().delete()
        page.get_by_role("button", name="Log interaction").click()
        page.get_by_role("dialog", name="Your session is over").wait_for()
        expect(page.get_by_label("Description")).to_have_value(WORDS)
        browser_problems.clear()

    def test_gives_the_words_of_a_page_that_was_left_back_after_signing_in(self, new_page, firm):
        page = new_page(firm.user)
        page.goto(f"/interactions/new/?contact={firm.helene.no}&template=CALL")
        Session.objects.all().delete()
        page.get_by_label("Description").fill(WORDS)
        page.get_by_role("link", name="Contacts", exact=True).first.click()
        sign_in(page)
        page.locator("#toasts").get_by_text("What you typed last is saved.").wait_for()
        page.locator("#toasts").get_by_role("link", name="Resume").click()
        expect(page.get_by_label("Description")).to_have_value(WORDS)
        assert InteractionDraft.objects.get().contact == firm.helene
        page.goto("/contacts/")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(300)
        expect(page.locator("#toasts [data-toast]")).to_be_hidden()

    def test_gives_them_to_nobody_else(self, new_page, firm):
        other = UserFactory(username="jonas.weber", role="Salesperson")
        other.set_password("light the lobby")
        other.save()
        page = new_page(firm.user)
        page.goto(f"/interactions/new/?contact={firm.helene.no}&template=CALL")
        Session.objects.all().delete()
        page.get_by_label("Description").fill(WORDS)
        page.get_by_role("link", name="Contacts", exact=True).first.click()
        with page.expect_response("**/interactions/new/**"):
            sign_in(page, "jonas.weber")
        page.wait_for_timeout(300)
        assert not InteractionDraft.objects.exists()
        expect(page.locator("#toasts [data-toast]")).to_be_hidden()

    def test_asks_to_sign_in_and_loses_nothing(self, new_page, firm, browser_problems, assert_accessible):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        Session.objects.all().delete()
        sheet.get_by_label("Description").fill(WORDS)
        dialog = page.get_by_role("dialog", name="Your session is over")
        dialog.wait_for()
        expect(dialog.get_by_text("Nothing you typed is lost.")).to_be_visible()
        assert_accessible(page)
        forgive(browser_problems, "status of 401", "htmx:responseError", "Error Code 401")

        with page.context.expect_page() as opened:
            dialog.get_by_role("link", name="Sign in").click()
        tab = opened.value
        tab.get_by_label("User name").fill("marta.ruiz")
        tab.get_by_label("Password", exact=True).fill("light the lobby")
        tab.get_by_role("button", name="Sign in").click()
        tab.get_by_role("heading", level=1, name="Marta").wait_for()
        tab.close()

        dialog.get_by_role("button", name="Back to the page").click()
        expect(sheet.get_by_label("Description")).to_have_value(WORDS)
        sheet.get_by_role("button", name="Log interaction").click()
        page.locator("#toasts").get_by_text("Interaction logged.").wait_for()
        entry = InteractionLogEntry.objects.get()
        assert (entry.description, entry.logged_by) == (WORDS, firm.user)

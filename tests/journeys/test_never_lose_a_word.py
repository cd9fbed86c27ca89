"""What was typed is never lost: the page dies, the connection drops, the session ends, two tabs do the same."""

import time

import pytest
from django.contrib.sessions.models import Session

from interactions.models import InteractionDraft, InteractionLogEntry
from tests.factories import InteractionDraftFactory

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
        assert row.get_by_text("Being written").is_visible()
        row.get_by_role("link", name=f"Resume {WORDS}").click()
        sheet = sheet_of(page)
        sheet.wait_for()
        assert sheet.get_by_label("Description").input_value() == WORDS
        assert sheet.get_by_label("Comment").input_value() == "Wants warm white."


class TestLostConnection:
    def test_is_told_and_what_was_typed_meanwhile_is_saved_afterwards(
        self, new_page, firm, browser_problems, assert_accessible
    ):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        page.context.set_offline(True)
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_text("Not saved yet: no connection.").wait_for()
        assert page.locator("#offline").is_visible()
        assert InteractionDraft.objects.get().description == "Call"
        assert_accessible(page)

        page.context.set_offline(False)
        sheet.get_by_text("Draft saved").wait_for()
        assert not page.locator("#offline").is_visible()
        assert InteractionDraft.objects.get().description == WORDS
        forgive(browser_problems, "ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")


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
        assert first.locator("#toasts").get_by_text("Interaction logged.").is_visible()
        said = "This draft has been logged already. Here is the entry."
        assert second.locator("#toasts").get_by_text(said).is_visible()
        assert second.url.endswith(entry.get_absolute_url())


class TestSessionThatEnded:
    def test_asks_to_sign_in_and_loses_nothing(self, new_page, firm, browser_problems, assert_accessible):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        Session.objects.all().delete()
        sheet.get_by_label("Description").fill(WORDS)
        dialog = page.get_by_role("dialog", name="Your session is over")
        dialog.wait_for()
        assert dialog.get_by_text("Nothing you typed is lost.").is_visible()
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
        assert sheet.get_by_label("Description").input_value() == WORDS
        sheet.get_by_role("button", name="Log interaction").click()
        page.locator("#toasts").get_by_text("Interaction logged.").wait_for()
        entry = InteractionLogEntry.objects.get()
        assert (entry.description, entry.logged_by) == (WORDS, firm.user)

"""What was typed is never lost: the page dies, the connection drops, the session ends, two tabs do the same."""

import time

import pytest

from interactions.models import InteractionDraft, InteractionLogEntry

WORDS = "Lux calculation for the lobby"


def sheet_of(page):
    return page.get_by_role("dialog", name="Create interaction")


class TestButtonsOfTheSheet:
    @pytest.mark.parametrize(
        ("button", "toast"),
        [("Save for later", "Saved for later."), ("Log interaction", "Interaction logged.")],
    )
    def test_win_over_an_autosave_that_is_due(self, new_page, firm, button, toast):
        """The answer is slower than the pause after which the sheet saves itself."""
        page = new_page(firm.user)
        page.goto("/interactions/new/?contact=CT000142&template=CALL")
        page.goto(firm.helene.get_absolute_url())
        page.get_by_role("link", name="Create interaction").first.click()
        sheet = sheet_of(page)
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            sheet.get_by_label("Template").select_option(label="CALL · Call")
        sheet.get_by_text("Draft saved").wait_for()

        def slowly(route):
            time.sleep(1)
            route.continue_()

        page.route("**/interactions/drafts/**", slowly)
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_role("button", name=button).click()
        page.locator("#toasts").get_by_text(toast).wait_for()
        page.wait_for_url("**/contacts/CT000142/**")

"""Lists, forms and drafts of the shell in a real Chromium, also when something fails."""

import re

import pytest
from playwright.sync_api import expect

from crm.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.usefixtures("menu"),
]


@pytest.fixture
def page(new_page, marta):
    return new_page(marta)


def address(page):
    return re.sub(r"^https?://[^/]+", "", page.url)


class TestLists:
    def focus(self, page):
        return page.evaluate("document.activeElement.textContent.trim()")

    def test_are_walked_by_keys(self, page):
        page.goto("/kit/rows/")
        page.keyboard.press("j")
        assert self.focus(page) == "Hélène Marchand"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("j")
        assert self.focus(page) == "Tomás Vidal"
        page.keyboard.press("k")
        expect(page.locator("tr.cur")).to_contain_text("Lucía Navarro")
        page.keyboard.press("Enter")
        page.wait_for_url("**/kit/rows/1/")

    def test_preview_the_current_row(self, page):
        page.goto("/kit/rows/")
        page.keyboard.press("j")
        page.keyboard.press("Space")
        page.locator("#preview").get_by_text("Entry 0").wait_for()
        page.locator("tbody tr").nth(2).locator(".c-date").click()
        page.locator("#preview").get_by_text("Entry 2").wait_for()
        expect(page.locator("tr.cur")).to_contain_text("Tomás Vidal")

    def test_select_by_boxes_and_keys(self, page):
        page.goto("/kit/rows/")
        bar = page.get_by_role("region", name="Actions for selected entries")
        head = page.get_by_label("Select all loaded entries")
        expect(bar).to_be_hidden()

        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(bar).to_contain_text("1 selected")
        assert head.evaluate("box => box.indeterminate")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Shift+X")
        expect(bar).to_contain_text("3 selected")
        page.keyboard.press("Control+a")
        expect(bar).to_contain_text("6 selected")
        assert head.is_checked()
        page.keyboard.press("Control+a")
        expect(bar).to_contain_text("12 selected")
        page.get_by_role("button", name="Clear the selection").click()
        expect(bar).to_be_hidden()
        head.check()
        expect(bar).to_contain_text("6 selected")

    def test_send_what_is_selected_or_all_that_match(self, page):
        page.goto("/kit/rows/")
        page.get_by_label("Select Lucía Navarro").check()
        page.get_by_role("button", name="Cancel entries").click()
        expect(page.locator("#posted")).to_have_text("1 / None")

        page.goto("/kit/rows/")
        page.get_by_label("Select Lucía Navarro").check()
        page.get_by_text("Select all 12").click()
        expect(page.locator(".bulk")).to_contain_text("12 selected")
        page.get_by_role("button", name="Cancel entries").click()
        expect(page.locator("#posted")).to_have_text("0,1,2,3,4,5 / signed")

    def test_a_row_taken_out_takes_back_all_that_match(self, page):
        page.goto("/kit/rows/")
        page.get_by_label("Select Lucía Navarro").check()
        page.get_by_text("Select all 12").click()
        page.get_by_label("Select Lucía Navarro").uncheck()

        expect(page.locator(".bulk")).to_contain_text("5 selected")
        assert not page.locator("[data-all-matching]").is_checked()

    def test_load_more_rows_and_go_on_there(self, page):
        page.goto("/kit/rows/")
        page.get_by_role("link", name="Load 50 more").click()
        expect(page.locator("#rows tr")).to_have_count(12)

        expect(page.locator("tr.cur a.link")).to_have_attribute("href", "/kit/rows/6/")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "/kit/rows/6/"
        expect(page.locator("#pager")).to_have_text("12 of 12 entries")
        expect(page.locator("#list-status")).to_have_text("More rows loaded. 12 of 12 entries")


class TestForms:
    def test_warn_before_changes_are_lost(self, page):
        page.goto("/preferences/")
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        expect(page.get_by_text("Unsaved changes")).to_be_hidden()
        page.get_by_label("Compact").check()
        expect(page.get_by_text("Unsaved changes")).to_be_visible()
        page.goto("/kit/")
        assert asked == ["beforeunload"]

        page.goto("/preferences/")
        page.get_by_label("Compact").check()
        page.keyboard.press("Control+s")
        page.get_by_text("Settings saved.").wait_for()
        assert asked == ["beforeunload"]

    def test_find_a_time_zone_by_typing(self, page):
        page.goto("/preferences/")
        zone = page.get_by_role("combobox", name="Time zone")
        zone.press_sequentially("madr")
        page.get_by_role("option", name="Madrid (Europe)").click()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Settings saved.").wait_for()

        assert User.objects.get().time_zone == "Europe/Madrid"

    def test_are_sent_once_by_two_presses(self, page):
        sent = []
        page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
        page.goto("/preferences/")
        page.evaluate(
            "document.querySelector('main form').requestSubmit(); document.querySelector('main form').requestSubmit()"
        )
        page.get_by_text("Settings saved.").wait_for()

        assert len(sent) == 1

    def test_show_a_password_on_request(self, new_page, marta):
        page = new_page()
        page.goto("/login/")
        password = page.get_by_label("Password", exact=True)
        password.fill("secret")
        page.get_by_role("button", name="Show the password").click()
        expect(password).to_have_attribute("type", "text")
        page.get_by_role("button", name="Show the password").click()
        expect(password).to_have_attribute("type", "password")


class TestDrafts:
    def test_save_themselves_and_take_their_address(self, page):
        page.goto("/kit/")
        page.get_by_label("Draft").press_sequentially("Lux")
        page.get_by_text("Saved: Lux").wait_for()

        expect(page).to_have_url("/kit/draft/?id=1")
        with page.expect_request(lambda request: request.method == "POST") as sent:
            page.get_by_label("Draft").press_sequentially(" calculation")
        assert sent.value.url.endswith("/kit/draft/?id=1")

    def test_wait_for_the_connection_and_are_saved_then(self, page, browser_problems):
        page.goto("/kit/")
        page.context.set_offline(True)
        page.get_by_label("Draft").fill("Lux")
        page.get_by_text("Not saved").wait_for()
        page.context.set_offline(False)
        page.get_by_text("Saved: Lux").wait_for()

        browser_problems.clear()  # the browser reports requests that could not leave


class TestWhenSomethingFails:
    def test_a_part_fails_alone_and_can_be_tried_again(self, page, browser_problems):
        page.goto("/kit/")
        tried = []
        page.on("request", lambda request: "broken" in request.url and tried.append(request.url))
        page.evaluate("htmx.trigger('#part', 'go')")
        page.get_by_text("This part did not load.").wait_for()
        with page.expect_response("**/kit/broken/"):
            page.get_by_role("button", name="Try again").click()
        page.get_by_text("This part did not load.").wait_for()

        assert len(tried) == 2
        browser_problems.clear()  # the browser reports what was refused

    def test_an_action_that_is_refused_says_so(self, page, browser_problems):
        page.goto("/kit/")
        page.locator("#forbidden").click()
        page.get_by_role("status").get_by_text("You do not have permission to do that.").wait_for()

        browser_problems.clear()

    def test_a_session_that_is_over_loses_nothing(self, page, browser_problems, assert_accessible):
        page.goto("/kit/")
        page.locator("#open").click()
        page.get_by_label("Description").fill("Lux calculation")
        page.context.clear_cookies(name="sessionid")
        page.keyboard.press("Control+Enter")
        over = page.get_by_role("dialog", name="Your session is over")
        over.wait_for()
        assert_accessible(page)
        over.get_by_role("button", name="Back to the page").click()

        expect(page.get_by_label("Description")).to_have_value("Lux calculation")
        browser_problems.clear()

    def test_a_form_from_before_signing_in_again_is_sent_all_the_same(self, new_page, marta):
        marta.set_password("correct horse battery")
        marta.save()
        page = new_page(marta)
        page.goto("/kit/sheet/")
        page.get_by_role("combobox", name="Contact").press_sequentially("march")
        page.get_by_role("option", name="Hélène Marchand").click()
        page.get_by_label("Description").fill("Lux calculation")
        page.get_by_label("Call").check()
        page.context.clear_cookies(name="sessionid")

        tab = page.context.new_page()
        tab.goto("/login/")
        tab.get_by_label("User name").fill("marta.ruiz")
        tab.get_by_label("Password", exact=True).fill("correct horse battery")
        tab.get_by_role("button", name="Sign in").click()
        tab.wait_for_url("**/kit/")

        page.get_by_role("button", name="Log interaction").click()
        page.get_by_text("Noted.").wait_for()

    def test_a_slow_answer_shows_that_something_happens(self, page):
        page.goto("/kit/")
        bar = page.locator("#progress")
        held = []
        page.route("**/kit/sheet/", lambda route: held.append(route))
        page.locator("#open").click()
        expect(bar).to_have_css("opacity", "1")
        held[0].continue_()
        page.get_by_role("dialog").wait_for()

        expect(bar).to_have_css("opacity", "0")

    def test_a_lost_connection_is_shown(self, page):
        page.goto("/kit/")
        expect(page.get_by_text("No connection.")).to_be_hidden()
        page.context.set_offline(True)
        page.get_by_text("No connection.").wait_for()
        page.context.set_offline(False)
        page.get_by_text("No connection.").wait_for(state="hidden")

"""The house in a real Chromium: look, menu, keys, sheets, toasts, and no scripts at all."""

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


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


class TestLook:
    URLS = ["/kit/", "/kit/rows/", "/kit/sheet/", "/preferences/"]

    @pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (390, "light")])
    def test_is_accessible(self, new_page, marta, assert_accessible, width, theme):
        page = new_page(marta, width=width, theme=theme)
        for url in self.URLS:
            page.goto(url)
            assert_accessible(page)
        stranger = new_page(width=width, theme=theme)
        for url in ["/login/", "/password/reset/"]:
            stranger.goto(url)
            assert_accessible(stranger)

    def test_never_scrolls_sideways(self, new_page, marta):
        page = new_page(marta)
        for width in (320, 768, 1024, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            for url in [*self.URLS, "/password/"]:
                page.goto(url)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, url

    def test_of_menus_and_the_list_of_keys_is_accessible(self, page, assert_accessible):
        page.goto("/kit/rows/")
        for name in ["Theme", "Language", "Marta Ruiz"]:
            page.locator(f"summary[title='{name}']").click()
            assert_accessible(page)
            page.keyboard.press("Escape")
        page.keyboard.press("?")
        page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
        assert_accessible(page)

    def test_follows_the_device_until_a_theme_is_chosen(self, page):
        page.goto("/kit/")
        assert background(page) == "rgb(250, 249, 246)"
        page.emulate_media(color_scheme="dark")
        expect(page.locator("body")).to_have_css("background-color", "rgb(21, 22, 25)")

    def test_changes_at_once_and_stays(self, page, marta):
        page.goto("/kit/")
        page.locator("summary[title=Theme]").click()
        with page.expect_response("**/theme/"):
            page.get_by_role("button", name="Dark").click()

        assert background(page) == "rgb(21, 22, 25)"
        assert User.objects.get().theme == "dark"
        page.reload()
        assert background(page) == "rgb(21, 22, 25)"

    def test_has_rows_as_high_as_the_person_likes(self, page, marta):
        heights = {}
        for density in ("comfortable", "normal", "compact"):
            User.objects.update(density=density)
            page.goto("/kit/rows/")
            heights[density] = page.locator("tbody td").first.bounding_box()["height"]

        assert {name: round(height) for name, height in heights.items()} == {
            "comfortable": 44,
            "normal": 38,
            "compact": 32,
        }


class TestSidebar:
    def width(self, page):
        return round(page.locator("nav.side").bounding_box()["width"])

    def test_narrows_by_key_and_remembers(self, page):
        page.goto("/kit/")
        assert self.width(page) == 216
        page.keyboard.press("[")
        assert self.width(page) == 60
        page.goto("/kit/rows/")
        assert self.width(page) == 60
        page.keyboard.press("[")
        assert self.width(page) == 216

    def test_is_narrow_in_a_small_window_with_names_as_tooltips(self, new_page, marta):
        page = new_page(marta, width=1000)
        page.goto("/kit/")

        assert self.width(page) == 60
        expect(page.get_by_role("link", name="Rows")).to_be_visible()

    def test_is_the_whole_screen_of_a_phone(self, new_page, marta, assert_accessible):
        page = new_page(marta, width=390, height=844)
        page.goto("/kit/")
        expect(page.locator("nav.side")).to_be_hidden()
        page.get_by_role("link", name="More", exact=True).click()
        expect(page.get_by_role("link", name="Waiting")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("link", name="Close the menu").click()
        expect(page.locator("nav.side")).to_be_hidden()
        page.go_back()
        expect(page.locator("nav.side")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("nav.side")).to_be_hidden()


class TestKeys:
    def test_act_while_no_field_has_the_focus(self, page):
        page.goto("/kit/rows/")
        page.keyboard.press("/")
        search = page.get_by_label("Search log entries")
        expect(search).to_be_focused()
        page.keyboard.press("n")
        expect(search).to_have_value("n")
        expect(page.locator("dialog[open]")).to_have_count(0)

    def test_lead_to_pages_in_pairs(self, page):
        page.goto("/kit/rows/")
        page.keyboard.press("g")
        page.keyboard.press("k")
        page.wait_for_url("**/kit/")

    def test_work_on_a_cyrillic_keyboard(self, page):
        page.goto("/kit/")
        page.evaluate(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'т', code: 'KeyN', bubbles: true, cancelable: true}))"
        )
        page.get_by_role("dialog", name="Create interaction").wait_for()

    def test_can_be_switched_off_but_for_those_with_ctrl(self, page, marta):
        User.objects.update(shortcuts=False)
        page.goto("/kit/")
        page.keyboard.press("n")
        page.keyboard.press("c")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.locator("#open").click()
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Control+Enter")
        page.get_by_text("3 things to fix").wait_for()

    def test_are_told_to_assistive_technology(self, page):
        page.goto("/kit/rows/")
        assert (
            page.get_by_role("link", name="New interaction").first.get_attribute("aria-keyshortcuts") == "n"
        )
        expect(page.get_by_label("Search log entries")).to_have_attribute("aria-keyshortcuts", "/ f3")

    def test_are_listed(self, page):
        page.goto("/kit/rows/")
        page.keyboard.press("?")
        rows = page.locator("#dialog .keys").inner_text().split("\n")

        listed = dict(zip(rows[::2], rows[1::2], strict=True))
        assert listed["N"] == "New interaction"
        assert listed["/"] == "Search log entries"
        assert listed["J"] == "Next row"
        assert listed["Esc"] == "Close"
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)


class TestSheet:
    def open(self, page):
        page.goto("/kit/")
        page.locator("#open").click()
        page.get_by_role("dialog", name="Create interaction").wait_for()

    def test_opens_beside_the_page_under_its_own_address(self, page, assert_accessible):
        self.open(page)

        expect(page).to_have_url("/kit/sheet/")
        expect(page.locator("main h1")).to_contain_text("Component states")
        assert_accessible(page)

    @pytest.mark.parametrize("way", ["escape", "cross", "back", "outside"])
    def test_closes_to_the_page_and_its_opener(self, page, way):
        self.open(page)
        match way:
            case "escape":
                page.keyboard.press("Escape")
            case "cross":
                page.get_by_role("dialog").get_by_role("button", name="Close").click()
            case "back":
                page.go_back()
            case "outside":
                page.mouse.click(100, 500)
        page.wait_for_url("**/kit/")

        expect(page.locator("dialog[open]")).to_have_count(0)
        assert page.locator("#sheet").inner_html() == ""
        expect(page.locator("#open")).to_be_focused()
        page.go_back()
        assert page.url == "about:blank"

    def test_is_a_page_when_it_is_loaded_again_or_opened_in_a_tab(self, page):
        self.open(page)
        page.reload()
        expect(page.locator("main h1")).to_have_text("Create interaction")
        expect(page.locator("dialog[open]")).to_have_count(0)

        page.goto("/kit/")
        with page.context.expect_page() as tab:
            page.locator("#open").click(modifiers=["Control"])
        assert tab.value.url.endswith("/kit/sheet/")
        expect(page.locator("dialog[open]")).to_have_count(0)

    def test_keeps_what_was_typed_and_leads_to_the_fault(self, page, assert_accessible):
        self.open(page)
        page.get_by_label("Description").fill("Lux calculation")
        page.keyboard.press("Control+Enter")
        summary = page.get_by_role("alert")
        summary.wait_for()

        expect(summary).to_be_focused()
        expect(page.get_by_label("Description")).to_have_value("Lux calculation")
        assert_accessible(page)
        summary.get_by_role("link", name="Kind").click()
        expect(page.get_by_label("Call")).to_be_focused()

    def test_as_a_page_keeps_what_was_typed_too(self, page, assert_accessible):
        page.goto("/kit/sheet/")
        page.get_by_label("Description").fill("Lux calculation")
        page.get_by_role("button", name="Log interaction").click()
        page.get_by_role("alert").wait_for()

        expect(page.get_by_label("Description")).to_have_value("Lux calculation")
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator("dialog[open]")).to_have_count(0)
        assert_accessible(page)

    def test_searches_contacts_and_finishes(self, page):
        self.open(page)
        page.locator("dialog .ts-wrapper").wait_for()  # until then the name is that of the plain list
        contact = page.get_by_role("combobox", name="Contact")
        contact.click()
        contact.press_sequentially("март")
        page.get_by_text("Nothing found").wait_for()
        late = []
        page.route(re.compile(r"[?&]q=$"), lambda route: late.append(route))
        contact.fill("")
        page.wait_for_timeout(300)  # until it asks
        contact.press_sequentially("march")
        expect(page.get_by_role("option")).to_have_count(1)
        for route in late:
            route.continue_()
        page.wait_for_timeout(200)
        expect(page.get_by_role("option")).to_have_count(1)  # what nothing typed finds comes too late
        assert late
        page.get_by_role("option", name="Hélène Marchand").click()
        page.locator("dialog .ts-control .item").wait_for()
        page.get_by_label("Description").fill("Lux calculation")
        page.get_by_label("Call").check()
        page.get_by_role("dialog").get_by_role("button", name="Log interaction").click()
        page.get_by_role("status").get_by_text("Noted.").wait_for()

        expect(page).to_have_url("/kit/")
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("Taken back: Lux calculation").wait_for()

    def test_undoes_by_key(self, page):
        page.goto("/kit/sheet/")
        page.get_by_role("combobox", name="Contact").press_sequentially("march")
        page.get_by_role("option", name="Hélène Marchand").click()
        page.get_by_label("Description").fill("Lux calculation")
        page.get_by_label("Call").check()
        page.keyboard.press("Control+Enter")
        page.get_by_text("Noted.").wait_for()
        page.keyboard.press("Control+z")
        page.get_by_text("Taken back: Lux calculation").wait_for()

    def test_closes_by_an_answer_and_shows_its_toast_over_the_page(self, page):
        self.open(page)
        page.keyboard.press("Control+s")
        toast = page.get_by_role("status").get_by_text("Done beside the page.")
        toast.wait_for()
        page.wait_for_url("**/kit/")

        expect(page.locator("dialog[open]")).to_have_count(0)
        expect(page.get_by_role("link", name="Look")).to_have_attribute("href", "/kit/")
        page.get_by_role("button", name="Close the message").click()
        expect(toast).to_have_count(0)


class TestToasts:
    @pytest.fixture
    def page(self, page):
        page.clock.install()
        page.goto("/kit/")
        return page

    def say(self, page, level):
        page.evaluate(
            "level => document.dispatchEvent(new CustomEvent('toast', {detail: {toasts: [{text: 'Noted.', level}]}}))",
            level,
        )
        return page.get_by_role("status").get_by_text("Noted.")

    def test_leave_after_eight_seconds(self, page):
        toast = self.say(page, "success")
        page.clock.run_for(6000)  # the clock runs on meanwhile
        expect(toast).to_have_count(1)
        page.clock.run_for(2100)
        expect(toast).to_have_count(0)

    def test_stay_while_they_are_looked_at(self, page):
        toast = self.say(page, "success")
        toast.hover()
        page.clock.run_for(20_000)
        expect(toast).to_have_count(1)
        page.mouse.move(5, 5)
        page.clock.run_for(8100)
        expect(toast).to_have_count(0)

    def test_about_errors_stay_until_they_are_closed(self, page):
        toast = self.say(page, "error")
        page.clock.run_for(60_000)
        expect(toast).to_have_count(1)
        page.get_by_role("button", name="Close the message").click()
        expect(toast).to_have_count(0)


class TestWithoutScripts:
    @pytest.fixture
    def page(self, new_page, marta):
        return new_page(marta, javascript=False)

    def test_every_page_is_reached_and_forms_work(self, page, marta):
        page.goto("/kit/")
        page.get_by_role("link", name="New interaction").first.click()
        expect(page.locator("h1")).to_have_text("Create interaction")

        page.get_by_label("Description").fill("Lux calculation")
        page.get_by_role("button", name="Log interaction").click()
        expect(page.get_by_text("2 things to fix")).to_be_visible()
        expect(page.get_by_label("Description")).to_have_value("Lux calculation")

    def test_the_menus_work(self, page, marta):
        page.goto("/kit/")
        page.locator("summary[title=Theme]").click()
        page.get_by_role("button", name="Dark").click()
        assert background(page) == "rgb(21, 22, 25)"
        page.locator("summary[title=Language]").click()
        page.get_by_role("button", name="Español").click()
        expect(page.locator("html")).to_have_attribute("lang", "es")

    def test_messages_stand_in_the_page_and_can_be_undone(self, page):
        page.goto("/kit/")
        page.locator("#say-text").fill("Said")
        page.locator("#say button").click()

        toast = page.locator("#toasts")
        assert "Said" in toast.inner_text()
        assert toast.evaluate("node => getComputedStyle(node).position") == "static"

    def test_a_selection_is_sent(self, page):
        page.goto("/kit/rows/")
        page.get_by_label("Select Lucía Navarro").check()
        page.get_by_role("button", name="Cancel entries").click()

        expect(page.locator("#posted")).to_have_text("1 / None")

    def test_more_rows_are_a_page(self, page):
        page.goto("/kit/rows/")
        page.get_by_role("link", name="Load 50 more").click()

        expect(page.locator("tbody tr")).to_have_count(6)
        expect(page).to_have_url("/kit/rows/?after=6")

    def test_the_phones_menu_opens(self, new_page, marta):
        page = new_page(marta, width=390, javascript=False)
        page.goto("/kit/")
        page.get_by_role("link", name="More", exact=True).click()
        page.get_by_role("link", name="Waiting").click()

        expect(page).to_have_url("/preferences/")

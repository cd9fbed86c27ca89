"""The worksheet in a real browser: nothing typed is lost, and a page stays a page."""

import re

import pytest
from playwright.sync_api import expect

from segments.actions import update_segment
from tests.factories import ContactFactory, InteractionTemplateFactory, SegmentFactory, UserFactory


@pytest.fixture
def sofia(live_server):
    return UserFactory(role="Marketing manager", first_name="Sofía", last_name="Finch")


@pytest.fixture
def segment(sofia):
    contacts = [ContactFactory(name=name) for name in ("Beatriz Salgado", "Diego Ferrer")]
    return SegmentFactory(ready=True, no="SM00021", created_by=sofia, contacts=contacts)


def described(within):
    return within.get_by_label("Description", exact=True)


class TestHeaderSheet:
    def test_keeps_what_was_typed_when_it_is_closed_until_it_is_saved(self, new_page, sofia, segment):
        page = new_page(sofia, width=1440)
        page.goto("/segments/SM00021/")
        sheet = page.get_by_role("dialog", name="Interaction for every line")
        edit = page.locator("[data-key=e]")

        edit.click()
        described(sheet).fill("Typed, not saved")
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        expect(page.locator("#toasts")).to_contain_text("What you typed comes back")
        page.reload()
        edit.click()
        expect(described(sheet)).to_have_value("Typed, not saved")
        expect(sheet.get_by_text("What you typed here before is back.")).to_be_visible()

        sheet.get_by_role("button", name="Start over").click()
        expect(described(sheet)).to_have_value(segment.description)
        described(sheet).fill("Saved")
        page.keyboard.press("Control+s")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Saved")
        edit.click()
        expect(described(sheet)).to_have_value("Saved")
        expect(sheet.get_by_text("What you typed here before is back.")).to_have_count(0)

    def test_as_a_page_asks_in_the_page_whose_value_stays(self, new_page, sofia, segment):
        page = new_page(sofia, width=1440)
        page.goto("/segments/SM00021/edit/")
        described(page).fill("Mine")
        update_segment(segment, by=UserFactory(), description="Theirs")
        page.keyboard.press("Control+s")

        page.get_by_label("Take theirs: Theirs").check()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("#segment-form")).to_have_count(1)
        page.keyboard.press("Control+s")
        expect(page).to_have_url("/segments/SM00021/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Theirs")


class TestCell:
    def test_is_changed_with_the_keyboard_alone_and_taken_back(self, new_page, sofia, segment):
        for code in ("AFIRST", "ASECOND"):
            InteractionTemplateFactory(code=code)
        page = new_page(sofia, width=1440)
        page.goto("/segments/SM00021/")
        first, second = page.locator("#rows tr").all()
        first.locator("[data-cell=description]").focus()
        page.keyboard.press("Enter")
        expect(first.locator("input[name=description]")).to_be_focused()
        page.keyboard.type("Own words")
        page.keyboard.press("Enter")
        expect(first.locator("[data-cell=description]")).to_contain_text("Own words")
        expect(second.locator("[data-cell=description]")).to_be_focused()

        first.locator("[data-cell=description]").focus()
        page.keyboard.press("Enter")
        first.locator("input[name=description]").fill("Other words")
        page.keyboard.press("Tab")
        template = first.locator("[data-cell=template]")
        expect(template).to_be_focused()
        page.keyboard.press("Enter")
        choices = first.locator("select[name=template]")
        expect(choices).to_be_focused()
        for _choice in range(2):
            page.keyboard.press("ArrowDown")
        chosen = choices.evaluate("select => select.selectedIndex")
        page.keyboard.press("Enter")
        expect(template).to_have_text(re.compile("SECOND"))
        assert chosen == 2
        expect(second.locator("[data-cell=template]")).to_be_focused()

        page.keyboard.press("Control+z")
        expect(template).not_to_have_text(re.compile("SECOND"))
        expect(first.locator("[data-cell=description]")).to_contain_text("Other words")

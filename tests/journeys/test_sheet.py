"""The sheet of a new interaction from wherever it opens: contacts, files, focus, closing, and the page behind it."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from crm import formats
from crm.parsing import parse_date
from interactions.models import Attachment, InteractionDraft, InteractionLogEntry
from tests.factories import ContactFactory, InteractionLogEntryFactory

from .test_never_lose_a_word import begin, sheet_of

NOTE = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"500 lux on every desk\n"}
PICK = "(field, day) => { field.value = day; field.dispatchEvent(new Event('change', { bubbles: true })); }"
PROGRAM = {"name": "virus.exe", "mimeType": "application/octet-stream", "buffer": b"MZ\x90\x00"}


def choose(place, name):
    """Chooses the contact *name* in the look-up of *place*."""
    field = place.locator(".fld", has=place.page.get_by_text("Contact", exact=True)).locator(
        ".ts-control input"
    )
    field.click()
    field.press_sequentially(name[:5])
    place.get_by_role("option", name=name).click()


def by_key_n(page, firm):
    page.goto("/")
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("n")


def from_the_salesperson(page, firm):
    page.goto(firm.marta.get_absolute_url())
    page.get_by_role("heading", level=1).wait_for()
    page.keyboard.press("c")


def by_the_plus_of_a_phone(page, firm):
    page.goto("/")
    page.locator(".tabbar .plus").click()


class TestContactOfTheSheet:
    @pytest.mark.parametrize(
        ("opened", "width"),
        [(by_key_n, 1280), (from_the_salesperson, 1280), (by_the_plus_of_a_phone, 390)],
    )
    def test_that_was_chosen_is_saved(self, new_page, firm, opened, width):
        page = new_page(firm.user, width=width)
        opened(page, firm)
        sheet = sheet_of(page)
        choose(sheet, "Hélène Marchand")
        sheet.get_by_text("Draft saved").wait_for()
        assert InteractionDraft.objects.get().contact == firm.helene
        sheet.get_by_label("Template").select_option(label="CALL · Call")
        expect(sheet.get_by_label("Description")).to_have_value("Call")
        sheet.get_by_role("button", name="Log interaction").click()
        page.locator("#toasts").get_by_text("Interaction logged.").wait_for()
        assert InteractionLogEntry.objects.get().contact == firm.helene

    def test_that_was_chosen_in_a_filter_is_applied(self, new_page, firm):
        InteractionLogEntryFactory(contact=firm.helene, salesperson=firm.marta, description="With Hélène")
        InteractionLogEntryFactory(
            contact=ContactFactory(), salesperson=firm.marta, description="With another"
        )
        page = new_page(firm.user, width=1440)
        page.goto("/interactions/")
        page.keyboard.press("f")
        form = page.locator("form", has=page.get_by_role("button", name="Apply filters"))
        choose(form, "Hélène Marchand")
        page.get_by_role("button", name="Apply filters").click()
        expect(page.locator("#rows tr")).to_have_count(1)
        expect(page.locator("#rows tr")).to_contain_text("With Hélène")


class TestFileOfTheSheet:
    @pytest.mark.parametrize("button", ["Log interaction", "Save for later"])
    def test_chosen_just_before_a_button_is_pressed_is_stored(self, new_page, firm, button):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Add a file").set_input_files(NOTE)
        sheet.get_by_role("button", name=button).click()
        page.locator("#toasts [data-toast]").wait_for()
        written = (InteractionLogEntry if button == "Log interaction" else InteractionDraft).objects.get()
        assert written.attachment.name == "note.txt"

    @pytest.mark.parametrize("button", ["Log interaction", "Save for later"])
    def test_that_is_bad_is_refused_in_one_sentence(self, new_page, firm, button):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Add a file").set_input_files(PROGRAM)
        sheet.get_by_role("button", name=button).click()
        expect(sheet.locator("#upload-errors .err")).to_have_count(1)
        assert not InteractionLogEntry.objects.exists()
        assert not Attachment.objects.exists()

    def test_stays_with_a_sheet_that_is_closed_at_once(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Add a file").set_input_files(NOTE)
        page.keyboard.press("Escape")
        page.locator("#toasts").get_by_text("Saved for later.").wait_for()
        expect(sheet).to_be_hidden()
        assert InteractionDraft.objects.kept().get().attachment.name == "note.txt"

    def test_that_is_bad_keeps_a_sheet_open_that_is_to_close(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Add a file").set_input_files(PROGRAM)
        page.keyboard.press("Escape")
        expect(sheet.locator("#upload-errors .err")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        assert InteractionDraft.objects.kept().get().description == "Call"

    def test_is_stored_when_the_page_is_left_before_it_was_saved(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Add a file").set_input_files(NOTE)
        page.goto("/contacts/")
        page.locator("#toasts, h1").first.wait_for()
        page.wait_for_timeout(500)
        assert InteractionDraft.objects.get().attachment.name == "note.txt"

    def test_is_still_there_after_the_page_was_left(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_label("Add a file").set_input_files(NOTE)
        sheet.get_by_text("note.txt").wait_for()
        sheet.get_by_label("Comment").fill("Warm white.")
        page.goto("/contacts/")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(500)
        draft = InteractionDraft.objects.get()
        assert (draft.attachment.name, draft.comment) == ("note.txt", "Warm white.")

    def test_that_is_large_makes_the_browser_ask_before_the_page_is_left(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        large = NOTE | {"buffer": b"500 lux on every desk\n" * 5000}
        page.route("**/interactions/drafts/**", lambda route: None)  # the connection is slow
        sheet.get_by_label("Add a file").set_input_files(large)
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.close(run_before_unload=True)
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]


def focused(page):
    return page.evaluate("() => document.activeElement.labels?.[0]?.firstChild.textContent.trim()")


class TestFocusOfTheSheet:
    def test_begins_with_the_contact(self, new_page, firm):
        page = new_page(firm.user)
        by_key_n(page, firm)
        sheet_of(page).locator(".ts-control input").wait_for()
        expect(sheet_of(page).locator(".ts-control input")).to_be_focused()
        page.wait_for_timeout(400)
        expect(sheet_of(page).get_by_role("listbox")).to_be_hidden()
        page.keyboard.press("ArrowDown")
        sheet_of(page).get_by_role("option", name="Atelier Verrier CT000141").wait_for()
        page.keyboard.type("Hélène")
        page.get_by_role("option", name="Hélène Marchand").click()
        expect(sheet_of(page).get_by_label("Template")).to_be_focused()

    def test_begins_with_what_is_needed_next(self, new_page, firm):
        page = new_page(firm.user)
        page.goto(firm.helene.get_absolute_url())
        page.get_by_role("link", name="Create interaction").first.click()
        expect(sheet_of(page).get_by_label("Template")).to_be_focused()
        page.goto(f"/interactions/new/?contact={firm.helene.no}&template=CALL")
        expect(page.get_by_label("Description")).to_be_focused()
        page.keyboard.type("Lux")
        expect(page.get_by_label("Description")).to_have_value("Lux")

    def test_is_not_taken_from_somebody_who_types(self, new_page, firm):
        page = new_page(firm.user)
        page.goto(firm.helene.get_absolute_url())
        page.get_by_role("link", name="Create interaction").first.click()
        sheet = sheet_of(page)
        sheet.get_by_label("Template").select_option(label="CALL · Call")
        sheet.get_by_label("Comment").focus()
        page.keyboard.type("Warm", delay=30)
        expect(sheet.get_by_label("Description")).to_have_value("Call")
        page.wait_for_timeout(200)
        page.keyboard.type(" white", delay=30)
        expect(sheet.get_by_label("Comment")).to_have_value("Warm white")


class TestPageBehindTheSheet:
    def test_counts_and_shows_what_was_closed(self, new_page, firm):
        page = new_page(firm.user, width=1440)
        sheet = begin(page, firm.helene)
        count = page.locator(".nav-i", has_text="Postponed").locator(".n")
        assert count.text_content() == "0"
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        expect(count).to_have_text("1")
        expect(page.locator(".pnd")).to_contain_text("Postponed today")

    def test_shows_the_entry_that_was_logged(self, new_page, firm):
        page = new_page(firm.user)
        sheet = begin(page, firm.helene)
        sheet.get_by_role("button", name="Log interaction").click()
        entry = page.locator(".tl .fresh")
        entry.wait_for()
        expect(entry.get_by_role("link", name="Call", exact=True)).to_be_focused()

    @pytest.mark.parametrize("width", [1280, 390])
    def test_says_nothing_over_the_buttons_of_the_sheet(self, new_page, firm, width):
        page = new_page(firm.user, width=width, height=800)
        sheet = begin(page, firm.helene)
        assert_beside(page, sheet)
        page.goto(f"/interactions/new/?contact={firm.helene.no}")
        assert_beside(page, page.locator(".sheet-page"))


def assert_beside(page, sheet):
    """A message that appears now stands above the buttons of *sheet*."""
    page.evaluate(
        "() => document.dispatchEvent(new CustomEvent('toast', "
        "{ detail: { toasts: [{ text: 'A message', level: 'error' }] } }))"
    )
    toast = page.locator("#toasts [data-toast]")
    toast.wait_for()
    said = toast.bounding_box()
    assert said["y"] + said["height"] <= sheet.locator(".bar-f").bounding_box()["y"]


class TestDates:
    def test_picked_are_written_as_the_region_does_and_understood(self, new_page, firm):
        """Every date that the script writes is read by the server as the same date."""
        page = new_page(firm.user)
        page.goto(f"/interactions/new/?contact={firm.helene.no}&template=CALL")
        days = [dt.date(2026, month, 7) for month in range(1, 13)]
        for region, _name in formats.REGIONS:
            page.evaluate("region => { document.documentElement.dataset.region = region; }", region)
            for day in days:
                page.locator(".picked input[type=date]").evaluate(PICK, day.isoformat())
                written = page.get_by_label("Date", exact=True).input_value()
                with formats.override(region):
                    assert parse_date(written) == day, (region, written)

    def test_are_picked_and_saved(self, new_page, firm):
        page = new_page(firm.user)
        page.goto(f"/interactions/new/?contact={firm.helene.no}&template=CALL")
        expect(page.get_by_role("button", name="Choose a date")).to_be_visible()
        page.locator(".picked input[type=date]").evaluate(PICK, "2026-03-02")
        expect(page.get_by_label("Date", exact=True)).to_have_value("2 Mar 2026")
        page.get_by_text("Draft saved").wait_for()
        assert InteractionDraft.objects.get().date == dt.date(2026, 3, 2)

    def test_of_the_list_and_of_deleting_follow_the_region(self, new_page, firm):
        firm.user.region = "en-US"
        firm.user.save()
        page = new_page(firm.user, width=1440)
        page.goto("/interactions/?date_before=2026-03-02&filters=1")
        expect(page.get_by_label("To date", exact=True)).to_have_value("Mar 2, 2026")
        page.goto("/interactions/canceled/delete/?date_before=2026-03-02")
        expect(page.get_by_label("To date", exact=True)).to_have_value("Mar 2, 2026")
        expect(page.get_by_role("button", name="Choose a date")).to_have_count(2)

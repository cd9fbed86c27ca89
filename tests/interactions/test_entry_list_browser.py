"""The ledger in a real browser: beside the list, on a phone, without scripts, and by the rules of accessibility."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from interactions.models import InteractionLogEntry
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    EntryCommentFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    UserFactory,
)

ENTRIES = InteractionLogEntry.objects


@pytest.fixture
def marta(live_server):
    user = UserFactory(role="Marketing manager", first_name="Marta", last_name="Ruiz")
    SalespersonFactory(code="MR", name="Marta Ruiz", user=user)
    return user


@pytest.fixture
def ledger(marta):
    """Six entries E0 (newest) to E5 of one contact; E1 has a file of its own and a comment, E5 is canceled."""
    contact = ContactFactory(no="CT000142", name="Hélène Marchand")
    template = InteractionTemplateFactory(code="CALL", description="Outgoing call", quick_key=1)
    today = dt.datetime.now(dt.UTC).date()
    entries = [
        InteractionLogEntryFactory(
            description=f"E{age} about lamps",
            contact=contact,
            template=template,
            salesperson=marta.salesperson,
            logged_by=marta,
            date=today - dt.timedelta(days=age),
            direction="OUTBOUND",
            minutes=5 * age,
            attachment=AttachmentFactory(name="Answer.docx", extension="docx") if age == 1 else None,
            canceled=age == 5,
        )
        for age in range(6)
    ]
    EntryCommentFactory(entry=entries[1], created_by=marta, text="Voicemail left")
    return entries


def row(page, entry):
    return page.locator(f"#entry-{entry.pk}")


def toast(page):
    return page.locator("#toasts [data-toast]").last


class TestPreview:
    def test_opens_beside_the_list_evaluates_at_once_and_draws_the_row_again(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        row(page, ledger[1]).locator(".c-date").click()
        pane = page.locator("#preview")
        expect(pane.get_by_role("heading", name="E1 about lamps")).to_be_visible()
        expect(pane.get_by_text("Voicemail left")).to_be_visible()

        pane.get_by_role("button", name="Very positive").click()

        expect(pane.get_by_role("button", name="Very positive")).to_have_attribute("aria-pressed", "true")
        expect(row(page, ledger[1]).locator(".ev")).to_have_attribute("title", "Very positive")
        expect(toast(page)).to_contain_text("1 entry evaluated: Very positive.")
        assert ENTRIES.get(pk=ledger[1].pk).evaluation == 2

    def test_takes_a_comment_and_keeps_a_refused_one(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        row(page, ledger[0]).locator(".c-date").click()
        pane = page.locator("#preview")

        pane.get_by_role("button", name="Add comment").click()
        expect(pane.get_by_text("Enter the comment first.")).to_be_visible()
        pane.get_by_label("Comment", exact=True).fill("Call again on Thursday")
        pane.get_by_role("button", name="Add comment").click()

        expect(pane.locator("#comments p").first).to_have_text("Call again on Thursday")
        expect(row(page, ledger[0]).get_by_text("has comments")).to_be_attached()

    def test_cancels_with_a_reason_says_so_and_takes_it_back(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        row(page, ledger[0]).locator(".c-date").click()
        page.locator("#preview").get_by_role("link", name="Cancel entry").click()
        dialog = page.get_by_role("dialog", name="Cancel 1 entry")
        dialog.get_by_text("Duplicate").click()
        dialog.get_by_label("Note").fill("Logged twice")

        dialog.get_by_role("button", name="Cancel 1 entry").click()

        expect(dialog).to_be_hidden()
        expect(row(page, ledger[0]).locator(".c-st")).to_have_text("Canceled")
        expect(page.locator("#preview").get_by_text("Duplicate: Logged twice")).to_be_visible()
        toast(page).get_by_role("button", name="Undo").click()
        expect(toast(page)).to_contain_text("1 entry reinstated.")
        expect(row(page, ledger[0]).locator(".c-st")).to_have_text("Logged")

    def test_is_a_sheet_where_there_is_no_room(self, new_page, marta, ledger):
        page = new_page(marta, width=390, height=844)
        page.goto("/interactions/")
        row(page, ledger[1]).locator(".c-type").click()
        sheet = page.get_by_role("dialog", name="E1 about lamps")
        expect(sheet).to_be_visible()
        assert page.url.endswith(f"/interactions/{ledger[1].pk}/")

        sheet.get_by_role("button", name="Positive", exact=True).click()
        expect(sheet.get_by_role("button", name="Positive", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )
        page.go_back()

        expect(sheet).to_be_hidden()
        assert page.url.endswith("/interactions/")


class TestBulk:
    def test_bar_follows_the_first_selected_row(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        row(page, ledger[0]).get_by_role("checkbox").check()
        bar = page.get_by_role("region", name="Actions for selected entries")
        expect(bar).to_contain_text("1 selected")
        expect(bar.get_by_role("button", name="Cancel entries…")).to_be_visible()
        expect(bar.get_by_role("button", name="Reinstate entries")).to_be_hidden()

        row(page, ledger[0]).get_by_role("checkbox").uncheck()
        row(page, ledger[5]).get_by_role("checkbox").check()

        expect(bar.get_by_role("button", name="Reinstate entries")).to_be_visible()
        bar.get_by_role("button", name="Reinstate entries").click()
        expect(row(page, ledger[5]).locator(".c-st")).to_have_text("Logged")
        expect(bar).to_be_hidden()

    def test_cancels_the_selected_rows_and_offers_to_remove_the_one_file(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        for entry in ledger[:3]:
            row(page, entry).get_by_role("checkbox").check()
        page.get_by_role("button", name="Cancel entries…").click()
        dialog = page.get_by_role("dialog", name="Cancel 3 entries")
        expect(dialog.get_by_text("One entry has its own file, Answer.docx.")).to_be_visible()

        dialog.get_by_role("button", name="Cancel 3 entries").click()

        for entry in ledger[:3]:
            expect(row(page, entry).locator(".c-st")).to_have_text("Canceled")
        expect(toast(page)).to_contain_text("3 entries canceled.")
        assert ENTRIES.get(pk=ledger[1].pk).attachment is not None

    def test_evaluates_all_that_match(self, new_page, marta, ledger):
        for number in range(50):
            InteractionLogEntryFactory(
                description=f"F{number}", date=dt.date(2026, 1, 1), template=ledger[0].template
            )
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        row(page, ledger[0]).get_by_role("checkbox").check()
        page.get_by_text("Select all 56").click()
        expect(page.get_by_role("region", name="Actions for selected entries")).to_contain_text("56 selected")
        page.get_by_role("region", name="Actions for selected entries").get_by_role(
            "button", name="Evaluate"
        ).click()

        page.get_by_role("dialog", name="Evaluate 56 entries").get_by_role("button", name="Neutral").click()

        expect(row(page, ledger[4]).locator(".ev")).to_have_attribute("title", "Neutral")
        assert ENTRIES.filter(evaluation=0).count() == 56


class TestList:
    def test_searches_while_one_types_and_keeps_the_address(self, new_page, marta, ledger):
        InteractionLogEntryFactory(description="Gallery")
        page = new_page(marta, width=1440)
        page.goto("/interactions/?template=CALL")
        page.get_by_role("searchbox", name="Search log entries").type("e3 lam")

        expect(page.locator("#rows tr")).to_have_count(1)
        expect(page.locator("#chosen")).to_contain_text("Template: CALL")
        assert "q=e3" in page.url
        assert "template=CALL" in page.url
        page.get_by_role("link", name="Remove the filter Template: CALL · Outgoing call").click()
        expect(page.locator("#chosen")).not_to_contain_text("Template")
        page.get_by_role("searchbox", name="Search log entries").fill("zzz")
        expect(page.get_by_text("Nothing matches “zzz”")).to_be_visible()

    def test_hides_canceled_entries_and_jumps_to_a_date(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        page.get_by_label("Hide canceled").check()
        expect(page.locator("#rows tr")).to_have_count(5)

        page.get_by_label("Jump to date").fill(ledger[3].date.isoformat())
        page.keyboard.press("Enter")

        expect(page.locator("#rows tr")).to_have_count(2)
        expect(page.locator("#rows tr").first).to_contain_text("E3 about lamps")

    def test_closes_the_preview_and_goes_back_to_the_row(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        row = page.locator("#rows tr").first
        row.locator("[data-open]").click()

        page.locator("#preview").get_by_role("button", name="Close", exact=True).click()

        expect(page.locator("#preview")).to_contain_text("Choose an entry to see it here")
        expect(row.locator("[data-open]")).to_be_focused()

    def test_opens_the_filters_and_applies_them(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        page.keyboard.press("f")
        page.get_by_label("Evaluation", exact=True).select_option("Not evaluated")
        page.get_by_label("Canceled", exact=True).select_option("Only canceled")
        page.get_by_role("button", name="Apply filters").click()

        expect(page.locator("#rows tr")).to_have_count(1)
        expect(page.locator("#rows tr").first).to_contain_text("E5 about lamps")

    def test_loads_more_rows_and_goes_on_from_there(self, new_page, marta, ledger):
        for number in range(50):
            InteractionLogEntryFactory(
                description=f"F{number:02}", date=dt.date(2026, 1, 1), template=ledger[0].template
            )
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        page.get_by_role("link", name="Load 6 more").click()

        expect(page.locator("#rows tr")).to_have_count(56)
        expect(page.locator("#pager-text")).to_have_text("56 of 56 entries")
        expect(page.locator("#rows tr").nth(50).locator("[data-open]")).to_be_focused()

    def test_works_without_scripts(self, new_page, marta, ledger):
        page = new_page(marta, width=1280, javascript=False)
        page.goto("/interactions/")
        for entry in ledger[:2]:
            row(page, entry).get_by_role("checkbox").check()
        page.get_by_role("button", name="Cancel entries…").click()
        expect(page.get_by_role("heading", name="Cancel 2 entries")).to_be_visible()
        page.get_by_role("button", name="Cancel 2 entries").click()

        expect(page.get_by_text("2 entries canceled.")).to_be_visible()
        row(page, ledger[2]).get_by_role("link", name="E2 about lamps", exact=True).click()
        page.get_by_role("button", name="Negative", exact=True).click()
        expect(page.get_by_role("button", name="Negative", exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )


class TestTimelineInTheBrowser:
    def test_draws_itself_again_when_an_entry_changes(self, new_page, marta, ledger):
        page = new_page(marta, width=1440)
        page.goto(ledger[0].contact.get_absolute_url())
        page.get_by_role("link", name="E0 about lamps", exact=True).click()
        sheet = page.get_by_role("dialog", name="E0 about lamps")
        sheet.get_by_role("link", name="Cancel entry").click()
        page.get_by_role("dialog", name="Cancel 1 entry").get_by_role("button", name="Cancel 1 entry").click()

        expect(sheet.get_by_role("button", name="Reinstate entry")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("link", name="2 canceled entries hidden — show")).to_be_visible()
        page.get_by_role("link", name="2 canceled entries hidden — show").click()
        expect(page.locator(".tl li.canc")).to_have_count(2)


class TestPurgeInTheBrowser:
    def test_counts_while_one_chooses_and_deletes(self, new_page, marta, ledger):
        InteractionLogEntryFactory(canceled=True, date=dt.date(2020, 1, 1))
        page = new_page(marta, width=1280)
        page.goto("/interactions/canceled/delete/")
        expect(page.get_by_role("button", name="Delete 2 entries")).to_be_visible()

        page.get_by_label("Template").select_option("CALL · Outgoing call")
        page.get_by_role("button", name="Delete 1 entry").click()

        expect(toast(page)).to_contain_text("1 canceled entry deleted, with 0 comments and 0 files.")
        assert ENTRIES.canceled().count() == 1


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
class TestAccessibility:
    def test_of_what_opens_over_and_beside_the_list(
        self, new_page, marta, ledger, assert_accessible, theme, width
    ):
        marta.theme = theme
        marta.save()
        page = new_page(marta, width=width, theme=theme)
        page.goto("/interactions/")
        row(page, ledger[1]).locator(".c-type").click()
        expect(page.locator("#entry-view")).to_be_visible()
        assert_accessible(page)
        if width < 1180:
            page.keyboard.press("Escape")
            expect(page.locator("#sheet #entry-view")).to_have_count(0)
        for entry in ledger[:2]:
            row(page, entry).get_by_role("checkbox").check()
        assert_accessible(page)
        page.get_by_role("button", name="Cancel entries…").click()
        expect(page.get_by_role("dialog", name="Cancel 2 entries")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("dialog").get_by_role("button", name="Cancel 2 entries").click()
        expect(toast(page)).to_contain_text("2 entries canceled.")
        assert_accessible(page)

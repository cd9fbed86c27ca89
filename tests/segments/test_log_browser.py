"""Logging a segment in a real browser: problems put right in place, logged once, canceled and brought back."""

import pytest
from playwright.sync_api import expect

from crm.models import Channel, MarketingSetup
from interactions.models import InteractionLogEntry, LoggedSegment
from segments.models import Segment
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    InteractionTemplateFactory,
    NumberSeriesFactory,
    NumberSeriesLineFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    UserFactory,
)


@pytest.fixture
def sofia(live_server):
    return UserFactory(role="Marketing manager", first_name="Sofía", last_name="Finch")


@pytest.fixture
def segment(sofia):
    """SM00021 with four contacts, of which one is blocked, one has no e-mail address and one reads Russian."""
    series = NumberSeriesFactory()
    NumberSeriesLineFactory(series=series, starting_no="SM00022")
    setup = MarketingSetup.objects.get()
    setup.segment_nos = series
    setup.save()
    segment = SegmentFactory(
        no="SM00021",
        description="Lighting refit",
        template=InteractionTemplateFactory(code="MAILSHOT", channel=Channel.EMAIL, language="en"),
        salesperson=SalespersonFactory(name="Marta Ruiz"),
        campaign=CampaignFactory(no="CP1", description="Autumn"),
        language="en",
        ignore_contact=True,
        created_by=sofia,
        contacts=[
            ContactFactory(name="Diego Ferrer", email="diego@ferrer.example"),
            ContactFactory(name="Carmen Ibáñez", email="carmen@ibanez.example", privacy_blocked=True),
            ContactFactory(name="Beatriz Salgado", address="Calle Mayor 1"),
            ContactFactory(name="Anna Sokolova", email="anna@sokolova.example", language="ru"),
        ],
    )
    SegmentAttachmentFactory(segment=segment, language="en", attachment=AttachmentFactory())
    return segment


def toast(page):
    return page.locator("#toasts [data-toast]").last


def open_dialog(page):
    page.goto("/segments/SM00021/")
    page.get_by_role("link", name="Log segment…").click()
    dialog = page.get_by_role("dialog", name="Log segment SM00021")
    expect(dialog).to_be_visible()
    return dialog


def remove_blocked(within):
    """Takes out the lines whose contact is blocked for privacy, one of several problems that it would put right."""
    problem = within.get_by_role("listitem").filter(has_text="blocked for privacy")
    problem.get_by_role("button", name="Remove line").click()


class TestLogging:
    def test_puts_three_problems_right_logs_follows_up_cancels_and_reinstates(self, new_page, sofia, segment):
        page = new_page(sofia, width=1440)
        dialog = open_dialog(page)
        expect(dialog.get_by_text("1 ready · 2 to check · 1 blocking")).to_be_visible()
        button = dialog.get_by_role("button", name="Log 4 interactions")
        expect(button).to_have_attribute("aria-disabled", "true")
        button.press("Enter")
        expect(dialog.locator("#log-findings")).to_be_focused()
        assert not LoggedSegment.objects.exists()
        dialog.get_by_label("Create a follow-up segment").check()

        dialog.get_by_role("button", name="Use English").click()
        expect(dialog.get_by_text("no file in Russian")).to_have_count(0)
        dialog.get_by_role("button", name="Send as letter").click()
        expect(dialog.get_by_text("no e-mail address")).to_have_count(0)
        remove_blocked(dialog)
        expect(dialog.get_by_text("3 ready · 0 to check · 0 blocking")).to_be_visible()
        expect(dialog.get_by_label("Create a follow-up segment")).to_be_checked()
        dialog.get_by_role("button", name="Log 3 interactions").click()

        note = page.get_by_text("3 interactions logged. Follow-up segment SM00022 created.")
        expect(note).to_be_visible()
        assert InteractionLogEntry.objects.counting().count() == 3
        page.get_by_role("link", name="Cancel…").click()
        dialog = page.get_by_role("dialog", name="Cancel logged segment SM00021")
        expect(dialog.get_by_text("3 interactions are canceled with it")).to_be_visible()
        dialog.get_by_text("Duplicate").click()
        dialog.get_by_role("button", name="Cancel logged segment").click()
        expect(toast(page)).to_contain_text("Logged segment SM00021 canceled, with 3 entries.")
        assert not InteractionLogEntry.objects.counting().exists()

        page.get_by_role("button", name="Reinstate").click()
        expect(toast(page)).to_contain_text("Logged segment SM00021 reinstated, with 3 entries.")
        assert InteractionLogEntry.objects.counting().count() == 3
        page.keyboard.press("Control+F7")
        expect(page.get_by_role("heading", name="Interaction log entries")).to_be_visible()
        expect(page.locator("#rows tr")).to_have_count(3)

    def test_shows_the_segment_as_it_is_after_the_dialog_was_closed(self, new_page, sofia, segment):
        page = new_page(sofia, width=1440)
        dialog = open_dialog(page)
        remove_blocked(dialog)
        expect(dialog.get_by_text("blocked for privacy")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.locator("#lines").get_by_text("Carmen Ibáñez")).to_have_count(0)
        expect(page.locator("#lines").get_by_text("Diego Ferrer")).to_be_visible()

    def test_says_who_changed_the_segment_and_checks_again(self, new_page, sofia, segment):
        page = new_page(sofia, width=1440)
        dialog = open_dialog(page)
        remove_blocked(dialog)
        expect(dialog.get_by_text("blocked for privacy")).to_have_count(0)
        irina = UserFactory(first_name="Irina", last_name="Orlova")
        Segment.objects.update(version=99, changed_by=irina)

        page.keyboard.press("F9")

        expect(dialog.get_by_role("alert")).to_contain_text("Irina Orlova changed this segment meanwhile.")
        assert not LoggedSegment.objects.exists()
        dialog.get_by_role("link", name="Check again").click()
        expect(dialog.get_by_role("button", name="Log 3 interactions")).to_be_visible()
        page.keyboard.press("F9")
        expect(dialog.get_by_role("alert")).to_contain_text("look first at what is listed")
        assert not LoggedSegment.objects.exists()
        dialog.get_by_label("I have seen what is listed above").check()
        expect(dialog.get_by_text("Say first that you have seen")).to_be_hidden()
        page.keyboard.press("F9")
        expect(page.get_by_text("3 interactions logged.")).to_be_visible()

    def test_works_without_scripts(self, new_page, sofia, segment):
        page = new_page(sofia, javascript=False)
        page.goto("/segments/SM00021/log/")
        remove_blocked(page)
        page.get_by_label("Create a follow-up segment").check()
        page.get_by_label("I have seen what is listed above").check()
        page.get_by_role("button", name="Log 3 interactions").click()
        expect(page.get_by_text("Follow-up segment SM00022 created.")).to_be_visible()


class TestLooks:
    @pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
    def test_is_accessible(self, new_page, sofia, segment, width, theme, assert_accessible):
        page = new_page(sofia, width=width, theme=theme)
        dialog = open_dialog(page)
        assert_accessible(page)
        remove_blocked(dialog)
        expect(dialog.get_by_text("blocked for privacy")).to_have_count(0)
        dialog.get_by_role("button", name="Log 3 interactions").click()
        expect(dialog.get_by_role("alert")).to_contain_text("Nothing was logged yet")
        assert_accessible(page)
        dialog.get_by_label("I have seen what is listed above").check()
        dialog.get_by_role("button", name="Log 3 interactions").click()
        expect(page.get_by_text("3 interactions logged.")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("link", name="Cancel…").click()
        dialog = page.get_by_role("dialog", name="Cancel logged segment SM00021")
        expect(dialog).to_be_visible()
        assert_accessible(page)
        dialog.get_by_role("button", name="Cancel logged segment").click()
        expect(page.get_by_role("button", name="Reinstate")).to_be_visible()

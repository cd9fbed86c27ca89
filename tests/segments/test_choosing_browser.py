"""Choosing contacts in a real browser: add, reduce, go back, undo; on the phone; without a script; axe on all of them."""

import re

import pytest
from playwright.sync_api import expect

from segments.models import Segment, SegmentLine
from tests.factories import (
    ContactFactory,
    ContactMailingGroupFactory,
    MailingGroupFactory,
    SavedCriteriaFactory,
    SegmentFactory,
    UserFactory,
)


@pytest.fixture
def sofia(live_server):
    return UserFactory(role="Marketing manager")


@pytest.fixture
def segment(sofia):
    """A worksheet, and contacts in Spain and France of whom three in Spain get the price list."""
    group = MailingGroupFactory(code="PRICES", description="Price list")
    for name, country, city in (
        ("Brisa", "ES", "Vigo"),
        ("Ferrer", "ES", "Madrid"),
        ("Vidal", "ES", "Madrid"),
        ("Marchand", "FR", "Lyon"),
    ):
        contact = ContactFactory(name=name, country=country, city=city)
        ContactMailingGroupFactory(contact=contact, mailing_group=group)
    ContactFactory(name="Alba", country="ES")
    return SegmentFactory(description="Lighting refit", created_by=sofia)


def contacts_of(segment):
    return set(SegmentLine.objects.filter(segment=segment).values_list("contact__name", flat=True))


def choose(row, field, value, *, text=False):
    """Sets one condition to *field* and *value*, as a person does."""
    row.locator(".cond-f select").select_option(label=field)
    if text:
        row.locator(".cond-v input").fill(value)
        return
    row.locator(".cond-v .ts-control").click()
    row.locator(".cond-v .option", has_text=value).click()
    expect(row.locator(".cond-v .item")).to_contain_text(value)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_add_reduce_go_back_and_undo(new_page, sofia, segment, assert_accessible, theme):
    page = new_page(sofia, width=1440, theme=theme)
    page.goto(segment.get_absolute_url())
    rows = page.locator("#conditions .cond")
    choose(rows.first, "Mailing group", "Price list")
    expect(page.locator("#count")).to_contain_text("4 contacts match: 4 new, 0 already in.")
    page.get_by_role("button", name="Condition", exact=True).click()
    choose(rows.nth(1), "Country/region", "Spain")
    expect(page.locator("#count")).to_contain_text("3 contacts match: 3 new, 0 already in.")
    page.get_by_role("heading", level=1).click()
    assert_accessible(page)
    page.get_by_role("button", name="Add 3 contacts").last.click()

    expect(page.locator("#toasts")).to_contain_text("3 contacts added.")
    assert contacts_of(segment) == {"Brisa", "Ferrer", "Vidal"}
    page.get_by_role("link", name="Reduce").click()
    expect(page.get_by_role("link", name="Reduce")).to_have_attribute("aria-current", "page")
    choose(rows.first, "City", "Madrid", text=True)
    expect(page.locator("#count")).to_contain_text("2 of 3 lines match, 1 stay.")
    page.get_by_role("button", name="Remove 2 lines").last.click()

    expect(page.locator(".hist li").first).to_contain_text("City: Madrid")
    expect(page.locator(".hist li").first).to_contain_text("−2 → 1")
    assert contacts_of(segment) == {"Brisa"}
    page.get_by_role("button", name="Go back").click()
    expect(page.locator("#toasts")).to_contain_text("Step 2 taken back.")
    assert contacts_of(segment) == {"Brisa", "Ferrer", "Vidal"}
    assert_accessible(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".hist li")).to_have_count(2)
    assert contacts_of(segment) == {"Brisa"}


def test_the_number_is_taken_again_when_somebody_was_faster(new_page, sofia, segment):
    page = new_page(sofia, width=1440)
    page.goto(segment.get_absolute_url())
    choose(page.locator("#conditions .cond").first, "City", "Vigo", text=True)
    expect(page.get_by_role("button", name="Add 1 contact").last).to_be_visible()
    Segment.objects.filter(pk=segment.pk).update(version=5)
    page.get_by_role("button", name="Add 1 contact").last.click()
    expect(page.locator("#criteria .note")).to_contain_text("changed this segment meanwhile")
    expect(page.locator("#count")).to_contain_text("1 contact matches")
    assert contacts_of(segment) == set()
    page.get_by_role("button", name="Add 1 contact").last.click()
    expect(page.locator("#toasts")).to_contain_text("1 contact added.")


def test_a_number_of_what_stood_there_before_is_not_sent(new_page, sofia, segment):
    """Who types and presses at once, before the new number is there, is not told that the old one is wrong."""
    page = new_page(sofia, width=1440)
    page.goto(segment.get_absolute_url())
    choose(page.locator("#conditions .cond").first, "City", "Vigo", text=True)
    expect(page.get_by_role("button", name="Add 1 contact").last).to_be_visible()
    page.evaluate(
        """() => {
            const city = document.querySelector("#conditions .cond-v input");
            city.value = "Madrid";
            city.dispatchEvent(new Event("input", { bubbles: true }));
            document.getElementById("choose-do").click();
        }"""
    )
    expect(page.locator("#toasts")).to_contain_text("2 contacts added.")
    assert contacts_of(segment) == {"Ferrer", "Vidal"}


def test_an_error_stands_at_its_row_and_has_the_focus(new_page, sofia, segment, assert_accessible):
    page = new_page(sofia, width=1440)
    page.goto(segment.get_absolute_url())
    row = page.locator("#conditions .cond").first
    choose(row, "Post code", "1..2|", text=True)
    post_code = page.locator("#cond-0 .cond-v input")
    expect(post_code).to_have_accessible_description(re.compile("For example A.*has an empty part"))
    expect(post_code).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#count")).to_contain_text("Put the marked condition right")
    assert_accessible(page)
    page.get_by_role("button", name="Add contacts").last.click()
    expect(page.locator("#cond-0 .err")).to_contain_text("has an empty part")
    expect(post_code).to_have_value("1..2|")
    expect(post_code).to_be_focused()
    post_code.fill("1..2")
    expect(page.locator("#cond-0 .err")).to_have_count(0)
    expect(post_code).not_to_have_attribute("aria-invalid", "true")


def test_conditions_come_and_go(new_page, sofia, segment):
    page = new_page(sofia, width=1440)
    page.goto(segment.get_absolute_url())
    rows = page.locator("#conditions .cond")
    choose(rows.first, "City", "Vigo", text=True)
    page.get_by_role("button", name="Condition", exact=True).click()
    choose(rows.nth(1), "City", "Madrid", text=True)
    expect(page.locator("#count")).to_contain_text("0 contacts match")
    nobody = page.get_by_role("button", name="Nobody to add")
    nobody.click(force=True)
    expect(page.locator("#count")).to_be_focused()
    expect(nobody).to_be_disabled()
    page.get_by_role("button", name="Remove the condition “City”").first.click()
    expect(rows).to_have_count(1)
    expect(page.locator("#count")).to_contain_text("2 contacts match")
    page.locator(".cond-v input").press("Enter")
    expect(page.locator("#count")).to_contain_text("2 contacts match")
    assert not segment.steps.exists()


def test_the_phone_opens_the_panel_as_a_page(new_page, sofia, segment, assert_accessible):
    page = new_page(sofia, width=390, height=844, has_touch=True)
    page.goto(segment.get_absolute_url())
    expect(page.locator("#criteria")).to_have_count(0)
    page.locator("main").get_by_role("link", name="Contacts", exact=True).click()
    expect(page.get_by_role("heading", name="Contacts of Lighting refit")).to_be_visible()
    choose(page.locator("#conditions .cond").first, "Country/region", "France")
    expect(page.locator("#count")).to_contain_text("1 contact matches: 1 new, 0 already in.")
    page.get_by_role("heading", level=1).click()
    assert_accessible(page)
    page.get_by_role("button", name="Add 1 contact").last.click()
    expect(page.locator("#toasts")).to_contain_text("1 contact added.")
    assert contacts_of(segment) == {"Marchand"}


def test_works_without_a_script(new_page, sofia, segment):
    page = new_page(sofia, width=1280, javascript=False)
    page.goto(f"{segment.get_absolute_url()}add/")
    page.locator("#cond-1 select").select_option(label="City")
    page.get_by_role("button", name="Count").click()
    page.locator("#cond-1 .cond-v input").fill("Madrid")
    page.get_by_role("button", name="Count").click()
    expect(page.locator("#count")).to_contain_text("2 contacts match: 2 new")
    page.get_by_role("button", name="Add 2 contacts").click()
    page.wait_for_url(re.compile(f"{re.escape(segment.get_absolute_url())}$"))
    assert contacts_of(segment) == {"Ferrer", "Vidal"}


def test_dialogs_are_accessible(new_page, sofia, segment, assert_accessible):
    SavedCriteriaFactory(code="IBERIA")
    page = new_page(sofia, width=1440)
    page.goto(segment.get_absolute_url())
    for link, title in (("Saved criteria", "Saved criteria"), ("Logged segment", "Reuse a logged segment")):
        page.locator("#choose").get_by_role("link", name=link).click()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        assert_accessible(page)
        page.keyboard.press("Escape")
    page.locator("#choose").get_by_role("link", name="Saved criteria").click()
    page.get_by_role("link", name="Rename IBERIA").click()
    dialog = page.get_by_role("dialog", name="Rename IBERIA")
    dialog.get_by_label("Code").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Code: Enter a code of up to ten characters.")
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Apply mailing group").click()
    expect(page.get_by_role("dialog", name="Apply mailing group")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_contacts_list(new_page, sofia, segment, assert_accessible, width):
    page = new_page(sofia, width=width)
    page.goto("/contacts/?q=Brisa")
    page.get_by_role("checkbox", name="Select Brisa").check()
    assert_accessible(page)
    page.get_by_role("button", name="Add to segment").click()
    dialog = page.get_by_role("dialog", name="Add 1 contact to a segment")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Description of the new segment").fill("Spring calls")
    assert_accessible(page)
    dialog.get_by_role("button", name="Add to the segment").click()
    expect(page.get_by_role("heading", name="Spring calls")).to_be_visible()
    assert contacts_of(Segment.objects.get(description="Spring calls")) == {"Brisa"}

"""A letter from its upload to the sheet: an unknown field is named, put right, and the contact's letter is seen."""

from django.urls import reverse
from playwright.sync_api import expect

from interactions.models import InteractionDraft
from tests.merging import field, letter, text

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word_file(name, *runs):
    return {"name": name, "mimeType": WORD, "buffer": letter(*runs).packed()}


def test_letter_is_put_right_seen_and_taken_along(new_page, firm):
    page = new_page(firm.user)
    page.goto(f"{firm.visit.get_absolute_url()}?language=fr&contact={firm.helene.no}")
    page.get_by_label("Description", exact=True).fill("Visite")
    page.get_by_label("Drop the file for French").set_input_files(
        word_file("visite.docx", text("Chère "), field("Contact_Nam"))
    )
    expect(page.get_by_role("alert")).to_contain_text("Contact_Nam, page 1. Did you mean Contact_Name?")
    expect(page.locator(".paper mark.unknown")).to_have_text("«Contact_Nam»")

    page.get_by_label("Replace it with").set_input_files(
        word_file("visite.docx", text("Chère "), field("Contact_Name"))
    )
    expect(page.locator(".paper mark")).to_have_text("Hélène Marchand")
    expect(page.get_by_role("alert")).to_have_count(0)
    # What was typed beside it is still there.
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Visite")

    page.goto(f"{reverse('interactions:new')}?contact={firm.helene.no}")
    sheet = page.get_by_role("main")
    sheet.get_by_label("Template").select_option(label="VISIT · Visite")
    expect(sheet.locator(".paper mark")).to_have_text("Hélène Marchand")
    sheet.get_by_label("Comment").press_sequentially("Brass finish", delay=5)
    sheet.get_by_text("Draft saved").wait_for()
    sheet.locator(".letter-in summary").click()
    expect(sheet.locator(".paper")).to_be_visible()
    assert InteractionDraft.objects.get().attachment.name == "visite.docx"

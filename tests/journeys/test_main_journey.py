"""The main job of the product, from a contact to a deleted entry: what a person sees and what the database holds."""

import re

import pytest
from playwright.sync_api import expect

from interactions.models import Attachment, EntryComment, InteractionDraft, InteractionLogEntry

WORDS = "Lux calculation for the lobby"
LOOKS = {
    "light": {"width": 1440, "height": 900, "theme": "light"},
    "dark": {"width": 1440, "height": 900, "theme": "dark"},
    "phone": {"width": 390, "height": 844, "theme": "light", "has_touch": True},
}


class Traveller:
    """A person at a page, acting by keys where the product has them, else by the pointer.

    look: asserts that a page is accessible.  letter: path of a file to attach.
    """

    def __init__(self, page, firm, *, keys, look, letter):
        self.page, self.firm, self.keys, self.letter = page, firm, keys, letter
        self._look = look

    def act(self, key, control):
        """Presses *key*, or clicks on *control* (a locator)."""
        if self.keys:
            self.page.keyboard.press(key)
        else:
            control.click()

    def go_to(self, keys, name):
        """Opens the page called *name* of the menu; on a phone the menu is behind "More"."""
        if self.keys:
            for key in keys:
                self.page.keyboard.press(key)
            return
        if not self.page.locator("nav.side").is_visible():
            self.page.get_by_role("link", name="More", exact=True).click()
        self.page.locator("nav.side").get_by_role("link", name=name).click()

    def look_around(self):
        self._look(self.page)

    def see_page(self, heading):
        self.page.get_by_role("heading", name=heading, level=1).wait_for()

    @property
    def sheet(self):
        return self.page.get_by_role("dialog", name="Create interaction")

    @property
    def toasts(self):
        return self.page.locator("#toasts")

    @property
    def address(self):
        return re.sub(r"^https?://[^/]+", "", self.page.url)


def drafts():
    return list(InteractionDraft.objects.all())


def entries():
    return list(InteractionLogEntry.objects.order_by("pk"))


class TestMainJourney:
    @pytest.mark.parametrize("look", LOOKS)
    def test_from_the_contact_to_the_deleted_entry(self, new_page, firm, assert_accessible, tmp_path, look):
        letter = tmp_path / "lux.txt"
        letter.write_text("500 lux on every desk\n")
        page = new_page(firm.user, **LOOKS[look])
        marta = Traveller(page, firm, keys=look == "light", look=assert_accessible, letter=letter)
        for step in (
            self.open_contact,
            self.create,
            self.save_for_later,
            self.resume_from_the_list,
            self.resume_from_the_card,
            self.log,
            self.cancel,
            self.undo,
            self.cancel_in_the_list,
            self.delete_canceled,
        ):
            step(marta)

    def open_contact(self, marta):
        page = marta.page
        page.goto("/contacts/")
        marta.look_around()
        page.get_by_role("link", name="Hélène Marchand").click()
        marta.see_page("Hélène Marchand CT000142")
        page.get_by_text("No interactions with Hélène Marchand yet").wait_for()
        page.get_by_text("Last evaluation").wait_for()
        marta.look_around()

    def create(self, marta):
        page, sheet = marta.page, marta.sheet
        marta.act("c", page.get_by_role("link", name="Create interaction").first)
        sheet.wait_for()
        assert marta.address == "/interactions/new/?contact=CT000142"
        expect(sheet.get_by_text("Nothing is saved before you change something")).to_be_visible()
        expect(sheet.locator("#id_contact")).to_have_text("Hélène Marchand")
        assert drafts() == []
        marta.look_around()

        with page.expect_response(lambda answer: answer.request.method == "POST"):
            sheet.get_by_label("Template").select_option(label="VISIT · Visit")
        sheet.get_by_text("Draft saved").wait_for()
        page.wait_for_function("() => document.querySelector('#id_description')?.value === 'Visit'")
        [draft] = drafts()
        assert (draft.contact, draft.template, draft.description) == (
            marta.firm.helene,
            marta.firm.visit,
            "Visit",
        )
        assert (draft.salesperson, draft.created_by, draft.kept_at) == (
            marta.firm.marta,
            marta.firm.user,
            None,
        )
        assert marta.address == draft.get_absolute_url()

        sheet.get_by_label("Add a file").set_input_files(marta.letter)
        sheet.get_by_text("lux.txt").wait_for()
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_label("Comment").fill("Wants warm white.")
        sheet.get_by_label("Duration, min").fill("1h15")
        marta.look_around()

    def save_for_later(self, marta):
        page = marta.page
        marta.act("Control+s", marta.sheet.get_by_role("button", name="Save for later"))
        marta.toasts.get_by_text("Saved for later.").wait_for()
        page.locator(".note", has_text=WORDS).wait_for()
        assert marta.address == "/contacts/CT000142/"
        expect(marta.sheet).to_be_hidden()
        [draft] = drafts()
        assert draft.kept_at is not None
        assert (draft.description, draft.comment, draft.minutes) == (WORDS, "Wants warm white.", 75)
        assert draft.attachment.name == "lux.txt"
        assert entries() == []
        marta.look_around()

    def resume_from_the_list(self, marta):
        page = marta.page
        marta.go_to("gp", "Postponed")
        marta.see_page("Postponed interactions")
        [draft] = drafts()
        row = page.locator("tbody tr")
        assert [WORDS in text and "Hélène Marchand" in text for text in row.all_inner_texts()] == [True]
        expect(row.get_by_text("Ready to log")).to_be_visible()
        marta.look_around()
        row.get_by_role("link", name=f"Resume {WORDS}").click()
        marta.sheet.wait_for()
        expect(marta.sheet.get_by_label("Description")).to_have_value(WORDS)
        expect(marta.sheet.get_by_label("Comment")).to_have_value("Wants warm white.")
        expect(marta.sheet.get_by_label("Duration, min")).to_have_value("75")
        assert marta.address == draft.get_absolute_url()
        marta.look_around()

        marta.act("Escape", marta.sheet.get_by_role("button", name="Close"))
        page.wait_for_url("**/interactions/postponed/")
        expect(marta.sheet).to_be_hidden()
        assert [each.updated_at for each in drafts()] == [draft.updated_at]

    def resume_from_the_card(self, marta):
        page = marta.page
        page.goto(marta.firm.helene.get_absolute_url())
        page.get_by_role("link", name=f"Resume {WORDS}").click()
        marta.sheet.wait_for()
        expect(marta.sheet.get_by_label("Description")).to_have_value(WORDS)

    def log(self, marta):
        page = marta.page
        marta.act("Control+Enter", marta.sheet.get_by_role("button", name="Log interaction"))
        marta.toasts.get_by_text("Interaction logged.").wait_for()
        [entry] = entries()
        assert drafts() == []
        assert (entry.contact, entry.contact_company, entry.salesperson) == (
            marta.firm.helene,
            marta.firm.verrier,
            marta.firm.marta,
        )
        assert (entry.team.code, entry.template, entry.group) == (
            "IBERIA",
            marta.firm.visit,
            marta.firm.group,
        )
        assert (entry.description, entry.minutes, entry.cost) == (WORDS, 75, 80)
        assert (entry.logged_by, entry.attachment.name) == (marta.firm.user, "lux.txt")
        assert [comment.text for comment in entry.comments.all()] == ["Wants warm white."]
        assert marta.address == f"/contacts/CT000142/#entry-{entry.pk}"
        line = page.locator(f"#entry-{entry.pk}")
        line.get_by_role("link", name=WORDS, exact=True).wait_for()
        for said in ("1 h 15 min", "€80.00", "Wants warm white.", "lux.txt"):
            assert line.get_by_text(said).is_visible(), said
        page.locator(".stat").get_by_text("€80.00").wait_for()
        expect(page.get_by_role("link", name="Resume")).to_be_hidden()
        marta.look_around()

    def cancel(self, marta):
        page = marta.page
        [entry] = entries()
        page.locator(f"#entry-{entry.pk}").get_by_role("link", name=WORDS, exact=True).click()
        sheet = page.get_by_role("dialog", name=WORDS)
        sheet.wait_for()
        assert marta.address == f"/interactions/{entry.pk}/"
        marta.look_around()

        sheet.get_by_role("link", name="Cancel entry").click()
        dialog = page.get_by_role("dialog", name="Cancel 1 entry")
        dialog.wait_for()
        expect(dialog.get_by_text("The entry stays in the log, marked as canceled.")).to_be_visible()
        expect(dialog.get_by_text("One entry has its own file, lux.txt.")).to_be_visible()
        marta.look_around()
        dialog.get_by_text("Duplicate").click()
        dialog.get_by_label("Note").fill("see the entry of noon")
        marta.act("Control+Enter", dialog.get_by_role("button", name="Cancel 1 entry"))
        sheet.get_by_text("Canceled by Marta Ruiz").wait_for()
        marta.toasts.get_by_text("1 entry canceled.").wait_for()
        expect(dialog).to_be_hidden()
        expect(sheet.get_by_text("Duplicate: see the entry of noon")).to_be_visible()
        [entry] = entries()
        assert (entry.is_canceled, entry.canceled_by) == (True, marta.firm.user)
        assert entry.canceled_reason == "Duplicate: see the entry of noon"
        assert entry.attachment is not None
        marta.look_around()

    def undo(self, marta):
        page = marta.page
        marta.act("Control+z", page.get_by_role("button", name="Undo"))
        marta.toasts.get_by_text("1 entry reinstated.").wait_for()
        [entry] = entries()
        assert (entry.is_canceled, entry.canceled_by, entry.canceled_reason) == (False, None, "")
        assert marta.address == "/contacts/CT000142/"
        line = page.locator(f"#entry-{entry.pk}")
        line.get_by_role("link", name=WORDS, exact=True).wait_for()
        expect(line.get_by_text("Canceled")).to_be_hidden()

    def cancel_in_the_list(self, marta):
        page = marta.page
        marta.go_to("gl", "Log entries")
        marta.see_page("Interaction log entries")
        marta.look_around()
        [entry] = entries()
        row = page.locator(f"#entry-{entry.pk}")
        expect(row.get_by_text("Logged")).to_be_visible()
        row.get_by_role("checkbox").check()
        bar = page.get_by_role("region", name="Actions for selected entries")
        expect(bar).to_contain_text("1 selected")
        marta.look_around()
        bar.get_by_role("button", name="Cancel entries…").click()
        dialog = page.get_by_role("dialog", name="Cancel 1 entry")
        dialog.get_by_text("Logged by mistake").click()
        marta.act("Control+Enter", dialog.get_by_role("button", name="Cancel 1 entry"))
        row.get_by_text("Canceled").wait_for()
        expect(dialog).to_be_hidden()
        [entry] = entries()
        assert (entry.is_canceled, entry.canceled_reason) == (True, "Logged by mistake")

        page.goto(marta.firm.helene.get_absolute_url())
        page.get_by_role("link", name="1 canceled entry hidden").wait_for()
        expect(page.get_by_role("link", name=WORDS)).to_be_hidden()

    def delete_canceled(self, marta):
        page = marta.page
        page.goto("/interactions/")
        page.get_by_label("More actions").click()
        page.get_by_role("link", name="Delete canceled entries").click()
        marta.see_page("Delete canceled interaction log entries")
        found = page.locator("#purge-preview")
        said = "1 canceled entry will be deleted, with 1 comment and 1 file. This cannot be undone."
        expect(found.get_by_text(said)).to_be_visible()
        expect(found.get_by_role("link", name=WORDS)).to_be_visible()
        marta.look_around()
        found.get_by_role("button", name="Delete 1 entry").click()
        marta.toasts.get_by_text("1 canceled entry deleted, with 1 comment and 1 file.").wait_for()
        expect(found.get_by_text("No canceled entries match.")).to_be_visible()
        assert entries() == []
        assert not EntryComment.objects.exists()
        assert not Attachment.objects.exists()
        marta.look_around()


class TestMainJourneyWithoutScripts:
    def test_is_made_of_links_and_forms(self, new_page, firm):
        page = new_page(firm.user, javascript=False)
        marta = Traveller(page, firm, keys=False, look=None, letter=None)
        page.goto(firm.helene.get_absolute_url())
        page.get_by_role("link", name="Create interaction").first.click()
        marta.see_page("Create interaction")
        assert marta.address == "/interactions/new/?contact=CT000142"
        assert drafts() == []
        page.get_by_label("Template").select_option(label="VISIT · Visit")
        page.get_by_label("Description").fill(WORDS)
        page.get_by_role("button", name="Save for later").click()
        expect(page.get_by_text("Saved for later.")).to_be_visible()
        [draft] = drafts()
        assert (draft.contact, draft.template, draft.description) == (firm.helene, firm.visit, WORDS)
        assert draft.kept_at is not None

        page.goto("/interactions/postponed/")
        page.get_by_role("link", name=f"Resume {WORDS}").click()
        marta.see_page("Create interaction")
        expect(page.get_by_label("Description")).to_have_value(WORDS)
        page.get_by_label("Comment").fill("Wants warm white.")
        page.get_by_role("button", name="Log interaction").click()
        expect(page.get_by_text("Interaction logged.")).to_be_visible()
        [entry] = entries()
        assert drafts() == []
        assert (entry.description, entry.minutes, entry.cost) == (WORDS, 60, 80)
        assert [comment.text for comment in entry.comments.all()] == ["Wants warm white."]

        page.goto(firm.helene.get_absolute_url())
        page.locator("main").get_by_role("link", name="Timeline").last.click()
        page.get_by_role("link", name=WORDS, exact=True).click()
        page.get_by_role("link", name="Cancel entry").click()
        marta.see_page("Cancel 1 entry")
        page.get_by_label("Wrong contact").check()
        page.get_by_role("button", name="Cancel 1 entry").click()
        expect(page.get_by_text("1 entry canceled.")).to_be_visible()
        [entry] = entries()
        assert (entry.is_canceled, entry.canceled_reason) == (True, "Wrong contact")
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("1 entry reinstated.")).to_be_visible()
        assert [each.is_canceled for each in entries()] == [False]

"""The main job of the product, from a contact to a deleted entry: what a person sees and what the database holds."""

import re

import pytest

from interactions.models import Attachment, EntryComment, InteractionDraft, InteractionLogEntry

WORDS = "Lux calculation for the lobby"
LOOKS = {
    "light": {"width": 1440, "height": 900, "theme": "light"},
    "dark": {"width": 1440, "height": 900, "theme": "dark"},
    "phone": {"width": 390, "height": 844, "theme": "light", "has_touch": True},
}


class Hands:
    """How a person acts: by keys where the product has them, else by the pointer."""

    def __init__(self, page, *, keys):
        self.page, self.keys = page, keys

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

    @property
    def sheet(self):
        return self.page.get_by_role("dialog", name="Create interaction")

    @property
    def toasts(self):
        return self.page.locator("#toasts")


def drafts():
    return list(InteractionDraft.objects.present())


def entries():
    return list(InteractionLogEntry.objects.order_by("pk"))


def address(page):
    return re.sub(r"^https?://[^/]+", "", page.url)


class TestMainJourney:
    @pytest.mark.parametrize("look", LOOKS)
    def test_from_the_contact_to_the_deleted_entry(self, new_page, firm, assert_accessible, tmp_path, look):
        page = new_page(firm.user, **LOOKS[look])
        hands = Hands(page, keys=look == "light")
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
            step(hands, firm, assert_accessible, tmp_path)

    def open_contact(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        page.goto("/contacts/")
        assert_accessible(page)
        page.get_by_role("link", name="Hélène Marchand").click()
        page.get_by_role("heading", name="Hélène Marchand CT000142", level=1).wait_for()
        page.get_by_text("No interactions with Hélène Marchand yet").wait_for()
        page.get_by_text("Last evaluation").wait_for()
        assert_accessible(page)

    def create(self, hands, firm, assert_accessible, tmp_path):
        page, sheet = hands.page, hands.sheet
        hands.act("c", page.get_by_role("link", name="Create interaction").first)
        sheet.wait_for()
        assert address(page) == "/interactions/new/?contact=CT000142"
        assert sheet.get_by_text("Nothing is saved before you change something").is_visible()
        assert sheet.locator("#id_contact").inner_text() == "Hélène Marchand"
        assert drafts() == []
        assert_accessible(page)

        with page.expect_response(lambda answer: answer.request.method == "POST"):
            sheet.get_by_label("Template").select_option(label="VISIT · Visit")
        sheet.get_by_text("Draft saved").wait_for()
        page.wait_for_function("document.querySelector('#id_description')?.value === 'Visit'")
        [draft] = drafts()
        assert (draft.contact, draft.template, draft.description) == (firm.helene, firm.visit, "Visit")
        assert (draft.salesperson, draft.created_by, draft.kept_at) == (firm.marta, firm.user, None)
        assert address(page) == draft.get_absolute_url()

        letter = tmp_path / "lux.txt"
        letter.write_text("500 lux on every desk\n")
        sheet.get_by_label("Add a file").set_input_files(letter)
        sheet.get_by_text("lux.txt").wait_for()
        sheet.get_by_label("Description").fill(WORDS)
        sheet.get_by_label("Comment").fill("Wants warm white.")
        sheet.get_by_label("Duration, min").fill("1h15")
        assert_accessible(page)

    def save_for_later(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        hands.act("Control+s", hands.sheet.get_by_role("button", name="Save for later"))
        hands.toasts.get_by_text("Saved for later.").wait_for()
        page.locator(".note", has_text=WORDS).wait_for()
        assert address(page) == "/contacts/CT000142/"
        assert not hands.sheet.is_visible()
        [draft] = drafts()
        assert draft.kept_at is not None
        assert (draft.description, draft.comment, draft.minutes) == (WORDS, "Wants warm white.", 75)
        assert draft.attachment.name == "lux.txt"
        assert entries() == []
        assert_accessible(page)

    def resume_from_the_list(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        hands.go_to("gp", "Postponed")
        page.get_by_role("heading", name="Postponed interactions", level=1).wait_for()
        [draft] = drafts()
        row = page.locator("tbody tr")
        assert [WORDS in text and "Hélène Marchand" in text for text in row.all_inner_texts()] == [True]
        assert row.get_by_text("Ready to log").is_visible()
        assert_accessible(page)
        row.get_by_role("link", name=f"Resume {WORDS}").click()
        hands.sheet.wait_for()
        assert hands.sheet.get_by_label("Description").input_value() == WORDS
        assert hands.sheet.get_by_label("Comment").input_value() == "Wants warm white."
        assert hands.sheet.get_by_label("Duration, min").input_value() == "75"
        assert address(page) == draft.get_absolute_url()
        assert_accessible(page)

        hands.act("Escape", hands.sheet.get_by_role("button", name="Close"))
        page.wait_for_url("**/interactions/postponed/")
        assert not hands.sheet.is_visible()
        assert [each.updated_at for each in drafts()] == [draft.updated_at]

    def resume_from_the_card(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        page.goto(firm.helene.get_absolute_url())
        page.get_by_role("link", name=f"Resume {WORDS}").click()
        hands.sheet.wait_for()
        assert hands.sheet.get_by_label("Description").input_value() == WORDS

    def log(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        hands.act("Control+Enter", hands.sheet.get_by_role("button", name="Log interaction"))
        hands.toasts.get_by_text("Interaction logged.").wait_for()
        [entry] = entries()
        assert drafts() == []
        assert (entry.contact, entry.contact_company, entry.salesperson) == (
            firm.helene,
            firm.verrier,
            firm.marta,
        )
        assert (entry.team.code, entry.template, entry.group) == ("IBERIA", firm.visit, firm.group)
        assert (entry.description, entry.minutes, entry.cost) == (WORDS, 75, 80)
        assert (entry.logged_by, entry.attachment.name) == (firm.user, "lux.txt")
        assert [comment.text for comment in entry.comments.all()] == ["Wants warm white."]
        assert address(page) == f"/contacts/CT000142/#entry-{entry.pk}"
        line = page.locator(f"#entry-{entry.pk}")
        line.get_by_role("link", name=WORDS, exact=True).wait_for()
        for said in ("1 h 15 min", "€80.00", "Wants warm white.", "lux.txt"):
            assert line.get_by_text(said).is_visible(), said
        page.locator(".stat").get_by_text("€80.00").wait_for()
        assert not page.get_by_role("link", name="Resume").is_visible()
        assert_accessible(page)

    def cancel(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        [entry] = entries()
        page.locator(f"#entry-{entry.pk}").get_by_role("link", name=WORDS, exact=True).click()
        sheet = page.get_by_role("dialog", name=WORDS)
        sheet.wait_for()
        assert address(page) == f"/interactions/{entry.pk}/"
        assert_accessible(page)

        sheet.get_by_role("link", name="Cancel entry").click()
        dialog = page.get_by_role("dialog", name="Cancel 1 entry")
        dialog.wait_for()
        assert dialog.get_by_text("The entry stays in the log, marked as canceled.").is_visible()
        assert dialog.get_by_text("One entry has its own file, lux.txt.").is_visible()
        assert_accessible(page)
        dialog.get_by_text("Duplicate").click()
        dialog.get_by_label("Note").fill("see the entry of noon")
        hands.act("Control+Enter", dialog.get_by_role("button", name="Cancel 1 entry"))
        sheet.get_by_text("Canceled by Marta Ruiz").wait_for()
        hands.toasts.get_by_text("1 entry canceled.").wait_for()
        assert not dialog.is_visible()
        assert sheet.get_by_text("Duplicate: see the entry of noon").is_visible()
        [entry] = entries()
        assert (entry.is_canceled, entry.canceled_by) == (True, firm.user)
        assert entry.canceled_reason == "Duplicate: see the entry of noon"
        assert entry.attachment is not None
        assert_accessible(page)

    def undo(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        hands.act("Control+z", page.get_by_role("button", name="Undo"))
        hands.toasts.get_by_text("1 entry reinstated.").wait_for()
        [entry] = entries()
        assert (entry.is_canceled, entry.canceled_by, entry.canceled_reason) == (False, None, "")
        assert address(page) == "/contacts/CT000142/"
        line = page.locator(f"#entry-{entry.pk}")
        line.get_by_role("link", name=WORDS, exact=True).wait_for()
        assert not line.get_by_text("Canceled").is_visible()

    def cancel_in_the_list(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        hands.go_to("gl", "Log entries")
        page.get_by_role("heading", name="Interaction log entries", level=1).wait_for()
        assert_accessible(page)
        [entry] = entries()
        row = page.locator(f"#entry-{entry.pk}")
        assert row.get_by_text("Logged").is_visible()
        row.get_by_role("checkbox").check()
        bar = page.get_by_role("region", name="Actions for selected entries")
        assert bar.inner_text().startswith("1 selected")
        assert_accessible(page)
        bar.get_by_role("button", name="Cancel entries…").click()
        dialog = page.get_by_role("dialog", name="Cancel 1 entry")
        dialog.get_by_text("Logged by mistake").click()
        hands.act("Control+Enter", dialog.get_by_role("button", name="Cancel 1 entry"))
        row.get_by_text("Canceled").wait_for()
        assert not dialog.is_visible()
        [entry] = entries()
        assert (entry.is_canceled, entry.canceled_reason) == (True, "Logged by mistake")

        page.goto(firm.helene.get_absolute_url())
        page.get_by_role("link", name="1 canceled entry hidden").wait_for()
        assert not page.get_by_role("link", name=WORDS).is_visible()

    def delete_canceled(self, hands, firm, assert_accessible, tmp_path):
        page = hands.page
        page.goto("/interactions/")
        page.get_by_label("More actions").click()
        page.get_by_role("link", name="Delete canceled entries").click()
        page.get_by_role("heading", name="Delete canceled interaction log entries", level=1).wait_for()
        found = page.locator("#purge-preview")
        said = "1 canceled entry will be deleted, with 1 comment and 1 file. This cannot be undone."
        assert found.get_by_text(said).is_visible()
        assert found.get_by_role("link", name=WORDS).is_visible()
        assert_accessible(page)
        found.get_by_role("button", name="Delete 1 entry").click()
        hands.toasts.get_by_text("1 canceled entry deleted, with 1 comment and 1 file.").wait_for()
        assert found.get_by_text("No canceled entries match.").is_visible()
        assert entries() == []
        assert not EntryComment.objects.exists()
        assert not Attachment.objects.exists()
        assert_accessible(page)

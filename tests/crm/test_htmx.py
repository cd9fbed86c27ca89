"""How pages answer htmx, and how messages reach the reader."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kit")]


def text_of(page):
    return page.content.decode()


class TestWhatMessagesBecome:
    def test_is_read_once(self, web):
        page = web.post("/kit/sheet/", {"contact": "x", "description": "Lux", "kind": "call"}, follow=True)

        assert 'class="toast2 success"' in text_of(page)
        assert 'class="toast2 success" data-toast>' not in text_of(web.get("/kit/")).partition("<template")[0]

    def test_rides_on_an_htmx_answer(self, web):
        page = web.post("/kit/done/", headers={"HX-Request": "true"})

        assert page.status_code == 204
        assert page.headers["HX-Trigger"] == (
            '{"closeLayer": {}, "rowsChanged": {}, "toast": {"toasts": [{"text": "Done beside the page.", '
            '"level": "success", "undo": "", "link": ["/kit/", "Look"]}]}}'
        )

    def test_escapes_what_people_typed(self, web):
        page = web.post("/kit/say/", {"text": "<b>bold</b>"}, follow=True)

        assert "<span data-text>&lt;b&gt;bold&lt;/b&gt;</span>" in text_of(page)

    def test_shows_messages_of_other_programs_too(self, web):
        page = web.post("/kit/say/", {"text": "From the admin", "tags": "safe"}, follow=True)

        assert 'class="toast2 warning"' in text_of(page)
        assert "From the admin" in text_of(page)


class TestAnswersToHtmx:
    HTMX = {"HX-Request": "true"}

    def test_are_the_part_that_was_asked_for(self, web):
        page = web.get("/kit/rows/", headers=self.HTMX | {"HX-Target": "results"})

        assert text_of(page).strip().startswith('<div class="tw head tall"')
        assert "<html" not in text_of(page)

    def test_are_the_page_for_a_target_that_is_no_part(self, web):
        assert "<html" in text_of(web.get("/kit/rows/", headers=self.HTMX | {"HX-Target": "elsewhere"}))

    @pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
    def test_are_the_page_when_the_whole_page_is_wanted(self, web, header):
        headers = self.HTMX | {"HX-Target": "results", header: "true"}

        assert "<html" in text_of(web.get("/kit/rows/", headers=headers))

    def test_are_kept_apart_by_the_browsers_cache(self, web):
        vary = web.get("/kit/rows/").headers["Vary"]

        assert {"HX-Request", "HX-Target"} <= set(vary.split(", "))

    @pytest.mark.parametrize(("target", "heading"), [("sheet", "h2"), ("sheet-page", "h1")])
    def test_to_a_refused_form_keep_what_was_typed(self, web, target, heading):
        typed = {"description": "Lux calculation", "kind": "call"}
        page = web.post("/kit/sheet/", typed, headers=self.HTMX | {"HX-Target": target})

        assert page.status_code == 422
        assert 'value="Lux calculation"' in text_of(page)
        assert f"<{heading}>Create interaction</{heading}>" in text_of(page)
        assert "<html" not in text_of(page)

    def test_lead_on_by_a_header(self, web):
        form = {"contact": "x", "description": "Lux", "kind": "call"}
        page = web.post("/kit/sheet/", form, headers=self.HTMX)

        assert (page.status_code, page.headers["HX-Redirect"]) == (200, "/kit/")

    def test_lead_back_to_the_page_that_is_shown(self, web):
        headers = self.HTMX | {"HX-Current-URL": "http://testserver/kit/rows/"}
        page = web.post(reverse("set_theme"), {"theme": "light"}, headers=headers)

        assert page.headers["HX-Redirect"] == "http://testserver/kit/rows/"

"""Evaluating through the pages, one entry and many; comments through the page."""

import re

import pytest
from django.urls import reverse

from interactions.models import EntryComment, InteractionLogEntry
from tests.factories import EntryCommentFactory, InteractionLogEntryFactory, UserFactory

pytestmark = pytest.mark.django_db

ENTRIES = InteractionLogEntry.objects
BULK = "/interactions/bulk/evaluate/"
VIEW = {"HX-Request": "true", "HX-Target": "entry-view"}


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


def of(entry, name):
    return reverse(f"interactions:entry_{name}", args=[entry.pk])


def said(response):
    return re.findall(r"<span data-text>(.+?)</span>", response.content.decode())


class TestEvaluatePage:
    @pytest.mark.case("MI-072")
    def test_saves_the_chosen_tile_at_once(self, browser):
        entry = InteractionLogEntryFactory()

        response = browser.post(of(entry, "evaluate"), {"evaluation": "1"}, follow=True)

        assert said(response) == ["1 entry evaluated: Positive."]
        assert ENTRIES.get().evaluation == 1

    def test_shows_htmx_the_tile_pressed_and_the_row_to_draw_again(self, browser):
        entry = InteractionLogEntryFactory()

        response = browser.post(of(entry, "evaluate"), {"evaluation": "2"}, headers=VIEW)

        part = response.content.decode()
        assert re.search(r'value="2" aria-pressed="true" aria-label="Very positive"', part)
        assert part.count('aria-pressed="true"') == 1
        assert (
            f'"entriesChanged": {{"ids": [{entry.pk}], "shown": {entry.pk}}}'
            in response.headers["HX-Trigger"]
        )

    @pytest.mark.parametrize("value", ["", "7", "x"])
    def test_takes_one_of_five_and_never_goes_back_to_blank(self, browser, value):
        entry = InteractionLogEntryFactory(evaluation=1)

        response = browser.post(of(entry, "evaluate"), {"evaluation": value}, follow=True)

        assert said(response) == ["Choose one of the five evaluations."]
        assert ENTRIES.get().evaluation == 1

    def test_can_be_undone(self, browser):
        entry = InteractionLogEntryFactory()
        page = browser.post(of(entry, "evaluate"), {"evaluation": "1"}, follow=True)

        token = re.findall(r'action="(/undo/[^"]+)" data-undo', page.content.decode())[-1]
        response = browser.post(token, follow=True)

        assert said(response) == ["1 evaluation taken back."]
        assert ENTRIES.get().evaluation is None


class TestBulkEvaluate:
    def test_offers_the_five_first(self, browser):
        entries = InteractionLogEntryFactory.create_batch(2)

        page = browser.post(BULK, {"entry": [entry.pk for entry in entries]}).content.decode()

        assert "<h1>Evaluate 2 entries</h1>" in page
        for word in ("Very positive", "Positive", "Neutral", "Negative", "Very negative"):
            assert word in page
        assert set(ENTRIES.values_list("evaluation", flat=True)) == {None}

    @pytest.mark.case("MI-072")
    def test_gives_the_choice_to_all_selected(self, browser):
        entries = InteractionLogEntryFactory.create_batch(2)
        other = InteractionLogEntryFactory()

        response = browser.post(
            BULK, {"entry": [entry.pk for entry in entries], "evaluation": "-2"}, follow=True
        )

        assert said(response) == ["2 entries evaluated: Very negative."]
        assert list(ENTRIES.order_by("pk").values_list("evaluation", flat=True)) == [-2, -2, None]
        assert ENTRIES.get(pk=other.pk).evaluation is None

    def test_asks_again_for_a_value_that_is_none(self, browser):
        entry = InteractionLogEntryFactory()

        assert browser.post(BULK, {"entry": entry.pk, "evaluation": "9"}).status_code == 422

    def test_wants_a_selection(self, browser):
        response = browser.post(BULK, headers={"HX-Request": "true", "HX-Target": "dialog"})

        assert response.status_code == 204
        assert "Select entries first." in response.headers["HX-Trigger"]


class TestCommentsOnThePage:
    @pytest.mark.case("MI-058")
    def test_are_added_by_a_form_and_stand_there_then(self, browser):
        entry = InteractionLogEntryFactory(canceled=True)

        page = browser.post(of(entry, "comments"), {"text": "ABC"}, follow=True).content.decode()

        assert EntryComment.objects.get().text == "ABC"
        assert '<p class="sm ink2 pre wrap-any">ABC</p>' in page

    def test_come_to_htmx_with_the_entry_around_them(self, browser):
        entry = InteractionLogEntryFactory()
        EntryCommentFactory(entry=entry, text="First")

        part = browser.post(of(entry, "comments"), {"text": "Second"}, headers=VIEW).content.decode()

        assert part.index("First") < part.index("Second")
        assert "<html" not in part

    def test_count_a_line_break_once_as_the_browser_does(self, browser):
        entry = InteractionLogEntryFactory()
        text = "\r\n".join(["x" * 35] * 110) + "y" * 41  # 4,109 characters as sent, 4,000 as typed

        assert browser.post(of(entry, "comments"), {"text": text}).status_code == 302

        assert EntryComment.objects.get().text == text.replace("\r\n", "\n")

    @pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
    def test_keep_what_was_typed_when_they_are_refused(self, browser, text):
        entry = InteractionLogEntryFactory()

        response = browser.post(of(entry, "comments"), {"text": text})

        assert response.status_code == 422
        assert text.strip() in response.content.decode()
        assert not EntryComment.objects.exists()

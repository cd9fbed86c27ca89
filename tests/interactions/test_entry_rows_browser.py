"""Rows of a long list that changed are drawn again, all of them."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from interactions.models import InteractionLogEntry
from tests.factories import InteractionLogEntryFactory, UserFactory


@pytest.fixture
def marta(live_server):
    return UserFactory(role="Marketing manager")


class TestRowsThatChanged:
    def test_are_drawn_again_in_every_part_of_a_long_list(self, new_page, marta):
        first = InteractionLogEntryFactory(contact__name="Hélène Marchand")
        entries = [first] + [
            InteractionLogEntryFactory(
                contact=first.contact,
                template=first.template,
                salesperson=first.salesperson,
                logged_by=marta,
                date=first.date - dt.timedelta(days=age),
            )
            for age in range(1, 250)
        ]
        page = new_page(marta, width=1440)
        page.goto("/interactions/")
        for loaded in (100, 150, 200, 250):
            page.get_by_role("link", name="Load 50 more").click()
            expect(page.locator("#rows > tr[id^=entry-]")).to_have_count(loaded)
        InteractionLogEntry.objects.evaluate(2)

        page.evaluate("htmx.trigger(document.body, 'entriesChanged', {ids: null})")

        for entry in (entries[0], entries[120], entries[249]):
            expect(page.locator(f"#entry-{entry.pk} .ev")).to_have_attribute("title", "Very positive")

"""Figures of templates, groups, contacts and salespeople (domain 2.1, 2.2, 2.15)."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from interactions.models import InteractionLogEntry
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PART = {"HX-Request": "true"}
LIST_FIGURES = "/interactions/statistics/"


@pytest.fixture(autouse=True)
def in_november():
    with time_machine.travel(dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


def figures(response):
    """{label: value} of the answer."""
    return {str(label): value for label, value in response.context["figures"].facts}


class TestStatisticsOfAFilter:
    @pytest.mark.case("MI-010")
    def test_add_up_the_entries_of_a_template(self, browser):
        template = InteractionTemplateFactory(code="VISIT")
        InteractionLogEntryFactory(template=template, cost="3.00", minutes=4)
        InteractionLogEntryFactory(template=template, cost="9.00", minutes=11)
        InteractionLogEntryFactory(template=template, cost="50.00", minutes=50, canceled=True)
        InteractionLogEntryFactory(cost="7.00", minutes=7)

        found = figures(browser.get(LIST_FIGURES, {"template": "VISIT"}))

        assert (found["Interactions"], found["Cost"], found["Time spent"]) == ("2", "€12.00", "15 min")
        assert (found["Cost of each"], found["Time for each"]) == ("€6.00", "8 min")
        assert found["Last interaction"] == "20 Nov 2026"

    @pytest.mark.case("MI-011")
    def test_add_up_the_templates_of_a_group(self, browser):
        first = InteractionTemplateFactory()
        second = InteractionTemplateFactory(group=first.group)
        InteractionLogEntryFactory(template=first, cost="2.00", minutes=3)
        InteractionLogEntryFactory(template=second, cost="4.00", minutes=5)

        found = figures(browser.get(LIST_FIGURES, {"group": first.group.code}))

        assert (found["Interactions"], found["Cost"], found["Time spent"]) == ("2", "€6.00", "8 min")

    def test_of_nothing_are_nothing(self, browser):
        found = figures(browser.get(LIST_FIGURES))

        assert (found["Interactions"], found["Time spent"], found["Last interaction"]) == ("0", "0 min", "")

    def test_say_so_when_a_filter_makes_no_sense(self, browser):
        assert "There is no template “X”." in browser.get(LIST_FIGURES, {"template": "X"}).content.decode()

    def test_leave_costs_out_for_a_reader(self, client):
        client.force_login(UserFactory(role="Reader"))
        InteractionLogEntryFactory(cost="12.00")

        response = client.get(LIST_FIGURES)

        assert "Cost" not in figures(response)
        assert "12.00" not in response.content.decode()

    def test_count_only_what_one_finds(self, client):
        client.force_login(UserFactory(role="Salesperson"))
        InteractionLogEntryFactory(team=TeamFactory())

        assert figures(client.get(LIST_FIGURES))["Interactions"] == "0"

    def test_come_as_a_dialog_too(self, browser):
        part = browser.get(LIST_FIGURES, headers={**PART, "HX-Target": "dialog"}).content.decode()

        assert "<h2>Statistics</h2>" in part
        assert "<html" not in part


class TestStatisticsOfAContact:
    def part(self, client, contact):
        return client.get(reverse("interactions:contact_statistics", args=[contact.no]), headers=PART)

    @pytest.mark.case("MC-012")
    def test_add_up_this_year_with_what_was_typed_over(self, browser):
        company = ContactFactory()
        InteractionLogEntryFactory(contact=company, cost="33.30", minutes=20, evaluation=1)
        InteractionLogEntryFactory(contact=company, cost="1.00", minutes=1, date=dt.date(2025, 12, 31))
        InteractionLogEntryFactory(contact=company, cost="1.00", minutes=1, canceled=True)

        html = self.part(browser, company).content.decode()

        assert '<dd class="num">1</dd>' in html
        assert "€33.30" in html
        assert "20 min" in html
        assert "Positive" in html

    def test_of_a_company_take_its_people_along_and_of_a_person_only_its_own(self, browser):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        InteractionLogEntryFactory(contact=company)
        InteractionLogEntryFactory(contact=person)

        assert '<dd class="num">2</dd>' in self.part(browser, company).content.decode()
        assert '<dd class="num">1</dd>' in self.part(browser, person).content.decode()

    def test_show_the_last_evaluation_of_any_year_that_was_not_canceled(self, browser):
        contact = ContactFactory()
        InteractionLogEntryFactory(contact=contact, evaluation=-1, date=dt.date(2025, 1, 1))
        InteractionLogEntryFactory(contact=contact, evaluation=2, canceled=True)
        InteractionLogEntryFactory(contact=contact)

        assert "Negative" in self.part(browser, contact).content.decode()

    def test_are_a_page_of_their_own_too(self, browser):
        contact = ContactFactory(name="Kestrel Retail Group")

        page = browser.get(reverse("interactions:contact_statistics", args=[contact.no])).content.decode()

        assert "<h1>Statistics of Kestrel Retail Group</h1>" in page

    def test_of_a_contact_out_of_sight_are_not_found(self, client):
        contact = ContactFactory(salesperson=SalespersonFactory())
        client.force_login(UserFactory(role="Salesperson"))

        assert self.part(client, contact).status_code == 404

    def test_keep_cents_exact_on_both_databases(self):
        contact = ContactFactory()
        for _each in range(3):
            InteractionLogEntryFactory(contact=contact, cost="0.10")

        assert InteractionLogEntry.objects.of_contact(contact).statistics()["cost"] == Decimal("0.30")


class TestStatisticsOfASalesperson:
    def test_add_up_this_year(self, browser):
        salesperson = SalespersonFactory(code="JW")
        InteractionLogEntryFactory(salesperson=salesperson, minutes=30)
        InteractionLogEntryFactory(minutes=5)

        url = reverse("interactions:salesperson_statistics", args=["JW"])
        html = browser.get(url, headers=PART).content.decode()

        assert '<dd class="num">1</dd>' in html
        assert "30 min" in html

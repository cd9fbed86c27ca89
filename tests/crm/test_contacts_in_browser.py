"""Contacts, salespeople and home in a real Chromium: every page, both themes, a phone, and the keys."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.models import Contact
from tests.factories import (
    ContactFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)
from tests.plugins.browser import open_whole

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.fixture
def user():
    user = UserFactory(username="marta.ruiz", role="Marketing manager")
    SalespersonFactory(code="MR", name="Marta Ruiz", user=user, email="marta@a.example", team=TeamFactory())
    return user


@pytest.fixture
def firm(user):
    """A company with two people, one of them blocked, and something to read about them."""
    marta = user.own_salesperson
    atelier = ContactFactory(
        no="CT7", name="Atelier Marchand SAS", city="Lyon", phone_no="+33 1", salesperson=marta
    )
    helene = ContactFactory(
        person=True,
        no="CT (1)/é",
        name="Hélène Marchand",
        job_title="Directrice des achats",
        company=atelier,
        mobile_phone_no="+33 6 99 00 42 17",
        email="h.marchand@atelier-m.example",
        language="fr",
        salesperson=marta,
        address="14 rue des Lampistes",
        city="Lyon",
        country="FR",
    )
    ContactFactory(person=True, name="Carmen Ibáñez", company=atelier, privacy_blocked=True)
    InteractionTemplateFactory(quick_key=1, description="Call")
    InteractionLogEntryFactory(contact=helene, salesperson=marta, minutes=12, cost=3)
    InteractionDraftFactory(contact=helene, created_by=user, description="Showroom visit", kept=True)
    return helene


@pytest.fixture
def page(new_page, user):
    return new_page(user, width=1440)


class TestEveryPage:
    def test_fits_with_names_that_never_end(self, new_page, user, firm):
        company = ContactFactory(
            no="ZZ",
            name=f"Aaa {LONG}",
            city="Llanfairpwllgwyngyllgogerychw",
            phone_no="+44 (0) 1632 960-064 / 960-065",
            email="extraordinarily.long.mailbox.name@subdomain.of.a.very-long-domain.example",
            home_page=f"https://www.{LONG.replace('ä', 'ae')[:60]}.example/a/very/long/address/indeed",
        )
        person = ContactFactory(
            person=True,
            no="КОНТАКТ-7",
            name="Константин Константинович Константинопольский-Преображенский",
            job_title="Заместитель генерального дирек",
            company=company,
        )
        page = new_page(user)
        card, person_card = company.get_absolute_url(), person.get_absolute_url()
        for url in [
            "/contacts/?q=aaa",
            card,
            f"{card}?tab=people",
            f"{card}edit/",
            reverse("interactions:contact_statistics", args=["ZZ"]),
            person_card,
            f"{person_card}?tab=details",
        ]:
            open_whole(page, url)
            for width in (320, 390, 768, 1024, 1280, 1920):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (url, width)

    def test_keeps_its_place_while_parts_arrive(self, page, firm):
        waiting = []
        page.route("**/statistics/", lambda route: waiting.append(route))
        page.goto(firm.get_absolute_url(), wait_until="domcontentloaded")
        address = page.get_by_role("heading", name="Address")
        before = address.bounding_box()["y"]

        expect(page.locator(".tl .e")).to_have_count(1)
        for route in waiting:
            route.continue_()

        expect(page.get_by_text("Time spent")).to_be_visible()
        assert abs(address.bounding_box()["y"] - before) <= 2


class TestContactList:
    def test_searches_while_one_types(self, page, firm):
        page.goto("/contacts/")
        page.keyboard.press("/")
        with page.expect_response(lambda response: "q=HELENE" in response.url):
            page.locator("#q").fill("HELENE")

        expect(page.locator("#rows tr")).to_have_count(1)
        expect(page.locator("#rows")).to_contain_text("Hélène Marchand")
        expect(page).to_have_url(re.compile("q=HELENE"))
        page.go_back()
        expect(page.locator("#rows tr")).to_have_count(3)

    def test_loads_more_rows_and_says_so(self, page, user):
        for number in range(120):
            ContactFactory(name=f"Company {number:03}")
        page.goto("/contacts/")
        expect(page.locator("#pager-text")).to_have_text("50 of 120 contacts")

        page.get_by_role("link", name="Load 50 more").click()

        expect(page.locator("#rows tr")).to_have_count(100)
        expect(page.locator("#pager-text")).to_have_text("100 of 120 contacts")
        expect(page.locator("#rows tr").nth(50).locator("a")).to_be_focused()

    def test_opens_its_filters_in_place_and_applies_them(self, page, firm):
        page.goto("/contacts/")
        page.keyboard.press("f")
        page.get_by_label("Type").select_option("COMPANY")
        page.get_by_role("button", name="Apply filters").click()

        expect(page.locator("#rows tr")).to_have_count(1)
        chip = page.get_by_role("link", name="Remove the filter Type: Company")
        with page.expect_response(lambda response: "/contacts/" in response.url):
            chip.click()
        expect(page.locator("#rows tr")).to_have_count(3)
        expect(chip).to_have_count(0)

    def test_is_walked_with_the_keyboard(self, page, firm):
        page.goto("/contacts/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")

        expect(page.locator("h1")).to_contain_text("Carmen Ibáñez")

    def test_begins_a_contact_with_alt_n(self, page, user):
        page.goto("/contacts/")
        page.keyboard.press("Alt+n")

        expect(page.locator("h1")).to_have_text("New contact")


class TestContactCard:
    def test_brings_the_timeline_and_the_figures(self, page, firm):
        page.goto(firm.get_absolute_url())

        expect(page.locator(".tl .e")).to_have_count(1)
        expect(page.locator(".stat")).to_contain_text("12 min")

    def test_is_left_for_the_log_and_for_editing_by_key(self, page, firm):
        page.goto(firm.get_absolute_url())
        page.keyboard.press("e")
        expect(page).to_have_url(re.compile("/edit/$"))

        page.goto(firm.get_absolute_url())
        page.keyboard.press("Control+F7")
        expect(page).to_have_url(re.compile(r"/interactions/\?contact="))

    def test_opens_the_sheet_by_key(self, page, firm):
        open_whole(page, firm.get_absolute_url())
        page.keyboard.press("c")

        expect(page.get_by_role("dialog")).to_contain_text("Hélène Marchand")

    def test_blocks_and_takes_it_back(self, page, firm):
        open_whole(page, firm.get_absolute_url())
        page.get_by_label("More actions").click()
        page.get_by_role("button", name="Block for privacy").click()
        expect(page.get_by_text("You can read, not contact.")).to_be_visible()

        page.locator("#toasts").get_by_role("button", name="Undo").click()

        expect(page.get_by_role("link", name="Create interaction").first).to_be_visible()
        assert not Contact.objects.get(pk=firm.pk).privacy_blocked


class TestContactForm:
    def test_shows_what_the_type_has(self, page, user):
        page.goto("/contacts/new/")
        expect(page.get_by_label("Job title")).to_be_hidden()

        page.get_by_label("Person", exact=True).check()

        expect(page.get_by_label("Job title")).to_be_visible()

    def test_finds_the_company_while_one_types(self, page, firm):
        page.goto("/contacts/new/?type=PERSON")
        page.get_by_label("Name", exact=True).fill("Ada King Lovelace")
        company = page.locator("#id_company-ts-control")
        company.click()
        company.press_sequentially("atel")
        page.get_by_role("option", name="Atelier Marchand SAS").click()
        page.keyboard.press("Control+s")

        expect(page.locator("h1")).to_contain_text("Ada King Lovelace")
        ada = Contact.objects.get(name="Ada King Lovelace")
        assert (ada.company_name, ada.city, ada.surname) == ("Atelier Marchand SAS", "Lyon", "Lovelace")

    def test_keeps_what_was_typed_and_leads_to_the_mistake(self, page, user, assert_accessible):
        page.goto("/contacts/new/")
        page.get_by_label("City").fill("Leeds")
        page.get_by_role("button", name="Save").click()

        summary = page.get_by_role("alert")
        expect(summary).to_be_focused()
        expect(page.get_by_label("City")).to_have_value("Leeds")
        assert_accessible(page)
        summary.get_by_role("link", name="Enter a name.").click()
        expect(page.get_by_label("Name", exact=True)).to_be_focused()

    def test_asks_when_two_people_wrote_the_same_field(self, page, firm, assert_accessible):
        page.goto(f"{firm.get_absolute_url()}edit/")
        Contact.objects.filter(pk=firm.pk).update(city="Paris")
        page.get_by_label("City").fill("Grenoble")
        page.get_by_role("button", name="Save").click()

        expect(page.get_by_role("heading", name="Somebody else has changed")).to_be_visible()
        assert_accessible(page)
        page.get_by_label("Take theirs: Paris").check()
        page.get_by_role("button", name="Save").click()

        expect(page.locator("h1")).to_contain_text("Hélène Marchand")
        assert Contact.objects.get(pk=firm.pk).city == "Paris"

    def test_needs_no_scripts(self, new_page, user, firm):
        page = new_page(user, javascript=False)
        page.goto("/contacts/new/?type=PERSON")
        page.locator("[name=name]").fill("Ada Lovelace")
        page.locator("noscript [name=company], input[name=company]").fill("atelier")
        page.get_by_role("button", name="Save").click()

        assert Contact.objects.get(name="Ada Lovelace").company_name == "Atelier Marchand SAS"
        page.get_by_role("link", name="Timeline").first.click()
        page.goto("/contacts/?q=ada")
        expect(page.locator("#rows tr")).to_have_count(1)
        page.get_by_role("link", name="Filter", exact=True).click()
        expect(page.get_by_label("Country/region")).to_be_visible()


class TestHome:
    def test_resumes_what_was_postponed(self, page, firm):
        page.goto("/")
        page.get_by_role("link", name="Showroom visit").first.click()

        expect(page.get_by_role("dialog")).to_contain_text("Hélène Marchand")

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from crm.models import Channel, Contact, MarketingSetup, User
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    SalutationFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


def card(web, contact, **parameters):
    return web.get(contact.get_absolute_url(), parameters).content.decode()


class TestContactCard:
    def test_says_who_it_is(self, web):
        company = ContactFactory(name="Atelier Marchand SAS")
        contact = ContactFactory(
            person=True,
            no="CT000142",
            name="Hélène Marchand",
            job_title="Directrice des achats",
            company=company,
            email="h.marchand@atelier-m.example",
            mobile_phone_no="+33 6 99 00 42 17",
            language="fr",
            channel=Channel.EMAIL,
            address="14 rue des Lampistes",
            post_code="69002",
            city="Lyon",
            country="FR",
            salesperson=SalespersonFactory(name="Marta Ruiz"),
            salutation=SalutationFactory(description="Madame"),
        )

        page = card(web, contact)

        for text in (
            "<h1>Hélène Marchand",
            "CT000142",
            "Directrice des achats",
            f'href="{company.get_absolute_url()}">Atelier Marchand SAS</a>',
            "+33 6 99 00 42 17",
            "h.marchand@atelier-m.example",
            "Marta Ruiz",
            "French",
            "Madame",
            "14 rue des Lampistes<br>69002 Lyon<br>France",
            'href="mailto:h.marchand@atelier-m.example"',
            'href="tel:+33699004217"',
        ):
            assert text in page

    @pytest.mark.parametrize(
        "no",
        ["A/7", "CT (7)", "CT 000 7", "КОНТАКТ-7", "Ł~7", "A?B&C=D", "%2F", "../7", "a+b#c", "7.5", "“X”"],
    )
    def test_opens_whatever_the_number_is_made_of(self, web, no):
        contact = ContactFactory(no=no, name="Somebody")

        page = web.get(contact.get_absolute_url())

        assert page.status_code == 200
        assert page.context["contact"] == contact
        for url in re.findall(r'href="(/contacts/[^"]+)"', page.content.decode()):
            assert web.get(url).status_code == 200

    def test_is_not_found_under_a_number_that_nobody_has(self, web):
        assert web.get("/contacts/CT404/").status_code == 404
        assert web.get("/contacts/lower/").status_code == 404

    def test_leads_to_the_interactions_of_this_contact(self, web):
        contact = ContactFactory(no="A&B")

        page = card(web, contact)

        for name in ("interactions:new", "interactions:entries", "interactions:postponed"):
            assert f'href="{reverse(name)}?contact=A%26B"' in page
        for name in ("interactions:contact_entries", "interactions:contact_statistics"):
            assert f'hx-get="{reverse(name, kwargs={"no": "A&B"})}"' in page

    @pytest.mark.case("PC-008")
    def test_of_a_person_alone_has_no_company_and_no_colleagues(self, web):
        page = card(web, ContactFactory(person=True))

        assert "Colleagues" not in page
        assert page.count("/contacts/CT") == page.count(f"/contacts/{Contact.objects.get().no}")

    @pytest.mark.case("PC-009", "PC-015")
    def test_of_a_person_shows_the_company_and_leaves_it_alone(self, web):
        company = ContactFactory(name="Atelier")
        person = ContactFactory(person=True, company=company)

        page = card(web, person)

        assert f'href="{company.get_absolute_url()}">Atelier</a>' in page
        assert web.get(company.get_absolute_url()).context["contact"] == company
        assert Contact.objects.get(pk=company.pk).modified_at == company.modified_at

    @pytest.mark.case("PC-010", "PC-012", "PC-014")
    def test_of_a_reader_shows_everything_and_changes_nothing(self, client):
        client.force_login(UserFactory(role="Reader"))
        company = ContactFactory(name="Atelier")
        person = ContactFactory(
            person=True, name="Ada Byron", first_name="Ada", surname="Byron", company=company
        )

        details = card(client, person, tab="details")

        assert "<dd>Ada</dd>" in details
        assert "<dd>Byron</dd>" in details
        assert "<dd>Atelier</dd>" in details
        assert reverse("crm:contact_edit", args=[person.no]) not in details
        assert "Create interaction" not in details
        for contact in (person, company):
            url = reverse("crm:contact_edit", args=[contact.no])
            assert client.post(url, {"name": "Changed"}).status_code == 403
        assert Contact.objects.filter(name="Changed").count() == 0

    def test_does_not_link_a_company_out_of_reach(self, client):
        user = UserFactory(role="Salesperson")
        mine = SalespersonFactory(user=user, team=TeamFactory())
        company = ContactFactory(name="Out of reach", salesperson=SalespersonFactory())
        person = ContactFactory(person=True, company=company, salesperson=mine)
        client.force_login(user)

        page = card(client, person)

        assert "Out of reach" in page
        assert company.get_absolute_url() not in page

    def test_shows_no_figures_to_whoever_may_not_read_interactions(self, client):
        user = UserFactory(is_superuser=False)
        user.user_permissions.add(*permissions("crm.view_contact", "crm.scope_all"))
        client.force_login(user)

        page = card(client, ContactFactory())

        assert "You do not have permission to read interactions." in page
        assert "hx-get" not in page.split("<main")[1].split("</main>")[0]

    @pytest.mark.parametrize("people", [1, 3])
    @pytest.mark.parametrize("tab", ["timeline", "details", "people"])
    def test_asks_at_most_twelve_statements_however_many_people(
        self, client, people, tab, django_assert_num_queries
    ):
        user = UserFactory(role="Salesperson")
        mine = SalespersonFactory(user=user, team=TeamFactory())
        company = ContactFactory(salesperson=mine)
        for _person in range(people):
            person = ContactFactory(person=True, company=company, salesperson=mine)
            InteractionLogEntryFactory(contact=person)
        client.force_login(user)
        MarketingSetup.current()

        # Session, user, permissions, teams, contact, last interaction, company in reach, colleagues, postponed
        # and segments in the menu; the rows of the people and their last interactions.
        with django_assert_num_queries(
            {"timeline": 10, "details": 10, "people": 12 if people > 1 else 11}[tab]
        ):
            card(client, person, tab=tab)


class TestTabs:
    def test_begin_with_the_timeline(self, web):
        contact = ContactFactory()

        assert web.get(contact.get_absolute_url()).context["tab"] == "timeline"
        assert web.get(contact.get_absolute_url(), {"tab": "nonsense"}).context["tab"] == "timeline"

    def test_details_are_in_the_order_of_the_form(self, web):
        contact = ContactFactory(
            person=True, language="fr-CH", country="CH", channel=Channel.HARD_COPY, exclude_from_segment=True
        )

        sections = web.get(contact.get_absolute_url(), {"tab": "details"}).context["sections"]

        assert [str(title) for title, _pairs in sections] == [
            "General",
            "Communication",
            "Segmentation",
            "Privacy",
        ]
        texts = {str(label): text for _title, pairs in sections for label, text in pairs}
        assert texts["language"] == "French (Switzerland)"
        assert texts["country/region"] == "Switzerland"
        assert texts["correspondence"] == "Hard copy"
        assert texts["exclude from segments"] == "Yes"
        assert texts["minor"] == "No"

    def test_details_of_a_company_leave_out_what_persons_have(self, web):
        sections = web.get(ContactFactory().get_absolute_url(), {"tab": "details"}).context["sections"]

        labels = {str(label) for _title, pairs in sections for label, _text in pairs}
        assert not labels & {"first name", "job title", "minor", "company"}

    def test_people_are_those_of_the_company(self, web):
        company = ContactFactory(name="Atelier")
        ContactFactory(person=True, name="Hélène", company=company)
        ContactFactory(person=True, name="Somebody else")

        response = web.get(company.get_absolute_url(), {"tab": "people"})

        assert [row.name for row, _cells in response.context["cells"]] == ["Hélène"]
        assert response.context["people_count"].count == 1

    def test_colleagues_are_the_others(self, web):
        company = ContactFactory()
        helene, _paul = (
            ContactFactory(person=True, name=name, company=company) for name in ("Hélène", "Paul")
        )

        response = web.get(helene.get_absolute_url(), {"tab": "people"})

        assert [row.name for row, _cells in response.context["cells"]] == ["Paul"]
        assert "Colleagues" in response.content.decode()

    def test_people_go_on_page_by_page(self, web):
        company = ContactFactory()
        for number in range(60):
            ContactFactory(person=True, name=f"Person {number:02}", company=company)

        first = web.get(company.get_absolute_url(), {"tab": "people"})
        more = web.get(
            company.get_absolute_url() + first.context["page"].next_url,
            headers={"HX-Request": "true", "HX-Target": "rows"},
        )

        assert [row.name for row, _cells in more.context["cells"]][:2] == ["Person 50", "Person 51"]
        assert more.content.decode().strip().startswith("<div")
        assert "60 of 60 contacts" in more.content.decode()

    def test_of_a_company_without_people_offers_to_add_one(self, web):
        company = ContactFactory(no="CT7")

        page = card(web, company, tab="people")

        assert "Nobody else yet" in page
        assert f"{reverse('crm:contact_new')}?company=CT7" in page


class TestPhones:
    @pytest.mark.case("UI-021")
    def test_are_the_persons_and_then_the_companys(self, web):
        company = ContactFactory(phone_no="3", mobile_phone_no="4")
        person = ContactFactory(person=True, company=company, phone_no="1", mobile_phone_no="2")

        phones = web.get(person.get_absolute_url()).context["phones"]

        assert [phone.number for phone in phones] == ["1", "2", "3", "4"]
        assert [phone.whose for phone in phones] == [
            "Phone",
            "Mobile",
            "Phone of the company",
            "Mobile of the company",
        ]

    def test_of_a_company_out_of_reach_stay_hidden(self, client):
        user = UserFactory()
        user.user_permissions.add(*permissions("crm.view_contact"))
        mine = SalespersonFactory(user=user)
        company = ContactFactory(
            phone_no="+33 1 99 00 42 00",
            mobile_phone_no="+33 6 99 00 42 00",
            salesperson=SalespersonFactory(),
        )
        contact = ContactFactory(person=True, company=company, salesperson=mine, phone_no="+33 1 99 00 42 17")
        client.force_login(user)

        page = card(client, contact)

        assert "+33 1 99 00 42 17" in page
        assert "42 00" not in page

    def test_that_are_blank_are_left_out(self, web):
        person = ContactFactory(person=True, company=ContactFactory(phone_no="+44 (0) 1632 960-064"))

        page = card(web, person)

        assert page.count('href="tel:') == 1
        assert 'href="tel:+441632960064"' in page

    def test_of_nobody_have_no_button(self, web):
        assert "tel:" not in card(web, ContactFactory())


class TestPrivacy:
    def test_of_a_blocked_contact_leaves_reading_alone(self, web):
        contact = ContactFactory(privacy_blocked=True, phone_no="+33 1", email="a@b.example")

        page = card(web, contact)

        assert "Blocked for privacy." in page
        assert "You can read, not contact." in page
        assert reverse("interactions:new") + "?contact" not in page
        assert "tel:" not in page
        assert "mailto:" not in page
        assert f"{reverse('interactions:entries')}?contact={contact.no}" in page

    def test_of_a_minor_says_why(self, web):
        page = card(web, ContactFactory(person=True, minor=True, privacy_blocked=True))

        assert "The contact is a minor and the parents have not consented." in page

    def test_is_blocked_and_taken_back_at_once(self, web):
        contact = ContactFactory(name="Ada")
        url = reverse("crm:contact_block", args=[contact.no])

        page = web.post(url, follow=True).content.decode()
        contact.refresh_from_db()

        assert contact.privacy_blocked
        assert "Ada is blocked for privacy." in page
        undo = re.search(r'action="(/undo/[^"]+)"', page)[1]
        after = web.post(undo, follow=True).content.decode()
        contact.refresh_from_db()
        assert not contact.privacy_blocked
        assert "Ada may be contacted again." in after

    def test_of_somebody_whom_another_one_has_blocked_is_not_mine_to_take_back(self, web):
        contact = ContactFactory(name="Ada", privacy_blocked=True)

        page = web.post(reverse("crm:contact_block", args=[contact.no]), follow=True).content.decode()

        assert "Ada is blocked for privacy." in page
        assert "/undo/" not in page

    def test_is_not_taken_back_by_whoever_may_not_any_more(self, web):
        contact = ContactFactory()
        page = web.post(reverse("crm:contact_block", args=[contact.no]), follow=True).content.decode()
        User.objects.get().groups.clear()

        web.post(re.search(r'action="(/undo/[^"]+)"', page)[1])

        contact.refresh_from_db()
        assert contact.privacy_blocked

    def test_is_given_up(self, web):
        contact = ContactFactory(name="Ada", privacy_blocked=True)

        page = web.post(reverse("crm:contact_unblock", args=[contact.no]), follow=True).content.decode()

        contact.refresh_from_db()
        assert not contact.privacy_blocked
        assert "Ada may be contacted again." in page

    def test_of_a_minor_stays(self, web):
        contact = ContactFactory(person=True, minor=True, privacy_blocked=True)

        page = web.post(reverse("crm:contact_unblock", args=[contact.no]), follow=True).content.decode()

        contact.refresh_from_db()
        assert contact.privacy_blocked
        assert "A minor stays blocked for privacy until the parents have consented." in page


def permissions(*names):
    return [
        Permission.objects.get(content_type__app_label=app, codename=codename)
        for app, codename in (name.split(".") for name in names)
    ]

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import django_filters
import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.html import escape

from crm import dependents
from crm.models import Channel, Contact, MarketingSetup
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

URL = "/contacts/"


@pytest.fixture
def web(client, manager):
    client.force_login(manager)
    return client


def names(response):
    """The contacts of the answer, in order."""
    return [contact.name for contact, _cells in response.context["cells"]]


def listed(web, **parameters):
    return names(web.get(URL, parameters))


class TestContactList:
    def test_is_in_the_order_of_companies_and_names(self, web):
        north, south = ContactFactory(name="North"), ContactFactory(name="South")
        ContactFactory(person=True, name="Zoe", company=north)
        ContactFactory(person=True, name="Adam", company=south)
        ContactFactory(person=True, name="Alone")

        assert listed(web) == ["Alone", "North", "Zoe", "Adam", "South"]

    def test_shows_what_people_look_for(self, web):
        company = ContactFactory(name="Atelier Marchand SAS")
        contact = ContactFactory(
            person=True,
            name="Hélène Marchand",
            job_title="Directrice des achats",
            company=company,
            city="Lyon",
            mobile_phone_no="+33 6 99 00 42 17",
            salesperson=SalespersonFactory(code="MR", name="Marta Ruiz"),
        )
        InteractionLogEntryFactory(contact=contact, date=dt.date(2026, 11, 20))

        page = web.get(URL).content.decode()

        for text in (
            "Hélène Marchand",
            "Directrice des achats",
            "Atelier Marchand SAS",
            "Lyon",
            "+33 6 99 00 42 17",
            'title="Marta Ruiz">MR</span>',
            "20 Nov 2026",
            f'href="{contact.get_absolute_url()}"',
        ):
            assert text in page

    def test_marks_blocked_contacts(self, web):
        ContactFactory(privacy_blocked=True)

        assert "Blocked</span>" in web.get(URL).content.decode()

    def test_goes_on_page_by_page_without_losing_anybody(self, web):
        for number in range(120):
            ContactFactory(name=f"Company {number % 7}")

        seen, url, loaded = [], URL, []
        while url:
            page = web.get(url if url.startswith("/") else URL + url).context["page"]
            seen += [contact.pk for contact in page.rows]
            loaded.append(page.loaded)
            url = page.next_url

        assert len(seen) == len(set(seen)) == 120
        assert loaded == [50, 100, 120]

    def test_goes_back(self, web):
        for number in range(60):
            ContactFactory(name=f"Company {number:02}")
        second = web.get(URL + web.get(URL).context["page"].next_url).context["page"]

        back = web.get(URL + second.previous_url)

        assert names(back) == [f"Company {number:02}" for number in range(50)]
        assert back.context["page"].loaded == 50

    @pytest.mark.parametrize("loaded", ["many", "-1", "²", "9" * 5000])
    def test_believes_no_nonsense_about_the_rows_above(self, web, loaded):
        for number in range(51):
            ContactFactory(name=f"Company {number:02}")
        after = parse_qs(urlsplit(web.get(URL).context["page"].next_url).query)["after"]

        assert web.get(URL, {"after": after, "loaded": loaded}).context["page"].loaded == 1

    def test_answers_htmx_with_the_rows_alone(self, web):
        ContactFactory()

        page = web.get(URL, headers={"HX-Request": "true", "HX-Target": "rows"}).content.decode()

        assert '<tbody id="rows"' in page
        assert "<html" not in page
        assert 'id="chosen"' not in page

    def test_answers_a_search_with_rows_and_active_filters(self, web):
        ContactFactory(name="Northwind")

        page = web.get(
            URL, {"q": "north", "type": "COMPANY"}, headers={"HX-Request": "true", "HX-Target": "results"}
        ).content.decode()

        assert "Northwind" in page
        assert '<div class="row-f row-w" id="chosen" hx-swap-oob="true">' in page
        assert "<html" not in page

    def test_has_a_column_of_every_app_that_registers_one(self, web):
        asked = []

        def shoe_sizes(ids, user):
            asked.append(ids)
            return {max(ids): 44}

        column = dependents.Column(name="shoes", label="Shoe size", values=shoe_sizes, numeric=True)
        secret = dependents.Column(name="secret", label="Secret", values=shoe_sizes, permission="crm.none")
        first, last = ContactFactory(name="A"), ContactFactory(name="B")
        dependents.contacts.add(column, secret)
        try:
            page = web.get(URL).content.decode()
        finally:
            dependents.contacts.remove(column, secret)

        assert '<th scope="col" role="columnheader" class="r">Shoe size</th>' in page
        assert ">44</td>" in page
        assert "Secret" not in page
        assert asked == [[first.pk, last.pk]]

    def test_has_a_filter_of_every_app_that_registers_one(self, web):
        ContactFactory(name="Even"), ContactFactory(name="Odd")
        only = dependents.ListFilter(
            name="starts",
            filter=django_filters.CharFilter(field_name="name", lookup_expr="startswith", label="Starts"),
        )
        dependents.contacts.add(only)
        try:
            found = web.get(URL, {"starts": "E"})
            chips = [chip.label for chip in found.context["filters"].chips]
        finally:
            dependents.contacts.remove(only)

        assert (names(found), chips) == (["Even"], ["Starts: E"])
        assert listed(web, starts="E") == ["Even", "Odd"]

    @pytest.mark.parametrize("count", [1, 3])
    def test_asks_the_same_statements_for_any_number_of_rows(self, client, count, django_assert_num_queries):
        user = UserFactory(role="Salesperson")
        salesperson = SalespersonFactory(user=user, team=TeamFactory())
        for _number in range(count):
            company = ContactFactory(salesperson=salesperson)
            person = ContactFactory(person=True, company=company, salesperson=SalespersonFactory())
            InteractionLogEntryFactory(contact=person)
        client.force_login(user)
        MarketingSetup.current()

        with django_assert_num_queries(11):
            # session, user, permissions, teams; rows, last interactions, three views; postponed in the menu
            client.get(URL)


class TestFilters:
    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({"q": "marchand"}, ["Hélène Marchand"]),
            ({"q": "HELENE"}, ["Hélène Marchand"]),
            ({"q": "соколова анна"}, ["Анна Соколова"]),
            ({"q": "699004217"}, ["Hélène Marchand"]),
            ({"q": "h.marchand@"}, ["Hélène Marchand"]),
            ({"q": "CT000142"}, ["Hélène Marchand"]),
            ({"q": "nobody at all"}, []),
            ({"type": "COMPANY"}, ["Northwind"]),
            ({"type": "PERSON", "country": "RU"}, ["Анна Соколова"]),
            ({"language": "fr"}, ["Hélène Marchand"]),
            ({"channel": "EMAIL"}, ["Hélène Marchand"]),
            ({"city": "петер"}, ["Анна Соколова"]),
            ({"city": "LYÓN"}, ["Hélène Marchand"]),
            ({"q": "!?"}, []),
            ({"salesperson": "MR"}, ["Hélène Marchand"]),
            ({"salesperson": "none"}, ["Northwind", "Анна Соколова"]),
            ({"privacy_blocked": "yes"}, ["Анна Соколова"]),
            ({"privacy_blocked": "no"}, ["Hélène Marchand", "Northwind"]),
            ({"company": "CTN"}, ["Northwind"]),
            ({"company": "north"}, ["Northwind"]),
            ({"view": "companies"}, ["Northwind"]),
            ({"quiet_since": "2026-11-01"}, ["Northwind", "Анна Соколова"]),
            ({"q": " ", "type": "", "nonsense": "x"}, ["Hélène Marchand", "Northwind", "Анна Соколова"]),
        ],
    )
    def test_find(self, web, parameters, found):
        helene = ContactFactory(
            person=True,
            no="CT000142",
            name="Hélène Marchand",
            email="h.marchand@atelier.example",
            mobile_phone_no="+33 6 99 00 42 17",
            city="Lyon",
            language="fr",
            channel=Channel.EMAIL,
            salesperson=SalespersonFactory(code="MR"),
        )
        ContactFactory(
            person=True, name="Анна Соколова", country="RU", city="Санкт-Петербург", privacy_blocked=True
        )
        ContactFactory(no="CTN", name="Northwind")
        InteractionLogEntryFactory(contact=helene, date=dt.date(2026, 11, 20))

        assert sorted(listed(web, **parameters)) == found

    @pytest.mark.parametrize(
        ("parameters", "problem"),
        [
            ({"salesperson": "NOBODY"}, "Salesperson: There is no salesperson “NOBODY”."),
            ({"type": "ALIEN"}, "Type: “ALIEN” is not one of the choices."),
            ({"country": "zz"}, "Country/region: “zz” is not one of the choices."),
            ({"company": "nobody"}, "Company and its people: No contact is called “nobody”."),
            ({"privacy_blocked": "perhaps"}, "Blocked for privacy: “perhaps” is not one of the choices."),
            ({"view": "other"}, "View: “other” is not one of the choices."),
            ({"quiet_since": "32 Nov"}, "No interaction since: "),
            ({"q": "x" * 201}, "Search: Enter at most 200 characters."),
            ({"q": "A\0"}, "Search: “A\ufffd” has a character that cannot be searched."),
            ({"city": "\0"}, "City: “\ufffd” has a character that cannot be searched."),
            ({"language": "klingon"}, "Language: “klingon” is not one of the choices."),
            ({"channel": "PIGEON"}, "Correspondence: “PIGEON” is not one of the choices."),
        ],
    )
    def test_that_make_no_sense_show_everybody_and_say_so(self, web, parameters, problem):
        ContactFactory(name="A"), ContactFactory(name="B")

        response = web.get(URL, {"type": "PERSON"} | parameters)

        assert response.status_code == 200
        assert names(response) == ["A", "B"]
        (sentence,) = response.context["filters"].problems
        assert sentence.startswith(problem)
        assert sentence.endswith("Nothing is filtered.")
        assert escape(sentence) in response.content.decode()

    @pytest.mark.parametrize("cursor", ["nonsense", "W10", "x" * 5000, "\x00"])
    def test_with_a_broken_page_show_the_first_one_and_say_so(self, web, cursor):
        ContactFactory(name="A")

        response = web.get(URL, {"after": cursor, "loaded": "many"})

        assert names(response) == ["A"]
        assert "That page does not exist" in response.content.decode()

    def test_of_a_company_hold_its_people(self, web):
        company = ContactFactory(name="Atelier", no="CTA")
        ContactFactory(person=True, name="Hélène", company=company)
        ContactFactory(person=True, name="Somebody else")

        assert listed(web, company="CTA") == ["Atelier", "Hélène"]

    def test_that_are_active_can_be_taken_away_one_by_one(self, web):
        SalespersonFactory(code="MR", name="Marta Ruiz")
        filters = web.get(
            URL,
            {
                "salesperson": "MR",
                "type": "PERSON",
                "privacy_blocked": "no",
                "q": "a",
                "quiet_since": "2026-11-20",
            },
        ).context["filters"]

        assert [chip.label for chip in filters.chips] == [
            "Type: Person",
            "Salesperson: Marta Ruiz",
            "Blocked for privacy: Not blocked",
            "No interaction since: 20 Nov 2026",
        ]
        without_salesperson = parse_qs(urlsplit(filters.chips[1].url).query)
        assert without_salesperson.keys() == {"type", "privacy_blocked", "q", "quiet_since"}

    def test_are_drawn_only_when_opened(self, web):
        ContactFactory()

        closed, opened = web.get(URL).content.decode(), web.get(URL, {"filters": "1"}).content.decode()

        assert 'name="country"' not in closed
        assert closed.count("<option") == 0
        for name in (
            "type",
            "salesperson",
            "country",
            "language",
            "channel",
            "privacy_blocked",
            "city",
            "company",
        ):
            assert f'name="{name}"' in opened

    def test_open_alone_for_htmx_and_keep_what_is_chosen(self, web):
        part = web.get(
            URL,
            {"filters": "1", "q": "x", "type": "PERSON", "view": "companies"},
            headers={"HX-Request": "true", "HX-Target": "filter-form"},
        ).content.decode()

        assert part.strip().startswith("<form")
        assert '<option value="PERSON" selected>' in part
        assert '<input type="hidden" name="q" value="x">' in part
        assert '<input type="hidden" name="view" value="companies">' in part


class TestViews:
    def test_are_my_accounts_all_and_companies(self, client):
        user = UserFactory(role="Marketing manager")
        mine = SalespersonFactory(user=user)
        ContactFactory(name="Mine", salesperson=mine)
        ContactFactory(person=True, name="Hers", salesperson=SalespersonFactory())
        client.force_login(user)

        tabs = client.get(URL).context["views"]()

        assert [(str(label), str(count), current) for _url, label, count, current in tabs] == [
            ("My accounts", "1", False),
            ("All", "2", True),
            ("Companies", "1", False),
        ]
        assert names(client.get(tabs[0][0])) == ["Mine"]
        assert names(client.get(tabs[2][0])) == ["Mine"]

    def test_are_without_my_accounts_for_whoever_has_none(self, web):
        ContactFactory()

        assert [str(label) for _url, label, _count, _current in web.get(URL).context["views"]()] == [
            "All",
            "Companies",
        ]
        assert listed(web, view="mine") == []


class TestEmptyList:
    def test_says_what_comes_here(self, web):
        page = web.get(URL).content.decode()

        assert "No contacts yet" in page
        assert f'<a class="btn btn-p" href="{reverse("crm:contact_new")}">' in page

    def test_offers_a_reader_nothing_to_create(self, client):
        client.force_login(UserFactory(role="Reader"))

        page = client.get(URL).content.decode()

        assert "No contacts yet" in page
        assert reverse("crm:contact_new") not in page

    def test_says_how_many_match_elsewhere(self, web):
        ContactFactory(person=True, name="Ada")

        page = web.get(URL, {"q": "ada", "view": "companies"}).content.decode()

        assert "Nothing matches “ada”" in page
        assert "There is 1 match among all contacts." in page


class TestScope:
    """A salesperson of one team, and everybody else."""

    @pytest.fixture
    def marta(self):
        user = UserFactory(role="Salesperson")
        self.team = TeamFactory()
        self.salesperson = SalespersonFactory(user=user, team=self.team)
        return user

    @pytest.fixture
    def web(self, client, marta):
        client.force_login(marta)
        return client

    @pytest.fixture
    def outside(self):
        return ContactFactory(name="Outside", salesperson=SalespersonFactory(team=TeamFactory()))

    def test_of_the_list_is_my_team(self, web, outside):
        company = ContactFactory(name="Mine", salesperson=self.salesperson)
        ContactFactory(name="Team", salesperson=SalespersonFactory(team=self.team))
        ContactFactory(person=True, name="Person of mine", company=company, salesperson=outside.salesperson)
        ContactFactory(name="Nobody's")

        assert sorted(listed(web)) == ["Mine", "Nobody's", "Person of mine", "Team"]
        assert listed(web, q="outside") == []

    def test_holds_for_export_and_look_up(self, web, outside):
        ContactFactory(name="Nobody's")

        export = b"".join(web.get(reverse("crm:contact_export")).streaming_content).decode()
        found = web.get(reverse("crm:contact_lookup"), {"q": ""}).json()["results"]

        assert "Outside" not in export
        assert [row["text"] for row in found] == ["Nobody's"]

    def test_holds_for_a_company_to_filter_by(self, web, outside):
        assert web.get(URL, {"company": outside.no}).context["filters"].problems

    @pytest.mark.parametrize(
        ("method", "url"),
        [
            ("get", "crm:contact"),
            ("get", "crm:contact_edit"),
            ("post", "crm:contact_edit"),
            ("post", "crm:contact_block"),
            ("post", "crm:contact_unblock"),
        ],
    )
    def test_hides_other_contacts_as_if_there_were_none(self, web, outside, method, url):
        answer = getattr(web, method)(reverse(url, args=[outside.no]))

        assert answer.status_code == 404
        assert Contact.objects.get(pk=outside.pk).privacy_blocked is False


class TestPermissions:
    @pytest.mark.parametrize(
        "url", ["crm:contacts", "crm:contact_new", "crm:contact_export", "crm:contact_lookup"]
    )
    def test_are_needed(self, client, url):
        client.force_login(UserFactory())

        assert client.get(reverse(url)).status_code == 403

    @pytest.mark.parametrize(
        "url", ["crm:contact", "crm:contact_edit", "crm:contact_block", "crm:contact_unblock"]
    )
    def test_are_needed_for_one_contact(self, client, url):
        client.force_login(UserFactory())

        assert client.get(reverse(url, args=[ContactFactory().no])).status_code in {403, 405}

    def test_of_a_reader_are_for_reading(self, client):
        contact = ContactFactory()
        client.force_login(UserFactory(role="Reader"))

        page = client.get(URL).content.decode()

        assert client.get(contact.get_absolute_url()).status_code == 200
        assert client.get(reverse("crm:contact_new")).status_code == 403
        assert client.get(reverse("crm:contact_edit", args=[contact.no])).status_code == 403
        assert client.post(reverse("crm:contact_block", args=[contact.no])).status_code == 403
        assert "New contact" not in page

    @pytest.mark.parametrize("url", ["crm:contact_block", "crm:contact_unblock"])
    def test_change_nothing_by_get(self, web, url):
        assert web.get(reverse(url, args=[ContactFactory().no])).status_code == 405


class TestLastInteraction:
    def of(self, web, contact):
        cells = {row.pk: cells for row, cells in web.get(URL).context["cells"]}
        return {column.name: text for column, text in cells[contact.pk]}["last_interaction"]

    def test_is_the_latest_that_reached_the_contact(self, web):
        contact = ContactFactory()
        InteractionLogEntryFactory(contact=contact, date=dt.date(2026, 3, 1))
        InteractionLogEntryFactory(contact=contact, date=dt.date(2026, 2, 1))
        InteractionLogEntryFactory(contact=contact, date=dt.date(2026, 4, 1), attempt_failed=True)
        InteractionLogEntryFactory(contact=contact, date=dt.date(2026, 5, 1), canceled=True)

        assert self.of(web, contact) == "1 Mar 2026"

    def test_of_a_company_counts_its_people(self, web):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        InteractionLogEntryFactory(contact=company, date=dt.date(2026, 3, 1))
        InteractionLogEntryFactory(contact=person, date=dt.date(2026, 4, 1))

        assert (self.of(web, company), self.of(web, person)) == ("1 Apr 2026", "1 Apr 2026")

    def test_of_a_person_does_not_count_the_company(self, web):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        InteractionLogEntryFactory(contact=company, date=dt.date(2026, 3, 1))

        assert self.of(web, person) == ""

    def test_is_hidden_from_whoever_may_not_read_interactions(self, client):
        user = UserFactory()
        user.user_permissions.set(Permission.objects.filter(codename__in=["view_contact", "scope_all"]))
        ContactFactory()
        client.force_login(user)

        page = client.get(URL).content.decode()

        assert "Last interaction" not in page
        assert client.get(URL, {"quiet_since": "2026-11-01"}).context["filters"].chips == []

import datetime as dt

import pytest
from django.urls import reverse

from crm.models import Contact
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
)

pytestmark = pytest.mark.django_db

URL = "/contacts/"


@pytest.fixture
def web(client, manager):
    client.force_login(manager)
    return client


class TestExport:
    def test_is_the_whole_filter_in_the_order_of_the_list(self, web):
        for number in range(120):
            ContactFactory(name=f"Company {number:03}", city="Leeds" if number % 2 else "York")

        response = web.get(reverse("crm:contact_export"), {"city": "Leeds"})
        lines = b"".join(response.streaming_content).decode().splitlines()

        assert response["Content-Disposition"] == 'attachment; filename="Contacts.csv"'
        assert lines[0].startswith("\ufeffno.,type,name,")
        assert lines[0].endswith("Salesperson,Last interaction")
        assert len(lines) == 61
        assert [line.split(",")[2] for line in lines[1:4]] == ["Company 001", "Company 003", "Company 005"]

    def test_holds_last_interactions_and_codes(self, web):
        contact = ContactFactory(no="CT7", name="=SUM(A1)", salesperson=SalespersonFactory(code="MR"))
        InteractionLogEntryFactory(contact=contact, date=dt.date(2026, 11, 20))

        lines = b"".join(web.get(reverse("crm:contact_export")).streaming_content).decode().splitlines()

        assert lines[1].startswith("CT7,COMPANY,'=SUM(A1),")
        assert lines[1].endswith(",MR,2026-11-20")

    def test_of_a_filter_that_makes_no_sense_leads_to_the_list(self, web):
        response = web.get(reverse("crm:contact_export"), {"type": "ALIEN"})

        assert response.url == "/contacts/?type=ALIEN"

    def test_asks_once_for_each_batch(self, web, django_assert_num_queries):
        Contact.objects.bulk_create(ContactFactory.build_batch(501))
        response = web.get(reverse("crm:contact_export"))

        with django_assert_num_queries(3):  # rows, and last interactions of two batches
            assert len(list(response.streaming_content)) == 502


class TestLookup:
    def find(self, web, q="", **parameters):
        return web.get(reverse("crm:contact_lookup"), {"q": q} | parameters).json()["results"]

    @pytest.mark.parametrize("q", ["CT5", "hélène", "HELENE MARCH", "h.march", "4217", "atelier"])
    def test_finds_by_number_name_company_e_mail_and_phone(self, web, q):
        company = ContactFactory(name="Atelier")
        helene = ContactFactory(
            person=True,
            no="CT5",
            name="Hélène Marchand",
            company=company,
            email="h.marchand@a.example",
            phone_no="+33 42 17",
        )
        ContactFactory(name="Northwind")

        assert helene.no in [row["value"] for row in self.find(web, q)]
        assert "Northwind" not in [row["text"] for row in self.find(web, q)]

    def test_says_what_a_row_shows(self, web):
        company = ContactFactory(name="Atelier")
        ContactFactory(person=True, no="CT5", name="Hélène Marchand", company=company)

        (row,) = self.find(web, "ct5")

        assert row == {
            "value": "CT5",
            "text": "Hélène Marchand",
            "detail": "Atelier · CT5",
            "initials": "HM",
            "tone": row["tone"],
            "blocked": False,
        }

    def test_marks_blocked_contacts(self, web):
        ContactFactory(no="CT5", privacy_blocked=True)

        (row,) = self.find(web, "ct5")

        assert (row["blocked"], row["detail"]) == (True, "Blocked for privacy · CT5")

    def test_answers_at_most_twenty_rows_the_exact_number_first(self, web):
        for number in range(30):
            ContactFactory(name=f"Company {number:02}", no=f"CT1{number:02}")
        ContactFactory(name="Zulu", no="CT1")

        found = self.find(web, "CT1")

        assert len(found) == 20
        assert found[0]["text"] == "Zulu"
        assert len(self.find(web)) == 20

    def test_can_be_of_companies_alone(self, web):
        ContactFactory(name="Atelier"), ContactFactory(person=True, name="Ada")

        assert [row["text"] for row in self.find(web, type="COMPANY")] == ["Atelier"]
        assert len(self.find(web, type="nonsense")) == 2

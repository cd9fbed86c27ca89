"""A contact that somebody may not open is not called by name either, whatever an address or a form asks for."""

import pytest
from django.urls import reverse

from tests.factories import ContactFactory, SalespersonFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    """A salesperson who sees his or her own contacts only."""
    user = UserFactory(role="Salesperson")
    user.groups.get().permissions.remove(*user.groups.get().permissions.filter(codename="scope_team"))
    SalespersonFactory(user=user)
    return user


@pytest.fixture
def web(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def hidden():
    return ContactFactory(no="CT9", name="Lighthouse Holding", salesperson=SalespersonFactory())


@pytest.fixture
def mine(person):
    return ContactFactory(no="CT8", name="Alder Fittings", salesperson=person.own_salesperson)


ADDRESSES = [
    ("crm:contacts", "company"),
    ("interactions:entries", "contact"),
]


class TestAContactOutOfReach:
    @pytest.mark.parametrize(("name", "parameter"), ADDRESSES)
    def test_is_not_named_by_the_open_filter(self, web, hidden, name, parameter):
        page = web.get(reverse(name), {parameter: hidden.no, "filters": "1"})

        assert page.status_code == 200
        assert hidden.name not in page.content.decode()
        assert 'value="CT9"' in page.content.decode()

    @pytest.mark.parametrize(("name", "parameter"), ADDRESSES)
    def test_differs_in_this_from_one_within_reach(self, web, mine, name, parameter):
        page = web.get(reverse(name), {parameter: mine.no, "filters": "1"}).content.decode()

        assert f'<option value="CT8" selected>{mine.name}</option>' in page

    def test_is_not_named_by_the_form_of_a_new_contact(self, web, hidden):
        page = web.post(reverse("crm:contact_new"), {"type": "PERSON", "name": "Ada", "company": hidden.no})

        assert page.status_code == 422
        assert hidden.name not in page.content.decode()
        assert 'value="CT9"' in page.content.decode()

    def test_is_not_named_by_a_conflict(self, web, mine, hidden):
        person = ContactFactory(person=True, company=mine, salesperson=mine.salesperson)
        url = reverse("crm:contact_edit", args=[person.no])
        was = '{"company": "CT7"}'  # somebody else has moved the person meanwhile

        page = web.post(url, {"type": "PERSON", "name": person.name, "company": hidden.no, "was": was})

        assert page.status_code == 422
        assert hidden.name not in page.content.decode()

"""NUL, which PostgreSQL refuses to store or to compare, in whatever somebody may send."""

import pytest
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client):
    client.force_login(UserFactory(role="Administrator"))
    return client


class TestNul:
    @pytest.mark.parametrize(
        ("url", "status"),
        [
            ("/contacts/~00/", 404),
            ("/contacts/A~00/edit/", 404),
            ("/salespeople/~00/", 404),
            ("/contacts/?company=%00", 200),
            ("/contacts/?company=%00&filters=1", 200),
            ("/contacts/?salesperson=%00", 200),
            ("/contacts/new/?company=%00", 200),
            ("/contacts/lookup/?q=%00", 200),
            ("/interactions/?contact=%00", 200),
            ("/interactions/?contact=%00&filters=1", 200),
            ("/interactions/postponed/?contact=%00", 200),
            ("/interactions/canceled/delete/?contact=%00", 200),
            ("/interactions/new/?contact=%00", 404),
            ("/interactions/new/?template=%00", 404),
        ],
    )
    def test_in_an_address_is_a_character_that_nothing_is_called_by(self, web, url, status):
        assert web.get(url).status_code == status

    def test_in_a_form_keeps_what_else_was_typed(self, web):
        form = {"type": "PERSON", "name": "Ada \0 Byron", "company": "\0"}

        page = web.post(reverse("crm:contact_new"), form)

        assert page.status_code == 422
        assert "No contact is called" in page.content.decode()
        assert "Ada \ufffd Byron" in page.content.decode()

    def test_is_all_that_changes(self, web):
        page = web.get("/contacts/?q=50%2500+Ñ&city=%00Lyon&city=Leeds&filters=1")

        assert dict(page.wsgi_request.GET.lists()) == {
            "q": ["50%00 Ñ"],
            "city": ["\ufffdLyon", "Leeds"],
            "filters": ["1"],
        }

"""What a segment hands out: its contacts as a file, and its figures in the list."""

import csv
import io

import pytest
from django.contrib.auth.models import Permission

from tests.factories import ContactFactory, InteractionLogEntryFactory, SegmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def web(client, user):
    client.force_login(user)
    return client


def card(segment):
    return f"/segments/{segment.no}/"


class TestExport:
    @pytest.mark.case("SG-013")
    def test_is_a_file_of_the_contacts_in_the_order_of_the_lines(self, web):
        contacts = [ContactFactory(name=name) for name in ("Zoë", "Анна")]
        segment = SegmentFactory(ready=True, contacts=contacts)
        answer = web.get(f"{card(segment)}export/")
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert [line.split(",")[:2] for line in lines[1:]] == [
            [contact.no, contact.name] for contact in contacts
        ]
        assert f"{segment.no}.csv" in answer.headers["Content-Disposition"]

    @pytest.mark.case("RP-001")
    def test_says_what_each_contact_has_cost_so_far(self, web):
        contact, other = ContactFactory(), ContactFactory()
        for cost, canceled in (("10.00", False), ("2.50", False), ("99.00", True)):
            InteractionLogEntryFactory(contact=contact, cost=cost, canceled=canceled)
        segment = SegmentFactory(ready=True, contacts=[contact, other])
        answer = web.get(f"{card(segment)}export/")
        header, *rows = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        assert header[-2:] == ["Interactions", "Cost"]
        assert [row[-2:] for row in rows] == [["2", "12.50"], ["0", "0.00"]]

    def test_hides_costs_from_those_who_may_not_see_them(self, client):
        user = UserFactory(role="Reader")
        assert not user.has_perm("interactions.see_costs")
        user.user_permissions.add(Permission.objects.get(codename="export_contacts"))
        client.force_login(user)
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        answer = client.get(f"{card(segment)}export/")
        assert b"Cost" not in b"".join(answer.streaming_content)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_asks_once_for_the_figures_of_all(self, web, rows, django_assert_num_queries):
        segment = SegmentFactory(ready=True, contacts=ContactFactory.create_batch(rows))
        answer = web.get(f"{card(segment)}export/")
        with django_assert_num_queries(2):
            b"".join(answer.streaming_content)


class TestFiguresOfTheList:
    def test_are_fetched_for_a_row_that_changed_since(self, web):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        cells = f"{card(segment)}cells/"
        assert f'hx-post="{cells}"' in web.get("/segments/").content.decode()
        answer = web.post(cells).content.decode()
        assert "2 of 2" in answer
        assert 'hx-swap-oob="true"' in answer
        assert cells not in answer
        assert cells not in web.get("/segments/").content.decode()

"""The lists that contacts are classified by, in the admin."""

import pytest
from django.urls import reverse

from crm.models import MailingGroup
from tests.factories import (
    BusinessRelationFactory,
    ContactMailingGroupFactory,
    IndustryGroupFactory,
    JobResponsibilityFactory,
    MailingGroupFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LISTS = {
    "mailinggroup": MailingGroupFactory,
    "industrygroup": IndustryGroupFactory,
    "businessrelation": BusinessRelationFactory,
    "jobresponsibility": JobResponsibilityFactory,
    "territory": TerritoryFactory,
}


def url_of(model, view, *args):
    return reverse(f"admin:crm_{model}_{view}", args=args)


@pytest.fixture
def web(client):
    client.force_login(UserFactory(role="Marketing manager", is_staff=True))
    return client


@pytest.mark.parametrize("name", LISTS)
class TestEachList:
    def test_opens(self, web, name):
        row = LISTS[name]()
        for url in (url_of(name, "changelist"), url_of(name, "add"), url_of(name, "change", row.pk)):
            assert web.get(url).status_code == 200

    def test_is_closed_to_salespeople(self, client, name):
        client.force_login(UserFactory(role="Salesperson", is_staff=True))
        assert client.get(url_of(name, "changelist"), follow=True).status_code == 403

    @pytest.mark.parametrize("count", [1, 3])
    def test_asks_the_same_queries_for_any_number_of_rows(self, web, name, count, django_assert_num_queries):
        LISTS[name].create_batch(count)
        with django_assert_num_queries(LIST_QUERIES):
            web.get(url_of(name, "changelist"))


LIST_QUERIES = 7


def test_a_list_counts_the_contacts_under_each_value(web):
    group = MailingGroupFactory()
    ContactMailingGroupFactory.create_batch(2, mailing_group=group)
    page = web.get(url_of("mailinggroup", "changelist")).content.decode()
    assert '<td class="field-contacts">2</td>' in page


def test_a_value_in_use_is_not_deleted(web):
    group = ContactMailingGroupFactory().mailing_group
    web.post(url_of("mailinggroup", "delete", group.pk), {"post": "yes"})
    assert MailingGroup.objects.filter(pk=group.pk).exists()

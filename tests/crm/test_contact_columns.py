"""Columns of a contact that follow from others."""

import pytest

from crm.models import Contact
from tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("many", [False, True], ids=["saved", "saved with many"])
def test_a_search_name_fits_though_capitals_are_longer_than_the_name(many):
    contact = ContactFactory.build(name="ß" * 100)
    if many:
        Contact.objects.bulk_create([contact])
    else:
        contact.save()
    assert Contact.objects.get().search_name == "S" * 100

"""Who logs segments, and where their numbers come from."""

import pytest

from crm.models import MarketingSetup
from tests.factories import (
    NumberSeriesFactory,
    NumberSeriesLineFactory,
    UserFactory,
)


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager", first_name="Sofía", last_name="Finch")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def segment_numbers():
    series = NumberSeriesFactory()
    NumberSeriesLineFactory(series=series, starting_no="SM00022")
    setup = MarketingSetup.objects.get()
    setup.segment_nos = series
    setup.save()

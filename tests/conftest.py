import pytest
from django.core.cache import cache
from django.utils import timezone, translation

pytest_plugins = ["tests.plugins.cases", "tests.plugins.browser", "tests.plugins.summary"]


@pytest.fixture(autouse=True)
def plain_surroundings():
    """No test sees what another one cached, or the language and time zone that its last request chose."""
    cache.clear()
    with translation.override("en"), timezone.override("UTC"):
        yield

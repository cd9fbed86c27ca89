import pytest
from django.core.cache import cache
from django.utils import timezone, translation
from hypothesis import settings as hypothesis_settings

pytest_plugins = [
    "tests.plugins.again",
    "tests.plugins.cases",
    "tests.plugins.browser",
    "tests.plugins.summary",
]

# A busy machine is no reason to fail.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

COMMITTING = {"transactional_db", "live_server"}


@pytest.fixture(autouse=True)
def plain_surroundings():
    """No test sees what another one cached, or the language and time zone that its last request chose."""
    cache.clear()
    with translation.override("en"), timezone.override("UTC"):
        yield


def commits(item):
    """Whether a test really commits, so that its database is emptied afterwards instead of rolled back."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or not COMMITTING.isdisjoint(item.fixturenames)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests that commit begin with the rows that migrations wrote, which emptying takes away."""
    for item in items:
        if commits(item) and "django_db_serialized_rollback" not in item.fixturenames:
            item.fixturenames.append("django_db_serialized_rollback")


@pytest.fixture(autouse=True)
def fences_step_aside(request):
    """The ledger's triggers refuse to empty its tables; around a test that commits they are put up and taken down."""
    if not commits(request.node):
        yield
        return
    from interactions import ledger_guard

    request.getfixturevalue("transactional_db")
    ledger_guard.install()
    yield
    ledger_guard.remove()

"""The pages of tests/pages.py inside the real shell, with a menu of their own."""

import copy

import pytest

from crm import navigation
from crm.models import MarketingSetup
from crm.navigation import Action, Item
from tests.factories import SalespersonFactory, UserFactory


@pytest.fixture
def kit(settings, monkeypatch):
    """The addresses and templates of tests/pages.py; nothing is registered but what the test needs."""
    settings.ROOT_URLCONF = "tests.pages"
    settings.LOGIN_REDIRECT_URL = "kit"
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"].append(settings.BASE_DIR / "tests" / "templates")
    monkeypatch.setattr(navigation, "_registered", [])
    return navigation


@pytest.fixture
def menu(kit):
    """Three pages in the menu, one of them with a number that waits, and the button of the top bar."""
    kit.register(
        Item(name="kit", label="Kit", icon="home", order=1, tab="Kit", keys="g>k"),
        Item(name="rows", label="Rows", icon="log", section="Lists", order=2, tab="List"),
        Item(
            name="preferences",
            label="Waiting",
            icon="clock",
            section="Lists",
            order=3,
            count=lambda request: 3,
            hot=True,
        ),
        Action(name="sheet", label="New interaction", icon="plus", keys="n", create=True),
    )
    return kit


@pytest.fixture
def marta(db):
    """Marta Ruiz, salesperson MR of Alder & Finch."""
    MarketingSetup(company_name="Alder & Finch", company_line="Lighting", time_zone="Europe/Madrid").save()
    user = UserFactory(username="marta.ruiz")
    SalespersonFactory(code="MR", name="Marta Ruiz", user=user)
    return user


@pytest.fixture
def web(client, marta):
    """A test client with Marta signed in."""
    client.force_login(marta)
    return client


@pytest.fixture
def manager():
    """Sees everything, has no salesperson."""
    return UserFactory(role="Marketing manager")

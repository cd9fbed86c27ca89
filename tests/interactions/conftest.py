"""Marta Ruiz, salesperson, and what she records."""

import pytest

from crm.celery import app
from tests.factories import InteractionTemplateFactory, SalespersonFactory, UserFactory


@pytest.fixture
def marta():
    user = UserFactory(role="Salesperson")
    SalespersonFactory(code="MR", name="Marta Ruiz", user=user)
    return user


@pytest.fixture
def real_queue():
    """Tasks go into the queue of a new installation instead of running at once."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True
    app.control.purge()


@pytest.fixture
def browser(client, marta):
    client.force_login(marta)
    return client


@pytest.fixture
def template():
    return InteractionTemplateFactory(code="VISIT", description="Showroom visit", cost="12.50", minutes=45)

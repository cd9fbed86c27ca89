"""Alder & Finch, lighting: the small firm in which the journeys take place."""

from types import SimpleNamespace

import pytest

from crm.models import MarketingSetup
from tests.factories import (
    ContactFactory,
    InteractionGroupFactory,
    InteractionTemplateFactory,
    NumberSeriesFactory,
    NumberSeriesLineFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)


@pytest.fixture
def firm(transactional_db):
    """Marta Ruiz may everything that a journey needs; Hélène Marchand works at Atelier Verrier."""
    series = NumberSeriesFactory(code="CONT", manual_nos=True)
    NumberSeriesLineFactory(series=series, starting_no="CT000001")
    MarketingSetup(company_name="Alder & Finch", company_line="Lighting", contact_nos=series).save()
    user = UserFactory(username="marta.ruiz", role="Marketing manager")
    user.set_password("light the lobby")
    user.save()
    marta = SalespersonFactory(code="MR", name="Marta Ruiz", user=user, team=TeamFactory(code="IBERIA"))
    verrier = ContactFactory(no="CT000141", name="Atelier Verrier", salesperson=marta)
    helene = ContactFactory(
        no="CT000142",
        name="Hélène Marchand",
        person=True,
        company=verrier,
        salesperson=marta,
        email="helene@verrier.example",
        language="fr",
    )
    phone = InteractionGroupFactory(code="PHONE", description="Phone calls")
    call = InteractionTemplateFactory(
        code="CALL", description="Call", group=phone, minutes=10, cost=8, quick_key=1, direction="OUTBOUND"
    )
    visit = InteractionTemplateFactory(
        code="VISIT", description="Visit", group=phone, kind="MEETING", minutes=60, cost=80
    )
    return SimpleNamespace(
        user=user, marta=marta, verrier=verrier, helene=helene, group=phone, call=call, visit=visit
    )

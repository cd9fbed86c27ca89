"""The list of postponed interactions: its views, columns and pages."""

import datetime as dt

import pytest
from django.utils import timezone

from interactions.models import InteractionDraft
from tests.factories import AttachmentFactory, InteractionDraftFactory, SalespersonFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "/interactions/postponed/"


@pytest.fixture
def marta():
    user = UserFactory(role="Salesperson")
    SalespersonFactory(code="MR", name="Marta Ruiz", user=user)
    return user


@pytest.fixture
def browser(client, marta):
    client.force_login(marta)
    return client


def age(draft, **ago):
    InteractionDraft.objects.filter(pk=draft.pk).update(updated_at=timezone.now() - dt.timedelta(**ago))


def test_shows_salesperson_language_and_file(browser, marta):
    InteractionDraftFactory(
        created_by=marta,
        kept=True,
        salesperson=SalespersonFactory(code="JW", name="Jonas Weber"),
        language="fr",
        attachment=AttachmentFactory(name="Prices.xlsx", extension="xlsx"),
    )

    page = browser.get(LIST).content.decode()

    for words in ('title="Jonas Weber">JW', "French", 'title="Prices.xlsx" aria-hidden="true">X'):
        assert words in page


def test_marks_and_collects_what_is_older_than_seven_days(browser, marta):
    old = InteractionDraftFactory(created_by=marta, kept=True, description="Waits long")
    age(old, days=8)
    InteractionDraftFactory(created_by=marta, kept=True, description="Fresh")

    assert browser.get(LIST).content.decode().count('class="st wait"') == 1
    page = browser.get(LIST, {"v": "old"})
    assert page.context["page"].rows == [old]
    assert [(str(label), count) for _view, label, count, _current in page.context["tabs"]] == [
        ("Mine", "2"),
        ("Older than 7 days", "1"),
    ]


def test_leads_on_and_back(browser, marta):
    for number in range(51):
        age(InteractionDraftFactory(created_by=marta, description=f"D{number}"), minutes=number)

    first = browser.get(LIST)
    assert "50 of 51 interactions" in first.content.decode()
    second = browser.get(LIST + first.context["page"].next_url)
    assert [draft.description for draft in second.context["page"].rows] == ["D50"]
    assert browser.get(LIST + second.context["page"].previous_url).context["page"].rows[0].description == "D0"


def test_of_a_broken_cursor_says_so(browser):
    page = browser.get(LIST, {"after": "garbage"}).content.decode()

    assert "That page does not exist. This is the first one." in page

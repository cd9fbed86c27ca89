import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from crm import formats, navigation
from crm.navigation import Cue, Reading
from crm.views.home import greeting, sentence
from tests.factories import (
    ContactFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

MORNING = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def cue(monkeypatch):
    """Register one cue alone: `cue(Reading(…))`."""
    monkeypatch.setattr(navigation, "_registered", list(navigation._registered))
    for each in navigation.registered(Cue):
        navigation.unregister(each)

    def add(reading, label="Postponed by me", **values):
        navigation.register(Cue(label=label, read=lambda request, team: reading, **values))

    return add


class TestGreeting:
    @pytest.mark.parametrize(
        ("hour", "words"),
        [
            (0, "Good morning, Marta"),
            (11, "Good morning, Marta"),
            (12, "Good afternoon, Marta"),
            (17, "Good afternoon, Marta"),
            (18, "Good evening, Marta"),
        ],
    )
    def test_follows_the_readers_clock(self, monkeypatch, hour, words):
        monkeypatch.setattr(timezone, "now", lambda: MORNING.replace(hour=hour))

        assert greeting(UserFactory.build(first_name="Marta")) == words

    def test_takes_the_user_name_of_whoever_has_no_other(self):
        assert greeting(UserFactory.build(first_name="", last_name="", username="mr")).endswith(", mr")


class TestSentence:
    @pytest.fixture(autouse=True)
    def friday(self, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: MORNING)

    def said(self, *readings):
        return sentence(
            [
                (Cue(label=label, read=None), Reading(value=value, url="/", tone=tone))
                for label, value, tone in readings
            ]
        )

    def test_says_that_nothing_waits(self):
        assert self.said(("Logged this week", 23, "")) == "Friday, 20 November 2026 — nothing waits for you."

    def test_names_what_waits(self):
        assert self.said(("Logged", 23, ""), ("Postponed by me", 3, "hot")) == (
            "Friday, 20 November 2026 — this waits for you: Postponed by me (3)."
        )
        assert self.said(("Postponed by me", 3, "hot"), ("Errors", 1, "bad")) == (
            "Friday, 20 November 2026 — these wait for you: Postponed by me (3), Errors (1)."
        )

    @pytest.mark.parametrize(
        ("language", "region", "day"),
        [
            ("es", "en-GB", "viernes, 20 de noviembre de 2026"),
            ("es", "en-US", "viernes, 20 de noviembre de 2026"),
            ("en", "es-ES", "Friday, 20 November 2026"),
            ("en", "en-US", "Friday, November 20, 2026"),
        ],
    )
    def test_names_the_day_in_the_language_of_the_page(self, language, region, day):
        with translation.override(language), formats.override(region):
            assert self.said().startswith(f"{day} — ")


@pytest.mark.django_db
class TestHome:
    @pytest.fixture
    def user(self):
        user = UserFactory(role="Salesperson", first_name="Marta")
        SalespersonFactory(user=user)
        return user

    @pytest.fixture
    def web(self, client, user):
        client.force_login(user)
        return client

    def test_is_the_page_after_signing_in(self, web):
        ContactFactory()

        page = web.get("/").content.decode()

        assert ", Marta</h1>" in page
        assert "nothing waits for you" in page
        assert "My postponed interactions" in page

    def test_shows_the_cues_of_every_app(self, web, cue):
        cue(
            Reading(value="10,000+", url="/somewhere/", detail="oldest 4 days", tone="hot"),
            label="Old drafts",
        )
        cue(Reading(value=1, url="/secret/"), label="Secret", permission="crm.none")
        cue(None, label="Silent")

        page = web.get("/").content.decode()

        assert '<a class="cue hot" href="/somewhere/">' in page
        assert "10,000+" in page
        assert "oldest 4 days" in page
        assert "this waits for you: Old drafts (10,000+)." in page
        assert "Secret" not in page
        assert "Silent" not in page

    def test_counts_what_is_mine(self, web, user):
        InteractionDraftFactory(created_by=user, kept=True)
        InteractionLogEntryFactory(salesperson=user.own_salesperson, date=timezone.localdate())

        readings = {str(cue.label): reading for cue, reading in web.get("/").context["cues"]}

        assert readings["Postponed by me"].value == 1
        assert str(readings["Logged this week"].value) == "1"
        for reading in readings.values():
            assert web.get(reading.url).status_code == 200

    def test_offers_my_team_to_whoever_has_one(self, client, web):
        assert "My team" not in web.get("/").content.decode()
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory())
        client.force_login(user)

        assert not client.get("/").context["team"]
        assert client.get("/", {"team": "1"}).context["team"]

    def test_does_not_believe_a_team_that_is_not_there(self, web):
        assert not web.get("/", {"team": "1"}).context["team"]

    def test_shows_the_first_steps_while_there_are_no_contacts(self, web):
        page = web.get("/").content.decode()

        assert "First steps" in page
        assert f'href="{reverse("crm:contact_new")}"' in page

        ContactFactory()
        assert "First steps" not in web.get("/").content.decode()

    def test_offers_a_reader_nothing_that_he_may_not_do(self, client):
        client.force_login(UserFactory(role="Reader"))

        page = client.get("/").content.decode()

        assert reverse("crm:contact_new") not in page
        assert "My postponed interactions" not in page
        assert "To evaluate" not in page

    def test_needs_a_sign_in(self, client):
        assert client.get("/").url == "/login/?next=/"

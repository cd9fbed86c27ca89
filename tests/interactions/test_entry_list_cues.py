"""What interactions put into the menu and onto the home page."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from crm import formats
from interactions.navigation import count_postponed, evaluation_cue, logged_cue, postponed_cue
from tests.factories import (
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_a_friday():
    with time_machine.travel(dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def marta(team):
    user = UserFactory(role="Salesperson")
    SalespersonFactory(user=user, team=team)
    return user


@pytest.fixture
def request_of(rf):
    def of(user):
        request = rf.get("/")
        request.user = user
        return request

    return of


class TestPostponed:
    def test_counts_mine_that_were_saved_for_later(self, marta, request_of):
        InteractionDraftFactory(created_by=marta, kept=True)
        InteractionDraftFactory(created_by=marta)
        InteractionDraftFactory(created_by=marta, kept=True, deleted=True)
        InteractionDraftFactory(kept=True)

        assert count_postponed(request_of(marta)) == 1
        assert postponed_cue(request_of(marta), team=False).value == 1

    @pytest.mark.parametrize(("hours", "tone"), [(47, ""), (49, "hot")])
    def test_asks_for_attention_when_one_is_older_than_two_days(self, marta, request_of, hours, tone):
        InteractionDraftFactory(created_by=marta, kept_at=timezone.now() - dt.timedelta(hours=hours))

        reading = postponed_cue(request_of(marta), team=False)

        assert reading.tone == tone
        assert reading.detail.startswith("the oldest ")

    def test_is_calm_when_nothing_waits(self, marta, request_of):
        reading = postponed_cue(request_of(marta), team=False)

        assert (reading.value, reading.tone, reading.detail) == (0, "", "")
        assert reading.url == reverse("interactions:postponed")

    def test_of_my_team_is_for_its_lead(self, marta, team, request_of):
        InteractionDraftFactory(created_by=marta, kept=True)
        lead = UserFactory(role="Salesperson")
        SalespersonFactory(user=lead, team=team, team__is_lead=True)

        assert postponed_cue(request_of(lead), team=True).value == 1
        assert postponed_cue(request_of(marta), team=True) is None


class TestLoggedThisWeek:
    def log(self, day, **values):
        return InteractionLogEntryFactory(date=dt.date(2026, 11, day), **values)

    def test_counts_mine_since_monday_and_compares_with_the_same_days_of_last_week(
        self, marta, team, request_of
    ):
        mine = {"salesperson": marta.salesperson, "team": team}
        for day in (16, 20, 9, 13, 14, 15):  # two this week, two up to last Friday, two after it
            self.log(day, **mine)
        self.log(17, canceled=True, **mine)
        self.log(17, team=team)

        reading = logged_cue(request_of(marta), team=False)

        assert (reading.value, reading.detail) == ("2", "2 by this day last week")

    def test_links_to_exactly_these(self, client, marta, team, request_of):
        self.log(16, salesperson=marta.salesperson, team=team)
        self.log(17, salesperson=marta.salesperson, team=team, canceled=True)
        self.log(15, salesperson=marta.salesperson, team=team)
        client.force_login(marta)

        page = client.get(logged_cue(request_of(marta), team=False).url)

        assert page.context["listing"].total.label == "1"

    def test_of_my_team_counts_the_team(self, marta, team, request_of):
        self.log(16, team=team)
        self.log(16, team=TeamFactory())

        assert logged_cue(request_of(marta), team=True).value == "1"

    def test_begins_on_sunday_where_weeks_do(self, marta, team, request_of):
        self.log(15, salesperson=marta.salesperson, team=team)

        with formats.override("en-US"):
            assert logged_cue(request_of(marta), team=False).value == "1"
        with formats.override("en-GB"):
            assert logged_cue(request_of(marta), team=False).value == "0"

    def test_of_somebody_without_a_salesperson_counts_everything(self, request_of):
        self.log(16)

        assert logged_cue(request_of(UserFactory(role="Marketing manager")), team=False).value == "1"


class TestToEvaluate:
    def test_counts_my_calls_and_meetings_and_links_to_them(self, client, marta, team, request_of):
        InteractionLogEntryFactory(salesperson=marta.salesperson, team=team)
        InteractionLogEntryFactory(salesperson=marta.salesperson, team=team, template__kind="LETTER")
        InteractionLogEntryFactory(team=team)
        client.force_login(marta)

        reading = evaluation_cue(request_of(marta), team=False)

        assert reading.value == "1"
        assert client.get(reading.url).context["listing"].total.label == "1"
        assert evaluation_cue(request_of(marta), team=True) is None


class TestHome:
    def test_shows_the_three_numbers(self, client, marta):
        client.force_login(marta)

        page = client.get(reverse("home")).content.decode()

        for label in ("Postponed by me", "Logged this week", "To evaluate"):
            assert label in page

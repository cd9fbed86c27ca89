"""Campaigns: list, card with figures, new ones by number series, and canceling what was logged for one."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import limits
from crm.models import MarketingSetup
from interactions.actions.campaigns import (
    CampaignEndsTooEarly,
    CampaignIsGone,
    CampaignNumberIsTaken,
    create_campaign,
    update_campaign,
)
from interactions.models import Campaign, InteractionLogEntry
from interactions.views import listing
from tests.factories import (
    CampaignEntryFactory,
    CampaignFactory,
    CampaignStatusFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    NumberSeriesFactory,
    NumberSeriesLineFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PAGE = "/campaigns/"
HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


def campaign_numbers(**values):
    series = NumberSeriesFactory(**values)
    NumberSeriesLineFactory(series=series, starting_no="CP0007")
    setup = MarketingSetup.objects.get()
    setup.campaign_nos = series
    setup.save()


def allow(user, *codes):
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(browser, url, **params):
    response = browser.get(url, params)
    assert response.status_code == 200
    return response.content.decode()


def said(response):
    return re.findall(r"<span data-text>(.+?)</span>", response.content.decode())


class TestNew:
    @pytest.mark.case("CS-021")
    def test_gets_the_next_number(self, browser):
        campaign_numbers()
        response = browser.post(f"{PAGE}new/", {"description": "Spring fair"})
        assert response["Location"] == "/campaigns/CP0007/"
        browser.post(f"{PAGE}new/", {"description": "Autumn fair"})
        assert list(Campaign.objects.order_by("no").values_list("no", flat=True)) == ["CP0007", "CP0008"]

    @pytest.mark.case("CS-022")
    def test_keeps_what_was_entered_and_when(self, browser):
        campaign_numbers()
        lena, running = SalespersonFactory(), CampaignStatusFactory(code="RUN")
        today = timezone.localdate()
        typed = {"starting_date": today.isoformat(), "ending_date": today.isoformat()}
        browser.post(
            f"{PAGE}new/",
            {"description": "Spring fair", "salesperson": lena.pk, "status": running.pk, **typed},
        )
        made = Campaign.objects.get()
        assert (made.description, made.salesperson, made.status) == ("Spring fair", lena, running)
        assert (made.starting_date, made.ending_date) == (today, today)
        assert timezone.localdate(made.modified_at) == today

    def test_belongs_to_whoever_makes_it(self, client):
        campaign_numbers()
        user = UserFactory(role="Marketing manager")
        own = SalespersonFactory(user=user)
        assert create_campaign(by=user, description="Fair").salesperson == own

    def test_refuses_an_end_before_the_start_and_keeps_what_was_typed(self, browser):
        campaign_numbers()
        response = browser.post(
            f"{PAGE}new/",
            {"description": "Spring fair", "starting_date": "2026-05-02", "ending_date": "2026-05-01"},
        )
        assert response.status_code == 422
        assert "The campaign ends before it starts." in response.content.decode()
        assert "Spring fair" in response.content.decode()
        assert not Campaign.objects.exists()

    def test_says_that_numbers_are_missing(self, browser):
        setup = MarketingSetup.objects.get()
        setup.campaign_nos = None
        setup.save()
        response = browser.post(f"{PAGE}new/", {"description": "Spring fair"})
        assert response.status_code == 422
        assert "Campaigns need a number series." in response.content.decode()

    def test_takes_a_typed_number_where_the_series_accepts_it(self, browser, manager):
        campaign_numbers(manual_nos=True)
        browser.post(f"{PAGE}new/", {"description": "Fair", "number": "fair26"})
        assert Campaign.objects.get().no == "FAIR26"
        assert browser.post(f"{PAGE}new/", {"description": "x", "number": "FAIR26"}).status_code == 422
        with pytest.raises(CampaignNumberIsTaken):
            create_campaign(by=manager, number="fair26", description="Fair")


class TestEdit:
    def shown(self, browser):
        """What the form shows, and what it sends along."""
        form = browser.get(f"{PAGE}CP1/edit/", headers=HTMX).context["form"]
        sent = {}
        for field in form.visible_fields():
            value = field.value()
            sent[field.html_name] = sent[field.html_initial_name] = "" if value is None else str(value)
        return sent

    def test_sends_back_what_it_showed(self, browser):
        CampaignFactory(no="CP1", description="Fair")
        html = browser.get(f"{PAGE}CP1/edit/").content.decode()
        names = re.findall(r'type="hidden" name="(.+?)"', html)
        assert {"initial-description", "initial-salesperson", "initial-ending_date"} <= set(names)

    def test_leaves_alone_what_a_colleague_changed_meanwhile_in_other_fields(self, browser, manager):
        lena = SalespersonFactory()
        campaign = CampaignFactory(no="CP1", description="Fair", ending_date=dt.date(2026, 5, 1))
        mine = self.shown(browser) | {"description": "Spring fair"}
        update_campaign(campaign, by=manager, salesperson=lena, ending_date=dt.date(2026, 5, 9))
        assert browser.post(f"{PAGE}CP1/edit/", mine).status_code == 302
        campaign.refresh_from_db()
        assert (campaign.description, campaign.salesperson) == ("Spring fair", lena)
        assert campaign.ending_date == dt.date(2026, 5, 9)

    @pytest.mark.parametrize(("taken", "stored"), [("mine", "Spring fair"), ("theirs", "Lighting fair")])
    def test_asks_whose_value_stays_where_a_colleague_changed_the_same_field(
        self, browser, manager, taken, stored
    ):
        campaign = CampaignFactory(no="CP1", description="Fair", ending_date=dt.date(2026, 5, 1))
        mine = self.shown(browser) | {"description": "Spring fair", "ending_date": "2026-05-20"}
        update_campaign(campaign, by=manager, description="Lighting fair", starting_date=dt.date(2026, 4, 1))
        response = browser.post(f"{PAGE}CP1/edit/", mine)
        assert response.status_code == 422
        html = response.content.decode()
        assert "Keep mine: <b>Spring fair</b>" in html
        assert "Take theirs: <b>Lighting fair</b>" in html
        assert html.count("Keep mine") == 1
        campaign.refresh_from_db()
        assert campaign.description == "Lighting fair"
        again = {"take_description": taken}
        form = response.context["form"]
        for field in form.visible_fields():
            again[field.html_name] = field.value()
            again[field.html_initial_name] = form.data[field.html_initial_name]
        assert browser.post(f"{PAGE}CP1/edit/", again).status_code == 302
        campaign.refresh_from_db()
        assert (campaign.description, campaign.ending_date) == (stored, dt.date(2026, 5, 20))
        assert campaign.starting_date == dt.date(2026, 4, 1)

    def test_writes_only_what_was_changed(self, browser):
        campaign = CampaignFactory(no="CP1", description="Fair")
        before = campaign.modified_at
        assert browser.post(f"{PAGE}CP1/edit/", self.shown(browser)).status_code == 302
        campaign.refresh_from_db()
        assert campaign.modified_at == before

    def test_refuses_dates_that_do_not_fit_what_is_stored(self, manager):
        campaign = CampaignFactory(ending_date=dt.date(2026, 5, 1))
        with pytest.raises(CampaignEndsTooEarly):
            update_campaign(campaign, by=manager, starting_date=dt.date(2026, 5, 2))

    def test_of_one_that_was_deleted_meanwhile_is_refused(self, manager):
        campaign = CampaignFactory()
        Campaign.objects.all().delete()
        with pytest.raises(CampaignIsGone):
            update_campaign(campaign, by=manager, description="Fair")

    def test_offers_no_salespeople_to_those_who_may_not_see_them(self, client):
        SalespersonFactory(name="Lena")
        user = UserFactory()
        CampaignFactory(no="CP1", salesperson=SalespersonFactory(name="Marta", user=user))
        allow(user, "view_campaign", "change_campaign")
        client.force_login(user)
        html = page(client, f"{PAGE}CP1/edit/")
        assert "Marta" in html
        assert "Lena" not in html

    def test_saves_what_was_changed(self, browser):
        campaign = CampaignFactory(no="CP1", description="Fair")
        shown = self.shown(browser)
        assert shown["description"] == "Fair"
        response = browser.post(f"{PAGE}CP1/edit/", shown | {"description": "Spring fair"}, follow=True)
        campaign.refresh_from_db()
        assert campaign.description == "Spring fair"
        assert "Campaign saved." in said(response)

    def test_needs_a_description(self, browser):
        CampaignFactory(no="CP1")
        assert browser.post(f"{PAGE}CP1/edit/", {}).status_code == 422


class TestList:
    def test_shows_finds_and_narrows(self, browser, manager):
        own = SalespersonFactory(user=manager)
        CampaignFactory(no="CP1", description="Spring fair", salesperson=own)
        CampaignFactory(no="CP2", description="Autumn mailing")
        assert "Spring fair" in page(browser, PAGE)
        assert "Autumn mailing" not in page(browser, PAGE, view="mine")
        assert "Spring fair" not in page(browser, PAGE, q="cp2")
        assert "No campaign matches" in page(browser, PAGE, q="nothing")

    def test_hides_those_of_other_teams(self, client):
        marta = UserFactory(role="Salesperson")
        SalespersonFactory(user=marta, team=TeamFactory())
        CampaignFactory(no="CP1", description="Hidden", salesperson=SalespersonFactory(team=TeamFactory()))
        CampaignFactory(no="CP2", description="Everybody's", salesperson=None)
        client.force_login(marta)
        assert "Hidden" not in page(client, PAGE)
        assert "Everybody&#x27;s" in page(client, PAGE)
        assert client.get(f"{PAGE}CP1/").status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_takes_as_many_queries_for_three_as_for_one(self, browser, count, django_assert_num_queries):
        CampaignFactory.create_batch(count, salesperson=SalespersonFactory(), status=CampaignStatusFactory())
        browser.get(PAGE)
        with django_assert_num_queries(7):
            browser.get(PAGE)


class TestCard:
    @pytest.mark.case("RP-003")
    def test_shows_description_segment_entry_and_cost(self, browser):
        campaign = CampaignFactory(no="CP1", description="Spring fair")
        logged = LoggedSegmentFactory(segment_no="SM00021")
        entry = CampaignEntryFactory(
            campaign=campaign, description="Invitations", segment_no="SM00021", logged_segment=logged
        )
        InteractionLogEntryFactory(
            campaign=campaign, campaign_entry=entry, logged_segment=logged, segment_line_no=1, cost=12.5
        )
        html = words(page(browser, f"{PAGE}CP1/"))
        assert "Spring fair" in html
        assert "Invitations SM00021 20 Nov 2026 1 €12.50" in html

    def test_counts_targets_responses_cost_and_minutes_that_count(self, browser):
        campaign = CampaignFactory(
            no="CP1", starting_date=dt.date(2026, 11, 1), ending_date=dt.date(2026, 11, 30)
        )
        facts = {"campaign": campaign, "cost": 10, "minutes": 15}
        for response in (True, False, False, False):
            InteractionLogEntryFactory(campaign_target=True, campaign_response=response, **facts)
        InteractionLogEntryFactory(campaign_target=True, canceled=True, **facts)
        InteractionLogEntryFactory(campaign_target=True, date=dt.date(2026, 10, 31), **facts)
        html = words(page(browser, f"{PAGE}CP1/"))
        assert (
            "Target contacts reached 4 Contacts responded 1 Response rate 25% Cost €40.00 Time spent 1 h"
            in html
        )
        assert "Interactions dated from 1 Nov 2026 to 30 Nov 2026 count" in html
        assert "1 is dated outside." in html

    @pytest.mark.parametrize(
        "dates",
        [
            {},
            {"starting_date": dt.date(2026, 11, 1)},
            {"ending_date": dt.date(2026, 11, 19)},
            {"starting_date": dt.date(2026, 11, 1), "ending_date": dt.date(2026, 11, 19)},
        ],
    )
    def test_leads_to_exactly_the_interactions_that_it_counts(self, browser, dates):
        campaign = CampaignFactory(no="CP1", **dates)
        for day in (
            dt.date(2026, 10, 31),
            dt.date(2026, 11, 1),
            dt.date(2026, 11, 19),
            dt.date(2026, 11, 20),
        ):
            InteractionLogEntryFactory(campaign=campaign, date=day)
            InteractionLogEntryFactory(campaign=campaign, date=day, canceled=True)
        card = browser.get(f"{PAGE}CP1/")
        listed = browser.get(card.context["counted_url"]).context["listing"].page.rows
        assert len(listed) == card.context["figures"].count == 4 - card.context["figures"].outside

    def test_hides_costs_from_those_who_may_not_see_them(self, client):
        CampaignFactory(no="CP1")
        client.force_login(UserFactory(role="Reader"))
        html = page(client, f"{PAGE}CP1/")
        assert "Cost" not in html
        assert "/edit/" not in html

    def entry(self, **values):
        """An entry of the campaign CP1, which is everybody's, with one interaction."""
        entry = CampaignEntryFactory(campaign=CampaignFactory(no="CP1", salesperson=None))
        InteractionLogEntryFactory(campaign=entry.campaign, campaign_entry=entry, cost=10, **values)
        return entry

    def test_sums_up_only_interactions_that_the_reader_sees(self, client):
        team = TeamFactory()
        marta = SalespersonFactory(user=UserFactory(role="Salesperson"), team=team)
        entry = self.entry(salesperson=marta, team=team)
        InteractionLogEntryFactory.create_batch(
            2,
            campaign=entry.campaign,
            campaign_entry=entry,
            salesperson=SalespersonFactory(team=TeamFactory()),
        )
        client.force_login(marta.user)
        response = client.get(f"{PAGE}CP1/")
        assert response.context["figures"].count == 1
        assert [row.interaction_count for row in response.context["page"].rows] == [1]

    def test_sums_up_nothing_for_those_who_may_not_read_interactions(self, client):
        self.entry()
        user = UserFactory()
        allow(user, "view_campaign", "see_costs")
        client.force_login(user)
        html = page(client, f"{PAGE}CP1/")
        assert "— — —" in words(html)
        assert "€10.00" not in html

    def test_shows_the_entries_without_figures_when_these_take_too_long(self, browser, monkeypatch):
        self.entry()
        monkeypatch.setattr(limits, "STEPS", 1)
        monkeypatch.setattr(listing, "SECONDS", -1)
        html = words(page(browser, f"{PAGE}CP1/"))
        assert "This search takes too long." in html
        assert "— — —" in html
        assert "€10.00" not in html

    def test_does_not_read_the_criteria_of_logged_segments(self, browser):
        logged = LoggedSegmentFactory(criteria=[{"action": "ADD"}])
        CampaignEntryFactory(campaign=CampaignFactory(no="CP1"), logged_segment=logged)
        with CaptureQueriesContext(connection) as asked:
            browser.get(f"{PAGE}CP1/")
        assert not [query for query in asked if '"criteria"' in query["sql"]]

    @pytest.mark.parametrize("count", [1, 3])
    def test_takes_as_many_queries_for_three_entries_as_for_one(
        self, browser, count, django_assert_num_queries
    ):
        campaign = CampaignFactory(no="CP1")
        for number in range(count):
            entry = CampaignEntryFactory(
                campaign=campaign, segment_no=f"SM{number}", logged_segment=LoggedSegmentFactory()
            )
            InteractionLogEntryFactory(campaign=campaign, campaign_entry=entry)
        browser.get(f"{PAGE}CP1/")
        with django_assert_num_queries(13 if connection.vendor == "postgresql" else 9):
            browser.get(f"{PAGE}CP1/")


class TestChoice:
    def test_of_a_campaign_says_when_it_is_over_or_has_not_begun(self, browser):
        today = timezone.localdate()
        day = dt.timedelta(days=1)
        CampaignFactory(no="CP1", description="Fair", ending_date=dt.date(2020, 5, 31))
        CampaignFactory(no="CP2", description="Spring", starting_date=dt.date(2099, 3, 1))
        CampaignFactory(no="CP3", description="Now", starting_date=today - day, ending_date=today + day)
        html = page(browser, "/interactions/new/")
        assert "CP1 · Fair (ended on 31 May 2020)" in html
        assert "CP2 · Spring (begins on 1 Mar 2099)" in html
        assert "CP3 · Now</option>" in html


class TestCancelEntry:
    @pytest.fixture
    def entry(self):
        entry = CampaignEntryFactory(campaign=CampaignFactory(no="CP1"))
        InteractionLogEntryFactory.create_batch(2, campaign=entry.campaign, campaign_entry=entry)
        return entry

    def url(self, entry, verb):
        return f"{PAGE}CP1/entries/{entry.pk}/{verb}/"

    def test_asks_why(self, browser, entry):
        html = browser.get(self.url(entry, "cancel"), headers=HTMX).content.decode()
        assert "2 interactions are canceled with it" in html

    def test_cancels_it_with_its_interactions_and_brings_both_back(self, browser, entry):
        response = browser.post(self.url(entry, "cancel"), {"reason": "MISTAKE"}, follow=True)
        assert "Campaign entry canceled, with 2 interactions." in said(response)
        entry.refresh_from_db()
        assert entry.canceled_reason == "Logged by mistake"
        assert not InteractionLogEntry.objects.counting().exists()
        response = browser.post(self.url(entry, "reinstate"), follow=True)
        assert "Campaign entry reinstated, with 2 interactions." in said(response)
        assert InteractionLogEntry.objects.counting().count() == 2

    def test_is_undone_by_the_toast(self, browser, entry):
        response = browser.post(self.url(entry, "cancel"), follow=True)
        token = re.search(r'/undo/([^/"]+)/', response.content.decode())[1]
        browser.post(f"/undo/{token}/")
        assert InteractionLogEntry.objects.counting().count() == 2

    def test_stays_canceled_with_its_logged_segment(self, browser):
        logged = LoggedSegmentFactory(segment_no="SM00021", canceled=True)
        entry = CampaignEntryFactory(
            campaign=CampaignFactory(no="CP1"),
            logged_segment=logged,
            canceled=True,
            canceled_with_segment=True,
        )
        response = browser.post(self.url(entry, "reinstate"), follow=True)
        assert "Logged segment SM00021 is canceled" in said(response)[0]

    def test_is_for_those_who_may(self, client, entry):
        client.force_login(UserFactory(role="Salesperson"))
        assert client.post(self.url(entry, "cancel")).status_code == 403
        assert client.get(self.url(entry, "reinstate")).status_code in (403, 405)

    def test_belongs_to_its_campaign(self, browser, entry):
        CampaignFactory(no="CP2")
        assert browser.get(f"{PAGE}CP2/entries/{entry.pk}/cancel/").status_code == 404

"""The register of logged segments: list, card, cancel and reinstate, follow up, delete (ui 5.11, R-73)."""

import re

import pytest
from django.contrib.auth.models import Permission

from crm.models import Contact, Job, MarketingSetup
from interactions.actions import (
    LoggedSegmentIsGone,
    cancel_entries,
    cancel_logged_segment,
    delete_canceled_logged_segments,
)
from interactions.models import CampaignEntry, InteractionLogEntry, LoggedSegment
from segments import actions
from segments.criteria import Condition, Recipe
from segments.history import predecessors
from segments.models import Segment
from segments.views import registers
from tests.factories import (
    CampaignEntryFactory,
    CampaignFactory,
    ContactFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    LoggedSegmentFactory,
    NumberSeriesFactory,
    NumberSeriesLineFactory,
    SalespersonFactory,
    SegmentFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/segments/logged/"
HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager", first_name="Sofía", last_name="Finch")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture
def logged(manager):
    """SM00021: two entries in the campaign CP1."""
    segment = SegmentFactory(
        ready=True,
        no="SM00021",
        description="Lighting refit",
        campaign=CampaignFactory(no="CP1"),
        contacts=[ContactFactory(name="Ferrer"), ContactFactory(name="Brisa")],
    )
    return actions.log_segment(segment, by=manager)


def segment_numbers():
    series = NumberSeriesFactory()
    NumberSeriesLineFactory(series=series, starting_no="SM00022")
    setup = MarketingSetup.objects.get()
    setup.segment_nos = series
    setup.save()


def ready(segment):
    """*segment* with what its lines need to be logged."""
    template = InteractionTemplateFactory()
    Segment.objects.filter(pk=segment.pk).update(template=template, salesperson=SalespersonFactory())
    segment.refresh_from_db()
    return segment


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(browser, url):
    response = browser.get(url)
    assert response.status_code == 200
    return response.content.decode()


def said(response):
    return re.findall(r"<span data-text>(.+?)</span>", response.content.decode())


class TestList:
    def rows(self, browser, **params):
        html = browser.get(LIST, params).content.decode()
        return [words(row) for row in re.findall(r'<tr role="row"[^>]*>.*?</tr>', html, re.DOTALL)[1:]]

    def test_shows_who_logged_what_and_how_much(self, browser, logged):
        row = self.rows(browser)[0]
        assert row.startswith("Lighting refit SM00021")
        assert "Sofía Finch 2 1 Logged" in row

    def test_marks_canceled_ones_and_counts_what_is_canceled_with_them(self, browser, logged, manager):
        cancel_entries(logged.entries.filter(contact__name="Brisa"), by=manager)
        assert "Sofía Finch 1 1 Logged" in self.rows(browser)[0]
        browser.post(f"{LIST}{logged.pk}/cancel/")
        assert "Sofía Finch 2 1 Canceled" in self.rows(browser)[0]

    def test_has_views_and_a_search(self, browser, logged):
        LoggedSegmentFactory(description="Spring fair", segment_no="SM00007", canceled=True)
        assert [len(self.rows(browser, view=view)) for view in ("all", "mine", "canceled")] == [2, 1, 1]
        assert len(self.rows(browser, q="fair")) == len(self.rows(browser, q="sm00007")) == 1
        assert "No logged segment matches" in page(browser, f"{LIST}?q=nothing")

    def test_says_what_comes_here(self, browser):
        assert "Segments come here when you log them." in page(browser, LIST)

    def test_hides_what_colleagues_of_other_teams_logged(self, client):
        marta, jonas = UserFactory(role="Salesperson"), UserFactory(role="Salesperson")
        SalespersonFactory(user=marta, team=TeamFactory())
        SalespersonFactory(user=jonas, team=TeamFactory())
        hidden = LoggedSegmentFactory(logged_by=jonas)
        LoggedSegmentFactory(logged_by=marta)
        client.force_login(marta)
        assert len(self.rows(client)) == 1
        assert client.get(f"{LIST}{hidden.pk}/").status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_takes_as_many_queries_for_three_as_for_one(self, browser, count, django_assert_num_queries):
        for segment in LoggedSegmentFactory.create_batch(count):
            CampaignEntryFactory(logged_segment=segment)
            InteractionLogEntryFactory(logged_segment=segment, segment_line_no=1)
        browser.get(LIST)
        with django_assert_num_queries(10):
            browser.get(LIST)


class TestCard:
    def test_shows_what_was_logged_and_leads_to_its_entries(self, browser, logged):
        html = page(browser, f"{LIST}{logged.pk}/")
        assert "Lighting refit" in html
        assert "by Sofía Finch" in html
        assert "/interactions/?logged_segment=SM00021" in html
        assert 'data-key="ctrl+f7"' in html
        assert "/campaigns/CP1/" in html

    def test_says_its_criteria_in_words(self, browser, manager):
        ContactFactory(country="ES")
        segment = SegmentFactory(ready=True)
        actions.add_contacts(segment, Recipe((Condition("country", "is", ["ES"]),)), by=manager)
        html = words(page(browser, f"{LIST}{actions.log_segment(segment, by=manager).pk}/"))
        assert "Added Country/region: Spain" in html

    def test_says_what_was_just_done_only_to_who_did_it(self, browser, client, logged):
        assert "2 interactions logged." in page(browser, f"{LIST}{logged.pk}/?done=1")
        assert "2 interactions logged." not in page(browser, f"{LIST}{logged.pk}/")
        client.force_login(UserFactory(role="Marketing manager"))
        assert "2 interactions logged." not in page(client, f"{LIST}{logged.pk}/?done=1")

    def test_is_where_the_old_address_of_the_segment_leads(self, browser, logged):
        assert browser.get("/segments/SM00021/")["Location"] == f"{LIST}{logged.pk}/"

    def test_shows_an_older_recipe_that_says_nothing(self, browser):
        assert "No steps were recorded." in page(browser, f"{LIST}{LoggedSegmentFactory().pk}/")

    def test_offers_only_what_one_may(self, client, logged):
        client.force_login(UserFactory(role="Reader"))
        html = page(client, f"{LIST}{logged.pk}/")
        assert "/cancel/" not in html
        assert "follow-up/" not in html


class TestCancelAndReinstate:
    def test_asks_why_and_says_how_much_goes_with_it(self, browser, logged):
        html = browser.get(f"{LIST}{logged.pk}/cancel/", headers=HTMX).content.decode()
        assert "2 interactions are canceled with it, and its campaign entries." in html
        assert "<html" not in html

    def test_cancels_all_that_is_its_own_with_the_reason(self, browser, logged, manager):
        response = browser.post(
            f"{LIST}{logged.pk}/cancel/", {"reason": "DUPLICATE", "note": "sent by post"}, follow=True
        )
        assert "Logged segment SM00021 canceled, with 2 entries." in said(response)
        logged.refresh_from_db()
        assert (logged.canceled_by, logged.canceled_reason) == (manager, "Duplicate: sent by post")
        assert "Duplicate: sent by post" in response.content.decode()
        assert not InteractionLogEntry.objects.counting().exists()
        assert CampaignEntry.objects.get().is_canceled

    def test_is_undone_by_the_toast(self, browser, logged):
        response = browser.post(f"{LIST}{logged.pk}/cancel/", follow=True)
        token = re.search(r'/undo/([^/"]+)/', response.content.decode())[1]
        assert "Logged segment SM00021 reinstated, with 2 entries." in said(
            browser.post(f"/undo/{token}/", follow=True)
        )
        assert InteractionLogEntry.objects.counting().count() == 2

    def test_reinstates_what_was_canceled_with_it(self, browser, logged, manager):
        cancel_entries(logged.entries.filter(contact__name="Brisa"), by=manager)
        browser.post(f"{LIST}{logged.pk}/cancel/")
        response = browser.post(f"{LIST}{logged.pk}/reinstate/", follow=True)
        assert "Logged segment SM00021 reinstated, with 1 entry." in said(response)
        assert [e.contact.name for e in InteractionLogEntry.objects.counting()] == ["Ferrer"]

    def test_says_so_when_it_is_done_already(self, browser, logged):
        browser.post(f"{LIST}{logged.pk}/cancel/")
        assert "Nothing to cancel" in browser.get(f"{LIST}{logged.pk}/cancel/").content.decode()
        response = browser.post(f"{LIST}{logged.pk}/cancel/", follow=True)
        assert "Nothing to cancel: it is done already." in said(response)

    def test_keeps_a_note_that_is_too_long(self, browser, logged):
        response = browser.post(f"{LIST}{logged.pk}/cancel/", {"note": "x" * 300})
        assert response.status_code == 422
        assert "x" * 300 in response.content.decode()


class TestFollowUp:
    def test_is_a_new_segment_of_the_same_contacts_and_campaign(self, browser, logged):
        segment_numbers()
        response = browser.post(f"{LIST}{logged.pk}/follow-up/")
        segment = Segment.objects.get()
        assert response["Location"] == "/segments/SM00022/"
        assert segment.description == "Follow-up on segment SM00021"
        assert (segment.follow_up_of, segment.campaign.no) == (logged, "CP1")
        assert {line.contact.name for line in segment.lines.all()} == {"Ferrer", "Brisa"}

    def test_of_many_is_a_job(self, browser, logged, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr(registers, "MANY", 1)
        segment_numbers()
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(f"{LIST}{logged.pk}/follow-up/")
        job, segment = Job.objects.get(), Segment.objects.get()
        assert (job.state, job.result["link"][0]) == ("DONE", segment.get_absolute_url())
        assert (segment.follow_up_of, segment.lines.count()) == (logged, 2)

    def test_of_many_is_not_made_for_somebody_who_may_not_any_more(
        self, browser, logged, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(registers, "MANY", 1)
        segment_numbers()
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(f"{LIST}{logged.pk}/follow-up/")
            Job.objects.get().by.groups.clear()
        assert Job.objects.get().state == "FAILED"
        assert not Segment.objects.exists()

    def test_of_many_is_made_once_by_two_presses(
        self, browser, logged, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(registers, "MANY", 1)
        segment_numbers()
        for _press in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                browser.post(f"{LIST}{logged.pk}/follow-up/", {"newest": "0"})
        assert {job.state for job in Job.objects.all()} == {"DONE", "FAILED"}
        assert Segment.objects.count() == 1

    def test_is_not_made_twice_by_two_presses(self, browser, logged):
        segment_numbers()
        shown = re.search(r'name="newest" value="(\d+)"', page(browser, f"{LIST}{logged.pk}/"))[1]
        browser.post(f"{LIST}{logged.pk}/follow-up/", {"newest": shown})
        response = browser.post(f"{LIST}{logged.pk}/follow-up/", {"newest": shown}, follow=True)
        assert "The follow-up segment SM00022 exists already. No other one was made." in said(response)[-1]
        html = response.content.decode()
        assert "Open SM00022" in html
        assert "Create another follow-up segment" in html
        again = re.search(r'name="newest" value="(\d+)"', html)[1]
        browser.post(f"{LIST}{logged.pk}/follow-up/", {"newest": again})
        assert Segment.objects.count() == 2

    def test_asks_once_for_each_segment_it_comes_from(self, manager, logged, django_assert_num_queries):
        segment_numbers()
        second = actions.log_segment(ready(actions.follow_up_on(logged, by=manager).segment), by=manager)
        third = actions.follow_up_on(second, by=manager).segment
        third = Segment.objects.get(pk=third.pk)
        with django_assert_num_queries(2):
            assert predecessors(third) == [second, logged]

    def test_names_what_it_follows_though_its_history_was_cleared(self, manager, logged):
        segment_numbers()
        second = actions.follow_up_on(logged, by=manager).segment
        actions.clear_history(second, by=manager)
        second = actions.log_segment(ready(second), by=manager)
        assert [step["origin"] for step in LoggedSegment.objects.get(pk=second.pk).criteria] == ["LOGGED"]
        third = actions.follow_up_on(second, by=manager).segment
        assert predecessors(Segment.objects.get(pk=third.pk)) == [second, logged]

    def test_says_what_is_missing(self, browser, logged):
        setup = MarketingSetup.objects.get()
        setup.segment_nos = None
        setup.save()
        response = browser.post(f"{LIST}{logged.pk}/follow-up/", follow=True)
        assert "Segments need a number series." in said(response)[0]
        assert not Segment.objects.exists()

    def test_of_a_canceled_one_is_refused_in_words(self, browser, logged):
        segment_numbers()
        browser.post(f"{LIST}{logged.pk}/cancel/")
        response = browser.post(f"{LIST}{logged.pk}/follow-up/", follow=True)
        assert "Logged segment SM00021 is canceled. Reinstate it to follow it up." in said(response)
        assert not Segment.objects.exists()

    def test_without_anybody_is_refused_and_takes_no_number(self, browser, logged):
        segment_numbers()
        Contact.objects.filter(name="Ferrer").update(privacy_blocked=True)
        Contact.objects.filter(name="Brisa").update(exclude_from_segment=True)
        response = browser.post(f"{LIST}{logged.pk}/follow-up/", follow=True)
        assert "There is nobody to follow up in logged segment SM00021" in said(response)[0]
        assert not Segment.objects.exists()
        Contact.objects.update(exclude_from_segment=False)
        browser.post(f"{LIST}{logged.pk}/follow-up/")
        assert Segment.objects.get().no == "SM00022"

    def test_of_one_that_was_deleted_meanwhile_is_refused(self, manager, logged):
        cancel_logged_segment(logged, by=manager)
        delete_canceled_logged_segments(LoggedSegment.objects.all(), by=manager)
        with pytest.raises(LoggedSegmentIsGone):
            actions.follow_up_on(logged, by=manager)


class TestReuse:
    def test_is_a_new_segment_of_the_same_contacts_that_follows_nothing(self, browser, logged):
        segment_numbers()
        response = browser.post(f"{LIST}{logged.pk}/reuse/", follow=True)
        segment = Segment.objects.get()
        assert response.redirect_chain[-1][0] == "/segments/SM00022/"
        assert "Segment SM00022 created. 2 contacts added." in said(response)
        assert (segment.description, segment.follow_up_of) == ("Lighting refit", None)
        assert {line.contact.name for line in segment.lines.all()} == {"Ferrer", "Brisa"}
        assert segment.steps.get().logged_segment == logged

    def test_without_anybody_leaves_nothing(self, browser, logged):
        segment_numbers()
        Contact.objects.update(privacy_blocked=True)
        response = browser.post(f"{LIST}{logged.pk}/reuse/", follow=True)
        assert "Nobody was added" in said(response)[0]
        assert not Segment.objects.exists()


class TestDelete:
    @pytest.mark.case("BJ-004")
    def test_removes_canceled_ones_and_keeps_their_entries(self, browser, logged):
        kept = LoggedSegmentFactory()
        browser.post(f"{LIST}{logged.pk}/cancel/")
        preview = page(browser, f"{LIST}delete/")
        assert "Lighting refit" in preview
        assert kept.description not in preview

        response = browser.post(f"{LIST}delete/", {"logged": [logged.pk]}, follow=True)

        assert "1 logged segment deleted. Its entries stay." in said(response)
        assert list(LoggedSegment.objects.all()) == [kept]
        entries = InteractionLogEntry.objects.filter(segment_no="SM00021")
        assert [entry.logged_segment for entry in entries] == [None, None]
        assert CampaignEntry.objects.get().logged_segment is None

    def test_deletes_nothing_that_is_not_canceled(self, browser, logged):
        for chosen in ([], [logged.pk], ["x"], [10**30], ["٣"]):
            assert browser.post(f"{LIST}delete/", {"logged": chosen}).status_code == 422
        assert LoggedSegment.objects.filter(pk=logged.pk).exists()

    def test_is_for_those_who_may(self, client):
        client.force_login(UserFactory(role="Salesperson"))
        assert client.get(f"{LIST}delete/").status_code == 403

    @pytest.mark.parametrize("count", [1, 3])
    def test_previews_three_with_as_many_queries_as_one(self, browser, count, django_assert_num_queries):
        LoggedSegmentFactory.create_batch(count, canceled=True)
        browser.get(f"{LIST}delete/")
        with django_assert_num_queries(8):
            browser.get(f"{LIST}delete/")


class TestOfCampaign:
    def test_shows_open_and_logged_segments(self, browser, logged):
        SegmentFactory(campaign=logged.campaign_entries.get().campaign, no="SM00030", description="Next one")
        html = page(browser, "/segments/of-campaign/CP1/")
        assert "Next one" in html
        assert "Lighting refit" in html

    def test_is_not_there_for_those_who_may_not_see_the_campaign(self, client):
        marta = UserFactory(role="Salesperson")
        SalespersonFactory(user=marta, team=TeamFactory())
        CampaignFactory(no="CP2", salesperson=SalespersonFactory())
        client.force_login(marta)
        assert client.get("/segments/of-campaign/CP2/").status_code == 404
        marta.user_permissions.add(Permission.objects.get(codename="scope_all"))
        assert client.get("/segments/of-campaign/CP2/").status_code == 200


class TestOldAddresses:
    @pytest.mark.parametrize("page", ["", "add/", "edit/", "history/", "export/", "log/"])
    def test_lead_to_what_was_logged(self, browser, page):
        logged = LoggedSegmentFactory(segment_no="SM00021")
        assert browser.get(f"/segments/SM00021/{page}").url == f"/segments/logged/{logged.pk}/"

    @pytest.mark.parametrize("verb", ["figures/", "cells/", "go-back/"])
    def test_of_a_page_that_stands_in_another_tab_lead_there_too(self, browser, verb):
        logged = LoggedSegmentFactory(segment_no="SM00021")
        answer = browser.post(f"/segments/SM00021/{verb}", headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"] == f"/segments/logged/{logged.pk}/"

    def test_of_what_never_was_are_not_found(self, browser):
        LoggedSegmentFactory(segment_no="SM00021")
        assert browser.get("/segments/SM00022/").status_code == 404

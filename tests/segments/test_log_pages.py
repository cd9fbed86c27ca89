"""The log dialog: findings with fixes in place, the button with its number, refusals in one sentence (ui 5.10)."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from crm import jobs
from crm.models import Channel, Job, MarketingSetup, NumberSeriesLine
from interactions.models import InteractionLogEntry, LoggedSegment
from segments import actions
from segments.actions.preflight import BY_CODE, SAME_ADDRESS
from segments.jobs import log_segment
from segments.models import CriteriaStep, Segment
from segments.views import logging
from segments.views.findings import SENTENCES
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    LoggedSegmentFactory,
    NumberSeriesFactory,
    NumberSeriesLineFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    TeamFactory,
    UserFactory,
)
from tests.segments.dialogs import HTMX, page, press, url_of, words

pytestmark = pytest.mark.django_db


class TestDialog:
    def test_shows_how_many_lines_are_ready_to_check_and_blocking(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory() for _number in range(3)])
        SegmentLineFactory(
            segment=segment, contact=ContactFactory(name="Carmen Ibáñez", privacy_blocked=True)
        )
        SegmentLineFactory(segment=segment, own_channel="EMAIL", contact=ContactFactory(name="Miguel Prado"))
        html = page(browser, segment)
        assert "3 ready · 1 to check · 1 blocking" in words(html)
        assert "1 contact is blocked for privacy" in html
        assert "Carmen Ibáñez. Nothing may be recorded for them." in words(html)
        assert "1 contact has no e-mail address" in html
        assert "Log 5 interactions" in html
        assert "3 lines are ready" in html

    def test_names_two_contacts_and_counts_the_others(self, browser):
        people = [ContactFactory(name=f"Person {number}", privacy_blocked=True) for number in (1, 2, 3)]
        html = page(browser, SegmentFactory(ready=True, contacts=people))
        assert "Person 1, Person 3 and 1 more." in html

    def test_names_nobody_outside_the_readers_scope(self, client):
        marta = UserFactory(role="Salesperson")
        mine = SalespersonFactory(user=marta)
        client.force_login(marta)
        theirs = ContactFactory(name="Hidden Holt", privacy_blocked=True, salesperson=SalespersonFactory())
        segment = SegmentFactory(ready=True, salesperson=mine, contacts=[theirs])
        html = page(client, segment)
        assert "1 contact is blocked for privacy" in html
        assert "Hidden Holt" not in html

    def test_says_why_the_button_does_not_work(self, browser):
        blocked = SegmentFactory(ready=True, contacts=[ContactFactory(privacy_blocked=True)])
        html = page(browser, blocked)
        assert 'aria-disabled="true"' in html
        assert "1 line is not ready." in html
        for segment, why in (
            (SegmentFactory(ready=True), "The segment has no contacts"),
            (SegmentFactory(ready=True, description=None, contacts=[ContactFactory()]), "has no description"),
        ):
            assert why in words(page(browser, segment)).partition("Cancel")[2]

    def test_has_a_sentence_for_every_check(self):
        assert SENTENCES.keys() == {*BY_CODE, SAME_ADDRESS.code} - {"other_language"}

    @pytest.mark.parametrize(
        ("dates", "words"),
        [
            ({"ending_date": dt.date(2026, 5, 31)}, "The campaign CP1 · Fair ended on 31 May 2026"),
            ({"starting_date": dt.date(2026, 6, 2)}, "The campaign CP1 · Fair begins on 2 Jun 2026"),
            ({"starting_date": dt.date(2026, 6, 1), "ending_date": dt.date(2026, 6, 1)}, ""),
        ],
        ids=["over", "not begun", "on its only day"],
    )
    @pytest.mark.parametrize("of", ["segment", "line", "template of a line"])
    def test_tells_when_what_is_logged_does_not_count_in_its_campaign(self, browser, of, dates, words):
        campaign = CampaignFactory(no="CP1", description="Fair", **dates)
        segment = SegmentFactory(ready=True, date=dt.date(2026, 6, 1))
        match of:
            case "segment":
                Segment.objects.update(campaign=campaign)
                SegmentLineFactory(segment=segment)
            case "line":
                SegmentLineFactory(segment=segment, own_campaign=campaign)
            case _:
                template = InteractionTemplateFactory(campaign=campaign)
                SegmentLineFactory(segment=segment, own_template=template)
        html = page(browser, segment)
        assert words in html
        assert ("does not count in its figures" in html) == bool(words)

    def test_leads_to_the_lines_of_a_finding(self, browser):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        SegmentLineFactory(segment=segment, contact=ContactFactory(name="Miguel Prado", email=""))
        SegmentLineFactory(
            segment=segment, contact=ContactFactory(name="Beatriz Salgado", email="b@x.example")
        )
        url = f"{segment.get_absolute_url()}?check=no_email"
        assert url in page(browser, segment)
        lines = browser.get(url).content.decode()
        assert "Miguel Prado" in lines
        assert "Beatriz Salgado" not in lines

    @pytest.mark.parametrize("lines", [1, 3])
    def test_asks_as_much_for_three_lines_as_for_one(self, browser, lines, django_assert_num_queries):
        contacts = [ContactFactory(privacy_blocked=True) for _number in range(lines)]
        segment = SegmentFactory(no="OWN-7", ready=True, contacts=contacts)  # no number of the series
        page(browser, segment)
        MarketingSetup.current()
        with django_assert_num_queries(10):
            browser.get(url_of(segment), headers=HTMX)

    @pytest.mark.parametrize("lines", [1, 3])
    def test_asks_no_more_for_many_findings(self, browser, lines, django_assert_num_queries):
        segment = SegmentFactory(
            no="OWN-7", ready=True, channel=Channel.EMAIL, ignore_contact=True, language="en"
        )
        SegmentAttachmentFactory(segment=segment, language="en", attachment=AttachmentFactory())
        for _number in range(lines):
            for contact in (
                {"privacy_blocked": True},
                {"language": "ru", "email": "a@x.example"},
                {"language": "fr", "email": "a@x.example"},
                {"exclude_from_segment": True},
            ):
                SegmentLineFactory(segment=segment, contact=ContactFactory(**contact))
        page(browser, segment)
        MarketingSetup.current()
        with django_assert_num_queries(11):
            browser.get(url_of(segment), headers=HTMX)


class TestNumbers:
    """Of a follow-up segment, foreseen before anything is pressed (R-66)."""

    def without_series(self):
        setup = MarketingSetup.objects.get()
        setup.segment_nos = None
        setup.save()

    def test_that_are_missing_are_said_beside_the_box_and_in_the_way_once_it_is_ticked(self, browser):
        self.without_series()
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        html = page(browser, segment)
        assert "Segments need a number series." in html
        assert 'aria-disabled="true"' not in html
        ticked = browser.get(url_of(segment), {"follow_up": "on"}).content.decode()
        assert "There is no number for the follow-up segment" in ticked
        assert 'aria-disabled="true"' in ticked

    @pytest.mark.parametrize(
        ("line", "series", "sentence"),
        [
            ({"starting_no": "SM1", "ending_no": "SM1", "last_no_used": "SM1"}, {}, "is used up at SM1"),
            ({"is_open": False}, {}, "has no open line"),
            ({}, {"default_nos": False}, "gives no numbers automatically"),
        ],
        ids=["used up", "closed", "not allowed"],
    )
    def test_that_the_series_cannot_give_are_said_in_its_words(self, browser, line, series, sentence):
        series = NumberSeriesFactory(**series)
        NumberSeriesLineFactory(series=series, **({"starting_no": "SM00022"} | line))
        setup = MarketingSetup.objects.get()
        setup.segment_nos = series
        setup.save()
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        assert sentence in browser.get(url_of(segment), {"follow_up": "on"}).content.decode()
        assert sentence in press(browser, segment, follow_up="on").content.decode()
        assert not InteractionLogEntry.objects.exists()

    def test_are_only_looked_at(self, browser, segment_numbers):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        page(browser, segment)
        assert NumberSeriesLine.objects.get(starting_no="SM00022").last_no_used == ""

    def test_lead_to_the_setup_those_who_may(self, client):
        self.without_series()
        client.force_login(UserFactory(role="Administrator", is_staff=True, is_superuser=True))
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        html = client.get(url_of(segment), {"follow_up": "on"}).content.decode()
        assert reverse("admin:crm_marketingsetup_changelist") in html[html.index("log-findings") :]

    def test_of_a_new_segment_are_missed_before_it_is_made(self, browser):
        self.without_series()
        assert "Segments need a number series." in browser.get("/segments/new/").content.decode()


class TestFollowUpBox:
    def test_is_for_those_who_may_make_segments(self, client, manager):
        manager.groups.clear()
        for name in ("view_segment", "log_segment", "change_segment"):
            manager.user_permissions.add(Permission.objects.get(codename=name))
        client.force_login(manager)
        segment = SegmentFactory(
            ready=True, created_by=manager, salesperson=None, contacts=[ContactFactory()]
        )
        assert 'name="follow_up"' not in page(client, segment)
        assert press(client, segment, follow_up="on").status_code == 403
        assert Segment.objects.get() == segment


class TestButton:
    def test_logs_and_leads_to_what_was_logged(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        response = press(browser, segment)
        logged = LoggedSegment.objects.get()
        assert response.headers["HX-Redirect"] == f"/segments/logged/{logged.pk}/?done=1"
        assert "2 interactions logged." in browser.get(response.headers["HX-Redirect"]).content.decode()

    @pytest.mark.case("XS-008")
    def test_creates_a_follow_up_whose_criteria_reuse_the_logged_segment(self, browser, segment_numbers):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        response = press(browser, segment, follow_up="on")
        html = browser.get(response.headers["HX-Redirect"]).content.decode()
        assert "1 interaction logged. Follow-up segment SM00022 created." in html
        card = browser.get("/segments/SM00022/").content.decode()
        history = words(card[card.index("Criteria history") :])
        assert "Reused" in history
        assert segment.no in history
        assert CriteriaStep.objects.get().logged_segment == LoggedSegment.objects.get()

    def refused(self, response, sentence):
        html = response.content.decode()
        assert response.status_code == 422
        assert sentence in html
        assert "Check again" in html
        assert not InteractionLogEntry.objects.exists()
        return True

    def test_writes_nothing_for_another_version(self, browser):
        irina = UserFactory(first_name="Irina", last_name="Orlova")
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()], changed_by=irina)
        sentence = "Irina Orlova changed this segment meanwhile."
        assert self.refused(press(browser, segment, version=segment.version + 1), sentence)
        assert self.refused(press(browser, segment, version="x" * 50), sentence)

    def test_writes_nothing_for_another_count(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        assert self.refused(press(browser, segment, count=2), "The segment has 1 lines now, not 2.")

    def test_writes_nothing_while_a_line_is_not_ready(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(privacy_blocked=True)])
        assert self.refused(press(browser, segment), "Nothing was logged: 1 line is not ready.")

    def test_writes_nothing_without_numbers_for_the_follow_up(self, browser):
        setup = MarketingSetup.objects.get()
        setup.segment_nos = None
        setup.save()
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        response = press(browser, segment, follow_up="on")
        assert self.refused(response, "Segments need a number series.")
        assert "?follow_up=on" in response.content.decode()

    def test_writes_nothing_until_what_is_to_check_was_seen(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(exclude_from_segment=True)])
        assert 'name="seen"' in page(browser, segment)
        shown = {"version": segment.version, "count": 1}
        response = browser.post(url_of(segment), shown, headers=HTMX)
        assert response.status_code == 422
        assert "Nothing was logged yet: look first at what is listed here." in response.content.decode()
        assert not LoggedSegment.objects.exists()
        browser.post(url_of(segment), shown | {"seen": "on"}, headers=HTMX)
        assert InteractionLogEntry.objects.count() == 1

    def test_asks_for_no_tick_when_there_is_nothing_to_check(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        assert 'name="seen"' not in page(browser, segment)
        browser.post(url_of(segment), {"version": segment.version, "count": 1}, headers=HTMX)
        assert InteractionLogEntry.objects.count() == 1

    def test_says_that_it_was_logged_already(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        press(browser, segment, version=segment.version)
        response = browser.post(url_of(segment), {"version": 0, "count": 1}, follow=True)
        assert f"Segment {segment.no} has been logged already." in response.content.decode()
        assert InteractionLogEntry.objects.count() == 1

    def test_does_not_say_what_others_logged(self, client):
        others = UserFactory(role="Salesperson")
        SalespersonFactory(user=others)
        LoggedSegmentFactory(segment_no="SM00009", logged_by=others)
        reader = UserFactory()
        names = ("view_segment", "log_segment", "view_loggedsegment")
        reader.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(reader)
        response = client.get("/segments/SM00009/log/")
        assert response.status_code == 404
        assert "logged already" not in client.get("/segments/").content.decode()

    def test_says_so_when_the_number_was_logged_under_an_older_segment(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        LoggedSegmentFactory(segment_no=segment.no)
        response = press(browser, segment)
        assert response.status_code == 422
        assert "has been logged already" in response.content.decode()
        assert "Check again" not in response.content.decode()


class TestJob:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        monkeypatch.setattr(logging, "JOB_ABOVE", 1)

    def test_logs_many_lines_and_says_what_it_did(
        self, browser, segment_numbers, django_capture_on_commit_callbacks
    ):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        with django_capture_on_commit_callbacks(execute=True):
            response = press(browser, segment, follow_up="on")
        job = Job.objects.get()
        assert response.headers["HX-Redirect"] == job.get_absolute_url()
        assert (job.state, job.stage) == ("DONE", "Logged")
        html = browser.get(job.get_absolute_url()).content.decode()
        assert "2 interactions logged. Follow-up segment SM00022 created." in html
        assert f"/segments/logged/{LoggedSegment.objects.get().pk}/" in html

    def test_shows_its_stages(self, browser, django_capture_on_commit_callbacks, monkeypatch):
        stages, write = [], logging.start_logging.__globals__["jobs"].Progress.write

        def watched(progress, **values):
            stages.extend(filter(None, [values.get("stage")]))
            return write(progress, **values)

        monkeypatch.setattr("crm.jobs.Progress.write", watched)
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        with django_capture_on_commit_callbacks(execute=True):
            press(browser, segment)
        assert stages == ["Checking", "Writing", "Logged"]

    def test_shows_the_stage_on_its_page(self, browser, manager):
        job = Job.objects.create(
            kind="log_segment",
            by=manager,
            title="x",
            state="RUNNING",
            stage="Checking",
            heartbeat=timezone.now(),
        )
        assert "Checking" in browser.get(job.get_absolute_url()).content.decode()

    def test_finds_what_it_did_before_it_was_interrupted(
        self, browser, manager, django_capture_on_commit_callbacks
    ):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        with django_capture_on_commit_callbacks() as callbacks:
            press(browser, segment)
        job = jobs.claim(Job.objects.get().pk)
        log_segment(job, jobs.Progress(job), **jobs.params_of(job))  # by a worker that died before it said so
        Job.objects.update(heartbeat=timezone.now() - 2 * jobs.SILENCE)
        for callback in callbacks:
            callback()
        job.refresh_from_db()
        assert (job.state, job.result["text"]) == ("DONE", "2 interactions logged.")
        assert LoggedSegment.objects.count() == 1

    def test_says_why_it_wrote_nothing_and_where_to_check_again(
        self, browser, django_capture_on_commit_callbacks
    ):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        with django_capture_on_commit_callbacks(execute=True):
            press(browser, segment, version=segment.version + 1)
        job = Job.objects.get()
        assert job.state == "FAILED"
        html = browser.get(job.get_absolute_url()).content.decode()
        assert "changed this segment meanwhile" in html
        assert url_of(segment) in html
        assert Segment.objects.filter(pk=segment.pk).exists()

    def test_does_not_log_for_those_who_may_no_longer(
        self, browser, manager, django_capture_on_commit_callbacks
    ):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory()])
        with django_capture_on_commit_callbacks() as callbacks:
            press(browser, segment)
        manager.groups.clear()
        for callback in callbacks:
            callback()
        assert Job.objects.get().state == "FAILED"
        assert not LoggedSegment.objects.exists()


class TestEntries:
    def test_are_those_of_its_contacts_since_it_was_made(self, browser):
        contact = ContactFactory()
        segment = SegmentFactory(ready=True, contacts=[contact])
        today = timezone.localdate()
        InteractionLogEntryFactory(contact=contact, date=today, description="since then")
        InteractionLogEntryFactory(
            contact=contact, date=today - timezone.timedelta(days=3), description="before it"
        )
        InteractionLogEntryFactory(date=today, description="of somebody else")
        html = browser.get(url_of(segment, "entries")).content.decode()
        assert "since then" in html
        assert "before it" not in html
        assert "of somebody else" not in html

    def test_include_those_of_the_logged_segments_it_follows(self, browser, manager, segment_numbers):
        first = SegmentFactory(ready=True, no="SM00001", contacts=[ContactFactory()], description="First run")
        logged = actions.log_segment(first, by=manager, follow_up=True)
        second = Segment.objects.get()
        actions.update_segment(
            second,
            by=manager,
            template=InteractionTemplateFactory(channel=""),
            salesperson=SalespersonFactory(),
        )
        actions.log_segment(second, by=manager, follow_up=True)
        third = Segment.objects.get()
        third.lines.all().delete()
        html = browser.get(url_of(third, "entries")).content.decode()
        assert f"/segments/logged/{logged.pk}/" in html
        assert html.count('<td role="cell" class="c-st">') == 2

    def test_name_no_logged_segment_that_the_reader_may_not_see(self, client):
        seller, colleague = (
            SalespersonFactory(user=UserFactory(role="Salesperson"), team=TeamFactory()) for _number in (1, 2)
        )
        logged = LoggedSegmentFactory(logged_by=colleague.user)
        segment = SegmentFactory(ready=True, salesperson=seller, follow_up_of=logged)
        client.force_login(seller.user)
        html = client.get(url_of(segment, "entries")).content.decode()
        assert logged.segment_no not in html

    @pytest.mark.parametrize("count", [1, 3])
    def test_take_as_many_queries_for_three_as_for_one(self, browser, count, django_assert_num_queries):
        contact = ContactFactory()
        segment = SegmentFactory(ready=True, contacts=[contact])
        InteractionLogEntryFactory.create_batch(count, contact=contact, date=timezone.localdate())
        browser.get(url_of(segment, "entries"))
        with django_assert_num_queries(11 if connection.vendor == "postgresql" else 7):
            assert browser.get(url_of(segment, "entries")).status_code == 200

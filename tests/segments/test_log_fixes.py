"""What the log dialog puts right in place."""

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone

from crm.models import Channel, Job
from segments import actions
from segments.actions.fixes import (
    NobodyIsChosen,
    NoOtherFile,
    NoOtherWay,
    NoTemplateIsChosen,
    NotFixable,
    NoWords,
    fix,
)
from segments.models import CriteriaStep, SegmentLine
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    LoggedSegmentFactory,
    SalespersonFactory,
    SegmentAttachmentFactory,
    SegmentFactory,
    SegmentLineFactory,
    UserFactory,
)
from tests.segments.dialogs import HTMX, findings, page, press, press_fix, url_of

pytestmark = pytest.mark.django_db


class TestFix:
    def test_sends_those_without_email_as_letter(self, manager):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        line = SegmentLineFactory(segment=segment, contact=ContactFactory(email="", address="Calle 1"))
        other = SegmentLineFactory(segment=segment, contact=ContactFactory(email="a@x.example"))
        version = segment.version
        assert fix(segment, "no_email", by=manager).count == 1
        assert "no_email" not in findings(segment)
        line.refresh_from_db()
        other.refresh_from_db()
        assert (line.own_channel, other.own_channel) == (Channel.HARD_COPY, None)
        assert segment.version > version

    def test_sends_those_without_address_by_email_where_there_is_one(self, manager):
        segment = SegmentFactory(ready=True, channel=Channel.HARD_COPY, ignore_contact=True)
        SegmentLineFactory(segment=segment, contact=ContactFactory(email="a@x.example"))
        nowhere = SegmentLineFactory(segment=segment, contact=ContactFactory(email=""))
        assert fix(segment, "no_address", by=manager).count == 1
        nowhere.refresh_from_db()
        assert nowhere.own_channel is None
        with pytest.raises(NoOtherWay):
            fix(segment, "no_address", by=manager)

    def test_takes_the_default_language_for_those_without_a_file_in_their_own(self, manager):
        segment = SegmentFactory(ready=True, language="en")
        SegmentAttachmentFactory(segment=segment, language="en", attachment=AttachmentFactory())
        russian = SegmentLineFactory(segment=segment, contact=ContactFactory(language="ru"))
        french = SegmentLineFactory(segment=segment, contact=ContactFactory(language="fr"))
        assert fix(segment, "other_language", "ru", by=manager).count == 1
        russian.refresh_from_db()
        french.refresh_from_db()
        assert (russian.own_language, french.own_language) == ("en", None)
        assert findings(segment)["other_language"] == 1

    @pytest.mark.parametrize(
        ("code", "contact"),
        [("privacy", {"privacy_blocked": True}), ("excluded", {"exclude_from_segment": True})],
    )
    def test_removes_lines_as_a_step_that_can_be_taken_back(self, manager, code, contact):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), ContactFactory(**contact)])
        fixed = fix(segment, code, by=manager)
        assert fixed.count == 1
        assert SegmentLine.objects.filter(segment=segment).count() == 1
        actions.go_back(segment, by=manager)
        assert SegmentLine.objects.filter(segment=segment).count() == 2

    def test_sets_one_salesperson_for_all_without(self, manager):
        segment = SegmentFactory(ready=True, salesperson=None)
        own = SalespersonFactory()
        SegmentLineFactory(segment=segment, contact=ContactFactory())
        kept = SegmentLineFactory(segment=segment, contact=ContactFactory(salesperson=own))
        with pytest.raises(NobodyIsChosen):
            fix(segment, "no_salesperson", by=manager)
        assert fix(segment, "no_salesperson", by=manager, salesperson=SalespersonFactory()).count == 1
        kept.refresh_from_db()
        assert kept.own_salesperson is None
        assert findings(segment) == {}

    def test_exchanges_a_blocked_salesperson(self, manager):
        gone = SalespersonFactory(blocked=True)
        segment = SegmentFactory(ready=True, salesperson=gone, contacts=[ContactFactory()])
        with pytest.raises(NobodyIsChosen):
            fix(segment, "salesperson_blocked", by=manager, salesperson=gone)
        fix(segment, "salesperson_blocked", by=manager, salesperson=SalespersonFactory())
        assert findings(segment) == {}

    def test_dates_today_what_lies_in_the_future(self, manager):
        tomorrow = timezone.localdate() + timezone.timedelta(days=1)
        segment = SegmentFactory(ready=True, date=tomorrow)
        follows = SegmentLineFactory(segment=segment)
        own = SegmentLineFactory(segment=segment, own_date=tomorrow)
        assert fix(segment, "future", by=manager).count == 2
        assert findings(segment) == {}
        follows.refresh_from_db()
        own.refresh_from_db()
        assert (follows.own_date, own.own_date) == (None, None)  # the segment is of today

    @time_machine.travel("2026-11-20 12:00:30Z", tick=False)
    def test_lets_go_of_a_time_that_is_still_to_come_today(self, manager):
        segment = SegmentFactory(ready=True, date=dt.date(2026, 11, 20))
        later = SegmentLineFactory(segment=segment, own_time=dt.time(12, 1))
        SegmentLineFactory(segment=segment, own_time=dt.time(12, 0))
        SegmentLineFactory(segment=segment, own_time=dt.time(18, 0), own_date=dt.date(2026, 11, 19))
        assert findings(segment) == {"future": 1}
        assert fix(segment, "future", by=manager).count == 1
        assert findings(segment) == {}
        later.refresh_from_db()
        assert later.own_time is None

    def test_keeps_the_first_of_those_with_the_same_address(self, manager):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        first, *_others = [
            SegmentLineFactory(segment=segment, contact=ContactFactory(email="info@x.example"))
            for _number in range(3)
        ]
        other = SegmentLineFactory(segment=segment, contact=ContactFactory(email="b@x.example"))
        assert fix(segment, "same_address", by=manager).count == 2
        assert list(segment.lines.order_by("pk")) == [first, other]

    def test_makes_no_step_when_nothing_is_left(self, manager):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        assert fix(segment, "privacy", by=manager).count == 0
        assert CriteriaStep.objects.filter(segment=segment).count() == 1

    def test_knows_what_it_cannot_put_right(self, manager):
        for code, name in (("nonsense", ""), ("privacy", "nonsense"), ("", "")):
            with pytest.raises(NotFixable):
                fix(SegmentFactory(), code, name=name, by=manager)

    def test_gives_all_lines_without_one_a_template_with_its_files(self, manager):
        template = InteractionTemplateFactory(channel="", description="Price list")
        InteractionTemplateLanguageFactory(template=template, language="es", attachment=AttachmentFactory())
        own = InteractionTemplateFactory(channel="")
        segment = SegmentFactory(ready=True, template=None, contacts=[ContactFactory()])
        kept = SegmentLineFactory(segment=segment, own_template=own)
        with pytest.raises(NoTemplateIsChosen):
            fix(segment, "no_template", by=manager)
        assert fix(segment, "no_template", by=manager, template=template).count == 1
        segment.refresh_from_db()
        kept.refresh_from_db()
        assert (segment.template, kept.own_template) == (template, own)
        assert segment.languages.get().language == "es"
        assert "no_template" not in findings(segment)

    def test_gives_all_lines_without_one_a_description(self, manager):
        nameless = InteractionTemplateFactory(channel="", description="")
        segment = SegmentFactory(ready=True, description=None, template=nameless, contacts=[ContactFactory()])
        blank = SegmentLineFactory(segment=segment, own_description="")
        with pytest.raises(NoWords):
            fix(segment, "no_description", by=manager, description="  ")
        assert fix(segment, "no_description", by=manager, description="Q4 prices").count == 2
        segment.refresh_from_db()
        blank.refresh_from_db()
        assert (segment.description, blank.own_description) == ("Q4 prices", None)
        assert findings(segment) == {}

    def test_takes_the_default_file_for_those_whose_language_has_none(self, manager):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True, language="en")
        SegmentAttachmentFactory(segment=segment, language="en", attachment=AttachmentFactory())
        SegmentAttachmentFactory(segment=segment, language="ru", attachment=None)
        russian = SegmentLineFactory(
            segment=segment, contact=ContactFactory(language="ru", email="a@x.example")
        )
        bare = SegmentLineFactory(
            segment=segment, without_letter=True, contact=ContactFactory(language="ru", email="b@x.example")
        )
        assert fix(segment, "no_file", by=manager).count == 1
        russian.refresh_from_db()
        bare.refresh_from_db()
        assert (russian.own_language, bare.own_language) == ("en", None)
        with pytest.raises(NoOtherFile):
            fix(segment, "no_file", by=manager)
        assert fix(segment, "no_file", name="remove", by=manager).count == 1

    def test_has_no_default_file_where_there_is_no_file(self, manager):
        segment = SegmentFactory(ready=True, channel=Channel.EMAIL, ignore_contact=True)
        SegmentLineFactory(segment=segment, contact=ContactFactory(email="a@x.example"))
        with pytest.raises(NoOtherFile):
            fix(segment, "no_file", by=manager)

    def test_takes_as_many_statements_for_three_lines_as_for_one(self, manager, django_assert_num_queries):
        for count in (1, 3):
            contacts = [ContactFactory(privacy_blocked=True) for _number in range(count)]
            segment = SegmentFactory(ready=True, contacts=contacts)
            with django_assert_num_queries(16):
                fix(segment, "privacy", by=manager)


class TestFixInPlace:
    def test_shows_the_dialog_as_it_is_then_with_the_new_version(self, browser):
        segment = SegmentFactory(
            ready=True, contacts=[ContactFactory(), ContactFactory(privacy_blocked=True)]
        )
        response = press_fix(browser, segment, "privacy", follow_up="on")
        html = response.content.decode()
        segment.refresh_from_db()
        assert f'name="version" value="{segment.version}"' in html
        assert "Log 1 interaction<" in html
        assert "blocked for privacy" not in html
        assert (
            'id="follow-up" name="follow_up" form="log-form" aria-describedby="follow-up-hint" checked'
            in html
        )
        assert "1 line removed." in response.headers["HX-Trigger"]
        assert '"undo"' in response.headers["HX-Trigger"]

    def test_leads_back_to_the_page_without_scripts(self, browser):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(privacy_blocked=True)])
        data = {"code": "privacy", "version": segment.version, "count": 1}
        response = browser.post(url_of(segment, "log_fix"), data)
        assert (response.status_code, response["Location"]) == (302, url_of(segment))

    def test_sets_the_salesperson_who_was_chosen(self, browser):
        segment = SegmentFactory(ready=True, salesperson=None, contacts=[ContactFactory()])
        SalespersonFactory(code="LS", name="Lena Sokolova")
        assert "Lena Sokolova" in page(browser, segment)
        press_fix(browser, segment, "no_salesperson", salesperson="LS")
        assert segment.lines.get().own_salesperson.code == "LS"

    def test_is_taken_back_by_the_toast(self, browser):
        SalespersonFactory(code="LS")
        segment = SegmentFactory(ready=True, salesperson=None, contacts=[ContactFactory() for _n in range(2)])
        response = press_fix(browser, segment, "no_salesperson", salesperson="LS")
        assert findings(segment) == {}
        token = re.search(r"/undo/([^/]+)/", response.headers["HX-Trigger"])[1]
        browser.post(f"/undo/{token}/")
        assert findings(segment) == {"no_salesperson": 2}

    @pytest.mark.parametrize(
        ("code", "data", "sentence"),
        [
            ("no_salesperson", {"salesperson": "NOBODY"}, "Choose a salesperson for these lines first."),
            ("no_template", {}, "Choose a template first."),
            ("name", {"description": " "}, "Enter a description first."),
        ],
    )
    def test_says_beside_the_choice_what_is_missing(self, browser, code, data, sentence):
        segment = SegmentFactory(salesperson=None, template=None, contacts=[ContactFactory()])
        response = press_fix(browser, segment, code, **data)
        html = response.content.decode()
        assert response.status_code == 422
        assert html.count('aria-invalid="true"') == 1
        assert sentence in html

    @pytest.mark.parametrize("data", [{}, {"code": "x"}])
    def test_says_what_it_cannot_do(self, browser, data):
        segment = SegmentFactory(ready=True, salesperson=None, contacts=[ContactFactory()])
        response = browser.post(url_of(segment, "log_fix"), {"version": 0, "count": 0} | data, headers=HTMX)
        assert response.status_code == 200
        assert '"level": "warning"' in response.headers["HX-Trigger"]

    @pytest.mark.parametrize(
        ("code", "data", "header"),
        [
            ("no_template", {"template": "NEWS"}, {"template": None}),
            ("no_description", {"description": "Q4 prices"}, {"description": None}),
            ("name", {"description": "Q4 prices"}, {"description": None}),
        ],
    )
    def test_puts_right_what_the_header_lacks(self, browser, code, data, header):
        InteractionTemplateFactory(code="NEWS", channel="", description="News")
        blank = InteractionTemplateFactory(channel="", description="")
        segment = SegmentFactory(ready=True, **({"template": blank} | header), contacts=[ContactFactory()])
        html = press_fix(browser, segment, code, **data).content.decode()
        assert "Log 1 interaction<" in html
        assert 'aria-disabled="true"' not in html
        assert press(browser, segment).headers["HX-Redirect"]

    def test_gives_a_segment_whose_number_was_logged_another_one(self, browser, segment_numbers):
        segment = SegmentFactory(ready=True, contacts=[ContactFactory()])
        LoggedSegmentFactory(segment_no=segment.no)
        assert "Take the next number" in page(browser, segment)
        html = press_fix(browser, segment, "number").content.decode()
        segment.refresh_from_db()
        assert segment.no == "SM00022"
        assert "/segments/SM00022/log/" in html
        assert press(browser, segment).headers["HX-Redirect"]

    def test_keeps_what_is_wrong_in_the_language_of_the_file(self, browser):
        segment = SegmentFactory(ready=True, language="en")
        SegmentAttachmentFactory(segment=segment, language="en", attachment=AttachmentFactory())
        SegmentLineFactory(segment=segment, contact=ContactFactory(language="ru"))
        assert "Use English" in page(browser, segment)

    def test_of_many_lines_is_a_job(self, browser, monkeypatch, django_capture_on_commit_callbacks):
        monkeypatch.setattr("segments.editing.MANY", 1)
        people = [ContactFactory(privacy_blocked=True) for _number in range(2)]
        segment = SegmentFactory(ready=True, contacts=[ContactFactory(), *people])
        with django_capture_on_commit_callbacks(execute=True):
            response = press_fix(browser, segment, "privacy")
        job = Job.objects.get()
        assert response.headers["HX-Redirect"] == job.get_absolute_url()
        assert (job.state, job.result["text"]) == ("DONE", "2 lines removed.")
        assert segment.lines.count() == 1

    @pytest.mark.parametrize("stale", [{"version": 0}, {"count": 2}, {"version": ""}])
    def test_of_another_state_than_was_shown_changes_nothing(self, browser, stale):
        segment = SegmentFactory(ready=True, salesperson=None, contacts=[ContactFactory()], version=3)
        SalespersonFactory(code="LS")
        response = press_fix(browser, segment, "no_salesperson", salesperson="LS", **stale)
        assert "Nothing was done; check it again." in response.headers["HX-Trigger"]
        assert segment.lines.get().own_salesperson is None
        version, count = (
            re.search(f'name="{name}" value="([0-9]+)"', response.content.decode())[1]
            for name in ("version", "count")
        )
        press_fix(browser, segment, "no_salesperson", salesperson="LS", version=version, count=count)
        assert segment.lines.get().own_salesperson.code == "LS"

    def test_needs_the_permission_to_change_segments(self, client):
        client.force_login(UserFactory(role="Reader"))
        assert press_fix(client, SegmentFactory(), "privacy").status_code == 403

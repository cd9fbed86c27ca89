"""The history of a segment, saved criteria, mailing groups and pasting on their pages (ui 5.9)."""

import re
from contextlib import nullcontext

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import limits
from crm.models import ContactMailingGroup, Job, User
from segments import steps
from segments.actions import add_contacts
from segments.criteria import Condition, Recipe
from segments.models import CriteriaStep, SavedCriteria, Segment, SegmentLine
from segments.views import counting, recipes
from tests.factories import (
    ContactFactory,
    ContactMailingGroupFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    MailingGroupFactory,
    SalespersonFactory,
    SavedCriteriaFactory,
    SegmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return UserFactory(role="Marketing manager")


@pytest.fixture
def browser(client, by):
    client.force_login(by)
    return client


@pytest.fixture
def segment():
    return SegmentFactory(description="Lighting refit")


def url(name, segment, *args):
    return reverse(f"segments:{name}", args=[segment.no, *args])


def contacts_of(segment):
    return set(SegmentLine.objects.filter(segment=segment).values_list("contact__name", flat=True))


def press(browser, segment, verb="add", **data):
    return browser.post(url(verb, segment), {"version": segment.version, **data})


def press_twice(browser, segment, verb):
    """First to see the number of all, then to go on."""
    page = press(browser, segment, verb).content.decode()
    return press(browser, segment, verb, counted=re.search(r'name="counted" value="([^"]+)"', page)[1])


def leaving_of(response):
    """What the page sends back of how many leave a mailing group."""
    return re.search(r'name="leaving" value="([^"]+)"', response.content.decode())[1]


def version_of(segment):
    return Segment.objects.get(pk=segment.pk).version


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


class TestGoingBack:
    def test_takes_the_newest_step_back_and_undo_does_it_again(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory(name="Brisa")])
        browser.post(url("go_back", segment), {"step": segment.steps.get().pk})
        assert contacts_of(segment) == set()
        page = browser.get(segment.get_absolute_url()).content.decode()
        browser.post(re.search(r'action="(/undo/[^"]+)"', page)[1])
        assert contacts_of(segment) == {"Brisa"}

    def test_of_many_lines_is_a_job_that_offers_to_undo_it_by_another(
        self, browser, monkeypatch, django_capture_on_commit_callbacks
    ):
        segment = SegmentFactory(contacts=ContactFactory.create_batch(2))
        monkeypatch.setattr(steps, "MANY", 1)
        with django_capture_on_commit_callbacks(execute=True):
            response = browser.post(url("go_back", segment), {"step": segment.steps.get().pk})
        assert not segment.lines.exists()
        polled = browser.get(response.url, headers={"HX-Request": "true"})
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(re.search(r"/undo/[^\"]+/", str(polled.headers))[0])
        assert [job.state for job in Job.objects.all()] == ["DONE", "DONE"]
        assert segment.lines.count() == 2

    @pytest.mark.parametrize("step", ["", "x", "²", "9" * 30, "{other}"])
    def test_does_nothing_when_another_step_is_the_newest(self, browser, step):
        segment = SegmentFactory(contacts=[ContactFactory(name="Brisa")])
        step = step.format(other=segment.steps.get().pk + 1)
        response = browser.post(url("go_back", segment), {"step": step}, follow=True)
        assert "changed this segment meanwhile. Nothing was done" in text_of(response)
        assert contacts_of(segment) == {"Brisa"}

    def test_is_not_undone_once_somebody_has_made_another_step(self, browser, by):
        segment = SegmentFactory(contacts=[ContactFactory(name="Brisa")])
        browser.post(url("go_back", segment), {"step": segment.steps.get().pk})
        undo = re.search(r'action="(/undo/[^"]+)"', browser.get(segment.get_absolute_url()).content.decode())[
            1
        ]
        add_contacts(segment, Recipe((Condition("country", "is", ["PT"]),)), by=by)
        response = browser.post(undo, follow=True)
        assert "changed this segment meanwhile" in text_of(response)
        assert contacts_of(segment) == set()

    def test_keeps_the_history_of_a_segment_that_became_empty(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory()])
        press_twice(browser, segment, "reduce")
        page = text_of(browser.get(segment.get_absolute_url()))
        assert "Reduced all contacts" in page
        assert "−1 → 0" in page


class TestHistory:
    def test_links_to_all_steps_when_there_are_more_than_fifty(self, browser, segment, by):
        CriteriaStep.objects.bulk_create(
            CriteriaStep(
                segment=segment, number=number, action="ADD", created_by=by, created_at=segment.changed_at
            )
            for number in range(1, 53)
        )
        card = text_of(browser.get(segment.get_absolute_url()))
        assert "All 52 steps" in card
        assert text_of(browser.get(url("history", segment))).count("Added all contacts") == 50

    def test_names_the_logged_segment_that_was_used_again(self, browser, segment):
        logged = LoggedSegmentFactory(segment_no="SM00014")
        InteractionLogEntryFactory(logged_segment=logged, segment_no="SM00014", segment_line_no=1)
        browser.post(url("reuse", segment), {"version": segment.version, "logged": logged.segment_no})
        assert "Reused segment SM00014" in text_of(browser.get(segment.get_absolute_url()))
        assert SegmentLine.objects.filter(segment=segment).count() == 1

    def test_never_reads_the_recipes(self, browser, segment, by, django_assert_num_queries):
        add_contacts(segment, Recipe.of_contacts([f"X{number}" for number in range(10)]), by=by)
        with CaptureQueriesContext(connection) as asked:
            page = text_of(browser.get(segment.get_absolute_url()))
        assert "Added Contact: X0, X1, X2, 7 more" in page
        assert not any('"recipe"' in query["sql"] or '"criteria"' in query["sql"] for query in asked)

    @pytest.mark.parametrize("count", [1, 3])
    def test_asks_the_same_queries_for_any_number_of_steps(
        self, browser, segment, by, count, django_assert_num_queries
    ):
        for _number in range(count):
            add_contacts(
                segment, Recipe((Condition("mailing_group", "is", [MailingGroupFactory().code]),)), by=by
            )
        with django_assert_num_queries(HISTORY_QUERIES):
            browser.get(url("history", segment))


HISTORY_QUERIES = 9


class TestClearingTheHistory:
    def test_asks_first_and_keeps_the_lines(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory(name="Brisa")])
        page = browser.get(url("clear_history", segment))
        assert "1 step is forgotten. The lines of the segment stay" in text_of(page)
        step = re.search(r'name="step" value="(\d+)"', page.content.decode())[1]
        browser.post(url("clear_history", segment), {"step": step})
        assert contacts_of(segment) == {"Brisa"}
        assert not segment.steps.exists()
        assert "History cleared." in text_of(browser.get(segment.get_absolute_url()))

    @pytest.mark.parametrize("step", ["", "x", "9" * 30, "-1"])
    def test_does_nothing_for_a_step_that_makes_no_sense(self, browser, step):
        segment = SegmentFactory(contacts=[ContactFactory()])
        response = browser.post(url("clear_history", segment), {"step": step}, follow=True)
        assert "changed this segment meanwhile" in text_of(response)
        assert segment.steps.count() == 1

    def test_says_that_there_is_none(self, browser, segment):
        assert "There is no history to clear." in text_of(browser.get(url("clear_history", segment)))
        response = browser.post(url("clear_history", segment), follow=True)
        assert "There is no history to clear." in text_of(response)

    def test_is_offered_when_a_step_leaves_nobody(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory()])
        press_twice(browser, segment, "reduce")
        card = browser.get(segment.get_absolute_url()).content.decode()
        assert card.count(url("clear_history", segment)) > 1

    def test_of_many_lines_is_a_job(self, browser, monkeypatch, django_capture_on_commit_callbacks):
        segment = SegmentFactory(contacts=ContactFactory.create_batch(2))
        monkeypatch.setattr(steps, "MANY", 1)
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(url("clear_history", segment), {"step": segment.steps.get().pk})
        assert Job.objects.get().state == "DONE"
        assert not segment.steps.exists()


class TestSavedCriteria:
    @pytest.mark.case("SG-008")
    def test_are_kept_under_a_code(self, browser, by):
        segment = SegmentFactory()
        add_contacts(segment, Recipe((Condition("country", "is", ["ES"]),)), by=by)
        browser.post(url("saved", segment), {"code": "iberia", "description": "Iberia"})
        saved = SavedCriteria.objects.get()
        assert (saved.code, saved.description, len(saved.steps)) == ("IBERIA", "Iberia", 1)

    def test_say_that_a_code_is_taken_and_keep_what_was_typed(self, browser, by):
        segment = SegmentFactory(contacts=[ContactFactory()])
        SavedCriteriaFactory(code="IBERIA")
        response = browser.post(url("saved", segment), {"code": "Iberia", "description": "Mine"})
        assert response.status_code == 422
        assert "There are criteria with the code IBERIA already." in text_of(response)
        assert 'value="Mine"' in response.content.decode()

    @pytest.mark.case("XS-036")
    def test_warn_with_the_number_of_steps_that_are_there(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory()])
        saved = SavedCriteriaFactory(steps=[{"action": "ADD", "origin": "CRITERIA", "recipe": {}}])
        response = browser.post(url("saved_use", segment, saved.pk), {"version": version_of(segment)})
        assert response.status_code == 422
        assert "This segment has 1 criteria step already." in text_of(response)
        assert segment.steps.count() == 1

    @pytest.mark.case("SG-009")
    def test_bring_back_whom_they_find_when_one_goes_on(self, browser, by):
        first, second = ContactFactory(name="C1"), ContactFactory(name="C2")
        segment = SegmentFactory()
        add_contacts(segment, Recipe((Condition("no", "matches", f"{first.no}|{second.no}"),)), by=by)
        browser.post(url("saved", segment), {"code": "BOTH"})
        SegmentLine.objects.filter(segment=segment, contact=second).delete()
        saved = SavedCriteria.objects.get()
        browser.post(url("saved_use", segment, saved.pk), {"version": version_of(segment), "confirmed": "1"})
        assert contacts_of(segment) == {"C1", "C2"}

    def test_are_undone_as_a_whole(self, browser):
        contact = ContactFactory(name="Brisa", country="ES")
        ContactFactory(country="FR")
        segment = SegmentFactory()
        recipe = Recipe((Condition("country", "is", ["ES"]),)).as_json()
        saved = SavedCriteriaFactory(
            steps=[
                {"action": "ADD", "origin": "CRITERIA", "recipe": {}},
                {"action": "REDUCE", "origin": "CRITERIA", "recipe": recipe},
            ]
        )
        browser.post(url("saved_use", segment, saved.pk), {"version": version_of(segment)})
        assert contacts_of(segment).isdisjoint({contact.name})
        page = browser.get(segment.get_absolute_url()).content.decode()
        browser.post(re.search(r'action="(/undo/[^"]+)"', page)[1])
        assert contacts_of(segment) == set()
        assert not segment.steps.done().exists()

    def test_get_another_code_that_is_free(self, browser, segment):
        saved = SavedCriteriaFactory(code="IBERIA", description="Old")
        SavedCriteriaFactory(code="TAKEN")
        assert 'value="Old"' in browser.get(url("saved_rename", segment, saved.pk)).content.decode()
        for code, said in (
            ("", "Enter a code of up to ten characters."),
            ("taken", "with the code TAKEN already"),
        ):
            response = browser.post(url("saved_rename", segment, saved.pk), {"code": code})
            assert (response.status_code, said in text_of(response)) == (422, True)
        browser.post(url("saved_rename", segment, saved.pk), {"code": "spain", "description": "New"})
        saved.refresh_from_db()
        assert (saved.code, saved.description) == ("SPAIN", "New")

    def test_of_many_lines_are_undone_by_a_job(
        self, browser, monkeypatch, django_capture_on_commit_callbacks
    ):
        ContactFactory.create_batch(2)
        segment = SegmentFactory()
        saved = SavedCriteriaFactory(steps=[{"action": "ADD", "origin": "CRITERIA", "recipe": {}}] * 2)
        browser.post(url("saved_use", segment, saved.pk), {"version": version_of(segment)})
        page = browser.get(segment.get_absolute_url()).content.decode()
        monkeypatch.setattr(steps, "MANY", 1)
        with django_capture_on_commit_callbacks(execute=True):
            response = browser.post(re.search(r'action="(/undo/[^"]+)"', page)[1])
        job = Job.objects.get()
        assert response.url == job.get_absolute_url()
        assert (job.state, job.result["text"]) == ("DONE", "The lines are as they were.")
        assert not segment.steps.done().exists()

    def test_are_deleted_after_a_question(self, browser, segment):
        saved = SavedCriteriaFactory(code="IBERIA")
        assert "Delete IBERIA?" in text_of(browser.get(url("saved_delete", segment, saved.pk)))
        browser.post(url("saved_delete", segment, saved.pk))
        assert not SavedCriteria.objects.exists()

    def test_that_are_gone_are_told_so(self, browser, segment):
        response = browser.post(url("saved_use", segment, 999), follow=True)
        assert "Somebody deleted what you chose." in text_of(response)

    @pytest.mark.parametrize("count", [1, 3])
    def test_ask_the_same_queries_for_any_number_of_rows(
        self, browser, segment, count, django_assert_num_queries
    ):
        SavedCriteriaFactory.create_batch(count)
        with django_assert_num_queries(SAVED_QUERIES):
            browser.get(url("saved", segment))


SAVED_QUERIES = 9


class TestUsingSavedCriteria:
    def test_are_refused_in_words_when_they_ask_what_one_may_not_ask(self, client, segment):
        user = UserFactory()
        names = ["view_segment", "change_segment", "view_contact", "view_savedcriteria"]
        user.user_permissions.add(*Permission.objects.filter(codename__in=names))
        client.force_login(user)
        segment = SegmentFactory(created_by=user)
        recipe = Recipe((Condition("interaction_date", "within", 30),)).as_json()
        saved = SavedCriteriaFactory(steps=[{"action": "ADD", "origin": "CRITERIA", "recipe": recipe}])
        response = client.post(url("saved_use", segment, saved.pk), {"version": 0}, follow=True)
        assert "You may not ask about “Date of an interaction”." in text_of(response)
        assert not segment.steps.exists()

    def test_that_ask_for_a_field_which_is_gone_are_shown_and_refused(self, browser, segment, by):
        recipe = {"conditions": [{"field": "shoe_size", "operator": "is", "value": ["44"]}]}
        CriteriaStep.objects.create(
            segment=segment, number=1, action="ADD", recipe=recipe, created_by=by, created_at=timezone.now()
        )
        for page in (segment.get_absolute_url(), url("history", segment)):
            assert "Unknown condition “shoe_size”" in text_of(browser.get(page))
        saved = SavedCriteriaFactory(steps=[{"action": "REDUCE", "origin": "CRITERIA", "recipe": recipe}])
        asked = {"version": version_of(segment), "confirmed": "1"}
        response = browser.post(url("saved_use", segment, saved.pk), asked, follow=True)
        assert "There is no condition “shoe_size”." in text_of(response)
        assert segment.steps.count() == 1

    def test_are_paged(self, browser, segment):
        SavedCriteriaFactory.create_batch(51)
        first = browser.get(url("saved", segment)).content.decode()
        assert first.count('name="version"') == 50
        following = re.search(r'href="(/[^"]+criteria/\?after=[^"]+)"', first)[1]
        assert browser.get(following.replace("&amp;", "&")).content.decode().count('name="version"') == 1

    def test_that_change_nothing_today_make_no_step(self, browser, segment):
        saved = SavedCriteriaFactory(code="IBERIA", steps=self.adds("ES", "PT"))
        response = browser.post(url("saved_use", segment, saved.pk), {"version": 0}, follow=True)
        assert "Nothing was done: the steps of IBERIA change no line of this segment today." in text_of(
            response
        )
        assert not segment.steps.exists()

    def test_are_not_used_twice_by_pressing_twice(self, browser):
        segment = SegmentFactory()
        ContactFactory()
        saved = SavedCriteriaFactory(steps=[{"action": "ADD", "origin": "CRITERIA", "recipe": {}}])
        pressed = {"version": segment.version, "confirmed": "1"}
        browser.post(url("saved_use", segment, saved.pk), pressed)
        response = browser.post(url("saved_use", segment, saved.pk), pressed, follow=True)
        assert "changed this segment meanwhile" in text_of(response)
        assert segment.steps.count() == 1

    @staticmethod
    def adds(*countries):
        recipes = [Recipe((Condition("country", "is", [each]),)).as_json() for each in countries]
        return [{"action": "ADD", "origin": "CRITERIA", "recipe": recipe} for recipe in recipes]

    def test_are_counted_within_one_limit_of_time(self, browser, segment, monkeypatch):
        budgets = []
        monkeypatch.setattr(recipes, "limited", lambda seconds: budgets.append(seconds) or nullcontext())
        ContactFactory(country="ES")
        saved = SavedCriteriaFactory(steps=self.adds("ES", "PT", "FR"))
        browser.post(url("saved_use", segment, saved.pk), {"version": 0})
        assert budgets == [counting.SECONDS]
        assert segment.steps.count() == 3

    def test_that_nobody_counts_in_time_are_a_job(self, browser, segment, monkeypatch):
        monkeypatch.setattr(recipes, "SECONDS", -1)
        monkeypatch.setattr(limits, "STEPS", 1)
        saved = SavedCriteriaFactory(steps=self.adds("ES"))
        browser.post(url("saved_use", segment, saved.pk), {"version": 0})
        assert Job.objects.get().state == "QUEUED"

    def test_of_many_steps_are_a_job(self, browser, segment, django_capture_on_commit_callbacks):
        ContactFactory(country="ES")
        saved = SavedCriteriaFactory(steps=self.adds(*["ES"] * 11))
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(url("saved_use", segment, saved.pk), {"version": 0})
        assert Job.objects.get().state == "DONE"
        assert segment.steps.count() == 11

    def test_of_many_lines_are_a_job(self, browser, monkeypatch, django_capture_on_commit_callbacks):
        """Neither Add alone, both together."""
        for country in ("ES", "PT"):
            ContactFactory(country=country)
        monkeypatch.setattr(steps, "MANY", 1)
        segment, saved = SegmentFactory(), SavedCriteriaFactory(steps=self.adds("ES", "PT"))
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(url("saved_use", segment, saved.pk), {"version": 0})
        assert Job.objects.get().state == "DONE"
        assert len(contacts_of(segment)) == 2


class TestReusingALoggedSegment:
    def test_finds_those_one_may_see(self, client):
        mine = SalespersonFactory(user=UserFactory(role="Salesperson"))
        other = SalespersonFactory(user=UserFactory())
        seen = LoggedSegmentFactory(logged_by=mine.user, description="Präzision")
        hidden = LoggedSegmentFactory(logged_by=other.user)
        client.force_login(User.objects.get(pk=mine.user_id))
        lookup = reverse("segments:logged_lookup")
        for words, found in (("", [seen.segment_no]), ("PRÄZ", [seen.segment_no]), (hidden.segment_no, [])):
            rows = client.get(lookup, {"q": words}).json()["results"]
            assert [row["value"] for row in rows] == found
        segment = SegmentFactory(salesperson=mine)
        response = client.post(url("reuse", segment), {"version": 0, "logged": hidden.segment_no})
        assert response.status_code == 422
        assert f"There is no logged segment “{hidden.segment_no}”." in text_of(response)
        assert f'value="{hidden.segment_no}"' in response.content.decode()

    def test_warns_first_where_there_are_steps(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory()])
        logged = InteractionLogEntryFactory(logged_segment=LoggedSegmentFactory()).logged_segment
        response = browser.post(
            url("reuse", segment), {"version": segment.version, "logged": logged.segment_no}
        )
        assert response.status_code == 422
        assert "criteria step" in text_of(response)
        browser.post(
            url("reuse", segment), {"version": segment.version, "logged": logged.segment_no, "confirmed": "1"}
        )
        assert segment.steps.count() == 2

    def test_of_nobody_new_makes_no_step(self, browser, segment):
        asked = {"version": segment.version, "logged": LoggedSegmentFactory().segment_no}
        response = browser.post(url("reuse", segment), asked)
        assert response.status_code == 422
        assert "Nobody was added: whoever matches is in already" in text_of(response)
        assert not segment.steps.exists()

    @pytest.mark.parametrize("logged", ["", "0", "x"])
    def test_needs_one(self, browser, segment, logged):
        assert browser.post(url("reuse", segment), {"logged": logged}).status_code == 422


class TestApplyingAMailingGroup:
    @pytest.mark.case("CS-017")
    def test_puts_the_contacts_of_the_segment_into_it(self, browser):
        contact, group = ContactFactory(), MailingGroupFactory(code="PRICES")
        segment = SegmentFactory(contacts=[contact])
        press(browser, segment, "mailing_group", group=group.code)
        assert ContactMailingGroup.objects.get().contact == contact

    def test_takes_others_out_first_when_asked(self, browser):
        contact, group = ContactFactory(), MailingGroupFactory()
        ContactMailingGroupFactory(mailing_group=group)
        segment = SegmentFactory(contacts=[contact])
        asked = {"group": group.code, "clear": "on"}
        first = press(browser, segment, "mailing_group", **asked)
        assert first.status_code == 422
        assert f"1 contact leaves the group {group}." in text_of(first)
        assert "This cannot be undone." not in text_of(first)
        assert "Take 1 contact out and apply" in text_of(first)
        assert ContactMailingGroup.objects.get().contact != contact
        press(browser, segment, "mailing_group", **asked, leaving=leaving_of(first))
        assert ContactMailingGroup.objects.get().contact == contact

    def test_brings_everybody_back_by_undo(self, browser):
        group, stays = MailingGroupFactory(), ContactFactory()
        before = {
            ContactMailingGroupFactory(mailing_group=group, contact=stays),
            *(ContactMailingGroupFactory(mailing_group=group) for _number in range(2)),
        }
        segment = SegmentFactory(contacts=[stays, ContactFactory()])
        asked = {"group": group.code, "clear": "on"}
        leaving = leaving_of(press(browser, segment, "mailing_group", **asked))
        press(browser, segment, "mailing_group", **asked, leaving=leaving)
        page = browser.get(segment.get_absolute_url())
        assert f"1 contact is now in the mailing group {group}. 2 left it." in text_of(page)
        response = browser.post(re.search(r'action="(/undo/[^"]+)"', page.content.decode())[1], follow=True)
        assert f"The mailing group {group} is as it was." in text_of(response)
        members = ContactMailingGroup.objects.filter(mailing_group=group)
        assert {row.contact for row in members} == {row.contact for row in before}

    def test_cannot_be_undone_where_many_leave_and_says_so(self, browser, monkeypatch):
        member = ContactMailingGroupFactory()
        monkeypatch.setattr(steps, "MANY", 0)
        segment, group = SegmentFactory(), member.mailing_group
        asked = {"group": group.code, "clear": "on"}
        first = press(browser, segment, "mailing_group", **asked)
        assert "This cannot be undone." in text_of(first)
        press(browser, segment, "mailing_group", **asked, leaving=leaving_of(first))
        assert Job.objects.exists()

    def test_asks_again_when_others_leave_than_were_confirmed(self, browser):
        group, other = MailingGroupFactory(), MailingGroupFactory()
        for each in (group, other):
            ContactMailingGroupFactory(mailing_group=each)
        segment = SegmentFactory(contacts=[ContactFactory()])
        asked = {"group": group.code, "clear": "on"}
        seen = leaving_of(press(browser, segment, "mailing_group", **asked))
        elsewhere = press(browser, segment, "mailing_group", **{**asked, "group": other.code}, leaving=seen)
        assert elsewhere.status_code == 422
        ContactMailingGroupFactory(mailing_group=group)
        response = press(browser, segment, "mailing_group", **asked, leaving=seen)
        assert response.status_code == 422
        assert "2 contacts leave the group" in text_of(response)
        assert ContactMailingGroup.objects.count() == 3

    def test_does_nothing_when_the_segment_changed_and_keeps_what_was_typed(self, browser):
        segment, group = SegmentFactory(contacts=[ContactFactory()]), MailingGroupFactory(code="PRICES")
        Segment.objects.update(version=7)
        response = press(browser, segment, "mailing_group", group=group.code)
        assert response.status_code == 422
        assert "changed this segment meanwhile" in text_of(response)
        assert 'name="version" value="7"' in response.content.decode()
        assert "PRICES" in response.content.decode()
        assert not ContactMailingGroup.objects.exists()

    def test_asks_for_a_group(self, browser, segment):
        response = browser.post(url("mailing_group", segment))
        assert response.status_code == 422
        assert "Choose a mailing group." in text_of(response)

    def test_of_many_is_a_job(self, browser, monkeypatch, django_capture_on_commit_callbacks):
        segment, group = SegmentFactory(contacts=ContactFactory.create_batch(2)), MailingGroupFactory()
        monkeypatch.setattr(steps, "MANY", 1)
        with django_capture_on_commit_callbacks(execute=True):
            press(browser, segment, "mailing_group", group=group.code)
        assert Job.objects.get().result["text"].startswith("2 contacts are now in the mailing group")
        assert ContactMailingGroup.objects.count() == 2


class TestPasting:
    def test_adds_whom_it_finds_and_names_the_others_in_one_message(self, browser, segment):
        ContactFactory(name="Brisa", email="hola@brisa.test")
        pasted = "CT-NOBODY\r\nBrisa <Hola@Brisa.test>; no@body.test,\n\n"
        asked = {"version": segment.version, "pasted": pasted}
        response = browser.post(url("paste", segment), asked, follow=True)
        assert contacts_of(segment) == {"Brisa"}
        assert segment.steps.get().origin == "MANUAL"
        said = text_of(response)
        assert "1 contact added." in said
        assert "2 were not found: CT-NOBODY, no@body.test." in said

    def test_names_the_addresses_that_several_contacts_have(self, browser, segment):
        first, _second = (ContactFactory(email="office@brisa.test") for _number in range(2))
        alone = ContactFactory()
        asked = {"version": segment.version, "pasted": f"office@brisa.test; {alone.no}"}
        response = browser.post(url("paste", segment), asked, follow=True)
        about = "1 address belongs to several contacts, so enter their numbers: office@brisa.test."
        assert about in text_of(response)
        assert not segment.lines.filter(contact=first).exists()

    def test_keeps_what_was_pasted_when_nobody_is_found(self, browser, segment):
        response = press(browser, segment, "paste", pasted="CT-NOBODY")
        assert response.status_code == 422
        assert "1 was not found: CT-NOBODY." in text_of(response)
        assert "CT-NOBODY</textarea>" in response.content.decode()
        assert not segment.steps.exists()

    def test_makes_no_step_when_everybody_is_in_already(self, browser):
        inside = ContactFactory()
        segment = SegmentFactory(contacts=[inside])
        response = press(browser, segment, "paste", pasted=f"{inside.no}\nCT-NOBODY")
        assert response.status_code == 422
        assert "Nobody was added: whoever you chose is in already" in text_of(response)
        assert "1 was not found: CT-NOBODY." in text_of(response)
        assert segment.steps.count() == 1

    def test_adds_nobody_when_the_segment_changed_and_keeps_what_was_pasted(self, browser, segment):
        contact = ContactFactory(name="Brisa")
        Segment.objects.update(version=7)
        response = press(browser, segment, "paste", pasted=contact.no)
        assert response.status_code == 422
        assert "changed this segment meanwhile" in text_of(response)
        assert f"{contact.no}</textarea>" in response.content.decode()
        assert not segment.steps.exists()
        segment.version = int(re.search(r'name="version" value="(\d+)"', response.content.decode())[1])
        press(browser, segment, "paste", pasted=contact.no)
        assert contacts_of(segment) == {"Brisa"}

    def test_names_no_more_than_twenty(self, browser, segment):
        pasted = "\n".join(f"X{number}" for number in range(30))
        assert "X19, 10 more." in text_of(press(browser, segment, "paste", pasted=pasted))

    @pytest.mark.parametrize(
        ("pasted", "said"),
        [
            ("", "Paste at least one number or e-mail address."),
            (" ,; \n\t", "Paste at least one number or e-mail address."),
            ("\n".join(map(str, range(10_001))), "These are 10,001; paste at most 10,000 at once."),
            ("a\x00b", "not found"),
            ("\ud800".encode("utf-8", "replace").decode(), "not found"),
        ],
    )
    def test_says_what_is_wrong(self, browser, segment, pasted, said):
        response = press(browser, segment, "paste", pasted=pasted)
        assert response.status_code == 422
        assert said in text_of(response)

    def test_is_offered_in_the_panel_and_where_a_segment_is_empty(self, browser, segment):
        assert url("paste", segment) in browser.get(url("add", segment)).content.decode()
        assert url("paste", segment) in browser.get(segment.get_absolute_url()).content.decode()

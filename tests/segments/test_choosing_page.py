"""The criteria panel on its page: conditions, the live count, the step (ui 5.9)."""

import re
from contextlib import contextmanager, nullcontext

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import jobs, limits
from crm.models import Contact, Job, User
from segments import steps
from segments.actions import add_contacts
from segments.criteria import BadCondition, Condition, Recipe
from segments.models import Segment, SegmentLine
from segments.views import counting
from segments.views.tabs import TABS
from tests.factories import (
    ContactFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    SegmentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
SPAIN = {"c0-field": "country", "c0-operator": "is", "c0-value": ["ES"]}
HTMX = {"HX-Request": "true", "HX-Target": "choose"}


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


def seal_of(browser, segment, verb="add", **data):
    """What the page of a count sends back."""
    page = browser.post(url("count", segment, verb), data, headers=HTMX).content.decode()
    return re.search(r'name="counted" value="([^"]+)"', page)[1]


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


class TestPanel:
    def test_offers_fields_in_groups_and_leaves_out_what_one_may_not_ask(self, client, segment):
        from django.contrib.auth.models import Permission

        user = UserFactory()
        user.user_permissions.add(
            *Permission.objects.filter(codename__in=["view_segment", "change_segment", "view_contact"])
        )
        client.force_login(user)
        page = client.get(url("add", segment)).content.decode()
        assert '<optgroup label="Contact">' in page
        assert '<optgroup label="Lists">' in page
        assert "Date of an interaction" not in page
        assert "Last interaction" not in page

    def test_offers_every_section_to_whom_the_log_is_open(self, browser, segment):
        page = browser.get(url("add", segment)).content.decode()
        for label in ("Contact", "Lists", "Interactions"):
            assert f'<optgroup label="{label}">' in page

    @pytest.mark.parametrize(
        ("verb", "explains", "option"),
        [
            ("add", "Add the contacts that match every condition.", "Everyone in the companies found"),
            ("reduce", "Remove the contacts that match every condition.", "Entire companies"),
            ("refine", "Keep only the contacts that match every condition.", "Entire companies"),
        ],
    )
    def test_explains_each_tab_and_has_its_options(self, browser, segment, verb, explains, option):
        page = text_of(browser.get(url(verb, segment)))
        assert explains in page
        assert option in page

    def test_is_a_part_for_the_card_and_a_page_without_a_script(self, browser, segment):
        part = browser.get(url("add", segment), headers=HTMX).content.decode()
        page = browser.get(url("add", segment)).content.decode()
        assert "<html" not in part
        assert "<html" in page
        assert page.count('name="c3-field"') == 0
        assert page.count('name="c2-field"') == 1

    def test_draws_a_row_again_for_another_field(self, browser, segment):
        row = browser.get(url("condition", segment), {"row": "4", "c4-field": "city"}).content.decode()
        assert 'type="text" name="c4-value"' in row
        row = browser.get(url("condition", segment), {"row": "4", "c4-field": "country"}).content.decode()
        assert '<select name="c4-value"' in row

    def test_drops_a_value_that_another_comparison_cannot_read(self, browser, segment):
        asked = {"c0-field": "interaction_date", "c0-operator": "since", "c0-value": "180"}
        row = browser.get(url("condition", segment), {"row": "0", **asked}).content.decode()
        assert "180" not in row
        assert 'class="err' not in row

    @pytest.mark.parametrize("row", ["", "x", "-1", "99999"])
    def test_knows_no_row_that_is_no_number(self, browser, segment, row):
        assert browser.get(url("condition", segment), {"row": row}).status_code == 404

    def test_keeps_the_conditions_when_the_tab_changes(self, browser, segment):
        page = browser.get(url("reduce", segment), SPAIN, headers=HTMX).content.decode()
        assert '<option value="ES" selected>' in page


class TestMakingASteps:
    def test_adds_the_contacts_that_match(self, browser, segment):
        ContactFactory(name="Brisa", country="ES")
        ContactFactory(name="Marchand", country="FR")
        response = press(browser, segment, **SPAIN)
        assert response.url == segment.get_absolute_url()
        assert contacts_of(segment) == {"Brisa"}
        assert "1 contact added." in browser.get(segment.get_absolute_url()).content.decode()

    def test_reduces_and_refines(self, browser):
        spain, france = ContactFactory(name="Brisa", country="ES"), ContactFactory(name="Mar", country="FR")
        one, other = SegmentFactory(contacts=[spain, france]), SegmentFactory(contacts=[spain, france])
        press(browser, one, "reduce", **SPAIN)
        press(browser, other, "refine", **SPAIN)
        assert (contacts_of(one), contacts_of(other)) == ({"Mar"}, {"Brisa"})

    def test_says_at_the_row_what_is_wrong_and_keeps_what_was_typed(self, browser, segment):
        typed = {**SPAIN, "c3-field": "post_code", "c3-operator": "matches", "c3-value": "A|<", "option": "x"}
        response = press(browser, segment, **typed, follow=True)
        page = response.content.decode()
        assert response.status_code == 422
        row = page[page.index('id="cond-3"') :]
        assert 'class="err' in row[: row.index("blank-condition")]
        assert 'value="A|&lt;"' in row
        assert '<option value="ES" selected>' in page
        assert not segment.steps.exists()

    @pytest.mark.parametrize(
        "typed",
        [
            {"c0-field": "nonsense"},
            {"c0-field": "country"},
            {"c0-field": "country", "c0-operator": "matches", "c0-value": "ES"},
            {"c0-field": "country", "c0-operator": "is", "c0-value": "XX"},
            {"c0-field": "interaction_date", "c0-operator": "since", "c0-value": "32/13"},
            {"c0-field": "interaction_date", "c0-operator": "within", "c0-value": "many"},
            {"c0-field": "city", "c0-operator": "matches", "c0-value": "A|"},
            {f"c{number}-field": "city" for number in range(31)},
        ],
    )
    def test_refuses_what_means_nothing(self, browser, segment, typed):
        ContactFactory()
        response = press(browser, segment, **typed, counted=seal_of(browser, segment))
        assert response.status_code == 422
        assert not segment.steps.exists()

    @pytest.mark.parametrize(("verb", "button"), [("add", "Nobody to add"), ("reduce", "No line to remove")])
    def test_makes_no_step_that_would_change_nothing(self, browser, verb, button):
        segment = SegmentFactory(contacts=[ContactFactory(country="FR")])
        ContactFactory(country="ES", privacy_blocked=True)
        seal, before = seal_of(browser, segment, verb, **SPAIN), segment.steps.count()
        response = press(browser, segment, verb, **SPAIN, counted=seal)
        assert response.status_code == 422
        assert button in text_of(response)
        assert 'aria-disabled="true"' in response.content.decode()
        assert re.search("(Nobody was added|No line was removed): ", text_of(response))
        assert segment.steps.count() == before
        assert Segment.objects.get(pk=segment.pk).version == segment.version

    def test_refines_nothing_away_that_matches(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory(country="ES")])
        assert "No line to remove" in text_of(press(browser, segment, "refine", do="count", **SPAIN))
        assert press(browser, segment, "refine", **SPAIN).status_code == 422
        assert segment.steps.count() == 1

    def test_reads_dates_as_people_write_them(self, browser, segment):
        entry = InteractionLogEntryFactory()
        typed = {"c0-field": "interaction_date", "c0-operator": "since", "c0-value": entry.date.isoformat()}
        press(browser, segment, **typed)
        assert segment.steps.get().recipe["conditions"][0]["value"] == entry.date.isoformat()

    def test_asks_once_more_before_everybody_matches(self, browser, segment):
        ContactFactory.create_batch(2)
        first = press(browser, segment)
        assert first.status_code == 422
        assert "Without a condition everybody matches." in text_of(first)
        assert "Add 2 contacts" in text_of(first)
        press(browser, segment, counted=seal_of(browser, segment))
        assert SegmentLine.objects.filter(segment=segment).count() == 2

    @pytest.mark.parametrize("verb", ["add", "reduce"])
    def test_takes_no_number_of_other_conditions(self, browser, verb):
        segment = SegmentFactory(contacts=ContactFactory.create_batch(2, country="FR"))
        ContactFactory(country="ES")
        seal, before = seal_of(browser, segment, verb, **SPAIN), segment.steps.count()
        for typed in (
            {},
            {**SPAIN, "c0-value": ["FR"]},
            {**SPAIN, "option": ["expand_companies", "entire_companies"]},
        ):
            response = press(browser, segment, verb, **typed, counted=seal)
            assert response.status_code == 422
            assert "The number was of other conditions." in text_of(response)
        assert segment.steps.count() == before

    def test_takes_no_number_that_it_did_not_count_for_this_person_segment_and_verb(self, browser, segment):
        ContactFactory(country="ES")
        client = Client()
        client.force_login(UserFactory(role="Marketing manager"))
        seals = [
            "1",
            seal_of(browser, SegmentFactory()),
            seal_of(browser, segment, "refine"),
            seal_of(client, segment),
        ]
        for seal in seals:
            assert press(browser, segment, counted=seal).status_code == 422
        assert not segment.steps.exists()

    @pytest.mark.parametrize(("verb", "label"), [("add", "Add"), ("reduce", "Remove"), ("refine", "Keep")])
    def test_does_nothing_when_the_number_on_the_button_is_no_longer_right(self, browser, verb, label):
        inside = ContactFactory.create_batch(3, country="FR")
        outside = ContactFactory.create_batch(3, country="FR")
        segment = SegmentFactory(contacts=inside)
        Contact.objects.filter(pk__in=[inside[0].pk, outside[0].pk]).update(country="ES")
        seal, before = seal_of(browser, segment, verb, **SPAIN), contacts_of(segment)
        Contact.objects.filter(pk__in=[inside[1].pk, outside[1].pk]).update(country="ES")
        response = press(browser, segment, verb, **SPAIN, counted=seal)
        assert response.status_code == 422
        assert "the number is another one" in text_of(response)
        assert f"{label} 2 " in text_of(response)
        assert contacts_of(segment) == before
        again = re.search(r'name="counted" value="([^"]+)"', response.content.decode())[1]
        press(browser, segment, verb, **SPAIN, counted=again)
        assert contacts_of(segment) != before

    def test_writes_nothing_at_another_version_and_counts_again(self, browser, segment):
        ContactFactory(country="ES")
        Segment.objects.filter(pk=segment.pk).update(version=7)
        response = press(browser, segment, **SPAIN)
        assert response.status_code == 422
        assert "changed this segment meanwhile" in text_of(response)
        assert "1 contact matches: 1 new" in text_of(response)
        assert 'name="version" value="7"' in response.content.decode()
        assert not segment.steps.exists()

    @pytest.mark.parametrize("version", ["", "x", "9" * 30])
    def test_takes_a_version_that_makes_no_sense_for_another_one(self, browser, segment, version):
        assert press(browser, segment, **{**SPAIN, "version": version}).status_code == 422

    def test_takes_one_row_away_without_a_script(self, browser, segment):
        typed = {**SPAIN, "c1-field": "city", "c1-operator": "matches", "c1-value": "Vigo", "remove": "0"}
        page = press(browser, segment, **typed).content.decode()
        assert 'value="Vigo"' in page
        assert '<option value="ES" selected>' not in page
        assert not segment.steps.exists()

    def test_can_be_undone(self, browser, segment):
        ContactFactory(country="ES")
        press(browser, segment, **SPAIN)
        page = browser.get(segment.get_absolute_url()).content.decode()
        browser.post(re.search(r'action="(/undo/[^"]+)"', page)[1])
        assert contacts_of(segment) == set()

    def test_is_not_for_readers(self, client, segment):
        client.force_login(UserFactory(role="Reader"))
        assert press(client, segment, **SPAIN).status_code == 403
        assert client.get(url("add", segment)).status_code == 403


class TestCount:
    def count(self, browser, segment, verb="add", **data):
        return browser.post(url("count", segment, verb), data, headers=HTMX)

    def test_says_how_many_are_new_in_already_and_left_out_and_why(self, browser):
        inside = ContactFactory(country="ES")
        segment = SegmentFactory(contacts=[inside])
        ContactFactory(country="ES")
        ContactFactory(country="ES", exclude_from_segment=True)
        ContactFactory(country="ES", privacy_blocked=True)
        said = text_of(self.count(browser, segment, **SPAIN))
        assert (
            "4 contacts match: 1 new, 1 already in, 2 left out"
            " (1 excluded from segments, 1 blocked for privacy)." in said
        )
        assert "Add 1 contact" in said

    def test_puts_the_number_on_the_button_of_each_verb(self, browser):
        segment = SegmentFactory(contacts=[ContactFactory(country="ES"), ContactFactory(country="FR")])
        said = text_of(self.count(browser, segment, "reduce", **SPAIN))
        assert "1 of 2 lines matches, 1 stay." in said
        assert "Remove 1 line" in said
        assert "Keep 1 line" in text_of(self.count(browser, segment, "refine", **SPAIN))

    def test_waits_for_a_condition_that_is_not_finished(self, browser, segment):
        response = self.count(browser, segment, **{"c0-field": "country", "c0-operator": "is"})
        assert response.status_code == 200
        assert "Choose a value for “Country/region”." in text_of(response)
        assert 'name="counted"' not in response.content.decode()

    def test_marks_every_condition_that_it_cannot_read_and_no_other(self, browser, segment):
        """Each stays as it was typed: the answer brings the sentences alone."""
        typed = {
            **SPAIN,
            "c1-field": "city",
            "c1-operator": "matches",
            "c1-value": "A|",
            "c2-field": "interaction_date",
            "c2-operator": "since",
            "c2-value": "32/13",
            "c4-field": "mailing_group",
        }
        response = self.count(browser, segment, **typed)
        sentences = dict(
            re.findall(
                r'<div class="cond-e" id="id_c(\d)-value_error" hx-swap-oob="true">(.*?)</div>\s*(?=<div|$)',
                response.content.decode(),
                re.DOTALL,
            )
        )
        assert {number: bool(sentence.strip()) for number, sentence in sentences.items()} == {
            "0": False,
            "1": True,
            "2": True,
            "4": False,
        }
        assert "has an empty part" in sentences["1"]
        assert "Put the marked condition right to see how many contacts match." in text_of(response)
        assert "<input" not in response.content.decode().replace('<input type="hidden"', "")

    def test_says_more_than_when_it_takes_too_long(self, browser, segment, monkeypatch):
        monkeypatch.setattr(counting, "SECONDS", -1)
        monkeypatch.setattr(counting, "MORE_THAN", 0)
        monkeypatch.setattr(limits, "STEPS", 1)
        ContactFactory(country="ES")
        if connection.vendor == "postgresql":
            monkeypatch.setattr(counting, "counted_whole", sleep)
            monkeypatch.setattr(counting, "SECONDS", 0.05)
        response = self.count(browser, segment, **SPAIN)
        assert "More than 0 match. Narrow it, or go on." in text_of(response)
        assert re.search(r'name="counted" value="[^"]+"', response.content.decode())

    def test_knows_three_verbs(self, browser, segment):
        assert self.count(browser, segment, "log").status_code == 404

    def test_lists_those_that_match_and_what_becomes_of_each(self, browser):
        inside = ContactFactory(name="Alba", country="ES")
        segment = SegmentFactory(contacts=[inside])
        ContactFactory(name="Brisa", country="ES")
        ContactFactory(name="Calma", country="ES", privacy_blocked=True)
        ContactFactory(name="Marchand", country="FR")
        found = self.count(browser, segment, **SPAIN).content.decode()
        page = text_of(browser.get(re.search(r'href="([^"]+matches[^"]+)"', found)[1]))
        assert "Alba" in page
        assert "In already" in page
        assert "New" in page
        assert "Left out: blocked for privacy" in page
        assert "Marchand" not in page

    def test_leads_back_from_criteria_of_somebody_else(self, browser, segment):
        response = browser.get(url("matches", segment, "add"), {"criteria": "forged"})
        assert response.url == url("add", segment)


def sleep(*args):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


class TestManyLines:
    def test_become_a_job(self, browser, segment, monkeypatch, by, django_capture_on_commit_callbacks):
        monkeypatch.setattr(steps, "MANY", 1)
        ContactFactory.create_batch(2, country="ES")
        with django_capture_on_commit_callbacks(execute=True):
            response = press(browser, segment, **SPAIN)
        job = Job.objects.get()
        assert response.url == job.get_absolute_url()
        assert (job.state, job.result["text"]) == ("DONE", "2 contacts added.")
        assert SegmentLine.objects.filter(segment=segment).count() == 2

    def test_are_told_by_the_page_that_counted_them(self, browser, segment, monkeypatch):
        ContactFactory(country="ES")
        seal = seal_of(browser, segment, **SPAIN)
        monkeypatch.setattr(steps, "MANY", 0)
        press(browser, segment, **SPAIN, counted=seal)
        assert Job.objects.exists()

    def test_of_another_number_than_the_one_seen_are_not_added(
        self, browser, segment, monkeypatch, django_capture_on_commit_callbacks
    ):
        ContactFactory(country="ES")
        seal = seal_of(browser, segment, **SPAIN)
        monkeypatch.setattr(steps, "MANY", 0)
        with django_capture_on_commit_callbacks(execute=True):
            press(browser, segment, **SPAIN, counted=seal)
            ContactFactory(country="ES")
        job = Job.objects.get()
        assert (job.state, contacts_of(segment)) == ("FAILED", set())
        assert "the number is another one" in job.error

    def test_are_not_taken_for_those_that_the_same_person_added_meanwhile(
        self, browser, segment, by, monkeypatch, django_capture_on_commit_callbacks
    ):
        ContactFactory(country="ES", name="Brisa")
        monkeypatch.setattr(steps, "MANY", 0)
        with django_capture_on_commit_callbacks(execute=True):
            press(browser, segment, **SPAIN)
            add_contacts(segment, Recipe((Condition("country", "is", ["PT"]),)), by=by)
        job = Job.objects.get()
        assert (job.state, contacts_of(segment)) == ("FAILED", set())
        assert "changed this segment meanwhile" in job.error

    def test_come_from_a_logged_segment_though_the_same_person_added_others_meanwhile(
        self, segment, by, django_capture_on_commit_callbacks
    ):
        entry = InteractionLogEntryFactory(logged_segment=LoggedSegmentFactory())
        what = {"logged": entry.logged_segment.pk, "confirmed": True}
        with django_capture_on_commit_callbacks(execute=True):
            steps.start("use_logged", segment, by=by, **what)
            add_contacts(segment, Recipe((Condition("country", "is", ["PT"]),)), by=by)
        assert Job.objects.get().state == "DONE"
        assert contacts_of(segment) == {entry.contact.name}

    def test_are_not_added_twice_when_a_worker_dies_after_the_commit(self, segment, by):
        ContactFactory(country="ES")
        recipe = Recipe((Condition("country", "is", ["ES"]),))
        pk = steps.start("add", segment, by=by, version=segment.version, recipe=recipe.as_json()).pk
        job = jobs.claim(pk)
        steps.choose_contacts(job, jobs.Progress(job), **jobs.params_of(job))
        Job.objects.update(heartbeat=timezone.now() - 2 * jobs.SILENCE)
        jobs.run(str(pk))
        job.refresh_from_db()
        assert (job.state, job.result["text"]) == ("DONE", "1 contact added.")
        assert segment.steps.count() == 1

    def test_are_left_alone_when_one_may_no_longer_change_them(
        self, browser, segment, by, monkeypatch, django_capture_on_commit_callbacks
    ):
        ContactFactory(country="ES")
        monkeypatch.setattr(steps, "MANY", 0)
        with django_capture_on_commit_callbacks(execute=True):
            press(browser, segment, **SPAIN)
            by.groups.clear()
        assert Job.objects.get().state == "FAILED"
        assert contacts_of(segment) == set()

    def test_are_taken_back_by_a_job_too(self, browser, monkeypatch, django_capture_on_commit_callbacks):
        segment = SegmentFactory(contacts=ContactFactory.create_batch(2))
        monkeypatch.setattr(steps, "MANY", 1)
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(url("go_back", segment), {"step": segment.steps.get().pk})
        assert Job.objects.get().state == "DONE"
        assert contacts_of(segment) == set()


class TestCountAndSubmit:
    def test_of_a_submit_can_not_be_stopped_by_a_live_count(self, browser, segment, monkeypatch):
        """Only the live count has a key that a newer one takes."""
        ContactFactory(country="ES")
        keys = []
        monkeypatch.setattr(counting, "limited", lambda seconds, **more: keys.append(more) or nullcontext())
        press(browser, segment, **SPAIN)
        press(browser, segment, do="count", **SPAIN)
        press(browser, segment)
        assert [more.get("key", "") for more in keys] == ["", "", ""]
        browser.post(url("count", segment, "add"), SPAIN, headers=HTMX)
        assert keys[-1]["key"].startswith("count-")

    def test_in_another_window_says_that_a_newer_one_took_its_place(self, browser, segment, monkeypatch):
        @contextmanager
        def newer(seconds, *, key=""):
            raise limits.AskedAnew
            yield

        monkeypatch.setattr(counting, "limited", newer)
        response = browser.post(url("count", segment, "add"), SPAIN, headers=HTMX)
        assert response.status_code == 200
        assert "A newer count has taken the place of this one." in text_of(response)
        assert 'name="counted"' not in response.content.decode()

    def test_without_a_script_says_more_than_when_counting_takes_too_long(
        self, browser, segment, monkeypatch
    ):
        @contextmanager
        def slow(seconds, *, key=""):
            raise limits.TakesTooLong
            yield

        monkeypatch.setattr(counting, "limited", slow)
        response = press(browser, segment, do="count", **SPAIN)
        assert response.status_code == 200
        assert "Counting takes too long." in text_of(response)

    @pytest.mark.parametrize("verb", ["add", "reduce", "refine"])
    def test_agree_on_every_figure(self, browser, by, verb):
        spain = [ContactFactory(country="ES") for _number in range(3)]
        ContactFactory(country="ES", privacy_blocked=True)
        ContactFactory(country="ES", exclude_from_segment=True)
        segment = SegmentFactory(contacts=[spain[0], ContactFactory(country="FR")])
        recipe = Recipe((Condition("country", "is", ["ES"]),))
        counted = counting.counted_for(User.objects.get(pk=by.pk), segment, TABS[verb], recipe)
        if verb == "add":
            assert counted.match == counted.new + counted.already_in + counted.left_out == 5
        press(browser, segment, verb, **SPAIN)
        assert segment.steps.order_by("-number").first().changed == counted.touches

    def test_keeps_the_form_when_a_value_disappears_meanwhile(self, browser, segment, monkeypatch):
        """Between the check of the form and the step."""

        def gone(verb, segment, **what):
            raise BadCondition("It is gone.")

        monkeypatch.setattr(steps, "make", gone)
        response = press(browser, segment, **SPAIN)
        assert response.status_code == 422
        assert "It is gone." in text_of(response)
        assert '<option value="ES" selected>' in response.content.decode()

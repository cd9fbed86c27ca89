import io

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from crm import jobs
from crm.models import Job, JobState
from tests.crm import kinds  # noqa: F401 registers them
from tests.factories import JobFactory, UserFactory

HTMX = {"HX-Request": "true", "HX-Target": "job"}


@pytest.fixture
def marta(db):
    return UserFactory(username="marta")


@pytest.fixture
def page(client, marta):
    """Marta's answer to GET of a job's page; `part=True` is what the page itself asks every two seconds."""
    client.force_login(marta)

    def get(job, *, part=False):
        return client.get(job.get_absolute_url(), headers=HTMX if part else {})

    return get


def running(marta, **values):
    return JobFactory(
        **{"by": marta, "title": "Export of the ledger", "state": "RUNNING", "heartbeat": timezone.now()}
        | values
    )


def finished(marta, **values):
    values = {"state": "DONE", "finished_at": timezone.now(), "done": 5000, "total": 5000} | values
    return running(marta, **values)


def with_file(job, name="entries.csv", content=b"date;contact\n"):
    job.result = {"attempts": 1}
    jobs.keep_file(job, name, io.BytesIO(content))
    job.result = {}
    job.save()
    return job


class TestJobPage:
    def test_says_how_far_the_job_is_and_asks_again_every_two_seconds(self, page, marta):
        html = page(running(marta, done=1250, total=5000)).content.decode()
        assert "<h1>Export of the ledger</h1>" in html
        assert "1,250 of 5,000" in html
        assert '<progress class="pb" value="1250" max="5000"' in html
        assert 'hx-trigger="every 2s"' in html

    def test_answers_the_page_itself_with_the_part_alone(self, page, marta):
        response = page(running(marta, done=1250, total=5000), part=True)
        assert response.status_code == 200
        assert "1,250 of 5,000" in response.content.decode()
        assert "<h1>" not in response.content.decode()

    def test_stops_asking_and_says_so_when_the_job_is_done(self, page, marta):
        job = finished(marta, result={"text": "5,000 entries exported."})
        response = page(job, part=True)
        assert response.status_code == 286
        assert "5,000 entries exported." in response.content.decode()
        assert "5,000 entries exported." in response.headers["HX-Trigger"]

    def test_asks_nothing_more_when_it_is_opened_after_the_end(self, page, marta):
        response = page(finished(marta))
        assert response.status_code == 200
        assert "every 2s" not in response.content.decode()

    def test_shows_why_the_job_failed(self, page, marta):
        job = finished(marta, state="FAILED", error="Contact CT000142 was deleted meanwhile.")
        assert "Contact CT000142 was deleted meanwhile." in page(job).content.decode()
        response = page(job, part=True)
        assert response.status_code == 286
        assert '"level": "error"' in response.headers["HX-Trigger"]

    def test_shows_a_bar_without_numbers_while_there_is_no_total(self, page, marta):
        html = page(running(marta)).content.decode()
        assert '<progress class="pb" aria-label="Running"></progress>' in html

    def test_leads_on_to_what_came_out(self, page, marta):
        job = finished(marta, result={"link": ["/interactions/", "Interaction log entries"]})
        assert '<a href="/interactions/">Interaction log entries</a>' in page(job).content.decode()

    def test_is_nobody_elses(self, page, marta):
        assert page(running(UserFactory())).status_code == 404

    def test_takes_no_other_method(self, client, marta):
        client.force_login(marta)
        assert client.post(running(marta).get_absolute_url()).status_code == 405


class TestNobodyAtWork:
    def test_is_said_when_a_job_waits_and_no_worker_has_touched_any(self, page, marta):
        job = JobFactory(by=marta)
        Job.objects.update(created_at=timezone.now() - 2 * jobs.SILENCE)
        assert "No worker is running" in page(job).content.decode()

    def test_is_not_said_at_once(self, page, marta):
        assert "No worker is running" not in page(JobFactory(by=marta)).content.decode()

    def test_is_not_said_while_the_worker_is_busy_with_another_job(self, page, marta):
        job = JobFactory(by=marta)
        Job.objects.update(created_at=timezone.now() - 2 * jobs.SILENCE)
        running(UserFactory())
        assert "No worker is running" not in page(job).content.decode()

    def test_is_not_said_after_an_idle_worker_has_looked(self, page, marta):
        job = JobFactory(by=marta, kind="test_count", params={"upto": 1})
        Job.objects.update(created_at=timezone.now() - 2 * jobs.SILENCE, heartbeat=timezone.now())
        assert "No worker is running" not in page(job).content.decode()

    def test_is_said_when_the_worker_died_in_the_middle(self, page, marta):
        job = running(marta, heartbeat=timezone.now() - 2 * jobs.SILENCE)
        Job.objects.update(created_at=timezone.now() - 3 * jobs.SILENCE)
        assert "No worker is running" in page(job).content.decode()
        running(UserFactory())
        assert "begins again by itself" in page(job).content.decode()


class TestJobFile:
    def test_is_downloaded_under_its_own_name(self, client, marta):
        client.force_login(marta)
        job = with_file(finished(marta))
        response = client.get(reverse("crm:job_file", args=[job.pk]))
        assert b"".join(response.streaming_content) == b"date;contact\n"
        assert response.headers["Content-Disposition"] == 'attachment; filename="entries.csv"'

    def test_is_offered_on_the_page_with_the_day_it_goes(self, page, marta):
        job = with_file(finished(marta))
        html = page(job).content.decode()
        assert reverse("crm:job_file", args=[job.pk]) in html
        assert "It is kept until" in html

    def test_is_nobody_elses(self, client, marta):
        client.force_login(marta)
        job = with_file(finished(UserFactory()))
        assert client.get(reverse("crm:job_file", args=[job.pk])).status_code == 404

    def test_that_never_was_or_is_gone_is_not_found(self, client, marta):
        client.force_login(marta)
        assert client.get(reverse("crm:job_file", args=[finished(marta).pk])).status_code == 404
        job = with_file(finished(marta))
        jobs.remove_files(job)
        assert client.get(reverse("crm:job_file", args=[job.pk])).status_code == 404


class TestJobPageInABrowser:
    @pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
    def test_follows_the_job_to_its_end(self, new_page, assert_accessible, theme, width):
        marta = UserFactory()
        job = running(marta, done=10, total=40)
        page = new_page(marta, theme=theme, width=width)
        page.goto(job.get_absolute_url())
        page.get_by_text("10 of 40").wait_for()
        assert_accessible(page)
        Job.objects.filter(pk=job.pk).update(
            state=JobState.DONE, done=40, finished_at=timezone.now(), result={"text": "40 entries exported."}
        )
        page.locator("main").get_by_text("40 entries exported.").wait_for()
        expect(page.get_by_role("progressbar")).to_have_count(0)
        assert_accessible(page)


class TestJobList:
    LIST = "/jobs/"

    @pytest.fixture
    def web(self, client, marta):
        client.force_login(marta)
        return client

    def test_shows_mine_alone_the_newest_first(self, web, marta):
        first = with_file(finished(marta, title="Export of March"))
        second = running(marta, title="Export of April", done=1250, total=5000)
        running(UserFactory(), title="Export of somebody else")

        response = web.get(self.LIST)
        html = response.content.decode()

        assert response.context["page"].rows == [second, first]
        assert "1,250 of 5,000" in html
        assert reverse("crm:job_file", args=[first.pk]) in html
        assert "somebody else" not in html

    def test_says_why_one_failed(self, web, marta):
        finished(marta, state="FAILED", error="Narrow the dates.")

        assert "Narrow the dates." in web.get(self.LIST).content.decode()

    def test_of_nothing_says_what_would_be_here(self, web):
        assert "No jobs" in web.get(self.LIST).content.decode()

    def test_leads_on_by_key(self, web, marta):
        for number in range(51):
            running(marta, title=f"J{number}")

        first = web.get(self.LIST).context["page"]
        second = web.get(self.LIST + first.next_url).context["page"]

        assert len(first.rows) == 50
        assert [job.title for job in second.rows] == ["J0"]
        assert web.get(self.LIST + second.previous_url).context["page"].rows == first.rows

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_the_same_statements_for_any_number_of_rows(
        self, web, marta, number, django_assert_num_queries
    ):
        for _each in range(number):
            finished(marta)

        with django_assert_num_queries(5):  # session, user, permissions; jobs and their number
            web.get(self.LIST, headers={"HX-Request": "true", "HX-Target": "rows"})

    def test_stands_in_the_menu_of_the_person_and_above_each_job(self, page, marta):
        html = page(running(marta)).content.decode()

        assert html.count('href="/jobs/"') == 4  # menu, way back on a phone, way here, below the progress

import subprocess
import sys
import time

import pytest
from django.urls import reverse

from benchmarks import meters, pages, report
from benchmarks.databases import find, fingerprint
from benchmarks.run import Line
from crm import keyset
from interactions.models import InteractionLogEntry
from tests.factories import InteractionLogEntryFactory, UserFactory


class TestStatements:
    @pytest.mark.django_db
    def test_are_seen_with_their_parameters(self):
        UserFactory(username="marta")
        with meters.statements() as seen:
            InteractionLogEntry.objects.filter(pk=4).exists()
        [(sql, params)] = seen
        assert "interactions_interactionlogentry" in sql
        assert 4 in params

    def test_are_reads_or_writes(self):
        assert meters.is_read(("SELECT 1", ()))
        assert meters.is_read(("(SELECT 1) UNION (SELECT 2)", ()))
        assert not meters.is_read(("INSERT INTO a SELECT 1", ()))


class TestBackend:
    @pytest.mark.django_db
    def test_counts_the_work_of_the_database(self):
        backend = meters.Backend()
        heavy = [
            (
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT sum(i) FROM n",
                (),
            )
        ]
        assert meters.database_sample(backend, heavy, 3) > 5 * meters.database_sample(
            backend, [("SELECT 1", ())], 3
        )


class TestRounds:
    def test_compare_within_a_round(self):
        rounds = meters.Rounds()
        for weather in (1, 10, 100):
            rounds.add("page", cpu=3 * weather)
            rounds.add("floor", cpu=2 * weather)
        assert rounds.ratio("page", "floor", "cpu") == 1.5
        assert rounds.median("page", "cpu") == 30
        assert rounds.best("page", "cpu") == 3


class TestPeakMemory:
    def test_grows_with_what_is_held(self):
        code = (
            "from benchmarks.meters import peak_memory as peak;"
            "before = peak(); held = b'x' * 2**26; print(peak() - before)"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert 60 < float(run.stdout) < 80


@pytest.mark.django_db
class TestCursorOfPage:
    def test_leads_to_the_rows_of_that_page(self):
        InteractionLogEntryFactory.create_batch(7)
        entries = InteractionLogEntry.objects
        third = keyset.paginate(entries.all(), after=pages.cursor_of_page(3, size=2), size=2)
        assert [row.pk for row in third] == list(entries.newest_first().values_list("pk", flat=True)[4:6])


class TestEmptyPage:
    @pytest.mark.django_db
    @pytest.mark.urls("benchmarks.urls")
    def test_has_the_shell_of_every_page(self, client):
        client.force_login(UserFactory(role="Salesperson"))
        html = client.get(reverse("bench_empty")).content.decode()
        assert "<h1>Empty</h1>" in html
        assert reverse("interactions:entries") in html


class TestReport:
    LINE = Line(
        "database time, page 1,000", "2 ms", "page 1: 1 ms", 2.5, 2, plan=("Seq Scan",), statement="SELECT 1"
    )

    def found(self, *lines):
        return {
            "title": "SQLite 3, 10 entries",
            "lines": [vars(line) | {"missed": line.missed} for line in lines],
        }

    def test_names_what_missed_its_target(self):
        text = report.as_text(self.found(self.LINE))
        assert "2.50" in text
        assert "≤ 2" in text
        assert "MISS" in text

    def test_says_ok_at_the_target_and_nothing_without_one(self):
        rows = report.as_text(
            self.found(Line("a", "1", ratio=2, target=2), Line("b", "1", ratio=7))
        ).splitlines()
        assert rows[-2].endswith("ok")
        assert rows[-1].rstrip().endswith("7")

    def test_shows_the_plan_of_a_miss_in_the_document(self):
        text = report.document([self.found(self.LINE)], command="make bench")
        assert "Written by `make bench`" in text
        assert "1 of the targets are missed." in text
        assert "Seq Scan" in text


class TestDatabase:
    def test_is_found_by_its_size_so_that_each_is_built_once(self, tmp_path, monkeypatch):
        monkeypatch.setenv("BENCH_DATABASE_URL", "postgresql://server/bench")
        size = {"contacts": 250, "entries": 2000, "folder": tmp_path}
        assert find("postgresql", **size).place()[0] == "postgresql://server/bench_2000_250"
        url, folder = find("sqlite", **size).place()
        assert url == f"sqlite:///{folder}/bitacora.sqlite3"
        assert not find("sqlite", **size).exists()

    def test_is_built_anew_when_tables_or_demo_data_have_changed(self, tmp_path):
        database = find("sqlite", contacts=1, entries=1, folder=tmp_path)
        database.place()[1].mkdir()
        assert not database.is_of_now()
        database.stamp().write_text(fingerprint())
        assert database.is_of_now()
        database.stamp().write_text("of last week")
        assert not database.is_of_now()

    def test_gives_its_processes_nothing_of_the_surroundings(self, tmp_path, monkeypatch):
        monkeypatch.setenv("DEBUG", "1")
        database = find("sqlite", contacts=1, entries=1, folder=tmp_path)
        assert "DEBUG" not in database.environment("sqlite:///x", tmp_path)


def test_a_sample_lasts_long_enough_for_the_clock():
    assert pages.times_for(0.01) == 30
    assert pages.times_for(10) == 3
    assert time.get_clock_info("process_time").resolution < 0.001

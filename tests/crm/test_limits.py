"""Queries that are given up: after a while, and when somebody asks anew."""

import threading
import time
from contextlib import nullcontext, suppress

import psycopg
import pytest
from django.db import connection, connections, transaction

from crm.limits import AskedAnew, TakesTooLong, limited

ENDLESS = {
    "postgresql": "SELECT pg_sleep(5)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0",
}


def ask(sql="SELECT 1"):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def elsewhere(work, after=0.0):
    """*work* in a thread with a connection of its own, which ends with it."""

    def run():
        time.sleep(after)
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def quick_count(key):
    with limited(5, key=key):
        ask()


def ask_often(inside=None):
    """For some three seconds, each question far shorter than that. inside: a block that comes first."""
    with inside or nullcontext():
        ask()
    for _number in range(30):
        ask(SLOW[connection.vendor])


@pytest.mark.django_db(transaction=True)
class TestLimited:
    def test_gives_up_after_its_seconds_and_leaves_the_connection_usable(self):
        with pytest.raises(TakesTooLong, match="Counting takes too long"), limited(0.05):
            ask(ENDLESS[connection.vendor])
        assert ask() == (1,)

    def test_says_what_it_is_told_to_say(self):
        with (
            pytest.raises(TakesTooLong, match="Narrow the dates"),
            limited(0.05, sentence="Narrow the dates."),
        ):
            ask(ENDLESS[connection.vendor])

    def test_gives_way_to_a_newer_one_with_the_same_key(self):
        newer = elsewhere(lambda: quick_count("count-1-1"), after=0.3)
        with pytest.raises(AskedAnew), limited(5, key="count-1-1"):
            ask(ENDLESS[connection.vendor])
        newer.join()
        assert ask() == (1,)

    @pytest.mark.parametrize("key", ["", "count-2-2"])
    def test_is_not_stopped_by_one_with_another_key_or_without_a_key(self, key):
        newer = elsewhere(lambda: quick_count(key), after=0.1)
        with pytest.raises(TakesTooLong), limited(0.5, key="count-1-1" if key else ""):
            ask(ENDLESS[connection.vendor])
        newer.join()

    def test_limits_nothing_that_comes_after(self):
        with limited(0.2):
            ask()
        slow = {"postgresql": "SELECT pg_sleep(0.4)", "sqlite": COUNTS_FAR}
        ask(slow[connection.vendor])

    def test_gives_all_queries_of_a_block_its_seconds_together(self):
        with pytest.raises(TakesTooLong), limited(0.5):
            ask_often()

    def test_gives_a_block_inside_a_block_what_is_left(self):
        inner = limited(60, sentence="The inner one.")
        with pytest.raises(TakesTooLong, match="The inner one"), limited(0.2), inner:
            ask(ENDLESS[connection.vendor])

    def test_goes_on_limiting_after_a_block_inside_it(self):
        with pytest.raises(TakesTooLong, match="The outer one"), limited(0.5, sentence="The outer one."):
            ask_often(inside=limited(0.05))
        with limited(5):
            assert ask() == (1,)

    def test_gives_way_after_a_block_inside_it_too(self):
        newer = elsewhere(lambda: quick_count("count-5-5"), after=0.3)
        with pytest.raises(AskedAnew), limited(5, key="count-5-5"):
            ask_often(inside=limited(1))
        newer.join()

    def test_leaves_a_transaction_around_it_usable(self):
        with transaction.atomic():
            with suppress(TakesTooLong), limited(0.05):
                ask(ENDLESS[connection.vendor])
            assert ask() == (1,)

    @pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has no server that cancels for others"
    )
    def test_stops_nobody_in_another_database_of_the_server(self):
        settings = connection.get_connection_params()
        names = {"dbname": "postgres", "application_name": "count-4-4"}
        names |= {name: settings[name] for name in ("host", "port", "user", "password") if name in settings}
        answers = []

        def ask_there():
            with psycopg.connect(**names) as there:
                answers.append(there.execute("SELECT 1 FROM pg_sleep(0.6)").fetchone())

        thread = threading.Thread(target=ask_there)
        thread.start()
        time.sleep(0.3)
        quick_count("count-4-4")
        thread.join()
        assert answers == [(1,)]

    @pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite has no server that cancels for others"
    )
    def test_stops_nothing_that_comes_after_a_count_which_was_just_done(self):
        """Two windows count as fast as they can; what they do between counts never fails."""
        failed = []

        def hammer():
            for _round in range(60):
                with suppress(AskedAnew):
                    quick_count("count-3-3")
                try:
                    ask("SELECT pg_sleep(0.002)")
                except Exception as error:  # noqa: BLE001  whatever it is, it must not be
                    failed.append(error)

        threads = [elsewhere(hammer) for _number in range(3)]
        for thread in threads:
            thread.join()
        assert failed == []
        assert ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == (0,)


# About a tenth of a second.
SLOW = {
    "postgresql": "SELECT pg_sleep(0.1)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000) SELECT count(*) FROM n",
}
COUNTS_FAR = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"
)

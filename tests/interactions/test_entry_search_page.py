"""Searching words on the ledger list; how long a list may take."""

import datetime as dt
import threading

import pytest
from django.db import OperationalError, connection, connections

from crm.errors import Refusal
from crm.limits import TakesTooLong
from interactions.views import listing
from interactions.views.listing import limited_time
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    EntryCommentFactory,
    InteractionLogEntryFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/interactions/"
only_postgresql = pytest.mark.skipif(
    "not __import__('django.db').db.connection.vendor == 'postgresql'",
    reason="SQLite has no statement timeout",
)


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


def found(browser, words, **query):
    page = browser.get(LIST, {"q": words, **query}).context["page"]
    return [row["description"] for row in page.rows]


class TestSearchField:
    @pytest.fixture
    def ledger(self):
        for age, (description, contact) in enumerate(
            [
                ("Confirmed today’s showroom visit", "Hélène Marchand"),
                ("Уточнение сроков поставки", "Анна Соколова"),
                ("Lux calculation, first floor", "Priya Nair"),
            ]
        ):
            entry = InteractionLogEntryFactory(
                description=description,
                contact=ContactFactory(name=contact),
                date=dt.date(2026, 11, 20) - dt.timedelta(days=age),
                document_no=f"SQ-104{age}",
                attachment=AttachmentFactory(name=f"survey{age}.docx"),
            )
        EntryCommentFactory(entry=entry, text="Voicemail left")

    @pytest.mark.parametrize(
        ("words", "number"),
        [
            ("show", 0),
            ("helene", 0),
            ("MARCHAND visit", 0),
            ("сроков", 1),
            ("соколова уточ", 1),
            ("voicemail", 2),
            ("SQ-1042", 2),
            ("survey2", 2),
        ],
    )
    def test_finds_beginnings_of_words_in_text_names_numbers_files_and_comments(
        self, browser, ledger, words, number
    ):
        first_words = ["Confirmed", "Уточнение", "Lux"]

        assert [description.split()[0] for description in found(browser, words)] == [first_words[number]]

    def test_finds_newest_first(self, browser, ledger):
        assert [description.split()[0] for description in found(browser, "sq 104")] == [
            "Confirmed",
            "Уточнение",
            "Lux",
        ]

    def test_combines_with_filters(self, browser, ledger):
        assert found(browser, "sq", date_after="2026-11-20") == ["Confirmed today’s showroom visit"]

    def test_keeps_the_words_in_the_field_and_the_address(self, browser, ledger):
        for age in range(51):
            InteractionLogEntryFactory(
                description="Lux again", date=dt.date(2026, 1, 1) + dt.timedelta(days=age)
            )

        response = browser.get(LIST, {"q": "lux"})

        assert 'value="lux"' in response.content.decode()
        assert response.context["listing"].shown == "50 of 52 entries"
        assert "q=lux" in response.context["page"].next_url
        rest = browser.get(LIST + response.context["page"].next_url).context["page"].rows
        assert [row["description"] for row in rest] == ["Lux again", "Lux again"]

    @pytest.mark.parametrize(
        "odd", ["'", '"', "a & b | !c", "*", ":*", "%_", "\\", "NEAR(x)", "  ", "漢字", "a\x00b"]
    )
    def test_never_fails_on_odd_input(self, browser, ledger, odd):
        assert browser.get(LIST, {"q": odd}).status_code == 200

    def test_finds_only_what_one_may_see(self, client):
        user = UserFactory(role="Salesperson")
        InteractionLogEntryFactory(description="Lux calculation", team=TeamFactory())
        client.force_login(user)

        assert client.get(LIST, {"q": "lux"}).context["page"].rows == []


class TestLimitedTime:
    def test_lets_a_quick_list_through(self):
        with limited_time(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)

    @only_postgresql
    def test_gives_up_in_words(self, monkeypatch):
        monkeypatch.setattr(listing, "SECONDS", 0.05)

        with pytest.raises(TakesTooLong) as refusal, limited_time(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

        assert refusal.value.for_user == "This search takes too long. Narrow the dates."
        assert isinstance(refusal.value, Refusal)

    def test_hides_no_other_trouble_of_the_database(self):
        with pytest.raises(OperationalError), limited_time():
            raise OperationalError("disk full")

    @only_postgresql
    def test_tells_the_reader_to_narrow_the_dates(self, browser, monkeypatch):
        monkeypatch.setattr(listing, "SECONDS", 0.2)
        locked, seen = threading.Event(), threading.Event()

        def keep_locked():
            with connections["default"].cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE interactions_interactionlogentry IN ACCESS EXCLUSIVE MODE")
                locked.set()
                seen.wait(30)
                cursor.execute("ROLLBACK")
            connections["default"].close()

        thread = threading.Thread(target=keep_locked)
        thread.start()
        try:
            assert locked.wait(30)
            response = browser.get(LIST, {"date_before": "2026-01-01"})
        finally:
            seen.set()
            thread.join()

        assert response.status_code == 200
        assert "This search takes too long. Narrow the dates." in response.content.decode()
        assert 'value="2026-01-01"' in response.content.decode()

"""What operators are told about this process."""

import pytest

from crm import health

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kit")]


class TestHealth:
    def test_livez_asks_nothing(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            page = client.get("/livez")

        assert (page.status_code, page.content) == (200, b"ok\n")

    def test_readyz_asks_the_database(self, client, monkeypatch):
        monkeypatch.setattr(health, "_checks", {"database": health.database_answers})
        page = client.get("/readyz")

        assert (page.status_code, page.json()) == (200, {"ready": True, "problems": []})

    def test_readyz_names_what_is_missing_and_keeps_the_rest_for_the_log(self, client, monkeypatch, caplog):
        monkeypatch.setattr(health, "_checks", {})
        health.register("fences", lambda: "The ledger has no fence.")
        health.register("files", lambda: 1 / 0)
        health.register("database", health.database_answers)
        page = client.get("/readyz")

        assert page.status_code == 503
        assert page.json() == {"ready": False, "problems": ["fences", "files"]}
        logged = [record.getMessage() for record in caplog.records if record.name == "crm.health"]
        assert logged == [
            "Not ready, fences: The ledger has no fence.",
            "Not ready, files: ZeroDivisionError: division by zero",
        ]

"""Taking back: once, within ten minutes, by the person who did it."""

from threading import Barrier, Thread

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from crm import undo
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kit")]


def offer(web, text="Lux calculation"):
    """The address that takes a note back; made as pages do it, by a form that was sent."""
    form = {"contact": "x", "description": text, "kind": "call"}
    page = web.post("/kit/sheet/", form, follow=True)
    return page.content.decode().partition('<form method="post" action="/undo/')[2].partition('/"')[0]


def take_back(web, token):
    return web.post(reverse("undo", args=[token]), {"next": "/kit/rows/"}, follow=True)


class TestAnOffer:
    def test_stands_on_the_next_page(self, web):
        assert offer(web)

    def test_is_taken_back_and_says_what_happened(self, web):
        page = take_back(web, offer(web))

        assert page.redirect_chain == [("/kit/rows/", 302)]
        assert "Taken back: Lux calculation" in page.content.decode()

    def test_works_once(self, web):
        token = offer(web)
        take_back(web, token)

        page = take_back(web, token).content.decode()
        assert "This can no longer be undone" in page
        assert "Taken back" not in page

    def test_lasts_ten_minutes(self, web):
        with time_machine.travel("2026-11-20 10:00", tick=False) as clock:
            first, second = offer(web, "first"), offer(web, "second")
            clock.move_to("2026-11-20 10:09:59")
            assert "Taken back: first" in take_back(web, first).content.decode()
            clock.move_to("2026-11-20 10:10:01")
            assert "This can no longer be undone" in take_back(web, second).content.decode()

    def test_survives_other_pages_and_other_offers(self, web):
        token = offer(web)
        web.get("/kit/")
        offer(web, "another")

        assert "Taken back: Lux calculation" in take_back(web, token).content.decode()

    def test_is_of_no_use_to_another_person(self, web, client):
        token = offer(web)
        client.logout()
        client.force_login(UserFactory())

        assert "This can no longer be undone" in take_back(client, token).content.decode()

    def test_is_not_guessed(self, web):
        offer(web)

        assert "This can no longer be undone" in take_back(web, "made:up:token").content.decode()

    def test_says_why_when_it_is_refused_and_is_used_up(self, web):
        token = offer(web, "too late")

        assert "It is too late for marta.ruiz." in take_back(web, token).content.decode()
        assert "This can no longer be undone" in take_back(web, token).content.decode()

    def test_is_kept_on_the_server_by_its_payload_alone(self, web):
        token = offer(web)

        [session] = [row.get_decoded() for row in Session.objects.all()]
        [[key, [name, payload, _at]]] = session[undo.SESSION_KEY].items()
        assert token.startswith(f"{key}:")
        assert (name, payload) == ("pages.note", {"text": "Lux calculation"})

    def test_makes_room_for_new_ones(self, web):
        oldest = offer(web, "oldest")
        for number in range(undo.MOST):
            offer(web, f"note {number}")

        assert "This can no longer be undone" in take_back(web, oldest).content.decode()


class TestTheAddress:
    def test_takes_no_get(self, web):
        assert web.get(reverse("undo", args=[offer(web)])).status_code == 405

    def test_leads_back_to_this_server_only(self, web):
        page = web.post(reverse("undo", args=["x"]), {"next": "https://example.org/"})

        assert page.url == "/"

    def test_is_closed_to_strangers(self, client):
        page = client.post(reverse("undo", args=["x"]))

        assert page.url.startswith(reverse("login"))


class TestRegister:
    def test_refuses_a_second_function_of_one_name(self, monkeypatch):
        monkeypatch.setattr(undo, "_functions", {})
        undo.register("note", offer)
        undo.register("note", offer)

        with pytest.raises(ValueError, match="note is registered twice"):
            undo.register("note", take_back)

    def test_may_ask_for_a_permission_that_whoever_takes_back_must_still_have(self, web, marta):
        token = offer(web)
        undo.register("pages.note", undo._functions["pages.note"], permission="crm.change_contact")
        try:
            page = take_back(web, token).content.decode()
            assert "You no longer have permission to do that." in page
            assert "Taken back" not in page
            marta.user_permissions.add(Permission.objects.get(codename="change_contact"))
            assert "Taken back: again" in take_back(web, offer(web, "again")).content.decode()
        finally:
            undo.register("pages.note", undo._functions["pages.note"])

    def test_knows_what_it_offers(self, rf):
        with pytest.raises(LookupError, match="No undo is registered as nothing"):
            undo.offer(rf.get("/"), "nothing")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_clicks_at_once_take_back_once(web):
    token = offer(web)
    clicks, pages = Barrier(2), []

    def click():
        browser = Client()
        browser.cookies = web.cookies
        clicks.wait()
        try:
            pages.append(take_back(browser, token).content.decode())
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum("Taken back: Lux calculation" in page for page in pages) == 1
    assert sum("This can no longer be undone" in page for page in pages) == 1

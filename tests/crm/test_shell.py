"""The house itself over HTTP: signing in, my settings, language, theme, health, and what goes wrong."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone, translation

from crm import formats
from crm.access import client_address
from crm.models import MarketingSetup
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kit")]

PASSWORD = "correct horse battery"


@pytest.fixture
def jonas():
    user = UserFactory(username="jonas", email="jonas@example.org")
    user.set_password(PASSWORD)
    user.save()
    return user


def text_of(page):
    return page.content.decode()


def html_tag(page):
    return re.search(r"<html[^>]*>", text_of(page))[0]


def views(patterns, namespace=""):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views(
                pattern.url_patterns, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )
        else:
            yield f"{namespace}{pattern.name}", pattern.callback


class TestAccess:
    def test_public_are_signing_in_passwords_language_and_health(self):
        public = {
            name
            for name, view in views(get_resolver("crm.urls").url_patterns)
            if not getattr(view, "login_required", True)
        }

        assert public == {
            "login",
            "password_reset",
            "password_reset_confirm",
            "crm:opt_out",
            "set_language",
            "livez",
            "readyz",
            "admin:login",
        }

    def test_every_other_page_asks_to_sign_in(self, client):
        page = client.get("/kit/rows/?after=6")

        assert page.url == "/login/?next=/kit/rows/%3Fafter%3D6"


class TestSigningIn:
    def test_leads_to_the_page_that_was_asked_for(self, client, jonas):
        page = client.post("/login/", {"username": "jonas", "password": PASSWORD, "next": "/kit/rows/"})

        assert page.url == "/kit/rows/"
        assert client.get("/kit/").status_code == 200

    def test_never_leads_to_another_server(self, client, jonas):
        page = client.post(
            "/login/", {"username": "jonas", "password": PASSWORD, "next": "https://example.org/"}
        )

        assert page.url == "/kit/"

    def test_says_that_name_or_password_is_wrong_and_keeps_the_name(self, client, jonas):
        page = client.post("/login/", {"username": "jonas", "password": "wrong"})

        assert page.status_code == 422
        assert "User name or password is not right." in text_of(page)
        assert 'value="jonas"' in text_of(page)
        assert "<title>Error · Sign in" in text_of(page)

    def test_is_paused_after_too_many_tries(self, client, jonas):
        for _ in range(settings.AXES_FAILURE_LIMIT):
            page = client.post("/login/", {"username": "jonas", "password": "wrong"})

        assert page.status_code == 429
        assert "Too many tries. Try again in 5 minutes or reset the password." in text_of(page)
        assert client.post("/login/", {"username": "jonas", "password": PASSWORD}).status_code == 429

    def test_is_paused_for_the_browser_behind_our_proxies_and_for_no_other(self, client, jonas, settings):
        settings.PROXY_COUNT = 2

        def sign_in(password, address):
            heard = {"X-Forwarded-For": f"203.0.113.{sign_in.forged}, {address}, 10.0.0.7"}
            sign_in.forged += 1
            return client.post(
                "/login/", {"username": "jonas", "password": password}, headers=heard
            ).status_code

        sign_in.forged = 1
        for _ in range(settings.AXES_FAILURE_LIMIT):
            sign_in("wrong", "192.0.2.1")

        assert sign_in(PASSWORD, "192.0.2.1") == 429
        assert sign_in(PASSWORD, "192.0.2.2") == 302

    @pytest.mark.parametrize("heard", ["", "192.0.2.1", "unknown, 10.0.0.7", "\N{SNOWMAN}, 10.0.0.7"])
    def test_believes_no_forwarded_address_that_our_proxies_did_not_write(self, rf, settings, heard):
        settings.PROXY_COUNT = 2
        request = rf.get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=heard)

        assert client_address(request) == "10.0.0.9"

    def test_believes_no_forwarded_address_without_a_proxy(self, rf):
        request = rf.get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR="192.0.2.1")

        assert client_address(request) == "10.0.0.9"

    def test_takes_the_theme_of_the_person_along(self, client, jonas):
        jonas.theme = "dark"
        jonas.save()
        client.post("/login/", {"username": "jonas", "password": PASSWORD})
        client.post("/logout/")

        assert 'data-bs-theme="dark"' in html_tag(client.get("/login/"))

    def test_is_not_asked_of_those_who_are_signed_in(self, web):
        assert web.get("/login/").url == "/kit/"

    def test_a_part_of_a_page_is_told_that_the_session_is_over(self, client):
        page = client.get("/kit/rows/3/", headers={"HX-Request": "true"}, follow=True)

        assert page.status_code == 401
        assert page.headers["HX-Trigger"] == '{"signedOut": {}}'
        assert page.content == b""

    def test_ends_by_a_form_only(self, web):
        assert web.get("/logout/").status_code == 405
        assert web.post("/logout/").url == "/login/"
        assert web.get("/kit/").status_code == 302


class TestPasswords:
    def test_are_changed_by_the_person(self, client, jonas):
        client.force_login(jonas)
        new = {"new_password1": "a longer one 42", "new_password2": "a longer one 42"}

        refused = client.post("/password/", {"old_password": "wrong", **new})
        assert refused.status_code == 422
        assert "Your old password was entered incorrectly" in text_of(refused)

        page = client.post("/password/", {"old_password": PASSWORD, **new}, follow=True)
        assert "Password changed." in text_of(page)
        jonas.refresh_from_db()
        assert jonas.check_password("a longer one 42")

    def test_are_reset_by_a_link_in_an_e_mail(self, client, jonas):
        page = client.post("/password/reset/", {"email": "jonas@example.org"}, follow=True)
        assert "If we know the address, an e-mail with a link is on its way." in text_of(page)

        [letter] = mail.outbox
        assert letter.subject == "Choose a new password"
        link = re.search(r"http://testserver(/password/reset/\S+)", letter.body)[1]
        form = client.get(link, follow=True)
        assert "Choose a new password" in text_of(form)

        new = {"new_password1": "a longer one 42", "new_password2": "a longer one 42"}
        page = client.post(form.redirect_chain[-1][0], new, follow=True)
        assert "Password changed. Sign in with it." in text_of(page)
        assert "This link was used already or is too old." in text_of(client.get(link, follow=True))

    def test_that_are_new_end_the_pause_of_signing_in(self, client, jonas):
        for _ in range(settings.AXES_FAILURE_LIMIT):
            client.post("/login/", {"username": "jonas", "password": "wrong"})
        client.post("/password/reset/", {"email": "jonas@example.org"})
        link = re.search(r"http://testserver(/password/reset/\S+)", mail.outbox[0].body)[1]
        form = client.get(link, follow=True)
        new = {"new_password1": "a longer one 42", "new_password2": "a longer one 42"}
        client.post(form.redirect_chain[-1][0], new)

        page = client.post("/login/", {"username": "jonas", "password": "a longer one 42"})
        assert page.status_code == 302

    def test_of_an_unknown_address_answer_the_same(self, client):
        page = client.post("/password/reset/", {"email": "nobody@example.org"}, follow=True)

        assert "If we know the address, an e-mail with a link is on its way." in text_of(page)
        assert mail.outbox == []


class TestMySettings:
    FORM = {
        "language": "ru",
        "region": "en-US",
        "time_zone": "America/New_York",
        "theme": "dark",
        "density": "compact",
        "shortcuts": "",
    }

    def test_are_saved_and_felt_on_the_next_page(self, web, marta):
        page = web.post("/preferences/", self.FORM, follow=True)

        assert page.redirect_chain == [("/preferences/", 302)]
        tag = html_tag(page)
        assert 'lang="ru"' in tag
        assert 'data-bs-theme="dark" data-theme="dark" data-density="compact" data-shortcuts="off"' in tag
        marta.refresh_from_db()
        assert {name: getattr(marta, name) for name in self.FORM} == self.FORM | {"shortcuts": False}

    def test_are_remembered_for_the_pages_before_sign_in(self, web):
        web.post("/preferences/", self.FORM)
        assert (web.cookies["theme"].value, web.cookies["django_language"].value) == ("dark", "ru")

        web.post("/preferences/", self.FORM | {"language": ""})
        assert web.cookies["django_language"].value == ""

    def test_that_are_refused_keep_what_was_chosen(self, web):
        page = web.post("/preferences/", self.FORM | {"time_zone": "Mars/Olympus"})

        assert page.status_code == 422
        assert "1 thing to fix" in text_of(page)
        assert '<a href="#id_time_zone">Time zone: ' in text_of(page)
        assert '<option value="en-US" selected>' in text_of(page)
        assert 'data-guard="dirty"' in text_of(page)

    def test_keep_a_region_that_is_not_in_the_list(self, web, marta):
        marta.region = "en-ZA"
        marta.save()

        assert '<option value="en-ZA" selected>en-ZA</option>' in text_of(web.get("/preferences/"))


class TestLanguage:
    def test_is_kept_with_the_person_and_the_browser(self, web, marta):
        page = web.post("/language/", {"language": "fr", "next": "/kit/"})

        assert page.url == "/kit/"
        marta.refresh_from_db()
        assert marta.language == web.cookies["django_language"].value == "fr"
        page = web.get("/kit/")
        assert 'lang="fr"' in html_tag(page)
        assert page.headers["Content-Language"] == "fr"

    def test_can_be_chosen_before_signing_in(self, client):
        assert client.post("/language/", {"language": "es", "next": "/login/"}).url == "/login/"
        assert 'lang="es"' in html_tag(client.get("/login/"))

    def test_that_does_not_exist_changes_nothing(self, web, marta):
        web.post("/language/", {"language": "tlh"})

        marta.refresh_from_db()
        assert marta.language == ""
        assert "django_language" not in web.cookies

    def test_is_the_browsers_until_one_is_chosen(self, web, marta):
        page = web.get("/kit/", headers={"Accept-Language": "fr-CH, fr;q=0.9, en;q=0.8"})
        assert page.headers["Content-Language"] == "fr"

        marta.language = "ru"
        marta.save()
        assert web.get("/kit/", headers={"Accept-Language": "fr"}).headers["Content-Language"] == "ru"

    def test_names_each_language_in_its_own_words(self, client):
        page = text_of(client.get("/login/"))

        for code, name in [("en", "English"), ("es", "Español"), ("fr", "Français"), ("ru", "Русский")]:
            assert (
                f'value="{code}" lang="{code}" aria-pressed="{"true" if code == "en" else "false"}">{name}'
                in page
            )

    def test_is_not_changed_by_a_link(self, web):
        assert web.get("/language/").status_code == 405


class TestTheme:
    def test_is_kept_with_the_person_and_the_browser(self, web, marta):
        assert web.post(
            "/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/kit/"}
        ).url.endswith("/kit/")

        marta.refresh_from_db()
        assert marta.theme == web.cookies["theme"].value == "dark"
        assert 'data-bs-theme="dark" data-theme="dark"' in html_tag(web.get("/kit/"))

    def test_that_does_not_exist_changes_nothing(self, web, marta):
        web.post("/theme/", {"theme": "neon"})

        marta.refresh_from_db()
        assert marta.theme == "system"

    def test_of_the_device_is_found_by_one_line_that_the_policy_knows(self, web):
        page = web.get("/kit/")

        [nonce] = re.findall(r'<script nonce="([^"]+)">document', text_of(page))
        assert f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]

    def test_needs_no_line_of_script_when_it_is_chosen(self, web, marta):
        marta.theme = "light"
        marta.save()

        assert "<script nonce" not in text_of(web.get("/kit/"))

    def test_of_a_cookie_that_was_tampered_with_is_that_of_the_device(self, client):
        client.cookies["theme"] = '"><script>'

        assert 'data-theme="system"' in html_tag(client.get("/login/"))


class TestSidebarWidth:
    @pytest.mark.parametrize(("cookie", "attribute"), [("narrow", ' data-side="narrow"'), ("odd", "")])
    def test_is_remembered_by_the_browser(self, web, cookie, attribute):
        web.cookies["side"] = cookie

        assert html_tag(web.get("/kit/")).endswith(f'data-shortcuts="on"{attribute}>')


class TestPreferences:
    def test_of_a_person_decide_language_zone_and_region(self, web, marta):
        marta.language, marta.time_zone, marta.region = "fr", "Asia/Tokyo", "en-US"
        marta.save()

        assert web.get("/kit/state/").json() == {
            "language": "fr",
            "zone": "Asia/Tokyo",
            "region": "en-US",
            "date": "Nov 21, 2026",
            "number": "12,480.50",
        }

    def test_of_a_person_without_any_are_the_companys(self, web):
        found = web.get("/kit/state/").json()

        assert (found["language"], found["zone"], found["region"]) == ("en", "Europe/Madrid", "en-GB")
        assert (found["date"], found["number"]) == ("21 Nov 2026", "12,480.50")

    def test_of_a_stranger_ask_nothing(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            found = client.get("/kit/state/").json()

        assert (found["language"], found["zone"], found["region"]) == ("en", "UTC", "en-GB")

    def test_follow_a_stream_to_its_end(self, web, marta):
        marta.language, marta.time_zone, marta.region = "ru", "Asia/Tokyo", "es-ES"
        marta.save()

        assert web.get("/kit/stream/").getvalue() == b"ru Asia/Tokyo es-ES\n" * 2

    def test_end_with_the_request(self, web, marta):
        marta.language, marta.time_zone, marta.region = "ru", "Asia/Tokyo", "es-ES"
        marta.save()
        before = translation.get_language(), timezone.get_current_timezone(), formats.active()
        web.get("/kit/state/")

        assert (timezone.get_current_timezone(), formats.active()) == before[1:]

    def test_of_a_zone_that_the_system_lost_lock_nobody_out(self, web, marta):
        type(marta).objects.update(time_zone="Mars/Olympus")

        assert web.get("/kit/state/").json()["zone"] == "UTC"


class TestErrors:
    def test_a_page_that_does_not_exist_keeps_the_house(self, web, menu):
        page = web.get("/nowhere/")

        assert page.status_code == 404
        assert "We cannot find this page" in text_of(page)
        assert '<nav class="side"' in text_of(page)

    def test_a_stranger_learns_nothing_of_the_house(self, client):
        page = client.get("/nowhere/")

        assert page.status_code == 404
        assert '<nav class="side"' not in text_of(page)

    def test_a_page_without_permission_says_so(self, web):
        page = web.get("/kit/denied/")

        assert page.status_code == 403
        assert "You do not have permission for this" in text_of(page)

    def test_a_form_from_before_the_last_sign_in_is_refused_in_words(self, marta):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(marta)
        page = strict.post("/kit/sheet/", {})

        assert page.status_code == 403
        assert "Nothing was saved" in text_of(page)

    def test_a_broken_page_needs_no_database(self, web, django_assert_num_queries):
        web.raise_request_exception = False
        with django_assert_num_queries(3):  # session, person and setup, before it broke
            page = web.get("/kit/broken/")

        assert page.status_code == 500
        assert "Something went wrong on our side" in text_of(page)
        assert re.search(r"Reference [0-9A-F]{4}-[0-9A-F]{2}<", text_of(page))

    def test_a_request_that_makes_no_sense_is_answered_in_one_language(self, client, settings):
        settings.ROOT_URLCONF = "crm.urls"
        page = client.get("/login/", headers={"host": "elsewhere.example", "accept-language": "es"})

        assert page.status_code == 400
        assert 'lang="es"' in page.content.decode()
        assert "No se ha entendido la petición" in page.content.decode()

    def test_a_broken_database_is_answered_too(self, web):
        web.raise_request_exception = False

        def refuse(execute, sql, params, many, context):
            raise RuntimeError("the server is gone")

        with connection.execute_wrapper(refuse):
            page = web.get("/kit/")

        assert page.status_code == 500
        assert "Something went wrong on our side" in text_of(page)

    def test_the_chosen_theme_survives_a_broken_page(self, web):
        web.raise_request_exception = False
        web.cookies["theme"] = "dark"

        assert 'data-bs-theme="dark"' in html_tag(web.get("/kit/broken/"))


class TestTheFrame:
    def test_names_company_and_person(self, web):
        page = text_of(web.get("/kit/"))

        assert "Alder &amp; Finch<small>Lighting · EUR</small>" in page
        assert "Salesperson · MR" in page
        assert "<title>Component states · Alder &amp; Finch</title>" in page

    def test_names_the_product_while_nobody_has_named_the_company(self, client):
        assert MarketingSetup.current().company_name == ""
        assert "<title>Sign in · Bitácora</title>" in text_of(client.get("/login/"))

    def test_names_a_person_who_is_no_salesperson_by_user_name(self, client):
        client.force_login(UserFactory(username="admin7"))

        assert '<span class="xs mut">admin7</span>' in text_of(client.get("/kit/"))

    def test_asks_the_database_for_session_and_person_only(self, web, menu, django_assert_num_queries):
        web.get("/kit/")
        with django_assert_num_queries(2):
            web.get("/kit/")

    @pytest.mark.parametrize(
        "url", ["/kit/", "/kit/rows/", "/kit/sheet/", "/preferences/", "/password/", "/nowhere/"]
    )
    def test_has_one_heading_and_its_landmarks(self, web, menu, url):
        page = text_of(web.get(url))

        visible = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
        assert visible.count("<h1") == 1
        assert visible.count('<main id="main"') == 1
        assert re.findall(r'<nav class="\w+"[^>]* aria-label="([^"]+)"', visible) == [
            "Main menu",
            "Breadcrumb",
            "Quick navigation",
        ]

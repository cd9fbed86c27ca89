"""Contacts that want nothing more by a channel: by hand, by the link in an e-mail, by the button of a mail program."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from crm.actions import LinkIsBroken, opt_in, opt_out, opt_out_link, opt_out_token, whose_opt_out
from crm.models import OptOut
from tests.factories import ContactFactory, OptOutFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact():
    return ContactFactory(name="Hélène Marchand")


@pytest.fixture
def page(contact):
    return f"/opt-out/{opt_out_token(contact.pk, 'EMAIL')}/"


class TestOptOut:
    def test_is_there_once_for_each_channel(self, contact):
        by = UserFactory()
        first = opt_out(contact, "EMAIL", by=by)
        assert opt_out(contact, "EMAIL") == first
        assert opt_out(contact, "HARD_COPY").by is None
        assert first.by == by
        with pytest.raises(IntegrityError), transaction.atomic():
            OptOutFactory(contact=contact, channel="EMAIL")

    def test_is_of_a_channel_that_exists(self, contact):
        with pytest.raises(IntegrityError), transaction.atomic():
            OptOutFactory(contact=contact, channel="")

    def test_can_be_taken_back(self, contact):
        opt_out(contact, "EMAIL")
        assert opt_in(contact, "EMAIL") is True
        assert opt_in(contact, "EMAIL") is False
        assert not OptOut.objects.exists()


class TestLink:
    def test_names_contact_and_channel_under_the_address_of_the_installation(self, contact, settings):
        settings.SITE_URL = "https://crm.alder.example"
        link = opt_out_link(contact.pk, "EMAIL")
        assert link.startswith("https://crm.alder.example/opt-out/")
        assert whose_opt_out(link.rstrip("/").rpartition("/")[2]) == (contact, "EMAIL")

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda token: token[:-1],
            lambda token: f"x{token}",
            lambda token: token.partition(".")[0],
            lambda token: "1",
        ],
    )
    def test_that_was_tampered_with_is_refused(self, contact, spoil):
        with pytest.raises(LinkIsBroken):
            whose_opt_out(spoil(opt_out_token(contact.pk, "EMAIL")))

    def test_of_a_contact_that_is_gone_is_refused(self):
        with pytest.raises(LinkIsBroken):
            whose_opt_out(opt_out_token(999_999, "EMAIL"))


class TestPage:
    def test_asks_first_and_writes_nothing(self, client, page):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "Stop these messages?" in answer.content.decode()
        assert not OptOut.objects.exists()

    def test_does_it_and_says_so_also_when_it_is_opened_again(self, client, contact, page):
        assert "You will hear no more from us this way" in client.post(page).content.decode()
        assert contact.opt_outs.get().channel == "EMAIL"
        assert "We send you no more e-mails." in client.get(page).content.decode()
        client.post(page)
        assert contact.opt_outs.count() == 1

    def test_answers_the_button_of_a_mail_program(self, contact, page):
        client = Client(enforce_csrf_checks=True)
        answer = client.post(page, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, contact.opt_outs.count()) == (200, 1)

    def test_says_nothing_about_the_contact(self, client, contact, page):
        text = client.get(page).content.decode() + client.post(page).content.decode()
        assert contact.name not in text
        assert contact.no not in text

    def test_speaks_of_letters_where_it_is_about_letters(self, client, contact):
        page = f"/opt-out/{opt_out_token(contact.pk, 'HARD_COPY')}/"
        assert "Stop the letters" in client.get(page).content.decode()

    def test_speaks_the_language_of_the_contact(self, client):
        contact = ContactFactory(language="es-MX")
        page = f"/opt-out/{opt_out_token(contact.pk, 'EMAIL')}/"
        assert '<html lang="es"' in client.get(page).content.decode()

    def test_speaks_the_language_that_was_chosen_on_it(self, client, settings):
        contact = ContactFactory(language="es")
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
        page = f"/opt-out/{opt_out_token(contact.pk, 'EMAIL')}/"
        assert '<html lang="fr"' in client.get(page).content.decode()

    def test_of_a_broken_link_says_what_to_do(self, client, page):
        answer = client.get(f"{page[:-2]}/")
        assert answer.status_code == 404
        assert "This link is not complete." in answer.content.decode()

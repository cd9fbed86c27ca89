"""What became of sendings, on the page of an entry, in the log and under "Delivery problems"."""

import re

import pytest
from django.urls import reverse

from crm.actions import opt_out
from interactions.models import Delivery, InteractionDraft, InteractionLogEntry
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    DeliveryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    UserFactory,
)
from tests.interactions.outbox import letters, queued, states
from tests.interactions.sheets import of, posted

pytestmark = pytest.mark.django_db

PROBLEMS = "interactions:delivery_problems"
HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


@pytest.fixture
def nora():
    return UserFactory(role="Administrator")


@pytest.fixture
def browser(client, nora):
    client.force_login(nora)
    return client


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def decide(browser, do, *rows, **more):
    data = {"do": do, "delivery": [row.pk for row in rows]} | more
    return browser.post(reverse("interactions:delivery_decide"), data)


def resend_page(entry):
    return reverse("interactions:entry_resend", args=[entry.pk])


class TestProblems:
    def test_are_listed_in_the_words_of_the_server(self, browser):
        DeliveryFactory(failed=True, address="helene@verrier.example")
        DeliveryFactory(uncertain=True)
        DeliveryFactory(sent=True)
        page = browser.get(reverse(PROBLEMS))
        assert "Not sent The mail server refused it. 550 No such user" in words(page)
        assert "Perhaps sent The connection was lost" in words(page)
        assert "2 of 2 problems" in words(page)
        assert "helene@verrier.example" in words(page)

    def test_are_read_by_key_with_as_many_questions_for_one_as_for_many(
        self, browser, django_assert_num_queries
    ):
        DeliveryFactory.create_batch(3, failed=True)
        browser.get(reverse(PROBLEMS))
        with django_assert_num_queries(8):
            first = browser.get(reverse(PROBLEMS))
        DeliveryFactory.create_batch(60, failed=True)
        with django_assert_num_queries(8):
            page = browser.get(reverse(PROBLEMS))
        assert len(first.context["page"].rows) == 3
        assert (
            len(browser.get(f"{reverse(PROBLEMS)}{page.context['page'].next_url}").context["page"].rows) == 13
        )

    def test_are_counted_in_the_menu_as_far_as_one_may_see_them(self, browser, client):
        DeliveryFactory(failed=True)
        assert "Delivery problems 1" in words(browser.get(reverse("interactions:entries")))
        client.force_login(UserFactory(role="Salesperson"))
        page = client.get(reverse(PROBLEMS))
        assert "No delivery problems" in words(page)

    def test_are_not_for_readers(self, client):
        client.force_login(UserFactory(role="Reader"))
        assert client.get(reverse(PROBLEMS)).status_code == 403
        assert "Delivery problems" not in words(client.get(reverse("interactions:entries")))


class TestDecisions:
    def test_that_it_was_sent(self, browser):
        row, failed = DeliveryFactory(uncertain=True), DeliveryFactory(failed=True)
        decide(browser, f"sent:{row.pk}")
        assert states(Delivery.objects.filter(pk=row.pk)) == [("SENT", "LOST")]
        decide(browser, "sent", failed)  # what failed was not sent
        assert failed in Delivery.objects.problems()

    def test_to_leave_it_at_that(self, browser, nora):
        rows = DeliveryFactory.create_batch(2, failed=True)
        answer = decide(browser, "dismiss", *rows)
        assert (answer.status_code, answer.url) == (302, reverse(PROBLEMS))
        assert not Delivery.objects.problems().exists()
        assert {row.settled_by for row in Delivery.objects.all()} == {nora}

    def test_to_send_again_what_failed(self, browser, nora):
        entry = letters(1, by=nora).get()
        row = DeliveryFactory(entry=entry, failed=True)
        decide(browser, "again", row)
        assert entry.deliveries.order_by("number").last().number == 2
        assert not Delivery.objects.problems().exists()

    def test_to_send_again_what_perhaps_arrived_are_asked_twice(self, browser, nora):
        entry = letters(1, by=nora).get()
        row = DeliveryFactory(entry=entry, uncertain=True)
        page = decide(browser, f"again:{row.pk}")
        assert "1 of these has been sent already, or perhaps. Send it again?" in words(page)
        assert entry.deliveries.count() == 1
        decide(browser, "again", row, confirm="1")
        assert entry.deliveries.count() == 2

    def test_about_what_one_may_not_see_change_nothing(self, client):
        row = DeliveryFactory(failed=True)
        client.force_login(UserFactory(role="Salesperson"))
        decide(client, "dismiss", row)
        assert row in Delivery.objects.problems()


class TestResend:
    def test_tells_the_cause_and_takes_another_address(self, browser, nora):
        entry = letters(1, by=nora).get()
        DeliveryFactory(entry=entry, failed=True, address="contact0@verrier.example")
        page = browser.get(resend_page(entry))
        assert "The mail server refused it. 550 No such user" in words(page)
        answer = browser.post(resend_page(entry), {"address": "right@verrier.example"})
        assert answer.status_code == 302
        last = entry.deliveries.order_by("number").last()
        assert (last.number, last.address, last.created_by) == (2, "right@verrier.example", nora)

    def test_warns_of_what_was_sent_already(self, browser, nora):
        entry = letters(1, by=nora).get()
        DeliveryFactory(entry=entry, sent=True)
        assert browser.post(resend_page(entry), {}).status_code == 422  # from a page that did not know yet
        page = browser.get(resend_page(entry))
        assert "This was sent already," in words(page)
        assert 'name="again"' in page.content.decode()
        browser.post(resend_page(entry), {"again": "1"})
        assert entry.deliveries.count() == 2

    def test_refuses_an_address_that_is_none(self, browser, nora):
        entry = letters(1, by=nora).get()
        page = browser.post(resend_page(entry), {"address": "nobody"}, headers=HTMX)
        assert page.status_code == 422
        assert "Enter a valid e-mail address." in words(page)
        assert 'value="nobody"' in page.content.decode()
        assert not entry.deliveries.exists()

    def test_sends_what_was_only_recorded(self, browser, nora):
        entry = letters(1, by=nora).get()
        page = browser.get(entry.get_absolute_url())
        assert "It was recorded, not sent." in words(page)
        assert resend_page(entry) in page.content.decode()
        answer = browser.post(resend_page(entry), {"address": "contact0@verrier.example"}, headers=HTMX)
        assert answer.headers["HX-Trigger"]
        assert entry.deliveries.get().address == "contact0@verrier.example"


class TestEntry:
    def test_says_where_it_went_and_when(self, browser, nora):
        entry = letters(1, by=nora).get()
        DeliveryFactory(entry=entry, failed=True, address="wrong@verrier.example")
        DeliveryFactory(entry=entry, number=2, sent=True, address="right@verrier.example")
        page = words(browser.get(entry.get_absolute_url()))
        assert page.index("right@verrier.example") < page.index("wrong@verrier.example")
        assert "550 No such user" in page

    def test_offers_no_second_one_while_it_is_under_way(self, browser, nora):
        row = queued(1, by=nora).get()
        page = browser.get(row.entry.get_absolute_url()).content.decode()
        assert "Waiting" in page
        assert resend_page(row.entry) not in page


class TestLog:
    def test_says_what_is_on_its_way_and_what_did_not_arrive(self, browser, nora):
        waiting, failed, sent = letters(3, by=nora)
        DeliveryFactory(entry=waiting)
        DeliveryFactory(entry=failed, failed=True)
        DeliveryFactory(entry=sent, sent=True)
        rows = {
            row["id"]: row["status"]
            for row in browser.get(reverse("interactions:entries")).context["page"].rows
        }
        assert rows == {waiting.pk: "Sending", failed.pk: "Delivery error", sent.pk: "Logged"}

    def test_asks_once_for_a_page(self, browser, nora, django_assert_num_queries):
        queued(2, by=nora)
        address = (
            reverse("interactions:entry_rows")
            + "?"
            + "&".join(f"id={pk}" for pk in InteractionLogEntry.objects.values_list("pk", flat=True))
        )
        browser.get(address, headers={"HX-Request": "true"})
        with django_assert_num_queries(5):  # session, user, permissions, rows, sendings
            browser.get(address, headers={"HX-Request": "true"})

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [("waiting", ["0"]), ("sent", ["1"]), ("problem", ["2"]), ("never", ["3"])],
    )
    def test_can_be_narrowed_to_them(self, browser, nora, wanted, found):
        entries = list(letters(4, by=nora).order_by("pk"))
        DeliveryFactory(entry=entries[0])
        DeliveryFactory(entry=entries[1], failed=True, settled_at=entries[1].logged_at, settled_by=nora)
        DeliveryFactory(entry=entries[1], number=2, sent=True)
        DeliveryFactory(entry=entries[2], uncertain=True)
        page = browser.get(reverse("interactions:entries"), {"delivery": wanted})
        ids = [row["id"] for row in page.context["page"].rows]
        assert ids == [entries[int(number)].pk for number in found]


class TestSheet:
    @pytest.fixture
    def marta(self, client):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(code="MR", user=user)
        client.force_login(user)
        return client

    def offer(self, channel="EMAIL", **file):
        template = InteractionTemplateFactory(
            code="OFFER", description="Offer", channel=channel, ignore_contact=True, language="en"
        )
        if file is not None:
            InteractionTemplateLanguageFactory(template=template, attachment=AttachmentFactory(**file))

    def test_logs_and_sends(self, marta):
        self.offer()
        contact = ContactFactory(email="helene@verrier.example")
        page = marta.get(f"{of(contact)}&template=OFFER")
        assert "It can be sent to helene@verrier.example." in words(page)
        assert 'value="send"' in page.content.decode()
        marta.post(f"{of(contact)}&template=OFFER", posted(page, do="send"))
        assert Delivery.objects.get().entry == InteractionLogEntry.objects.get()
        assert Delivery.objects.get().address == "helene@verrier.example"

    def test_only_logs_when_that_is_wanted(self, marta):
        self.offer()
        contact = ContactFactory(email="helene@verrier.example")
        page = marta.get(f"{of(contact)}&template=OFFER")
        marta.post(f"{of(contact)}&template=OFFER", posted(page, do="log"))
        assert not Delivery.objects.exists()

    def test_offers_letters_to_the_printer(self, marta):
        self.offer(channel="HARD_COPY", name="letter.docx", extension="docx")
        contact = ContactFactory()
        page = marta.get(f"{of(contact)}&template=OFFER")
        assert "It can be printed as a letter." in words(page)
        marta.post(f"{of(contact)}&template=OFFER", posted(page, do="send"))
        assert (Delivery.objects.get().channel, Delivery.objects.get().state) == ("HARD_COPY", "QUEUED")

    @pytest.mark.parametrize(
        ("why", "says"),
        [
            ("address", "Verrier has no e-mail address. Add one, or send it as hard copy."),
            ("opted out", "Verrier has opted out of this kind of message, so it cannot be sent."),
            ("paper", "Only Word files can be printed as letters."),
            ("nothing", "It has no correspondence, so there is nothing to send."),
        ],
    )
    def test_says_why_it_is_not_sent_and_writes_nothing(self, marta, why, says):
        self.offer(channel={"paper": "HARD_COPY", "nothing": ""}.get(why, "EMAIL"))
        contact = ContactFactory(name="Verrier", email="" if why == "address" else "info@verrier.example")
        if why == "opted out":
            opt_out(contact, "EMAIL")
        page = marta.get(f"{of(contact)}&template=OFFER")
        assert f"Logged without being sent. {says}" in words(page)
        assert 'value="send"' not in page.content.decode()
        answer = marta.post(f"{of(contact)}&template=OFFER", posted(page, do="send"))
        assert answer.status_code == 422
        assert says in words(answer)
        assert not InteractionLogEntry.objects.exists()

    def test_shows_the_button_as_soon_as_there_is_something_to_send(self, marta):
        self.offer()
        contact = ContactFactory(email="helene@verrier.example")
        page = marta.get(of(contact))
        assert 'value="send"' not in page.content.decode()
        template = InteractionTemplateFactory._meta.model.objects.get(code="OFFER")
        headers = {"HX-Request": "true", "HX-Target": "draft-form"}
        answer = marta.post(of(contact), posted(page, template=template.pk), headers=headers)
        part = answer.content.decode()
        assert re.search(r'<span id="draft-send" hx-swap-oob="true"><button[^>]*value="send"', part)
        assert InteractionDraft.objects.get().template == template

    def test_sends_for_those_who_may(self, client):
        user = UserFactory(role="Salesperson")
        user.groups.get().permissions.filter(codename="deliver_interactions")
        user.groups.get().permissions.remove(
            *user.groups.get().permissions.filter(codename="deliver_interactions")
        )
        SalespersonFactory(user=user)
        client.force_login(user)
        self.offer()
        contact = ContactFactory(email="helene@verrier.example")
        page = client.get(f"{of(contact)}&template=OFFER")
        assert 'id="draft-sending"' not in page.content.decode()
        assert client.post(f"{of(contact)}&template=OFFER", posted(page, do="send")).status_code == 403

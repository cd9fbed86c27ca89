"""One entry: what its page says, who opens it, its file."""

import datetime as dt

import pytest
from django.urls import reverse

from interactions.models import CanceledWith
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    DocumentKindFactory,
    EntryCommentFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    LoggedSegmentFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager", first_name="Irina", last_name="Orlova")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


def read(client, entry):
    return client.get(entry.get_absolute_url()).content.decode()


class TestEntryPage:
    def test_says_who_what_when_and_how(self, browser):
        company = ContactFactory(name="Atelier Marchand SAS")
        entry = InteractionLogEntryFactory(
            description="Showroom visit",
            subject="Your visit",
            contact=ContactFactory(person=True, name="Hélène Marchand", company=company),
            salesperson=SalespersonFactory(name="Marta Ruiz"),
            date=dt.date(2026, 11, 9),
            cost="120.00",
            minutes=90,
            channel="EMAIL",
            language="fr",
            initiated_by="THEM",
            contact_via="+33 6 99 00 42 17",
            campaign=CampaignFactory(no="CP1001", description="Autumn"),
            segment_no="SM00018",
        )
        page = read(browser, entry)

        for words in (
            "<h1>Showroom visit</h1>",
            "Hélène Marchand",
            "Atelier Marchand SAS",
            "Marta Ruiz",
            "9 Nov 2026, 09:30",
            "€120.00 · 1 h 30 min",
            "Your visit",
            "E-mail",
            "French",
            "Them",
            "+33 6 99 00 42 17",
            "CP1001 · Autumn",
            "SM00018",
            f"Entry {entry.pk}",
        ):
            assert words in page

    def test_keeps_costs_from_those_who_may_not_see_them(self, client):
        client.force_login(UserFactory(role="Reader"))
        entry = InteractionLogEntryFactory(cost="120.00", minutes=90)

        page = read(client, entry)

        assert "1 h 30 min" in page
        assert "120" not in page.replace(str(entry.pk), "")

    def test_offers_a_reader_no_verbs(self, client):
        client.force_login(UserFactory(role="Reader"))
        entry = InteractionLogEntryFactory(evaluation=1)

        page = read(client, entry)

        assert "Positive" in page
        for path in ("cancel", "evaluate", "comments"):
            assert f"{entry.get_absolute_url()}{path}/" not in page

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "preview"}])
    def test_leads_to_the_log_and_what_was_postponed_of_its_contact(self, browser, headers):
        entry = InteractionLogEntryFactory(contact__no="CT000142")

        page = browser.get(entry.get_absolute_url(), headers=headers).content.decode()

        assert 'href="/interactions/?contact=CT000142"' in page
        assert 'href="/interactions/postponed/?contact=CT000142"' in page

    def test_leads_a_reader_to_the_log_only(self, client):
        client.force_login(UserFactory(role="Reader"))

        page = read(client, InteractionLogEntryFactory(contact__no="CT000142"))

        assert 'href="/interactions/?contact=CT000142"' in page
        assert "postponed/?contact" not in page

    def test_leads_to_no_list_of_a_contact_that_the_reader_does_not_see(self, client):
        marta = UserFactory(role="Salesperson")
        mine = SalespersonFactory(user=marta)
        client.force_login(marta)
        entry = InteractionLogEntryFactory(
            salesperson=mine, contact=ContactFactory(salesperson=SalespersonFactory())
        )

        page = read(client, entry)

        assert entry.description in page
        assert "?contact=" not in page

    def test_without_a_contact_leads_to_no_list(self, browser):
        assert "?contact=" not in read(browser, InteractionLogEntryFactory(contact=None))

    @pytest.mark.case("MI-066")
    def test_is_titled_by_template_and_salesperson(self, browser):
        entry = InteractionLogEntryFactory(
            template=InteractionTemplateFactory(description="Outgoing call"),
            direction="OUTBOUND",
            salesperson=SalespersonFactory(name="Marta Ruiz"),
        )

        assert "Outgoing call – by Marta Ruiz" in read(browser, entry)

    @pytest.mark.case("MI-067")
    def test_without_a_direction_is_titled_by_the_template_alone(self, browser):
        entry = InteractionLogEntryFactory(template=InteractionTemplateFactory(description="Note to self"))

        assert '<p class="mut sm">Note to self</p>' in read(browser, entry)

    @pytest.mark.case("MI-083")
    def test_without_a_salesperson_is_titled_by_who_recorded_it(self, browser):
        entry = InteractionLogEntryFactory(
            template=InteractionTemplateFactory(description="Letter"),
            direction="OUTBOUND",
            salesperson=None,
            logged_by=UserFactory(first_name="Jonas", last_name="Weber"),
        )

        assert "Letter – by Jonas Weber" in read(browser, entry)

    @pytest.mark.case("MI-070", "MI-071")
    def test_of_a_document_leads_to_it(self, browser):
        entry = InteractionLogEntryFactory(
            document_kind=DocumentKindFactory(name="Order confirmation"),
            document_no="SO-1043",
            document_url="https://erp.example/orders/SO-1043",
        )

        page = read(browser, entry)

        assert "Order confirmation" in page
        assert 'href="https://erp.example/orders/SO-1043"' in page

    @pytest.mark.case("MI-058")
    def test_shows_its_comments_oldest_first_with_their_authors(self, browser):
        entry = InteractionLogEntryFactory()
        marta = UserFactory(first_name="Marta", last_name="Ruiz")
        EntryCommentFactory(entry=entry, text="ABC", created_by=marta)
        EntryCommentFactory(entry=entry, text="DEF", created_by=marta)

        page = read(browser, entry)

        assert page.index("ABC") < page.index("DEF")
        assert "Marta Ruiz, " in page

    def test_says_who_canceled_it_and_why(self, browser, manager):
        entry = InteractionLogEntryFactory(canceled=True, canceled_by=manager, canceled_reason="Duplicate")

        page = read(browser, entry)

        assert "Canceled by Irina Orlova" in page
        assert "Duplicate" in page
        assert "Reinstate entry" in page

    def test_explains_why_it_cannot_come_back_alone(self, browser):
        entry = InteractionLogEntryFactory(
            canceled=True,
            canceled_with=CanceledWith.LOGGED_SEGMENT,
            logged_segment=LoggedSegmentFactory(canceled=True),
            segment_line_no=1,
        )

        page = read(browser, entry)

        assert "Reinstate entry" not in page
        assert "comes back with it" in page

    def test_begins_a_new_interaction_like_it(self, browser):
        entry = InteractionLogEntryFactory()

        assert f"{reverse('interactions:new')}?entry={entry.pk}" in read(browser, entry)

    @pytest.mark.parametrize(
        ("target", "heading"),
        [("preview", "<h2>Lux calculation</h2>"), ("sheet", "<h2>Lux calculation</h2>")],
    )
    def test_answers_pane_and_sheet_with_their_part(self, browser, target, heading):
        entry = InteractionLogEntryFactory(description="Lux calculation")

        part = browser.get(
            entry.get_absolute_url(), headers={"HX-Request": "true", "HX-Target": target}
        ).content.decode()

        assert heading in part
        assert "<html" not in part
        assert ("data-close" in part) == (target == "sheet")

    @pytest.mark.parametrize("comments", [1, 3])
    def test_asks_the_same_statements_for_any_number_of_comments(
        self, browser, comments, django_assert_num_queries
    ):
        entry = InteractionLogEntryFactory(attachment=AttachmentFactory())
        EntryCommentFactory.create_batch(comments, entry=entry)
        browser.get(entry.get_absolute_url())

        with django_assert_num_queries(8):
            # session, user, permissions, may I, entry, comments, postponed in the menu
            browser.get(entry.get_absolute_url())


class TestEntryOfABlockedContact:
    def test_offers_no_new_interaction(self, browser):
        entry = InteractionLogEntryFactory(contact=ContactFactory())
        begins = f"{reverse('interactions:new')}?entry={entry.pk}"
        assert begins in read(browser, entry)
        entry.contact.privacy_blocked = True
        entry.contact.save()
        assert begins not in read(browser, entry)


class TestWhoOpensAnEntry:
    @pytest.fixture
    def marta(self, client):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory())
        client.force_login(user)
        return user

    def test_is_a_colleague_of_the_same_team(self, client, marta):
        entry = InteractionLogEntryFactory(
            team_id=marta.team_ids[0], contact__salesperson=SalespersonFactory()
        )

        assert client.get(entry.get_absolute_url()).status_code == 200

    def test_is_whoever_sees_the_contact(self, client, marta):
        entry = InteractionLogEntryFactory(team=TeamFactory(), contact__salesperson=marta.salesperson)

        assert client.get(entry.get_absolute_url()).status_code == 200

    @pytest.mark.parametrize(
        ("name", "method"),
        [
            ("entry", "get"),
            ("entry_attachment", "get"),
            ("entry_cancel", "get"),
            ("entry_cancel", "post"),
            ("entry_reinstate", "post"),
            ("entry_evaluate", "post"),
            ("entry_comments", "post"),
        ],
    )
    def test_is_nobody_else_not_even_by_guessing_numbers(self, client, marta, name, method):
        entry = InteractionLogEntryFactory(
            team=TeamFactory(), contact__salesperson=SalespersonFactory(), attachment=AttachmentFactory()
        )

        url = reverse(f"interactions:{name}", args=[entry.pk])
        assert getattr(client, method)(url, {"evaluation": 1, "text": "ABC"}).status_code == 404

    def test_of_an_erased_contact_is_who_sees_everything(self, client, marta, manager):
        entry = InteractionLogEntryFactory(contact=None, team=TeamFactory())

        assert client.get(entry.get_absolute_url()).status_code == 404
        client.force_login(manager)
        assert client.get(entry.get_absolute_url()).status_code == 200

    @pytest.mark.parametrize(
        ("name", "method"),
        [
            ("entry_cancel", "get"),
            ("entry_cancel", "post"),
            ("entry_reinstate", "post"),
            ("entry_evaluate", "post"),
            ("entry_comments", "post"),
        ],
    )
    def test_may_do_nothing_without_the_permission_of_the_verb(self, client, name, method):
        client.force_login(UserFactory(role="Reader"))
        entry = InteractionLogEntryFactory()

        url = reverse(f"interactions:{name}", args=[entry.pk])
        assert getattr(client, method)(url, {"evaluation": 1, "text": "ABC"}).status_code == 403


class TestAttachment:
    @pytest.mark.case("AS-010", "AS-011", "MI-064")
    def test_comes_as_a_download_under_its_own_name(self, browser):
        file = AttachmentFactory(content=b"merged letter", name="Отчёт № 1.docx", extension="docx")
        entry = InteractionLogEntryFactory(attachment=file)

        response = browser.get(reverse("interactions:entry_attachment", args=[entry.pk]))

        assert b"".join(response.streaming_content) == b"merged letter"
        assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%9E")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]

    def test_of_an_entry_without_one_is_not_found(self, browser):
        entry = InteractionLogEntryFactory()

        assert browser.get(reverse("interactions:entry_attachment", args=[entry.pk])).status_code == 404

    @pytest.mark.case("MI-069")
    def test_stands_on_the_entrys_page_and_on_the_timeline_of_its_contact(self, browser):
        entry = InteractionLogEntryFactory(attachment=AttachmentFactory(name="Answer IP67.docx"))
        url = reverse("interactions:entry_attachment", args=[entry.pk])

        for page in (
            read(browser, entry),
            browser.get(reverse("interactions:contact_entries", args=[entry.contact.no])).content.decode(),
        ):
            assert f'href="{url}" download' in page
            assert "Answer IP67.docx" in page

"""The timeline of a contact and of a salesperson (domain 2.15, ui 5.3)."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.urls import reverse

from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    DocumentKindFactory,
    EntryCommentFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PART = {"HX-Request": "true"}


@pytest.fixture
def browser(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


@pytest.fixture
def helene():
    return ContactFactory(
        person=True, name="Hélène Marchand", company=ContactFactory(name="Atelier Marchand SAS")
    )


def url_of(contact):
    return reverse("interactions:contact_entries", args=[contact.no])


def part(client, contact, **query):
    response = client.get(url_of(contact), query, headers=PART)
    assert response.status_code == 200
    return response.content.decode()


def told(html):
    """Descriptions in the order in which they stand."""
    return re.findall(r'<a class="link"[^>]*>(.*?)</a>', html)


class TestTimeline:
    def test_stands_newest_first_under_its_months(self, browser, helene):
        for month, day in ((10, 21), (11, 9), (11, 13)):
            InteractionLogEntryFactory(
                contact=helene, description=f"{day}.{month}", date=dt.date(2026, month, day)
            )

        html = part(browser, helene)

        assert told(html) == ["13.11", "9.11", "21.10"]
        assert re.findall(r'<li class="m">(.*?)</li>', html) == ["November 2026", "October 2026"]

    def test_says_what_each_entry_was(self, browser, helene):
        entry = InteractionLogEntryFactory(
            contact=helene,
            description="Q4 price list",
            template__kind="EMAIL",
            direction="OUTBOUND",
            minutes=90,
            cost="120.00",
            salesperson=SalespersonFactory(name="Marta Ruiz"),
            segment_no="SM00018",
            evaluation=2,
            language="fr",
            attachment=AttachmentFactory(name="Tarif T4 2026.docx", extension="docx", size=86_016),
            date=dt.date(2025, 11, 9),
        )
        EntryCommentFactory(entry=entry, text="First remark")
        EntryCommentFactory(entry=entry, text="Wants to compare")

        html = part(browser, helene)

        for words in (
            "E-mail sent",
            "1 h 30 min",
            "€120.00",
            "Marta Ruiz",
            "Segment SM00018",
            "Very positive",
            "Tarif T4 2026.docx",
            "fr · 84 KB",
            "<blockquote>Wants to compare</blockquote>",
            "9 Nov 2025, 09:30",
        ):
            assert words in html
        assert "First remark" not in html

    @pytest.mark.parametrize(
        ("kind", "direction", "words"),
        [
            ("CALL", "INBOUND", "Incoming call"),
            ("LETTER", "OUTBOUND", "Letter sent"),
            ("MEETING", "OUTBOUND", "Meeting"),
        ],
    )
    def test_names_kind_and_direction_in_words(self, browser, helene, kind, direction, words):
        InteractionLogEntryFactory(contact=helene, template__kind=kind, direction=direction)

        assert words in part(browser, helene)

    def test_marks_what_was_recorded_automatically_and_links_the_document(self, browser, helene):
        InteractionLogEntryFactory(
            contact=helene,
            document_kind=DocumentKindFactory(),
            document_no="SQ-1043",
            document_url="https://erp.example/SQ-1043",
        )

        html = part(browser, helene)

        assert "Recorded automatically" in html
        assert 'href="https://erp.example/SQ-1043"' in html

    def test_of_a_company_holds_its_peoples_entries_with_their_names(self, browser, helene):
        InteractionLogEntryFactory(contact=helene, description="with Hélène")
        InteractionLogEntryFactory(contact=helene.company, description="with the company")
        InteractionLogEntryFactory(description="with others")

        html = part(browser, helene.company)

        assert sorted(told(html)) == ["with Hélène", "with the company"]
        assert f'<a href="{helene.get_absolute_url()}">Hélène Marchand</a>' in html
        assert told(part(browser, helene)) == ["with Hélène"]

    def test_folds_canceled_entries_away_and_shows_them_when_asked(self, browser, helene):
        InteractionLogEntryFactory(contact=helene, description="logged")
        InteractionLogEntryFactory(contact=helene, description="canceled", canceled=True)

        html = part(browser, helene)
        assert told(html) == ["logged"]
        assert "1 canceled entry hidden — show" in html
        assert sorted(told(part(browser, helene, canceled="show"))) == ["canceled", "logged"]

    def test_can_be_narrowed_to_a_type(self, browser, helene):
        InteractionLogEntryFactory(contact=helene, description="a call")
        InteractionLogEntryFactory(contact=helene, description="a letter", template__kind="LETTER")

        assert told(part(browser, helene, kind="LETTER")) == ["a letter"]
        assert sorted(told(part(browser, helene, kind="NOSUCH"))) == ["a call", "a letter"]
        assert "Nothing of this type" in part(browser, helene, kind="MEETING")

    def test_loads_older_entries_without_repeating_the_month(self, browser, helene):
        for number in range(27):
            InteractionLogEntryFactory(
                contact=helene, description=f"E{number}", date=dt.date(2026, 11, 28 - number)
            )

        first = part(browser, helene)
        assert len(told(first)) == 25
        (older,) = re.findall(r'hx-get="([^"]*after=[^"]*)"', first)
        rest = browser.get(older.replace("&amp;", "&"), headers=PART).content.decode()

        assert told(rest) == ["E25", "E26"]
        assert '<li class="m">' not in rest
        assert "Load older" not in rest

    def test_offers_a_quick_start_for_each_template_with_a_key(self, browser, helene):
        InteractionTemplateFactory(code="CALL", kind="CALL", quick_key=1)
        InteractionTemplateFactory(code="OLD", quick_key=2, active=False)

        html = part(browser, helene)

        assert f"{reverse('interactions:new')}?contact={helene.no}&amp;template=CALL" in html
        assert "template=OLD" not in html

    def test_of_a_blocked_contact_can_be_read_but_starts_nothing(self, browser, helene):
        InteractionTemplateFactory(quick_key=1)
        helene.privacy_blocked = True
        helene.save()

        assert reverse("interactions:new") not in part(browser, helene)

    def test_pins_what_was_postponed(self, client, helene):
        user = UserFactory(role="Marketing manager")
        client.force_login(user)
        draft = InteractionDraftFactory(
            created_by=user, kept=True, contact=helene, description="Showroom visit"
        )
        InteractionDraftFactory(created_by=user, contact=helene, description="being typed")
        InteractionDraftFactory(kept=True, contact=helene, description="of a colleague")

        html = part(client, helene)

        assert draft.get_absolute_url() in html
        assert "Showroom visit" in html
        assert "being typed" in html
        assert "Unfinished, saved" in html
        assert "of a colleague" not in html
        assert "Showroom visit" in part(client, helene.company)

    def test_leads_to_all_drafts_when_not_all_of_them_are_pinned(self, client, helene):
        user = UserFactory(role="Marketing manager")
        client.force_login(user)
        every = f'href="{reverse("interactions:postponed")}?contact={helene.no}"'
        InteractionDraftFactory.create_batch(3, created_by=user, kept=True, contact=helene)
        assert every not in part(client, helene)
        InteractionDraftFactory(created_by=user, contact=helene)
        html = part(client, helene)
        assert every in html
        assert html.count('class="note w pnd"') == 3

    def test_hides_costs_from_a_reader(self, client, helene):
        client.force_login(UserFactory(role="Reader"))
        InteractionLogEntryFactory(contact=helene, cost="120.00")

        assert "120.00" not in part(client, helene)

    def test_is_a_page_of_its_own_too(self, browser, helene):
        page = browser.get(url_of(helene)).content.decode()

        assert "<h1>Timeline of Hélène Marchand</h1>" in page
        assert "No interactions with Hélène Marchand yet" in page

    def test_shows_everything_of_a_contact_that_one_sees_whoever_recorded_it(self, client, helene):
        user = UserFactory(role="Salesperson")
        salesperson = SalespersonFactory(user=user, team=TeamFactory())
        helene.salesperson = salesperson
        helene.save()
        InteractionLogEntryFactory(contact=helene, description="by another team", team=TeamFactory())
        client.force_login(user)

        assert told(part(client, helene)) == ["by another team"]

    def test_of_a_contact_out_of_sight_is_not_found(self, client, helene):
        helene.salesperson = SalespersonFactory()
        helene.save()
        client.force_login(UserFactory(role="Salesperson"))

        assert client.get(url_of(helene)).status_code == 404

    def test_is_refused_to_who_may_not_read_the_ledger(self, client, helene):
        client.force_login(UserFactory())

        assert client.get(url_of(helene)).status_code == 403

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_the_same_statements_for_any_number_of_entries(
        self, browser, helene, number, django_assert_num_queries
    ):
        InteractionTemplateFactory(quick_key=1)
        for _each in range(number):
            entry = InteractionLogEntryFactory(contact=helene, attachment=AttachmentFactory())
            EntryCommentFactory(entry=entry)
        part(browser, helene)

        with django_assert_num_queries(13 if connection.vendor == "postgresql" else 9):
            # session, user, permissions, contact; templates, drafts, entries, comments, canceled ones
            part(browser, helene)


class TestTimelineOfASalesperson:
    def test_holds_what_he_or_she_recorded_as_far_as_one_finds_it(self, client):
        team = TeamFactory()
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=team)
        colleague = SalespersonFactory(code="JW", name="Jonas Weber", team=team)
        InteractionLogEntryFactory(salesperson=colleague, team=team, description="found")
        InteractionLogEntryFactory(
            salesperson=colleague, team=TeamFactory(), description="in another team then"
        )
        client.force_login(user)

        html = client.get(
            reverse("interactions:salesperson_entries", args=["JW"]), headers=PART
        ).content.decode()

        assert told(html) == ["found"]

    def test_names_the_contacts(self, browser):
        salesperson = SalespersonFactory(code="JW")
        InteractionLogEntryFactory(salesperson=salesperson, contact=ContactFactory(name="Priya Nair"))

        page = browser.get(reverse("interactions:salesperson_entries", args=["JW"])).content.decode()

        assert "Priya Nair" in page


class TestWhatIsOutOfScope:
    @pytest.fixture
    def jonas(self):
        return SalespersonFactory(code="JW", name="Jonas Weber")

    def read(self, client, jonas, name):
        return client.get(reverse(f"interactions:salesperson_{name}", args=[jonas.code])).content.decode()

    def test_is_not_called_none(self, client, jonas):
        InteractionLogEntryFactory(salesperson=jonas)
        marta = UserFactory(role="Salesperson")
        SalespersonFactory(user=marta)
        client.force_login(marta)

        assert "The interactions of Jonas Weber are outside what you see" in self.read(
            client, jonas, "entries"
        )
        assert "These interactions are outside what you see." in self.read(client, jonas, "statistics")

    def test_is_nothing_for_those_who_see_all(self, client, jonas):
        client.force_login(UserFactory(role="Marketing manager"))

        assert "No interactions with Jonas Weber yet" in self.read(client, jonas, "entries")
        assert "outside" not in self.read(client, jonas, "statistics")

    def test_of_a_broken_cursor_says_so(self, client, jonas):
        client.force_login(UserFactory(role="Marketing manager"))
        InteractionLogEntryFactory(salesperson=jonas)
        url = reverse("interactions:salesperson_entries", args=["JW"])

        page = client.get(url, {"after": "garbage"}).content.decode()

        assert "That page does not exist. This is the first one." in page

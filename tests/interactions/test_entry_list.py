"""The ledger list: views, filters, pages, counts, and who finds what."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse

from interactions.models import Evaluation
from interactions.selection import read
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    DocumentKindFactory,
    EntryCommentFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    LoggedSegmentFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/interactions/"
PART = {"HX-Request": "true", "HX-Target": "results"}


@pytest.fixture
def team():
    return TeamFactory(name="Europe")


@pytest.fixture
def marta(team):
    """A salesperson: sees the records of her team."""
    user = UserFactory(role="Salesperson", first_name="Marta")
    SalespersonFactory(code="MR", name="Marta Ruiz", user=user, team=team)
    return user


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager", first_name="Irina")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


@pytest.fixture(autouse=True)
def today():
    """The day of the factories' entries."""
    with time_machine.travel(dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC), tick=False):
        yield dt.date(2026, 11, 20)


def shown(response):
    """Descriptions of the rows."""
    return [row["description"] for row in response.context["page"].rows]


def tabs(response):
    """{label: count} of the views, and the label of the present one."""
    found = response.context["tabs"]
    return {str(label): count for _url, label, count, _here in found}, next(
        str(label) for _url, label, _count, here in found if here
    )


class TestRows:
    def test_stand_newest_first_by_date_time_and_number(self, browser):
        day = dt.date(2026, 11, 19)
        InteractionLogEntryFactory(description="noon", date=day, time=dt.time(12))
        InteractionLogEntryFactory(description="morning", date=day, time=dt.time(9))
        InteractionLogEntryFactory(description="later that noon", date=day, time=dt.time(12))
        InteractionLogEntryFactory(description="next day", date=dt.date(2026, 11, 20), time=dt.time(8))

        assert shown(browser.get(LIST)) == ["next day", "later that noon", "noon", "morning"]

    def test_say_what_an_entry_was(self, browser):
        entry = InteractionLogEntryFactory(
            contact=ContactFactory(name="Hélène Marchand", no="CT000142"),
            description="Showroom visit",
            direction="INBOUND",
            minutes=75,
            evaluation=Evaluation.VERY_POSITIVE,
            salesperson=SalespersonFactory(code="MR", name="Marta Ruiz"),
            attachment=AttachmentFactory(),
            date=dt.date(2025, 11, 20),
        )
        EntryCommentFactory(entry=entry)

        (row,) = browser.get(LIST).context["page"].rows

        assert (row["contact"], row["contact_url"]) == (
            "Hélène Marchand",
            reverse("crm:contact", args=["CT000142"]),
        )
        assert (row["description"], row["url"]) == ("Showroom visit", f"/interactions/{entry.pk}/")
        assert (row["date"], row["time"]) == ("20 Nov 2025", "09:30")
        assert (row["type"], row["minutes"], row["by"], row["by_name"]) == (
            "Call · Inbound",
            "75",
            "MR",
            "Marta Ruiz",
        )
        assert (row["status"], row["file"], row["comment"]) == ("Logged", True, True)
        assert "Very positive" in row["evaluation"]

    @pytest.mark.parametrize(
        ("values", "status"),
        [
            ({}, "Logged"),
            ({"attempt_failed": True}, "Attempt failed"),
            ({"canceled": True, "attempt_failed": True}, "Canceled"),
        ],
    )
    def test_tell_the_status_in_one_word(self, browser, values, status):
        InteractionLogEntryFactory(**values)

        assert browser.get(LIST).context["page"].rows[0]["status"] == status

    def test_of_an_erased_entry_have_no_link_and_no_name(self, browser):
        InteractionLogEntryFactory(contact=None, description="")

        response = browser.get(LIST)

        assert shown(response) == ["Erased interaction"]
        assert response.context["page"].rows[0]["contact_url"] == ""

    def test_escape_what_people_wrote(self, browser):
        InteractionLogEntryFactory(description="<script>alert(1)</script>")

        assert b"<script>alert(1)" not in browser.get(LIST).content

    def test_ask_for_an_evaluation_of_calls_and_meetings_that_took_place(self, browser, today):
        recent = {"date": today}
        InteractionLogEntryFactory(description="call", **recent)
        InteractionLogEntryFactory(description="failed", attempt_failed=True, **recent)
        InteractionLogEntryFactory(description="letter", template__kind="LETTER", **recent)
        InteractionLogEntryFactory(description="automatic", document_kind=DocumentKindFactory(), **recent)
        InteractionLogEntryFactory(description="canceled", canceled=True, **recent)
        InteractionLogEntryFactory(description="evaluated", evaluation=0, **recent)
        InteractionLogEntryFactory(description="old", date=today - dt.timedelta(days=15))

        rows = browser.get(LIST).context["page"].rows

        assert [row["description"] for row in rows if row["evaluate"]] == ["call"]
        assert shown(browser.get(LIST, {"view": "awaiting"})) == ["call"]


class TestPages:
    def fill(self, number):
        for age in range(number):
            InteractionLogEntryFactory(
                description=f"E{age}", date=dt.date(2026, 11, 20) - dt.timedelta(days=age)
            )

    def test_hold_fifty_rows_and_lead_on_and_back(self, browser):
        self.fill(51)

        first = browser.get(LIST)
        assert shown(first) == [f"E{age}" for age in range(50)]
        assert first.context["listing"].shown == "50 of 51 entries"
        second = browser.get(LIST + first.context["page"].next_url)
        assert shown(second) == ["E50"]
        assert second.context["listing"].shown == "51 of 51 entries"
        assert second.context["page"].next_url == ""
        back = browser.get(LIST + second.context["page"].previous_url)
        assert shown(back) == shown(first)

    def test_begin_at_the_day_that_one_jumps_to_and_lead_back_to_newer_ones(self, browser):
        self.fill(60)

        page = browser.get(LIST, {"jump": "2026-11-18"})

        assert shown(page)[:2] == ["E2", "E3"]
        assert page.context["filters"].chips == []
        newer = browser.get(LIST + page.context["page"].previous_url)
        assert shown(newer)[:2] == ["E0", "E1"]

    @pytest.mark.parametrize(("day", "first"), [("2027-01-01", "E0"), ("2020-01-01", "E0"), ("20/11", "E0")])
    def test_jump_to_the_nearest_day_there_is(self, browser, day, first):
        self.fill(3)

        page = browser.get(LIST, {"jump": day})

        assert shown(page)[0] == first
        assert page.context["page"].previous_url == page.context["page"].next_url == ""

    def test_jump_to_the_last_page_before_the_oldest_entry(self, browser):
        self.fill(60)

        page = browser.get(LIST, {"jump": "2020-01-01"}).context["page"]

        assert page.rows[-1]["description"] == "E59"
        assert page.next_url == ""
        assert page.previous_url != ""

    def test_say_which_day_is_none(self, browser):
        self.fill(1)

        page = browser.get(LIST, {"jump": "the day before"})

        assert "“the day before” is not a date." in page.content.decode()
        assert shown(page) == ["E0"]

    def test_keep_their_filters(self, browser):
        self.fill(51)

        url = LIST + browser.get(LIST, {"date_before": "2026-11-20"}).context["page"].next_url

        assert "date_before=2026-11-20" in url

    def test_say_one_entry_of_one(self, browser):
        self.fill(1)

        assert browser.get(LIST).context["listing"].shown == "1 entry"

    def test_of_a_broken_cursor_are_the_first_one(self, browser):
        self.fill(2)

        response = browser.get(LIST, {"after": "nonsense", "loaded": "x"})

        assert shown(response) == ["E0", "E1"]
        assert "That page does not exist. This is the first one." in response.content.decode()

    @pytest.mark.parametrize("loaded", ["many", "²", "-1", "9" * 7, "9" * 5000])
    def test_believe_no_nonsense_about_the_rows_above(self, browser, loaded):
        self.fill(51)
        after = parse_qs(urlsplit(browser.get(LIST).context["page"].next_url).query)["after"]

        assert browser.get(LIST, {"after": after, "loaded": loaded}).context["page"].loaded == 1

    def test_claim_rows_above_only_where_there_are_some_and_never_more_than_match(self, browser):
        self.fill(51)
        first = browser.get(LIST, {"loaded": "250"}).context["listing"]
        after = parse_qs(urlsplit(first.page.next_url).query)["after"]

        assert first.shown == "50 of 51 entries"
        assert (
            browser.get(LIST, {"after": after, "loaded": "250"}).context["listing"].shown
            == "51 of 51 entries"
        )

    def test_keep_the_number_of_rows_out_of_filters_and_selections(self, browser):
        self.fill(51)
        second = browser.get(LIST + browser.get(LIST, {"q": "E"}).context["page"].next_url)

        assert second.context["page"].loaded == 51
        assert second.context["filters"].query == "q=E"
        assert ("loaded", "50") not in second.context["filters"].kept
        assert "loaded" not in str(read(second.context["listing"].matching, user=second.wsgi_request.user))

    @pytest.mark.parametrize("number", ["²", "9" * 19, "9" * 5000])
    def test_draw_no_row_for_a_number_that_is_none(self, browser, number):
        assert browser.get("/interactions/rows/", {"id": number}).status_code == 200

    def test_answer_htmx_with_the_rows_alone(self, browser):
        self.fill(51)
        url = LIST + browser.get(LIST).context["page"].next_url

        part = browser.get(url, headers={"HX-Request": "true", "HX-Target": "rows"}).content.decode()

        assert "E50" in part
        assert 'id="pager"' in part
        assert "<html" not in part


class TestViews:
    @pytest.fixture(autouse=True)
    def ledger(self, marta, team):
        InteractionLogEntryFactory(description="mine", salesperson=marta.salesperson, team=team)
        InteractionLogEntryFactory(description="of my team", team=team)
        InteractionLogEntryFactory(description="of others", team=TeamFactory())
        InteractionLogEntryFactory(description="canceled", team=team, canceled=True)

    def test_of_a_salesperson_are_mine_and_my_team(self, client, marta):
        client.force_login(marta)

        response = client.get(LIST)

        counts = {"Mine": "1", "My team": "3", "Awaiting evaluation": "1", "Canceled": "1"}
        assert tabs(response) == (counts, "My team")
        assert sorted(shown(response)) == ["canceled", "mine", "of my team"]
        assert shown(client.get(LIST, {"view": "mine"})) == ["mine"]
        assert shown(client.get(LIST, {"view": "canceled"})) == ["canceled"]

    def test_of_a_manager_without_a_salesperson_are_all(self, browser):
        response = browser.get(LIST)

        assert tabs(response) == ({"All": "4", "Awaiting evaluation": "3", "Canceled": "1"}, "All")
        assert len(shown(response)) == 4

    def test_of_somebody_in_no_team_are_only_mine(self, client):
        user = UserFactory(role="Salesperson")
        InteractionLogEntryFactory(description="own", salesperson=SalespersonFactory(user=user))
        client.force_login(user)

        response = client.get(LIST)

        assert (tabs(response)[1], shown(response)) == ("Mine", ["own"])

    def test_never_widen_what_one_may_see(self, client, marta):
        client.force_login(marta)

        assert sorted(shown(client.get(LIST, {"view": "all"}))) == ["canceled", "mine", "of my team"]

    def test_are_refused_to_who_may_not_read_the_ledger(self, client):
        client.force_login(UserFactory())

        assert client.get(LIST).status_code == 403

    def test_send_strangers_to_the_sign_in(self, client):
        assert client.get(LIST).url == f"{reverse('login')}?next={LIST}"


class TestFilters:
    @pytest.fixture
    def pair(self):
        """Two entries that differ in everything; the first one is to be found."""
        wanted = InteractionLogEntryFactory(
            description="wanted",
            date=dt.date(2026, 3, 10),
            evaluation=Evaluation.NEGATIVE,
            campaign=CampaignFactory(no="CP1001"),
            segment_no="SM00018",
            logged_segment=LoggedSegmentFactory(segment_no="SM00018"),
            segment_line_no=1,
            document_kind=DocumentKindFactory(code="INVOICE"),
            document_no="SI-20481",
        )
        InteractionLogEntryFactory(description="other", date=dt.date(2026, 5, 10))
        return wanted

    @pytest.mark.parametrize(
        "query",
        [
            lambda entry: {"contact": entry.contact.no},
            lambda entry: {"salesperson": entry.salesperson.code},
            lambda entry: {"template": entry.template.code.lower()},
            lambda entry: {"group": entry.group.code},
            lambda entry: {"date_before": "2026-03-31"},
            lambda entry: {"date_after": "2026-03-10", "date_before": "10/03/2026"},
            lambda entry: {"evaluation": "-1"},
            lambda entry: {"campaign": "cp1001"},
            lambda entry: {"segment": "sm00018"},
            lambda entry: {"logged_segment": "sm00018"},
            lambda entry: {"document_kind": "INVOICE"},
            lambda entry: {"document_no": "SI-20481"},
            lambda entry: {"q": "want"},
        ],
    )
    def test_leave_what_they_name(self, browser, pair, query):
        response = browser.get(LIST, query(pair))

        assert shown(response) == ["wanted"]
        assert response.context["listing"].total.label == "1"

    def test_combine(self, browser, pair):
        assert shown(browser.get(LIST, {"template": pair.template.code, "evaluation": "2"})) == []

    def test_tell_evaluated_from_not_evaluated(self, browser, pair):
        assert shown(browser.get(LIST, {"evaluation": "none"})) == ["other"]

    @pytest.mark.parametrize(
        ("value", "found"), [("no", ["logged"]), ("yes", ["canceled"]), ("", ["canceled", "logged"])]
    )
    def test_hide_or_single_out_canceled_entries(self, browser, value, found):
        InteractionLogEntryFactory(description="logged")
        InteractionLogEntryFactory(description="canceled", canceled=True)

        assert shown(browser.get(LIST, {"canceled": value})) == found

    def test_of_a_company_take_its_people_along(self, browser):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        InteractionLogEntryFactory(description="of the company", contact=company)
        InteractionLogEntryFactory(description="of its person", contact=person)
        InteractionLogEntryFactory(description="of others")

        assert shown(browser.get(LIST, {"contact": company.no})) == ["of its person", "of the company"]
        assert shown(browser.get(LIST, {"contact": person.no})) == ["of its person"]

    def test_do_not_list_all_logged_segments_to_choose_from(self, browser, pair):
        LoggedSegmentFactory(segment_no="SM00777")
        html = browser.get(LIST, {"filters": "1", "logged_segment": "SM00018"}).content.decode()
        assert 'data-url="/segments/logged/lookup/"' in html
        assert '<option value="SM00018" selected>' in html
        assert "SM00777" not in html

    def test_do_not_know_logged_segments_that_the_reader_may_not_see(self, client, pair):
        reader = UserFactory()
        codes = ("view_interactionlogentry",)
        reader.user_permissions.set(Permission.objects.filter(codename__in=codes))
        client.force_login(reader)
        html = client.get(LIST, {"logged_segment": "SM00018"}).content.decode()
        assert "There is no logged segment “SM00018”." in html

    def test_stand_as_chips_that_take_themselves_away(self, browser, pair):
        response = browser.get(
            LIST, {"template": pair.template.code, "date_before": "2026-03-31", "view": "all"}
        )

        chips = {str(chip.label): chip.url for chip in response.context["filters"].chips}
        assert f"Template: {pair.template}" in chips
        assert chips["To date: 31 Mar 2026"].startswith(f"?template={pair.template.code}")

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"template": "NOSUCH"}, "There is no template “NOSUCH”."),
            ({"contact": "NOBODY"}, "No contact is called “NOBODY”."),
            ({"evaluation": "7"}, "“7” is not one of the choices."),
            ({"canceled": "perhaps"}, "“perhaps” is not one of the choices."),
            ({"date_after": "31/02/2026"}, "31/02/2026 is not a date."),
            ({"logged_segment": "x"}, "There is no logged segment “x”."),
            ({"view": "nobody"}, "“nobody” is not one of the choices."),
        ],
    )
    def test_that_make_no_sense_leave_the_list_whole_and_say_so(self, browser, pair, query, said):
        response = browser.get(LIST, query | {"document_no": "SI-20481"})

        assert response.status_code == 200
        assert len(shown(response)) == 2
        assert said in response.content.decode()

    def test_do_not_tell_who_exists_outside_of_what_one_sees(self, client, marta):
        ContactFactory(no="CT000999", salesperson=SalespersonFactory())
        client.force_login(marta)

        assert (
            "No contact is called “CT000999”." in client.get(LIST, {"contact": "CT000999"}).content.decode()
        )

    def test_are_drawn_when_somebody_opens_them(self, browser):
        InteractionTemplateFactory(description="A template to choose")

        closed = browser.get(LIST).content.decode()
        part = browser.get(LIST, {"filters": "1"}, headers={"HX-Request": "true", "HX-Target": "filter-form"})

        assert "A template to choose" not in closed
        assert "A template to choose" in part.content.decode()
        assert "A template to choose" in browser.get(LIST, {"filters": "1"}).content.decode()

    def test_send_htmx_the_rows_the_chips_and_the_links_that_carry_them(self, browser, pair):
        part = browser.get(LIST, {"document_no": "SI-20481"}, headers=PART).content.decode()

        assert part.count('hx-swap-oob="true"') == 3
        assert 'id="chosen" hx-swap-oob="true"' in part
        assert "<html" not in part


class TestEmptyLists:
    def test_say_how_to_begin(self, browser):
        assert "No interactions yet" in browser.get(LIST).content.decode()

    def test_say_that_all_is_done(self, browser):
        InteractionLogEntryFactory(evaluation=0)

        assert "Nothing to evaluate" in browser.get(LIST, {"view": "awaiting"}).content.decode()
        assert "Nothing is canceled" in browser.get(LIST, {"view": "canceled"}).content.decode()

    def test_say_how_many_match_in_the_widest_view(self, client, marta, team):
        InteractionLogEntryFactory(description="Lux calculation", team=team)
        client.force_login(marta)

        page = client.get(LIST, {"view": "mine", "q": "lux"})

        assert "Nothing matches “lux”" in page.content.decode()
        assert "There is 1 match among all entries." in page.content.decode()
        assert 'href="?q=lux"' in page.content.decode()


class TestRowsThatChanged:
    def test_come_alone_to_replace_those_that_stand_there(self, browser):
        entries = InteractionLogEntryFactory.create_batch(3)

        part = browser.get(
            reverse("interactions:entry_rows"),
            {"id": [entries[0].pk, entries[2].pk, "x", 2**70]},
            headers={"HX-Request": "true"},
        ).content.decode()

        assert f'id="entry-{entries[0].pk}" hx-swap-oob="true"' in part
        assert f'id="entry-{entries[2].pk}"' in part
        assert f'id="entry-{entries[1].pk}"' not in part
        assert part.strip().startswith("<template>")

    def test_are_only_those_one_may_see(self, client, marta):
        entry = InteractionLogEntryFactory(team=TeamFactory())
        client.force_login(marta)

        part = client.get(
            reverse("interactions:entry_rows"), {"id": entry.pk}, headers={"HX-Request": "true"}
        )

        assert b"<tr" not in part.content


class TestStatements:
    @pytest.mark.parametrize("number", [1, 3])
    def test_are_as_many_for_any_number_of_rows(self, client, marta, team, number, django_assert_num_queries):
        for _each in range(number):
            entry = InteractionLogEntryFactory(team=team, attachment=AttachmentFactory())
            EntryCommentFactory(entry=entry)
        InteractionDraftFactory(created_by=marta, kept=True)
        client.force_login(marta)
        client.get(LIST)

        # Session, user, permissions, teams, page, counts, postponed and segments in the menu.
        with django_assert_num_queries(8):
            client.get(LIST)

    @pytest.mark.parametrize("number", [1, 3])
    def test_of_a_filtered_list_do_not_grow_with_rows(
        self, client, marta, team, number, django_assert_max_num_queries
    ):
        template = InteractionTemplateFactory()
        InteractionLogEntryFactory.create_batch(number, team=team, template=template)
        client.force_login(marta)
        client.get(LIST)

        with django_assert_max_num_queries(
            13
        ):  # beside the above: the template; on PostgreSQL a limited transaction
            client.get(LIST, {"template": template.code})

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from crm.models import MarketingSetup
from tests.factories import (
    ContactFactory,
    InteractionDraftFactory,
    InteractionLogEntryFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

URL = "/salespeople/"


@pytest.fixture
def web(client):
    client.force_login(UserFactory(role="Marketing manager"))
    return client


def names(response):
    return [salesperson.name for salesperson, _cells in response.context["cells"]]


def figures(response, salesperson):
    cells = {row.pk: cells for row, cells in response.context["cells"]}[salesperson.pk]
    return {column.name: text for column, text in cells}


class TestSalespeopleList:
    def test_is_in_the_order_of_names(self, web):
        SalespersonFactory(name="Marta"), SalespersonFactory(name="Jonas")

        assert names(web.get(URL)) == ["Jonas", "Marta"]

    def test_shows_how_to_reach_everybody(self, web):
        salesperson = SalespersonFactory(
            code="MR",
            name="Marta Ruiz",
            job_title="Key accounts",
            email="marta@a.example",
            phone_no="+34 960",
            team=TeamFactory(name="Iberia"),
        )

        page = web.get(URL).content.decode()

        for text in ("MR", "Marta Ruiz", "Key accounts", "marta@a.example", "+34 960", "Iberia"):
            assert text in page
        assert f'href="{salesperson.get_absolute_url()}"' in page

    def test_marks_who_is_blocked(self, web):
        SalespersonFactory(privacy_blocked=True)

        assert "Blocked</span>" in web.get(URL).content.decode()

    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({"q": "marta"}, ["Marta Ruiz"]),
            ({"q": "JW"}, ["Jonas Weber"]),
            ({"q": "ирина"}, ["Ирина Орлова"]),
            ({"q": "a.example weber"}, ["Jonas Weber"]),
            ({"q": "("}, []),
            ({"q": "ИРИНА"}, ["Ирина Орлова"]),
            ({"q": "Márta ruìz"}, ["Marta Ruiz"]),
            ({"blocked": "yes"}, ["Ирина Орлова"]),
            ({"blocked": "no"}, ["Jonas Weber", "Marta Ruiz"]),
            ({"blocked": "perhaps"}, ["Jonas Weber", "Marta Ruiz", "Ирина Орлова"]),
        ],
    )
    def test_can_be_filtered(self, web, parameters, found):
        SalespersonFactory(name="Marta Ruiz", code="MR")
        SalespersonFactory(name="Jonas Weber", code="JW", email="jw@a.example")
        SalespersonFactory(name="Ирина Орлова", code="IO", blocked=True)

        assert names(web.get(URL, parameters)) == found

    def test_says_which_filter_makes_no_sense(self, web):
        page = web.get(URL, {"blocked": "perhaps"}).content.decode()

        assert "Blocked: “perhaps” is not one of the choices. Nothing is filtered." in page

    def test_counts_contacts_interactions_and_what_is_postponed(self, web):
        today = timezone.localdate()
        marta = SalespersonFactory(user=UserFactory())
        ContactFactory(salesperson=marta), ContactFactory(salesperson=marta)
        for values in (
            {"date": today},
            {"date": today.replace(day=1)},
            {"date": today, "canceled": True},
            {"date": today.replace(day=1) - dt.timedelta(days=1)},
        ):
            InteractionLogEntryFactory(salesperson=marta, **values)
        mine = web.get(URL).wsgi_request.user
        InteractionDraftFactory(salesperson=marta, created_by=mine, kept=True)
        InteractionDraftFactory(salesperson=marta, created_by=mine)
        InteractionDraftFactory(salesperson=marta, kept=True)

        found = figures(web.get(URL), marta)

        assert found == {"contacts": "2", "this_month": "2", "postponed": "1"}

    def test_counts_only_what_i_may_see(self, client):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory())
        colleague = SalespersonFactory(team=TeamFactory())
        ContactFactory(salesperson=colleague)
        InteractionLogEntryFactory(
            salesperson=colleague, team=colleague.teams.get(), date=timezone.localdate()
        )
        client.force_login(user)

        assert figures(client.get(URL), colleague) == {"contacts": "", "this_month": "", "postponed": ""}

    def test_says_what_is_missing(self, web):
        assert "No salespeople" in web.get(URL).content.decode()
        SalespersonFactory()
        assert "No salesperson matches" in web.get(URL, {"q": "nobody"}).content.decode()

    def test_answers_a_search_with_rows_and_filters(self, web):
        SalespersonFactory(name="Marta")

        page = web.get(
            URL, {"q": "mar"}, headers={"HX-Request": "true", "HX-Target": "results"}
        ).content.decode()

        assert "Marta" in page
        assert 'id="chosen" hx-swap-oob="true"' in page
        assert "<html" not in page

    def test_opens_its_filters(self, web):
        opened = web.get(
            URL, {"filters": "1"}, headers={"HX-Request": "true", "HX-Target": "filter-form"}
        ).content.decode()

        assert opened.strip().startswith("<form")
        assert 'name="blocked"' in opened

    @pytest.mark.parametrize("count", [1, 3])
    def test_asks_the_same_statements_for_any_number_of_rows(self, client, count, django_assert_num_queries):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user, team=TeamFactory())
        for _number in range(count):
            salesperson = SalespersonFactory(team=TeamFactory())
            ContactFactory(salesperson=salesperson)
            InteractionLogEntryFactory(salesperson=salesperson)
        client.force_login(user)
        MarketingSetup.current()

        with django_assert_num_queries(13):
            # session, user, permissions, teams twice; rows, their teams, three columns, the count; postponed in the menu
            client.get(URL)


class TestSalespersonCard:
    def test_says_who_it_is(self, web):
        salesperson = SalespersonFactory(
            code="MR",
            name="Marta Ruiz",
            job_title="Key accounts",
            email="marta@a.example",
            phone_no="+34 960",
            team=TeamFactory(name="Iberia"),
        )

        page = web.get(salesperson.get_absolute_url()).content.decode()

        for text in (
            "<h1>Marta Ruiz",
            "MR",
            "Key accounts",
            "Iberia",
            'href="tel:+34960"',
            'href="mailto:marta@a.example"',
        ):
            assert text in page

    @pytest.mark.parametrize("code", ["A/7", "М.Р.", "A B", "A&B"])
    def test_opens_whatever_the_code_is_made_of(self, web, code):
        salesperson = SalespersonFactory(code=code)

        assert web.get(salesperson.get_absolute_url()).context["salesperson"] == salesperson

    def test_leads_to_the_interactions_of_this_salesperson(self, web):
        salesperson = SalespersonFactory(code="A&B")

        page = web.get(salesperson.get_absolute_url()).content.decode()

        for name in ("interactions:new", "interactions:entries", "interactions:postponed", "crm:contacts"):
            assert f'href="{reverse(name)}?salesperson=A%26B"' in page
        assert f'hx-get="{reverse("interactions:salesperson_entries", kwargs={"code": "A&B"})}"' in page

    def test_of_somebody_blocked_creates_nothing(self, web):
        page = web.get(SalespersonFactory(blocked=True).get_absolute_url()).content.decode()

        assert "gets no new contacts or interactions" in page
        assert reverse("interactions:new") + "?salesperson" not in page

    def test_lists_the_contacts_that_i_see(self, client):
        user = UserFactory(role="Salesperson")
        mine = SalespersonFactory(user=user, team=TeamFactory())
        ContactFactory(name="Mine", salesperson=mine)
        other = SalespersonFactory()
        ContactFactory(name="Other", salesperson=other)
        client.force_login(user)

        assert [
            row.name
            for row, _cells in client.get(mine.get_absolute_url(), {"tab": "contacts"}).context["cells"]
        ] == ["Mine"]
        assert (
            "The contacts of this salesperson are outside what you see"
            in client.get(other.get_absolute_url(), {"tab": "contacts"}).content.decode()
        )

    def test_shows_the_details(self, web):
        salesperson = SalespersonFactory(
            email_2="second@a.example", user=UserFactory(first_name="Marta", last_name="Ruiz"), blocked=True
        )

        page = web.get(salesperson.get_absolute_url(), {"tab": "details"}).content.decode()

        for text in ("second@a.example", "<dd>Marta Ruiz</dd>", "<dd>Yes</dd>", "<dd>No</dd>"):
            assert text in page

    def test_is_not_found_under_a_code_that_nobody_has(self, web):
        assert web.get("/salespeople/NOBODY/").status_code == 404

    def test_needs_the_permission(self, client):
        client.force_login(UserFactory())

        assert client.get(URL).status_code == 403
        assert client.get(SalespersonFactory().get_absolute_url()).status_code == 403

    def test_shows_no_interactions_to_whoever_may_not_read_them(self, client):
        user = UserFactory()
        user.user_permissions.add(Permission.objects.get(codename="view_salesperson"))
        client.force_login(user)

        page = client.get(SalespersonFactory().get_absolute_url()).content.decode()

        assert "You do not have permission to read interactions." in page
        assert "Interactions this month" not in page

    def test_can_be_changed_by_whoever_sets_up(self, client):
        salesperson = SalespersonFactory()
        url = reverse("admin:crm_salesperson_change", args=[salesperson.pk])
        for staff in (False, True):
            client.force_login(UserFactory(role="Administrator", is_staff=staff))
            assert (url in client.get(salesperson.get_absolute_url()).content.decode()) == staff

import pytest
from django.urls import reverse

from crm.models import MarketingSetup, NumberSeries, Salesperson, User
from tests.factories import (
    NumberSeriesFactory,
    SalespersonFactory,
    SalutationFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client):
    client.force_login(UserFactory(role="Administrator", is_staff=True))
    return client


def url_of(model, view, *args):
    return reverse(f"admin:crm_{model}_{view}", args=args)


class TestSetupPages:
    @pytest.mark.parametrize("model", ["user", "salesperson", "team", "numberseries", "salutation"])
    def test_open(self, web, model):
        row = {
            "user": UserFactory,
            "salesperson": SalespersonFactory,
            "team": TeamFactory,
            "numberseries": NumberSeriesFactory,
            "salutation": SalutationFactory,
        }[model]()

        assert web.get(url_of(model, "changelist")).status_code == 200
        assert web.get(url_of(model, "changelist"), {"q": "x"}).status_code == 200
        assert web.get(url_of(model, "add")).status_code == 200
        assert web.get(url_of(model, "change", row.pk)).status_code == 200

    def test_leave_contacts_to_their_own_pages(self, web):
        assert "/admin/crm/contact/" not in web.get(reverse("admin:index")).content.decode()

    @pytest.mark.parametrize("role", ["Salesperson", "Reader"])
    def test_are_closed_to_everybody_else(self, client, role):
        client.force_login(UserFactory(role=role, is_staff=True))

        for model in ("user", "team", "numberseries", "salutation", "marketingsetup"):
            assert client.get(url_of(model, "changelist"), follow=True).status_code == 403

    @pytest.mark.parametrize("staff", [True, False])
    def test_are_in_the_menu_of_staff(self, client, staff):
        client.force_login(UserFactory(role="Marketing manager", is_staff=staff))

        assert (url_of("marketingsetup", "changelist") in client.get("/").content.decode()) == staff


class TestPeople:
    def test_get_a_user_with_a_password(self, web):
        web.post(
            url_of("user", "add"),
            {
                "username": "marta.ruiz",
                "usable_password": "true",
                "password1": "a long and plain sentence",
                "password2": "a long and plain sentence",
            },
        )

        assert User.objects.get(username="marta.ruiz").check_password("a long and plain sentence")

    def test_get_a_salesperson_and_a_home_team(self, web):
        user, team = UserFactory(), TeamFactory()

        web.post(
            url_of("salesperson", "add"),
            {
                "code": "mr",
                "name": "Marta Ruiz",
                "user": user.pk,
                "memberships-TOTAL_FORMS": "1",
                "memberships-INITIAL_FORMS": "0",
                "memberships-0-team": team.pk,
                "memberships-0-is_home": "on",
            },
        )

        salesperson = Salesperson.objects.get(code="MR")
        assert (salesperson.user, salesperson.home_team_id()) == (user, team.pk)

    def test_see_their_salesperson_code_in_the_list(self, web):
        SalespersonFactory(code="MR", user=UserFactory())

        assert ">MR</td>" in web.get(url_of("user", "changelist")).content.decode()


class TestMarketingSetup:
    def form(self, web, **changes):
        form = web.get(url_of("marketingsetup", "change", 1)).context["adminform"].form
        data = {name: form[name].value() for name in form.fields}
        return {name: value for name, value in (data | changes).items() if value not in (None, False)}

    def test_is_one_page(self, web):
        response = web.get(url_of("marketingsetup", "changelist"))

        assert response.url == url_of("marketingsetup", "change", 1)
        assert web.get(response.url).status_code == 200
        assert web.get(url_of("marketingsetup", "add")).status_code == 403
        assert web.post(url_of("marketingsetup", "delete", 1)).status_code == 403

    def test_is_saved(self, web):
        series = NumberSeriesFactory(code="MINE")

        response = web.post(
            url_of("marketingsetup", "change", 1),
            self.form(
                web,
                company_name="Alder & Finch",
                time_zone="Europe/Madrid",
                contact_nos=series.pk,
                default_country="ES",
                default_language="es",
                inherit_address=False,
            ),
        )

        assert response.status_code == 302
        setup = MarketingSetup.current()
        assert (setup.company_name, setup.time_zone) == ("Alder & Finch", "Europe/Madrid")
        assert (setup.contact_nos, setup.default_country, setup.default_language) == (series, "ES", "es")
        assert (setup.inherit_address, setup.inherit_country) == (False, True)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("time_zone", "Atlantis/Capital"), ("default_country", "ZZ"), ("default_language", "klingon")],
    )
    def test_refuses_what_does_not_exist(self, web, field, value):
        response = web.post(url_of("marketingsetup", "change", 1), self.form(web, **{field: value}))

        assert response.context["adminform"].form.errors.keys() == {field}

    def test_may_be_read_by_marketing_managers(self, client):
        client.force_login(UserFactory(role="Marketing manager", is_staff=True))

        response = client.get(url_of("marketingsetup", "change", 1))

        assert response.status_code == 200
        assert 'name="_save"' not in response.content.decode()
        assert client.post(response.request["PATH_INFO"], {"currency": "USD"}).status_code == 403


class TestNumberSeries:
    def test_is_written_with_its_lines(self, web):
        web.post(
            url_of("numberseries", "add"),
            {
                "code": "new",
                "default_nos": "on",
                "lines-TOTAL_FORMS": "1",
                "lines-INITIAL_FORMS": "0",
                "lines-0-starting_date": "2026-01-01",
                "lines-0-starting_no": "n0001",
                "lines-0-increment_by": "1",
                "lines-0-is_open": "on",
            },
        )

        assert NumberSeries.objects.get(code="NEW").take() == "N0001"

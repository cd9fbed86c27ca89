"""Setup in the admin: who may do what and see how far; people, numbers, greetings, the firm."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
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


class TestGroups:
    def post(self, web, group, **values):
        data = {"name": group.name, "permissions": [], "scope": "own"} | values
        return web.post(reverse("admin:auth_group_change", args=[group.pk]), data)

    @pytest.mark.parametrize(
        ("scope", "granted"), [("own", []), ("team", ["scope_team"]), ("all", ["scope_all"])]
    )
    def test_say_how_far_their_people_see(self, web, scope, granted):
        group = Group.objects.get(name="Salesperson")
        kept = Permission.objects.get(codename="view_contact")
        assert self.post(web, group, scope=scope, permissions=[kept.pk]).status_code == 302
        names = set(group.permissions.values_list("codename", flat=True))
        assert names == {"view_contact", *granted}
        user = UserFactory(role="Salesperson")
        assert user.scope == scope
        form = web.get(reverse("admin:auth_group_change", args=[group.pk])).context["adminform"].form
        assert (form.initial["scope"], form.initial["permissions"]) == (
            scope,
            [p.pk for p in group.permissions.all()],
        )

    def test_are_listed_with_their_scope(self, web):
        page = web.get(reverse("admin:auth_group_changelist")).content.decode()
        for scope in ("Records of the team", "All records"):
            assert f'<td class="field-scope">{scope}</td>' in page

    def test_grant_nothing_beyond_our_own_apps(self, web):
        group = Group.objects.create(name="Night watch")
        foreign = Permission.objects.get(codename="delete_session")
        answer = self.post(web, group, permissions=[foreign.pk])
        assert answer.context["adminform"].form.errors.keys() == {"permissions"}
        assert not group.permissions.exists()

    def test_keep_what_a_superuser_granted_elsewhere(self, web):
        group = Group.objects.create(name="Night watch")
        foreign = Permission.objects.get(codename="delete_session")
        group.permissions.add(foreign)
        self.post(web, group, scope="team")
        assert set(group.permissions.values_list("codename", flat=True)) == {"delete_session", "scope_team"}

    def test_with_people_stay_and_say_so(self, web):
        group = Group.objects.get(name="Administrator")
        answer = web.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}, follow=True)
        assert [str(each) for each in answer.context["messages"]] == [
            "Administrator is used by users and cannot be deleted."
        ]
        empty = Group.objects.create(name="Night watch")
        web.post(reverse("admin:auth_group_delete", args=[empty.pk]), {"post": "yes"})
        assert not Group.objects.filter(pk=empty.pk).exists()


class TestSuperusers:
    def test_are_not_made_by_administrators(self, web):
        user = User.objects.get(pk=web.session["_auth_user_id"])
        fields = web.get(url_of("user", "change", user.pk)).context["adminform"].form.fields
        assert not {"is_superuser", "user_permissions"} & set(fields)
        assert {"groups", "is_active"} <= set(fields)

    def test_are_no_matter_of_administrators(self, web):
        boss = UserFactory(is_superuser=True, is_staff=True)
        for url in (
            url_of("user", "change", boss.pk),
            url_of("user", "delete", boss.pk),
            reverse("admin:auth_user_password_change", args=[boss.pk]),
        ):
            assert web.post(url, {"password1": "a long and plain sentence"}).status_code == 403

    def test_make_superusers(self, client):
        client.force_login(UserFactory(is_superuser=True, is_staff=True))
        fields = client.get(url_of("user", "change", UserFactory().pk)).context["adminform"].form.fields
        assert {"is_superuser", "user_permissions"} <= set(fields)


class TestLook:
    """The admin wears the product's name and colours, light or dark as the person chose."""

    @pytest.mark.parametrize(
        ("theme", "dark"),
        [("light", None), ("dark", ""), ("system", ' media="(prefers-color-scheme: dark)"')],
    )
    def test_follows_the_theme_of_the_person(self, client, theme, dark):
        client.force_login(UserFactory(role="Administrator", is_staff=True, theme=theme))
        page = client.get(reverse("admin:index")).content.decode()
        links = re.findall(r'<link rel="stylesheet" href="[^"]*admin_dark\.css"([^>]*)>', page)
        assert links == ([] if dark is None else [dark])

    def test_bears_our_name_and_leads_back(self, web):
        MarketingSetup.objects.update(company_name="Alder & Finch")
        page = web.get(reverse("admin:index")).content.decode()
        assert "Alder &amp; Finch</title>" in page
        assert '<a href="/">Back to Alder &amp; Finch</a>' in page
        assert "Django" not in page
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=", page)

    @pytest.mark.parametrize(("file", "mode"), [("admin.css", "light"), ("admin_dark.css", "dark")])
    def test_uses_colours_of_the_theme_only(self, file, mode):
        static = settings.BASE_DIR / "static" / "crm"
        theme = (static / "theme.css").read_text()
        block = re.search(rf"\[data-bs-theme={mode}\] \{{(.*?)\}}", theme, re.DOTALL)[1]
        colour = r"#[0-9a-f]{3,6}\b"
        assert set(re.findall(colour, (static / file).read_text())) <= set(re.findall(colour, block))


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

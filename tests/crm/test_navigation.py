"""What apps register, and how sidebar, top bar and phone bar show it."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from crm import navigation
from crm.navigation import Action, Cue, Item, Reading
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def item(name, **values):
    return Item(name=name, label=name.title(), icon="log", **values)


def side_of(page):
    return re.search(r'<nav class="side".*?</nav>', page.content.decode(), re.DOTALL)[0]


def links_of(html):
    return re.findall(r'class="nav-i" href="([^"]+)"', html)


class TestRegister:
    def test_refuses_a_page_that_is_registered_already(self, kit):
        kit.register(item("kit"))

        with pytest.raises(ValueError, match="kit is registered twice as Item"):
            kit.register(item("kit"))

    def test_takes_a_page_and_an_action_of_one_name(self, kit):
        kit.register(item("kit"), Action(name="kit", label="Kit", icon="plus"))

        assert len(kit.registered(Item)) == len(kit.registered(Action)) == 1


class TestCheck:
    def test_finds_nothing_wrong_with_what_the_apps_register(self):
        assert navigation.check_names(None) == []

    def test_names_a_page_that_does_not_exist(self, kit):
        kit.register(item("kit"), item("nowhere:at_all"))

        [problem] = navigation.check_names(None)
        assert (problem.id, problem.obj) == ("crm.E101", "nowhere:at_all")

    def test_names_a_page_that_needs_an_argument(self, kit):
        kit.register(Action(name="row", label="Row", icon="log"))

        assert [problem.obj for problem in navigation.check_names(None)] == ["row"]

    def test_refuses_two_buttons_for_the_top_bar(self, kit):
        for name in ("kit", "sheet"):
            kit.register(Action(name=name, label=name, icon="plus", create=True))

        assert [problem.id for problem in navigation.check_names(None)] == ["crm.E102"]


class TestNearest:
    URLS = ["/", "/interactions/", "/interactions/postponed/"]

    @pytest.mark.parametrize(
        ("path", "url"),
        [
            ("/", "/"),
            ("/interactions/", "/interactions/"),
            ("/interactions/42/", "/interactions/"),
            ("/interactions/postponed/", "/interactions/postponed/"),
            ("/contacts/", None),
        ],
    )
    def test_is_the_longest_address_above_a_page(self, path, url):
        assert navigation.nearest(path, self.URLS) == url

    def test_is_nothing_without_pages(self):
        assert navigation.nearest("/", []) is None


class TestSidebar:
    def test_shows_the_pages_by_section_and_order(self, web, menu):
        side = side_of(web.get("/kit/"))

        assert links_of(side) == ["/kit/", "/kit/rows/", "/preferences/"]
        assert side.index("/kit/") < side.index("<h2>Lists</h2>") < side.index("/kit/rows/")

    def test_marks_the_page_and_the_place_of_pages_below_it(self, web, menu):
        assert 'href="/kit/rows/" title="Rows" aria-current="page"' in side_of(web.get("/kit/rows/"))
        assert 'href="/kit/rows/" title="Rows" aria-current="true"' in side_of(web.get("/kit/rows/3/"))

    def test_shows_a_number_that_waits(self, web, menu):
        assert '<span class="n hot">3</span>' in side_of(web.get("/kit/"))

    def test_a_number_of_nothing_waits_for_nobody(self, web, kit):
        kit.register(item("kit", count=lambda request: 0, hot=True), item("rows", count=lambda request: None))

        side = side_of(web.get("/kit/"))
        assert '<span class="n">0</span>' in side
        assert side.count('<span class="n') == 1

    def test_leaves_out_what_the_user_may_not_open(self, web, marta, kit):
        kit.register(item("kit"), item("rows", permission="crm.add_contact"))
        assert links_of(side_of(web.get("/kit/"))) == ["/kit/"]

        marta.user_permissions.add(
            Permission.objects.get(codename="add_contact", content_type__app_label="crm")
        )
        assert links_of(side_of(web.get("/kit/"))) == ["/kit/", "/kit/rows/"]

    def test_asks_no_number_for_a_part_of_a_page(self, web, kit):
        asked = []
        kit.register(item("kit", count=lambda request: asked.append(request.path)))

        web.get("/kit/rows/3/", headers={"HX-Request": "true"})
        assert asked == []
        web.get("/kit/rows/3/")
        assert asked == ["/kit/rows/3/"]


class TestTopBar:
    def test_shows_the_create_action(self, web, menu):
        assert (
            'href="/kit/sheet/" hx-get="/kit/sheet/" hx-target="#sheet" data-key="n"'
            in web.get("/kit/").content.decode()
        )

    def test_shows_no_button_to_those_who_may_not_create(self, web, kit):
        kit.register(
            Action(name="sheet", label="New", icon="plus", create=True, permission="crm.add_contact"),
        )

        assert 'hx-get="/kit/sheet/" hx-target="#sheet" data-key="n"' not in web.get("/kit/").content.decode()


class TestPhoneBar:
    def test_holds_the_pages_with_a_short_name_around_the_create_button(self, web, menu):
        bar = re.search(r'<nav class="tabbar".*?</nav>', web.get("/kit/").content.decode(), re.DOTALL)[0]

        assert re.findall(r'<a [^>]*?\bhref="([^"]+)"', bar) == [
            "/kit/",
            "/kit/rows/",
            "/kit/sheet/",
            "#menu",
        ]
        assert "<span>List</span>" in bar


class TestActions:
    def test_are_those_that_the_user_may_take(self, rf, marta, kit):
        kit.register(
            Action(name="sheet", label="New", icon="plus", order=2),
            Action(name="kit", label="First", icon="plus", order=1, sheet=False),
            Action(name="rows", label="Hidden", icon="plus", permission="crm.add_contact"),
        )
        request = rf.get("/")
        request.user = marta

        assert [(link.url, link.label, link.sheet) for link in navigation.actions(request)] == [
            ("/kit/", "First", False),
            ("/kit/sheet/", "New", True),
        ]


class TestCues:
    def test_read_mine_or_my_teams_figures(self, rf, kit):
        kit.register(
            Cue(
                label="Mine", order=2, read=lambda request, team: Reading(value=9 if team else 3, url="/kit/")
            ),
            Cue(label="Silent", order=1, read=lambda request, team: None),
            Cue(
                label="Hidden",
                permission="crm.add_contact",
                read=lambda request, team: Reading(value=1, url="/"),
            ),
        )
        request = rf.get("/")
        request.user = UserFactory()

        assert [(cue.label, reading.value) for cue, reading in navigation.cues(request)] == [("Mine", 3)]
        assert [reading.value for _cue, reading in navigation.cues(request, team=True)] == [9]


class TestUnregister:
    def test_takes_a_page_out_again(self, kit):
        page = item("kit")
        kit.register(page)
        kit.unregister(page)

        assert kit.registered(Item) == []


def test_every_registered_page_can_be_reversed():
    for thing in [*navigation.registered(Item), *navigation.registered(Action)]:
        assert reverse(thing.name).startswith("/")

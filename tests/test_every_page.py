"""Every page of the product in a real browser: accessible, no wider than its window, silent on the console."""

from urllib.parse import parse_qsl, unquote

import pytest
from django.urls import resolve, reverse

from crm.actions import opt_out_token
from crm.models.fields import CodeField
from tests.factories import UserFactory
from tests.journeys.addresses import FOR_STRANGERS, pages, pages_without_numbers
from tests.journeys.world import one_of_everything
from tests.plugins.browser import open_whole
from tests.test_pages import is_part, worst


def long(field, number):
    """The worst texts, as far as they consist of words: nothing breaks a word of fifty letters yet."""
    if (field.max_length or 200) < 60 and not isinstance(field, CodeField):
        return f"{number} <b>Общество с ответственностью и так далее"[: field.max_length]
    return worst(field, number)


# What looks different while there are no rows.
EMPTY = """
    home crm:contacts crm:salespeople crm:jobs interactions:entries interactions:entries?view=awaiting
    interactions:entries?view=canceled interactions:postponed interactions:purge
"""
STATES = {"tab", "view", "v", "filters", "type", "canceled"}


def once_each(urls):
    """Those of *urls* that show another page, or another state of it, than the ones before."""
    seen = set()
    for url in urls:
        path, _mark, query = url.partition("?")
        states = tuple((name, value) for name, value in parse_qsl(query) if name in STATES)
        key = resolve(unquote(path)).view_name, states, bool(query)
        if key not in seen and not is_part(url):
            seen.add(key)
            yield url


@pytest.fixture
def boss(transactional_db):
    return UserFactory(role="Administrator", first_name="Ада")


def walk(page, urls, check):
    """Opens each of *urls* with everything that it fetches, and answers {url: what is wrong}."""
    wrong = {}
    for url in urls:
        open_whole(page, url)
        try:
            check(page)
            assert page.locator("h1").count() == 1
        except AssertionError as problem:
            wrong[url] = str(problem).splitlines()[0]
    return wrong


class TestEveryPage:
    @pytest.mark.parametrize(
        ("width", "height", "theme", "write"),
        [(1440, 900, "light", None), (390, 844, "dark", long)],
        ids=["light 1440", "dark 390, long words"],
    )
    def test_is_accessible(self, new_page, boss, assert_accessible, width, height, theme, write):
        world = one_of_everything(boss, write)
        page = new_page(boss, width=width, height=height, theme=theme)
        executed = []
        page.on("dialog", lambda dialog: (executed.append(dialog.message), dialog.dismiss()))
        urls = [
            url
            for url in once_each(pages(world))
            if write is None or not url.startswith("/interactions/?contact=")
        ]
        assert walk(page, urls, assert_accessible) == {}
        stranger = new_page(width=width, height=height, theme=theme)
        opt_out = reverse("crm:opt_out", args=[opt_out_token(world.contact.pk, "EMAIL")])
        urls = [*pages_without_numbers(FOR_STRANGERS), opt_out]
        assert walk(stranger, urls, assert_accessible) == {}
        assert executed == []

    def test_is_accessible_before_there_is_anything(self, new_page, boss, assert_accessible):
        page = new_page(boss, width=390, height=844)
        assert walk(page, pages_without_numbers(EMPTY), assert_accessible) == {}

    def test_breaks_names_that_are_too_long_for_a_phone(self, new_page, boss, assert_accessible):
        world = one_of_everything(boss, worst)
        page = new_page(boss, width=390, height=844)
        urls = [world.company.get_absolute_url(), world.entry.get_absolute_url()]
        urls += [url for url in pages(world) if url.startswith("/interactions/?contact=")]
        assert walk(page, urls, assert_accessible) == {}

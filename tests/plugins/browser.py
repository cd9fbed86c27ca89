"""A real Chromium for tests marked `browser`; any test that asks for one of these fixtures gets the mark by itself.

The browser is CHROMIUM or the first one on PATH. Where none is, these tests are skipped and the summary says so; with
CI=true they fail.
"""

import os
import shutil
import threading
import time

import pytest
from django.core.signals import request_finished, request_started

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "no Chromium found: install one (Debian and Ubuntu: apt install chromium) "
    "or set CHROMIUM to the path of a Chromium or Chrome"
)

# Nothing is drawn by a graphics card, and nobody asks the network for updates.
QUIET = [
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-background-networking",
    "--disable-sync",
]


def find_chromium():
    """The path of a Chromium or Chrome, or None."""
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else NAMES
    return next(filter(None, map(shutil.which, names)), None)


def in_ci():
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: drives a real Chromium")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_runtest_setup(item):
    if item.get_closest_marker("browser") and not find_chromium():
        (pytest.fail if in_ci() else pytest.skip)(MISSING)


@pytest.fixture(scope="session")
def chromium(django_db_setup):
    from django.db import connections
    from playwright.sync_api import expect, sync_playwright

    migrated = {
        alias: contents
        for alias in connections
        if (contents := getattr(connections[alias], "_test_serialized_contents", None))
    }

    expect.set_options(timeout=20_000)  # a busy machine is no reason to fail
    # Playwright keeps an event loop in this thread; Django would refuse every query of the test because of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        # Where a loop runs, Django keeps other connections; what emptied databases are filled with again moves along.
        for alias, contents in migrated.items():
            connections[alias]._test_serialized_contents = contents
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=QUIET + ["--no-sandbox"] * (os.geteuid() == 0)
        )
        yield browser
        browser.close()


class Traffic:
    """The requests that the live server is answering: each has a thread of its own."""

    def __init__(self):
        self.threads = set()

    def begin(self, **_signal):
        if threading.current_thread() is not threading.main_thread():
            self.threads.add(threading.get_ident())

    def end(self, **_signal):
        self.threads.discard(threading.get_ident())

    def wait(self, seconds=10):
        """Return when nothing is being answered, or after so many seconds."""
        until = time.monotonic() + seconds
        while self.threads and time.monotonic() < until:
            time.sleep(0.01)


@pytest.fixture(scope="session")
def traffic():
    found = Traffic()
    request_started.connect(found.begin)
    request_finished.connect(found.end)
    yield found
    request_started.disconnect(found.begin)
    request_finished.disconnect(found.end)


class Problems(list):
    """What a browser complains about; that a later request replaced one of htmx is no complaint."""

    def append(self, problem):
        if "htmx:sendAbort" in problem:
            # Reported as two errors, of which this is the second one.
            ended = [index for index, other in enumerate(self) if "htmx:afterRequest" in other]
            del self[ended[-1]]
        else:
            super().append(problem)


@pytest.fixture
def browser_problems():
    """What the pages of this test did wrong so far; the test fails when anything is left in it at its end."""
    return Problems()


@pytest.fixture
def new_page(chromium, live_server, traffic, browser_problems):
    """Opens pages of the live server, each in a context of its own: `new_page(user, width=390, theme="dark")`.

    A message on the console, a script error or a request that leaves the server ends up in `browser_problems`.
    """
    contexts = []

    def open_page(user=None, *, width=1280, height=900, theme="light", javascript=True, **options):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=javascript,
            **({"locale": "en-GB", "timezone_id": "UTC"} | options),
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: browser_problems.append(f"script error: {error}"))
        page.on("console", lambda message: note_message(message, browser_problems))
        page.on("request", lambda request: note_foreign(request, live_server.url, browser_problems))
        return page

    yield open_page
    for context in contexts:
        context.close()
    # What a page had still asked for would meet the database while it is emptied: a deadlock on PostgreSQL.
    traffic.wait()
    assert browser_problems == []


LOADED = """() => ![...document.querySelectorAll("[data-part]")].some((part) => part.querySelector(":scope > p.pad > a"))"""


def open_whole(page, url):
    """Opens *url* and waits for the parts that the page fetches."""
    page.goto(url)
    page.wait_for_function(LOADED)


def session_cookie(user, url):
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


def note_message(message, problems):
    # A form that is refused answers 422; Chromium reports that on the console, and nothing is wrong with it.
    if message.type in {"error", "warning"} and "status of 422" not in message.text:
        problems.append(f"console {message.type}: {message.text} {message.location['url']}".rstrip())


def note_foreign(request, own, problems):
    if not request.url.startswith((own, "data:", "blob:", "about:")):
        problems.append(f"request to another server: {request.url}")


# WCAG 2.2 up to AA with what is good practice besides; target-size is off unless its tag is asked for. Only what is
# violated is told: to describe every element that is all right takes twice as long as to look at it.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# A target that is half under a bar which stays where it is while the page scrolls is looked at again in the middle.
RUN = """async (options) => {
  const { violations } = await axe.run(document, options);
  const found = [];
  for (const { id, nodes } of violations) for (const { html, target } of nodes) {
    if (id === "target-size") {
      document.querySelector(target[0]).scrollIntoView({ block: "center" });
      const again = await axe.run(target[0], { runOnly: { type: "rule", values: [id] }, resultTypes: ["violations"] });
      if (!again.violations.length) continue;
    }
    found.push(`${id}: ${html}`);
  }
  return found;
}"""


@pytest.fixture
def assert_accessible():
    """Asserts that axe-core finds nothing on a page and that the page does not scroll sideways."""
    from axe_playwright_python.sync_playwright import Axe

    script = Axe().axe_script

    def check(page):
        page.evaluate(script)
        assert page.evaluate(RUN, OPTIONS) == []
        width, shown = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert width <= shown, f"{page.url} is {width} px wide in a window of {shown} px"

    return check

"""Every page answers: on an empty database, on one of everything, with the worst texts, to any nonsense in its address."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from django.db import transaction
from django.urls import resolve, reverse

from crm.models.fields import CodeField
from crm.views.jobs import STOP_POLLING
from tests.factories import UserFactory
from tests.journeys.addresses import (
    ADDRESSES,
    FOR_STRANGERS,
    PARAMETERS,
    address,
    admin_pages,
    pages,
    pages_without_numbers,
)
from tests.journeys.world import one_of_everything

ATTACK = "<script>alert(1)</script>"
BREAKOUT = f'"\'>{ATTACK} onfocus="alert(1)" {{{{ 7 }}}} '

# Tried in every parameter by itself.
SHARP = {
    "an attack": BREAKOUT,
    "an endless number": "9" * 5000,
    "no number": "²",
    "the first day": "0001-01-01",
}
# Tried in all parameters of a page at once.
NONSENSE = SHARP | {
    "a quote": "'",
    "broken UTF-8": b"\xff\xfe",
    "a negative number": "-1",
    "a huge number": "9" * 30,
    "Arabic digits": "١٢٣",
    "a day that is none": "2026-02-31",
    "the last day": "9999-12-31",
    "a long text": "х" * 3000,
    "brackets": "[{(*%_\\",
    "blanks": "  \t ",
}
NUL = {"a NUL": "\0"}  # PostgreSQL stores none


def worst(field, number):
    """As long as the field is, Cyrillic, and HTML: scripts where there is room for one, else a piece of markup."""
    most = field.max_length or 200
    if most >= 60:
        return f"{number} {BREAKOUT}{'Общество с ограниченной ответственностью ' * 10}"[:most].strip()
    if isinstance(field, CodeField):
        return f"{number}<B>Ж/"[:most]
    return f"{number}<b>{'Ж' * most}"[:most]


def raw_markup(body):
    """What would have been markup if somebody had typed it, and stands in the page as such."""
    return re.findall(r"(?i)<script>alert\(1\)|\d<b>ж|(?<=\s)onfocus=\"alert", body)


class Inline(HTMLParser):
    """Collects what a strict content policy forbids: styles and handlers in tags, scripts without a nonce."""

    def __init__(self, body):
        super().__init__()
        self.found, self.headings = [], 0
        self.feed(body)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.found += [
            f"<{tag} {name}={value!r}>"
            for name, value in attributes
            if name == "style"
            or name.startswith("on")
            or (value or "").strip().lower().startswith("javascript:")
        ]
        self.headings += tag == "h1"
        if tag == "style" or (tag == "script" and "src" not in given and "nonce" not in given):
            self.found.append(f"<{tag}>")


def policy_of(response):
    """{directive: [source, …]} of the content policy."""
    directives = response.headers.get("Content-Security-Policy", "").split(";")
    return {name: sources for name, *sources in map(str.split, filter(str.strip, directives))}


def faults(response, *, part=False):
    """What is wrong with an answered page, in words."""
    body, policy = response.content.decode(), policy_of(response)
    inline = Inline(body)
    found = [*inline.found, *raw_markup(body)]
    if response.status_code != 200:
        found.append(f"status {response.status_code}")
    if [source for source in policy["script-src"] if not source.startswith("'nonce-")] != ["'self'"]:
        found.append(f"scripts from {policy['script-src']}")
    if policy["style-src"] != ["'self'"] or policy["object-src"] != ["'none'"]:
        found.append(f"styles from {policy['style-src']}")
    if inline.headings != 1 and not part:
        found.append(f"{inline.headings} headings")
    return found


@pytest.fixture
def boss(db, client):
    """A client whose user may everything."""
    client.user = UserFactory(role="Administrator", is_staff=True, is_superuser=True, first_name="Ада")
    client.force_login(client.user)
    client.raise_request_exception = False
    return client


def speak(client, language):
    client.user.language = language
    client.user.save()


def is_part(url):
    """Rows and cards that are fetched into a page."""
    return "/rows/" in url or "/card/" in url


@pytest.mark.parametrize("language", ["en", "es"])
class TestPages:
    def test_answer_on_an_empty_database(self, boss, language):
        speak(boss, language)
        wrong = {}
        for url in pages_without_numbers():
            response = boss.get(url)
            if found := faults(response, part=is_part(url)):
                wrong[url] = found
            if response.headers["Content-Language"] != language:
                wrong[url] = response.headers["Content-Language"]
        assert wrong == {}

    def test_answer_with_one_of_everything_in_the_worst_words(self, boss, language):
        world = one_of_everything(boss.user, worst)
        speak(boss, language)
        wrong, seen = {}, 0
        for url in pages(world):
            response = boss.get(url)
            seen += "&lt;script&gt;alert(1)" in response.content.decode()
            if found := faults(response, part=is_part(url)):
                wrong[url] = found
        assert wrong == {}
        assert seen > 50  # else nothing was escaped because nothing was shown

    def test_answer_strangers(self, db, client, language):
        for url in pages_without_numbers(FOR_STRANGERS):
            response = client.get(url, headers={"Accept-Language": language})
            assert faults(response) == []
            assert response.headers["Content-Language"] == language

    def test_of_the_admin_answer(self, boss, language):
        world = one_of_everything(boss.user, worst)
        speak(boss, language)
        wrong = {}
        for url in admin_pages(world):
            if found := faults(boss.get(url)):
                wrong[url] = found
        assert wrong == {}


class TestPagesInPlainWords:
    def test_answer_with_one_of_everything(self, boss):
        wrong = {}
        for url in pages(one_of_everything(boss.user)):
            if found := faults(boss.get(url), part=is_part(url)):
                wrong[url] = found
        assert wrong == {}


class TestParts:
    """What htmx puts into a page: no page around it, and as clean as one."""

    TARGETS = {
        "crm:contacts": ["results", "rows", "filter-form"],
        "crm:contact": ["rows"],
        "crm:salespeople": ["results", "rows", "filter-form"],
        "crm:salesperson": ["rows"],
        "crm:jobs": ["rows"],
        "crm:job": ["job"],
        "interactions:new": ["sheet"],
        "interactions:draft": ["sheet", "draft-form"],
        "interactions:postponed": ["results", "rows"],
        "interactions:postponed_card": [""],
        "interactions:entries": ["results", "rows", "filter-form"],
        "interactions:entry_rows": ["rows"],
        "interactions:entry": ["preview", "sheet", "entry-view"],
        "interactions:entry_cancel": ["dialog"],
        "interactions:entry_statistics": ["dialog"],
        "interactions:export": ["dialog"],
        "interactions:purge": ["purge-preview"],
        "interactions:contact_entries": [""],
        "interactions:salesperson_entries": [""],
        "interactions:contact_statistics": [""],
        "interactions:salesperson_statistics": [""],
        "interactions:templates": ["results", "rows"],
        "interactions:template": ["template-work"],
        "interactions:template_new": ["dialog"],
        "interactions:template_delete": ["dialog"],
        "interactions:template_preview": ["", "draft-letter"],
        "interactions:draft_preview": ["draft-letter"],
    }

    def test_are_answered_to_htmx(self, boss):
        wrong, seen = {}, set()
        for url in pages(one_of_everything(boss.user, worst)):
            name = resolve(unquote(urlsplit(url).path)).view_name
            for target in self.TARGETS.get(name, []):
                response = boss.get(url, headers={"HX-Request": "true", "HX-Target": target})
                seen.add(name)
                if response.status_code == STOP_POLLING:
                    continue
                whole = re.findall(r"<html|<body", response.content.decode())
                if found := faults(response, part=True) + whole:
                    wrong[f"{url} in #{target}"] = found
        assert wrong == {}
        assert seen == set(self.TARGETS)


class TestPageThatIsNone:
    def test_says_so_in_the_house(self, boss):
        response = boss.get(f"/contacts/{'%3Cscript%3Ealert(1)%3C/script%3E'}/")
        assert response.status_code == 404
        assert faults(response) == ["status 404"]

    def test_says_that_it_is_not_for_this_person(self, db, client):
        client.force_login(UserFactory(role="Reader"))
        response = client.get(reverse("interactions:purge"))
        assert response.status_code == 403
        assert faults(response) == ["status 403"]


class TestNonsenseInTheAddress:
    """Unknown values show a page with a message, never a fault of the server."""

    def test_every_parameter_is_listed(self, boss):
        ledger = boss.get(reverse("interactions:entries"), {"filters": "1"}).context["filters"]
        contacts = boss.get(reverse("crm:contacts"), {"filters": "1"}).context["filters"]
        salespeople = boss.get(reverse("crm:salespeople"), {"filters": "1"}).context["filters"]
        form = boss.get(reverse("interactions:purge")).context["form"]
        assert set(ledger.filters) <= {*PARAMETERS["interactions:entries"]}
        assert set(contacts.filters) <= {*PARAMETERS["crm:contacts"]}
        assert set(salespeople.filters) <= {*PARAMETERS["crm:salespeople"]}
        assert set(form.fields) <= {*PARAMETERS["interactions:purge"]}
        assert set(PARAMETERS) <= set(ADDRESSES)

    @pytest.mark.parametrize("name", PARAMETERS)
    def test_never_breaks_a_page(self, boss, name):
        assert self.broken(boss, name, one_of_everything(boss.user), SHARP) == {}

    def test_never_breaks_a_page_with_a_nul(self, boss):
        world = one_of_everything(boss.user)
        assert {name: found for name in PARAMETERS if (found := self.broken(boss, name, world, NUL))} == {}

    def broken(self, boss, name, world, nonsense):
        url = address(name, world)
        queries = {
            f"{parameter} is {kind}": {parameter: value}
            for kind, value in nonsense.items()
            for parameter in PARAMETERS[name]
        }
        if nonsense is SHARP:
            everything = (*PARAMETERS[name], "unknown")
            queries |= {
                f"all are {kind}": dict.fromkeys(everything, value) for kind, value in NONSENSE.items()
            }
        wrong = {}
        for what, query in queries.items():
            response = boss.get(url, query)
            body = (b"".join(response) if response.streaming else response.content).decode()
            if response.status_code >= 500:
                wrong[what] = response.status_code
            elif raw_markup(body) and response.headers["Content-Type"] != "application/json":
                wrong[what] = raw_markup(body)
        return wrong

    @pytest.mark.parametrize("number", ["~", "~0", "~ZZ", "~FF~FE", "~C3~28", "х" * 300, "..", "%2E%2E%2F"])
    def test_never_breaks_a_page_as_its_number(self, boss, number):
        for path in ("/contacts/%s/", "/contacts/%s/edit/", "/salespeople/%s/", "/interactions/contacts/%s/"):
            assert boss.get(path % number).status_code in {301, 404}
        assert boss.get(f"/interactions/{'9' * 40}/").status_code == 404
        assert boss.get("/jobs/00000000-0000-0000-0000-000000000000/").status_code == 404


class TestNonsenseInAForm:
    FORMS = {
        "crm:contact_new": [
            "type",
            "number",
            "name",
            "company",
            "salesperson",
            "country",
            "email",
            "salutation",
        ],
        "preferences": ["language", "region", "time_zone", "theme", "density"],
        "set_language": ["language", "next"],
        "set_theme": ["theme", "next"],
        "interactions:draft": [
            *(
                "do",
                "contact",
                "template",
                "salesperson",
                "date",
                "time",
                "language",
                "channel",
                "evaluation",
            ),
            *("minutes", "cost", "attempt_failed", "campaign", "comment", "filled", "next"),
        ],
        "interactions:new": ["draft", "do", "template"],
        "interactions:drafts_delete": ["draft", "only"],
        "interactions:template": [
            "seen",
            "code",
            "group",
            "cost",
            "minutes",
            "campaign",
            "language",
            "quick_key",
        ],
        "interactions:template_new": ["code", "description", "group", "kind"],
        "interactions:template_duplicate": ["code"],
        "interactions:template_delete": ["do"],
        "interactions:template_language": ["do", "language", "seen", "source", "subject", "body", "upload"],
        "interactions:entry_cancel": ["reason", "note"],
        "interactions:entry_evaluate": ["evaluation"],
        "interactions:bulk_cancel": ["entry", "matching"],
        "interactions:bulk_reinstate": ["entry", "matching"],
        "interactions:bulk_evaluate": ["entry", "matching"],
        "interactions:export": ["entry", "matching", "format"],
        "interactions:purge": ["count", "entry_min", "contact", "date_after", "template", "salesperson"],
    }

    def test_never_breaks_it(self, boss):
        world = one_of_everything(boss.user)
        assert {name: found for name in self.FORMS if (found := self.broken(boss, name, world, SHARP))} == {}

    def test_never_breaks_it_with_a_nul(self, boss):
        world = one_of_everything(boss.user)
        assert {name: found for name in self.FORMS if (found := self.broken(boss, name, world, NUL))} == {}

    def broken(self, boss, name, world, nonsense):
        url, fields = address(name, world), self.FORMS[name]
        forms = {f"{field} is {kind}": {field: value} for kind, value in nonsense.items() for field in fields}
        if nonsense is SHARP:
            forms |= {f"all are {kind}": dict.fromkeys(fields, value) for kind, value in NONSENSE.items()}
        wrong = {}
        for what, form in forms.items():
            with transaction.atomic():
                status = boss.post(url, form).status_code
                if status >= 500:
                    wrong[what] = status
                transaction.set_rollback(True)
            boss.cookies.pop("messages", None)  # what nobody reads would only pile up
        return wrong


class TestFormThatIsRefused:
    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("crm:contact_new", {"type": "PERSON", "email": BREAKOUT, "name": ""}),
            ("crm:contact_edit", {"type": "PERSON", "email": BREAKOUT, "name": BREAKOUT * 9}),
            ("preferences", {"time_zone": BREAKOUT, "first_name": BREAKOUT}),
            ("password_change", {"old_password": BREAKOUT, "new_password1": BREAKOUT}),
            (
                "interactions:draft",
                {"do": "log", "date": BREAKOUT, "description": BREAKOUT, "contact": BREAKOUT},
            ),
            ("interactions:new", {"do": "log", "description": BREAKOUT, "cost": BREAKOUT, "time": BREAKOUT}),
            ("interactions:entry_cancel", {"note": BREAKOUT * 9}),
            ("interactions:template", {"code": BREAKOUT, "description": BREAKOUT}),
            ("interactions:template_language", {"do": "words", "subject": BREAKOUT * 9, "body": BREAKOUT}),
            ("interactions:entry_comments", {"text": BREAKOUT * 99}),
            ("interactions:purge", {"contact": BREAKOUT, "entry_min": BREAKOUT}),
        ],
    )
    def test_shows_what_was_typed_and_no_more(self, boss, name, values):
        world = one_of_everything(boss.user)
        response = boss.post(address(name, world), values)
        assert faults(response) == ["status 422"]
        typed = {value for value in values.values() if "alert" in value and "password" not in name}
        assert response.content.decode().count("&lt;script&gt;alert(1)") >= len(typed)

    def test_of_a_stranger_too(self, db, client):
        response = client.post(reverse("login"), {"username": BREAKOUT, "password": BREAKOUT})
        assert faults(response) == ["status 422"]
        assert "&lt;script&gt;alert(1)" in response.content.decode()

"""The pages of people at work: statements, processor time of Python and of the database."""

import time
from dataclasses import dataclass

import lxml.html
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from crm import keyset
from crm.models import Contact, User
from interactions.models import InteractionLogEntry, InteractionTemplate

from .meters import Backend, Rounds, database_sample, is_read, statements

SAMPLE = 0.3  # processor seconds that a sample should last
COMMON, ABSENT = "halo", "zzyzx"
HTMX = {"HX-Request": "true"}
ROLES = {"salesperson": "alvaro.vega", "lead": "marta.ruiz", "administrator": "nora.alder"}


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    role: str = "administrator"
    part: bool = False


def entries():
    return InteractionLogEntry.objects


def cursor_of_page(number, size=50):
    """The cursor that the link to page *number* of the whole ledger carries."""
    last = (number - 1) * size - 1
    two = list(entries().newest_first().values_list("pk", flat=True)[last : last + 2])
    return keyset.paginate(entries().filter(pk__in=two).values("date", "time", "id"), size=1).next_cursor


def contacts():
    """(contact with most entries, one in the middle, one with a single entry), by number; the first is a company's."""
    counted = Contact.objects.annotate(n=Count("entries")).filter(n__gt=0).order_by("-n", "pk")
    hottest, middle = counted[0], counted[counted.count() // 2]
    single = Contact.objects.annotate(n=Count("entries")).filter(n=1, type="PERSON").order_by("pk").first()
    return hottest.no, middle.no, (single or middle).no


def rare_word():
    return entries().exclude(document_no="").order_by("-pk").values_list("document_no", flat=True)[0]


def pages():
    """Every Page that is measured, by name."""
    ledger = reverse("interactions:entries")
    hottest, middle, single = contacts()

    def card(no):
        return reverse("crm:contact", args=[no])

    def timeline(no):
        return reverse("interactions:contact_entries", args=[no])

    found = [
        Page("empty page", reverse("bench_empty")),
        Page("empty page, salesperson", reverse("bench_empty"), "salesperson"),
        Page("home", reverse("home")),
        Page("home, salesperson", reverse("home"), "salesperson"),
        Page("ledger", ledger),
        Page("ledger, salesperson", ledger, "salesperson"),
        Page("ledger, team lead", ledger, "lead"),
        Page("ledger, page 1,000", f"{ledger}?after={cursor_of_page(1000)}"),
        Page("ledger, one contact", f"{ledger}?contact={hottest}"),
        Page("search, common word", f"{ledger}?q={COMMON}"),
        Page("search, rare word", f"{ledger}?q={rare_word()}"),
        Page("search, absent word", f"{ledger}?q={ABSENT}"),
        Page("search, common word, salesperson", f"{ledger}?q={COMMON}", "salesperson"),
        Page("contact, most entries", card(hottest)),
        Page("contact, some entries", card(middle)),
        Page("contact, 1 entry", card(single)),
        Page("timeline, most entries", timeline(hottest), part=True),
        Page("timeline, some entries", timeline(middle), part=True),
        Page("contacts", reverse("crm:contacts")),
        Page("create, GET", f"{reverse('interactions:new')}?contact={hottest}"),
    ]
    return {page.name: page for page in found}


class Visitor:
    """Signed-in clients, one for each role."""

    def __init__(self):
        self.clients = {}
        for role, username in ROLES.items():
            client = self.clients[role] = Client()
            client.force_login(User.objects.get(username=username))

    def get(self, page):
        response = self.clients[page.role].get(page.url, headers=HTMX if page.part else {})
        if response.status_code != 200:
            raise RuntimeError(f"{page.name}: {page.url} answered {response.status_code}")
        return response


def measure(rounds, say):
    """{"statements": {page: n}, "bytes": {page: n}, "rounds": Rounds, "slowest": {page: (SQL, parameters)}}."""
    backend, visitor, found = Backend(), Visitor(), pages()
    counts, sizes, reads, times, slowest = {}, {}, {}, {}, {}
    for name, page in found.items():
        visitor.get(page)  # templates and imports
        with statements() as seen:
            response = visitor.get(page)
        counts[name], sizes[name] = len(seen), len(response.content)
        reads[name] = [statement for statement in seen if is_read(statement)]
        slowest[name] = max(reads[name], key=wall_of)
        before = time.process_time()
        visitor.get(page)
        cost = max(time.process_time() - before, 0.002)
        before = time.perf_counter()
        database_sample(backend, reads[name], 1)
        read = max(time.perf_counter() - before, 0.001)
        times[name] = (times_for(cost), times_for(read))
        say(f"  {name}: {counts[name]} statements")
    samples = Rounds()
    for number in range(rounds):
        for name, page in found.items():
            take(samples, visitor, backend, page, reads[name], *times[name])
        say(f"  round {number + 1} of {rounds}")
    return {"statements": counts, "bytes": sizes, "samples": samples, "slowest": slowest}


def times_for(cost):
    return max(3, min(60, int(SAMPLE / cost)))


def take(samples, visitor, backend, page, reads, requests, readings):
    """One sample: seconds of database, Python and wall for one request of *page*."""
    database = database_sample(backend, reads, readings)
    cpu, wall = time.process_time(), time.perf_counter()
    for _request in range(requests):
        visitor.get(page)
    cpu, wall = (time.process_time() - cpu) / requests, (time.perf_counter() - wall) / requests
    python = cpu - database if connection.vendor == "sqlite" else cpu
    samples.add(page.name, database=database, python=python, total=python + database, wall=wall)


def wall_of(statement):
    before = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        cursor.fetchall()
    return time.perf_counter() - before


def explain(statement):
    """What the database says it does for *statement*, as lines."""
    sql, params = statement
    how = "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {sql}", params)
        return [str(row[-1]) for row in cursor.fetchall()]


# --- creating


def measure_create(rounds, say, posts=10):
    """(statements of one POST that logs, Rounds with "create, POST")."""
    backend, visitor, samples = Backend(), Visitor(), Rounds()
    client = visitor.clients["salesperson"]
    person = Contact.objects.filter(salesperson__code="AV", type="PERSON", privacy_blocked=False).first()
    url = f"{reverse('interactions:new')}?contact={person.no}"
    call = InteractionTemplate.objects.get(code="OUTGOING").pk
    form = next(
        form
        for form in lxml.html.fromstring(client.get(url).content.decode()).forms
        if "description" in form.fields
    )
    data = dict(form.form_values()) | {"template": call, "description": "Call back", "do": "log"}
    data.pop("draft", None)

    def post():
        before = entries().count() if not samples.samples else None
        response = client.post(url, data)
        if response.status_code != 302:
            raise RuntimeError(f"Logging answered {response.status_code}")
        if before is not None and entries().count() != before + 1:
            raise RuntimeError("Nothing was logged")

    post()
    samples.add("warm", python=0.0)
    with statements() as seen:
        post()
    for _round in range(rounds):
        database, cpu, wall = backend.seconds(), time.process_time(), time.perf_counter()
        for _post in range(posts):
            post()
        database = (backend.seconds() - database) / posts
        cpu, wall = (time.process_time() - cpu) / posts, (time.perf_counter() - wall) / posts
        if connection.vendor == "sqlite":
            samples.add("create, POST", total=cpu, wall=wall)
        else:
            samples.add("create, POST", total=cpu + database, python=cpu, database=database, wall=wall)
    say(f"  create, POST: {len(seen)} statements")
    return len(seen), samples

import datetime as dt
import io

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count

from crm.folding import fold
from crm.models import Contact, NumberSeries, Salesperson
from interactions.demo import load, mass
from interactions.models import EntryComment, InteractionLogEntry

FRIDAY = dt.datetime(2026, 11, 20, 10, 0, tzinfo=dt.UTC)
ENTRIES = InteractionLogEntry.objects
CONTACTS_MORE, ENTRIES_MORE = 900, 4000


@pytest.fixture(scope="module")
def large(django_db_setup, django_db_blocker):
    """The firm with more of everything, for all tests of this module; rolled back at its end."""
    out = io.StringIO()
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(FRIDAY, tick=False):
        call_command(
            "load_demo",
            contacts=load.CONTACTS + CONTACTS_MORE,
            entries=load.ENTRIES + ENTRIES_MORE,
            seed=7,
            verbosity=2,
            stdout=out,
        )
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def added(large, db):
    """The entries that the database made."""
    return ENTRIES.filter(pk__gt=ENTRIES.order_by("pk")[load.ENTRIES - 1].pk)


class TestMass:
    def test_makes_exactly_as_much_as_asked(self, large, added):
        assert Contact.objects.count() == load.CONTACTS + CONTACTS_MORE
        assert added.count() == ENTRIES_MORE
        assert "4000 of 4000 entries." in large
        assert "Alder & Finch: 1150 contacts, 6000 entries." in large

    def test_gives_contacts_what_search_looks_into(self, added):
        for contact in Contact.objects.order_by("-pk")[:50]:
            kept = contact.search_text
            contact.fill_derived()
            assert contact.search_text == kept
            assert fold(contact.name) in kept

    def test_writes_entries_that_keep_the_rules(self, added):
        for entry in added.select_related("contact", "salesperson", "template"):
            assert entry.contact_company_id == entry.contact.company_key
            assert entry.group_id == entry.template.group_id
            assert entry.salesperson_id == entry.contact.salesperson_id
            assert entry.date.weekday() < 5
            assert "{" not in entry.description + entry.subject
        assert added.canceled().exists()
        assert added.filter(document_no__startswith="SI-").exists()
        assert added.exclude(campaign=None).exclude(campaign_entry=None).exists()
        assert EntryComment.objects.filter(entry__in=added).count() == pytest.approx(
            ENTRIES_MORE / 20, rel=0.1
        )

    def test_lets_days_go_up_with_the_numbers(self, added):
        days = list(added.order_by("pk").values_list("date", flat=True))
        assert days == sorted(days)

    def test_gives_the_first_contact_many_entries_and_most_contacts_few(self, added):
        counts = Contact.objects.annotate(n=Count("entries")).order_by("-n").values_list("n", flat=True)
        assert counts[0] > 5 * counts[100]

    def test_fills_the_text_index(self, added):
        number = ENTRIES.exclude(document_no="").order_by("-pk").first().document_no
        assert ENTRIES.search(number).get().document_no == number

    def test_hires_people_who_cannot_sign_in(self, added):
        hired = Salesperson.objects.filter(code__startswith="S0")
        assert hired.count() == CONTACTS_MORE // mass.CONTACTS_PER_SALESPERSON
        assert not any(person.user.has_usable_password() for person in hired)
        assert all(person.home_team_id() for person in hired)

    def test_goes_on_counting_the_contacts(self, added):
        assert Contact.objects.order_by("-pk").first().no == "CT001150"
        assert NumberSeries.objects.get(code="CONTACTS").take() == "CT001151"

    def test_leaves_every_index_in_its_place(self, added):
        where = {"sqlite": "name FROM sqlite_master", "postgresql": "relname FROM pg_class"}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {where[connection.vendor]}")
            there = {name for (name,) in cursor.fetchall()}
        for model in (Contact, InteractionLogEntry, EntryComment):
            assert {index.name for index in model._meta.indexes} <= there

"""Text search finds the same on both databases: all words, from their beginning, whatever the accents and the case."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import Contact
from interactions import ledger_guard, ledger_text
from interactions.models import EntryComment, InteractionLogEntry
from tests.factories import (
    AttachmentFactory,
    ContactFactory,
    EntryCommentFactory,
    InteractionLogEntryFactory,
    SuccessionFactory,
)

pytestmark = pytest.mark.django_db


def found(text):
    """Descriptions of the hits, newest first."""
    hits = InteractionLogEntry.objects.all().search(text).newest_first()
    return [entry.description.split()[0] for entry in hits]


@pytest.fixture
def ledger():
    """Five entries in four languages; the first word of each description is its name, A the newest."""
    atelier = ContactFactory(name="Atelier Marchand SAS")
    helene = ContactFactory(person=True, name="Hélène Marchand", company=atelier)
    sokolova = ContactFactory(person=True, name="Анна Соколова")
    entries = {
        "A": {"contact": helene, "description": "A Showroom visit, 2nd floor", "document_no": "SQ-1043/7"},
        "B": {
            "contact": sokolova,
            "description": "B Уточнение сроков: Ёлка и чайник",
            "subject": "Предложение",
        },
        "C": {
            "contact": atelier,
            "description": "C Łódź straße køb",
            "attachment": AttachmentFactory(name="Préis_2026.docx"),
        },
        "D": {
            "contact": ContactFactory(name="O’Neill & Sons (Ltd.)"),
            "description": "D e-mail to info@oneill.example",
        },
        "E": {
            "contact": ContactFactory(name="Señor Peña"),
            "description": "E ПРИВЕТ из МОСКВЫ, 100% LED 2700K",
        },
    }
    for age, values in enumerate(entries.values()):
        InteractionLogEntryFactory(date=dt.date(2026, 11, 20) - dt.timedelta(days=age), **values)
    EntryCommentFactory(
        entry=InteractionLogEntry.objects.get(description__startswith="D"), text="Voicemail left; зелёный"
    )


QUERIES = [
    ("showroom", "A"),
    ("SHOW", "A"),
    ("room", ""),  # a word is found from its beginning
    ("visit showroom", "A"),
    ("visit marchand", "A"),
    ("visit absent", ""),
    ("marchand", "AC"),
    ("MARCHAND atelier", "AC"),
    ("helene", "A"),
    ("Hélène", "A"),
    ("hélene mar", "A"),
    ("анна", "B"),
    ("АННА соколова", "B"),
    ("елка", "B"),
    ("Ёлка", "B"),
    ("чаиник", "B"),
    ("чайник", "B"),
    ("предл", "B"),
    ("lodz", "C"),
    ("ŁÓDŹ", "C"),
    ("strasse", "C"),
    ("Straße", "C"),
    ("kob", "C"),
    ("køb", "C"),
    ("preis", "C"),
    ("préis 2026 docx", "C"),
    ("preis_2026.docx", "C"),
    ("sq-1043", "A"),
    ("SQ 1043 7", "A"),
    ("1043/7", "A"),
    ("o'neill", "D"),
    ("oneill.example", "D"),
    ("info@oneill.example", "D"),
    ("e-mail info", "D"),
    ("voicemail", "D"),
    ("зеленый", "D"),
    ("senor pena", "E"),
    ("привет москвы", "E"),
    ("100% led", "E"),
    ("2700k", "E"),
    ("2nd", "A"),
    ('"showroom" -visit*', "A"),
    ("'; DROP TABLE x; --", ""),
    ("AND OR NOT NEAR(", ""),
    ("!!!", ""),
    ("日本", ""),
    ("", "ABCDE"),
    ("   ", "ABCDE"),
]


@pytest.mark.parametrize(("text", "hits"), QUERIES, ids=[text or "nothing" for text, _hits in QUERIES])
def test_finds(ledger, text, hits):
    assert "".join(found(text)) == hits


@pytest.mark.parametrize(("text", "hits"), QUERIES, ids=[text or "nothing" for text, _hits in QUERIES])
def test_finds_the_same_when_there_are_many_hits(ledger, text, hits, monkeypatch):
    """Above the cap the newest entries are walked instead of fetched by id."""
    monkeypatch.setattr(ledger_text, "CAP", 0)
    assert "".join(found(text)) == hits


class TestTheIndex:
    def test_hears_of_a_comment_written_later(self):
        entry = InteractionLogEntryFactory(description="Visit")
        assert found("voicemail") == []
        EntryCommentFactory(entry=entry, text="Left a voicemail")
        assert found("voicemail visit") == ["Visit"]

    def test_follows_a_contact_that_is_renamed(self):
        company = ContactFactory(name="Old Name")
        person = ContactFactory(person=True, company=company)
        InteractionLogEntryFactory(contact=person, description="Visit")
        company.name = "Brandneu"
        company.save()
        assert found("brandneu") == ["Visit"]
        assert found("old") == []
        Contact.objects.filter(pk=person.pk).update(name="Zoë")
        assert found("zoe") == ["Visit"]

    def test_forgets_purged_entries(self):
        InteractionLogEntryFactory(canceled=True, description="Mistake")
        assert found("mistake") == ["Mistake"]
        InteractionLogEntry.objects.canceled().purge()
        assert found("mistake") == []

    def test_forgets_erased_words(self):
        entry = InteractionLogEntryFactory(description="Secret", document_no="SI-7")
        EntryCommentFactory(entry=entry, text="Confidential")
        SuccessionFactory(contact_id=entry.contact_id, erases=True)
        EntryComment.objects.filter(entry=entry).update(text="")
        InteractionLogEntry.objects.all().erase()
        assert not InteractionLogEntry.objects.all().search("secret").exists()
        assert not InteractionLogEntry.objects.all().search("confidential").exists()
        assert not InteractionLogEntry.objects.all().search(entry.contact.name).exists()
        assert InteractionLogEntry.objects.all().search("SI-7").exists()

    def test_catches_up_with_what_happened_while_the_triggers_were_away(self):
        company = ContactFactory(name="Old Name")
        renamed = InteractionLogEntryFactory(contact=company, description="Visit")
        EntryCommentFactory(entry=InteractionLogEntryFactory(description="Call"), text="Voicemail")
        InteractionLogEntryFactory(canceled=True, description="Mistake")

        ledger_guard.remove()
        Contact.objects.filter(pk=company.pk).update(name="Brandneu")
        EntryComment.objects.update(text="Fax")
        InteractionLogEntry.objects.canceled().purge()
        InteractionLogEntryFactory(description="Letter")
        ledger_guard.install()

        assert found("old") == []
        assert found("brandneu") == [renamed.description]
        assert (found("voicemail"), found("fax")) == ([], ["Call"])
        assert found("letter") == ["Letter"]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {ledger_text.TABLE}")
            assert cursor.fetchone() == (3,)

    def test_is_left_alone_by_a_migrate_that_has_nothing_to_do(self):
        InteractionLogEntryFactory(description="Visit")
        with CaptureQueriesContext(connection) as queries:
            ledger_guard.install(plan=[])
        assert not [query for query in queries if query["sql"].startswith(("INSERT", "DELETE", "UPDATE"))]
        assert found("visit") == ["Visit"]

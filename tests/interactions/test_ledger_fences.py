"""The ledger cannot be changed: not by its own classes, not by raw SQL, and the fences survive migrations."""

import datetime as dt
import sqlite3
from contextlib import closing
from uuid import UUID

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from crm.models import Succession
from interactions import ledger_guard
from interactions.models import Attachment, EntryComment, InteractionLogEntry, LedgerViolation, Reinstatement
from tests.factories import (
    MORNING,
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    EntryCommentFactory,
    InteractionLogEntryFactory,
    LoggedSegmentFactory,
    ReinstatementFactory,
    SuccessionFactory,
    UserFactory,
)

TABLE = InteractionLogEntry._meta.db_table
pytestmark = pytest.mark.django_db


def run(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


class TestTheOrmFence:
    @pytest.mark.parametrize(
        "attempt",
        [
            lambda entries: entries.update(cost=1),
            lambda entries: entries.delete(),
            lambda entries: entries.bulk_update(list(entries), ["cost"]),
            lambda entries: entries.update_or_create(pk=entries.get().pk, defaults={"cost": 1}),
            lambda entries: entries.bulk_create(
                list(entries), update_conflicts=True, update_fields=["cost"], unique_fields=["id"]
            ),
            lambda entries: entries.get().save(),
            lambda entries: entries.get().delete(),
        ],
        ids=["update", "delete", "bulk_update", "update_or_create", "upsert", "save", "delete_one"],
    )
    def test_refuses(self, attempt):
        InteractionLogEntryFactory(cost=5)
        with pytest.raises(LedgerViolation):
            attempt(InteractionLogEntry.objects.all())
        assert InteractionLogEntry.objects.get().cost == 5


def frozen_columns():
    """(column, an SQL expression of another value) for each column that never changes."""
    other = {
        models.DateField: "'2001-01-01'",
        models.TimeField: "'01:01:01'",
        models.DateTimeField: "'2001-01-01 01:01:01+00:00'",
        models.BooleanField: "TRUE",
        models.UUIDField: "'00000000-0000-0000-0000-000000000001'",
        models.CharField: "'X'",
        models.DecimalField: "77",
        models.PositiveIntegerField: "77",
        models.PositiveBigIntegerField: "77",
        models.ForeignKey: "77777",
        models.BigAutoField: "77777",
    }
    changeable = {
        *InteractionLogEntry.MUTABLE,
        *InteractionLogEntry.CLEARABLE,
        *InteractionLogEntry.FOLLOWS_CONTACT,
        *InteractionLogEntry.ERASABLE,
    }
    for field in InteractionLogEntry._meta.concrete_fields:
        if field.name not in changeable:
            kind = next(kind for kind in type(field).__mro__ if kind in other)
            yield pytest.param(field.column, other[kind], id=field.column)


class TestTheDatabaseFence:
    @pytest.mark.parametrize(("column", "value"), list(frozen_columns()))
    def test_refuses_raw_sql_to_change(self, column, value):
        entry = InteractionLogEntryFactory()
        with pytest.raises(IntegrityError, match="ledger_frozen"):
            run(f"UPDATE {TABLE} SET {column} = {value} WHERE id = %s", entry.pk)

    def test_refuses_raw_sql_to_delete_a_logged_entry(self):
        entry = InteractionLogEntryFactory()
        with pytest.raises(IntegrityError, match="ledger_kept"):
            run(f"DELETE FROM {TABLE} WHERE id = %s", entry.pk)

    def test_refuses_a_raw_upsert(self):
        entry = InteractionLogEntryFactory(cost=5)
        columns = ", ".join(f.column for f in InteractionLogEntry._meta.concrete_fields)
        with pytest.raises(IntegrityError, match=r"ledger_(frozen|not_replaced)"):
            run(
                f"INSERT INTO {TABLE} ({columns}) SELECT {columns} FROM {TABLE} WHERE id = %s"
                f" ON CONFLICT (id) DO UPDATE SET cost = 99",
                entry.pk,
            )

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
    @pytest.mark.parametrize("model", [InteractionLogEntry, EntryComment, Reinstatement, Succession])
    def test_refuses_truncate(self, model):
        with pytest.raises(IntegrityError, match="not_truncated"):
            run(f"TRUNCATE {model._meta.db_table} CASCADE")

    def test_refuses_djangos_own_collector(self):
        entry = InteractionLogEntryFactory()
        with pytest.raises(IntegrityError, match="ledger_kept"), transaction.atomic():
            models.Model.delete(entry)

    def test_refuses_another_cost_together_with_a_canceling(self):
        entry = InteractionLogEntryFactory()
        with pytest.raises(IntegrityError, match="ledger_frozen"):
            run(
                f"UPDATE {TABLE} SET canceled_at = %s, canceled_by_id = %s, canceled_with = 'ITSELF', cost = 9"
                " WHERE id = %s",
                MORNING,
                entry.logged_by_id,
                entry.pk,
            )

    def test_lets_a_campaign_be_taken_off_but_not_put_on(self):
        campaign = CampaignFactory()
        with_campaign, without = InteractionLogEntryFactory(campaign=campaign), InteractionLogEntryFactory()
        assert run(f"UPDATE {TABLE} SET campaign_id = NULL WHERE id = %s", with_campaign.pk) == 1
        with pytest.raises(IntegrityError, match="ledger_cleared"):
            run(f"UPDATE {TABLE} SET campaign_id = %s WHERE id = %s", campaign.pk, without.pk)

    def test_lets_a_canceled_entry_go(self):
        entry = InteractionLogEntryFactory(canceled=True)
        assert run(f"DELETE FROM {TABLE} WHERE id = %s", entry.pk) == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE INTO is SQLite's")
@pytest.mark.django_db(transaction=True)
class TestAnotherProgram:
    """Django asks its connections to fire DELETE triggers for what REPLACE pushes out; other programs do not ask."""

    @pytest.fixture
    def program(self):
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as program:
            yield program

    @pytest.mark.parametrize("words", ["REPLACE INTO", "INSERT OR REPLACE INTO"])
    @pytest.mark.parametrize(
        "factory", [InteractionLogEntryFactory, EntryCommentFactory, ReinstatementFactory, SuccessionFactory]
    )
    def test_does_not_replace_a_row(self, program, factory, words):
        row = factory()
        columns = ", ".join(f.column for f in row._meta.concrete_fields)
        with pytest.raises(sqlite3.IntegrityError, match="not_replaced"):
            program.execute(
                f"{words} {row._meta.db_table} ({columns}) SELECT {columns} FROM {row._meta.db_table}"
            )

    @pytest.mark.parametrize("unique", ["draft_uuid", "logged_segment_id, segment_line_no"])
    def test_does_not_push_a_row_out_with_a_new_one(self, program, unique):
        keys = ["id", "draft_uuid", "logged_segment_id", "segment_line_no"]
        InteractionLogEntryFactory(
            draft_uuid=UUID(int=1), logged_segment=LoggedSegmentFactory(), segment_line_no=1
        )
        others = [f.column for f in InteractionLogEntry._meta.concrete_fields if f.column not in keys]
        columns = ", ".join([*others, unique])
        with pytest.raises(sqlite3.IntegrityError, match="not_replaced"):
            program.execute(f"REPLACE INTO {TABLE} ({columns}) SELECT {columns} FROM {TABLE}")


class TestMovingAndErasing:
    def test_a_contact_is_not_exchanged_without_proof(self):
        entry, other = InteractionLogEntryFactory(), ContactFactory()
        with pytest.raises(IntegrityError, match="ledger_follows"), transaction.atomic():
            InteractionLogEntry.objects.all().move_contact(entry.contact, to=other)

    def test_a_contact_follows_its_successor_only(self):
        entry, successor, other = InteractionLogEntryFactory(), ContactFactory(), ContactFactory()
        SuccessionFactory(contact_id=entry.contact_id, successor_id=successor.pk)
        with pytest.raises(IntegrityError, match="ledger_follows"), transaction.atomic():
            InteractionLogEntry.objects.all().move_contact(entry.contact, to=other)
        assert InteractionLogEntry.objects.all().move_contact(entry.contact, to=successor) == 1
        assert InteractionLogEntry.objects.all().move_company(entry.contact, to=successor) == 1

    def test_text_is_not_emptied_without_proof(self):
        entry = InteractionLogEntryFactory()
        with pytest.raises(IntegrityError, match="ledger_erased"):
            run(f"UPDATE {TABLE} SET description = '' WHERE id = %s", entry.pk)

    def test_an_erased_contact_leaves_figures_and_no_words(self):
        company = ContactFactory()
        person = ContactFactory(person=True, company=company)
        entry = InteractionLogEntryFactory(contact=person, cost=7, subject="Secret", contact_via="+34 600")
        comment = EntryCommentFactory(entry=entry, text="Secret")
        SuccessionFactory(contact_id=person.pk, erases=True)

        EntryComment.objects.filter(entry__contact=person).update(text="")
        assert InteractionLogEntry.objects.filter(contact=person).erase() == 1

        entry = InteractionLogEntry.objects.get()
        comment.refresh_from_db()
        assert (entry.description, entry.subject, entry.contact_via, comment.text) == ("", "", "", "")
        assert (entry.contact, entry.contact_company, entry.cost) == (None, company, 7)

    def test_text_is_not_rewritten_even_when_the_contact_was_erased(self):
        entry = InteractionLogEntryFactory()
        SuccessionFactory(contact_id=entry.contact_id, erases=True)
        with pytest.raises(IntegrityError, match="ledger_erased"):
            run(f"UPDATE {TABLE} SET description = 'Better' WHERE id = %s", entry.pk)

    def test_the_proof_itself_is_kept(self):
        SuccessionFactory()
        with pytest.raises(IntegrityError, match="succession_kept"):
            run("DELETE FROM crm_succession")
        with pytest.raises(IntegrityError, match="succession_frozen"):
            run("UPDATE crm_succession SET erases = TRUE")


class TestComments:
    def test_are_not_rewritten(self):
        EntryCommentFactory()
        with pytest.raises(IntegrityError, match="ledger_comment_erased"), transaction.atomic():
            EntryComment.objects.update(text="Better")
        with pytest.raises(IntegrityError, match="ledger_comment_frozen"), transaction.atomic():
            EntryComment.objects.update(date=dt.date(2001, 1, 1))

    def test_go_only_with_a_canceled_entry(self):
        kept = EntryCommentFactory()
        with pytest.raises(IntegrityError, match="ledger_comment_kept"), transaction.atomic():
            kept.delete()
        going = EntryCommentFactory(entry=InteractionLogEntryFactory(canceled=True))
        going.delete()
        assert EntryComment.objects.get() == kept


class TestReinstatements:
    def test_are_not_rewritten(self):
        ReinstatementFactory(canceled_reason="Wrong contact")
        with pytest.raises(IntegrityError, match="ledger_reinstatement_erased"), transaction.atomic():
            Reinstatement.objects.update(canceled_reason="Better")
        with pytest.raises(IntegrityError, match="ledger_reinstatement_frozen"), transaction.atomic():
            Reinstatement.objects.update(canceled_at=MORNING + dt.timedelta(days=1))

    def test_go_only_with_a_canceled_entry(self):
        kept = ReinstatementFactory()
        with pytest.raises(IntegrityError, match="ledger_reinstatement_kept"), transaction.atomic():
            kept.delete()
        ReinstatementFactory(entry=InteractionLogEntryFactory(canceled=True)).delete()
        assert Reinstatement.objects.get() == kept


class TestAttachments:
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("sha256", "0" * 64),
            ("name", "Other.docx"),
            ("extension", "exe"),
            ("mime", "text/html"),
            ("size", 1),
            ("key", "1" * 64),
        ],
    )
    def test_are_what_they_were_when_they_were_stored(self, column, value):
        file = AttachmentFactory(size=99)
        with pytest.raises(IntegrityError, match="attachment_frozen"), transaction.atomic():
            run(f"UPDATE interactions_attachment SET {column} = %s WHERE id = %s", value, file.pk)
        with pytest.raises(IntegrityError, match="attachment_frozen"), transaction.atomic():
            Attachment.objects.update(**{column: value})
        assert Attachment.objects.values().get() == Attachment.objects.filter(size=99, pk=file.pk).values()[0]

    def test_learn_where_their_file_lies(self):
        AttachmentFactory()
        assert Attachment.objects.update(file="attachments/00/elsewhere") == 1

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE INTO is SQLite's")
    def test_are_not_replaced(self):
        file = AttachmentFactory()
        names = ", ".join(f.column for f in Attachment._meta.concrete_fields)
        with pytest.raises(IntegrityError, match="attachment_not_replaced"):
            run(
                f"REPLACE INTO interactions_attachment ({names})"
                f" SELECT {names} FROM interactions_attachment WHERE id = %s",
                file.pk,
            )

    def test_may_go(self):
        AttachmentFactory()
        run("DELETE FROM interactions_attachment")
        assert not Attachment.objects.exists()


class TestMutators:
    def test_cancel_and_reinstate_are_one_statement_each(self, django_assert_num_queries):
        InteractionLogEntryFactory.create_batch(3)
        user = UserFactory()
        with django_assert_num_queries(1):
            assert InteractionLogEntry.objects.all().cancel(by=user, reason="Duplicate") == 3
        with django_assert_num_queries(1):
            assert InteractionLogEntry.objects.all().reinstate() == 3
        assert not InteractionLogEntry.objects.canceled().exists()

    def test_cancel_leaves_what_was_canceled_before(self):
        before = InteractionLogEntryFactory(canceled=True, canceled_reason="Wrong contact")
        assert InteractionLogEntry.objects.all().cancel(by=UserFactory(), reason="Duplicate") == 0
        assert InteractionLogEntry.objects.get().canceled_reason == before.canceled_reason


class TestConstraints:
    @pytest.mark.parametrize(
        "broken",
        [
            {"canceled_at": MORNING, "canceled_with": "ITSELF"},
            {"canceled": True, "canceled_with": ""},
            {"canceled_reason": "Nobody"},
            {"cost": -1},
            {"evaluation": 3},
        ],
        ids=str,
    )
    def test_an_entry_cannot_be(self, broken):
        with pytest.raises(IntegrityError), transaction.atomic():
            InteractionLogEntryFactory(**broken)

    def test_a_draft_is_logged_once(self):
        entry = InteractionLogEntryFactory(draft_uuid="00000000-0000-0000-0000-000000000001")
        with pytest.raises(IntegrityError), transaction.atomic():
            InteractionLogEntryFactory(draft_uuid=entry.draft_uuid)


class TestTheGuard:
    def test_knows_when_a_trigger_is_gone(self):
        assert ledger_guard.missing() == []
        on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
        run(f"DROP TRIGGER ledger_kept{on}")
        assert ledger_guard.missing() == ["ledger_kept"]

    def test_a_system_check_says_so(self):
        on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
        run(f"DROP TRIGGER ledger_kept{on}")
        with pytest.raises(SystemCheckError, match="ledger_kept"):
            call_command("check", databases=["default"], tags=["database"], fail_level="WARNING")

    def test_the_process_is_not_ready_without_it(self, client):
        assert client.get("/readyz").status_code == 200
        on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
        run(f"DROP TRIGGER ledger_kept{on}")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "ledger fences" in answer.content.decode()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
class TestLaterMigrations:
    """A migration that rebuilds a fenced table runs, forwards and backwards, and finds the fence up again."""

    @pytest.mark.parametrize(
        ("app", "model", "field"),
        [
            ("interactions", InteractionLogEntry, "description"),
            ("interactions", EntryComment, "text"),
            ("crm", Succession, "reason"),
        ],
    )
    def test_run_and_leave_the_fence_up(self, app, model, field):
        ledger_guard.remove()
        old = model._meta.get_field(field)
        new = old.clone()
        new.set_attributes_from_name(field)
        new.model = model
        new.max_length = 300
        new.null = True
        for before, after in ((old, new), (new, old)):
            with connection.schema_editor() as editor:
                editor.alter_field(model, before, after)
            ledger_guard.install()
            assert ledger_guard.missing() == []
            entry = InteractionLogEntryFactory()
            with pytest.raises(DatabaseError, match="ledger_frozen"):
                run(f"UPDATE {TABLE} SET cost = 99 WHERE id = %s", entry.pk)
            ledger_guard.remove()
        ledger_guard.install()

    def test_every_migrate_puts_the_fence_up_and_is_not_kept_from_it_by_the_check(self):
        ledger_guard.remove()
        assert ledger_guard.missing() != []
        call_command("migrate", verbosity=0, skip_checks=False)
        assert ledger_guard.missing() == []

    def test_the_history_of_migrations_runs_backwards_and_forwards(self):
        newest = [
            key
            for key in MigrationExecutor(connection).loader.graph.leaf_nodes()
            if key[0] in {"crm", "interactions", "segments"}
        ]
        call_command("migrate", "interactions", "0001", verbosity=0)
        assert ledger_guard.missing() == []
        for app, name in newest:
            call_command("migrate", app, name, verbosity=0)
        assert ledger_guard.missing() == []

"""Deleting canceled entries for good: the action and its command (R-32, R-72)."""

import datetime as dt
import threading

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from crm.models import Contact
from interactions.actions import purge
from interactions.actions.entries import add_comment
from interactions.actions.purge import PurgeFilters, PurgeResult, purge_canceled_entries
from interactions.forms.purge import PurgeForm
from interactions.models import Attachment, EntryComment, InteractionLogEntry
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    EntryCommentFactory,
    InteractionDraftFactory,
    InteractionGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    InteractionTemplateLanguageFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ENTRIES = InteractionLogEntry.objects
EVERYTHING = PurgeFilters()


def left():
    return set(ENTRIES.all())


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager", username="irina")


class TestPurgeCanceledEntries:
    @pytest.mark.case("XS-014")
    def test_deletes_canceled_entries_with_their_comments_and_nothing_else(self, manager):
        canceled, kept = InteractionLogEntryFactory(canceled=True), InteractionLogEntryFactory()
        EntryCommentFactory.create_batch(2, entry=canceled)
        comment = EntryCommentFactory(entry=kept)

        result = purge_canceled_entries(EVERYTHING, by=manager)

        assert result == PurgeResult(entries=1, comments=2, files=0)
        assert left() == {kept}
        assert list(EntryComment.objects.all()) == [comment]

    @pytest.mark.case("MI-022", "AS-015")
    def test_takes_the_file_along_that_no_other_entry_uses(self, manager):
        file = AttachmentFactory()
        InteractionLogEntryFactory(canceled=True, attachment=file)

        assert purge_canceled_entries(EVERYTHING, by=manager).files == 1

        assert not Attachment.objects.exists()
        assert not default_storage.exists(file.file.name)

    def test_takes_a_shared_file_with_its_last_entry(self, manager):
        file = AttachmentFactory()
        first = InteractionLogEntryFactory(canceled=True, attachment=file)
        second = InteractionLogEntryFactory(canceled=True, attachment=file)

        assert purge_canceled_entries(PurgeFilters(entry_max=first.pk), by=manager).files == 0
        assert default_storage.exists(file.file.name)
        assert purge_canceled_entries(PurgeFilters(entry_min=second.pk), by=manager).files == 1
        assert not default_storage.exists(file.file.name)

    @pytest.mark.parametrize("user", [InteractionTemplateLanguageFactory, InteractionDraftFactory])
    def test_leaves_a_file_that_a_template_or_draft_still_uses(self, manager, user):
        file = AttachmentFactory()
        InteractionLogEntryFactory(canceled=True, attachment=file)
        user(attachment=file)

        assert purge_canceled_entries(EVERYTHING, by=manager) == PurgeResult(entries=1)
        assert default_storage.exists(file.file.name)

    def test_works_in_batches_and_says_how_far_it_is(self, manager, monkeypatch):
        monkeypatch.setattr(purge, "BATCH", 2)
        for day in (3, 1, 2):
            InteractionLogEntryFactory(canceled=True, date=dt.date(2026, 1, day))
        InteractionLogEntryFactory.create_batch(
            2, canceled=True, date=dt.date(2026, 1, 2), time=dt.time(9, 30)
        )
        told = []

        result = purge_canceled_entries(EVERYTHING, by=manager, progress=told.append)

        assert (result.entries, told) == (5, [2, 4, 5])
        assert left() == set()

    def test_leaves_what_the_user_may_not_see(self):
        own_team, other_team = TeamFactory(), TeamFactory()
        salesperson = SalespersonFactory(team=own_team)
        user = UserFactory(role="Salesperson")
        salesperson.user = user
        salesperson.save()
        InteractionLogEntryFactory(canceled=True, team=own_team)
        elsewhere = InteractionLogEntryFactory(canceled=True, team=other_team)

        assert purge_canceled_entries(EVERYTHING, by=user).entries == 1
        assert left() == {elsewhere}


class TestPurgeBesideOtherPeople:
    @pytest.mark.django_db(transaction=True, serialized_rollback=True)
    def test_waits_for_a_comment_that_is_being_written_and_takes_it_along(self):
        irina = UserFactory(is_superuser=True)
        entry = InteractionLogEntryFactory(canceled=True)
        written, results = threading.Event(), []

        def purge_meanwhile():
            written.wait(30)
            results.append(purge_canceled_entries(EVERYTHING, by=irina))
            connection.close()

        thread = threading.Thread(target=purge_meanwhile)
        thread.start()
        with transaction.atomic():
            add_comment(entry, "ABC", by=irina)
            written.set()
            thread.join(0.3)
            assert results == []
        thread.join()

        assert results == [PurgeResult(entries=1, comments=1)]
        assert not EntryComment.objects.exists()


class TestPurgeFilters:
    @pytest.fixture
    def pair(self):
        """Two canceled entries with nothing in common, and one that agrees with the first but is not canceled."""
        common = {
            "date": dt.date(2026, 3, 1),
            "contact": ContactFactory(),
            "campaign": CampaignFactory(),
            "template": InteractionTemplateFactory(),
            "salesperson": SalespersonFactory(),
        }
        wanted = InteractionLogEntryFactory(canceled=True, **common)
        other = InteractionLogEntryFactory(
            canceled=True, date=dt.date(2026, 5, 1), campaign=CampaignFactory()
        )
        logged = InteractionLogEntryFactory(**common)
        return wanted, other, logged

    @pytest.mark.case("XS-015")
    @pytest.mark.parametrize("name", ["contact", "campaign", "group", "template", "salesperson"])
    def test_take_only_canceled_entries_of_that_row(self, manager, pair, name):
        wanted, other, logged = pair

        assert purge_canceled_entries(PurgeFilters(**{name: getattr(wanted, name)}), by=manager).entries == 1

        assert left() == {other, logged}

    @pytest.mark.case("XS-015")
    @pytest.mark.parametrize(
        ("filters", "gone"),
        [
            ({"date_after": dt.date(2026, 5, 1)}, "other"),
            ({"date_after": dt.date(2026, 5, 2)}, None),
            ({"date_before": dt.date(2026, 3, 1)}, "wanted"),
            ({"date_before": dt.date(2026, 2, 28)}, None),
            ({"date_after": dt.date(2026, 3, 1), "date_before": dt.date(2026, 3, 31)}, "wanted"),
        ],
    )
    def test_take_only_canceled_entries_of_those_days_both_ends_included(self, manager, pair, filters, gone):
        wanted, other, logged = pair

        purge_canceled_entries(PurgeFilters(**filters), by=manager)

        assert left() == {wanted, other, logged} - {{"wanted": wanted, "other": other}.get(gone)}

    def test_take_only_entries_of_that_range_of_numbers(self, manager, pair):
        wanted, other, logged = pair

        purge_canceled_entries(PurgeFilters(entry_min=wanted.pk, entry_max=wanted.pk), by=manager)

        assert left() == {other, logged}

    def test_take_a_company_alone_without_its_people(self, manager):
        company = ContactFactory()
        of_person = InteractionLogEntryFactory(
            canceled=True, contact=ContactFactory(person=True, company=company)
        )
        InteractionLogEntryFactory(canceled=True, contact=company)

        purge_canceled_entries(PurgeFilters(contact=company), by=manager)

        assert left() == {of_person}

    def test_mean_the_same_after_a_journey_as_json(self, manager, pair):
        wanted, _other, _logged = pair
        filters = PurgeFilters(
            entry_min=1,
            contact=wanted.contact,
            date_after=wanted.date,
            group=wanted.group,
            template=wanted.template,
        )

        assert filters.as_params() == {
            "entry_min": 1,
            "contact": wanted.contact_id,
            "date_after": "2026-03-01",
            "group": wanted.group_id,
            "template": wanted.template_id,
        }
        assert list(PurgeFilters(**filters.as_params()).entries(by=manager)) == [wanted]


class TestForecast:
    def test_counts_to_the_row_and_writes_nothing(self, manager):
        own, shared, template_file = AttachmentFactory(), AttachmentFactory(), AttachmentFactory()
        InteractionTemplateLanguageFactory(attachment=template_file)
        for file in (own, shared, template_file, None):
            EntryCommentFactory(entry=InteractionLogEntryFactory(canceled=True, attachment=file))
        InteractionLogEntryFactory(attachment=shared)

        expected = purge_canceled_entries(EVERYTHING, by=manager, dry_run=True)

        assert expected == PurgeResult(entries=4, comments=4, files=1)
        assert ENTRIES.count() == 5
        assert purge_canceled_entries(EVERYTHING, by=manager) == expected


class TestPurgeForm:
    def form(self, **data):
        return PurgeForm(data, contacts=Contact.objects.all())

    def test_reads_all_filters(self):
        entry = InteractionLogEntryFactory(campaign=CampaignFactory())

        form = self.form(
            entry_min="5",
            entry_max="9",
            contact=entry.contact.no.lower(),
            date_after="01/02/2026",
            date_before="2026-02-28",
            campaign=entry.campaign.no,
            group=entry.group.code,
            template=entry.template.code,
            salesperson=entry.salesperson.code,
        )

        assert form.is_valid(), form.errors
        assert form.filters == PurgeFilters(
            entry_min=5,
            entry_max=9,
            contact=entry.contact,
            date_after=dt.date(2026, 2, 1),
            date_before=dt.date(2026, 2, 28),
            campaign=entry.campaign,
            group=entry.group,
            template=entry.template,
            salesperson=entry.salesperson,
        )

    @pytest.mark.parametrize(
        ("data", "name", "sentence"),
        [
            (
                {"contact": "NOBODY"},
                "contact",
                "No contact is called “NOBODY”. Search by name, number, e-mail or phone.",
            ),
            ({"template": "X"}, "template", "There is no template “X”."),
            (
                {"entry_min": "9", "entry_max": "5"},
                "entry_max",
                "The last entry no. is before the first one.",
            ),
            (
                {"date_after": "2026-02-02", "date_before": "2026-02-01"},
                "date_before",
                "The last date is before the first one.",
            ),
        ],
    )
    def test_says_what_is_wrong_where_it_is(self, data, name, sentence):
        assert self.form(**data).errors == {name: [sentence]}

    def test_explains_a_date_that_is_none(self):
        assert "31/02/2026" in self.form(date_after="31/02/2026").errors["date_after"][0]


class TestPurgeCommand:
    def run(self, capsys, *arguments):
        call_command("purge_canceled_entries", *arguments)
        return capsys.readouterr().out.strip()

    def test_has_the_filters_of_the_page_under_the_same_names(self, capsys):
        group, other_group = InteractionGroupFactory.create_batch(2)
        entry = InteractionLogEntryFactory(canceled=True, template=InteractionTemplateFactory(group=group))
        kept = InteractionLogEntryFactory(
            canceled=True, template=InteractionTemplateFactory(group=other_group)
        )

        out = self.run(
            capsys,
            f"--entry-min={entry.pk}",
            f"--contact={entry.contact.no}",
            "--date-after=2026-11-01",
            "--date-before=2026-11-30",
            f"--group={group.code}",
            f"--template={entry.template.code}",
            f"--salesperson={entry.salesperson.code}",
        )

        assert out == "Deleted 1 canceled entry, with comments: 0, files: 0."
        assert left() == {kept}

    def test_takes_the_parameters_of_the_page_as_they_are(self, capsys):
        first, second = InteractionLogEntryFactory.create_batch(2, canceled=True)

        self.run(capsys, f"--entry_min={second.pk}", "--date_after=2026-11-01", "--date_before=2026-11-30")
        assert left() == {first}
        call_command("purge_canceled_entries", entry_min=first.pk, entry_max=first.pk)
        assert left() == set()

    def test_says_so_in_its_help(self, capsys):
        with pytest.raises(SystemExit):
            call_command("purge_canceled_entries", "--help")
        shown = " ".join(capsys.readouterr().out.split())
        assert "called as the parameters of the page are, with - or _." in shown
        assert "--date-after DATE, --date_after DATE" in shown or "--date-after, --date_after DATE" in shown

    def test_wants_all_when_there_is_no_filter(self, capsys):
        InteractionLogEntryFactory.create_batch(2, canceled=True)

        with pytest.raises(CommandError, match="--all"):
            self.run(capsys)
        assert len(left()) == 2
        assert self.run(capsys, "--all") == "Deleted 2 canceled entries, with comments: 0, files: 0."
        assert left() == set()

    def test_wants_all_alone(self, capsys):
        with pytest.raises(CommandError, match="stands alone"):
            self.run(capsys, "--all", "--entry-min=1")

    def test_rehearses(self, capsys):
        InteractionLogEntryFactory(canceled=True)

        out = self.run(capsys, "--all", "--dry-run")

        assert out == "1 canceled entry would be deleted, with comments: 0, files: 0."
        assert len(left()) == 1

    def test_names_the_option_that_is_wrong(self, capsys):
        with pytest.raises(CommandError, match="--contact: No contact is called “NOBODY”"):
            self.run(capsys, "--contact=NOBODY")

    def test_acts_for_a_user_who_may(self, capsys, manager):
        InteractionLogEntryFactory(canceled=True)

        assert self.run(capsys, "--all", "--user=irina").startswith("Deleted 1 canceled entry")

    def test_refuses_a_user_who_may_not_or_is_unknown(self, capsys):
        UserFactory(role="Salesperson", username="marta")
        InteractionLogEntryFactory(canceled=True)

        with pytest.raises(CommandError, match="marta may not"):
            self.run(capsys, "--all", "--user=marta")
        with pytest.raises(CommandError, match="no active user “nobody”"):
            self.run(capsys, "--all", "--user=nobody")
        assert len(left()) == 1


class TestCheckLedgerCommand:
    def test_counts_what_is_fenced(self, capsys):
        EntryCommentFactory(entry=InteractionLogEntryFactory(canceled=True))
        InteractionLogEntryFactory()

        call_command("check_ledger")

        out = capsys.readouterr().out
        assert "guard 2 entries (1 canceled) and 1 comments." in out

    def test_fails_and_names_the_trigger_that_is_missing(self):
        on = " ON interactions_interactionlogentry" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER ledger_kept{on}")

        with pytest.raises(CommandError, match="missing triggers: ledger_kept"):
            call_command("check_ledger")


class TestNextSize:
    """A batch takes about as long as others may wait."""

    def test_shrinks_after_a_slow_batch_and_doubles_at_most_after_a_fast_one(self):
        assert purge.next_size(1_000, seconds=2 * purge.AIMED_AT) == 500
        assert purge.next_size(1_000, seconds=purge.AIMED_AT / 100) == 2_000

    def test_stays_between_its_bounds(self):
        assert purge.next_size(purge.BATCH, seconds=0) == purge.BATCH
        assert purge.next_size(purge.LEAST_BATCH, seconds=60) == purge.LEAST_BATCH

"""Exports: CSV of any length, workbooks at once and by a job (ui 4.1)."""

import csv
import datetime as dt
import io
import tracemalloc
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from crm import formats
from crm.models import Job, JobState
from interactions.actions import exports
from interactions.models import InteractionLogEntry
from interactions.views import exporting
from tests.factories import (
    AttachmentFactory,
    CampaignFactory,
    ContactFactory,
    DocumentKindFactory,
    EntryCommentFactory,
    InteractionGroupFactory,
    InteractionLogEntryFactory,
    InteractionTemplateFactory,
    SalespersonFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

EXPORT = "/interactions/export/"
ENTRIES = InteractionLogEntry.objects


@pytest.fixture
def manager():
    return UserFactory(role="Marketing manager", username="irina")


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


def matching(client, **query):
    """What the form of the dialog carries for that filter."""
    ((_name, token),) = client.get(EXPORT, query).context["fields"]
    return token


def export(client, ending="csv", **query):
    return client.post(EXPORT, {"matching": matching(client, **query), "format": ending})


def read_csv(response, delimiter=","):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=delimiter))


def read_book(content):
    sheet = load_workbook(io.BytesIO(content), read_only=False).active
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def entry():
    company = ContactFactory(no="CT000100", name="Atelier Marchand SAS")
    entry = InteractionLogEntryFactory(
        date=dt.date(2026, 11, 9),
        time=dt.time(8, 15),
        contact=ContactFactory(no="CT000142", person=True, name="Hélène Marchand", company=company),
        template=InteractionTemplateFactory(
            code="PRICES", kind="EMAIL", group=InteractionGroupFactory(code="MAIL")
        ),
        description="Q4 price list",
        subject="Tarif T4",
        direction="OUTBOUND",
        initiated_by="US",
        evaluation=2,
        minutes=15,
        cost="1248.50",
        salesperson=SalespersonFactory(code="MR"),
        logged_by=UserFactory(username="marta"),
        channel="EMAIL",
        language="fr",
        contact_via="h.marchand@atelier-m.example",
        campaign=CampaignFactory(no="CP1001"),
        segment_no="SM00018",
        document_kind=DocumentKindFactory(code="QUOTE"),
        document_no="SQ-1043",
        opportunity_no="OP7",
        attachment=AttachmentFactory(name="Tarif.docx"),
    )
    EntryCommentFactory(entry=entry, text="First")
    EntryCommentFactory(entry=entry, text="Second")
    return entry


class TestCsv:
    def test_holds_every_column(self, browser, entry):
        (row,) = read_csv(export(browser))

        assert row == {
            "Entry no.": str(entry.pk),
            "Date": "2026-11-09",
            "Time": "08:15",
            "Type": "E-mail",
            "Direction": "Outbound",
            "Initiated by": "Us",
            "Contact no.": "CT000142",
            "Contact": "Hélène Marchand",
            "Company no.": "CT000100",
            "Company": "Atelier Marchand SAS",
            "Template": "PRICES",
            "Group": "MAIL",
            "Description": "Q4 price list",
            "Subject": "Tarif T4",
            "Evaluation": "Very positive",
            "Duration in minutes": "15",
            "Cost": "1248.50",
            "Salesperson": "MR",
            "Recorded by": "marta",
            "Status": "Logged",
            "Canceled at": "",
            "Canceled by": "",
            "Reason for canceling": "",
            "Correspondence": "E-mail",
            "Language": "fr",
            "Contact via": "h.marchand@atelier-m.example",
            "Campaign": "CP1001",
            "Segment no.": "SM00018",
            "Document kind": "QUOTE",
            "Document no.": "SQ-1043",
            "Opportunity no.": "OP7",
            "File": "Tarif.docx",
            "Comments": "First\nSecond",
        }

    def test_is_a_download_with_a_name_and_a_date(self, browser, entry):
        response = export(browser)

        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert response.headers["Content-Disposition"].startswith(
            'attachment; filename="Interaction log entries 20'
        )

    def test_says_who_canceled_and_why(self, browser, manager):
        InteractionLogEntryFactory(canceled=True, canceled_by=manager, canceled_reason="Duplicate")

        (row,) = read_csv(export(browser))

        assert (row["Status"], row["Canceled by"], row["Reason for canceling"]) == (
            "Canceled",
            "irina",
            "Duplicate",
        )
        assert row["Canceled at"] == "2026-11-20 09:30"

    def test_follows_the_filter_newest_first(self, browser):
        for day in (1, 3, 2):
            InteractionLogEntryFactory(description=f"Lux {day}", date=dt.date(2026, 11, day))
        InteractionLogEntryFactory(description="Gallery")

        rows = read_csv(export(browser, q="lux"))

        assert [row["Description"] for row in rows] == ["Lux 3", "Lux 2", "Lux 1"]

    def test_parts_by_semicolons_where_decimals_have_a_comma(self, client, entry):
        client.force_login(UserFactory(role="Marketing manager", region="es-ES"))

        (row,) = read_csv(export(client), delimiter=";")

        assert row["Cost"] == "1248,50"

    @pytest.mark.parametrize("formula", ["=1+1", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1"])
    def test_lets_no_spreadsheet_run_what_somebody_typed(self, browser, formula):
        InteractionLogEntryFactory(description=formula)

        (row,) = read_csv(export(browser))

        assert row["Description"] == f"'{formula}"

    def test_leaves_costs_out_for_whom_they_are_not(self, client, entry):
        user = UserFactory(role="Salesperson")
        SalespersonFactory(user=user)
        group = user.groups.get()
        group.permissions.remove(group.permissions.get(codename="see_costs"))
        user = type(user).objects.get(pk=user.pk)
        own = InteractionLogEntryFactory(salesperson=user.salesperson, cost="99.00")
        client.force_login(user)

        (row,) = read_csv(export(client))

        assert row["Entry no."] == str(own.pk)
        assert "Cost" not in row

    @pytest.mark.case("RP-004")
    def test_of_a_person_lists_number_contact_direction_and_initiator(self, browser):
        entry = InteractionLogEntryFactory(
            contact=ContactFactory(person=True, no="CT000142"), direction="OUTBOUND", initiated_by="US"
        )
        InteractionLogEntryFactory()

        (row,) = read_csv(export(browser, contact="CT000142"))

        assert (row["Entry no."], row["Contact no."]) == (str(entry.pk), "CT000142")
        assert (row["Direction"], row["Initiated by"]) == ("Outbound", "Us")

    def test_of_ticked_rows_holds_these_alone(self, browser):
        first, second = InteractionLogEntryFactory.create_batch(2)

        response = browser.post(EXPORT, {"entry": [second.pk], "format": "csv"})

        assert [row["Entry no."] for row in read_csv(response)] == [str(second.pk)]
        assert first.pk != second.pk

    def test_reads_in_batches_with_two_statements_each(self, monkeypatch):
        monkeypatch.setattr(exports, "BATCH", 2)
        InteractionLogEntryFactory.create_batch(5)

        with CaptureQueriesContext(connection) as statements:
            rows = list(exports.csv_rows(ENTRIES.all(), costs=True))

        assert len(rows) == 5
        assert len(statements) == 6

    def test_keeps_memory_flat(self, monkeypatch):
        monkeypatch.setattr(exports, "BATCH", 50)
        template, contact, salesperson, user = (
            InteractionTemplateFactory(),
            ContactFactory(),
            SalespersonFactory(),
            UserFactory(),
        )
        for number in (200, 1_800):
            ENTRIES.bulk_create(
                InteractionLogEntryFactory.build(
                    contact=contact,
                    contact_company_id=contact.pk,
                    salesperson=salesperson,
                    template=template,
                    group=template.group,
                    logged_by=user,
                    description="x" * 200,
                )
                for _each in range(number)
            )
            if number == 200:
                few = peak_of_reading()
        assert peak_of_reading() < 1.5 * few


def peak_of_reading():
    """Most memory, in bytes, that reading every row of a CSV file takes at one time."""
    for _row in exports.csv_rows(ENTRIES.all(), costs=True):
        pass  # caches are warm then
    tracemalloc.start()
    try:
        for _row in exports.csv_rows(ENTRIES.all(), costs=True):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestWorkbook:
    def test_holds_typed_values(self, browser, entry):
        response = export(browser, "xlsx")
        (row,) = read_book(b"".join(response.streaming_content))

        assert response.headers["Content-Disposition"].endswith('.xlsx"')
        assert row["Entry no."] == entry.pk
        assert row["Date"].date() == dt.date(2026, 11, 9)
        assert row["Time"] == dt.time(8, 15)
        assert Decimal(str(row["Cost"])) == Decimal("1248.5")
        assert (row["Type"], row["Contact"], row["Comments"]) == (
            "E-mail",
            "Hélène Marchand",
            "First\nSecond",
        )

    def test_stores_text_as_text_and_drops_what_no_cell_can_hold(self, browser):
        InteractionLogEntryFactory(description="=1+1\x07", subject="x")

        content = b"".join(export(browser, "xlsx").streaming_content)

        sheet = load_workbook(io.BytesIO(content)).active
        (cell,) = [cell for cell in sheet[2] if cell.value == "=1+1"]
        assert cell.data_type == "s"

    def test_above_a_number_of_rows_is_a_job(
        self, browser, manager, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(exporting, "MOST_AT_ONCE", 2)
        monkeypatch.setattr(exports, "BATCH", 2)
        InteractionLogEntryFactory.create_batch(3, description="Lux")
        InteractionLogEntryFactory(description="Gallery")

        assert "made in the background" in browser.get(EXPORT, {"q": "lux"}).content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            response = export(browser, "xlsx", q="lux")

        job = Job.objects.get(by=manager)
        assert response.url == job.get_absolute_url()
        assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
        assert job.result["text"] == "3 entries exported."
        with job.file.open() as file:
            rows = read_book(file.read())
        assert [row["Description"] for row in rows] == ["Lux", "Lux", "Lux"]

    def test_by_a_job_asks_again_whether_one_may(
        self, browser, manager, monkeypatch, django_capture_on_commit_callbacks
    ):
        monkeypatch.setattr(exporting, "MOST_AT_ONCE", 0)
        InteractionLogEntryFactory()
        with django_capture_on_commit_callbacks() as waiting:
            export(browser, "xlsx")
        manager.groups.clear()
        for callback in waiting:
            callback()

        assert Job.objects.get().error == "You no longer have permission to do that."

    def test_is_not_offered_for_more_than_a_sheet_holds(self, browser, monkeypatch):
        monkeypatch.setattr(exporting, "MOST_IN_WORKBOOK", 1)
        InteractionLogEntryFactory.create_batch(2)

        page = browser.get(EXPORT).content.decode()
        assert 'value="xlsx"' not in page
        assert 'value="csv"' in page
        assert "A spreadsheet holds 1 rows." in page
        assert 'value="xlsx"' not in export(browser, "xlsx").content.decode()


class TestOffer:
    def test_says_how_many_and_writes_nothing(self, browser):
        InteractionLogEntryFactory.create_batch(2)

        assert "<h1>Export 2 entries</h1>" in browser.get(EXPORT).content.decode()
        assert not Job.objects.exists()

    def test_of_a_selection_carries_it_on(self, browser):
        entry = InteractionLogEntryFactory()

        page = browser.post(EXPORT, {"entry": [entry.pk]}).content.decode()

        assert f'<input type="hidden" name="entry" value="{entry.pk}">' in page

    def test_says_when_nothing_is_filtered(self, browser):
        assert "There is no template “X”." in browser.get(EXPORT, {"template": "X"}).content.decode()

    def test_needs_the_permission(self, client):
        client.force_login(UserFactory(role="Reader"))

        assert client.get(EXPORT).status_code == 403
        assert client.post(EXPORT, {"entry": "1", "format": "csv"}).status_code == 403

    def test_holds_only_what_one_finds(self, client):
        user = UserFactory(role="Salesperson")
        team = TeamFactory()
        SalespersonFactory(user=user, team=team)
        InteractionLogEntryFactory(team=team, description="found")
        InteractionLogEntryFactory(team=TeamFactory(), description="hidden")
        client.force_login(user)

        assert [row["Description"] for row in read_csv(export(client))] == ["found"]


def test_numbers_in_files_are_not_grouped():
    with formats.override("en-GB"):
        assert exports._csv_value(Decimal("12480.5")) == "12480.50"

"""Entries as rows of a file: read in batches by key, so that memory stays flat at any size."""

import datetime as dt
import re
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from crm import formats, keyset
from crm.models import Channel
from interactions.models import Direction, EntryComment, EntryStatus, Evaluation, Initiator, Kind

BATCH = 1_000
MOST_AT_ONCE = 5_000  # rows of a workbook that a request writes itself; more are a job
MOST_IN_WORKBOOK = 1_048_575  # rows that a sheet holds below its head

COLUMNS = (
    "id",
    "date",
    "time",
    "template__kind",
    "direction",
    "initiated_by",
    "contact__no",
    "contact__name",
    "contact_company__no",
    "contact_company__name",
    "template__code",
    "group__code",
    "description",
    "subject",
    "evaluation",
    "minutes",
    "cost",
    "salesperson__code",
    "logged_by__username",
    "attempt_failed",
    "canceled_at",
    "canceled_by__username",
    "canceled_reason",
    "channel",
    "language",
    "contact_via",
    "campaign__no",
    "segment_no",
    "document_kind__code",
    "document_no",
    "opportunity_no",
    "attachment__name",
)


def header(*, costs):
    """The heads of the columns, translated. costs: whether the reader may see them."""
    heads = [
        _("Entry no."),
        _("Date"),
        _("Time"),
        pgettext("of an interaction", "Type"),
        _("Direction"),
        _("Initiated by"),
        _("Contact no."),
        pgettext("crm", "Contact"),
        _("Company no."),
        _("Company"),
        _("Template"),
        _("Group"),
        _("Description"),
        _("Subject"),
        _("Evaluation"),
        _("Duration in minutes"),
        _("Cost"),
        _("Salesperson"),
        _("Recorded by"),
        pgettext("of an entry", "Status"),
        _("Canceled at"),
        _("Canceled by"),
        _("Reason for canceling"),
        _("Correspondence"),
        _("Language"),
        _("Contact via"),
        _("Campaign"),
        _("Segment no."),
        _("Document kind"),
        _("Document no."),
        _("Opportunity no."),
        _("File"),
        _("Comments"),
    ]
    return [head for head, name in zip(heads, [*COLUMNS, "comments"], strict=True) if costs or name != "cost"]


def rows(entries, *, costs):
    """A list of plain values (str, int, Decimal, date, time, datetime, None) for each of *entries* (a queryset), newest first.

    Asks one query per BATCH of entries and one for their comments.
    """
    words = _Words()
    columns = [name for name in COLUMNS if costs or name != "cost"]
    entries, cursor = entries.order_by().values(*columns), ""
    while True:
        page = keyset.paginate(entries, after=cursor, size=BATCH)
        comments = _comments_of([entry["id"] for entry in page])
        for entry in page:
            yield [*words.of(entry), "\n".join(comments.get(entry["id"], ()))]
        if not page.has_next:
            return
        cursor = page.next_cursor


def _comments_of(ids):
    """{entry: [text, …]}, oldest first."""
    found = {}
    for entry, text in (
        EntryComment.objects.filter(entry__in=ids).order_by("created_at", "id").values_list("entry", "text")
    ):
        found.setdefault(entry, []).append(text)
    return found


class _Words:
    """Codes of the ledger in the reader's language, looked up once."""

    def __init__(self):
        self.choices = {
            "template__kind": _plain(Kind),
            "direction": _plain(Direction),
            "initiated_by": _plain(Initiator),
            "evaluation": _plain(Evaluation),
            "channel": _plain(Channel),
        }
        self.statuses = _plain(EntryStatus)

    def of(self, entry):
        """The values of one entry in the order of its columns; codes as words, the status in place of a mark."""
        for name, words in self.choices.items():
            entry[name] = words.get(entry[name], "")
        status = EntryStatus.of(canceled_at=entry["canceled_at"], attempt_failed=entry["attempt_failed"])
        entry["attempt_failed"] = self.statuses[status]
        if entry["canceled_at"]:
            # Of the reader's zone, as dates and times of entries are somebody's wall clock.
            entry["canceled_at"] = timezone.make_naive(entry["canceled_at"]).replace(second=0, microsecond=0)
        return entry.values()


def _plain(choices):
    return {value: str(label) for value, label in choices.choices}


# --- CSV ----------------------------------------------------------------------------------------------------------------


def csv_rows(entries, *, costs):
    """The rows as text: dates and times as machines read them, amounts with the region's decimal sign."""
    for row in rows(entries, costs=costs):
        yield [_csv_value(value) for value in row]


def _csv_value(value):
    if isinstance(value, Decimal):
        return formats.decimal(value, 2, grouped=False)
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value


# --- XLSX ---------------------------------------------------------------------------------------------------------------


def write_workbook(file, entries, *, costs, progress=None):
    """Write *entries* into *file* (open for binary writing) as one sheet, row by row; return how many.

    Every text is stored as text, so nothing is taken for a formula. progress: callable(rows so far), once per BATCH.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Interaction log entries")[:31])
    sheet.freeze_panes = "A2"
    heads = []
    for head in header(costs=costs):
        cell = WriteOnlyCell(sheet, head)
        cell.font = Font(bold=True)
        heads.append(cell)
    sheet.append(heads)
    count = 0
    for row in rows(entries, costs=costs):
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
        if progress and count % BATCH == 0:
            progress(count)
    book.save(file)
    return count


NO_CELL_TEXT = re.compile(f"{ILLEGAL_CHARACTERS_RE.pattern}|[\ud800-\udfff]")


def _cell(sheet, value):
    if not isinstance(value, str):
        return value
    if not value:
        return None
    cell = WriteOnlyCell(sheet, NO_CELL_TEXT.sub("", value)[:32_767])
    cell.data_type = "s"
    return cell

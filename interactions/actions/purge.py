"""Deleting canceled entries for good, with their comments and files (R-32, R-72)."""

import dataclasses
import datetime as dt
import logging
import time
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from crm.models import Contact, Salesperson
from interactions.actions.attachments import drop_unused
from interactions.models import (
    Attachment,
    Campaign,
    EntryComment,
    EntryDocument,
    InteractionGroup,
    InteractionLogEntry,
    InteractionTemplate,
)
from interactions.models.attachment import file_users

# A batch is a transaction, for which others wait; how many entries it takes follows from how long the last one took.
BATCH = 5_000  # entries at most
FIRST_BATCH = 500
LEAST_BATCH = 50
AIMED_AT = 0.15  # seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PurgeFilters:
    """Which of the canceled entries are meant; None does not restrict. Numbers and dates are inclusive.

    Rows may be given by their ids. The contact is that one alone, without the people of a company.
    canceled_before: the instant at which somebody looked; what was canceled after it stays, for it can still be undone.
    """

    entry_min: int | None = None
    entry_max: int | None = None
    contact: Contact | int | None = None
    date_after: dt.date | None = None
    date_before: dt.date | None = None
    campaign: Campaign | int | None = None
    group: InteractionGroup | int | None = None
    template: InteractionTemplate | int | None = None
    salesperson: Salesperson | int | None = None
    canceled_before: dt.datetime | None = None

    LOOKUPS = {
        "entry_min": "pk__gte",
        "entry_max": "pk__lte",
        "date_after": "date__gte",
        "date_before": "date__lte",
        "canceled_before": "canceled_at__lt",
    }

    def chosen(self):
        """{name: value} of the filters that restrict."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def entries(self, *, by):
        """The canceled entries that *by* may see and these filters mean. by: None is the command line, which sees all."""
        entries = (
            InteractionLogEntry.objects.all() if by is None else InteractionLogEntry.objects.visible_to(by)
        )
        lookups = {self.LOOKUPS.get(name, name): value for name, value in self.chosen().items()}
        return entries.canceled().filter(**lookups)

    def as_params(self):
        """The filters as JSON values; PurgeFilters(**params) means the same."""
        return {
            name: value.isoformat() if isinstance(value, dt.date) else getattr(value, "pk", value)
            for name, value in self.chosen().items()
        }


@dataclass(frozen=True, kw_only=True)
class PurgeResult:
    """How much went, or would go."""

    entries: int = 0
    comments: int = 0
    files: int = 0

    def __add__(self, other):
        return PurgeResult(
            entries=self.entries + other.entries,
            comments=self.comments + other.comments,
            files=self.files + other.files,
        )


def wait_for_cancelings():
    """Return when every canceling that was under way is committed or given up.

    What it cancels bears the instant at which it began, and so an earlier one than that of whoever has looked since.
    """
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
    ):  # SQLite has one writer at a time, and now we are it
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {InteractionLogEntry._meta.db_table} IN SHARE MODE")


def purge_canceled_entries(filters, *, by, dry_run=False, progress=None):
    """Delete the canceled entries that *filters* (PurgeFilters) mean, and answer a PurgeResult.

    In batches, each a transaction of its own: what is interrupted leaves whole entries, and may run again. Never a row
    that is not canceled. dry_run: count exactly, write nothing.  progress: callable(entries deleted so far).
    """
    entries = filters.entries(by=by)
    if dry_run:
        return forecast(entries)
    result, last, size = PurgeResult(), None, min(FIRST_BATCH, BATCH)
    while True:
        began = time.monotonic()
        done, last = _purge_batch(entries, after=last, size=size)
        if last is None:
            break
        size = next_size(size, time.monotonic() - began)
        result += done
        if progress:
            progress(result.entries)
    logger.info(
        "%s deleted %d canceled entries with %d comments and %d files: %s",
        by or "The command line",
        result.entries,
        result.comments,
        result.files,
        filters.as_params() or "all",
    )
    return result


def next_size(size, seconds):
    """How many entries to take after *size* of them took *seconds*; at most twice as many, for the next may have files."""
    fitting = size * min(2, AIMED_AT / max(seconds, 0.001))
    return int(min(BATCH, max(LEAST_BATCH, fitting)))


@transaction.atomic
def _purge_batch(entries, *, after, size):
    """(PurgeResult, key of the last entry) of the next *size* entries in the order of the canceled index; key None at the end."""
    if after:
        date, time, pk = after
        later = Q(date__gt=date) | Q(date=date, time__gt=time) | Q(date=date, time=time, pk__gt=pk)
        entries = entries.filter(later, date__gte=date)
    # Locked: nobody reinstates or comments on an entry that is on its way out.
    rows = list(
        entries.order_by("date", "time", "pk")
        .select_for_update(of=("self",))
        .values_list("date", "time", "pk", "attachment")[:size]
    )
    if not rows:
        return PurgeResult(), None
    batch = InteractionLogEntry.objects.filter(pk__in=[row[2] for row in rows])
    deleted, comments = batch.purge()
    files = drop_unused({row[3] for row in rows if row[3]})
    return PurgeResult(entries=deleted, comments=comments, files=files), rows[-1][:3]


def forecast(entries):
    """The PurgeResult that deleting *entries* (a queryset) would have, to the row."""
    entries = entries.order_by()
    files = Attachment.objects.filter(pk__in=entries.filter(attachment__isnull=False).values("attachment"))
    for users in file_users(OuterRef("pk")):
        if users.model is InteractionLogEntry:
            users = users.exclude(pk__in=entries.values("pk"))
        elif users.model is EntryDocument:
            users = users.exclude(entry__in=entries.values("pk"))
        files = files.filter(~Exists(users))
    return PurgeResult(
        entries=entries.count(),
        comments=EntryComment.objects.filter(entry__in=entries.values("pk")).count(),
        files=files.count(),
    )

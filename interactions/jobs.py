"""Work on the ledger that outlives a request (see `crm.jobs`)."""

import tempfile

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy, ngettext, npgettext

from crm import formats, jobs
from crm.errors import Refusal
from interactions import merging
from interactions.actions.deliveries import mark_printed
from interactions.actions.exports import write_workbook
from interactions.actions.printing import write_print_file
from interactions.actions.purge import PurgeFilters, purge_canceled_entries
from interactions.models import Delivery, LoggedSegment
from interactions.selection import selected


class NotAllowed(Refusal):
    sentence = gettext_lazy("You no longer have permission to do that.")


class NothingToPrint(Refusal):
    sentence = gettext_lazy("No letters wait to be printed.")


class Watched:
    """A binary file that calls *beat* whenever it is written or read: packing a workbook takes minutes at a million rows."""

    def __init__(self, file, beat):
        self.file = file
        self.beat = beat

    def __getattr__(self, name):
        return getattr(self.file, name)

    def write(self, data):
        self.beat()
        return self.file.write(data)

    def read(self, size=-1):
        self.beat()
        return self.file.read(size)


@jobs.kind("export_entries")
def export_entries(job, progress, *, selection, name):
    """A workbook of what `selection` (see `interactions.selection`) means, called *name*."""
    if not job.by.has_perm("interactions.export_interactions"):
        raise NotAllowed
    entries = selected(selection, user=job.by)
    total = entries.count()
    progress(0, total)
    with tempfile.TemporaryFile() as plain:
        file = Watched(plain, beat=lambda: progress(job.done))
        count = write_workbook(
            file,
            entries,
            costs=job.by.has_perm("interactions.see_costs"),
            progress=lambda done: progress(done, max(total, done)),
        )
        file.seek(0)
        jobs.keep_file(job, name, file)
    return {
        "text": ngettext("%(count)s entry exported.", "%(count)s entries exported.", count)
        % {"count": formats.integer(count)}
    }


@jobs.kind("print_letters")
def print_letters(job, progress, *, logged_segment=None):
    """A print file of the letters that wait, of one logged segment or of all that the person sees; they are printed then.

    Run twice, it makes one file: the letters are marked in the transaction that ends the job.
    """
    if not job.by.has_perm("interactions.deliver_interactions"):
        raise NotAllowed
    rows = letters_to_print(job.by, logged_segment)
    total = rows.count()
    if not total:
        raise NothingToPrint
    progress(0, total)
    register = LoggedSegment.objects.filter(pk=logged_segment).first()
    name = merging.archive_stem(register.segment_no) if register else merging.stem(gettext("Letters"))
    with tempfile.TemporaryFile() as file:
        made = write_print_file(rows, file, name=name, progress=lambda done: progress(done, max(total, done)))
        if not made.letters:
            raise NothingToPrint
        file.seek(0)
        jobs.keep_file(job, made.name, file)
    sentence = ngettext("%(count)s letter to print.", "%(count)s letters to print.", made.letters)
    with transaction.atomic():
        mark_printed(Delivery.objects.filter(pk__in=made.ids), by=job.by)
        return jobs.settle(job, {"text": sentence % {"count": formats.integer(made.letters)}})


def letters_to_print(user, logged_segment=None):
    """The Deliveries on paper that wait, as far as *user* sees them."""
    rows = Delivery.objects.visible_to(user).to_print()
    return rows.filter(entry__logged_segment=logged_segment) if logged_segment else rows


@jobs.kind("purge_canceled_entries")
def purge(job, progress, *, filters, total):
    """Deletes the canceled entries that PurgeFilters(**filters) mean. Run twice, it goes on where it stopped."""
    if not job.by.has_perm("interactions.purge_interactions"):
        raise NotAllowed
    progress(0, total)
    result = purge_canceled_entries(
        PurgeFilters(**filters), by=job.by, progress=lambda done: progress(done, max(total, done))
    )
    return {"text": purged(result)}


def purged(result):
    """What a purge did, in one sentence."""
    return ngettext(
        "%(entries)s canceled entry deleted, with %(comments)s and %(files)s.",
        "%(entries)s canceled entries deleted, with %(comments)s and %(files)s.",
        result.entries,
    ) % {
        "entries": formats.integer(result.entries),
        "comments": comments_words(result.comments),
        "files": files_words(result.files),
    }


def comments_words(count):
    # Translators: a part of "3 canceled entries deleted, with 2 comments and 1 file."
    return npgettext("deleted with", "%(count)s comment", "%(count)s comments", count) % {
        "count": formats.integer(count)
    }


def files_words(count):
    # Translators: a part of "3 canceled entries deleted, with 2 comments and 1 file."
    return npgettext("deleted with", "%(count)s file", "%(count)s files", count) % {
        "count": formats.integer(count)
    }

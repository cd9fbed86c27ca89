"""Work on the ledger that outlives a request (see `crm.jobs`)."""

import tempfile

from django.utils.translation import gettext_lazy, ngettext, npgettext

from crm import formats, jobs
from crm.errors import Refusal
from interactions.actions.exports import write_workbook
from interactions.actions.purge import PurgeFilters, purge_canceled_entries
from interactions.selection import selected


class NotAllowed(Refusal):
    sentence = gettext_lazy("You no longer have permission to do that.")


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

"""Letters on paper as print files: one Word file for at most 500 letters of one kind, several in an archive."""

import tempfile
import zipfile
from dataclasses import dataclass

from django.utils.translation import gettext as _

from interactions import merging
from interactions.models import Attachment, Delivery

from .documents import filling_of
from .letters import template_of

MIME_END = "docx"


@dataclass(frozen=True)
class PrintFile:
    """ids: of the deliveries whose letters are in it.  name: of the file.  letters: how many."""

    ids: list
    name: str

    @property
    def letters(self):
        return len(self.ids)


def write_print_file(deliveries, file, *, name, progress=lambda done: None):
    """Write the letters of *deliveries* (a queryset) that wait to be printed into *file* (binary, open); answer PrintFile.

    name: of the file without ending.  One chunk of letters is held at a time. Contacts that were blocked meanwhile, and
    canceled entries, are left out.
    """
    wanted = deliveries.to_print().filter(entry__canceled_at=None, entry__contact__privacy_blocked=False)
    keys = list(wanted.order_by("entry__attachment", "entry_id").values_list("pk", "entry__attachment"))
    chunks = list(chunks_of(keys))
    if len(chunks) == 1:
        attachment, ids = chunks[0]
        write_letters(attachment, ids, file)
        progress(len(ids))
        return PrintFile(ids, f"{name}.{MIME_END}")
    done = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for number, (attachment, ids) in enumerate(chunks, start=1):
            with tempfile.TemporaryFile() as part:
                write_letters(attachment, ids, part)
                part.seek(0)
                # Translators: the name of a file with letters; %(number)d counts them.
                title = _("Letters %(number)d") % {"number": number}
                with archive.open(f"{merging.stem(title)}.{MIME_END}", "w", force_zip64=True) as member:
                    while piece := part.read(1 << 20):
                        member.write(piece)
            done += ids
            progress(len(done))
    return PrintFile(done, f"{name}.zip")


def chunks_of(keys):
    """(id of the attachment, ids of deliveries) for as many letters as one file takes."""
    chunk, current = [], None
    for pk, attachment in keys:
        if chunk and (attachment != current or len(chunk) == merging.MOST_LETTERS):
            yield current, chunk
            chunk = []
        current = attachment
        chunk.append(pk)
    if chunk:
        yield current, chunk


def write_letters(attachment, ids, file):
    attachment = Attachment.objects.get(pk=attachment)
    template = template_of(attachment) or plain_template(attachment)
    rows = Delivery.objects.filter(pk__in=ids).select_related(
        "entry__document", "entry__attachment", "entry__logged_segment"
    )
    rows = rows.defer("entry__logged_segment__criteria").order_by("entry_id")
    merging.combine(template, [filling_of(row.entry) for row in rows], file)


def plain_template(attachment):
    """The template of a Word file without merge fields: each letter is the same."""
    with attachment.file.open() as stored:
        return merging.compile(stored.read())

"""Making and removing files: the row is the lock (heart 8).

Stored: row first, then the file if it is missing. Dropped: row locked, then asked for references, then removed with its
file inside the same transaction. So a file that somebody uploads while another one drops the same content is safe.
"""

import datetime as dt
import hashlib
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from interactions.gate import accept
from interactions.models import Attachment
from interactions.models.attachment import key_of, path_of

from .letters import examine

FOLDER = "attachments"


def check_upload(upload):
    """The uploaded file as the gate lets it through. Raises interactions.gate.Refused."""
    return accept(upload, name=upload.name, max_bytes=settings.ATTACHMENT_MAX_BYTES)


@transaction.atomic
def store(accepted, *, by):
    """The Attachment of an accepted file: the one that exists with this content and name, or a new one."""
    sha256 = hashlib.sha256(accepted.content).hexdigest()
    attachment, created = Attachment.objects.get_or_create(
        key=key_of(sha256, accepted.name),
        defaults={
            "sha256": sha256,
            "name": accepted.name,
            "extension": accepted.extension,
            "mime": accepted.mime,
            "size": len(accepted.content),
            "merge_engine": lambda: examine(accepted).engine,  # asked for a new row only
            "created_by": by,
        },
    )
    attachment = Attachment.objects.select_for_update().get(pk=attachment.pk)
    path = path_of(attachment, accepted.name)
    # Of a new row the file is an orphan that a sweep may be taking: written again it is young, and stays.
    if created or not is_whole(attachment, path):
        default_storage.delete(path)
        default_storage.save(path, ContentFile(accepted.content))
    if attachment.file.name != path:
        attachment.file.name = path
        attachment.save(update_fields=["file"])
    return attachment


def is_whole(attachment, path):
    """Whether the file is there in full; a row never proves that."""
    return default_storage.exists(path) and default_storage.size(path) == attachment.size


@transaction.atomic
def drop_unused(ids):
    """Remove those of the attachments *ids* that nothing points at, files included; return how many (R-32).

    Call it last in its transaction: a rollback brings rows back, not files.
    """
    locked = list(
        Attachment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)
    )
    # A second statement, because it sees what others committed while this one waited for the locks.
    unused = list(Attachment.objects.filter(pk__in=locked).unused())
    rows = Attachment.objects.filter(pk__in=[attachment.pk for attachment in unused])
    rows._raw_delete(rows.db)
    for attachment in unused:
        default_storage.delete(attachment.file.name)
    return len(unused)


def drop_unused_later(ids):
    """`drop_unused` once the transaction was committed, for verbs that may still refuse; the sweep is behind it."""
    if ids:
        transaction.on_commit(partial(drop_unused, ids), robust=True)


def sweep_orphans(*, older_than=dt.timedelta(hours=24)):
    """Remove files that no row knows, left by a rollback after writing, and rows with files that nothing points at,
    left by a crash before they were dropped; return how many files."""
    before = timezone.now() - older_than
    unused = Attachment.objects.filter(created_at__lt=before).unused()
    removed = drop_unused(list(unused.values_list("pk", flat=True)))
    if not default_storage.exists(FOLDER):
        return 0
    for folder in default_storage.listdir(FOLDER)[0]:
        paths = [f"{FOLDER}/{folder}/{name}" for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]]
        known = set(Attachment.objects.filter(file__in=paths).values_list("file", flat=True))
        for path in paths:
            if path not in known and default_storage.get_modified_time(path) < before:
                default_storage.delete(path)
                removed += 1
    return removed

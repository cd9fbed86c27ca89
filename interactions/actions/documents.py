"""Letters as they were logged: frozen as values, made again whenever somebody wants to see them (architecture 2.4)."""

import json
import logging
from dataclasses import dataclass
from functools import lru_cache

from django.core.files.storage import default_storage
from django.db.models import Case, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Cast

from crm.bulk import insert_from_select
from crm.models import Channel
from interactions import merge_fields, merging
from interactions.models import EntryDocument, InteractionTemplateLanguage

from .letters import template_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

logger = logging.getLogger(__name__)


class LetterIsErased(FileNotFoundError):
    """The contact was erased, and what the letter said with it."""


@dataclass(frozen=True)
class Letter:
    """A file as the contact gets it. sha256: of what a filled letter says, '' for any other file."""

    name: str
    mime: str
    content: bytes
    sha256: str = ""


def freeze_letters(entries, *, company=None):
    """Keep what the letters of *entries* (a queryset), and the bodies of their e-mails, are made from, by one statement;
    return how many there are.

    company: `our_company` beside each, for entries whose register does not have it; default: it is on the register.
    """
    rows = InteractionTemplateLanguage.objects.filter(
        template=OuterRef("template"), language=OuterRef("language")
    )
    letters = entries.filter(document=None).annotate(
        letter=Case(When(attachment__merge_engine__gt="", then=F("attachment"))),
        letter_body=Case(When(channel=Channel.EMAIL, then=Subquery(rows.values("body")[:1]))),
    )
    letters = letters.filter(Q(letter__isnull=False) | Q(letter_body__isnull=False))
    values = merge_fields.with_values(
        letters, contact="contact__", salesperson="salesperson__", interaction=""
    )
    return insert_from_select(
        EntryDocument,
        values.annotate(frozen=Cast("merge_values", TextField())).order_by("pk"),
        entry="pk",
        attachment="letter",
        body="letter_body",
        values="frozen",
        company=Value(company or ""),
        engine_version=Value(merging.VERSION),
        sha256=Value(""),
    )


def our_company():
    """What letters say of our own company now, as it is kept."""
    return json.dumps(merge_fields.company_values(), ensure_ascii=False, sort_keys=True)


def keep_company(entries):
    """Write what is known of our company beside the letters of *entries* (a queryset) whose register is about to go."""
    documents = EntryDocument.objects.filter(entry__in=entries.order_by().values("pk"), company="")
    texts = dict(
        documents.order_by().values_list("entry__logged_segment", "entry__logged_segment__company").distinct()
    )
    for register, text in texts.items():
        documents.filter(entry__logged_segment=register).update(company=text)


@lru_cache(maxsize=4)
def content_of(path):
    """The bytes of a stored file, whose path says its content; a mass mailing sends a few files thousands of times."""
    with default_storage.open(path) as file:
        return file.read()


@lru_cache(maxsize=8)
def _filler(template, company):
    return merge_fields.Filler(template, company=json.loads(company))


def document_of(entry):
    """The EntryDocument of *entry* from which its letter is made, or None when the file is what it is."""
    document = getattr(entry, "document", None)
    return document if document is not None and document.attachment_id else None


def letter_of(entry):
    """The Letter of an entry that has a file; a frozen one is made from what was frozen.

    Raises FileNotFoundError, LetterIsErased, merging.Unmergeable.
    """
    attachment, document = entry.attachment, document_of(entry)
    if document is None:
        return Letter(attachment.name, attachment.mime, content_of(attachment.file.name))
    made = merged(entry)
    if document.sha256 and document.sha256 != made.sha256:
        logger.error("The letter of entry %s is not what it was.", entry.pk)
    return Letter(letter_name(entry), DOCX, made.content, made.sha256)


def letter_name(entry):
    """What the file of a frozen letter is called: as its subject (R-68)."""
    return f"{merging.stem(entry.subject or entry.description)}.docx"


def seal_letter(entry):
    """Make the letter of *entry* for the first time, so that it is known for ever what it said."""
    try:
        letter = letter_of(entry)
    except (FileNotFoundError, merging.Unmergeable):
        logger.exception("The letter of entry %s could not be made.", entry.pk)
        return
    EntryDocument.objects.all().seal({entry.pk: letter.sha256})


def merged(entry):
    """The frozen letter of *entry* made again (merging.Merged)."""
    filling = filling_of(entry)
    return template_of(entry.attachment).merge(filling)


def filling_of(entry):
    """What the letter of *entry* is filled with (merging.Filling); nothing where it has no merge fields."""
    document = document_of(entry)
    if document is None:
        return merging.Filling({}, entry.language)
    if not document.values:
        raise LetterIsErased(entry.attachment.name)
    company = document.company or (entry.logged_segment.company if entry.logged_segment_id else "")
    filler = _filler(template_of(entry.attachment), company or our_company())
    return filler.fill(merge_fields.thaw(json.loads(document.values), company=filler.company))

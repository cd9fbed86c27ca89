"""The files of templates: a language row points at one, replacing or removing lets the old one go (R-31, R-32)."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from interactions.gate import Accepted
from interactions.models import (
    DocumentKind,
    InteractionDraft,
    InteractionLogEntry,
    InteractionTemplateLanguage,
)

from .attachments import drop_unused, store


class TemplateIsUsed(Refusal):
    """Templates with a history are made inactive, not deleted (domain 2.2, ours)."""

    sentence = _(
        "%(template)s is used by interactions. Make it inactive instead: then it is not offered any more."
    )


@dataclass(frozen=True, kw_only=True)
class LanguageChange:
    """A language row to save, new or not, with an accepted file instead of the one it has, or without any."""

    row: InteractionTemplateLanguage
    file: Accepted | None = None
    remove_file: bool = False


@transaction.atomic
def save_template_languages(changes, *, gone=(), by):
    """Delete the language rows with the ids *gone* and save *changes* (LanguageChange); files go last, or none does."""
    gone = InteractionTemplateLanguage.objects.filter(pk__in=gone)
    files = set(gone.values_list("attachment", flat=True))
    gone.delete()
    for change in changes:
        before = change.row.attachment_id
        if change.file is not None:
            change.row.attachment = store(change.file, by=by)
        elif change.remove_file:
            change.row.attachment = None
        change.row.save()
        files |= {before} - {change.row.attachment_id}
    drop_unused(files - {None})


def put_template_file(row, accepted, *, by):
    """Give the language *row* the accepted file instead of the one it has."""
    save_template_languages([LanguageChange(row=row, file=accepted)], by=by)
    return row


def remove_template_file(row, *, by):
    """Take the file off the language *row*; the file goes when nothing else points at it."""
    save_template_languages([LanguageChange(row=row, remove_file=True)], by=by)
    return row


def delete_template_languages(rows, *, by):
    """Delete language rows (a queryset) and the files that only they had."""
    save_template_languages([], gone=list(rows.values_list("pk", flat=True)), by=by)


def is_used(template):
    """Whether entries, drafts or kinds of documents point at *template*."""
    rows = (InteractionLogEntry.objects, InteractionDraft.with_deleted, DocumentKind.objects)
    return any(users.filter(template=template).exists() for users in rows)


@transaction.atomic
def delete_template(template, *, by):
    """Delete a template that nothing uses, with its language rows and files. Raises TemplateIsUsed."""
    if is_used(template):
        raise TemplateIsUsed(template=template.code)
    files = [file for file in template.languages.values_list("attachment", flat=True) if file]
    template.delete()
    drop_unused(files)

"""The files of templates: a language row points at one, replacing or removing lets the old one go (R-31, R-32)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
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


@transaction.atomic
def put_template_file(row, accepted, *, by):
    """Give the language *row* the accepted file instead of the one it has."""
    before = row.attachment_id
    row.attachment = store(accepted, by=by)
    row.save(update_fields=["attachment"])
    if before and before != row.attachment_id:
        drop_unused([before])
    return row


@transaction.atomic
def remove_template_file(row, *, by):
    """Take the file off the language *row*; the file goes when nothing else points at it."""
    before, row.attachment = row.attachment_id, None
    row.save(update_fields=["attachment"])
    drop_unused([before] if before else [])
    return row


@transaction.atomic
def delete_template_languages(rows, *, by):
    """Delete language rows (a queryset) and the files that only they had."""
    files = [file for file in rows.values_list("attachment", flat=True) if file]
    InteractionTemplateLanguage.objects.filter(pk__in=rows.values("pk")).delete()
    drop_unused(files)


def is_used(template):
    """Whether entries, drafts or kinds of documents point at *template*."""
    return any(
        model.objects.filter(template=template).exists()
        for model in (InteractionLogEntry, InteractionDraft, DocumentKind)
    )


@transaction.atomic
def delete_template(template, *, by):
    """Delete a template that nothing uses, with its language rows and files. Raises TemplateIsUsed."""
    if is_used(template):
        raise TemplateIsUsed(template=template.code)
    delete_template_languages(template.languages.all(), by=by)
    template.delete()

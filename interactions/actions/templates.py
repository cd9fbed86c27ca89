"""Templates and their files: a language row points at one, replacing or removing lets the old one go (R-31, R-32)."""

import hashlib
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from interactions.gate import Accepted
from interactions.models import (
    Attachment,
    InteractionTemplate,
    InteractionTemplateLanguage,
    WizardAction,
)

from .attachments import drop_unused, store


class TemplateIsUsed(Refusal):
    """Templates with a history are made inactive, not deleted (domain 2.2, ours)."""

    sentence = _(
        "%(template)s is used by interactions. Make it inactive instead: then it is not offered any more."
    )


class CodeIsTaken(Refusal):
    sentence = _("This code exists already: %(code)s.")
    field = "code"


class KeyIsTaken(Refusal):
    sentence = _("The quick-log key %(key)s belongs to %(template)s.")
    field = "quick_key"


class ActionDoesNotFit(Refusal):
    """R-26: what happens with the file and the file of the default language do not go together."""

    field = "wizard_action"


class TemplateIsGone(Refusal):
    sentence = _("This template has been deleted meanwhile.")


class TemplateChanged(Refusal):
    sentence = _("Somebody else changed this template meanwhile. Check it, then save again.")


class FileChanged(Refusal):
    sentence = _("Somebody else changed this file meanwhile. Here it is as it is now.")


class IsDefaultLanguage(Refusal):
    sentence = _("This is the default language of the template. Choose another one first.")


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
    files = {file for row in gone.values_list("attachment", "body") for file in row}
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


# --- templates ----------------------------------------------------------------------------------------------------------


def users_of(template):
    """(model, queryset) of everything that points at *template*, except what is part of it."""
    for relation in InteractionTemplate._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if relation.one_to_many and model is not InteractionTemplateLanguage:
            yield model, model._base_manager.filter(**{relation.field.name: template})


def is_used(template):
    """Whether any row of the database points at *template*."""
    return any(rows.exists() for _model, rows in users_of(template))


@transaction.atomic
def delete_template(template, *, by):
    """Delete a template that nothing uses, with its language rows and files. Raises TemplateIsUsed."""
    if is_used(template):
        raise TemplateIsUsed(template=template.code)
    rows = template.languages.values_list("attachment", "body")
    files = {file for row in rows for file in row if file}
    template.delete()
    drop_unused(files)


def state_of(template):
    """A mark of everything the template itself says, which changes with it."""
    values = [
        f"{field.attname}={getattr(template, field.attname)}" for field in template._meta.concrete_fields
    ]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]


def wizard_problem(template):
    """Why the wizard action does not fit the file of the default language (R-26), else ''."""
    row = template.languages.filter(language=template.language).select_related("attachment").first()
    if row is None:
        return ""
    is_merged = row.attachment is not None and row.attachment.is_merged
    if template.wizard_action == WizardAction.MERGE and not is_merged:
        return _("Merge needs a file with merge fields in the default language. Add one, or choose Open.")
    if template.wizard_action == WizardAction.IMPORT and is_merged:
        return _(
            "With Import the user brings the file, so the one with merge fields would never be used. Choose Merge or Open."
        )
    return ""


@transaction.atomic
def create_template(*, by, **values):
    """A new template. Raises CodeIsTaken."""
    template = InteractionTemplate(**values)
    _save(template)
    return template


@transaction.atomic
def update_template(template, *, by, seen=None, **values):
    """Change what *values* name; return the template. A default language that has no row yet gets one.

    seen: `state_of` what the form showed. Raises TemplateIsGone, TemplateChanged, CodeIsTaken, KeyIsTaken,
    ActionDoesNotFit.
    """
    template = lock_template(template)
    if seen is not None and seen != state_of(template):
        raise TemplateChanged
    for name, value in values.items():
        setattr(template, name, value)
    _save(template)
    if "language" in values and template.language:
        template.languages.get_or_create(
            language=template.language, defaults={"description": template.description}
        )
    if {"wizard_action", "language"} & set(values) and (problem := wizard_problem(template)):
        raise ActionDoesNotFit(problem)
    return template


@transaction.atomic
def duplicate_template(template, *, code, by):
    """A template like *template* under another code, with its languages and files. Raises CodeIsTaken."""
    rows = list(template.languages.all())
    names = [field.name for field in template._meta.concrete_fields]
    values = {name: getattr(template, name) for name in names if name not in {"id", "code", "quick_key"}}
    twin = create_template(code=code, by=by, **values)
    for row in rows:
        row.pk, row.template, row._state.adding = None, twin, True
        row.save(force_insert=True)
    return twin


def lock_template(template):
    """The template as it is now, locked until commit. Raises TemplateIsGone."""
    found = InteractionTemplate.objects.select_for_update().filter(pk=template.pk).first()
    if found is None:
        raise TemplateIsGone
    return found


def _save(template):
    _refuse_taken(template)
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError:
        _refuse_taken(template)  # somebody was faster
        raise


def _refuse_taken(template):
    others = InteractionTemplate.objects.exclude(pk=template.pk)
    if others.filter(code=template.code).exists():
        raise CodeIsTaken(code=str(template.code).strip().upper())
    if template.quick_key and (other := others.filter(quick_key=template.quick_key).first()):
        raise KeyIsTaken(key=template.quick_key, template=other.code)


# --- one language, by hand: the old file stays until the daily sweep, so that it can come back --------------------------


@transaction.atomic
def change_language(template, language, *, by, seen=None, accepted=None, **values):
    """Change the row of *language*, made if there is none; return it and the id of the attachment it had.

    accepted: a file that the gate let through.  values: attachment, subject, description, body.  seen: id of the attachment
    that the page showed, 0 for none. Raises TemplateIsGone, FileChanged.
    """
    template = lock_template(template)
    row = template.languages.filter(language=language).first() or InteractionTemplateLanguage(
        template=template, language=language, description=template.description
    )
    before = row.attachment_id
    if seen is not None and seen != (before or 0):
        raise FileChanged
    if accepted is not None:
        values["attachment"] = store(accepted, by=by)
    old_body = row.body_id
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    if old_body and old_body != row.body_id:
        drop_unused([old_body])
    return row, before


@transaction.atomic
def put_file_back(row, *, attachment, instead, by):
    """Give *row* (an id) the attachment it had, if it still has the one that came *instead* (ids or None); return the row.

    Raises FileChanged.
    """
    row = (
        InteractionTemplateLanguage.objects.select_for_update(of=("self",))
        .select_related("template")
        .filter(pk=row)
    )
    row = row.first()
    if row is None or row.attachment_id != instead:
        raise FileChanged
    if attachment is not None and not Attachment.objects.select_for_update().filter(pk=attachment).exists():
        raise FileChanged
    row.attachment_id = attachment
    row.save(update_fields=["attachment"])
    return row


@transaction.atomic
def remove_language(template, language, *, by):
    """Delete the row of a language with its file. Raises TemplateIsGone, IsDefaultLanguage."""
    template = lock_template(template)
    if language == template.language:
        raise IsDefaultLanguage
    delete_template_languages(template.languages.filter(language=language), by=by)

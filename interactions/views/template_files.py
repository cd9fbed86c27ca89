"""The files of a template by language: upload, copy, remove with undo."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm import htmx, undo
from crm.errors import Refusal
from crm.languages import language_name
from crm.toasts import toast
from interactions.actions import templates as actions
from interactions.actions.bodies import store_body
from interactions.forms.templates import CopyForm, FileForm, LanguageForm, WordsForm
from interactions.views.templates import editor, find, gone, may_see

CHANGE = "interactions.change_interactiontemplatelanguage"
ADD = "interactions.add_interactiontemplatelanguage"
DELETE = "interactions.delete_interactiontemplatelanguage"


def may_change(user, row):
    """A template that one may change: its languages by their own permissions."""
    return user.has_perms(["interactions.change_interactiontemplate", CHANGE if row else ADD])


@require_POST
@may_see
def template_language(request, code):
    """What a button of the file's column does: do = upload, copy, remove, words or drop."""
    template, wanted = find(code), request.POST.get("do", "upload")
    handle = {"upload": upload, "copy": copy, "remove": remove, "words": words, "drop": drop}.get(wanted)
    kind = {"upload": FileForm, "copy": CopyForm, "words": WordsForm}.get(wanted, LanguageForm)
    if handle is None:
        raise Http404
    form = kind(request.POST, request.FILES)
    is_valid = form.is_valid()
    language = form.cleaned_data.get("language")
    if language is None:
        raise Http404
    rows = {row.language: row for row in template.languages.all()}
    if not may_change(request.user, rows.get(language)):
        raise PermissionDenied
    if not is_valid:
        return refused(request, template, language, form, wanted)
    try:
        handle(request, template, language, form, rows)
    except actions.TemplateIsGone as refusal:
        return gone(request, refusal)
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
    return shown(request, template, language)


def refused(request, template, language, form, wanted):
    name = "words" if wanted == "words" else "file"
    return editor(request, template, language=language, forms={name: form}, status=422)


def shown(request, template, language):
    """The columns again, or without a script the page."""
    if request.htmx:
        return editor(request, find(template.code), language=language)
    query = urlencode({"language": language, "tab": "attachment"})
    return htmx.redirect(request, f"{template.get_absolute_url()}?{query}")


def upload(request, template, language, form, rows):
    row, before = actions.change_language(
        template,
        language,
        by=request.user,
        seen=form.cleaned_data["seen"],
        accepted=form.cleaned_data["upload"],
    )
    said = _("File replaced.") if before else _("File added.")
    toast(request, said, undo=offer(request, row, before))


def copy(request, template, language, form, rows):
    source = rows.get(form.cleaned_data["source"])
    if source is None or source.attachment is None:
        raise actions.FileChanged
    values = {"attachment": source.attachment}
    if language not in rows:
        values |= {"subject": source.subject, "description": source.description, "body": source.body}
    row, before = actions.change_language(
        template, language, by=request.user, seen=form.cleaned_data["seen"], **values
    )
    said = _("File copied from %(language)s.") % {"language": language_name(source.language)}
    toast(request, said, undo=offer(request, row, before))


def remove(request, template, language, form, rows):
    if language not in rows or rows[language].attachment_id is None:
        raise actions.FileChanged
    row, before = actions.change_language(
        template, language, by=request.user, seen=form.cleaned_data["seen"], attachment=None
    )
    toast(request, _("File removed."), undo=offer(request, row, before))


def words(request, template, language, form, rows):
    values = {name: form.cleaned_data[name] for name in ("subject", "description")}
    body = store_body(form.cleaned_data["body"], by=request.user)
    actions.change_language(template, language, by=request.user, body=body, **values)
    toast(request, _("Saved for %(language)s.") % {"language": language_name(language)})


def drop(request, template, language, form, rows):
    if not request.user.has_perm(DELETE):
        raise PermissionDenied
    actions.remove_language(template, language, by=request.user)
    toast(request, _("%(language)s removed.") % {"language": language_name(language)})


def offer(request, row, before):
    return undo.offer(request, "template_file", row=row.pk, attachment=before, instead=row.attachment_id)


def put_back(user, row, attachment, instead):
    found = actions.put_file_back(row, attachment=attachment, instead=instead, by=user)
    return _("The file of %(template)s is as it was before.") % {"template": found.template.code}


undo.register("template_file", put_back, permission=CHANGE)

import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock, formats, htmx, undo
from crm.errors import Refusal
from crm.languages import language_name
from crm.models import Contact, Salesperson
from crm.toasts import toast
from interactions.actions import drafts as actions
from interactions.actions.logging import CannotLog, log_interaction
from interactions.forms.drafts import DraftForm
from interactions.models import (
    Campaign,
    InteractionDraft,
    InteractionLogEntry,
    InteractionTemplate,
)

from .files import file_response

TEMPLATE = "interactions/draft.html"


# --- the sheet --------------------------------------------------------------------------------------------------------


def origin_of(request):
    """Where the sheet was opened, from the address: keyword arguments of prefill_draft. 404 for what one may not see."""
    user, asked, origin = request.user, request.GET, {}
    if asked.get("contact"):
        origin["contact"] = get_object_or_404(Contact.objects.visible_to(user), no=asked["contact"])
    if asked.get("salesperson"):
        origin["salesperson"] = get_object_or_404(
            Salesperson.objects.visible_to(user), code=asked["salesperson"]
        )
    if asked.get("entry"):
        origin["entry"] = entry_or_404(user, asked["entry"])
    if asked.get("campaign"):
        origin["campaign"] = get_object_or_404(Campaign, no=asked["campaign"])
    if asked.get("template"):
        origin["template"] = get_object_or_404(InteractionTemplate.objects.active(), code=asked["template"])
    return origin


def entry_or_404(user, number):
    if not number.isdecimal() or len(number) > 18:  # as many digits as every bigint has
        raise Http404
    entries = InteractionLogEntry.objects.openable_by(user).select_related(
        "contact", "salesperson", "template", "campaign"
    )
    return get_object_or_404(entries, pk=int(number))


@permission_required("interactions.log_interaction", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """The prefilled sheet. Showing it writes nothing; the first change or a button makes the draft."""
    origin = origin_of(request)
    try:
        if request.method == "POST":
            key = uuid_or_none(request.POST.get("draft"))
            draft = actions.start_draft(by=request.user, uuid=key, **origin)
            return handle(request, draft)
        draft = actions.prefill_draft(by=request.user, **origin)
    except actions.DraftIsGone as gone:
        return say_gone(request, gone)
    except actions.ContactIsBlocked as refusal:
        toast(request, refusal.for_user, level=messages.ERROR)
        return htmx.redirect(request, origin["contact"] if "contact" in origin else htmx.way_back(request))
    return show(request, draft, DraftForm(draft=draft, user=request.user))


@permission_required("interactions.log_interaction", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request, uuid):
    """A draft: half-done, saved for later, or somebody's of my team."""
    try:
        found = actions.open_draft(uuid, by=request.user)
        if request.method == "POST":
            return handle(request, found)
    except actions.DraftIsGone as gone:
        return say_gone(request, gone)
    return show(request, found, DraftForm(draft=found, user=request.user))


def uuid_or_none(text):
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def handle(request, found):
    """Save what was typed, then do what the button says: save, keep, close, log or discard."""
    wanted = request.POST.get("do", "save")
    if wanted == "discard":
        return discard(request, found)
    was_kept = found.is_kept
    form = DraftForm(request.POST, request.FILES, draft=found, user=request.user)
    valid = form.is_valid()
    try:
        keeps = wanted == "close" or (wanted == "keep" and valid)
        saved = actions.save_draft(found, by=request.user, keep=keeps, **form.changes)
        if wanted == "save":
            return (
                saved_quietly(request, saved, form) if valid or request.htmx else refuse(request, saved, form)
            )
        if wanted == "close":
            return say_closed(request, saved, was_kept=was_kept)
        if not valid:
            return refuse(request, saved, form)
        return say_kept(request, saved) if wanted == "keep" else log(request, saved)
    except CannotLog as refusal:
        form = again(request, saved)
        form.add_error(field_of(refusal.field, form), refusal.for_user)
        return refuse(request, saved, form)
    except actions.DraftIsGone:
        raise
    except Refusal as refusal:
        form.add_error("contact" if isinstance(refusal, actions.ContactIsBlocked) else None, refusal.for_user)
        return refuse(request, found, form)


def again(request, saved):
    """The form as it was posted, over the draft as it is saved now."""
    form = DraftForm(request.POST, draft=saved, user=request.user)
    form.is_valid()
    return form


def field_of(name, form):
    name = {"file": "upload"}.get(name, name)
    return name if name in form.fields else None


def say_kept(request, kept):
    toast(request, _("Saved for later."), link=(kept.get_absolute_url(), _("Resume")))
    return htmx.redirect(request, way_back(request, kept))


def say_closed(request, kept, *, was_kept):
    """The sheet was closed after something had been typed: nobody is asked, it waits under Postponed (ui 5.5).

    Undo makes it unfinished again; nothing that was typed is ever discarded by it.
    """
    again = None if was_kept else undo.offer(request, "unkeep_drafts", ids=[kept.pk])
    toast(request, _("Saved for later."), undo=again, link=(kept.get_absolute_url(), _("Resume")))
    return htmx.no_content(request, draftsChanged=True)


def log(request, saved):
    entry = log_interaction(saved, by=request.user)
    toast(request, _("Interaction logged."), link=(entry.get_absolute_url(), _("Open")))
    back = way_back(request, entry)
    return htmx.redirect(request, f"{back}#entry-{entry.pk}")


def discard(request, found):
    actions.discard_draft(found, by=request.user)
    toast(
        request,
        _("Draft discarded."),
        undo=undo.offer(request, "restore_drafts", ids=[found.pk]),
    )
    return htmx.redirect(request, way_back(request, found))


def way_back(request, row):
    """The page behind the sheet; from the sheet's own address the contact's card, else the list of postponed ones."""
    default = row.contact.get_absolute_url() if row.contact else reverse("interactions:postponed")
    back = htmx.way_back(request, default).partition("#")[0]
    return (
        default
        if any(path in back for path in (reverse("interactions:new"), "/interactions/drafts/"))
        else back
    )


def saved_quietly(request, saved, form):
    """Answer of an autosave: the time; the fields too when defaults changed under the ones that are shown."""
    event = {"text": saved_sentence(saved), "url": saved.get_absolute_url()}
    if not request.htmx:
        return htmx.redirect(request, saved)
    if request.POST.get("filled") == filled(saved) and not form.files:
        return htmx.no_content(request, draftSaved=event)
    fresh = DraftForm(draft=saved, user=request.user)
    fresh.refused_upload = form.errors.get("upload", [])
    # What could not be read yet stays as it was typed.
    fresh.initial |= {name: request.POST.get(name) for name in form.errors if name in fresh.fields}
    response = show(request, saved, fresh, part="fields")
    response.headers["HX-Retarget"] = "#draft-fields"
    response.headers["HX-Reswap"] = "outerHTML"
    return htmx.trigger(response, draftSaved=event)


def refuse(request, saved, form):
    return show(request, saved, form, status=422)


def saved_sentence(draft):
    return _("Draft saved %(time)s · you can leave at any time") % {
        "time": formats.time_short(clock.now().time())
    }


def filled(draft):
    """What the shown fields were filled from; when this changes, they are sent anew."""
    return f"{draft.contact_id or ''}-{draft.template_id or ''}-{draft.language}-{draft.attachment_id or ''}"


def show(request, draft, form, *, status=200, part="sheet"):
    is_new = draft.pk is None
    context = {
        "draft": draft,
        "form": form,
        "key": draft.uuid,
        "filled": filled(draft),
        "post_to": request.get_full_path() if is_new else draft.get_absolute_url(),
        "saved": "" if is_new else saved_sentence(draft),
        "way_back": way_back(request, draft),
        "most_bytes": settings.ATTACHMENT_MAX_BYTES,
        "language_note": language_note(draft),
        "in_sheet": bool(request.htmx),
    }
    return htmx.render_page(
        request, TEMPLATE, context, partial={"sheet": "sheet", "draft-form": part}, status=status
    )


def language_note(draft):
    """Why the file is in another language than the contact's, or ""."""
    if not (draft.template and draft.contact and draft.contact.language and "language" not in draft.own):
        return ""
    row, why = draft.template.row_for(draft.contact.language)
    if row is None or why != "default" or not row.attachment_id:
        return ""
    return _("The template has no file in %(language)s; this one is in %(other)s.") % {
        "language": language_name(draft.contact.language),
        "other": language_name(row.language),
    }


def say_gone(request, gone):
    """A draft that another tab or person logged or discarded: the present state, nothing written."""
    now = gone.entry.get_absolute_url() if gone.entry else reverse("interactions:postponed")
    if request.htmx and request.POST.get("do") in {"save", "close"}:
        # Nobody pressed anything: a sentence, and the page stays.
        toast(request, gone.for_user, level=messages.INFO, link=(now, _("Open")))
        return htmx.no_content(request)
    toast(request, gone.for_user, level=messages.INFO)
    return htmx.redirect(request, now)


@require_safe
def draft_file(request, uuid):
    """The draft's file, for who may open the draft."""
    draft = get_object_or_404(
        InteractionDraft.objects.visible_to(request.user).select_related("attachment"), uuid=uuid
    )
    if draft.attachment is None:
        raise Http404
    return file_response(draft.attachment)

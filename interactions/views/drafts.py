import uuid

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm import clock, formats, htmx, undo
from crm.errors import Refusal
from crm.languages import language_name
from crm.models import Channel, Contact, Salesperson
from crm.toasts import toast
from interactions.actions import drafts as actions
from interactions.actions.entries import add_comment
from interactions.actions.logging import CannotLog, check_sending, log_interaction
from interactions.forms.drafts import DraftForm
from interactions.models import (
    Campaign,
    InteractionDraft,
    InteractionLogEntry,
    InteractionTemplate,
)
from interactions.navigation import count_postponed

from .files import file_response

TEMPLATE = "interactions/draft.html"
MAY_DELIVER = "interactions.deliver_interactions"


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
    if request.method == "POST" and not is_author(request):
        return refuse_stranger(request)
    origin = origin_of(request)
    try:
        if request.method == "POST":
            key = uuid_or_none(request.POST.get("draft"))
            draft = actions.start_draft(by=request.user, uuid=key, **origin)
            return handle(request, draft)
        draft = actions.prefill_draft(by=request.user, **origin)
    except actions.DraftIsGone as gone:
        return say_gone(request, gone, origin)
    except actions.ContactIsBlocked as refusal:
        toast(request, refusal.for_user, level=messages.ERROR)
        if request.POST.get("do") == "rescue":
            return htmx.no_content(request, draftRescued=True)
        return htmx.redirect(request, origin["contact"] if "contact" in origin else htmx.way_back(request))
    return show(request, draft, DraftForm(draft=draft, user=request.user))


@permission_required("interactions.log_interaction", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request, uuid):
    """A draft: half-done, saved for later, or somebody's of my team."""
    if request.method == "POST" and not is_author(request):
        return refuse_stranger(request)
    try:
        if request.method == "POST":
            return handle(request, actions.open_draft(uuid, by=request.user))
        found = actions.open_draft(uuid, by=request.user)
    except actions.DraftIsGone as gone:
        return say_gone(request, gone)
    return show(request, found, DraftForm(draft=found, user=request.user))


def is_author(request):
    return request.POST.get("author", str(request.user.pk)) == str(request.user.pk)


def refuse_stranger(request):
    """Whoever signs in after somebody's session was over is not given what that person had typed."""
    if request.POST.get("do") == "rescue":
        return htmx.no_content(request)  # it waits for its author
    raise PermissionDenied


def uuid_or_none(text):
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def handle(request, found):
    """Save what was typed, then do what the button says: save, keep, close, log, send (log and send) or discard.

    The script adds "rescue": what a page that was left could not be sure to have saved.
    """
    wanted = request.POST.get("do", "save")
    was_kept = found.is_kept
    if wanted == "send" and not request.user.has_perm(MAY_DELIVER):
        raise PermissionDenied
    form = DraftForm(request.POST, request.FILES, draft=found, user=request.user)
    valid = form.is_valid()
    if wanted == "discard":
        return discard(request, found, form)
    try:
        if wanted == "rescue":
            return rescue(request, found, form)
        keeps = wanted == "close" or (wanted == "keep" and valid)
        saved = actions.save_draft(found, by=request.user, keep=keeps, **form.changes)
        if wanted == "save":
            return (
                saved_quietly(request, saved, form) if valid or request.htmx else refuse(request, saved, form)
            )
        if not valid:
            return refuse(request, saved, form)
        if wanted == "close":
            return say_closed(request, saved, was_kept=was_kept)
        return say_kept(request, saved) if wanted == "keep" else log(request, saved, deliver=wanted == "send")
    except CannotLog as refusal:
        form = again(request, saved)
        form.add_error(field_of(refusal.field, form), refusal.for_user)
        return refuse(request, saved, form, said=saved_sentence())
    except actions.DraftIsGone:
        raise
    except Refusal as refusal:
        form.add_error("contact" if isinstance(refusal, actions.ContactIsBlocked) else None, refusal.for_user)
        return refuse(request, found, form, said=refusal.for_user)


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
    return htmx.no_content(request, draftsChanged=True, counted=postponed_count(request), draftClosed=True)


def postponed_count(request):
    """The number in the menu, for the page behind the sheet."""
    count = count_postponed(request)
    return {"url": reverse("interactions:postponed"), "text": formats.integer(count), "hot": count > 0}


def rescue(request, found, form):
    """Words that were typed when the session or the connection was over; quiet when they had arrived all the same."""
    lost = {name: value for name, value in form.changes.items() if getattr(found, name) != value}
    if lost:
        found = actions.save_draft(found, by=request.user, **lost)
    if lost or form.errors:
        say_rescued(request, found, form)
    return htmx.no_content(request, draftRescued=True)


def say_rescued(request, found, form):
    link = (found.get_absolute_url(), _("Resume"))
    if form.unread:
        sentence = _("What you typed last is saved, except %(fields)s") % {"fields": form.unread}
        toast(request, sentence, link=link, level=messages.WARNING)
    else:
        toast(request, _("What you typed last is saved."), link=link)


def log(request, saved, *, deliver):
    entry = log_interaction(saved, by=request.user, deliver=deliver)
    said = _("Interaction logged.")
    if deliver and entry.channel == Channel.EMAIL:
        said = _("Interaction logged. The e-mail is on its way.")
    elif deliver:
        said = _("Interaction logged. The letter waits to be printed.")
    toast(request, said, link=(entry.get_absolute_url(), _("Open")))
    back = way_back(request, entry)
    return htmx.redirect(request, f"{back}#entry-{entry.pk}")


def discard(request, found, form):
    """The last words are saved first, so that undoing brings them back too."""
    try:
        found = actions.save_draft(found, by=request.user, **form.changes)
    except actions.DraftIsGone:
        raise
    except Refusal:
        pass  # what is refused was not in the draft before, either
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
    event = {
        "text": saved_sentence(form),
        "url": saved.get_absolute_url(),
        "unread": form.unread_names,
    }
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


def refuse(request, saved, form, *, said=""):
    """said: how the draft stands, when that is not told by the errors of *form*."""
    unread = [] if said else form.unread_names
    return show(request, saved, form, status=422, said=said or saved_sentence(form), unread=unread)


def saved_sentence(form=None):
    """How the draft stands: that it is saved, or what of it is not, and why."""
    if form and form.unread:
        return _("Saved, except %(fields)s") % {"fields": form.unread}
    return _("Draft saved %(time)s · you can leave at any time") % {
        "time": formats.time_short(clock.now().time())
    }


def filled(draft):
    """What the shown fields were filled from; when this changes, they are sent anew."""
    keys = (draft.contact_id, draft.template_id, draft.language, draft.attachment_id, draft.channel)
    return "-".join(str(key or "") for key in keys)


def show(request, draft, form, *, status=200, part="sheet", said="", **more):
    is_new = draft.pk is None
    request.menu_url = "" if is_new else f"{reverse('interactions:postponed')}{draft.uuid}/"
    context = {
        "draft": draft,
        "form": form,
        "key": draft.uuid,
        "filled": filled(draft),
        "post_to": request.get_full_path() if is_new else draft.get_absolute_url(),
        "saved": said or ("" if is_new else saved_sentence()),
        "way_back": way_back(request, draft),
        "most_bytes": settings.ATTACHMENT_MAX_BYTES,
        "language_note": language_note(draft),
        "in_sheet": is_in_sheet(request),
        "logs": request.POST.get("do") in {"log", "send"},
        "sending": sending_of(draft, request.user),
        "in_part": part == "fields",
        **more,
    }
    return htmx.render_page(
        request, TEMPLATE, context, partial={"sheet": "sheet", "draft-form": part}, status=status
    )


def sending_of(draft, user):
    """{"why": what keeps *draft* from being sent, "" when nothing does; "to": where an e-mail would go}; None where it is
    of no interest."""
    if not draft.template or not user.has_perm(MAY_DELIVER):
        return None
    try:
        check_sending(draft)
    except CannotLog as refusal:
        return {"why": refusal.for_user}
    return {"why": "", "to": draft.contact.email if draft.contact and draft.channel == Channel.EMAIL else ""}


def is_in_sheet(request):
    """Whether it stands above another page. A sheet that saves itself does not say so by its target."""
    if request.htmx and request.htmx.target == "draft-form":
        return request.POST.get("in_sheet") == "1"
    return htmx.part_for(request, "sheet") is not None and request.htmx.target != "sheet-page"


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


# --- a draft that is gone ---------------------------------------------------------------------------------------------


def say_gone(request, gone, origin=None):
    """A draft that another tab or person logged or discarded: words that are not in it stay here, else how it stands."""
    wanted = request.POST.get("do", "save")
    if request.method == "POST" and wanted != "discard":
        form = form_beside(request, gone, origin or {})
        if wanted == "renew" or has_new_words(form, gone):
            return handle_words(request, gone, form, wanted)
    now = gone.entry.get_absolute_url() if gone.entry else reverse("interactions:postponed")
    if request.htmx and wanted in {"save", "close", "rescue"}:
        # Nobody pressed anything: a sentence, and the page stays.
        toast(request, gone.for_user, level=messages.INFO, link=(now, _("Open")))
        event = {
            "save": {"draftGone": {"text": gone.for_user}},
            "close": {"draftClosed": True},
            "rescue": {"draftRescued": True},
        }
        return htmx.no_content(request, **event[wanted])
    toast(request, gone.for_user, level=messages.INFO)
    return htmx.redirect(request, now)


def form_beside(request, gone, origin):
    """What was posted, over a new draft that would stand beside the one that is gone."""
    source = gone.entry or gone.draft
    # A fixed field is not posted: its value comes from where the draft came from.
    fixed = [name for name in ("contact", "salesperson", "campaign") if name not in request.POST]
    anew = uuid_or_none(request.POST.get("anew"))
    draft = actions.draft_like(source, by=request.user, uuid=anew, fixed=fixed)
    if source is None and "contact" in origin and not origin["contact"].privacy_blocked:
        draft.contact, draft.locked = origin["contact"], ["contact"] if "contact" in fixed else []
    for upload in request.FILES.values():
        upload.seek(0)
    form = DraftForm(request.POST, request.FILES, draft=draft, user=request.user)
    form.is_valid()
    return form


def has_new_words(form, gone):
    """Whether something was typed that is neither in the entry nor in the discarded draft."""
    if form.errors or "upload" in form.changes:
        return True
    if new_comment(form, gone):
        return True
    source = gone.entry or gone.draft
    return any(
        value not in ("", None, False, getattr(source, name, None))
        for name, value in form.changes.items()
        if name != "comment" or gone.entry is None
    )


def new_comment(form, gone):
    """The comment that could be added to the entry, or ""."""
    typed = form.cleaned_data.get("comment", "")
    if gone.entry is None or not typed or gone.entry.comments.filter(text=typed).exists():
        return ""
    return typed


def handle_words(request, gone, form, wanted):
    """Words for a draft that is gone: a comment on its entry, a new draft, or the question which."""
    comment = new_comment(form, gone)
    comments = comment and request.user.has_perm("interactions.evaluate_interactions")
    try:
        if wanted == "comment" and comments:
            add_comment(gone.entry, comment, by=request.user)
            toast(request, _("Comment added."))
            return htmx.redirect(request, gone.entry)
        if wanted == "rescue":
            say_rescued(request, actions.renew_draft(form.draft, by=request.user, **form.all_values), form)
            return htmx.no_content(request, draftRescued=True)
        if wanted == "renew" and form.is_valid():
            return say_kept(request, actions.renew_draft(form.draft, by=request.user, **form.all_values))
    except actions.DraftIsGone as renewed:  # the new one, by a second press
        if wanted == "rescue":
            return htmx.no_content(request, draftRescued=True)
        toast(request, renewed.for_user, level=messages.INFO)
        return htmx.redirect(request, renewed.entry or reverse("interactions:postponed"))
    except Refusal as refusal:
        form.add_error("contact" if isinstance(refusal, actions.ContactIsBlocked) else None, refusal.for_user)
    if form.files:
        form.add_error("upload", _("Choose the file again: it is not saved."))
    response = show(
        request,
        form.draft,
        form,
        status=422,
        said=_("Not saved yet. Your words are still here."),
        key=request.POST.get("draft", ""),
        gone=gone,
        unread=form.unread_names,
        comments=comments,
    )
    if request.htmx and request.htmx.target == "draft-form":  # an autosave
        response.headers["HX-Retarget"] = "#draft-form"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


@require_safe
def draft_file(request, uuid):
    """The draft's file, for who may open the draft."""
    draft = get_object_or_404(
        InteractionDraft.objects.visible_to(request.user).select_related("attachment"), uuid=uuid
    )
    if draft.attachment is None:
        raise Http404
    return file_response(draft.attachment)

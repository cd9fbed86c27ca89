"""Contacts that somebody names: ticked or filtered in the contacts list, or pasted (R-52, ui 5.9)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import formats, htmx, selection
from crm.errors import Refusal
from crm.keyset import Capped, capped_count
from crm.limits import TakesTooLong, limited
from crm.parsing.expressions import begins_with, has_inside
from crm.parsing.text import shown
from crm.toasts import toast
from segments import actions, steps
from segments.forms.choosing import ChooseSegmentForm, PasteForm
from segments.models import Segment
from segments.views.common import find, may_change, may_see, refused
from segments.views.counting import SECONDS
from segments.views.making import say, version_of

FOUND = 20  # rows that a look-up answers
NAMED = 20  # pasted texts that a sentence names


@require_POST
@may_change
@permission_required("crm.view_contact", raise_exception=True)
def add_chosen(request):
    """The first POST, from a list of contacts, asks for the segment; the second one adds them."""
    user = request.user
    try:
        chosen = (
            selection.read(request.POST["selection"], user=user)
            if "selection" in request.POST
            else selection.of_form(request.POST, user=user)
        )
    except signing.BadSignature:
        chosen = None
    if not chosen:
        toast(request, _("Nothing was added: choose contacts first."), level=messages.WARNING)
        return htmx.redirect(request, htmx.way_back(request, reverse("crm:contacts")))
    asks = "selection" not in request.POST
    form = ChooseSegmentForm(None if asks else request.POST, user=user)
    if asks or not form.is_valid():
        return ask_for_segment(request, chosen, form)
    contacts = selection.selected(chosen, user=user)
    segment, what = form.cleaned_data["segment"], {"selection": chosen}
    if segment is None:
        what["description"] = form.cleaned_data["description"].strip()
    try:
        if contacts[: steps.MANY + 1].count() > steps.MANY:
            return htmx.redirect(request, steps.start("add_chosen", segment, by=user, **what))
        made = steps.make("add_chosen", segment, by=user, **what)
    except (actions.NobodyNew, actions.OtherNumber) as refusal:
        form.add_error(None, refusal.for_user)
        return ask_for_segment(request, chosen, form)
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
        return htmx.redirect(request, htmx.way_back(request, reverse("crm:contacts")))
    return say(request, made)


def ask_for_segment(request, chosen, form):
    """The dialog. It sends back how many contacts it speaks of, and no other number of them is added."""
    contacts = selection.selected(chosen, user=request.user)
    total = total_of(contacts)
    context = {
        "form": form,
        "selection": selection.sign(chosen, total, user=request.user),
        "before": None if form.is_bound else another_number(chosen, total),
        "total": total,
        "named": "numbers" in chosen,
        "back": htmx.way_back(request, reverse("crm:contacts")),
    }
    status = 422 if form.is_bound else 200
    return htmx.render_page(request, "segments/add_chosen.html", context, partial="dialog", status=status)


def another_number(chosen, total):
    """How many contacts the list showed, where that is not their *total* any more; else None."""
    before = chosen.get("count")
    return None if before is None or (before, False) == tuple(total) else before


def total_of(contacts):
    """How many *contacts* there are, as Capped; more than some when counting takes too long."""
    try:
        with limited(SECONDS):
            return Capped(contacts.count(), more=False)
    except TakesTooLong:
        return capped_count(contacts)


@require_safe
@may_see
def lookup(request):
    """{"results": [{value, text, detail}]} for ?q=: up to 20 open segments, the newest first."""
    found = Segment.objects.visible_to(request.user).order_by("-date", "-id")
    if words := request.GET.get("q", "").strip()[:100]:
        found = found.filter(begins_with("no", words) | has_inside("description", words))
    rows = [{"value": segment.no, "text": segment.title, "detail": segment.no} for segment in found[:FOUND]]
    return JsonResponse({"results": rows})


# --- pasted -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@permission_required("crm.view_contact", raise_exception=True)
def paste(request, no):
    """Add the contacts whose numbers or e-mail addresses are pasted; what fits nobody is named."""
    segment = find(request, no)
    form = PasteForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return paste_page(request, segment, form, status=422 if form.is_bound else 200)
    try:
        pasted = actions.add_pasted(
            segment, form.cleaned_data["pasted"], by=request.user, version=version_of(request)
        )
    except actions.SegmentChanged as refusal:
        form.add_error(None, refusal.for_user)
        return paste_page(request, find(request, no), form, status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    missing = sentence_about(pasted)
    if pasted.added is None:
        nobody = actions.NobodyNew().for_user if pasted.found else ""
        form.add_error("pasted", " ".join(filter(None, (nobody, missing))))
        return paste_page(request, segment, form, status=422)
    done = pasted.added
    response = say(request, steps.Made.by_steps(segment, steps.chosen(done), done.step))
    if missing:
        toast(request, missing, level=messages.WARNING)
    return response


def paste_page(request, segment, form, *, status):
    context = {"segment": segment, "form": form, "version": segment.version}
    return htmx.render_page(request, "segments/paste.html", context, partial="dialog", status=status)


def sentence_about(pasted):
    """What was pasted and found nobody, or too many, by name."""
    said = []
    if pasted.unknown:
        sentence = ngettext(
            "%(count)s was not found: %(names)s.", "%(count)s were not found: %(names)s.", len(pasted.unknown)
        )
        said.append(sentence % counted(pasted.unknown))
    if pasted.several:
        sentence = ngettext(
            "%(count)s address belongs to several contacts, so enter their numbers: %(names)s.",
            "%(count)s addresses belong to several contacts, so enter their numbers: %(names)s.",
            len(pasted.several),
        )
        said.append(sentence % counted(pasted.several))
    return " ".join(said)


def counted(texts):
    names = [shown(text) for text in texts[:NAMED]]
    if more := len(texts) - len(names):
        names.append(_("%(count)s more") % {"count": formats.integer(more)})
    return {"count": formats.integer(len(texts)), "names": ", ".join(names)}

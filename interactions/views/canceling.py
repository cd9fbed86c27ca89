"""Verbs on one entry and on many: cancel, reinstate, evaluate, comment (R-70, R-71)."""

import datetime as dt
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from crm import formats, htmx, undo
from crm.errors import Refusal
from crm.limits import TakesTooLong
from crm.toasts import toast
from interactions.actions.entries import (
    add_comment,
    cancel_entries,
    evaluate_entries,
    reinstate_entries,
    take_back_canceling,
    take_back_evaluation,
    take_back_reinstating,
    toggle_canceled,
    with_own_file,
)
from interactions.forms.entries import CancelForm, CommentForm, EvaluateForm
from interactions.jobs import NotAllowed
from interactions.models import Evaluation, InteractionLogEntry
from interactions.views.entries import find, show_entry
from interactions.views.listing import limited_time
from interactions.views.selection import Selection, SelectionIsOutdated

may_cancel = permission_required("interactions.cancel_interactions", raise_exception=True)
may_evaluate = permission_required("interactions.evaluate_interactions", raise_exception=True)


def one(entry):
    return InteractionLogEntry.objects.filter(pk=entry.pk)


# --- cancel -------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_cancel
def entry_cancel(request, pk):
    """GET asks why; POST cancels."""
    entry = find(request, pk)
    if request.method != "POST":
        return ask_why(request, one(entry), action=request.path, form=CancelForm())
    form = CancelForm(request.POST)
    if not form.is_valid():
        return ask_why(request, one(entry), action=request.path, form=form, status=422)
    return cancel(request, one(entry), form, ids=[pk])


@require_POST
@may_cancel
def bulk_cancel(request):
    """The first POST asks why, or to reinstate when the first selected entry is canceled (R-70); the second one does it."""
    asks = "confirm" not in request.POST
    try:
        selection = Selection(request)
        first = selection.first if asks else None
    except Refusal as refusal:
        return turned_down(request, refusal)
    action = reverse("interactions:bulk_cancel")
    if asks:
        if first is not None and first.is_canceled:
            toggle = partial(toggle_canceled, first=first)
            return reinstate(request, selection.entries, ids=selection.ids, verb=toggle)
        return ask_why(request, selection.entries, action=action, form=CancelForm(), fields=selection.fields)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return ask_why(
            request, selection.entries, action=action, form=form, fields=selection.fields, status=422
        )
    return cancel(request, selection.entries, form, ids=selection.ids)


def ask_why(request, entries, *, action, form, fields=(), status=200):
    """The dialog, or page, before canceling: how many, why, and what becomes of files that only one of them uses."""
    affected = entries.counting()
    owned = with_own_file(affected).select_related("attachment").order_by("-date", "-time", "-pk")
    try:
        with limited_time():
            numbers = {
                "count": affected.count(),
                "already": entries.canceled().count(),
                "own_files": owned.count(),
                "own_file": owned.first(),
            }
    except TakesTooLong as refusal:
        return turned_down(request, refusal)
    context = numbers | {
        "form": form,
        "action": action,
        "fields": fields,
        "back": htmx.way_back(request, reverse("interactions:entries")),
    }
    return htmx.render_page(
        request, "interactions/entry_cancel.html", context, partial={"dialog": "dialog"}, status=status
    )


def cancel(request, entries, form, *, ids):
    done = cancel_entries(
        entries, by=request.user, reason=form.sentence, remove_files=form.cleaned_data["remove_files"]
    )
    if done.count:
        toast(
            request,
            ngettext("%(count)s entry canceled.", "%(count)s entries canceled.", done.count)
            % {"count": formats.integer(done.count)},
            undo=undo.offer(request, "cancel_entries", at=done.at.isoformat()),
        )
    else:
        # A lost race: somebody else was faster, and the page shows what is now.
        toast(request, _("Nothing to cancel: it is done already."), level=messages.INFO)
    return changed(request, ids)


# --- reinstate ----------------------------------------------------------------------------------------------------------


@require_POST
@may_cancel
def entry_reinstate(request, pk):
    entry = find(request, pk)
    say_reinstated(request, one(entry))
    return show_changed(request, entry)


@require_POST
@may_cancel
def bulk_reinstate(request):
    try:
        selection = Selection(request)
    except Refusal as refusal:
        return turned_down(request, refusal)
    return reinstate(request, selection.entries, ids=selection.ids)


def reinstate(request, entries, *, ids, verb=reinstate_entries):
    say_reinstated(request, entries, verb=verb)
    return changed(request, ids)


def say_reinstated(request, entries, *, verb=reinstate_entries):
    try:
        done = verb(entries, by=request.user)
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
    else:
        toast(
            request,
            reinstated(done),
            level=messages.WARNING if done.blocked else messages.SUCCESS,
            undo=undo.offer(request, "reinstate_entries", at=done.at.isoformat()) if done.count else None,
        )


def reinstated(done):
    """What a reinstating did, and what it left alone and why."""
    if not done.count and not done.blocked:
        return _("There is no canceled entry to reinstate.")
    sentence = ngettext("%(count)s entry reinstated.", "%(count)s entries reinstated.", done.count) % {
        "count": formats.integer(done.count)
    }
    if done.blocked:
        sentence += " " + ngettext(
            "%(count)s entry stays canceled, because its logged segment or campaign entry is canceled.",
            "%(count)s entries stay canceled, because their logged segments or campaign entries are canceled.",
            done.blocked,
        ) % {"count": formats.integer(done.blocked)}
    return sentence


# --- evaluate and comment -----------------------------------------------------------------------------------------------


@require_POST
@may_evaluate
def entry_evaluate(request, pk):
    """Saves at once, and shows the entry as it is then."""
    entry = find(request, pk)
    form = EvaluateForm(request.POST)
    if form.is_valid():
        evaluate(request, one(entry), form.cleaned_data["evaluation"])
    else:
        toast(request, _("Choose one of the five evaluations."), level=messages.ERROR)
    return show_changed(request, entry)


@require_POST
@may_evaluate
def bulk_evaluate(request):
    """The first POST offers the five evaluations; the second one brings the choice."""
    try:
        selection = Selection(request)
    except Refusal as refusal:
        return turned_down(request, refusal)
    form = EvaluateForm(request.POST)
    if "evaluation" not in request.POST or not form.is_valid():
        try:
            with limited_time():
                count = selection.entries.count()
        except TakesTooLong as refusal:
            return turned_down(request, refusal)
        context = {
            "count": count,
            "fields": selection.fields,
            "evaluations": Evaluation.choices,
            "back": htmx.way_back(request, reverse("interactions:entries")),
        }
        status = 422 if "evaluation" in request.POST else 200
        return htmx.render_page(
            request, "interactions/entry_evaluate.html", context, partial={"dialog": "dialog"}, status=status
        )
    evaluate(request, selection.entries, form.cleaned_data["evaluation"])
    return changed(request, selection.ids)


def evaluate(request, entries, evaluation):
    done = evaluate_entries(entries, evaluation, by=request.user)
    if not done.count:  # all of them have gone meanwhile
        toast(request, SelectionIsOutdated().for_user, level=messages.INFO)
        return
    token = None
    if done.before is not None:
        before = [[pk, old] for pk, old in done.before.items()]
        token = undo.offer(request, "evaluate_entries", before=before, evaluation=evaluation)
    toast(
        request,
        ngettext(
            "%(count)s entry evaluated: %(evaluation)s.",
            "%(count)s entries evaluated: %(evaluation)s.",
            done.count,
        )
        % {"count": formats.integer(done.count), "evaluation": Evaluation(evaluation).label},
        undo=token,
    )


@require_POST
@may_evaluate
def entry_comments(request, pk):
    entry = find(request, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return show_entry(request, pk, comment_form=form, status=422)
    try:
        add_comment(entry, form.cleaned_data["text"], by=request.user)
    except Refusal as refusal:
        form.add_error("text", refusal.for_user)
        return show_entry(request, pk, comment_form=form, status=422)
    return show_changed(request, entry)


# --- answers ------------------------------------------------------------------------------------------------------------


def show_changed(request, entry):
    """To htmx the entry as it is now, else the page that it was changed on."""
    if not request.htmx:
        return htmx.redirect(request, htmx.way_back(request, entry.get_absolute_url()))
    return htmx.trigger(show_entry(request, entry.pk), entriesChanged={"ids": [entry.pk], "shown": entry.pk})


def changed(request, ids):
    """Closes the dialog and tells the page which rows to draw again (None: all); without htmx leads back."""
    if request.htmx:
        return htmx.close_layer(request, entriesChanged={"ids": ids}, entryStale=True)
    return htmx.redirect(request, htmx.way_back(request, reverse("interactions:entries")))


def turned_down(request, refusal):
    toast(request, refusal.for_user, level=messages.WARNING)
    if request.htmx:
        return htmx.no_content(request)
    return htmx.redirect(request, htmx.way_back(request, reverse("interactions:entries")))


# --- undo ---------------------------------------------------------------------------------------------------------------


def open_to(user, permission):
    """The entries that a verb of *user* works on. Raises NotAllowed: what one might do then one may not do now."""
    if not user.has_perm(permission):
        raise NotAllowed
    return InteractionLogEntry.objects.openable_by(user)


def undo_cancel(user, at):
    entries = open_to(user, "interactions.cancel_interactions")
    done = take_back_canceling(entries, dt.datetime.fromisoformat(at), by=user)
    if not done.count and not done.blocked:
        raise Refusal(reinstated(done))
    return reinstated(done)


def undo_reinstate(user, at):
    entries = open_to(user, "interactions.cancel_interactions")
    done = take_back_reinstating(entries, dt.datetime.fromisoformat(at), by=user)
    if not done.count:
        raise Refusal(_("Nothing to undo: these entries have been canceled again meanwhile."))
    return ngettext(
        "%(count)s entry is canceled again, as it was.",
        "%(count)s entries are canceled again, as they were.",
        done.count,
    ) % {"count": formats.integer(done.count)}


def undo_evaluate(user, before, evaluation):
    entries = open_to(user, "interactions.evaluate_interactions")
    done = take_back_evaluation(entries, dict(before), evaluation, by=user)
    sentence = ngettext(
        "%(count)s evaluation taken back.", "%(count)s evaluations taken back.", done.count
    ) % {"count": formats.integer(done.count)}
    if not done.count:
        raise Refusal(sentence)
    return sentence


undo.register("cancel_entries", undo_cancel)
undo.register("reinstate_entries", undo_reinstate)
undo.register("evaluate_entries", undo_evaluate)

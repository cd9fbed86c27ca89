"""What became of sendings: "Delivery problems", and sending one entry once more."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import formats, htmx, jobs
from crm.errors import Refusal
from crm.keyset import capped_count
from crm.models import Channel
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.actions import deliveries as actions
from interactions.jobs import letters_to_print
from interactions.models import Delivery, DeliveryReason, DeliveryState, InteractionLogEntry, LoggedSegment
from interactions.views.canceling import changed, one
from interactions.views.entries import find
from interactions.views.rows import DELIVERY_TONES
from interactions.views.selection import numbers

MAY_DELIVER = "interactions.deliver_interactions"
PROBLEMS = "interactions:delivery_problems"

may_deliver = permission_required(MAY_DELIVER, raise_exception=True)


# --- the list -----------------------------------------------------------------------------------------------------------


@may_deliver
@require_safe
def problems(request):
    """What was not sent, or perhaps sent, and waits for somebody's decision; the newest first."""
    found = Delivery.objects.visible_to(request.user).problems()
    page = ListPage(request, found.for_list(), ("id",), descending=True)
    for row in page.rows:
        row.tone = DELIVERY_TONES[row.state]
        row.is_uncertain = row.state == DeliveryState.UNCERTAIN
    context = {"page": page, "problems": [], "letters": capped_count(letters_to_print(request.user))}
    return htmx.render_page(
        request,
        "interactions/delivery_problems.html",
        context,
        partial={"results": "results", "rows": "results"},
    )


@may_deliver
@require_POST
def decide(request):
    """What somebody decides about the ticked problems, or the one whose button was pressed: sent, again or dismiss."""
    wanted, _colon, only = request.POST.get("do", "").partition(":")
    chosen = [only] if only else request.POST.getlist("delivery")
    rows = Delivery.objects.visible_to(request.user).problems().filter(pk__in=numbers(chosen))
    match wanted:
        case "sent":
            count = actions.mark_sent(rows, by=request.user)
            done = ngettext("%(count)s is marked as sent.", "%(count)s are marked as sent.", count)
        case "dismiss":
            count = actions.dismiss_problems(rows, by=request.user)
            done = ngettext("%(count)s problem dismissed.", "%(count)s problems dismissed.", count)
        case "again":
            return again(request, rows)
        case _:
            count, done = 0, ""
    if count:
        toast(request, done % {"count": formats.integer(count)})
    else:
        toast(request, _("Nothing was changed: choose what this can be done with."), level=messages.INFO)
    return htmx.redirect(request, htmx.way_back(request, reverse(PROBLEMS)))


def again(request, rows):
    """Sends the entries of *rows* again; asks before it may send something twice."""
    ids = list(rows.values_list("pk", flat=True))
    entries = InteractionLogEntry.objects.filter(pk__in=list(rows.values_list("entry", flat=True)))
    try:
        queued = actions.resend(entries, by=request.user, again="confirm" in request.POST)
    except actions.AlreadySent as refusal:
        return ask(request, ids, refusal)
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
    else:
        say_queued(request, queued)
    return htmx.redirect(request, htmx.way_back(request, reverse(PROBLEMS)))


def ask(request, ids, refusal):
    context = {"ids": ids, "question": refusal.for_user, "back": htmx.way_back(request, reverse(PROBLEMS))}
    return htmx.render_page(request, "interactions/delivery_again.html", context)


def say_queued(request, queued):
    """How many are on their way, and why others are not."""
    if queued.queued:
        toast(
            request,
            ngettext("%(count)s is on its way.", "%(count)s are on their way.", queued.queued)
            % {"count": formats.integer(queued.queued)},
        )
    for reason, count in queued.left_out.items():
        sentence = ngettext(
            "%(count)s was not sent: %(reason)s", "%(count)s were not sent: %(reason)s", count
        )
        values = {"count": formats.integer(count), "reason": DeliveryReason(reason).label}
        toast(request, sentence % values, level=messages.WARNING)


@may_deliver
@require_POST
def print_letters(request):
    """A print file of the letters that wait; of one logged segment when the form names it."""
    posted = numbers([request.POST.get("logged_segment", "")])
    visible = LoggedSegment.objects.visible_to(request.user)
    register = get_object_or_404(visible, pk=posted[0]) if posted else None
    job = jobs.start(
        "print_letters",
        by=request.user,
        title=_("Letters of segment %(segment)s") % {"segment": register.segment_no}
        if register
        else _("Letters to print"),
        logged_segment=register and register.pk,
    )
    return htmx.redirect(request, job)


# --- one entry ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_deliver
def entry_resend(request, pk):
    """GET asks where to, and warns of what was sent already; POST sends the entry, once more or for the first time."""
    entry = find(request, pk, "contact", "attachment")
    if request.method != "POST":
        return ask_where(request, entry)
    known = entry.contact.email if entry.contact else ""
    typed = request.POST.get("address", "").strip()
    other = typed if entry.channel == Channel.EMAIL and typed and typed != known else None
    try:
        queued = actions.resend(one(entry), by=request.user, again="again" in request.POST, address=other)
    except Refusal as refusal:
        return ask_where(request, entry, problem=refusal, typed=typed, status=422)
    say_queued(request, queued)
    return changed(request, [entry.pk])


def ask_where(request, entry, *, problem=None, typed=None, status=200):
    """The dialog, or page, before sending. problem: the Refusal of what was asked for last."""
    sendings = list(entry.deliveries.order_by("-number")[:1])
    sent = (
        entry.deliveries.filter(state__in=[DeliveryState.SENT, DeliveryState.UNCERTAIN])
        .order_by("-number")
        .first()
    )
    known = entry.contact.email if entry.contact else ""
    context = {
        "entry": entry,
        "by_email": entry.channel == Channel.EMAIL,
        "address": typed if typed is not None else (sendings[0].address if sendings else known) or known,
        "known": known,
        "last": sendings[0] if sendings else None,
        "sent": sent,
        "problem": problem.for_user if problem and not isinstance(problem, actions.AlreadySent) else "",
        "back": entry.get_absolute_url(),
    }
    return htmx.render_page(
        request, "interactions/entry_resend.html", context, partial={"dialog": "dialog"}, status=status
    )

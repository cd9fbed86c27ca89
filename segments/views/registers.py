"""The register of logged segments: who logged what and when, canceling a whole run, and beginning anew from it."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import formats, htmx, undo
from crm.errors import Refusal
from crm.filters import Asked
from crm.keyset import capped_count
from crm.models import Channel
from crm.parsing.expressions import begins_with, has_inside
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.actions.registers import (
    LoggedSegmentIsGone,
    cancel_logged_segment,
    delete_canceled_logged_segments,
    reinstate_logged_segment,
)
from interactions.forms.entries import CancelForm
from interactions.models import Campaign, CampaignEntry, Delivery, DeliveryState, LoggedSegment
from segments import steps
from segments.actions.following import FollowedAlready, follow_up_on, newest_follow_up
from segments.criteria import Recipe, Sentences
from segments.editing import followed_sentence, start_follow_up
from segments.jobs import done_sentence
from segments.models import CriteriaStep, Segment, SegmentLine
from segments.steps import MANY
from segments.views.history import text_of, verb_of

SHOWN = 200  # canceled ones that are offered for deletion at once
DIGITS = 19  # of what fits no column any more
OF_CAMPAIGN = 50  # segments of each kind

may_see = permission_required("interactions.view_loggedsegment", raise_exception=True)
may_cancel = permission_required("interactions.cancel_loggedsegment", raise_exception=True)


def find(request, pk, *, whole=False):
    """The logged segment that the reader may see; else 404. whole: with its criteria, at once."""
    visible = LoggedSegment.objects.visible_to(request.user).select_related("logged_by", "canceled_by")
    return get_object_or_404(visible.defer(None) if whole else visible, pk=pk)


# --- list -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def logged_segments(request):
    """Logged segments, the newest first."""
    user = request.user
    visible = LoggedSegment.objects.visible_to(user)
    labels = {"all": _("All"), "mine": _("Mine"), "canceled": _("Canceled")}
    asked = Asked.of(request, labels, default="all", widest="all")
    found = in_view(visible, asked.view, user)
    if words := asked.words:
        found = found.filter(has_inside("description", words) | begins_with("segment_no", words))
    page = ListPage(
        request,
        found.only("id", "logged_at"),
        ("logged_at", "id"),
        descending=True,
    )
    page.fetch(LoggedSegment.objects.select_related("logged_by").with_counts())
    context = {
        "page": page,
        "view": asked.view,
        "views": [
            (name, label, capped_count(in_view(visible, name, user))) for name, label in labels.items()
        ],
        "words": words,
        "problems": asked.problems,
    }
    return htmx.render_page(
        request, "segments/logged_list.html", context, partial={"results": "results", "rows": "results"}
    )


def in_view(found, view, user):
    match view:
        case "mine":
            return found.filter(logged_by=user)
        case "canceled":
            return found.filter(canceled_at__isnull=False)
    return found


# --- card -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def logged(request, pk):
    """Who and when, what the contacts were chosen by, what came of it, and what followed."""
    found = find(request, pk, whole=True)
    counts = LoggedSegment.objects.with_counts().get(pk=pk)
    sentences, recorded = Sentences(request.user), [CriteriaStep(**step) for step in found.criteria]
    sentences.learn(Recipe.read(step.recipe) for step in recorded)
    context = {
        "logged": found,
        "counts": counts,
        "history": [(verb_of(step), text_of(step, sentences)) for step in reversed(recorded)],
        "campaign_entries": campaign_entries(found, request.user),
        "follow_ups": list(
            Segment.objects.visible_to(request.user).filter(follow_up_of=found).order_by("pk")
        ),
        "sendings": Sendings(found) if request.user.has_perm("interactions.deliver_interactions") else None,
        "newest": newest_follow_up(found),
        "done": done_sentence(found) if "done" in request.GET and found.logged_by == request.user else "",
    }
    return htmx.render_page(request, "segments/logged.html", context)


class Sendings:
    """What became of the sendings of a logged segment, counted by one query.

    figures: [(word, number, the filter of the log that finds them)].  letters: whether some wait to be printed.
    """

    def __init__(self, found):
        latest = Delivery.objects.filter(entry__logged_segment=found).latest().order_by()
        counted = {}
        self.letters = False
        for channel, state, count in latest.values_list("channel", "state").annotate(Count("pk")):
            self.letters |= (channel, state) == (Channel.HARD_COPY, DeliveryState.QUEUED)
            counted[state] = counted.get(state, 0) + count
        of = lambda *states: sum(counted.get(state, 0) for state in states)  # noqa: E731
        said = [
            (_("Sent"), of(DeliveryState.SENT), "sent"),
            (_("Waiting or being sent"), of(DeliveryState.QUEUED, DeliveryState.SENDING), "waiting"),
            (_("Not sent"), of(DeliveryState.ERROR, DeliveryState.UNCERTAIN), "problem"),
        ]
        self.figures = [each for each in said if each[1]]


def campaign_entries(found, user):
    """Its campaign entries with their campaigns, as far as the reader may see these."""
    visible = Campaign.objects.visible_to(user).values("pk")
    return list(
        CampaignEntry.objects.filter(logged_segment=found, campaign__in=visible)
        .select_related("campaign")
        .order_by("pk")
    )


# --- verbs ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@may_cancel
def logged_cancel(request, pk):
    """GET asks why; POST cancels it with its entries and campaign entries; undo brings exactly those back."""
    found = find(request, pk)
    form = CancelForm(request.POST) if request.method == "POST" else CancelForm()
    if request.method != "POST" or not form.is_valid():
        context = {"logged": found, "form": form, "count": found.entries.counting().count()}
        status = 422 if request.method == "POST" else 200
        return htmx.render_page(
            request, "segments/logged_cancel.html", context, partial="dialog", status=status
        )
    try:
        done = cancel_logged_segment(found, by=request.user, reason=form.sentence)
    except Refusal as refusal:
        return refused(request, refusal, found)
    if done.at is None:
        toast(request, _("Nothing to cancel: it is done already."), level=messages.INFO)
        return back_to(request, found)
    sentence = ngettext(
        "Logged segment %(segment)s canceled, with %(count)s entry.",
        "Logged segment %(segment)s canceled, with %(count)s entries.",
        done.count,
    )
    toast(
        request,
        sentence % {"segment": found.segment_no, "count": formats.integer(done.count)},
        undo=undo.offer(request, "cancel_logged_segment", pk=found.pk),
    )
    return back_to(request, found)


@require_POST
@may_see
@may_cancel
def logged_reinstate(request, pk):
    found = find(request, pk)
    try:
        done = reinstate_logged_segment(found, by=request.user)
    except Refusal as refusal:
        return refused(request, refusal, found)
    toast(request, reinstated(found, done))
    return back_to(request, found)


def reinstated(found, done):
    sentence = ngettext(
        "Logged segment %(segment)s reinstated, with %(count)s entry.",
        "Logged segment %(segment)s reinstated, with %(count)s entries.",
        done.count,
    )
    return sentence % {"segment": found.segment_no, "count": formats.integer(done.count)}


def undo_cancel(user, pk):
    found = LoggedSegment.objects.visible_to(user).filter(pk=pk).first()
    if found is None:
        raise LoggedSegmentIsGone
    return reinstated(found, reinstate_logged_segment(found, by=user))


undo.register("cancel_logged_segment", undo_cancel, permission="interactions.cancel_loggedsegment")


@require_POST
@may_see
@permission_required("segments.add_segment", raise_exception=True)
def logged_follow_up(request, pk):
    """A new segment of the contacts that this one reached."""
    found = find(request, pk)
    shown = request.POST.get("newest", "")
    newest = int(shown) if shown.isdecimal() and len(shown) < DIGITS else 0
    try:
        if found.entries.counting().order_by()[: MANY + 1].count() > MANY:
            return htmx.redirect(request, start_follow_up(found, by=request.user, newest=newest))
        followed = follow_up_on(found, by=request.user, newest=newest)
    except FollowedAlready as already:
        visible = Segment.objects.visible_to(request.user).filter(pk=already.segment.pk).exists()
        words = _("Open %(no)s") % {"no": already.segment.no}
        link = (already.segment.get_absolute_url(), words) if visible else None
        toast(request, already.for_user, link=link, level=messages.WARNING)
        return back_to(request, found)
    except Refusal as refusal:
        return refused(request, refusal, found)
    toast(request, followed_sentence(followed))
    return htmx.redirect(request, followed.segment)


@require_POST
@may_see
@permission_required(["segments.add_segment", "segments.change_segment"], raise_exception=True)
def logged_reuse(request, pk):
    """A new segment with the description and the contacts of this one (R-59)."""
    found = find(request, pk)
    what = {"logged": found.pk, "confirmed": True}
    try:
        if found.entries.counting().order_by()[: MANY + 1].count() > MANY:
            return htmx.redirect(request, steps.start("use_logged", None, by=request.user, **what))
        made = steps.make("use_logged", None, by=request.user, **what)
    except Refusal as refusal:
        return refused(request, refusal, found)
    toast(request, _("Segment %(no)s created.") % {"no": made.segment.no} + " " + made.sentence)
    return htmx.redirect(request, made.segment)


def back_to(request, found):
    return htmx.redirect(request, reverse("segments:logged", args=[found.pk]))


def refused(request, refusal, found):
    toast(request, refusal.for_user, level=messages.WARNING)
    if isinstance(refusal, LoggedSegmentIsGone):
        return htmx.redirect(request, reverse("segments:logged_segments"))
    return back_to(request, found)


# --- delete canceled ones -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@permission_required("interactions.delete_loggedsegment", raise_exception=True)
def logged_delete(request):
    """GET shows the canceled ones, all ticked; POST deletes those that still are. Their entries stay (R-73)."""
    canceled = LoggedSegment.objects.visible_to(request.user).filter(canceled_at__isnull=False)
    if request.method != "POST":
        return show_canceled(request, canceled)
    chosen = [pk for pk in request.POST.getlist("logged") if pk.isdecimal() and len(pk) < DIGITS]
    if not chosen:
        return show_canceled(request, canceled, problem=_("Choose at least one logged segment."))
    count = delete_canceled_logged_segments(canceled.filter(pk__in=chosen[:SHOWN]), by=request.user)
    if not count:
        return show_canceled(request, canceled, problem=_("This list is out of date. Check it again."))
    sentence = ngettext(
        "%(count)s logged segment deleted. Its entries stay.",
        "%(count)s logged segments deleted. Their entries stay.",
        count,
    )
    toast(request, sentence % {"count": formats.integer(count)})
    return htmx.redirect(request, reverse("segments:logged_segments"))


def show_canceled(request, canceled, *, problem=""):
    ids = list(canceled.order_by("-logged_at", "-pk").values_list("pk", flat=True)[:SHOWN])
    rows = LoggedSegment.objects.select_related("canceled_by").with_counts().in_bulk(ids)
    context = {
        "problem": problem,
        "rows": [rows[pk] for pk in ids if pk in rows],
        "total": canceled.count(),
    }
    status = 422 if problem else 200
    return htmx.render_page(request, "segments/logged_delete.html", context, status=status)


# --- of a campaign ------------------------------------------------------------------------------------------------------


@require_safe
@permission_required("interactions.view_campaign", raise_exception=True)
def of_campaign(request, no):
    """A part of the card of a campaign: its segments, open (with those of which only lines belong to it) and logged."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), no=no)
    of_lines = SegmentLine.objects.filter(own_campaign=campaign).values("segment")
    segments = Segment.objects.visible_to(request.user).filter(Q(campaign=campaign) | Q(pk__in=of_lines))
    made = CampaignEntry.objects.filter(campaign=campaign, logged_segment__isnull=False)
    logged = LoggedSegment.objects.visible_to(request.user).filter(pk__in=made.values("logged_segment"))
    open_ones = list(segments.order_by("-date", "-pk")[: OF_CAMPAIGN + 1])
    logged_ones = list(logged.order_by("-logged_at", "-pk")[: OF_CAMPAIGN + 1])
    context = {
        "campaign": campaign,
        "segments": open_ones[:OF_CAMPAIGN],
        "logged": logged_ones[:OF_CAMPAIGN],
        "shown": OF_CAMPAIGN,
        "more_segments": len(open_ones) > OF_CAMPAIGN,
        "more_logged": len(logged_ones) > OF_CAMPAIGN,
    }
    return htmx.render_page(request, "segments/logged_of_campaign.html", context, partial="part")

"""Campaigns: the list, the card with what came of one, and canceling what was logged for it (R-73, R-97)."""

from dataclasses import dataclass
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import formats, htmx, undo
from crm.errors import Refusal
from crm.filters import Asked
from crm.keyset import capped_count
from crm.limits import TakesTooLong
from crm.models import MarketingSetup
from crm.parsing.expressions import begins_with, has_inside
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.actions.campaigns import (
    CampaignChanged,
    CampaignIsGone,
    create_campaign,
    update_campaign,
)
from interactions.actions.registers import cancel_campaign_entry, reinstate_campaign_entry
from interactions.forms.campaigns import CampaignForm
from interactions.forms.entries import CancelForm
from interactions.models import Campaign, CampaignEntry, InteractionLogEntry
from interactions.views.listing import limited_time

may_see = permission_required("interactions.view_campaign", raise_exception=True)
may_cancel = permission_required(
    ["interactions.change_campaign", "interactions.cancel_interactions"], raise_exception=True
)


def find(request, no):
    return get_object_or_404(
        Campaign.objects.visible_to(request.user).select_related("salesperson", "status"), no=no
    )


# --- list -------------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def campaigns(request):
    """The campaigns that the reader may see, the newest number first."""
    user = request.user
    visible = Campaign.objects.visible_to(user)
    labels = {"all": _("All"), **({"mine": _("Mine")} if user.own_salesperson else {})}
    asked = Asked.of(request, labels, default="all", widest="all")
    found = in_view(visible, asked.view, user)
    if words := asked.words:
        found = found.filter(has_inside("description", words) | begins_with("no", words))
    page = ListPage(
        request,
        found.select_related("salesperson", "status"),
        ("no",),
        descending=True,
    )
    context = {
        "page": page,
        "view": asked.view,
        "views": [
            (name, label, capped_count(in_view(visible, name, user))) for name, label in labels.items()
        ],
        "problems": asked.problems,
        "words": words,
    }
    return htmx.render_page(
        request, "interactions/campaign_list.html", context, partial={"results": "results", "rows": "results"}
    )


def in_view(found, view, user):
    return found.filter(salesperson=user.own_salesperson) if view == "mine" else found


# --- card -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """What came of a campaign: entries that count, in its dates if it has any (domain 2.14, R-99).

    outside: entries that would count if they were dated so.
    """

    count: int
    targets: int
    responses: int
    cost: Decimal
    minutes: int
    outside: int

    @property
    def rate(self):
        """Responses for a hundred contacts addressed, as a share; None without any."""
        return self.responses / self.targets if self.targets else None


def in_dates_of(campaign):
    """The Q over entries that are dated in the time of *campaign*; of everything where it has no dates."""
    q = Q()
    if campaign.starting_date:
        q &= Q(date__gte=campaign.starting_date)
    if campaign.ending_date:
        q &= Q(date__lte=campaign.ending_date)
    return q


def figures_of(campaign, user):
    entries = InteractionLogEntry.objects.visible_to(user).filter(campaign=campaign)
    inside = in_dates_of(campaign)
    sums = entries.filter(inside).statistics()
    marked = entries.counting().aggregate(
        all=Count("pk"),
        targets=Count("pk", filter=inside & Q(campaign_target=True)),
        responses=Count("pk", filter=inside & Q(campaign_response=True)),
    )
    count = sums["count"]
    return Figures(
        count, marked["targets"], marked["responses"], sums["cost"], sums["minutes"], marked["all"] - count
    )


def counted_url(campaign):
    """The log with exactly the entries that the figures count."""
    query = {"campaign": campaign.no, "canceled": "no"}
    if campaign.starting_date:
        query["date_after"] = campaign.starting_date.isoformat()
    if campaign.ending_date:
        query["date_before"] = campaign.ending_date.isoformat()
    return f"{reverse('interactions:entries')}?{urlencode(query)}"


def counted_sentence(campaign):
    """Which entries the figures are of."""
    first, last = (
        formats.date_table(day) if day else "" for day in (campaign.starting_date, campaign.ending_date)
    )
    if first and last:
        sentence = _("Interactions dated from %(first)s to %(last)s count, the time of the campaign.")
    elif first:
        sentence = _("Interactions dated %(first)s or later count, since the campaign began.")
    elif last:
        sentence = _("Interactions dated %(last)s or earlier count, until the campaign ended.")
    else:
        sentence = _("All interactions of the campaign count; it has no dates.")
    return sentence % {"first": first, "last": last}


@require_safe
@may_see
def campaign(request, no):
    """Facts, figures, and what was logged for it."""
    found = find(request, no)
    figures = page = None
    too_long = ""
    counted = request.user.has_perm("interactions.view_interactionlogentry")
    if counted:
        try:
            with limited_time():
                figures = figures_of(found, request.user)
                page = entries_page(request, found, counted=True)
        except TakesTooLong as problem:
            too_long, counted = problem.for_user, False
    if page is None:
        page = entries_page(request, found, counted=False)
    context = {
        "campaign": found,
        "figures": figures,
        "counted_sentence": counted_sentence(found),
        "counted_url": counted_url(found),
        "too_long": too_long,
        "page": page,
        "counted": counted,
        "currency": MarketingSetup.current().currency,
        "may_cancel": request.user.has_perms(
            ["interactions.change_campaign", "interactions.cancel_interactions"]
        ),
        "sees_costs": request.user.has_perm("interactions.see_costs"),
    }
    return htmx.render_page(request, "interactions/campaign_card.html", context, partial={"rows": "entries"})


def entries_page(request, campaign, *, counted):
    """The campaign entries; counted: with what their interactions sum up to."""
    entries = campaign.entries.select_related("salesperson", "document_kind", "logged_segment").defer(
        "logged_segment__criteria"
    )
    rows = entries.with_figures(request.user) if counted else entries
    return ListPage(request, rows, ("date", "id"), descending=True)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("interactions.add_campaign", raise_exception=True)
def campaign_new(request):
    if request.method != "POST":
        return edit_page(request, CampaignForm(user=request.user))
    form = CampaignForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            made = create_campaign(by=request.user, **form.values)
        except Refusal as refusal:
            form.add_error("number" if "number" in form.fields else None, refusal.for_user)
        else:
            toast(request, _("Campaign %(no)s created.") % {"no": made.no})
            return htmx.redirect(request, made)
    return edit_page(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@permission_required("interactions.change_campaign", raise_exception=True)
def campaign_edit(request, no):
    found = find(request, no)
    if request.method != "POST":
        return edit_page(request, CampaignForm(user=request.user, campaign=found), found)
    form = CampaignForm(request.POST, user=request.user, campaign=found)
    if not form.is_valid():
        return edit_page(request, form, found, status=422)
    if conflicts := form.conflicts:
        fresh = CampaignForm(user=request.user, campaign=found)
        merged = CampaignForm(form.on(fresh), user=request.user, campaign=found)
        return edit_page(request, merged, found, conflicts=conflicts, status=422)
    try:
        found = update_campaign(found, by=request.user, seen=found.modified_at, **form.values)
    except CampaignChanged:
        return campaign_edit(request, no)  # look again: who has changed what?
    except CampaignIsGone as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
        return htmx.redirect(request, reverse("interactions:campaigns"))
    except Refusal as refusal:
        form.add_error(None, refusal.for_user)
        return edit_page(request, form, found, status=422)
    toast(request, _("Campaign saved."))
    return htmx.redirect(request, found)


def edit_page(request, form, found=None, *, conflicts=(), status=200):
    context = {"form": form, "campaign": found, "conflicts": conflicts}
    return htmx.render_page(
        request, "interactions/campaign_edit.html", context, partial="dialog", status=status
    )


# --- what was logged for it ---------------------------------------------------------------------------------------------


def find_entry(request, no, pk):
    return get_object_or_404(find(request, no).entries.select_related("campaign"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@may_cancel
def campaign_entry_cancel(request, no, pk):
    """GET asks why; POST cancels it with its interactions."""
    entry = find_entry(request, no, pk)
    form = CancelForm(request.POST) if request.method == "POST" else CancelForm()
    if request.method != "POST" or not form.is_valid():
        context = {
            "entry": entry,
            "campaign": entry.campaign,
            "form": form,
            "count": entry.interactions.counting().count(),
        }
        status = 422 if request.method == "POST" else 200
        return htmx.render_page(
            request, "interactions/campaign_entry_cancel.html", context, partial="dialog", status=status
        )
    try:
        done = cancel_campaign_entry(entry, by=request.user, reason=form.sentence)
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
        return htmx.redirect(request, entry.campaign)
    if done.at is None:
        toast(request, _("Nothing to cancel: it is done already."), level=messages.INFO)
    else:
        sentence = ngettext(
            "Campaign entry canceled, with %(count)s interaction.",
            "Campaign entry canceled, with %(count)s interactions.",
            done.count,
        )
        token = undo.offer(request, "cancel_campaign_entry", pk=entry.pk)
        toast(request, sentence % {"count": formats.integer(done.count)}, undo=token)
    return htmx.redirect(request, entry.campaign)


@require_POST
@may_see
@may_cancel
def campaign_entry_reinstate(request, no, pk):
    entry = find_entry(request, no, pk)
    try:
        toast(request, reinstated(reinstate_campaign_entry(entry, by=request.user)))
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
    return htmx.redirect(request, entry.campaign)


def reinstated(done):
    sentence = ngettext(
        "Campaign entry reinstated, with %(count)s interaction.",
        "Campaign entry reinstated, with %(count)s interactions.",
        done.count,
    )
    return sentence % {"count": formats.integer(done.count)}


def undo_cancel(user, pk):
    visible = Campaign.objects.visible_to(user)
    entry = CampaignEntry.objects.filter(campaign__in=visible.values("pk"), pk=pk).first()
    if entry is None or not user.has_perm("interactions.change_campaign"):
        raise undo.NotAllowed
    return reinstated(reinstate_campaign_entry(entry, by=user))


undo.register("cancel_campaign_entry", undo_cancel, permission="interactions.cancel_interactions")

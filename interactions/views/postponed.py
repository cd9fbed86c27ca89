"""Postponed interactions: what was saved for later, to be resumed, logged as it is, or deleted."""

import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import TextChoices
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm import htmx, keyset, undo
from crm.errors import Refusal
from crm.languages import language_name
from crm.models import Contact, Salesperson
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.actions import drafts as actions
from interactions.actions.logging import check_draft, log_interaction
from interactions.models import InteractionDraft, Kind

from .drafts import say_gone, uuid_or_none
from .rows import ICONS, TONES

OLD = dt.timedelta(days=7)


class View(TextChoices):
    MINE = "mine", pgettext_lazy("view", "Mine")
    TEAM = "team", pgettext_lazy("view", "My team")
    OLD = "old", pgettext_lazy("view of drafts", "Older than 7 days")


def views_of(user):
    return [view for view in View if view != View.TEAM or user.led_team_ids]


@permission_required("interactions.log_interaction", raise_exception=True)
@require_safe
def postponed(request):
    """What was saved for later, and under Mine also what is still being typed; filtered to a contact or salesperson."""
    user = request.user
    views = views_of(user)
    asked = request.GET.get("v", "").strip()
    wanted = asked if asked in views else View.MINE
    drafts, about = narrow(request, InteractionDraft.objects.visible_to(user))
    counts = {view: keyset.capped_count(of_view(drafts, view, user)) for view in views}
    page = ListPage(
        request,
        of_view(drafts, wanted, user).for_list(),
        ("updated_at", "id"),
        descending=True,
        count=lambda: counts[wanted],
    )
    since = timezone.now() - OLD
    for row in page.rows:
        row.left = what_is_left(row)
        row.is_old = row.updated_at < since
        row.language_name = language_name(row.language) if row.language else ""
    context = {
        "page": page,
        "tabs": [(view, view.label, counts[view].label, view == wanted) for view in views],
        "about": about,
        "problems": [no_view(asked, View.MINE)] if asked and asked not in views else [],
    }
    return htmx.render_page(
        request, "interactions/postponed.html", context, partial={"results": "results", "rows": "results"}
    )


def no_view(asked, shown):
    # Translators: %(view)s is the tab that is shown instead, such as "Mine".
    return _("There is no view “%(value)s”. This is “%(view)s”.") % {"value": asked, "view": shown.label}


CARD_ROWS = 5


@permission_required("interactions.log_interaction", raise_exception=True)
@require_safe
def postponed_card(request):
    """The part of the home page: what I have saved for later, the oldest first, because it waits longest."""
    drafts = InteractionDraft.objects.of_user(request.user).kept().select_related("contact", "template")
    rows = list(drafts.order_by("updated_at", "id")[:CARD_ROWS])
    for row in rows:
        kind = row.template.kind if row.template else Kind.NOTE
        row.icon, row.tone = ICONS[kind], TONES.get(kind, "")
    return htmx.render_page(request, "interactions/postponed_card.html", {"drafts": rows}, partial="card")


def of_view(drafts, view, user):
    match view:
        case View.TEAM:
            return drafts.kept().exclude(created_by=user)
        case View.OLD:
            return drafts.filter(updated_at__lt=timezone.now() - OLD)
    return drafts.filter(created_by=user)


def narrow(request, drafts):
    """*drafts* of the contact (a company: its people too) or salesperson in the address, and that row for the title.

    An unknown one leaves the list unfiltered and says so.
    """
    user, asked = request.user, request.GET
    if asked.get("contact"):
        contact = Contact.objects.visible_to(user).filter(no=asked["contact"]).first()
        if contact is not None:
            return drafts.for_contact(contact), contact
        toast(request, _("There is no contact “%(no)s”.") % {"no": asked["contact"]}, level=messages.WARNING)
    elif asked.get("salesperson"):
        salesperson = Salesperson.objects.visible_to(user).filter(code=asked["salesperson"]).first()
        if salesperson is not None:
            return drafts.filter(salesperson=salesperson), salesperson
        toast(
            request,
            _("There is no salesperson “%(value)s”.") % {"value": asked["salesperson"]},
            level=messages.WARNING,
        )
    return drafts, None


def what_is_left(draft):
    """What keeps the draft from being logged as it is, as a sentence; "" when nothing does."""
    try:
        check_draft(draft)
    except Refusal as refusal:
        return refusal.for_user
    return ""


@permission_required("interactions.log_interaction", raise_exception=True)
@require_POST
def draft_log(request, uuid):
    """Log a postponed interaction as it is; what is missing leads to its sheet."""
    try:
        found = actions.open_draft(uuid, by=request.user)
        entry = log_interaction(found, by=request.user)
    except actions.DraftIsGone as gone:
        return say_gone(request, gone)
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
        return htmx.redirect(request, found)
    toast(request, _("Interaction logged."), link=(entry.get_absolute_url(), _("Open")))
    return htmx.redirect(request, reverse("interactions:postponed"))


@permission_required("interactions.log_interaction", raise_exception=True)
@require_POST
def drafts_delete(request):
    """Delete the chosen drafts; undo brings them back for ten minutes."""
    posted = [request.POST["only"]] if "only" in request.POST else request.POST.getlist("draft")
    chosen = [key for key in map(uuid_or_none, posted) if key]
    drafts = InteractionDraft.objects.visible_to(request.user).filter(uuid__in=chosen)
    gone = actions.discard_drafts(drafts, by=request.user)
    if not gone:
        toast(request, _("Nothing was deleted: these drafts are gone already."), level=messages.INFO)
        return htmx.redirect(request, reverse("interactions:postponed"))
    toast(
        request,
        ngettext(
            "%(count)d postponed interaction deleted.", "%(count)d postponed interactions deleted.", len(gone)
        )
        % {"count": len(gone)},
        undo=undo.offer(request, "restore_drafts", ids=gone),
    )
    return htmx.redirect(request, htmx.way_back(request, reverse("interactions:postponed")))


def restore(user, ids):
    count = actions.restore_drafts(InteractionDraft.with_deleted.filter(pk__in=ids), by=user)
    if not count:
        raise actions.DraftIsGone()
    return ngettext("The draft is back.", "%(count)d drafts are back.", count) % {"count": count}


def unkeep(user, ids):
    if not actions.unkeep_drafts(InteractionDraft.objects.of_user(user).filter(pk__in=ids), by=user):
        raise actions.DraftIsGone()
    return _("The draft is unfinished again. It is still here, under Mine.")


undo.register("restore_drafts", restore)
undo.register("unkeep_drafts", unkeep)

"""What interactions put into the menu, and the numbers they give to the home page (see `crm.navigation`)."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm import clock, formats
from crm.keyset import capped_count
from crm.navigation import Action, Cue, Item, Reading, register

from .counting import capped_counts
from .filters import View, in_view
from .models import Delivery, InteractionDraft, InteractionLogEntry

MAY_READ = "interactions.view_interactionlogentry"
MAY_EVALUATE = "interactions.evaluate_interactions"
MAY_LOG = "interactions.log_interaction"
MAY_DELIVER = "interactions.deliver_interactions"
OLD = dt.timedelta(days=2)  # a draft that waits longer asks for attention


def postponed(user, *, team=False):
    """Saved for later by *user*, or by the people of the teams he or she leads."""
    if team:
        return InteractionDraft.objects.visible_to(user).kept().exclude(created_by=user)
    return InteractionDraft.objects.kept().filter(created_by=user)


def count_postponed(request):
    return postponed(request.user).count()


def menu_counts(request):
    """{"postponed", "problems": number beside the page in the menu}, by one query for each page that is drawn."""
    if not hasattr(request, "interaction_counts"):
        user, wanted = request.user, {}
        if user.has_perm(MAY_LOG):
            wanted["postponed"] = postponed(user)
        if user.has_perm(MAY_DELIVER):
            wanted["problems"] = Delivery.objects.visible_to(user).problems()
        counts = capped_counts(wanted)
        request.interaction_counts = {name: capped.count for name, capped in counts.items()}
    return request.interaction_counts


def postponed_cue(request, team):
    if team and not request.user.led_team_ids:
        return None
    kept = postponed(request.user, team=team).order_by("kept_at").values_list("kept_at", flat=True)
    oldest = kept.first()
    return Reading(
        value=kept.count() if oldest else 0,
        url=reverse("interactions:postponed") + ("?v=team" if team else ""),
        # Translators: below a number of postponed interactions; %(when)s is such as "yesterday, 17:48".
        detail=gettext("the oldest %(when)s") % {"when": formats.relative(oldest)} if oldest else "",
        tone="hot" if oldest and oldest < timezone.now() - OLD else "",
    )


def logged_cue(request, team):
    """Entries since the week began, and how many there were last week up to the same day."""
    view = view_of(request.user, team)
    today = clock.today()
    monday = clock.start_of_week(today, formats.active())
    week = dt.timedelta(days=7)
    entries = in_view(InteractionLogEntry.objects.visible_to(request.user), view, request.user).counting()
    counts = capped_counts(
        {
            "now": entries.filter(date__gte=monday, date__lte=today),
            "before": entries.filter(date__gte=monday - week, date__lte=today - week),
        }
    )
    query = urlencode({"view": view, "date_after": monday, "date_before": today, "canceled": "no"})
    return Reading(
        value=counts["now"].label,
        url=f"{reverse('interactions:entries')}?{query}",
        # Translators: below the number of interactions of this week.
        detail=gettext("%(count)s by this day last week") % {"count": counts["before"].label},
    )


def evaluation_cue(request, team):
    if team:
        return None
    entries = in_view(InteractionLogEntry.objects.visible_to(request.user), View.AWAITING, request.user)
    return Reading(
        value=capped_count(entries).label,
        url=f"{reverse('interactions:entries')}?view={View.AWAITING}",
        detail=gettext("calls and meetings of the last two weeks"),
    )


def view_of(user, team):
    """The view of the list that "mine" or "my team" means; without a salesperson everything."""
    if team and user.team_ids:
        return View.TEAM
    return View.MINE if user.own_salesperson else View.ALL


register(
    Item(
        name="interactions:entries",
        label=_("Log entries"),
        icon="log",
        section=_("Interactions"),
        order=40,
        permission=MAY_READ,
        tab=pgettext_lazy("phone bar", "Log"),
        keys="g>l",
        synonyms=(_("Interaction log entries"),),
    ),
    Item(
        name="interactions:postponed",
        label=pgettext_lazy("menu", "Postponed"),
        icon="clock",
        section=_("Interactions"),
        order=50,
        permission=MAY_LOG,
        count=lambda request: menu_counts(request)["postponed"],
        hot=True,
        keys="g>p",
        synonyms=(_("Postponed interactions"),),
    ),
    Item(
        name="interactions:delivery_problems",
        label=_("Delivery problems"),
        icon="warn",
        section=_("Interactions"),
        order=55,
        permission=MAY_DELIVER,
        count=lambda request: menu_counts(request)["problems"],
        hot=True,
        synonyms=(_("Delivery errors"),),
    ),
    Item(
        name="interactions:campaigns",
        label=_("Campaigns"),
        icon="flag",
        section=_("Segments"),
        order=70,
        permission="interactions.view_campaign",
    ),
    Item(
        name="interactions:templates",
        label=pgettext_lazy("menu", "Templates"),
        icon="doc",
        section=_("Setup"),
        order=80,
        permission="interactions.view_interactiontemplate",
        synonyms=(_("Interaction templates"),),
    ),
    Action(
        name="interactions:new",
        label=_("New interaction"),
        icon="plus",
        permission=MAY_LOG,
        keys="n alt+n",
        create=True,
        synonyms=(pgettext_lazy("action", "Create interaction"),),
    ),
    Action(
        name="interactions:purge",
        label=_("Delete canceled entries"),
        icon="trash",
        permission="interactions.purge_interactions",
        sheet=False,
        synonyms=(_("Delete canceled interaction log entries"),),
    ),
    Cue(label=_("Postponed by me"), read=postponed_cue, order=20, permission=MAY_LOG),
    Cue(label=_("Logged this week"), read=logged_cue, order=30, permission=MAY_READ),
    Cue(label=_("To evaluate"), read=evaluation_cue, order=40, permission=MAY_EVALUATE),
)

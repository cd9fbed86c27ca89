"""Choosing contacts by criteria: the panel, and the choices of its conditions (ui 5.9)."""

from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crm import htmx
from crm.errors import Refusal
from segments import actions, steps
from segments.criteria import FIELDS, Rows
from segments.forms.choosing import ConditionRow, CriteriaForm
from segments.views.common import find, may_change, refused
from segments.views.counting import Seen, counted_for
from segments.views.making import say, version_of
from segments.views.tabs import TABS


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def choose(request, no, verb):
    """The panel with one tab open; POST makes the step."""
    segment, tab = find(request, no), TABS[verb]
    if request.method != "POST":
        return panel(request, segment, tab, criteria_form(request.GET, request, tab))
    form = criteria_form(request.POST, request, tab)
    if "remove" in request.POST:
        form.without(request.POST["remove"])
        return panel(request, segment, tab, form)
    recipe = form.recipe()
    if request.POST.get("do") == "count":
        return panel(request, segment, tab, form, recipe=recipe, status=200 if recipe else 422)
    if recipe is None:
        return panel(request, segment, tab, form, status=422)
    seal = request.POST.get("counted", "")
    seen = Seen.read(seal, request.user, segment, tab)
    form.problem = problem_of(recipe, seal, seen)
    if form.problem:
        return panel(request, segment, tab, form, recipe=recipe, status=422)
    what = {"version": version_of(request), "recipe": recipe.as_json(), "expected": seen and seen.touches}
    try:
        if touches_many(request.user, segment, tab, recipe, seen):
            return htmx.redirect(request, steps.start(verb, segment, by=request.user, **what))
        made = steps.make(verb, segment, by=request.user, **what)
    except (actions.SegmentIsGone, actions.SegmentAlreadyLogged) as refusal:
        return refused(request, refusal, segment)
    except Refusal as refusal:
        form.problem = refusal.for_user
        return panel(request, find(request, no), tab, form, recipe=recipe, status=422)
    return say(request, made)


def criteria_form(data, request, tab):
    return CriteriaForm(data, user=request.user, action=tab.action)


def problem_of(recipe, seal, seen):
    """Why *recipe* is not done yet, or "": the number on the page was another one's, or everybody would match.

    A page without a number promised none.
    """
    if seal and (seen is None or not seen.is_of(recipe)):
        return _("The number was of other conditions. Look at the present one, then press again.")
    if not recipe.conditions and seen is None:
        return _("Without a condition everybody matches. Look at the number, then press again.")
    return ""


def touches_many(user, segment, tab, recipe, seen):
    """Whether so many lines come or go that it is a job: as the page counted, else counted now."""
    counted = seen or counted_for(user, segment, tab, recipe)
    return counted.touches is None or counted.touches > steps.MANY


def panel(request, segment, tab, form, *, recipe=None, status=200):
    """The panel in the card, or as a page of its own. recipe: what to count at once where no script will."""
    count = None
    if recipe is not None and not request.htmx:
        count = counted_for(request.user, segment, tab, recipe)
    context = {
        "segment": segment,
        "tab": tab,
        "tabs": TABS.values(),
        "form": form,
        "count": count,
        "count_at_once": count is None
        and (form.has_conditions or recipe is not None)
        and (recipe is not None or not form.first_problem),
        "version": segment.version,
        "may_save": request.user.has_perm("segments.view_savedcriteria"),
        "may_paste": request.user.has_perm("crm.view_contact"),
        "may_reuse": request.user.has_perm("interactions.view_loggedsegment"),
    }
    return htmx.render_page(request, "segments/choose.html", context, partial="panel", status=status)


@require_safe
@may_change
def condition(request, no):
    """One row, drawn again because its field or its comparison is another one now."""
    segment = find(request, no)
    row = request.GET.get("row", "")
    if not (row.isdecimal() and len(row) <= 3):
        raise Http404
    form = ConditionRow.drawn_again(request.GET, user=request.user, number=int(row))
    return htmx.render_page(request, "segments/_condition.html", {"segment": segment, "row": form})


@require_safe
@may_change
def choices(request, field):
    """{"results": [{value, text, detail}]} for ?q=: values of a condition whose list is too long to offer whole."""
    asks = FIELDS.get(field)
    if asks is None or not isinstance(asks.choices, Rows):
        raise Http404
    if asks.permission and not request.user.has_perm(asks.permission):
        raise Http404
    found = asks.choices.search(request.GET.get("q", "").strip()[:100], request.user)
    return JsonResponse({"results": [{"value": key, "text": label, "detail": key} for key, label in found]})

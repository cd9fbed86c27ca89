"""The criteria history of a segment: in words, taken back, cleared."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import formats, htmx
from crm.errors import Refusal
from crm.toasts import toast
from crm.views.paging import ListPage
from segments import steps
from segments.criteria import OPTIONS, Recipe, Sentences
from segments.models import CriteriaStep, SegmentLine, StepAction, StepOrigin
from segments.views.common import find, may_change, may_see, refused
from segments.views.making import say, step_of

MOST_SHOWN = 50
LOOKS = {StepAction.ADD: ("plus", ""), StepAction.REDUCE: ("minus", "m"), StepAction.REFINE: ("filter", "z")}


@dataclass(frozen=True)
class HistoryLine:
    """One step as a line: icon, tone, verb, what was asked, and how many lines came or went."""

    step: CriteriaStep
    icon: str
    tone: str
    verb: str
    text: str
    figures: str
    note: str = ""


@dataclass(frozen=True)
class History:
    """lines: the newest steps in force, newest first.  count: all in force."""

    lines: list
    count: int

    @property
    def has_more(self):
        return self.count > len(self.lines)


def history_of(segment, user):
    """The History of *segment*: two queries, and one for each list whose values are named."""
    newest = with_names(segment.steps.done()).newest_first()[:MOST_SHOWN]
    return History(lines_of_steps(newest, user), segment.steps.done().count())


def with_names(steps):
    return steps.select_related("created_by", "logged_segment").defer("recipe", "logged_segment__criteria")


def lines_of_steps(steps, user):
    """*steps* as HistoryLines."""
    steps, sentences = list(steps), Sentences(user)
    sentences.learn(Recipe.read(step.outline) for step in steps)
    return [line_of(step, sentences) for step in steps]


@require_safe
@may_see
def history(request, no):
    """All steps of a segment."""
    segment = find(request, no)
    page = ListPage(
        request,
        with_names(segment.steps.done()),
        ("number",),
        descending=True,
    )
    page.rows = lines_of_steps(page.rows, request.user)
    return htmx.render_page(request, "segments/history.html", {"segment": segment, "page": page})


def line_of(step, sentences):
    icon, tone = LOOKS[StepAction(step.action)]
    if step.origin == StepOrigin.LOGGED:
        icon, tone = "redo", "z"
    sign = "+" if step.action == StepAction.ADD else "−"
    figures = f"{sign}{formats.integer(step.changed)} → {formats.integer(step.lines_after)}"
    note = str(step.get_origin_display()) if step.origin in (StepOrigin.SAVED, StepOrigin.MANUAL) else ""
    return HistoryLine(step, icon, tone, verb_of(step), text_of(step, sentences), figures, note)


def verb_of(step):
    if step.origin == StepOrigin.LOGGED:
        return _("Reused")
    return {
        StepAction.ADD: _("Added"),
        StepAction.REDUCE: _("Reduced"),
        StepAction.REFINE: _("Refined"),
    }[StepAction(step.action)]


def text_of(step, sentences):
    if step.logged_segment is not None:
        return _("segment %(number)s") % {"number": step.logged_segment.segment_no}
    return said(Recipe.read(step.outline or step.recipe), sentences)


def said(recipe, sentences):
    """What *recipe* asks, such as "Country/region: Spain; City: M*"."""
    parts = [sentences.of(condition) for condition in recipe.conditions]
    parts += [str(OPTIONS[option]) for option in sorted(recipe.options)]
    return "; ".join(parts) or _("all contacts")


# --- back, and forgotten ----------------------------------------------------------------------------------------------


@require_POST
@may_change
def go_back(request, no):
    """Take the newest step back; undo does it again. The form names the step that the page showed as the newest."""
    segment, step = find(request, no), step_of(request)
    try:
        if segment.steps.filter(pk=step, changed__gt=steps.MANY).exists():
            return htmx.redirect(request, steps.start("go_back", segment, by=request.user, step=step))
        made = steps.make("go_back", segment, by=request.user, step=step)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    return say(request, made)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def clear_history(request, no):
    """GET asks, POST forgets all steps; the lines stay."""
    segment = find(request, no)
    if request.method != "POST":
        done = segment.steps.done()
        context = {"segment": segment, "count": done.count(), "newest": done.newest_first().first()}
        return htmx.render_page(request, "segments/clear_history.html", context, partial="dialog")
    what = {"by": request.user, "step": step_of(request)}
    try:
        if SegmentLine.objects.filter(segment=segment).order_by()[: steps.MANY + 1].count() > steps.MANY:
            return htmx.redirect(request, steps.start("clear_history", segment, **what))
        made = steps.make("clear_history", segment, **what)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    toast(request, made.sentence)
    return htmx.redirect(request, segment)

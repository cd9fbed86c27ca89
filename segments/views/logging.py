"""Logging a segment: what would go wrong, put right in place; then the button with its number (ui 5.10)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import htmx, undo
from crm.errors import Refusal
from crm.limits import TakesTooLong
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.models import InteractionLogEntry, LoggedSegment
from interactions.views.listing import limited_time
from interactions.views.rows import COLUMNS, list_rows
from segments import actions, editing
from segments.actions.fixes import NobodyIsChosen, NoTemplateIsChosen, NoWords
from segments.history import predecessors, since
from segments.jobs import start_logging
from segments.views import edits
from segments.views.common import find, may_change, may_see
from segments.views.findings import Readiness

JOB_ABOVE = 2_000  # lines; more take longer than two seconds
CHOICES = ("salesperson", "template", "description")  # what a fix may ask
LONGEST = 100  # letters of each

may_log = permission_required("segments.log_segment", raise_exception=True)


# --- the dialog -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
@may_log
def log(request, no):
    """GET shows what would go wrong; POST, with the version and the count that were shown, logs.

    What is to check is shown first, and logged past only with the tick that says it was seen.
    """
    segment = find(request, no)
    if request.method != "POST":
        return show(request, segment)
    version, count = number(request.POST.get("version")), number(request.POST.get("count"))
    follow_up = "follow_up" in request.POST
    if follow_up and not request.user.has_perm("segments.add_segment"):
        raise PermissionDenied
    deliver = "deliver" in request.POST
    if deliver and not request.user.has_perm("interactions.deliver_interactions"):
        raise PermissionDenied
    if "seen" not in request.POST and version == segment.version:
        state = Readiness(segment, request.user, follow_up=follow_up, deliver=deliver)
        if state.to_see and not state.in_the_way:
            return show(request, segment, state=state, unseen=True, status=422)
    options = {"version": version, "count": count, "deliver": deliver, "follow_up": follow_up}
    if count > JOB_ABOVE:
        return htmx.redirect(request, start_logging(segment, by=request.user, **options))
    try:
        logged = actions.log_segment(segment, by=request.user, **options)
    except Refusal as refusal:
        return turned_down(request, segment, refusal)
    return htmx.redirect(request, reverse("segments:logged", args=[logged.pk]) + "?done=1")


def number(text):
    """The number that a page sent; -1, which nothing has, for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else -1


def show(request, segment, *, state=None, unseen=False, asked=None, missing="", status=200, fixed=False):
    """unseen: somebody pressed the button without the tick.  asked: code and detail of the finding whose fix lacks a
    choice, missing: the sentence that asks for it.
    """
    options = ticked(request)
    context = {
        "segment": segment,
        "state": state or Readiness(segment, request.user, **options),
        "unseen": unseen,
        "asked": asked,
        "missing": missing,
        **options,
        "query": query_of(options),
        "fixed": fixed,
        "may_change": request.user.has_perm("segments.change_segment"),
    }
    return htmx.render_page(request, "segments/log.html", context, partial="dialog", status=status)


def ticked(request):
    """{"follow_up", "deliver": whether it is ticked}"""
    return {name: name in request.POST or name in request.GET for name in ("follow_up", "deliver")}


def query_of(options):
    """The same as the end of an address."""
    query = urlencode({name: "on" for name, is_on in options.items() if is_on})
    return f"?{query}" if query else ""


def turned_down(request, segment, refusal):
    """One sentence, and the way to look again; the findings that were shown are out of date."""
    logged = refusal.logged if isinstance(refusal, actions.SegmentAlreadyLogged) else None
    context = {
        "segment": segment,
        "problem": refusal.for_user,
        "logged": logged,
        "gone": isinstance(refusal, actions.SegmentIsGone),
        "query": query_of(ticked(request)),
    }
    return htmx.render_page(request, "segments/log.html", context, partial="dialog", status=422)


@require_POST
@may_log
@may_change
def log_fix(request, no):
    """Put one finding right for all its lines, if it is what was shown, and show the dialog as it is then."""
    segment = find(request, no)
    what = {name: request.POST.get(name, "")[:LONGEST] for name in ("code", "detail", "name")}
    what["choice"] = {name: request.POST.get(name, "")[:LONGEST] for name in CHOICES}
    what |= {name: number(request.POST.get(name)) for name in ("version", "count")}
    try:
        if editing.touches_many("fix", segment, by=request.user, **what):
            return htmx.redirect(request, editing.start("fix", segment, by=request.user, **what))
        done = editing.make("fix", segment, by=request.user, **what)
    except (actions.SegmentAlreadyLogged, actions.SegmentIsGone) as refusal:
        return turned_down(request, segment, refusal)
    except (NobodyIsChosen, NoTemplateIsChosen, NoWords) as refusal:
        asked = (what["code"], what["detail"])
        return show(request, segment, asked=asked, missing=refusal.for_user, status=422)
    except Refusal as refusal:
        toast(request, refusal.for_user, level=messages.WARNING)
    else:
        segment = done.segment  # under another number, perhaps
        if done.step:
            token = undo.offer(request, "go_back", segment=segment.pk, step=done.step.pk)
        else:
            token = edits.offer(request, segment, done.edits)
        toast(request, done.sentence, undo=token, level=messages.SUCCESS if done.count else messages.INFO)
    if not request.htmx:
        address = reverse("segments:log", args=[segment.no])
        return htmx.redirect(request, f"{address}{query_of(ticked(request))}")
    return show(request, find(request, segment.no), fixed=True)


# --- what the contacts of a worksheet did meanwhile ---------------------------------------------------------------------


@require_safe
@may_see
@permission_required("interactions.view_interactionlogentry", raise_exception=True)
def entries(request, no):
    """Entries of the contacts of a segment since it was made, and of the logged segments it comes from."""
    segment = find(request, no)
    before = visible_predecessors(segment, request.user)
    found = InteractionLogEntry.objects.visible_to(request.user).filter(since(segment, before))
    page, too_long = None, ""
    try:
        with limited_time():
            page = ListPage(
                request,
                found.with_marks().values(*COLUMNS),
                ("date", "time", "id"),
                descending=True,
            )
    except TakesTooLong as problem:
        too_long = problem.for_user
    else:
        page.rows = list_rows(page.rows, evaluates=False)
    context = {"segment": segment, "page": page, "too_long": too_long, "predecessors": before}
    return htmx.render_page(request, "segments/log_entries.html", context, partial={"rows": "rows"})


def visible_predecessors(segment, user):
    """The logged segments that *segment* follows, as far as *user* may see them; the latest first."""
    chain = predecessors(segment)
    visible = LoggedSegment.objects.visible_to(user).filter(pk__in=[logged.pk for logged in chain])
    known = set(visible.values_list("pk", flat=True)) if chain else set()
    return [logged for logged in chain if logged.pk in known]

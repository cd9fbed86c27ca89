"""Criteria kept and used again, logged segments used again, mailing groups (R-58, R-59)."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm import htmx, undo
from crm.actions import GroupIsGone
from crm.actions.mailing_groups import Moved
from crm.errors import Refusal
from crm.limits import TakesTooLong, limited
from crm.models import MailingGroup
from crm.parsing.expressions import begins_with, has_inside
from crm.toasts import toast
from crm.views.paging import ListPage
from interactions.models import LoggedSegment
from segments import actions, steps
from segments.criteria import BadCondition, Recipe
from segments.forms.choosing import MailingGroupForm, ReuseSegmentForm, SaveCriteriaForm
from segments.models import SavedCriteria, SegmentLine, StepAction
from segments.views.common import find, lines_of, may_change, refused
from segments.views.counting import SECONDS
from segments.views.making import say, version_of

FOUND = 20  # rows that a look-up answers
FEW_STEPS = 10  # of saved criteria that are done while somebody waits


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@permission_required("segments.view_savedcriteria", raise_exception=True)
def saved(request, no):
    """Criteria that somebody kept, to use or delete; POST keeps those of this segment (R-58)."""
    segment = find(request, no)
    if request.method != "POST":
        return saved_page(request, segment)
    if not request.user.has_perm("segments.add_savedcriteria"):
        raise Http404
    form = SaveCriteriaForm(request.POST)
    if form.is_valid():
        try:
            criteria = actions.save_criteria(segment, by=request.user, **form.cleaned_data)
        except (actions.CodeIsTaken, actions.NoCriteria) as refusal:
            form.add_error("code", refusal.for_user)
        except Refusal as refusal:
            return refused(request, refusal, segment)
        else:
            toast(request, _("Criteria saved as %(code)s.") % {"code": criteria.code})
            return htmx.redirect(request, segment)
    return saved_page(request, segment, form=form, status=422)


def saved_page(request, segment, *, form=None, warn=None, status=200):
    """warn: (SavedCriteria, number of steps that are there already)."""
    context = {
        "segment": segment,
        "page": ListPage(request, SavedCriteria.objects.select_related("created_by"), ("code",)),
        "form": form or SaveCriteriaForm(),
        "step_count": segment.steps.done().count(),
        "warn": warn,
        "version": segment.version,
    }
    return htmx.render_page(request, "segments/saved.html", context, partial="dialog", status=status)


@require_POST
@may_change
@permission_required("segments.view_savedcriteria", raise_exception=True)
def saved_use(request, no, pk):
    """Do saved steps on this segment; where there are steps already it asks first (XS-036)."""
    segment = find(request, no)
    criteria = SavedCriteria.objects.filter(pk=pk).first()
    if criteria is None:
        return refused(request, actions.CriteriaAreGone(), segment)
    what = {"version": version_of(request), "saved": pk, "confirmed": "confirmed" in request.POST}
    try:
        may_run = what["confirmed"] or not segment.steps.done().exists()
        if may_run and reuses_many(request.user, segment, criteria):
            return htmx.redirect(request, steps.start("use_saved", segment, by=request.user, **what))
        made = steps.make("use_saved", segment, by=request.user, **what)
    except actions.HasSteps as refusal:
        return saved_page(request, segment, warn=(criteria, refusal), status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    return say(request, made)


def reuses_many(user, segment, criteria):
    """Whether using saved criteria is a job: more than a few steps, many lines there or found, or nobody knows in time.

    All saved Adds are counted within the seconds of one count.
    """
    if len(criteria.steps) > FEW_STEPS:
        return True
    count = SegmentLine.objects.filter(segment=segment).order_by()[: steps.MANY + 1].count()
    adds = [Recipe.read(step["recipe"]) for step in criteria.steps if step["action"] == StepAction.ADD]
    try:
        with limited(SECONDS):
            for recipe in adds:
                if count > steps.MANY:
                    break
                count += actions.count_candidates(segment, recipe, by=user)["new"]
    except BadCondition:
        return False  # it will be refused
    except TakesTooLong:
        return True
    return count > steps.MANY


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@permission_required("segments.change_savedcriteria", raise_exception=True)
def saved_rename(request, no, pk):
    """Another code or description; the steps stay."""
    segment = find(request, no)
    criteria = get_object_or_404(SavedCriteria, pk=pk)
    shown = {"code": criteria.code, "description": criteria.description}
    form = SaveCriteriaForm(request.POST if request.method == "POST" else None, initial=shown)
    if form.is_valid():
        try:
            actions.rename_criteria(criteria, **form.cleaned_data)
        except actions.CodeIsTaken as refusal:
            form.add_error("code", refusal.for_user)
        except Refusal as refusal:
            return refused(request, refusal, segment)
        else:
            toast(request, _("Criteria saved as %(code)s.") % {"code": form.cleaned_data["code"]})
            return htmx.redirect(request, segment)
    context = {"segment": segment, "criteria": criteria, "form": form}
    status = 422 if form.is_bound else 200
    return htmx.render_page(request, "segments/saved_rename.html", context, partial="dialog", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@permission_required("segments.delete_savedcriteria", raise_exception=True)
def saved_delete(request, no, pk):
    """GET asks, POST deletes; segments that used these criteria keep their steps."""
    segment = find(request, no)
    if request.method != "POST":
        criteria = get_object_or_404(SavedCriteria.objects.select_related("created_by"), pk=pk)
        context = {"segment": segment, "criteria": criteria}
        return htmx.render_page(request, "segments/saved_delete.html", context, partial="dialog")
    gone, _rows = SavedCriteria.objects.filter(pk=pk).delete()
    if gone:
        toast(request, _("Saved criteria deleted."))
    return htmx.redirect(request, segment)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@permission_required("interactions.view_loggedsegment", raise_exception=True)
def reuse(request, no):
    """Add the contacts of a logged segment (R-59)."""
    segment = find(request, no)
    if request.method != "POST":
        return reuse_page(request, segment, ReuseSegmentForm(user=request.user))
    form = ReuseSegmentForm(request.POST, user=request.user)
    if not form.is_valid():
        return reuse_page(request, segment, form, status=422)
    logged = form.cleaned_data["logged"]
    what = {
        "version": version_of(request),
        "logged": logged.pk,
        "confirmed": "confirmed" in request.POST,
    }
    try:
        may_run = what["confirmed"] or not segment.steps.done().exists()
        if may_run and logged.entries.order_by()[: steps.MANY + 1].count() > steps.MANY:
            return htmx.redirect(request, steps.start("use_logged", segment, by=request.user, **what))
        made = steps.make("use_logged", segment, by=request.user, **what)
    except actions.HasSteps as refusal:
        return reuse_page(request, segment, form, warn=refusal, status=422)
    except steps.NobodyToAdd as refusal:
        form.add_error("logged", refusal.for_user)
        return reuse_page(request, segment, form, status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    return say(request, made)


def reuse_page(request, segment, form, *, warn=None, status=200):
    context = {"segment": segment, "form": form, "warn": warn, "version": segment.version}
    return htmx.render_page(request, "segments/reuse.html", context, partial="dialog", status=status)


@require_safe
@permission_required("interactions.view_loggedsegment", raise_exception=True)
def logged_lookup(request):
    """{"results": [{value, text, detail}]} for ?q=: up to 20 logged segments, the latest first."""
    found = LoggedSegment.objects.visible_to(request.user).defer("criteria").order_by("-logged_at", "-pk")
    if words := request.GET.get("q", "").strip()[:100]:
        found = found.filter(begins_with("segment_no", words) | has_inside("description", words))
    rows = [
        {"value": logged.segment_no, "text": logged.description, "detail": logged.segment_no}
        for logged in found[:FOUND]
    ]
    return JsonResponse({"results": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
@permission_required("crm.change_contact", raise_exception=True)
def mailing_group(request, no):
    """Put the contacts of a segment into a mailing group (R-59)."""
    segment = find(request, no)
    form = MailingGroupForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return mailing_group_page(request, segment, form, status=422 if form.is_bound else 200)
    group, clear = form.cleaned_data["group"], form.cleaned_data["clear"]
    what = {"version": version_of(request), "group": group.pk, "clear": clear}
    if clear:
        what["leaving"] = actions.count_leaving(segment, group, by=request.user)
        if what["leaving"] and request.POST.get("leaving") != f"{group.pk}:{what['leaving']}":
            warn = (group, what["leaving"], moves_many(request.user, segment, what["leaving"]))
            return mailing_group_page(request, segment, form, warn=warn, status=422)
    try:
        if moves_many(request.user, segment, what.get("leaving", 0)):
            return htmx.redirect(request, steps.start("mailing_group", segment, by=request.user, **what))
        made = steps.make("mailing_group", segment, by=request.user, **what)
    except (actions.SegmentChanged, actions.OthersLeave) as refusal:
        form.add_error(None, refusal.for_user)
        return mailing_group_page(request, find(request, no), form, status=422)
    except Refusal as refusal:
        return refused(request, refusal, segment)
    return say(request, made)


def moves_many(user, segment, leaving):
    """Whether so many may come into a group or leave it that it is a job; then there is no undo."""
    return max(leaving, lines_of(segment, user).order_by()[: steps.MANY + 1].count()) > steps.MANY


def undo_mailing_group(user, group, joined, left):
    found = MailingGroup.objects.filter(pk=group).first()
    if found is None:
        raise GroupIsGone
    actions.take_back_mailing_group(found, Moved(joined, left), by=user)
    return _("The mailing group %(group)s is as it was.") % {"group": found}


undo.register("mailing_group", undo_mailing_group, permission="crm.change_contact")


def mailing_group_page(request, segment, form, *, warn=None, status=200):
    """warn: (MailingGroup, how many contacts would leave it, whether for good), to be confirmed by pressing again."""
    context = {"segment": segment, "form": form, "warn": warn, "version": segment.version}
    return htmx.render_page(request, "segments/mailing_group.html", context, partial="dialog", status=status)

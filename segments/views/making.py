"""Making steps from a page: which version it showed, what is said afterwards, and taking them back."""

from django.contrib import messages
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import pgettext

from crm import htmx, undo
from crm.toasts import toast
from segments import actions, steps
from segments.models import Segment, SegmentLine


def version_of(request):
    """The version that the form was written at; one that makes no sense is not the present one."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) <= 9 else -1


def step_of(request):
    """The id of the step that the page showed as the newest; one that makes no sense is none of the segment's."""
    step = request.POST.get("step", "")
    return int(step) if step.isdecimal() and len(step) <= 18 else -1


def say(request, made):
    """Back to the card, with what was done and the way to undo it."""
    token, link = None, None
    segment = made.segment
    if made.undo:
        name, payload = made.undo
        token = undo.offer(request, name, **payload)
    if made.steps and made.changed and not SegmentLine.objects.filter(segment=segment).exists():
        link = (
            reverse("segments:clear_history", args=[segment.no]),
            pgettext("criteria", "Clear history"),
        )
    level = messages.SUCCESS if made.changed else messages.INFO
    toast(request, made.sentence, undo=token, link=link, level=level)
    return htmx.redirect(request, segment)


def visible(user, pk):
    segment = Segment.objects.visible_to(user).filter(pk=pk).first()
    if segment is None:
        raise actions.SegmentIsGone
    return segment


def undo_go_back(user, segment, step):
    return taken_back(user, segment, "go_forward", [step], step=step)


def undo_steps(user, segment, made):
    return taken_back(user, segment, "take_back", made, made=made)


def taken_back(user, segment, verb, ids, **what):
    """The sentence of *verb*, which is about the steps *ids*, or the Job that moves so many lines."""
    segment = visible(user, segment)
    lines = segment.steps.filter(pk__in=ids).aggregate(lines=Sum("changed"))["lines"] or 0
    if lines > steps.MANY:
        return steps.start(verb, segment, by=user, **what)
    return steps.make(verb, segment, by=user, **what).sentence


def undo_step(user, segment, step):
    return undo_steps(user, segment, [step])


undo.register("go_forward", undo_go_back, permission="segments.change_segment")
undo.register("go_back", undo_step, permission="segments.change_segment")
undo.register("go_back_all", undo_steps, permission="segments.change_segment")

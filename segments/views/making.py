"""Making steps from a page: which version it showed, what is said afterwards, and taking them back."""

from django.contrib import messages
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
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
    if made.steps:
        token = undo.offer(request, "go_back_all", segment=segment.pk, made=[step.pk for step in made.steps])
        if made.changed and not SegmentLine.objects.filter(segment=segment).exists():
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
    step = actions.go_forward(visible(user, segment), by=user, step=step)
    return _("Step %(number)s is in force again.") % {"number": step.number}


def undo_steps(user, segment, made):
    """made: ids of the steps. Returns the sentence, or the Job that takes many lines back."""
    segment = visible(user, segment)
    lines = segment.steps.filter(pk__in=made).aggregate(lines=Sum("changed"))["lines"] or 0
    if lines > steps.MANY:
        return steps.start("take_back", segment, by=user, made=made)
    return steps.make("take_back", segment, by=user, made=made).sentence


def undo_step(user, segment, step):
    return undo_steps(user, segment, [step])


undo.register("go_forward", undo_go_back, permission="segments.change_segment")
undo.register("go_back", undo_step, permission="segments.change_segment")
undo.register("go_back_all", undo_steps, permission="segments.change_segment")

"""What the pages of segments share: finding one, and saying what an action refused."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from crm import htmx
from crm.toasts import toast
from interactions.models import LoggedSegment
from segments.actions import SegmentAlreadyLogged, SegmentIsGone
from segments.models import Segment, SegmentLine

WITH = ("template", "salesperson", "campaign", "changed_by", "follow_up_of")


def may(permission):
    """A decorator of views of segments: who lacks *permission* gets 403, who finds the segment logged gets its card."""

    def decorate(view):
        @wraps(view)
        def see_or_follow(request, *args, **kwargs):
            try:
                return view(request, *args, **kwargs)
            except Http404:
                logged = logged_as(kwargs.get("no"), request.user)
                if logged is None:
                    raise
                return refused(request, SegmentAlreadyLogged(logged), None)

        return permission_required(permission, raise_exception=True)(see_or_follow)

    return decorate


may_see = may("segments.view_segment")
may_change = may("segments.change_segment")


def logged_as(no, user):
    """What became of the worksheet *no*, if it was logged and *user* may see that; else None."""
    if not user.has_perm("interactions.view_loggedsegment") or Segment.objects.filter(no=no).exists():
        return None
    return LoggedSegment.objects.visible_to(user).filter(segment_no=no).first()


def find(request, no):
    """The segment *no* that the reader may see, with what its card names; else 404."""
    found = Segment.objects.visible_to(request.user).select_related(*WITH).defer("follow_up_of__criteria")
    return get_object_or_404(found, no=no)


def refused(request, refusal, segment):
    """Back to where the segment is now, with the sentence of *refusal*."""
    toast(request, refusal.for_user, level=messages.WARNING)
    if isinstance(refusal, SegmentAlreadyLogged):
        return htmx.redirect(request, reverse("segments:logged", args=[refusal.logged.pk]))
    if isinstance(refusal, SegmentIsGone):
        return htmx.redirect(request, reverse("segments:segments"))
    return htmx.redirect(request, segment)


def lines_of(segment, user):
    """Lines whose contact *user* may see."""
    return SegmentLine.objects.filter(segment=segment).visible_to(user)

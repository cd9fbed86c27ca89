"""Where a worksheet comes from, and what happened with its contacts since."""

from django.db.models import Q
from django.utils import timezone

from interactions.models import LoggedSegment
from segments.criteria import OF_LOGGED
from segments.models import SegmentLine

MOST_PREDECESSORS = 20


def predecessors(segment):
    """The logged segments that *segment* follows, the latest first; each one says in its criteria what it followed."""
    chain, seen = [], set()
    logged = segment.follow_up_of
    while logged is not None and logged.pk not in seen and len(chain) < MOST_PREDECESSORS:
        chain.append(logged)
        seen.add(logged.pk)
        number = followed(logged)
        # With the criteria, at once: they are what is read of it.
        logged = LoggedSegment.objects.defer(None).filter(segment_no=number).first() if number else None
    return chain


def followed(logged):
    """The number of the logged segment that the criteria of *logged* began with, or ""."""
    for step in logged.criteria:
        for condition in step.get("recipe", {}).get("conditions", ()):
            if condition.get("field") == OF_LOGGED.name and condition.get("value"):
                return condition["value"][0]
    return ""


def since(segment, before):
    """The Q over entries of the contacts of *segment* from the day it was made on, and of the segments *before* it."""
    contacts = SegmentLine.objects.filter(segment=segment).values("contact")
    found = Q(date__gte=timezone.localdate(segment.created_at), contact__in=contacts)
    if before:
        found |= Q(logged_segment__in=[logged.pk for logged in before])
    return found

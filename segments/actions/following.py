"""A new segment of the contacts that a logged one reached."""

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BigIntegerField, Count, Min, Q, Value
from django.db.models.functions import NullIf
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.bulk import insert_from_select
from crm.errors import Refusal
from interactions.actions.registers import LoggedSegmentIsGone
from interactions.models import LoggedSegment
from segments.criteria import Recipe
from segments.models import CriteriaStep, Segment, SegmentLine, StepAction, StepOrigin

from .segments import next_number


class FollowedIsCanceled(Refusal):
    sentence = _("Logged segment %(segment)s is canceled. Reinstate it to follow it up.")


class NobodyToFollow(Refusal):
    sentence = _(
        "There is nobody to follow up in logged segment %(segment)s: no contact is left that may come into a segment."
    )


class FollowedAlready(Refusal):
    """There is another follow-up than the page showed; `.segment` is the newest one."""

    sentence = _("The follow-up segment %(segment)s exists already. No other one was made.")

    def __init__(self, segment):
        self.segment = segment
        super().__init__(segment=segment.no)


@dataclass(frozen=True)
class Followed:
    """The new segment, how many contacts it has, and how many stayed out: blocked for privacy, or excluded."""

    segment: Segment
    contacts: int
    left_out: int


@transaction.atomic
def follow_up_on(logged, *, by, newest=None):
    """A new segment of the contacts of *logged*, each in its campaign and otherwise fresh; return Followed (R-66).

    Canceled entries do not count; contacts that are blocked or excluded stay out. The number is taken last, so that the
    series is locked for a moment only. newest: id of the newest follow-up that the page showed, 0 for none; None asks
    nothing. Raises LoggedSegmentIsGone, FollowedIsCanceled, FollowedAlready, NobodyToFollow, NoSegmentNumbers,
    NumberSeriesProblem.
    """
    # Locked, or it could be canceled while its contacts are read.
    found = LoggedSegment.objects.select_for_update().filter(pk=logged.pk).first()
    if found is None:
        raise LoggedSegmentIsGone
    if found.is_canceled:
        raise FollowedIsCanceled(segment=found.segment_no)
    if newest is not None:
        latest = newest_follow_up(found)
        if latest is not None and latest.pk > newest:
            raise FollowedAlready(latest)
    followed = write_follow_up(found, by=by)
    if not followed.contacts:
        raise NobodyToFollow(segment=found.segment_no)
    return followed


def newest_follow_up(logged):
    return Segment.objects.filter(follow_up_of=logged).order_by("-pk").first()


def write_follow_up(logged, *, by):
    """`follow_up_on`, inside the transaction of whoever logs; there it may be empty."""
    reached = logged.entries.counting().filter(contact__isnull=False).order_by()
    may_follow = Q(contact__privacy_blocked=False, contact__exclude_from_segment=False)
    by_campaign = reached.values_list("campaign").annotate(
        all=Count("pk"), following=Count("pk", filter=may_follow)
    )
    counts = [tuple(row) for row in by_campaign]
    total = sum(size for _pk, size, _following in counts)
    expected = sum(following for _pk, _size, following in counts)
    campaign = campaign_of_all({pk: following for pk, _size, following in counts if following})
    segment = new_segment(logged, campaign, by=by)
    step = CriteriaStep.objects.create(
        segment=segment,
        number=1,
        action=StepAction.ADD,
        origin=StepOrigin.LOGGED,
        recipe=Recipe.of_logged_segment(logged).as_json(),
        logged_segment=logged,
        changed=expected,
        lines_after=expected,
        created_by=by,
        created_at=segment.changed_at,
    )
    # Two contacts that were merged since are one line.
    contacts = reached.filter(may_follow).values("contact").annotate(first=Min("segment_line_no"))
    written = insert_from_select(
        SegmentLine,
        contacts.annotate(other=NullIf(Min("campaign"), Value(campaign, BigIntegerField()))).order_by(
            "first"
        ),
        segment=Value(segment.pk),
        contact="contact",
        added_by=Value(step.pk),
        own_campaign="other",
        without_letter=Value(False),
        attempt_failed=Value(False),
    )
    if written != expected:
        step.changed = step.lines_after = written
        step.save(update_fields=["changed", "lines_after"])
    segment.no = next_number()
    segment.save(update_fields=["no"])
    return Followed(segment, written, total - expected)


def campaign_of_all(contacts):
    """The campaign that the header of a follow-up may say: the most frequent one, if every contact was in some.

    contacts: {id of a campaign, or None: how many}.  A line cannot say that it is in none.
    """
    if None in contacts or not contacts:
        return None
    return min(contacts, key=lambda pk: (-contacts[pk], pk))


def new_segment(logged, campaign, *, by):
    """The empty segment, with a number for the time being."""
    now = timezone.now()
    return Segment.objects.create(
        no=f"~{uuid.uuid4().hex[:19]}",
        description=gettext("Follow-up on segment %(segment)s") % {"segment": logged.segment_no},
        salesperson=by.own_salesperson,
        date=clock.today(),
        campaign_id=campaign,
        follow_up_of=logged,
        created_by=by,
        changed_by=by,
        changed_at=now,
    )


def left_out_of(follow_up):
    """How many contacts of the logged segment stayed out of *follow_up* when it was made; 0 when its history is gone."""
    step = follow_up.steps.filter(logged_segment=follow_up.follow_up_of_id).order_by("number").first()
    if step is None:
        return 0
    reached = follow_up.follow_up_of.entries.counting().filter(contact__isnull=False).count()
    return max(reached - step.changed, 0)

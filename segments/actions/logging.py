"""Logging a segment: one entry per contact, the worksheet archived, all or nothing, once (R-60 to R-66)."""

import logging
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    TimeField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crm import clock
from crm.bulk import insert_from_select
from crm.errors import Refusal
from crm.models import Channel
from interactions.actions.attachments import drop_unused_later
from interactions.actions.deliveries import queue_deliveries
from interactions.actions.documents import freeze_letters, our_company
from interactions.models import (
    CampaignEntry,
    Delivery,
    DeliveryReason,
    InteractionLogEntry,
    LoggedSegment,
)
from segments.models import Segment, SegmentLine
from segments.signals import segment_logged, segment_logging

from .choosing import criteria_of
from .following import write_follow_up
from .preflight import blocking_preflight, blocking_q, obstacles_of
from .segments import SegmentAlreadyLogged, lock_segment, remove_worksheet

logger = logging.getLogger(__name__)

MOST_NAMED = 20  # campaign entries

# The columns of the ledger that effective() fills under the same name.
FROM_LINE = (
    "contact",
    "contact_company",
    "salesperson",
    "team",
    "template",
    "group",
    "description",
    "subject",
    "language",
    "direction",
    "initiated_by",
    "cost",
    "minutes",
    "evaluation",
    "attempt_failed",
    "attachment",
    "campaign",
    "campaign_target",
    "campaign_response",
    "date",
)


class CountChanged(Refusal):
    """The number on the button is not the number of lines any more."""

    sentence = _("The segment has %(count)s lines now, not %(shown)s. Nothing was logged; check it again.")


class ContactsChanged(Refusal):
    """What lines are logged with was changed elsewhere (a contact, a template) between the check and the writing."""

    sentence = _(
        "A contact or a template was changed while the segment was being logged. Nothing was logged; check it again."
    )


class LinesNotReady(Refusal):
    """`.preflight`, which looks at what blocks only, says which lines keep the whole segment from being logged."""

    sentence = ngettext_lazy(
        "Nothing was logged: %(count)d line is not ready. Check the segment.",
        "Nothing was logged: %(count)d lines are not ready. Check the segment.",
        "count",
    )

    def __init__(self, preflight):
        self.preflight = preflight
        super().__init__(count=preflight.blocked)


def log_segment(segment, *, by, version=None, count=None, deliver=False, follow_up=False):
    """Write one entry for each line of *segment*, archive it, and return its LoggedSegment; all or nothing.

    version, count: what the dialog showed.  deliver: send e-mails and put letters with those to print; workers begin
    after the commit.  follow_up: make a new segment of the same contacts; it is `logged.follow_ups`.

    Raises SegmentAlreadyLogged, NoDescription, SegmentIsEmpty, LinesNotReady (in this order, R-61), SegmentChanged,
    CountChanged, ContactsChanged, SegmentIsGone, NoSegmentNumbers, NumberSeriesProblem, and what a receiver of
    `segment_logging` raises.
    """
    try:
        with transaction.atomic():
            return _log(segment, version, count, deliver, follow_up, by=by)
    except IntegrityError as error:
        # Somebody logged the number meanwhile, or removed a row that lines are logged with.
        already = LoggedSegment.objects.filter(segment_no=segment.no).first()
        if already is not None:
            raise SegmentAlreadyLogged(already) from None
        logger.warning("Segment %s could not be logged.", segment.no, exc_info=True)
        raise ContactsChanged from error


def _log(segment, version, count, deliver, follow_up, *, by):
    segment = lock_segment(segment, by=by, version=version)
    lines = SegmentLine.objects.filter(
        segment=segment
    ).effective()  # once: this alone takes Python ten milliseconds
    ready = check_segment(segment, lines, count=count, deliver=deliver)
    segment_logging.send(Segment, segment=segment, lines=lines, by=by)
    logged = register(segment, by=by)
    if write_entries(segment, lines, logged, by=by, deliver=deliver) != ready:
        raise ContactsChanged
    entries = InteractionLogEntry.objects.filter(logged_segment=logged)
    freeze_letters(entries)
    if deliver:
        send(entries, logged, by=by)
    if follow_up:
        write_follow_up(logged, by=by)
    files = remove_worksheet(segment, logged=True)
    drop_unused_later(files)
    transaction.on_commit(
        partial(segment_logged.send_robust, LoggedSegment, logged=logged, entries=entries, by=by)
    )
    return logged


def check_segment(segment, lines=None, *, count, deliver):
    """How many lines are to be logged. Raises what keeps *segment* from being logged, in the order of R-61.

    lines: its effective ones, from whoever has them already.
    """
    result = blocking_preflight(segment, lines, deliver=deliver)
    if not segment.description or not result.lines or result.blocked:
        # Only now: a number that was logged already is refused by the register anyway.
        for obstacle in obstacles_of(segment, result.lines):
            raise obstacle
    if count is not None and count != result.lines:
        raise CountChanged(count=result.lines, shown=count)
    if result.blocked:
        raise LinesNotReady(result)
    return result.lines


def register(segment, *, by):
    """The row that says the run happened; its UNIQUE number is why it cannot happen twice (IntegrityError)."""
    return LoggedSegment.objects.create(
        segment_no=segment.no,
        description=segment.description,
        criteria=criteria_of(segment),
        company=our_company(),
        logged_at=timezone.now(),
        logged_by=by,
    )


def send(entries, logged, *, by):
    """Queue the deliveries of *entries*. Those of contacts that opted out were announced: nobody need look at them again."""
    if queue_deliveries(entries, by=by).left_out:
        opted_out = Delivery.objects.filter(entry__logged_segment=logged, reason=DeliveryReason.OPTED_OUT)
        opted_out.settle(by=by)


def write_entries(segment, lines, logged, *, by, deliver=False):
    """The entries of all *lines* (effective) by one statement; return how many.

    An e-mail to nobody is recorded without channel (R-69).
    Contacts, salespeople and templates are not locked: the statement itself leaves out what has become unfit since it
    was checked, and then the number is not the one that was checked.
    """
    made = make_campaign_entries(segment, lines, logged, by=by)
    campaign_entry = entry_of_campaign(logged, made)
    nobody = Q(channel=Channel.EMAIL, contact__email="")
    effective = lines.with_team().annotate(
        channel_logged=Case(When(nobody, then=Value("")), default=F("channel"), output_field=CharField()),
        campaign_entry=campaign_entry,
        time_logged=Coalesce("own_time", Value(clock.this_minute()[1], TimeField())),
    )
    nothing = dict.fromkeys(
        ("address_code", "contact_via", "document_no", "document_url", "opportunity_no", "opportunity_url"),
        Value(""),
    )
    return insert_from_select(
        InteractionLogEntry,
        effective.exclude(blocking_q(deliver)).filter(with_its_entry(logged, made)).order_by("pk"),
        **{name: name for name in FROM_LINE},
        channel="channel_logged",
        time="time_logged",
        campaign_entry="campaign_entry",
        segment_no=Value(segment.no),
        segment_line_no="pk",
        logged_segment=Value(logged.pk),
        logged_at=Value(logged.logged_at, DateTimeField()),
        logged_by=Value(by.pk),
        document_version=Value(0),
        canceled_reason=Value(""),
        canceled_with=Value(""),
        **nothing,
    )


def entry_of_campaign(logged, made):
    """The expression over effective lines for their campaign entry, one of *made*; a few are named, which is faster."""
    if len(made) > MOST_NAMED:
        found = CampaignEntry.objects.filter(logged_segment=logged, campaign=OuterRef("campaign"))
        return Subquery(found.values("pk"))
    named = [When(campaign=row.campaign_id, then=Value(row.pk)) for row in made]
    return Case(*named, default=None, output_field=BigIntegerField())


def with_its_entry(logged, made):
    """The Q over effective lines without a campaign, or with one that has its campaign entry."""
    if len(made) > MOST_NAMED:
        known = CampaignEntry.objects.filter(logged_segment=logged).values("campaign")
    else:
        known = [row.campaign_id for row in made]
    return Q(campaign=None) | Q(campaign__in=known)


def make_campaign_entries(segment, lines, logged, *, by):
    """One campaign entry for each campaign of the lines, dated and assigned as its first line (R-97)."""
    of_campaigns = lines.exclude(campaign=None).order_by().values("campaign")
    firsts = lines.filter(pk__in=of_campaigns.annotate(first=Min("pk")).values("first"))
    made = [
        CampaignEntry(
            campaign_id=campaign,
            description=segment.description,
            date=date,
            salesperson_id=salesperson,
            segment_no=segment.no,
            logged_segment=logged,
            created_by=by,
            created_at=logged.logged_at,
        )
        for campaign, date, salesperson in firsts.order_by("pk").values_list(
            "campaign", "date", "salesperson"
        )
    ]
    return CampaignEntry.objects.bulk_create(made)

"""A verb on a segment as a job: choosing contacts and changing lines do it alike."""

from django.db import transaction
from django.utils.translation import pgettext

from crm import jobs
from crm.errors import Refusal
from segments import actions
from segments.models import Segment


def in_job(job, progress, segment, do):
    """What *job* comes to by *do* on the segment with that id (None: on one that is still to be made).

    do: Segment or None -> what has `segment`, `sentence` and `undo` ([name, payload] of `crm.undo`, or None). All of it
    is one transaction, and the page of the job leads to the segment, also when it was refused.
    """
    found = None
    if segment is not None:
        found = Segment.objects.visible_to(job.by).filter(pk=segment).first()
        if found is None:
            raise actions.SegmentIsGone
    progress.stage(pgettext("stage of changing lines", "Writing"))
    try:
        with transaction.atomic():
            done = do(found)
            return jobs.settle(job, {"text": done.sentence, "link": link_to(done.segment), "undo": done.undo})
    except Refusal as refusal:
        refusal.link = refusal.link or (found and link_to(found))
        raise


def link_to(segment):
    return [segment.get_absolute_url(), str(segment)]

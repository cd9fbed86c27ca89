"""Logging that outlives a request (see `crm.jobs`)."""

from django.db import transaction
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm import formats, jobs
from crm.errors import Refusal
from crm.models import Channel
from interactions.jobs import NotAllowed
from interactions.models import Delivery, DeliveryState, InteractionLogEntry, LoggedSegment
from segments import actions
from segments.actions.following import left_out_of
from segments.actions.logging import check_segment
from segments.models import Segment


def start_logging(segment, *, by, version, count, follow_up, deliver=False):
    """The job that logs *segment* if it still is what the dialog showed."""
    return jobs.start(
        "log_segment",
        by=by,
        title=_("Logging segment %(segment)s") % {"segment": segment.no},
        segment=segment.pk,
        number=segment.no,
        version=version,
        count=count,
        follow_up=follow_up,
        deliver=deliver,
    )


@jobs.kind("log_segment")
def log_segment(job, progress, *, segment, number, version, count, follow_up, deliver=False):
    """Logs the segment of which the dialog showed *version* and *count*.

    The stages are committed before the transaction that writes: nobody could read them from inside (heart 7).
    """
    if not job.by.has_perm("segments.log_segment"):
        raise NotAllowed
    if follow_up and not job.by.has_perm("segments.add_segment"):
        raise NotAllowed
    if deliver and not job.by.has_perm("interactions.deliver_interactions"):
        raise NotAllowed
    options = {"version": version, "count": count, "follow_up": follow_up, "deliver": deliver}
    result = write(job, progress, segment, number, **options)
    progress.stage(pgettext("stage of logging a segment", "Logged"))
    return result


def write(job, progress, pk, number, *, version, count, deliver, **options):
    found = Segment.objects.visible_to(job.by).select_related("changed_by").filter(pk=pk).first()
    if found is None:
        elsewhere = LoggedSegment.objects.filter(segment_no=number).first()
        raise actions.SegmentAlreadyLogged(elsewhere) if elsewhere else actions.SegmentIsGone()
    try:
        progress.stage(pgettext("stage of logging a segment", "Checking"))
        if found.version != version:
            raise actions.SegmentChanged(found, by=job.by)
        check_segment(found, count=count, deliver=deliver)
        progress.stage(pgettext("stage of logging a segment", "Writing"))
        with transaction.atomic():
            logged = actions.log_segment(
                found, by=job.by, version=version, count=count, deliver=deliver, **options
            )
            link = [
                reverse("segments:logged", args=[logged.pk]),
                _("Logged segment %(no)s") % {"no": number},
            ]
            return jobs.settle(job, {"text": done_sentence(logged), "link": link})
    except Refusal as refusal:
        refusal.link = [reverse("segments:log", args=[found.no]), _("Check again")]
        raise


def done_sentence(logged):
    """Such as "41 interactions logged. 38 e-mails to send, 3 letters to print. Follow-up segment SM00022 created."."""
    count = InteractionLogEntry.objects.filter(logged_segment=logged).count()
    sentence = ngettext("%(count)s interaction logged.", "%(count)s interactions logged.", count) % {
        "count": formats.integer(count)
    }
    waiting = Delivery.objects.filter(entry__logged_segment=logged).exclude(state=DeliveryState.ERROR)
    counts = dict(waiting.order_by().values_list("channel").annotate(Count("pk")))
    if counts:
        sentence += " " + sent_sentence(counts.get(Channel.EMAIL, 0), counts.get(Channel.HARD_COPY, 0))
    follow_up = logged.follow_ups.order_by("pk").first()
    if follow_up is not None:
        sentence += " " + _("Follow-up segment %(segment)s created.") % {"segment": follow_up.no}
        if left_out := left_out_of(follow_up):
            more = ngettext(
                "%(count)s contact was left out of it: blocked for privacy or excluded from segments.",
                "%(count)s contacts were left out of it: blocked for privacy or excluded from segments.",
                left_out,
            )
            sentence += " " + more % {"count": formats.integer(left_out)}
    return sentence


def sent_sentence(emails, letters):
    """Such as "38 e-mails to send, 3 letters to print."."""
    words = []
    if emails or not letters:
        words.append(
            ngettext("%(count)s e-mail to send", "%(count)s e-mails to send", emails)
            % {"count": formats.integer(emails)}
        )
    if letters:
        words.append(
            ngettext("%(count)s letter to print", "%(count)s letters to print", letters)
            % {"count": formats.integer(letters)}
        )
    return f"{', '.join(words)}."

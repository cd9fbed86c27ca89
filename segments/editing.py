"""Verbs on many lines of a segment, and its follow-up, at once or, when they may take longer, as a job.

Which lines is data that a job can carry: {"ids": […]} are boxes that were ticked, {"check": code, "language": tag} all
lines with that finding ("" or "any" for all with some), {} all lines. version, count: what the page showed of the segment
and of these lines; None where it showed none. Lines whose contact the user does not see are left
alone, except by a fix: a segment is logged whole.
"""

from dataclasses import dataclass, replace
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm import formats, jobs
from crm.errors import Refusal
from crm.models import Salesperson
from interactions.jobs import NotAllowed
from interactions.models import InteractionTemplate, LoggedSegment
from segments import actions
from segments.actions.fixes import find_fix, fix
from segments.actions.fixes import found as lines_to_fix
from segments.actions.following import follow_up_on
from segments.actions.lines import expect
from segments.actions.segments import lock_segment
from segments.background import in_job, link_to
from segments.models import Segment, SegmentLine
from segments.steps import MANY


class ChoiceIsGone(Refusal):
    sentence = gettext_lazy("What you chose is not available any more. Choose again.")


@dataclass(frozen=True)
class Edited:
    """What came of it. step: the CriteriaStep of a removal, edits: the SegmentEdits, for undo.  segment: as it is then."""

    sentence: str
    segment: Segment
    count: int = 0
    step: object = None
    edits: tuple = ()

    @property
    def undo(self):
        """The offer to take it back, as `crm.undo` and a job hold it: [name, payload]; None where there is none."""
        if self.step:
            return ["go_back", {"segment": self.segment.pk, "step": self.step.pk}]
        if self.edits:
            edits = [edit.pk for edit in self.edits]
            return ["take_edits_back", {"segment": self.segment.pk, "edits": edits}]
        return None


def chosen_lines(segment, which, *, user):
    """The queryset of the lines that *which* means and *user* sees."""
    lines = SegmentLine.objects.filter(segment=segment).visible_to(user)
    if "ids" in which:
        return lines.filter(pk__in=which["ids"])
    if "check" not in which:
        return lines
    code = "" if which["check"] == "any" else which["check"]
    all_lines = SegmentLine.objects.filter(segment=segment)
    found = actions.lines_with(all_lines, code, which.get("language", ""))
    return lines.filter(pk__in=found.order_by().values("pk"))


# --- verbs ------------------------------------------------------------------------------------------------------------


def change(segment, *, by, which, values, version=None, count=None):
    """values: codes of rows, or plain values; None as the segment says."""
    values = {name: row_of(name, value, by=by) for name, value in values.items()}
    lines = chosen_lines(segment, which, user=by)
    changed = actions.change_lines(segment, lines, by=by, version=version, count=count, **values)
    return Edited(changed_sentence(changed), segment, changed)


def row_of(name, value, *, by):
    rows = {
        "template": InteractionTemplate.objects.active(),
        "salesperson": Salesperson.objects.visible_to(by).active(),
    }
    if value is None or name not in rows:
        return value
    row = rows[name].filter(code=value).first()
    if row is None:
        raise ChoiceIsGone
    return row


def reset(segment, *, by, which, count=None):
    count = actions.reset_lines(segment, chosen_lines(segment, which, user=by), by=by, count=count)
    sentence = ngettext(
        "%(count)s line follows the segment again.", "%(count)s lines follow the segment again.", count
    )
    return Edited(sentence % {"count": formats.integer(count)}, segment, count)


@transaction.atomic
def remove(segment, *, by, which, count=None):
    lines = chosen_lines(segment, which, user=by)
    if count is not None:
        segment = lock_segment(segment, by=by)
        expect(lines.count(), count)
    step = actions.remove_lines(segment, lines, by=by)
    return Edited(removed_sentence(step.changed), segment, step.changed, step)


def put_right(segment, *, by, code, detail, name, choice, version=None, count=None):
    """A fix of the log dialog. choice: {what the fix asks: code of a row, or words}."""
    chosen = find_fix(code, name)
    values = {}
    if chosen.asks:
        value = choice.get(chosen.asks) or None
        values[chosen.asks] = (
            (value or "") if chosen.asks == "description" else asked_row(chosen, value, by=by)
        )
    done = fix(segment, code, detail, name=name, by=by, version=version, count=count, **values)
    if done.step is not None:
        sentence = removed_sentence(done.count)
    elif done.count:
        sentence = changed_sentence(done.count)
    elif done.segment is not None:
        sentence = _("Segment saved.")
    else:
        sentence = _("There was nothing left to put right.")
    return Edited(sentence, done.segment or segment, done.count or int(done.segment is not None), done.step)


def asked_row(chosen, value, *, by):
    """The row that was chosen, or None: the fix says then what is missing."""
    try:
        return row_of(chosen.asks, value, by=by)
    except ChoiceIsGone:
        return None


def take_back(segment, *, by, edits):
    """Undo of the others. edits: ids."""
    if actions.take_edits_back(segment, edits, by=by):
        return Edited(_("Everything is as it was before."), segment, 1)
    sentence = _("Taken back, except where somebody changed something again meanwhile.")
    return Edited(sentence, segment, 1)


VERBS = {"change": change, "reset": reset, "remove": remove, "fix": put_right, "take_back": take_back}


def changed_sentence(count):
    sentence = ngettext("%(count)s line changed.", "%(count)s lines changed.", count)
    return sentence % {"count": formats.integer(count)}


def removed_sentence(count):
    sentence = ngettext("%(count)s line removed.", "%(count)s lines removed.", count)
    return sentence % {"count": formats.integer(count)}


def followed_sentence(followed):
    """Such as "Segment SM00022 created with 40 contacts; 2 left out: blocked for privacy or excluded from segments."."""
    values = {"no": followed.segment.no, "count": formats.integer(followed.contacts)}
    if not followed.left_out:
        sentence = ngettext(
            "Segment %(no)s created with %(count)s contact.",
            "Segment %(no)s created with %(count)s contacts.",
            followed.contacts,
        )
        return sentence % values
    sentence = ngettext(
        "Segment %(no)s created; contacts: %(count)s. %(left)s was left out: blocked for privacy or excluded from"
        " segments.",
        "Segment %(no)s created; contacts: %(count)s. %(left)s were left out: blocked for privacy or excluded from"
        " segments.",
        followed.left_out,
    )
    return sentence % (values | {"left": formats.integer(followed.left_out)})


# --- at once, or as a job ---------------------------------------------------------------------------------------------


def touches_many(verb, segment, *, by, **what):
    """Whether *verb* reaches so many lines that it is a job. A small segment is not looked through for that."""
    lines = SegmentLine.objects.filter(segment=segment)
    if lines.order_by()[: MANY + 1].count() <= MANY:
        return False
    if verb == "fix":
        reached = lines_to_fix(segment, what["code"], what["detail"])
    else:
        reached = chosen_lines(segment, what["which"], user=by)
    return reached.order_by()[: MANY + 1].count() > MANY


def make(verb, segment, *, by, **what):
    """Do *verb* on *segment*; return Edited. what: JSON that says what is meant. Raises what the action refuses."""
    with actions.recorded() as edits:
        done = VERBS[verb](segment, by=by, **what)
    return replace(done, edits=tuple(edits))


def start(verb, segment, *, by, **what):
    """A Job that does *verb*; see `make`."""
    return jobs.start(
        "edit_lines",
        by=by,
        title=_("Lines of segment %(segment)s") % {"segment": segment.no},
        segment=segment.pk,
        verb=verb,
        what=what,
    )


@jobs.kind("edit_lines")
def edit_lines(job, progress, *, segment, verb, what):
    if not job.by.has_perm("segments.change_segment"):
        raise NotAllowed
    return in_job(job, progress, segment, partial(make, verb, by=job.by, **what))


def start_follow_up(logged, *, by, newest):
    return jobs.start(
        "follow_up",
        by=by,
        title=_("Follow-up on segment %(segment)s") % {"segment": logged.segment_no},
        logged=logged.pk,
        newest=newest,
    )


@jobs.kind("follow_up")
def follow_up(job, progress, *, logged, newest):
    if not job.by.has_perm("segments.add_segment"):
        raise NotAllowed
    found = LoggedSegment.objects.visible_to(job.by).filter(pk=logged).first()
    if found is None:
        raise ChoiceIsGone
    progress.stage(pgettext("stage of changing lines", "Writing"))
    with transaction.atomic():
        made = follow_up_on(found, by=job.by, newest=newest)
        return jobs.settle(job, {"text": followed_sentence(made), "link": link_to(made.segment)})

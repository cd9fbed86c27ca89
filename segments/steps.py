"""Making steps of choosing contacts, at once or, when they touch many lines, as a job."""

from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import formats, jobs
from crm.actions import GroupIsGone
from crm.errors import Refusal
from crm.models import MailingGroup
from crm.selection import selected
from interactions.jobs import NotAllowed
from interactions.models import LoggedSegment
from segments import actions
from segments.background import in_job
from segments.criteria import Recipe
from segments.models import SavedCriteria, Segment

MANY = 20_000  # lines: more of them are a job


class NobodyToAdd(Refusal):
    """What would change nothing is no step: pages ask before, and this is for whoever was faster."""

    sentence = gettext_lazy("Nobody was added: whoever matches is in already, or may not come in.")


class NothingChanges(Refusal):
    sentence = gettext_lazy("Nothing was done: the steps of %(code)s change no line of this segment today.")


class NoLineToRemove(Refusal):
    sentence = gettext_lazy("No line was removed: there is none to remove.")


@dataclass(frozen=True)
class Made:
    """What came of it. steps: the new ones, of a verb that makes some.  sentence: for people.

    undo: the offer to take it back, as `crm.undo` and a job hold it: [name, payload]; None where there is none.
    """

    segment: Segment
    sentence: str
    steps: tuple = ()
    changed: int = 0
    undo: list | None = None

    @classmethod
    def by_steps(cls, segment, sentence, *made):
        undo = ["go_back_all", {"segment": segment.pk, "made": [step.pk for step in made]}]
        return cls(segment, sentence, made, sum(step.changed for step in made), undo)


def make(verb, segment, *, by, version=None, **what):
    """Does *verb* on *segment*, in one transaction; return Made. Raises what the action refuses.

    segment: None for contacts that go into a new one.  what: JSON that names what it is about.
    """
    with transaction.atomic():
        return VERBS[verb](segment, by=by, version=version, **what)


def add(segment, *, by, version, recipe, expected=None):
    step = actions.add_contacts(segment, Recipe.read(recipe), by=by, version=version, expected=expected)
    return made_of_added(segment, step)


def reduce(segment, *, by, version, recipe, expected=None):
    step = actions.reduce_contacts(segment, Recipe.read(recipe), by=by, version=version, expected=expected)
    if not step.changed:
        raise NoLineToRemove
    return Made.by_steps(segment, removed(step.changed), step)


def refine(segment, *, by, version, recipe, expected=None):
    step = actions.refine_contacts(segment, Recipe.read(recipe), by=by, version=version, expected=expected)
    if not step.changed:
        raise NoLineToRemove
    sentence = ngettext(
        "%(removed)s removed, %(count)s line kept.",
        "%(removed)s removed, %(count)s lines kept.",
        step.lines_after,
    )
    figures = {"removed": formats.integer(step.changed), "count": formats.integer(step.lines_after)}
    return Made.by_steps(segment, sentence % figures, step)


def go_back(segment, *, by, version, step=None):
    step = actions.go_back(segment, by=by, version=version, step=step)
    sentence = _("Step %(number)s taken back.") % {"number": step.number}
    undo = ["go_forward", {"segment": segment.pk, "step": step.pk}]
    return Made(segment, sentence, changed=step.changed, undo=undo)


def go_forward(segment, *, by, version, step):
    step = actions.go_forward(segment, by=by, step=step)
    return Made(
        segment, _("Step %(number)s is in force again.") % {"number": step.number}, changed=step.changed
    )


def take_back(segment, *, by, version, made):
    """Undo of a verb that made several steps, or one. made: their ids."""
    actions.take_back(segment, made, by=by)
    return Made(segment, _("The lines are as they were."), changed=len(made))


def clear_history(segment, *, by, version, step):
    actions.clear_history(segment, by=by, version=version, step=step)
    return Made(segment, _("History cleared. The lines stay."))


def use_saved(segment, *, by, version, saved, confirmed):
    criteria = SavedCriteria.objects.filter(pk=saved).first()
    if criteria is None:
        raise actions.CriteriaAreGone
    done = tuple(actions.reuse_criteria(segment, criteria, by=by, version=version, confirmed=confirmed))
    if not any(step.changed for step in done):
        raise NothingChanges(code=criteria.code)
    sentence = ngettext(
        "%(count)s step of %(code)s done again.", "%(count)s steps of %(code)s done again.", len(done)
    )
    figures = {"count": len(done), "code": criteria.code}
    return Made.by_steps(segment, sentence % figures, *done)


def use_logged(segment, *, by, version, logged, confirmed):
    found = LoggedSegment.objects.visible_to(by).filter(pk=logged).first()
    if found is None:
        raise actions.CriteriaAreGone
    if segment is None:
        segment = actions.create_segment(by=by, description=found.description)
    step = actions.reuse_logged_segment(segment, found, by=by, version=version, confirmed=confirmed)
    return made_of_added(segment, step)


def made_of_added(segment, step):
    if not step.changed:
        raise NobodyToAdd
    return Made.by_steps(segment, added(step.changed), step)


def add_chosen(segment, *, by, version, selection, description=""):
    if segment is None:
        segment = actions.create_segment(by=by, description=description or None)
    done = actions.add_chosen(
        segment,
        selected(selection, user=by),
        by=by,
        named="numbers" in selection,
        version=version,
        expected=selection.get("count"),
    )
    return Made.by_steps(segment, chosen(done), done.step)


def apply_mailing_group(segment, *, by, version, group, clear, leaving=None):
    found = MailingGroup.objects.filter(pk=group).first()
    if found is None:
        raise GroupIsGone
    moved = actions.apply_mailing_group(segment, found, by=by, version=version, clear=clear, leaving=leaving)
    new = len(moved.joined)
    sentence = ngettext(
        "%(count)s contact is now in the mailing group %(group)s.",
        "%(count)s contacts are now in the mailing group %(group)s.",
        new,
    )
    if not new:
        sentence = _("All contacts were in the mailing group %(group)s already.")
    sentence %= {"count": formats.integer(new), "group": found}
    if moved.left:
        left = ngettext("%(count)s left it.", "%(count)s left it.", len(moved.left))
        sentence += " " + left % {"count": formats.integer(len(moved.left))}
    changed, undo = new + len(moved.left), None
    if 0 < changed <= MANY:
        undo = ["mailing_group", {"group": found.pk, "joined": moved.joined, "left": moved.left}]
    return Made(segment, sentence, changed=changed, undo=undo)


VERBS = {
    "add": add,
    "reduce": reduce,
    "refine": refine,
    "go_back": go_back,
    "go_forward": go_forward,
    "take_back": take_back,
    "clear_history": clear_history,
    "use_saved": use_saved,
    "use_logged": use_logged,
    "add_chosen": add_chosen,
    "mailing_group": apply_mailing_group,
}
# What one must be allowed besides changing segments.
NEEDS = {
    "use_saved": "segments.view_savedcriteria",
    "use_logged": "interactions.view_loggedsegment",
    "add_chosen": "crm.view_contact",
    "mailing_group": "crm.change_contact",
}


def added(count):
    sentence = ngettext("%(count)s contact added.", "%(count)s contacts added.", count)
    return sentence % {"count": formats.integer(count)}


def removed(count):
    sentence = ngettext("%(count)s line removed.", "%(count)s lines removed.", count)
    return sentence % {"count": formats.integer(count)}


def chosen(done):
    """What became of contacts that somebody chose. done: actions.Added."""
    if not done.left_out:
        return added(done.added)
    sentence = ngettext(
        "%(added)s added; %(count)s left out: in already, blocked for privacy or excluded from segments.",
        "%(added)s added; %(count)s left out: in already, blocked for privacy or excluded from segments.",
        done.left_out,
    )
    return sentence % {"added": formats.integer(done.added), "count": formats.integer(done.left_out)}


# --- as a job ---------------------------------------------------------------------------------------------------------


def start(verb, segment, *, by, version=None, **what):
    """A Job that does *verb*; see `make`."""
    if segment is None:
        title = _("Contacts of a new segment")
    else:
        title = _("Contacts of segment %(segment)s") % {"segment": segment.no}
    return jobs.start(
        "choose_contacts",
        by=by,
        title=title,
        segment=segment and segment.pk,
        verb=verb,
        version=version,
        what=what,
    )


@jobs.kind("choose_contacts")
def choose_contacts(job, progress, *, segment, verb, version, what):
    if not may(job.by, verb, new=segment is None):
        raise NotAllowed
    return in_job(job, progress, segment, partial(make, verb, by=job.by, version=version, **what))


def may(user, verb, *, new=False):
    """Whether *user* is still allowed what the page offered. new: into a segment that does not exist yet."""
    needs = ["segments.add_segment" if new else "segments.change_segment", NEEDS.get(verb)]
    return all(user.has_perm(each) for each in needs if each)

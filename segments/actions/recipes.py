"""Recipes kept and used again, and a segment's contacts put into a mailing group (R-58, R-59)."""

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crm.actions import move_in_group
from crm.errors import Refusal
from crm.models import Contact, ContactMailingGroup
from segments.criteria import Recipe
from segments.models import SavedCriteria, SegmentLine, StepAction, StepOrigin

from .choosing import add_contacts, recipe_of, reduce_contacts, refine_contacts
from .segments import lock_segment


class NoCriteria(Refusal):
    sentence = _("This segment has no criteria to save. Add contacts first.")


class CodeIsTaken(Refusal):
    sentence = _("There are criteria with the code %(code)s already. Choose another code.")


class CriteriaAreGone(Refusal):
    sentence = _("Somebody deleted what you chose. Choose again.")


class OthersLeave(Refusal):
    """How many leave the group is not what somebody confirmed."""

    sentence = _(
        "The group changed meanwhile, so another number of contacts would leave it. Confirm it again."
    )


class HasSteps(Refusal):
    """R-58, XS-036: reusing criteria adds to steps that are there; `.steps` says how many."""

    sentence = ngettext_lazy(
        "This segment has %(count)d criteria step already. The reused ones come after it.",
        "This segment has %(count)d criteria steps already. The reused ones come after them.",
        "count",
    )

    def __init__(self, steps):
        self.steps = steps
        super().__init__(count=steps)


@transaction.atomic
def save_criteria(segment, *, code, description="", by):
    """Keep the steps of *segment* under *code*, without the contacts (R-58). Raises NoCriteria, CodeIsTaken."""
    segment = lock_segment(segment, by=by)
    steps = recipe_of(segment)
    if not steps:
        raise NoCriteria
    try:
        with transaction.atomic():
            return SavedCriteria.objects.create(
                code=code, description=description, steps=steps, created_by=by
            )
    except IntegrityError:
        raise CodeIsTaken(code=code.strip().upper()) from None


def rename_criteria(saved, *, code, description=""):
    """Give *saved* (SavedCriteria) another code or description; its steps stay. Raises CriteriaAreGone, CodeIsTaken."""
    code = code.strip().upper()
    try:
        with transaction.atomic():
            found = SavedCriteria.objects.filter(pk=saved.pk).update(code=code, description=description)
    except IntegrityError:
        raise CodeIsTaken(code=code) from None
    if not found:
        raise CriteriaAreGone


@transaction.atomic
def reuse_criteria(segment, saved, *, by, version=None, confirmed=False):
    """Do the steps of *saved* (SavedCriteria) against the contacts of today; return the new steps (R-58).

    Raises HasSteps when the segment has steps and nobody *confirmed*; BadCondition for a value that is gone;
    SegmentChanged.
    """
    _refuse_unless_confirmed(segment, version, confirmed, by=by)
    verbs = {
        StepAction.ADD: add_contacts,
        StepAction.REDUCE: reduce_contacts,
        StepAction.REFINE: refine_contacts,
    }
    return [
        verbs[StepAction(step["action"])](
            segment, Recipe.read(step["recipe"]), by=by, origin=StepOrigin.SAVED
        )
        for step in saved.steps
    ]


@transaction.atomic
def reuse_logged_segment(segment, logged, *, by, version=None, confirmed=False):
    """Add the contacts that *logged* reached, one line each; canceled entries do not count (R-59, ours).

    Raises HasSteps, SegmentChanged.
    """
    _refuse_unless_confirmed(segment, version, confirmed, by=by)
    return add_contacts(
        segment,
        Recipe.of_logged_segment(logged),
        by=by,
        origin=StepOrigin.LOGGED,
        logged_segment=logged,
    )


def _refuse_unless_confirmed(segment, version, confirmed, *, by):
    steps = lock_segment(segment, by=by, version=version).steps.done().count()
    if steps and not confirmed:
        raise HasSteps(steps)


def count_leaving(segment, group, *, by):
    """How many contacts `apply_mailing_group` takes out of *group* when it clears it."""
    members = ContactMailingGroup.objects.filter(mailing_group=group)
    return _outside(segment, by=by).filter(pk__in=members.values("contact")).count()


def _inside(segment, *, by):
    lines = SegmentLine.objects.filter(segment=segment, contact=OuterRef("pk"))
    return Contact.objects.visible_to(by).filter(Exists(lines))


def _outside(segment, *, by):
    lines = SegmentLine.objects.filter(segment=segment, contact=OuterRef("pk"))
    return Contact.objects.visible_to(by).filter(~Exists(lines))


@transaction.atomic
def apply_mailing_group(segment, group, *, by, version=None, clear=False, leaving=None):
    """Put the contacts of *segment* that *by* sees into a mailing group; return who moved (R-59).

    clear: whoever *by* sees and is in the group but not in the segment leaves it.  leaving: how many *by* was told that
    these are; None for whoever was told nothing. Raises GroupIsGone, SegmentChanged, OthersLeave.
    """
    segment = lock_segment(segment, by=by, version=version)
    leavers = _outside(segment, by=by) if clear else Contact.objects.none()
    moved = move_in_group(group, joining=_inside(segment, by=by), leaving=leavers)
    if leaving is not None and len(moved.left) != leaving:
        raise OthersLeave
    return moved


def take_back_mailing_group(group, moved, *, by):
    """Undo `apply_mailing_group` for the contacts that *by* still sees; return who moved. Raises GroupIsGone."""
    contacts = Contact.objects.visible_to(by)
    return move_in_group(
        group, joining=contacts.filter(pk__in=moved.left), leaving=contacts.filter(pk__in=moved.joined)
    )

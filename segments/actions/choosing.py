"""Choosing contacts in recorded steps: add, reduce, refine, and one by one (R-52 to R-56)."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, FilteredRelation, Max, OuterRef, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.bulk import insert_from_select
from crm.errors import Refusal
from crm.models import Contact
from interactions.actions import ContactIsBlocked
from interactions.actions.attachments import drop_unused_later
from interactions.models import LoggedSegment
from segments.criteria import OF_ADD, OF_REMOVE, Recipe
from segments.models import OWN, CriteriaStep, RemovedLine, SegmentLine, StepAction, StepOrigin

from .segments import begin_change


class ContactAlreadyIn(Refusal):
    sentence = _("%(contact)s is in this segment already.")


class NobodyNew(Refusal):
    sentence = _(
        "Nobody was added: whoever you chose is in already, blocked for privacy or excluded from segments."
    )


class NothingToRemove(Refusal):
    sentence = _("Nothing was removed: what you chose is gone already.")


class OtherNumber(Refusal):
    """As many lines would come or go as nobody has seen: the contacts changed since they were counted."""

    sentence = _(
        "The contacts changed meanwhile, so the number is another one. Look at it, then press again."
    )


# --- what would happen ------------------------------------------------------------------------------------------------


def candidates(segment, recipe, *, by):
    """Contacts that an Add of *recipe* finds among those *by* sees, each with its `line`, if it is in already."""
    line = FilteredRelation("segment_lines", condition=Q(segment_lines__segment=segment))
    return recipe.only(OF_ADD).found_in(Contact.objects.visible_to(by)).alias(line=line)


def count_candidates(segment, recipe, *, by):
    """{"match", "new", "already_in", "blocked", "excluded"}: the live count of the Add form, in one query."""
    recipe = recipe.checked(by).only(OF_ADD)
    outside = Q(line__isnull=True)
    out = outside & ~recipe.addable()
    return candidates(segment, recipe, by=by).aggregate(
        match=Count("pk"),
        new=Count("pk", filter=outside & recipe.addable()),
        already_in=Count("pk", filter=~outside),
        blocked=Count("pk", filter=out & Q(privacy_blocked=True)),
        excluded=Count("pk", filter=out & Q(privacy_blocked=False)),
    )


def count_hits(segment, recipe, *, by):
    """{"match", "lines"}: how many of the lines that *by* sees meet *recipe*. A Reduce removes those, a Refine the others."""
    recipe = recipe.checked(by).only(OF_REMOVE)
    lines = segment.lines.visible_to(by)
    return {"match": recipe.hits(lines).count(), "lines": lines.count()}


# --- steps ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_contacts(
    segment, criteria, *, by, version=None, expected=None, origin=StepOrigin.CRITERIA, logged_segment=None
):
    """Add the contacts that *criteria* (a Recipe) finds and that are not in yet; return the CriteriaStep (R-53, R-54).

    expected: how many lines *by* was told will come; None for whoever was told nothing.
    Raises BadCondition, SegmentIsGone, SegmentAlreadyLogged, SegmentChanged, OtherNumber.
    """
    recipe = criteria.checked(by).only(OF_ADD)
    segment = begin_change(segment, by=by, version=version)
    step = new_step(segment, StepAction.ADD, recipe, by=by, origin=origin, logged_segment=logged_segment)
    found = candidates(segment, recipe, by=by).filter(recipe.addable(), line__isnull=True)
    return close_step(step, as_expected(_insert_lines(step, found), expected))


@dataclass(frozen=True)
class Added:
    """What became of contacts that were chosen. left_out: those in already, blocked or excluded."""

    step: CriteriaStep
    added: int
    left_out: int


@transaction.atomic
def add_chosen(segment, contacts, *, by, named=True, version=None, expected=None):
    """Add *contacts* (a queryset) that somebody chose; blocked ones stay out. Returns Added; one step records it (R-52).

    named: each was named by itself; else a filter found them, and excluded ones stay out, as from criteria (R-54).
    expected: how many *by* was told that these are; None for whoever was told nothing. Raises NobodyNew, OtherNumber.
    """
    segment = begin_change(segment, by=by, version=version)
    contacts = contacts.order_by()
    count = as_expected(contacts.count(), expected)
    inside = SegmentLine.objects.filter(segment=segment, contact=OuterRef("pk"))
    new = contacts.filter(~Exists(inside), privacy_blocked=False)
    if not named:
        new = new.filter(exclude_from_segment=False)
    step = new_step(segment, StepAction.ADD, Recipe(), by=by, origin=StepOrigin.MANUAL)
    added = _insert_lines(step, new)
    if not added:
        raise NobodyNew
    numbers = SegmentLine.objects.filter(added_by=step).order_by("pk").values_list("contact__no", flat=True)
    step.ask(Recipe.of_contacts(numbers).as_json())
    step.save(update_fields=["recipe", "outline"])
    close_step(step, added)
    return Added(step, added, max(0, count - added))


@transaction.atomic
def add_contact(segment, contact, *, by):
    """Put one contact on a new line; a recorded step too (R-52). Raises ContactAlreadyIn, ContactIsBlocked."""
    return put_on_line(begin_change(segment, by=by), contact, by=by)


def put_on_line(segment, contact, *, by, pk=None):
    """A new line with *contact*, in its place when *pk* is that of one removed just now, and the step that records it."""
    if contact.privacy_blocked:
        raise ContactIsBlocked(contact=contact.name)
    if SegmentLine.objects.filter(segment=segment, contact=contact).exists():
        raise ContactAlreadyIn(contact=contact.name)
    recipe = Recipe.of_contacts([contact.no])
    step = new_step(segment, StepAction.ADD, recipe, by=by, origin=StepOrigin.MANUAL)
    line = SegmentLine.objects.create(pk=pk, segment=segment, contact=contact, added_by=step)
    close_step(step, 1)
    return line


@transaction.atomic
def reduce_contacts(segment, criteria, *, by, version=None, expected=None, origin=StepOrigin.CRITERIA):
    """Remove the lines whose contact meets *criteria*; without conditions all of them (R-55). Returns the CriteriaStep.

    Lines whose contact *by* does not see stay.  expected: how many lines *by* was told will go. Raises OtherNumber.
    """
    recipe = criteria.checked(by).only(OF_REMOVE)
    segment = begin_change(segment, by=by, version=version)
    step = new_step(segment, StepAction.REDUCE, recipe, by=by, origin=origin)
    hits = recipe.hits(segment.lines.visible_to(by))
    return close_step(step, as_expected(set_aside(step, hits), expected))


@transaction.atomic
def refine_contacts(segment, criteria, *, by, version=None, expected=None, origin=StepOrigin.CRITERIA):
    """Keep only the lines whose contact meets *criteria*; without conditions all stay (R-55). Returns the CriteriaStep.

    Lines whose contact *by* does not see stay too.  expected: as of `reduce_contacts`.
    """
    recipe = criteria.checked(by).only(OF_REMOVE)
    segment = begin_change(segment, by=by, version=version)
    step = new_step(segment, StepAction.REFINE, recipe, by=by, origin=origin)
    lines = segment.lines.visible_to(by)
    kept = recipe.hits(lines).filter(pk=OuterRef("pk"))
    return close_step(step, as_expected(set_aside(step, lines.filter(~Exists(kept))), expected))


@transaction.atomic
def remove_lines(segment, lines, *, by):
    """Remove *lines* (a queryset) of the segment by hand; a recorded step too (R-52). Returns the CriteriaStep.

    Raises NothingToRemove.
    """
    segment = begin_change(segment, by=by)
    lines = lines.filter(segment=segment).order_by()
    numbers = list(lines.values_list("contact__no", flat=True))
    if not numbers:
        raise NothingToRemove
    recipe = Recipe.of_contacts(numbers)
    step = new_step(segment, StepAction.REDUCE, recipe, by=by, origin=StepOrigin.MANUAL)
    return close_step(step, set_aside(step, lines))


def new_step(segment, action, recipe, *, by, origin, logged_segment=None):
    """The next step. Those that were taken back can no longer be done again."""
    _forget(segment.steps.exclude(undone_at=None))
    last = segment.steps.order_by("-number").values_list("number", flat=True).first() or 0
    return CriteriaStep.objects.create(
        segment=segment,
        number=last + 1,
        action=action,
        origin=origin,
        recipe=recipe.as_json(),
        logged_segment=logged_segment,
        created_by=by,
        created_at=timezone.now(),
    )


def as_expected(changed, expected):
    """*changed*, if that is the number that somebody saw; the transaction of whoever calls undoes the rest."""
    if expected is not None and changed != expected:
        raise OtherNumber
    return changed


def close_step(step, changed):
    step.changed = changed
    step.lines_after = step.segment.lines.count()
    step.save(update_fields=["changed", "lines_after"])
    return step


def _forget(steps):
    """Remove steps that were taken back, with what they would bring back."""
    ids = list(steps.values_list("pk", flat=True))
    if not ids:
        return
    files = drop_removed(RemovedLine.objects.filter(step__in=ids))
    gone = CriteriaStep.objects.filter(pk__in=ids)
    gone._raw_delete(gone.db)
    drop_unused_later(files)


def _insert_lines(step, contacts):
    return insert_from_select(
        SegmentLine,
        contacts.order_by("company_name", "type", "name", "id"),
        segment=Value(step.segment_id),
        contact="pk",
        added_by=Value(step.pk),
        without_letter=Value(False),
        attempt_failed=Value(False),
    )


def set_aside(step, lines):
    """Set *lines* aside under *step*, whole, and take them out; return how many."""
    _copy(step, lines)
    return _take_out(step)


def set_aside_again(step):
    """The lines of a removal that was taken back, as they are now: they may have been edited since.

    Returns the ids of files that the older copies had, for `drop_unused`.
    """
    before = RemovedLine.objects.filter(step=step)
    last = before.aggregate(last=Max("pk"))["last"]
    if last is None:
        return set()
    _copy(step, _set_aside_under(step))
    files = drop_removed(before.filter(pk__lte=last))
    _take_out(step)
    return files


def _copy(step, lines):
    insert_from_select(
        RemovedLine,
        lines.order_by(),
        step=Value(step.pk),
        line_id="pk",
        contact="contact",
        added_by="added_by",
        **{name: name for name in OWN},
    )


def drop_removed(removed):
    """Remove *removed* (a queryset of RemovedLine); returns the ids of their files, for `drop_unused`."""
    files = set(removed.exclude(own_attachment=None).values_list("own_attachment", flat=True))
    removed._raw_delete(removed.db)
    return files


def _set_aside_under(step):
    """Lines that *step* holds a copy of. By id alone: of a segment filled just now PostgreSQL expects one line, and
    would then read all copies again for each."""
    return SegmentLine.objects.filter(pk__in=RemovedLine.objects.filter(step=step).values("line_id"))


def _take_out(step):
    gone = _set_aside_under(step)
    return gone._raw_delete(gone.db)


def put_back(step):
    """Bring back the lines that were set aside under *step*, with the ids they had."""
    return insert_from_select(
        SegmentLine,
        RemovedLine.objects.filter(step=step).order_by("line_id"),
        id="line_id",
        segment=Value(step.segment_id),
        contact="contact",
        added_by="added_by",
        **{name: name for name in OWN},
    )


def recipe_of(segment):
    """The steps in force as JSON: [{"action", "origin", "recipe"}, …]."""
    steps = segment.steps.done().order_by("number")
    return list(steps.values("action", "origin", "recipe"))


def criteria_of(segment):
    """`recipe_of` for the register: of a follow-up it begins with the logged segment that it follows (R-66), also where
    the history was cleared."""
    steps = recipe_of(segment)
    before = (
        LoggedSegment.objects.filter(pk=segment.follow_up_of_id).first() if segment.follow_up_of_id else None
    )
    if before is None:
        return steps
    origin = {
        "action": StepAction.ADD,
        "origin": StepOrigin.LOGGED,
        "recipe": Recipe.of_logged_segment(before).as_json(),
    }
    return steps if origin in steps else [origin, *steps]

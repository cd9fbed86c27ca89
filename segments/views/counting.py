"""How many contacts match, while somebody still chooses; and who they are (ui 5.9)."""

import hashlib
import json
from dataclasses import dataclass, replace

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.db.models import Exists, OuterRef
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from crm import dependents, htmx
from crm.limits import AskedAnew, TakesTooLong, limited
from crm.models import Contact
from crm.toasts import toast
from crm.views.paging import contact_page
from segments import actions
from segments.actions.choosing import candidates
from segments.criteria import IGNORE_EXCLUSION, BadCondition, Recipe, Sentences
from segments.forms.choosing import CriteriaForm
from segments.models import SegmentLine, StepAction
from segments.views.common import find, lines_of, may_change
from segments.views.history import said
from segments.views.tabs import tab_or_404

SECONDS = 4  # for all figures of a count
MORE_SECONDS = 1  # then, for saying that there are more than so many
MORE_THAN = 1_000
LONGEST_ADDRESS = 3_000


@dataclass(frozen=True)
class Counted:
    """How many match. touches: lines that come or go, None when nobody knows.  more: more than `match` do.

    seal: what the form sends back, see `Seen`.
    """

    match: int = 0
    more: bool = False
    unknown: bool = False
    new: int = 0
    already_in: int = 0
    excluded: int = 0
    blocked: int = 0
    lines: int = 0
    touches: int | None = None
    button: str = ""
    address: str = ""
    seal: str = ""

    @property
    def left_out(self):
        return self.excluded + self.blocked

    @property
    def rest(self):
        return self.lines - self.match

    @property
    def changes_nothing(self):
        return self.touches == 0


def counted_for(user, segment, tab, recipe, *, key=""):
    """The Counted of *recipe*; after five seconds it says "more than".

    key: of the live count, which gives way to a newer one: raises AskedAnew. A count without one is nobody's to stop.
    """
    counted = _counted(user, segment, tab, recipe, key)
    address = address_of_matches(user, segment, tab, recipe) if counted.match else ""
    seen = Seen(digest_of(recipe), counted.touches)
    return replace(counted, address=address, seal=seen.sealed(user, segment, tab))


def _counted(user, segment, tab, recipe, key):
    try:
        with limited(SECONDS, key=key):
            return counted_whole(user, segment, tab, recipe)
    except TakesTooLong:
        pass
    try:
        with limited(MORE_SECONDS, key=key):
            match = matching(user, segment, tab, recipe)[: MORE_THAN + 1].count()
    except TakesTooLong:
        match = 0
    return Counted(
        match=MORE_THAN,
        more=match > MORE_THAN,
        unknown=match <= MORE_THAN,
        button=str(tab.button),
    )


def counted_whole(user, segment, tab, recipe):
    if tab.action == StepAction.ADD:
        figures = actions.count_candidates(segment, recipe, by=user)
        return Counted(
            **figures, touches=figures["new"], button=label_of(tab, figures["new"], figures["new"])
        )
    figures = actions.count_hits(segment, recipe, by=user)
    hits = figures["match"]
    touches = hits if tab.action == StepAction.REDUCE else figures["lines"] - hits
    return Counted(**figures, touches=touches, button=label_of(tab, hits, touches))


def label_of(tab, number, touches):
    """What the button says. touches: lines that come or go."""
    return tab.numbered(number) if touches else str(tab.nothing)


def matching(user, segment, tab, recipe):
    """The contacts that match, those that would stay out too."""
    if tab.action == StepAction.ADD:
        return candidates(segment, recipe, by=user)
    hits = recipe.hits(lines_of(segment, user))
    return Contact.objects.visible_to(user).filter(pk__in=hits.values("contact")).order_by()


def address_of_matches(user, segment, tab, recipe):
    """Where the matching contacts are listed, or "" when the criteria do not fit into an address."""
    criteria = signing.dumps(recipe.as_json(), salt=salt_of(user), compress=True)
    if len(criteria) > LONGEST_ADDRESS:
        return ""
    return f"{reverse('segments:matches', args=[segment.no, tab.name])}?criteria={criteria}"


def salt_of(user):
    return f"segments.criteria.{user.pk}"


@dataclass(frozen=True)
class Seen:
    """What somebody saw counted before pressing: of which recipe, and how many lines come or go (None: nobody knew).

    The page sends it back signed, for one person, one segment and one verb (architecture 2.13).
    """

    recipe: str
    touches: int | None

    @classmethod
    def read(cls, seal, user, segment, tab):
        """What *seal* says, or None when it is not one of ours."""
        try:
            return cls(*signing.loads(seal, salt=cls._salt(user, segment, tab)))
        except signing.BadSignature:
            return None

    def sealed(self, user, segment, tab):
        return signing.dumps([self.recipe, self.touches], salt=self._salt(user, segment, tab))

    def is_of(self, recipe):
        return self.recipe == digest_of(recipe)

    @staticmethod
    def _salt(user, segment, tab):
        return f"segments.seen.{user.pk}.{segment.pk}.{tab.name}"


def digest_of(recipe):
    return hashlib.sha256(json.dumps(recipe.as_json(), sort_keys=True).encode()).hexdigest()


@require_POST
@may_change
def count(request, no, verb):
    """The live count: a part of the panel that is asked for while somebody types."""
    segment, tab = find(request, no), tab_or_404(verb)
    form = CriteriaForm(request.POST, user=request.user, action=tab.action)
    recipe = form.recipe()
    context = {"segment": segment, "tab": tab, "form": form, "version": segment.version, "oob": True}
    if recipe is None:
        context["problem"] = form.why_uncounted
    else:
        try:
            key = f"count-{request.user.pk}-{segment.pk}"
            context["count"] = counted_for(request.user, segment, tab, recipe, key=key)
        except AskedAnew as newer:  # in this window htmx has dropped the request; in another one it says so
            context["problem"] = newer.for_user
    return htmx.render_page(request, "segments/_count.html", context)


@require_safe
@may_change
@permission_required("crm.view_contact", raise_exception=True)
def matches(request, no, verb):
    """The contacts that match, and of an Add what becomes of each."""
    segment, tab = find(request, no), tab_or_404(verb)
    try:
        criteria = signing.loads(request.GET.get("criteria", ""), salt=salt_of(request.user))
        recipe = Recipe.read(criteria).checked(request.user)
    except (signing.BadSignature, BadCondition):
        toast(request, _("These criteria make no sense any more. Choose again."), level=messages.WARNING)
        return redirect("segments:add", no=segment.no)
    context = {"segment": segment, "tab": tab, "sentence": said(recipe, Sentences(request.user))}
    try:
        with limited(SECONDS + MORE_SECONDS):
            contacts = matching(request.user, segment, tab, recipe)
            page = contact_page(request, contacts)
            context |= {"page": page, "total": page.total, "rows": page.rows}
    except TakesTooLong as refusal:
        context["too_long"] = refusal.for_user
        return htmx.render_page(request, "segments/matches.html", context)
    context["cells"] = dependents.Cells(fates_of(segment, tab, recipe), request.user, page.rows)
    return htmx.render_page(request, "segments/matches.html", context, partial={"rows": "results"})


def fates_of(segment, tab, recipe):
    """The column of the list that says what an Add does with each contact; none for the other verbs."""
    providers = dependents.ListProviders()
    if tab.action == StepAction.ADD:
        column = dependents.Column(
            name="fate", label=_("In the segment"), values=lambda ids, _user: fates(ids, segment, recipe)
        )
        providers.add(column)
    return providers


def fates(ids, segment, recipe):
    """{contact id: words}; one query."""
    lines = SegmentLine.objects.filter(segment=segment, contact=OuterRef("pk"))
    found = Contact.objects.filter(pk__in=ids).order_by().annotate(inside=Exists(lines))
    return {contact.pk: fate(contact, recipe) for contact in found}


def fate(contact, recipe):
    if contact.inside:
        return pgettext("contact of a segment", "In already")
    if contact.privacy_blocked:
        return pgettext("contact of a segment", "Left out: blocked for privacy")
    if contact.exclude_from_segment and IGNORE_EXCLUSION not in recipe.options:
        return pgettext("contact of a segment", "Left out: excluded from segments")
    return pgettext("contact of a segment", "New")

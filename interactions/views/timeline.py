"""What was said to one contact, or by one salesperson, by month."""

from functools import cached_property
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from crm import formats, htmx, keyset
from crm.filters import ignored, no_choice
from crm.limits import TakesTooLong
from crm.models import Contact, MarketingSetup, Salesperson, Scope
from interactions.models import (
    Direction,
    EntryComment,
    EntryStatus,
    InteractionDraft,
    InteractionLogEntry,
    InteractionTemplate,
    Kind,
)
from interactions.models.attachment import mark_of
from interactions.views.listing import limited_time
from interactions.views.rows import (
    ARROWS,
    ICONS,
    STATUS_TONES,
    TONES,
    awaits_evaluation,
    contact_address,
    status_of,
)

SIZE = 25
MOST_PINNED = 3
COLUMNS = (
    "id",
    "date",
    "time",
    "description",
    "direction",
    "minutes",
    "cost",
    "evaluation",
    "attempt_failed",
    "canceled_at",
    "segment_no",
    "language",
    "contact_id",
    "contact__no",
    "contact__name",
    "salesperson__name",
    "template__kind",
    "document_kind_id",
    "document_no",
    "document_url",
    "attachment__name",
    "attachment__extension",
    "attachment__size",
)

may_see = permission_required("interactions.view_interactionlogentry", raise_exception=True)


@require_safe
@may_see
def contact_entries(request, no):
    """The whole timeline of a contact that the user sees; of a company with its people's (architecture 8)."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), no=no)
    timeline = Timeline(
        request,
        InteractionLogEntry.objects.of_contact(contact),
        about=contact,
        names=contact.is_company,
        create={"contact": contact.no} if not contact.privacy_blocked else None,
        drafts=InteractionDraft.objects.visible_to(request.user).for_contact(contact),
        drafts_query={"contact": contact.no},
    )
    return show(request, timeline)


@require_safe
@may_see
def salesperson_entries(request, code):
    """What a salesperson recorded, as far as the user finds it."""
    salesperson = get_object_or_404(Salesperson.objects.visible_to(request.user), code=code)
    timeline = Timeline(
        request,
        InteractionLogEntry.objects.visible_to(request.user).filter(salesperson=salesperson),
        about=salesperson,
        names=True,
        create={"salesperson": salesperson.code} if not salesperson.blocked else None,
        drafts=InteractionDraft.objects.visible_to(request.user).filter(salesperson=salesperson),
        drafts_query={"salesperson": salesperson.code},
        is_beyond=is_beyond(request.user, salesperson),
    )
    return show(request, timeline)


def is_beyond(user, salesperson):
    """Whether the scope of *user* leaves out what *salesperson* records: no row does not mean that there is none."""
    if user.scope == Scope.ALL:
        return False
    return not Salesperson.objects.in_scope_of(user).filter(pk=salesperson.pk).exists()


def show(request, timeline):
    try:
        with limited_time():
            timeline.read()
    except TakesTooLong as problem:
        timeline.too_long = problem.for_user
    return htmx.render_page(
        request,
        "interactions/timeline.html",
        {"timeline": timeline, "about": timeline.about},
        partial="more" if "after" in request.GET else "timeline",
    )


class Timeline:
    """A page of *entries* (a queryset) by month, as `timeline.html` shows it.

    names: say whose each entry is.  create: GET parameters of a new interaction, None where there can be none.
    drafts: the postponed and unfinished interactions, pinned on top.  drafts_query: GET parameters of the list of them.
    is_beyond: *entries* may be none only because *user* finds none.
    """

    def __init__(self, request, entries, *, about, names, create, drafts, drafts_query, is_beyond=False):
        self.request, self.user, self.about, self.names = request, request.user, about, names
        self.create, self.drafts, self.drafts_query = create, drafts, drafts_query
        self.is_beyond = is_beyond
        kind = request.GET.get("kind", "").strip()
        self.kind = Kind(kind) if kind in Kind.values else None
        self.entries = entries.filter(template__kind=self.kind) if self.kind else entries
        unknown = kind and self.kind is None
        self.problems = [ignored(pgettext("of an interaction", "Type"), no_choice(kind))] if unknown else []
        self.shows_canceled = "canceled" in request.GET
        self.too_long = ""

    def read(self):
        """Asks the database for what the page says of the ledger."""
        return self.months, self.hidden

    @property
    def quick(self):
        """[(URL, icon, label, key)] of the buttons that begin an interaction with a template."""
        return [
            (
                self._create_url(template=template.code),
                ICONS[template.kind],
                template.get_kind_display(),
                template.quick_key,
            )
            for template in InteractionTemplate.objects.quick()
        ]

    @property
    def create_url(self):
        return self._create_url()

    def _create_url(self, **more):
        return f"{reverse('interactions:new')}?{urlencode({**self.create, **more})}"

    @cached_property
    def _drafts(self):
        return list(self.drafts.for_list()[: MOST_PINNED + 1])

    @property
    def pinned(self):
        return self._drafts[:MOST_PINNED]

    @property
    def all_drafts_url(self):
        """The list of all drafts when not all of them are pinned, else ""."""
        if len(self._drafts) <= MOST_PINNED:
            return ""
        return f"{reverse('interactions:postponed')}?{urlencode(self.drafts_query)}"

    @property
    def kinds(self):
        """[(URL, label, whether it is chosen), …] of the menu of types."""
        every = (self.url(kind=None), pgettext("interaction kind", "All types"), self.kind is None)
        return [every, *((self.url(kind=kind), kind.label, kind == self.kind) for kind in Kind)]

    @cached_property
    def hidden(self):
        """How many canceled entries are folded away, Capped."""
        if self.shows_canceled or self.too_long:
            return keyset.Capped(0, False)
        return keyset.capped_count(self.entries.canceled(), 100)

    @cached_property
    def page(self):
        entries = self.entries if self.shows_canceled else self.entries.counting()
        return keyset.paginate(entries.values(*COLUMNS), after=self.request.GET.get("after", ""), size=SIZE)

    @cached_property
    def months(self):
        """[(heading, [entry, …]), …]; no heading for a month that the page before this one ended in."""
        months, last = [], self.request.GET.get("month", "")
        comments = {} if self.too_long else self._comments()
        words = _Words(costs=self.user.has_perm("interactions.see_costs"))
        evaluates = self.user.has_perm("interactions.evaluate_interactions")
        for entry in [] if self.too_long else self.page:
            month = f"{entry['date']:%Y-%m}"
            if not months or month != last:
                heading = formats.month_year(entry["date"]) if month != last else ""
                months.append((heading, []))
                last = month
            shown = words.of(entry, named=self.names)
            shown["comment"] = comments.get(entry["id"], "")
            shown["evaluate"] = evaluates and awaits_evaluation(entry)
            months[-1][1].append(shown)
        return months

    def _comments(self):
        """{entry: its latest comment} of this page."""
        ids = [entry["id"] for entry in self.page]
        found = EntryComment.objects.filter(entry__in=ids).order_by("created_at", "id")
        return dict(found.values_list("entry", "text"))

    @property
    def next_url(self):
        if self.too_long or not self.page.has_next:
            return ""
        last = self.page.rows[-1]["date"]
        return self.url(after=self.page.next_cursor, month=f"{last:%Y-%m}")

    @property
    def canceled_url(self):
        return self.url(canceled="show")

    def url(self, **changes):
        """The address of this timeline with other parameters; None takes one away."""
        query = self.request.GET.copy()
        for name in {"after", "month", *changes}:
            query.pop(name, None)
        query.update({name: value for name, value in changes.items() if value is not None})
        return f"{self.request.path}?{query.urlencode()}"


class _Words:
    """Entries as words, looked up once per page."""

    def __init__(self, *, costs):
        self.currency = MarketingSetup.current().currency if costs else None
        self.entry_url = reverse("interactions:entries")
        self.contact_url, self.to_url = contact_address()
        self.kinds = dict(Kind.choices)
        self.what = {
            (Kind.CALL, Direction.INBOUND): _("Incoming call"),
            (Kind.CALL, Direction.OUTBOUND): _("Outgoing call"),
            (Kind.EMAIL, Direction.INBOUND): _("E-mail received"),
            (Kind.EMAIL, Direction.OUTBOUND): _("E-mail sent"),
            (Kind.LETTER, Direction.INBOUND): _("Letter received"),
            (Kind.LETTER, Direction.OUTBOUND): _("Letter sent"),
        }

    def of(self, entry, *, named):
        kind, direction = entry["template__kind"], entry["direction"]
        automatic = entry["document_kind_id"] is not None
        status = status_of(entry)
        url = f"{self.entry_url}{entry['id']}/"
        return {
            "id": entry["id"],
            "url": url,
            "description": entry["description"] or _("Erased interaction"),
            "date": entry["date"],
            "when": f"{formats.date_dense(entry['date'])}, {formats.time_short(entry['time'])}",
            "iso": f"{entry['date'].isoformat()}T{entry['time'].isoformat()}",
            "icon": "bolt" if automatic else ICONS[kind],
            "tone": "auto" if automatic else TONES.get(kind, "letter"),
            "arrow": ARROWS.get(direction, "") if not automatic else "",
            "what": _("Recorded automatically")
            if automatic
            else self.what.get((kind, direction), self.kinds[kind]),
            "minutes": formats.minutes(entry["minutes"]) if entry["minutes"] else "",
            "cost": formats.money(entry["cost"], self.currency) if self.currency and entry["cost"] else "",
            "salesperson": entry["salesperson__name"] or "",
            "contact": (entry["contact__name"] or "") if named else "",
            "contact_url": f"{self.contact_url}{self.to_url(entry['contact__no'])}/"
            if entry["contact__no"]
            else "",
            "segment": entry["segment_no"],
            "evaluation": entry["evaluation"],
            "status": None if status == EntryStatus.LOGGED else (status.label, STATUS_TONES[status]),
            "canceled": entry["canceled_at"] is not None,
            "document_no": entry["document_no"],
            "document_url": entry["document_url"],
            "file": entry["attachment__name"],
            "file_mark": mark_of(entry["attachment__extension"]),
            "file_about": " · ".join(
                filter(None, (entry["language"], formats.file_size(entry["attachment__size"])))
            ),
        }

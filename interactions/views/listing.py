"""What the ledger list shows: one view, its filters, its counts and one page of rows."""

import datetime as dt
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import keyset
from crm.fields import PlainDateField
from crm.limits import limited
from crm.views.paging import ListPage
from interactions.counting import capped_counts_and_highest
from interactions.filters import EntryFilterSet, View, in_view, views_of, widest_view
from interactions.models import InteractionLogEntry
from interactions.selection import sign
from interactions.views.rows import COLUMNS, list_rows

SECONDS = 5  # a filtered list that takes longer is given up (performance b)
MATCHING = "matching"
BIGGEST = 2**63 - 1  # behind every id
FEW = 1_000  # hits of a search that are counted


def limited_time():
    """Gives up what runs longer than SECONDS inside the block. Raises TakesTooLong."""
    return limited(SECONDS, sentence=_("This search takes too long. Narrow the dates."))


class Listing:
    """The list that *request* asks for, read lazily. counts_views: count every view, for the tabs."""

    def __init__(self, request, *, counts_views=False):
        self.request, self.user, self.params = request, request.user, request.GET
        self.counts_views = counts_views
        self.visible = InteractionLogEntry.objects.visible_to(self.user)

    # Which entries

    @cached_property
    def filterset(self):
        return EntryFilterSet(self.params, self.visible, request=self.request, full="filters" in self.params)

    @cached_property
    def entries(self):
        """The matching entries. Asks the text index when words are searched."""
        return self.filterset.rows

    @property
    def is_filtered(self):
        return any(name != "view" for name in self.filterset.chosen)

    # Views and counts

    @cached_property
    def view(self):
        chosen = self.filterset.chosen.get("view")
        return View(chosen) if chosen else widest_view(self.user)

    @cached_property
    def _counts(self):
        querysets = {self.view: in_view(self.visible, self.view, self.user)}
        if self.is_filtered:
            querysets = {MATCHING: self.entries}
        if self.counts_views:
            querysets |= {view: in_view(self.visible, view, self.user) for view in views_of(self.user)}
        # Hits of a common word are counted one by one: fewer of them.
        return capped_counts_and_highest(querysets, caps={MATCHING: FEW} if self.filterset.words else None)

    @property
    def tabs(self):
        """[(URL, label, count, whether it is this one), …]; only where the views are counted."""
        if not self.counts_views:
            return []
        counts, _highest = self._counts
        widest = widest_view(self.user)
        return [
            (f"?view={view}" if view != widest else "?", view.label, counts[view].label, view == self.view)
            for view in views_of(self.user)
        ]

    @property
    def total(self):
        """How many entries match, Capped."""
        counts, _highest = self._counts
        return counts[MATCHING if self.is_filtered else self.view]

    @property
    def matching(self):
        """The signed filter that "select all" sends: entries logged from now on are not in it."""
        _counts, highest = self._counts
        return sign({"query": self.filterset.query, "highest": highest}, user=self.user)

    @cached_property
    def elsewhere(self):
        """How many entries match in the widest view, Capped; for a list without rows."""
        return keyset.capped_count(self._without_view.rows)

    @property
    def elsewhere_url(self):
        return f"?{self._without_view.query}"

    @cached_property
    def _without_view(self):
        query = self.filterset.clean_data
        query.pop("view", None)
        return EntryFilterSet(query, self.visible, request=self.request)

    # Rows

    @cached_property
    def page(self):
        page = ListPage(
            self.request,
            self.entries.with_marks().values(*COLUMNS),
            ("date", "time", "id"),
            descending=True,
            at=self.jump and (self.jump, dt.time.max, BIGGEST),
            count=lambda: self.total,
        )
        page.rows = list_rows(page.rows, evaluates=self.user.has_perm("interactions.evaluate_interactions"))
        return page

    @cached_property
    def jump(self):
        """The day whose page is asked for: everything of that day and before, with the way to what is newer."""
        try:
            return PlainDateField(required=False).clean(self.params.get("jump", ""))
        except ValidationError:
            return None

    @property
    def problems(self):
        """What the address asks for and cannot have, in sentences."""
        asked = self.params.get("jump", "").strip()
        wrong = [_("“%(value)s” is not a date.") % {"value": asked}] if asked and not self.jump else []
        return [*self.filterset.problems, *wrong]

    @property
    def shown(self):
        """50 of 412 entries."""
        if not self.page.next_url and not self.page.previous_url and not self.total.more:
            return ngettext("%(total)s entry", "%(total)s entries", self.total.count) % {
                "total": self.total.label
            }
        return ngettext(
            "%(loaded)s of %(total)s entry", "%(loaded)s of %(total)s entries", self.total.count
        ) % {"loaded": self.page.loaded_text, "total": self.total.label}

"""What the ledger list shows: one view, its filters, its counts and one page of rows."""

from contextlib import contextmanager
from functools import cached_property

from django.db import OperationalError, connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm import formats, keyset
from crm.errors import Refusal
from interactions.counting import capped_counts
from interactions.filters import EntryFilterSet, View, in_view, views_of, widest_view
from interactions.models import InteractionLogEntry
from interactions.selection import sign
from interactions.views.rows import COLUMNS, list_rows

SECONDS = 5  # a filtered list that takes longer is given up (performance b)
DIGITS = 6  # of what "loaded" may claim
MATCHING = "matching"
FEW = 1_000  # hits of a search that are counted


class TakesTooLong(Refusal):
    """The database gave a filtered list up."""


@contextmanager
def limited_time():
    """Lets PostgreSQL give up what runs longer than SECONDS inside the block. Raises TakesTooLong."""
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {SECONDS * 1000}")
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":  # query_canceled
            raise
        raise TakesTooLong(_("This search takes too long. Narrow the dates.")) from error


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
        return capped_counts(querysets, caps={MATCHING: FEW} if self.filterset.words else None)

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
        page = keyset.paginate(
            self.entries.with_marks().values(*COLUMNS),
            after=self.params.get("after", ""),
            before=self.params.get("before", ""),
        )
        page.rows = list_rows(page.rows, evaluates=self.user.has_perm("interactions.evaluate_interactions"))
        return page

    @cached_property
    def loaded(self):
        """How many rows stand on the page with these: those before them are counted by the address."""
        above = self.params.get("loaded", "")
        above = int(above) if above.isdecimal() and len(above) <= DIGITS else 0
        return (above if self.page.has_previous else 0) + len(self.page)

    @property
    def shown(self):
        """50 of 412 entries."""
        if not self.page.has_next and not self.page.has_previous and not self.total.more:
            return ngettext("%(total)s entry", "%(total)s entries", self.total.count) % {
                "total": self.total.label
            }
        return ngettext(
            "%(loaded)s of %(total)s entry", "%(loaded)s of %(total)s entries", self.total.count
        ) % {
            "loaded": formats.integer(self.loaded if self.total.more else min(self.loaded, self.total.count)),
            "total": self.total.label,
        }

    @property
    def next_url(self):
        return self._page_url(after=self.page.next_cursor, loaded=self.loaded) if self.page.has_next else ""

    @property
    def previous_url(self):
        return self._page_url(before=self.page.previous_cursor) if self.page.has_previous else ""

    def _page_url(self, **where):
        query = self.filterset.clean_data
        query.update(where)
        return f"{reverse('interactions:entries')}?{query.urlencode()}"

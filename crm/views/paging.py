"""Long lists on a page: one page of rows, the addresses beside it, and how far the reader has come."""

from functools import partial

from django.utils.functional import cached_property

from crm import formats
from crm.filters import PAGING
from crm.keyset import capped_count, paginate

CONTACTS = ("company_name", "name", "id")
DIGITS = 6  # of what "loaded" may claim
SIZE = 50  # rows of a page


class ListPage:
    """The page of *rows* (a queryset) that the address of *request* asks for.

    key, descending, at: as of `crm.keyset.paginate`.  count: callable that answers their Capped number.
    """

    def __init__(self, request, rows, key, *, descending=False, at=None, count=None):
        self.request = request
        self.count = count or partial(capped_count, rows)
        cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
        self.page = paginate(rows, key, descending=descending, at=at, **cursors)
        self.rows = self.page.rows
        self.cursor_was_bad = self.page.cursor_was_bad

    def fetch(self, queryset):
        """Takes the same rows from *queryset* (see `KeysetPage.fetch`)."""
        self.page.fetch(queryset)
        self.rows = self.page.rows

    @cached_property
    def total(self):
        """How many rows there are, Capped."""
        return self.count()

    @property
    def loaded(self):
        """How many rows stand on the reader's page with these: those above are counted by the address."""
        above = self.request.GET.get("loaded", "")
        above = int(above) if above.isdecimal() and len(above) <= DIGITS else 0
        return (above if self.page.has_previous else 0) + len(self.page)

    @property
    def loaded_text(self):
        return formats.integer(self.loaded if self.total.more else min(self.loaded, self.total.count))

    @property
    def coming(self):
        """How many rows the next page brings; a full page while nobody has counted."""
        total = self.__dict__.get("total")
        if total is None or total.more:
            return SIZE
        return min(SIZE, max(1, total.count - self.loaded))

    @property
    def next_url(self):
        return self._url(after=self.page.next_cursor, loaded=self.loaded) if self.page.has_next else ""

    @property
    def previous_url(self):
        return self._url(before=self.page.previous_cursor) if self.page.has_previous else ""

    def _url(self, **where):
        query = self.request.GET.copy()
        for name in PAGING:
            query.pop(name, None)
        query.update(where)
        return f"?{query.urlencode()}"


def contact_page(request, contacts, *, count=None):
    return ListPage(request, contacts.for_list(), CONTACTS, count=count)

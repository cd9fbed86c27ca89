"""What a bulk verb is about: boxes that were ticked, or everything that a signed filter matches."""

from django.core import signing
from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal
from interactions import selection
from interactions.views.listing import limited_time

BIGGEST = 2**63
DIGITS = 19  # of it; Python reads no number of some thousand


def numbers(posted):
    """Those of *posted* (texts) that can be the number of an entry."""
    found = [int(text) for text in posted if text.isdecimal() and len(text) <= DIGITS]
    return [number for number in found if number < BIGGEST]


class NothingSelected(Refusal):
    sentence = _("Select entries first.")


class SelectionIsOutdated(Refusal):
    sentence = _("This selection is no longer valid. Select the entries again.")


class Selection:
    """Reads what was posted. Raises NothingSelected, SelectionIsOutdated, TakesTooLong.

    entries: queryset without order of what the user may touch.  ids: the ticked ones, None for a filter.
    fields: [(name, value)] that select the same again.  data: the same for a job.
    """

    def __init__(self, request):
        token = request.POST.get("matching")
        if token:
            try:
                self.data = selection.read(token, user=request.user)
            except signing.BadSignature as error:
                raise SelectionIsOutdated from error
            self.ids = None
            self.fields = [("matching", token)]
        else:
            self.ids = numbers(request.POST.getlist("entry"))
            if not self.ids:
                raise NothingSelected
            self.data = {"ids": self.ids}
            self.fields = [("entry", pk) for pk in self.ids]
        with limited_time():  # words ask the text index at once
            self.entries = selection.selected(self.data, user=request.user)

    @property
    def first(self):
        """The entry that decides (R-70): of ticked boxes the first one, of a filter the newest; None when all are gone."""
        with limited_time():
            if self.ids:
                rank = {pk: number for number, pk in enumerate(self.ids)}
                return min(self.entries, key=lambda entry: rank[entry.pk], default=None)
            return self.entries.newest_first().first()

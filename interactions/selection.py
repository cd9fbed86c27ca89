"""Which entries a verb is about, as data that forms and jobs can carry.

{"ids": […]} are boxes that were ticked. {"query": "q=lux&view=team", "highest": 20417} is everything that a filter of the
list matches up to that entry, so what is logged meanwhile is not in it.
"""

from types import SimpleNamespace

from django.core import signing
from django.http import QueryDict

from interactions.actions.purge import PurgeFilters
from interactions.filters import EntryFilterSet
from interactions.models import InteractionLogEntry


def selected(selection, *, user):
    """The queryset, without order, of what *selection* means and *user* may touch. May ask the text index.

    A verb works on what one may open: ticked rows may come from a timeline, a filter means what the list finds.
    """
    entries = InteractionLogEntry.objects
    if "ids" in selection:
        return entries.openable_by(user).filter(pk__in=selection["ids"])
    if "purge" in selection:
        return PurgeFilters(**selection["purge"]).entries(by=user)
    visible = entries.visible_to(user).filter(pk__lte=selection["highest"])
    filters = EntryFilterSet(
        QueryDict(selection["query"], mutable=True), visible, request=SimpleNamespace(user=user)
    )
    return filters.rows.order_by()


def sign(selection, *, user):
    """*selection* as text that only *user* can send back."""
    return signing.dumps(selection, salt=_salt(user), compress=True)


def read(text, *, user):
    """The selection that `sign` wrote. Raises signing.BadSignature."""
    return signing.loads(text, salt=_salt(user))


def _salt(user):
    return f"interactions.selection.{user.pk}"

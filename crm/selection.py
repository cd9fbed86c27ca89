"""Which contacts a verb is about, as data that forms and jobs can carry.

{"numbers": […]} are boxes that were ticked. {"query": "q=lux&type=PERSON"} is everything that a filter of the list matches.
With "count" it also says how many the page showed; None where it showed no exact number.
"""

from types import SimpleNamespace

from django.core import signing
from django.http import QueryDict

from .filters import ContactFilter
from .models import Contact


def selected(selection, *, user):
    """The queryset, without order, of what *selection* means and *user* sees."""
    contacts = Contact.objects.visible_to(user)
    if "numbers" in selection:
        return contacts.filter(no__in=selection["numbers"]).order_by()
    filters = ContactFilter(
        QueryDict(selection["query"], mutable=True), contacts, request=SimpleNamespace(user=user)
    )
    # Of a filter that makes no sense any more a list shows everything; a verb must not reach it.
    return filters.rows.order_by() if filters.is_valid() else contacts.none()


def sign(selection, total, *, user):
    """*selection* as text that only *user* can send back. total: how many the page shows, as Capped."""
    counted = selection | {"count": None if total.more else total.count}
    return signing.dumps(counted, salt=_salt(user), compress=True)


def read(text, *, user):
    """The selection that `sign` wrote. Raises signing.BadSignature."""
    return signing.loads(text, salt=_salt(user))


def of_form(data, *, user):
    """The selection of a list's form: its ticked boxes, or the signed filter of "select all"; None of nothing.

    Raises signing.BadSignature.
    """
    if data.get("matching"):
        return read(data["matching"], user=user)
    numbers = data.getlist("contact")
    return {"numbers": numbers} if numbers else None


def _salt(user):
    return f"crm.selection.{user.pk}"

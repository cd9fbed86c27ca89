"""Entries as rows of the list: formatted here, once per value, so that the template only prints (performance c)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from crm import formats
from crm.converters import CodeConverter
from crm.templatetags.components import evaluation, icon_html
from interactions.filters import EVALUATED_KINDS, evaluated_since
from interactions.models import Delivery, DeliveryState, Direction, EntryStatus, Kind

COLUMNS = (
    "id",
    "date",
    "time",
    "description",
    "contact__name",
    "contact__no",
    "attachment_id",
    "has_comment",
    "evaluation",
    "minutes",
    "salesperson__code",
    "salesperson__name",
    "template__kind",
    "direction",
    "attempt_failed",
    "canceled_at",
    "document_kind_id",
    "channel",
)
ICONS = {
    Kind.CALL: "phone",
    Kind.EMAIL: "mail",
    Kind.MEETING: "meet",
    Kind.LETTER: "letter",
    Kind.NOTE: "com",
    Kind.DOCUMENT: "doc",
}
TONES = {Kind.CALL: "call", Kind.EMAIL: "mail", Kind.MEETING: "meet"}
STATUS_TONES = {EntryStatus.LOGGED: "ok", EntryStatus.FAILED: "wait", EntryStatus.CANCELED: "off"}
DELIVERY_TONES = {
    DeliveryState.QUEUED: "open",
    DeliveryState.SENDING: "open",
    DeliveryState.SENT: "ok",
    DeliveryState.ERROR: "bad",
    DeliveryState.UNCERTAIN: "bad",
}
ARROWS = {Direction.INBOUND: "in", Direction.OUTBOUND: "out"}


def list_rows(found, *, evaluates):
    """Dicts for `_entry_row.html` of *found* (dicts of COLUMNS). evaluates: whether the reader may."""
    dates, entry_url = {}, reverse("interactions:entries")
    contact_url, to_url = contact_address()
    kinds, directions = dict(Kind.choices), dict(Direction.choices)
    words = {
        "auto": _("Automatic"),
        # Translators: of the box in a row of the log; %(entry)s is its description.
        "select": _("Select %(entry)s, %(contact)s"),
    }
    statuses = {status: (tone, str(status.label)) for status, tone in STATUS_TONES.items()}
    rows, found = [], list(found)
    sendings = sendings_of(found)
    for entry in found:
        day = entry["date"]
        if day not in dates:
            dates[day] = formats.date_dense(day)
        kind, direction = entry["template__kind"], entry["direction"]
        kind_word = words["auto"] if entry["document_kind_id"] else str(kinds[kind])
        tone, status = sendings.get(entry["id"]) or statuses[status_of(entry)]
        rows.append(
            {
                "id": entry["id"],
                "url": f"{entry_url}{entry['id']}/",
                "date": dates[day],
                "time": formats.time_short(entry["time"]),
                "icon": icon_html("bolt" if entry["document_kind_id"] else ICONS[kind], 14),
                "type": " · ".join(filter(None, (kind_word, str(directions.get(direction, ""))))),
                "arrow": icon_html(ARROWS[direction], 14) if direction else "",
                "contact": entry["contact__name"] or "",
                "contact_url": f"{contact_url}{to_url(entry['contact__no'])}/"
                if entry["contact__no"]
                else "",
                "description": entry["description"] or _("Erased interaction"),
                "select": words["select"]
                % {"entry": entry["description"], "contact": entry["contact__name"] or ""},
                "file": entry["attachment_id"] is not None,
                "comment": entry["has_comment"],
                "evaluation": evaluation(entry["evaluation"], compact=True),
                "evaluate": evaluates and awaits_evaluation(entry),
                "minutes": formats.integer(entry["minutes"]) if entry["minutes"] else "—",
                "by": entry["salesperson__code"] or "",
                "by_name": entry["salesperson__name"] or "",
                "tone": tone,
                "status": status,
                "canceled": entry["canceled_at"] is not None,
            }
        )
    return rows


def sendings_of(found):
    """{id: (tone, word)} of those of *found* (dicts of COLUMNS) that are on their way, or did not get there; one query, and
    none where nothing could have been sent."""
    ids = [entry["id"] for entry in found if entry["channel"] and entry["canceled_at"] is None]
    if not ids:
        return {}
    latest = Delivery.objects.filter(entry__in=ids).latest().order_by()
    states = latest.exclude(state=DeliveryState.SENT).filter(settled_at=None).values_list("entry", "state")
    words = {True: ("bad", _("Delivery error")), False: ("open", _("Sending"))}
    problems = {DeliveryState.ERROR, DeliveryState.UNCERTAIN}
    return {pk: words[state in problems] for pk, state in states}


def contact_address():
    """(what the address of every contact begins with, how its number is written there)."""
    return reverse("crm:contacts"), CodeConverter().to_url


def awaits_evaluation(entry):
    """Whether somebody should still say how it went: the rule of `filters.awaiting_evaluation`, for one row."""
    return (
        entry["evaluation"] is None
        and entry["template__kind"] in EVALUATED_KINDS
        and entry["canceled_at"] is None
        and not entry["attempt_failed"]
        and entry["document_kind_id"] is None
        and entry["date"] >= evaluated_since()
    )


def status_of(entry):
    """The EntryStatus of a dict of COLUMNS."""
    return EntryStatus.of(canceled_at=entry["canceled_at"], attempt_failed=entry["attempt_failed"])

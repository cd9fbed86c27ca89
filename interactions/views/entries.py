"""The ledger list, and one entry: beside the list, in a sheet and as a page of its own."""

from contextlib import nullcontext
from functools import cached_property

from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm import formats, htmx
from crm.languages import language_name
from crm.limits import TakesTooLong
from crm.models import Contact, MarketingSetup, Scope
from interactions.actions.documents import document_of, letter_name
from interactions.forms.entries import CommentForm
from interactions.models import DeliveryState, EntryStatus, Evaluation, InteractionLogEntry
from interactions.views.files import file_response, letter_response
from interactions.views.listing import Listing, limited_time
from interactions.views.rows import COLUMNS, DELIVERY_TONES, ICONS, STATUS_TONES, list_rows
from interactions.views.selection import numbers

MOST_ROWS = 200  # that one request draws again
LIST_PARTS = {"results": "answer", "rows": "results", "filter-form": "filter_form"}

may_see = permission_required("interactions.view_interactionlogentry", raise_exception=True)


# --- the list -----------------------------------------------------------------------------------------------------------


@require_safe
@may_see
def entries(request):
    """GET parameters are the filters; htmx asks for rows, results or the filter form alone."""
    listing = Listing(request, counts_views=htmx.part_for(request, LIST_PARTS) is None)
    context = {"listing": listing, "filters": listing.filterset, "too_long": ""}
    try:
        with limited_time() if listing.is_filtered else nullcontext():
            context |= {"page": listing.page, "tabs": listing.tabs, "total": listing.total}
    except TakesTooLong as problem:
        context |= {"too_long": problem.for_user, "tabs": []}
    return htmx.render_page(request, "interactions/entry_list.html", context, partial=LIST_PARTS)


@require_safe
@may_see
def entry_rows(request):
    """Rows that stand in the list already, as they are now (?id=…&id=…)."""
    ids = numbers(request.GET.getlist("id")[:MOST_ROWS])
    found = InteractionLogEntry.objects.visible_to(request.user).filter(pk__in=ids).with_marks()
    rows = list_rows(
        found.newest_first().values(*COLUMNS),
        evaluates=request.user.has_perm("interactions.evaluate_interactions"),
    )
    return htmx.render_page(request, "interactions/entry_list.html", {"rows": rows}, partial="changed")


# --- one entry ----------------------------------------------------------------------------------------------------------


def find(request, pk, *related):
    """The entry that the user may open, or 404. related: names of the rows to take along."""
    entries = InteractionLogEntry.objects.openable_by(request.user)
    # The criteria of a logged segment may name a hundred thousand contacts.
    if related:
        entries = entries.select_related(*related).defer("logged_segment__criteria")
    return get_object_or_404(entries, pk=pk)


@require_safe
@may_see
def entry(request, pk):
    return show_entry(request, pk)


def show_entry(request, pk, *, comment_form=None, status=200):
    """The entry as the place that asked wants it: pane, sheet, the changed middle part, or the page; else 404."""
    found = find(request, pk, *Shown.RELATED)
    return htmx.render_page(
        request,
        "interactions/entry_detail.html",
        {"shown": Shown(found, request.user), "comment_form": comment_form or CommentForm()},
        partial={"preview": "pane", "sheet": "sheet", "entry-view": "body"},
        status=status,
    )


@require_safe
@may_see
def entry_attachment(request, pk):
    """The letter as the contact got it; of other files the file."""
    found = find(request, pk, "attachment", "document", "logged_segment")
    if found.attachment is None:
        raise Http404
    return letter_response(found)


@require_safe
@may_see
@permission_required("interactions.change_interactiontemplate", raise_exception=True)
def entry_source(request, pk):
    """The file that the letter is made from, with its merge fields."""
    found = find(request, pk, "attachment")
    if found.attachment is None:
        raise Http404
    return file_response(found.attachment)


class Shown:
    """An entry, found with its RELATED rows, and everything that its page says."""

    RELATED = (
        "contact",
        "contact_company",
        "salesperson",
        "template",
        "group",
        "attachment",
        "document",
        "campaign",
        "logged_segment",
        "campaign_entry",
        "document_kind",
        "logged_by",
        "canceled_by",
    )

    def __init__(self, entry, user):
        self.entry, self.user = entry, user

    @property
    def title(self):
        return self.entry.title

    @property
    def icon(self):
        return "bolt" if self.entry.document_kind_id else ICONS[self.entry.template.kind]

    @property
    def status(self):
        """(word, tone)."""
        entry = self.entry
        status = EntryStatus.of(canceled_at=entry.canceled_at, attempt_failed=entry.attempt_failed)
        return status.label, STATUS_TONES[status]

    @property
    def evaluations(self):
        """[(value, label, whether it is the entry's), …]."""
        return [(value, label, value == self.entry.evaluation) for value, label in Evaluation.choices]

    @property
    def cost_and_time(self):
        """(label, "€120.00 · 1 h 30 min"); without the cost for whom it is not."""
        time = formats.minutes(self.entry.minutes)
        if not self.user.has_perm("interactions.see_costs"):
            return _("Time spent"), time
        cost = formats.money(self.entry.cost, MarketingSetup.current().currency)
        return _("Cost and time"), f"{cost} · {time}"

    @property
    def more(self):
        """[(label, value), …] of what most entries leave empty; only what this one has."""
        entry = self.entry
        said = [
            (_("Group"), str(entry.group)),
            (_("Subject"), entry.subject if entry.subject != entry.description else ""),
            (_("Correspondence"), entry.get_channel_display()),
            (_("Language"), language_name(entry.language) if entry.language else ""),
            (_("Initiated by"), entry.get_initiated_by_display()),
            (_("Contact via"), entry.contact_via),
            (_("Campaign"), str(entry.campaign) if entry.campaign else ""),
            (_("Segment"), entry.segment_no),
        ]
        return [(label, value) for label, value in said if value]

    @cached_property
    def comments(self):
        return list(self.entry.comments.select_related("created_by").order_by("created_at", "id"))

    @property
    def about(self):
        """Its contact, whose log entries and postponed interactions are one step away; None if *user* does not see it."""
        contact = self.entry.contact
        if contact is None or self.user.scope == Scope.ALL:
            return contact
        return contact if Contact.objects.visible_to(self.user).filter(pk=contact.pk).exists() else None

    @property
    def letter(self):
        """(the name of the letter's file, whether it was erased) of an entry whose letter is kept as it was logged."""
        document = document_of(self.entry)
        return (letter_name(self.entry), not document.values) if document else None

    @cached_property
    def sendings(self):
        """The Deliveries, the last one first; asked for only where something could be sent."""
        if not self.entry.channel:
            return []
        found = list(self.entry.deliveries.order_by("-number"))
        for each in found:
            each.tone = DELIVERY_TONES[each.state] if each.settled_at is None else "off"
            each.shown_at = each.sent_at or each.claimed_at or each.created_at
        if found and found[0].state == DeliveryState.SENT:
            found[0].tone = "ok"
        return found

    @property
    def may_send(self):
        """Whether the reader may send it, once more or for the first time, and nothing is on its way."""
        entry, under_way = self.entry, {DeliveryState.QUEUED, DeliveryState.SENDING}
        if not entry.channel or not entry.attachment_id or entry.is_canceled or entry.contact is None:
            return False
        if self.sendings and self.sendings[0].state in under_way:
            return False
        return self.user.has_perm("interactions.deliver_interactions")

    @property
    def history(self):
        """The Reinstatements, oldest first."""
        found = self.entry.reinstatements.select_related("canceled_by", "reinstated_by")
        return found.order_by("reinstated_at")

    @property
    def is_held(self):
        """Whether a canceled logged segment or campaign entry keeps it from coming back alone."""
        entry = self.entry
        return any(parent and parent.is_canceled for parent in (entry.logged_segment, entry.campaign_entry))

"""Entries as files: CSV of any length at once, a workbook at once or by a job."""

import io

from django.contrib.auth.decorators import permission_required
from django.http import FileResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import clock, htmx, jobs
from crm.csv_stream import csv_response
from crm.errors import Refusal
from interactions.actions.exports import MOST_AT_ONCE, MOST_IN_WORKBOOK, csv_rows, header, write_workbook
from interactions.views.canceling import turned_down
from interactions.views.listing import Listing, limited_time
from interactions.views.selection import Selection

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(
    ["interactions.view_interactionlogentry", "interactions.export_interactions"], raise_exception=True
)
def export(request):
    """GET offers the files of a filter, POST those of a selection; POST with a format answers the file."""
    try:
        if request.method != "POST":
            with limited_time():
                listing = Listing(request)
                entries, fields = listing.entries, [("matching", listing.matching)]
            return offer(request, entries, fields=fields, problems=listing.filterset.problems)
        return answer(request, Selection(request))
    except Refusal as refusal:
        return turned_down(request, refusal)


def answer(request, selection):
    """What the selection was posted for: a file, a job, or the choice between them. Raises TakesTooLong."""
    costs = request.user.has_perm("interactions.see_costs")
    match request.POST.get("format"):
        case "csv":
            return csv_response(
                file_name("csv"), header(costs=costs), csv_rows(selection.entries, costs=costs)
            )
        case "xlsx":
            return workbook(request, selection, costs=costs)
    return offer(request, selection.entries, fields=selection.fields)


def offer(request, entries, *, fields, problems=()):
    """The dialog, or page, with the formats that fit so many entries. Raises TakesTooLong."""
    with limited_time():
        count = entries.count()
    context = {
        "count": count,
        "fields": fields,
        "problems": problems,
        "fits_workbook": count <= MOST_IN_WORKBOOK,
        "is_job": count > MOST_AT_ONCE,
        "most": MOST_IN_WORKBOOK,
        "back": htmx.way_back(request, reverse("interactions:entries")),
    }
    return htmx.render_page(request, "interactions/entry_export.html", context, partial={"dialog": "dialog"})


def workbook(request, selection, *, costs):
    with limited_time():
        count = selection.entries.order_by().values("pk")[: MOST_IN_WORKBOOK + 1].count()
    if count > MOST_IN_WORKBOOK:
        return offer(request, selection.entries, fields=selection.fields)
    if count > MOST_AT_ONCE:
        job = jobs.start(
            "export_entries",
            by=request.user,
            title=_("Export of interaction log entries"),
            selection=selection.data,
            name=file_name("xlsx"),
        )
        return htmx.redirect(request, job)
    file = io.BytesIO()
    write_workbook(file, selection.entries, costs=costs)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=file_name("xlsx"), content_type=XLSX)


def file_name(ending):
    # Translators: name of a file, %(date)s is like 2026-11-20.
    return _("Interaction log entries %(date)s") % {"date": clock.today().isoformat()} + f".{ending}"

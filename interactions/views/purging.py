"""Deleting canceled entries: what would go, then the button with its number (R-72)."""

import dataclasses
import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import htmx, jobs
from crm.limits import TakesTooLong
from crm.models import Contact
from crm.toasts import toast
from interactions.actions.purge import forecast, purge_canceled_entries, wait_for_cancelings
from interactions.forms.purge import PurgeForm
from interactions.jobs import comments_words, files_words, purged
from interactions.selection import sign
from interactions.views.listing import limited_time
from interactions.views.rows import COLUMNS, list_rows

SHOWN = 50
TYPED_ABOVE = 500  # entries; for more the number is typed
LOOKED_WITHIN = dt.timedelta(days=1)  # an older page is shown again before its button works
JOB_ABOVE = 10_000  # entries; more take longer than two seconds


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(
    ["interactions.view_interactionlogentry", "interactions.purge_interactions"], raise_exception=True
)
def purge(request):
    """GET, with the seven filters, shows what would go; POST, with the same filters and the number, deletes it."""
    posted = request.method == "POST"
    form = PurgeForm(
        request.POST if posted else request.GET, contacts=Contact.objects.visible_to(request.user)
    )
    if not form.is_valid():
        return show(request, form, status=422 if posted else 200)
    now = timezone.now()
    try:
        if not posted:
            return show(request, form, Preview(form, request.user, at=now))
        return press(request, form, now)
    except TakesTooLong as problem:
        return show(request, form, problem=problem.for_user, status=422 if posted else 200)


def press(request, form, now):
    """The button: deletes what stood on it, or shows what there is *now* and why nothing was deleted."""
    # What is canceled after the page was made is not on the button, and its author may still undo it.
    at = instant(request.POST.get("canceled_before", ""))
    is_fresh = at is not None and now - LOOKED_WITHIN <= at <= now
    if is_fresh:
        with limited_time():
            wait_for_cancelings()
    preview = Preview(form, request.user, at=at) if is_fresh else None
    if preview is None or request.POST.get("count") != str(preview.result.entries):
        problem = _("This preview is out of date. Check again.")
        return show(request, form, Preview(form, request.user, at=now), problem=problem, status=422)
    if preview.is_typed and digits(request.POST.get("typed", "")) != str(preview.result.entries):
        problem = _("Enter %(count)s to delete these entries.") % {"count": preview.result.entries}
        return show(request, form, preview, problem=problem, status=422)
    return delete(request, preview)


def instant(text):
    """The instant that *text* names, None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


def digits(text):
    return "".join(character for character in text if character.isdecimal())


def delete(request, preview):
    if not preview.result.entries:
        toast(request, _("Nothing was deleted: no canceled entries match."), level=messages.INFO)
        return htmx.redirect(request, reverse("interactions:purge"))
    if preview.is_job:
        job = jobs.start(
            "purge_canceled_entries",
            by=request.user,
            title=_("Deleting canceled entries"),
            filters=preview.filters.as_params(),
            total=preview.result.entries,
        )
        return htmx.redirect(request, job)
    toast(request, purged(purge_canceled_entries(preview.filters, by=request.user)))
    return htmx.redirect(request, reverse("interactions:purge"))


def show(request, form, preview=None, *, problem="", status=200):
    return htmx.render_page(
        request,
        "interactions/entry_purge.html",
        {"form": form, "preview": preview, "problem": problem},
        partial={"purge-preview": "found"},
        status=status,
    )


class Preview:
    """What the filters of *form* would delete for *user*: canceled before the instant *at*. Raises TakesTooLong."""

    def __init__(self, form, user, *, at):
        self.filters = dataclasses.replace(form.filters, canceled_before=at)
        self.user = user
        entries = self.filters.entries(by=user)
        with limited_time():
            self.result = forecast(entries)
            found = list(entries.with_marks().newest_first().values(*COLUMNS)[:SHOWN])
        self.rows = list_rows(found, evaluates=False)

    @property
    def is_typed(self):
        return self.result.entries > TYPED_ABOVE

    @property
    def is_job(self):
        return self.result.entries > JOB_ABOVE

    @property
    def shown(self):
        return min(SHOWN, self.result.entries)

    @property
    def canceled_before(self):
        return self.filters.canceled_before.isoformat()

    @property
    def matching(self):
        """The same entries as a signed selection, for exporting them first."""
        return sign({"purge": self.filters.as_params()}, user=self.user)

    @property
    def comments(self):
        return comments_words(self.result.comments)

    @property
    def files(self):
        return files_words(self.result.files)

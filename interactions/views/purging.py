"""Deleting canceled entries: what would go, then the button with its number (R-72)."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm import htmx, jobs
from crm.models import Contact
from crm.toasts import toast
from interactions.actions.purge import forecast, purge_canceled_entries
from interactions.forms.purge import PurgeForm
from interactions.jobs import comments_words, files_words, purged
from interactions.selection import sign
from interactions.views.rows import COLUMNS, list_rows

SHOWN = 50
TYPED_ABOVE = 500  # entries; for more the number is typed
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
    preview = Preview(form, request.user)
    if not posted:
        return show(request, form, preview)
    if request.POST.get("count") != str(preview.result.entries):
        # Somebody canceled or reinstated meanwhile: nothing is deleted that was not on the button.
        return show(
            request, form, preview, problem=_("Meanwhile the number has changed. Look again."), status=422
        )
    if preview.is_typed and digits(request.POST.get("typed", "")) != str(preview.result.entries):
        problem = _("Type %(count)s to delete these entries.") % {"count": preview.result.entries}
        return show(request, form, preview, problem=problem, status=422)
    return delete(request, form, preview)


def digits(text):
    return "".join(character for character in text if character.isdecimal())


def delete(request, form, preview):
    if not preview.result.entries:
        toast(request, _("Nothing was deleted: no canceled entries match."), level=messages.INFO)
        return htmx.redirect(request, reverse("interactions:purge"))
    if preview.is_job:
        job = jobs.start(
            "purge_canceled_entries",
            by=request.user,
            title=_("Deleting canceled entries"),
            filters=form.filters.as_params(),
            total=preview.result.entries,
        )
        return htmx.redirect(request, job)
    toast(request, purged(purge_canceled_entries(form.filters, by=request.user)))
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
    """What the filters of *form* would delete for *user*."""

    def __init__(self, form, user):
        self.filters, self.user = form.filters, user
        self.entries = self.filters.entries(by=user)
        self.result = forecast(self.entries)

    @property
    def is_typed(self):
        return self.result.entries > TYPED_ABOVE

    @property
    def is_job(self):
        return self.result.entries > JOB_ABOVE

    @property
    def rows(self):
        found = self.entries.with_marks().newest_first().values(*COLUMNS)[:SHOWN]
        return list_rows(found, evaluates=False)

    @property
    def shown(self):
        return min(SHOWN, self.result.entries)

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

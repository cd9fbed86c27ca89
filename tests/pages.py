"""Pages that hold every part of the shell once, for the tests of the shell alone: ROOT_URLCONF = "tests.pages"."""

import datetime as dt

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from crm import formats, htmx, undo
from crm.errors import Refusal
from crm.toasts import toast

handler500 = "crm.views.shell.server_error"

NAMES = ["Hélène Marchand", "Lucía Navarro", "Tomás Vidal", "Анна Соколова", "Priya Nair", "Diego Ferrer"]
STATUSES = [("Logged", "ok"), ("Delivery error", "bad"), ("Attempt failed", "wait"), ("Canceled", "off")]


class NoteForm(forms.Form):
    KINDS = [("call", "Call"), ("mail", "E-mail")]

    contact = forms.CharField(widget=forms.Select(attrs={"data-combobox": True, "data-url": "/kit/search/"}))
    description = forms.CharField(help_text="What it was about.")
    kind = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect)
    duration = forms.IntegerField(required=False, label="Duration, min")
    send = forms.BooleanField(required=False, label="Send when I log")


def kit(request):
    return render(
        request, "pages/kit.html", {"form": NoteForm(), "empty_facts": [("Mobile", ""), ("City", "Lyon")]}
    )


def rows(request):
    first = int(request.GET.get("after", 0))
    numbers = range(first, min(first + 6, 12))
    context = {
        "rows": [(n, NAMES[n % 6], *STATUSES[n % 4]) for n in numbers],
        "page": {"next_url": "" if first else "?after=6"},
        "total": 12,
        "shown": first + 6,
        "posted": request.POST.getlist("row") if request.method == "POST" else None,
        "matching": request.POST.get("matching"),
    }
    return htmx.render_page(
        request, "pages/rows.html", context, partial={"rows": "results", "results": "results"}
    )


def preview(request, number):
    return htmx.render_page(
        request, "pages/preview.html", {"number": number, "name": NAMES[number % 6]}, partial="preview"
    )


def sheet(request):
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        toast(
            request, "Noted.", undo=undo.offer(request, "pages.note", text=form.cleaned_data["description"])
        )
        return htmx.redirect(request, "/kit/")
    status = 422 if form.errors else 200
    return htmx.render_page(
        request, "pages/sheet.html", {"form": form}, partial={"sheet": "sheet"}, status=status
    )


@require_POST
def draft(request):
    return htmx.no_content(
        request, draftSaved={"text": f"Saved: {request.POST['text']}", "url": "/kit/draft/?id=1"}
    )


@require_POST
def done(request):
    toast(request, "Done beside the page.", link=("/kit/", "Look"))
    return htmx.close_layer(request, rowsChanged=True)


def broken(request):
    raise RuntimeError("broken on purpose")


def denied(request):
    raise PermissionDenied


@require_POST
def say(request):
    messages.warning(request, request.POST["text"], extra_tags=request.POST.get("tags", ""))
    return htmx.redirect(request, "/kit/")


def forbidden_part(request):
    return HttpResponse("no", status=403)


def search(request):
    found = [name for name in NAMES if request.GET.get("q", "").casefold() in name.casefold()]
    return JsonResponse(
        {
            "results": [
                {"value": name, "text": name, "detail": "CT0001", "initials": name[0], "tone": "g"}
                for name in found
            ]
        }
    )


@login_not_required
def state(request):
    moment = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    return JsonResponse(
        {
            "language": get_language(),
            "zone": str(timezone.get_current_timezone()),
            "region": request.region,
            "date": formats.date_table(moment),
            "number": formats.decimal(12480.5, 2),
        }
    )


def stream(request):
    return StreamingHttpResponse(
        f"{get_language()} {timezone.get_current_timezone()} {formats.active()}\n" for _ in range(2)
    )


def take_back(user, text):
    if text == "too late":
        raise Refusal("It is too late for %(name)s.", name=user.username)
    return f"Taken back: {text}"


undo.register("pages.note", take_back)

urlpatterns = [
    path("kit/", kit, name="kit"),
    path("kit/rows/", rows, name="rows"),
    path("kit/rows/<int:number>/", preview, name="row"),
    path("kit/sheet/", sheet, name="sheet"),
    path("kit/draft/", draft, name="draft"),
    path("kit/done/", done, name="done"),
    path("kit/broken/", broken, name="broken"),
    path("kit/denied/", denied, name="denied"),
    path("kit/say/", say, name="say"),
    path("kit/forbidden/", forbidden_part, name="forbidden_part"),
    path("kit/search/", search, name="search"),
    path("kit/state/", state, name="state"),
    path("kit/stream/", stream, name="stream"),
    path("", include("crm.urls")),
]

"""The one place that knows how pages answer htmx: part or whole, redirects, events.

Every answer made here brings the waiting toasts along, so a sentence is never shown one page too late.
"""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from . import toasts


def render_page(request, template, context=None, *, partial=None, status=200):
    """*template*, or for htmx the part of it that was asked for.

    partial: a name of {% partialdef %}, or {id of the target: name}; a target that is not in it gets the whole page.
    A form that was refused is answered with status 422.
    """
    name = part_for(request, partial)
    response = render(request, f"{template}#{name}" if name else template, context, status=status)
    # The browser keeps the part and the page apart, else "back" would show the part alone.
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return with_toasts(request, response) if name else response


def part_for(request, partial):
    """The name of the part that *request* wants, or None for the whole page."""
    wants_part = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    if not wants_part:
        return None
    if isinstance(partial, dict):
        # What a sheet holds stands in #sheet-page when it is a page of its own.
        return partial.get((request.htmx.target or "").removesuffix("-page"))
    return partial


def redirect(request, to):
    """Sends the browser to *to* (URL, or object with get_absolute_url), from a form or from htmx."""
    url = to.get_absolute_url() if hasattr(to, "get_absolute_url") else str(to)
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)


def no_content(request, **events):
    """204 for htmx: nothing is swapped, *events* ({name: detail}) are sent."""
    return with_toasts(request, trigger(HttpResponse(status=204), **events))


def close_layer(request, **events):
    """Closes the sheet or dialog that sent the request; *events* tell the page behind it what to load again."""
    return no_content(request, closeLayer=True, **events)


def trigger(response, **events):
    """Adds browser events to *response*; a detail is JSON, True stands for none."""
    for name, detail in events.items():
        trigger_client_event(response, name, {} if detail is True else detail)
    return response


def with_toasts(request, response):
    """Sends the waiting toasts with an answer that is not a whole page."""
    waiting = toasts.pending(request)
    if waiting:
        trigger_client_event(response, "toast", {"toasts": [toast.payload() for toast in waiting]})
    return response


def way_back(request, default="/"):
    """Where the user came from: the `next` field, else the page that sent the request, else *default*. Never abroad."""
    candidates = [
        request.POST.get("next") or request.GET.get("next"),
        request.htmx.current_url if request.htmx else None,
        request.META.get("HTTP_REFERER"),
    ]
    for url in candidates:
        if url and url_has_allowed_host_and_scheme(
            url, {request.get_host()}, require_https=request.is_secure()
        ):
            return url
    return default

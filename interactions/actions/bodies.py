"""Bodies of e-mails: stored as files are, filled for an entry from what was frozen with it (ADR 12)."""

import json

from django.core.cache import cache
from django.core.files.storage import default_storage

from interactions import bodies, merge_fields
from interactions.gate import Accepted
from interactions.models import Attachment

from .attachments import store

NAME, ENDING, MIME = "message.html", "html", "text/html"


def store_body(typed, *, by):
    """The Attachment of the body that somebody typed (HTML, or plain text); None when nothing is left of it."""
    html = bodies.from_typed(typed)
    if not html:
        return None
    return store(Accepted(content=html.encode(), name=NAME, extension=ENDING, mime=MIME), by=by)


def html_of(attachment):
    """The HTML of the stored body with the id *attachment*, with its merge fields. Raises FileNotFoundError.

    It was written once, so what is kept of it for a mass mailing is never old.
    """

    def read():
        path = Attachment.objects.values_list("file", flat=True).get(pk=attachment)
        with default_storage.open(path) as file:
            return file.read().decode()

    return cache.get_or_set(f"body-{attachment}", read, timeout=3600)


def unknown_in(html):
    """The merge fields of a body that nobody knows (merge_fields.Unknown)."""
    return merge_fields.unknown(bodies.uses(html))


def body_of(entry):
    """(HTML, plain text) of the e-mail of *entry*, as it was frozen; None when it has no body, or its contact was erased.

    Take the entry with `document` and `logged_segment`. Raises FileNotFoundError.
    """
    document = getattr(entry, "document", None)
    if document is None or document.body_id is None or not document.values:
        return None
    company = document.company or (entry.logged_segment.company if entry.logged_segment_id else "")
    frozen = merge_fields.thaw(json.loads(document.values), company=json.loads(company) if company else None)
    html = str(bodies.fill(html_of(document.body_id), frozen))
    return html, bodies.text_of(html)

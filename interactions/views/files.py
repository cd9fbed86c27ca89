import logging

from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from interactions import merging
from interactions.actions import documents
from interactions.models import InteractionTemplateLanguage

logger = logging.getLogger(__name__)


class FileIsMissing(Http404):
    """A stored file is known and not in its place; 404.html has a sentence for it."""


class LetterIsErased(Http404):
    """The contact was erased, and the letter with it; 404.html has a sentence for it."""


def file_response(attachment):
    """The stored file as a download under its own name; a browser never shows or runs it in our place."""
    try:
        file = attachment.file.storage.open(attachment.file.name)
    except FileNotFoundError as error:
        logger.error("The file of attachment %d is missing: %s", attachment.pk, attachment.file.name)
        raise FileIsMissing from error
    response = FileResponse(file, as_attachment=True, filename=attachment.name, content_type=attachment.mime)
    return kept_apart(response)


def kept_apart(response):
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def letter_response(entry):
    """What the contact of *entry* got, or would get: the letter as it was logged, or the file as it is."""
    if documents.document_of(entry) is None:
        return file_response(entry.attachment)
    try:
        letter = documents.letter_of(entry)
    except documents.LetterIsErased as error:
        raise LetterIsErased from error
    except (FileNotFoundError, merging.Unmergeable) as error:
        logger.error("The letter of entry %d could not be made: %s", entry.pk, error)
        raise FileIsMissing from error
    response = HttpResponse(letter.content, content_type=letter.mime)
    response.headers["Content-Disposition"] = content_disposition_header(True, letter.name)
    return kept_apart(response)


@require_safe
@permission_required("interactions.view_interactiontemplate", raise_exception=True)
def template_file(request, pk):
    rows = InteractionTemplateLanguage.objects.select_related("attachment").exclude(attachment=None)
    return file_response(get_object_or_404(rows, pk=pk).attachment)

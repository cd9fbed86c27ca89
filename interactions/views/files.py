from django.contrib.auth.decorators import permission_required
from django.http import FileResponse
from django.shortcuts import get_object_or_404

from interactions.models import InteractionTemplateLanguage


def file_response(attachment):
    """The stored file as a download under its own name; a browser never shows or runs it in our place."""
    response = FileResponse(
        attachment.file.storage.open(attachment.file.name),
        as_attachment=True,
        filename=attachment.name,
        content_type=attachment.mime,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@permission_required("interactions.view_interactiontemplate", raise_exception=True)
def template_file(request, pk):
    rows = InteractionTemplateLanguage.objects.select_related("attachment").exclude(attachment=None)
    return file_response(get_object_or_404(rows, pk=pk).attachment)

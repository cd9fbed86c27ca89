from django.http import FileResponse


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

"""The gate every uploaded file passes before it is stored.

Uploads are hostile until opened. The gate opens each one, in bounded time and memory, and lets through only what it
understood completely: it never repairs, and a doubt is a refusal. Two things it takes out, which genuine letters
carry: the data source of a Word mail merge, and the path of the template on the author's disk.
"""

from dataclasses import dataclass
from io import BytesIO

from django.template.defaultfilters import filesizeformat
from django.utils.functional import lazy

from . import office, pdf, plain
from .kinds import KINDS, MACRO_ENDINGS, OLD_ENDINGS
from .names import display_name, ending
from .refusals import Refused

__all__ = ["Accepted", "Refused", "accept", "display_name"]

CHUNK = 64 * 1024

CHECKS = {
    "docx": office.check,
    "dotx": office.check,
    "xlsx": office.check,
    "pptx": office.check,
    "pdf": pdf.check,
    "txt": plain.check_text,
    "png": plain.check_png,
    "jpg": plain.check_jpeg,
    "jpeg": plain.check_jpeg,
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be stored: its bytes, its name for people, its ending without dot, its media type."""

    content: bytes
    name: str
    extension: str
    mime: str


def accept(upload, *, name, max_bytes):
    """The file *upload* as it may be stored under the original file name *name*.

    *upload* is an uploaded file of Django or anything with ``read``. Raises Refused; then nothing may be stored.
    """
    shown = display_name(name)
    kind = _kind_of(shown)
    content, refused = _checked(upload, kind, max_bytes)
    if refused:
        try:
            raise refused
        finally:
            del refused  # an exception and the frame that names it keep each other, and the upload
    return Accepted(content, shown, kind.ending, kind.mime)


def _checked(upload, kind, max_bytes):
    """The bytes to store and None, or None and the refusal: raised from here, it would keep the file in memory."""
    try:
        return CHECKS[kind.ending](_read(upload, max_bytes), kind), None
    except Refused as refused:
        return None, refused.about(kind)


def _kind_of(name):
    end = ending(name)
    if end in KINDS:
        return KINDS[end]
    if end in OLD_ENDINGS:
        raise Refused("old_office", old=f".{end}").about(OLD_ENDINGS[end])
    if end in MACRO_ENDINGS:
        raise Refused("macros").about(MACRO_ENDINGS[end])
    raise Refused("unknown_ending")


def _read(upload, max_bytes):
    """The bytes of *upload*, read no further than the first piece beyond *max_bytes*."""
    content = BytesIO()
    for piece in upload.chunks(CHUNK) if hasattr(upload, "chunks") else iter(lambda: upload.read(CHUNK), b""):
        if content.tell() + len(piece) > max_bytes:
            # Lazy, so that sentence and size are said in one language.
            raise Refused("too_large", limit=lazy(filesizeformat, str)(max_bytes))
        content.write(piece)
    if not content.tell():
        raise Refused("empty")
    return content.getvalue()

"""Why a Word file cannot be merged, in one sentence."""

from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal

SENTENCES = {
    "damaged": _("This file is incomplete or damaged. Save it as .docx in Word and upload it again."),
    "too_large": _("This document is too long to be merged. Split it and upload the pieces."),
    # Translators: %(field)s is the name of a Word field such as MERGEFIELD, %(place)s a place such as "page 1".
    "unfinished": _(
        "The field %(field)s, %(place)s, is incomplete. "
        "Delete it in Word, insert it again and upload the file once more."
    ),
    # Translators: %(field)s is the name of a Word field such as NEXT, %(place)s a place such as "page 1".
    "next_record": _(
        "The field %(field)s, %(place)s, goes on to the next contact, but each contact gets a letter of its own. "
        "Delete it in Word and upload the file again."
    ),
    # Translators: %(field)s is the name of a Word field such as IF, %(place)s a place such as "page 1".
    "too_nested": _(
        "The field %(field)s, %(place)s, reaches over parts of the document that do not belong together. "
        "Write it anew in one paragraph in Word and upload the file again."
    ),
}


class Unmergeable(Refusal):
    """A Word file whose merge fields cannot be filled. ``code`` is a key of SENTENCES."""

    def __init__(self, code, **values):
        super().__init__(SENTENCES[code], **values)
        self.code = code

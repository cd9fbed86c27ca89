"""What the gate says when it refuses a file: one code for programs and tests, one sentence for the person."""

from django.utils.translation import gettext_lazy as _

from crm.errors import Refusal

# Translators: %(program)s is Word, Excel or PowerPoint; %(ending)s is an ending such as .docx.
_NOT_AS_OFFICE_PACKS = _(
    "This file is not packed the way %(program)s does it. "
    "Open it in %(program)s, save it as %(ending)s and upload it again."
)

SENTENCES = {
    # The file as a whole.
    # Translators: %(limit)s is a size such as 10 MB.
    "too_large": _("The file is larger than %(limit)s. Make it smaller and upload it again."),
    "empty": _("The file is empty. Open it on your computer, save it again and upload it once more."),
    "unknown_ending": _(
        "Only .docx, .dotx, .xlsx, .pptx, .pdf, .txt, .png and .jpg files can be uploaded. "
        "Save it as one of these and upload it again."
    ),
    # Translators: %(old)s is an ending such as .doc, %(ending)s one such as .docx, %(program)s is Word, Excel or PowerPoint.
    "old_office": _("This is an old %(old)s file. Save it as %(ending)s in %(program)s and upload it again."),
    # Translators: %(program)s is Word, Excel or PowerPoint.
    "encrypted": _(
        "This file is protected with a password. Remove the password in %(program)s and upload it again."
    ),
    "program": _("This is a program, not a document. Upload the document itself."),
    # Translators: %(program)s is Word, Excel or PowerPoint; %(ending)s is an ending such as .docx.
    "web_page": _("This is a web page. Open it in %(program)s, save it as %(ending)s and upload it again."),
    # Translators: %(ending)s is an ending such as .pdf.
    "not_what_it_says": _(
        "This file is not what its name says. "
        "Open it in the program that made it, save it as %(ending)s and upload it again."
    ),
    # Translators: %(program)s is Word, Excel or PowerPoint; %(ending)s is an ending such as .docx.
    "damaged": _(
        "This file is incomplete or damaged. Save it as %(ending)s in %(program)s and upload it again."
    ),
    "unreadable": _("This file is incomplete or damaged. Save it again on your computer and upload it."),
    # Office files as packages.
    "packing": _NOT_AS_OFFICE_PACKS,
    "lying_sizes": _NOT_AS_OFFICE_PACKS,
    "duplicate_parts": _NOT_AS_OFFICE_PACKS,
    "part_path": _NOT_AS_OFFICE_PACKS,
    "doctype": _NOT_AS_OFFICE_PACKS,
    # Translators: %(program)s is Word, Excel or PowerPoint.
    "bomb": _("Unpacked, this file is far too large. Make it smaller in %(program)s and upload it again."),
    "too_many_parts": _(
        "This file has far too many parts. Make it smaller in %(program)s and upload it again."
    ),
    "too_complicated": _("This file is too complicated to be checked. Split it and upload the pieces."),
    # What an Office file carries.
    # Translators: %(program)s is Word, Excel or PowerPoint; %(ending)s is an ending such as .docx.
    "macros": _(
        "This file contains macros. Save it as %(ending)s in %(program)s, without macros, and upload it again."
    ),
    "remote_template": _(
        "This file loads a template from another place. "
        "Attach the template Normal in Word, save the file and upload it again."
    ),
    # Translators: %(program)s is Word, Excel or PowerPoint.
    "external": _(
        "This file takes content from another place, such as a linked picture or file. "
        "Break the links in %(program)s and upload it again."
    ),
    # Translators: %(program)s is Word, Excel or PowerPoint.
    "embedded": _(
        "This file has another file or a control embedded in it. "
        "Replace it by a picture in %(program)s and upload it again."
    ),
    # Translators: %(field)s is the name of a Word field such as INCLUDETEXT.
    "active_field": _(
        "This file contains the field %(field)s, which fetches content from another place. "
        "Turn it into text with Ctrl+Shift+F9 in Word and upload the file again."
    ),
    "hidden_field": _(
        "This file hides what one of its fields does. "
        "Turn the fields into text with Ctrl+Shift+F9 in Word and upload the file again."
    ),
    # Translators: %(link)s is an address such as file:///C:/prices.xlsx.
    "link": _(
        "The file holds a link that runs a program or opens a local file. "
        "Remove the link “%(link)s” and upload the file again."
    ),
    "fetching_formula": _(
        "The workbook holds a formula that fetches data from elsewhere. "
        "Replace such formulas by their values and upload the file again."
    ),
    # Other kinds.
    "pdf_active": _(
        "This PDF contains scripts, commands or attached files. Print it to a new PDF and upload that."
    ),
    "pdf_protected": _("This PDF is protected. Save it without protection and upload it again."),
    "pdf_hidden": _("Parts of this PDF cannot be checked. Print it to a new PDF and upload that."),
    "not_text": _("This is not plain text. Save it as text in UTF-8 and upload it again."),
}


class Refused(Refusal):
    """A file that must not be stored.

    ``code`` is a key of SENTENCES. The checks need not know the kind of file that is asked for: ``accept`` adds the
    words of the kind before the exception leaves the gate.
    """

    def __init__(self, code, **values):
        super().__init__(SENTENCES[code], **values)
        self.code = code

    def about(self, kind):
        """The same refusal, its sentence speaking of *kind*; without the traceback, which holds the whole file."""
        return Refused(self.code, **kind.words | self.values)

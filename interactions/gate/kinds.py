"""The kinds of file that may be stored, and the endings people try instead."""

from dataclasses import dataclass

_OFFICE = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class Kind:
    """One allowed ending. The fields after ``mime`` are those of Office packages only.

    ``main`` is the content type of the part everything hangs on, ``root`` that part's first element.
    """

    ending: str
    mime: str
    program: str = ""
    old: str = ""
    main: str = ""
    root: str = ""

    @property
    def words(self):
        return {"ending": f".{self.ending}", "program": self.program, "old": f".{self.old}"}


DOCX = Kind(
    "docx",
    _OFFICE + "wordprocessingml.document",
    "Word",
    "doc",
    _OFFICE + "wordprocessingml.document.main+xml",
    "document",
)
DOTX = Kind(
    "dotx",
    _OFFICE + "wordprocessingml.template",
    "Word",
    "dot",
    _OFFICE + "wordprocessingml.template.main+xml",
    "document",
)
XLSX = Kind(
    "xlsx",
    _OFFICE + "spreadsheetml.sheet",
    "Excel",
    "xls",
    _OFFICE + "spreadsheetml.sheet.main+xml",
    "workbook",
)
PPTX = Kind(
    "pptx",
    _OFFICE + "presentationml.presentation",
    "PowerPoint",
    "ppt",
    _OFFICE + "presentationml.presentation.main+xml",
    "presentation",
)

KINDS = {
    kind.ending: kind
    for kind in (
        DOCX,
        DOTX,
        XLSX,
        PPTX,
        Kind("pdf", "application/pdf"),
        Kind("txt", "text/plain"),
        Kind("png", "image/png"),
        Kind("jpg", "image/jpeg"),
        Kind("jpeg", "image/jpeg"),
    )
}

# Endings that are refused by name, with the kind to save them as.
OLD_ENDINGS = {"doc": DOCX, "dot": DOTX, "xls": XLSX, "xlt": XLSX, "ppt": PPTX, "pps": PPTX, "pot": PPTX}
MACRO_ENDINGS = {
    "docm": DOCX,
    "dotm": DOTX,
    "xlsm": XLSX,
    "xltm": XLSX,
    "xlam": XLSX,
    "pptm": PPTX,
    "potm": PPTX,
    "ppsm": PPTX,
    "ppam": PPTX,
}

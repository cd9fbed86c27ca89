"""What merged Word files say, and what docx-mailmerge2 makes of the same file: the oracle of the merge engine."""

import io
import warnings
import zipfile
from xml.sax.saxutils import escape

from lxml import etree
from mailmerge import MailMerge, MailMergeOptions

from interactions import merging
from interactions.merging import Filling

from .word_files import (
    TYPE,
    W,
    complex_field,
    instruction,
    mark,
    simple_field,
    story,
    text,
    text_box,
    word,
)

_SHOWN = {"tab": "\t", "br": "\n", "cr": "\n", "p": "¶"}
HEADER, FOOTER = f"{TYPE}.wordprocessingml.header+xml", f"{TYPE}.wordprocessingml.footer+xml"


def parts_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def said(part):
    """The text of a part as a reader sees it: ¶ for a paragraph, results of fields included."""
    out = []
    for element in etree.fromstring(part).iter():
        local = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if local == "t":
            out.append(element.text or "")
        elif local in _SHOWN and etree.QName(element).namespace == W:
            if local == "tab" and etree.QName(element.getparent()).localname == "tabs":
                continue
            out.append(_SHOWN[local])
    return "".join(out)


def texts(content):
    """{part: text} of the parts that hold text."""
    roots = {"document", "hdr", "ftr", "footnotes", "endnotes"}
    return {
        name: said(part)
        for name, part in parts_of(content).items()
        if name.startswith("word/") and name.endswith(".xml")
        if etree.QName(etree.fromstring(part)).localname in roots
    }


def text_of(content):
    return said(parts_of(content)["word/document.xml"])


def merged(package, values, *, language="", engine=""):
    content = package if isinstance(package, bytes) else package.packed()
    return merging.compile(content, engine=engine).merge(Filling(values, language)).content


def shown(*xml, values, language="", engine=""):
    """What a paragraph of *xml* says after merging, in a document that says nothing else."""
    content = merged(letter(*xml), values, language=language, engine=engine)
    return text_of(content).removeprefix("¶")


def letter(*xml):
    """The smallest document with one paragraph of *xml*."""
    return word().edit("word/document.xml", text("Dear reader"), "".join(xml))


def oracle(package, values):
    """{part: text} as docx-mailmerge2 merges it."""
    content = package if isinstance(package, bytes) else package.packed()
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with MailMerge(io.BytesIO(content), options=MailMergeOptions(merge_if_fields=True)) as document:
            document.merge(**values)
            document.write(file)
    return texts(file.getvalue())


def field(name, switches="", **options):
    return complex_field(escape(f" MERGEFIELD {name} {switches} "), **options)


def nested(*pieces, result="?"):
    """A field whose instruction consists of texts and whole fields."""
    runs = (piece if piece.startswith("<w:") else instruction(escape(piece)) for piece in pieces)
    return "".join([mark("begin"), *runs, mark("separate"), text(result), mark("end")])


def with_headers(package, **parts):
    """*package* with headers and footers: ``first_header="…xml…"``, ``default_footer=…``."""
    references = []
    for number, (what, xml) in enumerate(parts.items(), 1):
        kind, local = what.split("_")
        root, content_type = ("hdr", HEADER) if local == "header" else ("ftr", FOOTER)
        package.put(f"word/{local}{number}.xml", story(root, xml), content_type)
        package.relate(local, f"{local}{number}.xml", id=f"rIdPart{number}")
        references.append(f'<w:{local}Reference w:type="{kind}" r:id="rIdPart{number}"/>')
    title = "<w:titlePg/>" if any(what.startswith("first") for what in parts) else ""
    return package.edit(
        "word/document.xml", "<w:sectPr/>", f"<w:sectPr>{''.join(references)}{title}</w:sectPr>"
    )


__all__ = [
    "complex_field",
    "field",
    "instruction",
    "letter",
    "mark",
    "merged",
    "nested",
    "oracle",
    "parts_of",
    "said",
    "shown",
    "simple_field",
    "text",
    "text_box",
    "text_of",
    "texts",
    "with_headers",
    "word",
]

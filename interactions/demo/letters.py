"""Word files with merge fields, one per template and language, built by python-docx, and the files people attach."""

import datetime as dt
import re
import zipfile
from io import BytesIO

from django.core.files.base import ContentFile
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from interactions.actions import attachments
from interactions.merge_fields.starter import add_merge_field

FONT = "Calibri"
INK, PALE = RGBColor(0x1D, 0x1E, 0x24), RGBColor(0x63, 0x65, 0x6E)
MADE = dt.datetime(2025, 1, 7, 9, 0)  # noqa: DTZ001 Word keeps no zone
FIELD = re.compile(r"«(\w+)»")

# Where the letters of a language come from: street, post code and city
HOUSES = {
    "en": ("12 Lantern Yard", "London E1 6AN"),
    "es": ("Calle del Faro 12", "46003 Valencia"),
    "fr": ("8 quai des Lanternes", "69002 Lyon"),
    "ru": ("Фонарная набережная, 5", "190000 Санкт-Петербург"),
}


def store(letter, language, *, by):
    return keep(letter.file, build(letter, language), by=by)


def keep(name, content, *, by):
    """The Attachment of a file that came through the gate like any other."""
    return attachments.store(attachments.check_upload(ContentFile(content, name=name)), by=by)


def build(letter, language):
    """The Word file as bytes, the same each time."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(11), INK
    style.element.rPr.rFonts.set(qn("w:cs"), FONT)

    street, city = HOUSES.get(language, HOUSES["en"])
    write(page.header.paragraphs[0], "Alder & Finch", size=18, bold=True)
    write(page.footer.paragraphs[0], f"Alder & Finch · {street} · {city} · alder-finch.example", size=8)

    for field in ("Contact_Company_Name", "Contact_Name", "Contact_Address"):
        write(document.add_paragraph(), f"«{field}»", after=0)
    write(document.add_paragraph(), "«Contact_Post_Code» «Contact_City»", after=0)
    write(document.add_paragraph(), "«Contact_Country»", after=24)
    write(document.add_paragraph(), "«Document_Date»", after=18)
    write(document.add_paragraph(), "«Subject»", bold=True, after=12)
    if letter.closing:
        write(document.add_paragraph(), "«Salutation_Formal»")
    for text in letter.paragraphs:
        write(document.add_paragraph(), text)
    if letter.closing:
        write(document.add_paragraph(), letter.closing, after=30)
        write(document.add_paragraph(), "«Salesperson_Name»", after=0)
        write(document.add_paragraph(), "«Salesperson_Job_Title»", after=0)
    return saved(document, title=letter.subject)


def plain_document(title, lines):
    """A Word file without fields, such as minutes somebody typed, as bytes."""
    document = Document()
    document.styles["Normal"].font.name = FONT
    write(document.add_paragraph(), title, size=16, bold=True)
    for line in lines:
        write(document.add_paragraph(), line)
    return saved(document, title=title)


def plain_pdf(title, lines):
    """A PDF of one page in Latin-1 letters, as bytes."""
    shown = [
        f"BT /F1 {16 if number == 0 else 11} Tf 60 {780 - 24 * number} Td ({escaped(text)}) Tj ET"
        for number, text in enumerate([title, *lines])
    ]
    stream = "\n".join(shown).encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def escaped(text):
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


# --- inside a Word file


def write(paragraph, text, *, size=None, bold=False, after=8):
    """Appends *text* to *paragraph*; what stands in « » becomes a merge field."""
    paragraph.paragraph_format.space_after = Pt(after)
    for number, piece in enumerate(FIELD.split(text)):
        if not piece:
            continue
        for run in add_merge_field(paragraph, piece) if number % 2 else [paragraph.add_run(piece)]:
            run.bold = bold or None
            if size:
                run.font.size = Pt(size)
                run.font.color.rgb = PALE if size < 10 else INK


def slim(document):
    """Takes out what no letter needs: nine tenths of a file that python-docx begins."""
    styles = document.styles
    for style in list(styles):
        if style.type != WD_STYLE_TYPE.PARAGRAPH or style.name not in {"Normal", "Header", "Footer"}:
            styles.element.remove(style.element)
    for latent in styles.element.findall(qn("w:latentStyles")):
        styles.element.remove(latent)
    for relations in (document.part.rels, document.part.package.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.rpartition("/")[2] in {
                "stylesWithEffects",
                "numbering",
                "customXml",
                "thumbnail",
            }:
                del relations[key]


def saved(document, *, title):
    slim(document)
    properties = document.core_properties
    properties.author = properties.last_modified_by = "Alder & Finch"
    properties.title, properties.comments = title, ""
    properties.created = properties.modified = MADE
    written = BytesIO()
    document.save(written)
    return repacked(written)


def repacked(source):
    """The same archive with one date on all parts, so that the same letter is the same file."""
    result = BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, MADE.timetuple()[:6]), old.read(name), zipfile.ZIP_DEFLATED)
    return result.getvalue()

"""Office files and other uploads made in code: good ones, and bad ones that differ from them in one thing."""

import io
import random
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import docx
import openpyxl

LETTER = Path(__file__).parent / "data" / "letter-merge-fields.docx"

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument"
NAMESPACES = f'xmlns:w="{W}" xmlns:r="{RELATIONS}"'

MIB = 1024 * 1024


# Packages


class Package:
    """An Office package as a dict of parts that can be edited; each method returns the package."""

    def __init__(self, main, content=None):
        self.main = main
        self.parts = {}
        self.relation_count = 0
        if content is not None:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                self.parts = {name: archive.read(name) for name in archive.namelist()}

    def put(self, name, content, content_type=""):
        self.parts[name] = content if isinstance(content, bytes) else content.encode()
        if content_type:
            self.edit(
                "[Content_Types].xml",
                "</Types>",
                f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>',
            )
        return self

    def edit(self, name, old, new):
        text = self.parts[name].decode()
        assert old in text, f"{old} is not in {name}"
        self.parts[name] = text.replace(old, new).encode()
        return self

    def relate(self, kind, target, *, source=None, external=False, mode=None, id=None):
        """Adds a relation of *kind* (the last word of its type, or a whole type) from *source* (the main part)."""
        folder, _, name = (self.main if source is None else source).rpartition("/")
        part = f"{folder}/_rels/{name}.rels".removeprefix("/")
        if part not in self.parts:
            self.put(
                part,
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                "</Relationships>",
            )
        self.relation_count += 1
        mode = mode or ("External" if external else "Internal")
        return self.edit(
            part,
            "</Relationships>",
            f'<Relationship Id="{id or f"rIdNew{self.relation_count}"}" '
            f'Type="{kind if "/" in kind else f"{RELATIONS}/{kind}"}" '
            f'Target="{target}" TargetMode="{mode}"/></Relationships>',
        )

    def write(self, *xml):
        """Adds a paragraph of *xml* to the end of a Word document."""
        return self.edit(self.main, "<w:sectPr", f"<w:p>{''.join(xml)}</w:p><w:sectPr")

    def set(self, xml):
        """Adds *xml* to the settings of a Word document."""
        return self.edit("word/settings.xml", "</w:settings>", f"{xml}</w:settings>")

    def packed(self, method=zipfile.ZIP_DEFLATED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)
        return file.getvalue()


@cache
def plain_docx():
    document = docx.Document()
    document.add_paragraph("Dear reader")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@cache
def plain_xlsx():
    book = openpyxl.Workbook()
    book.active.append(["Contact", 1])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def word():
    """The smallest document: a paragraph, and settings."""
    types = f"{TYPE}.wordprocessingml."
    return (
        empty_package("word/document.xml")
        .put(
            "word/document.xml",
            f"<w:document {NAMESPACES}><w:body><w:p>{text('Dear reader')}</w:p><w:sectPr/></w:body></w:document>",
            f"{types}document.main+xml",
        )
        .put("word/settings.xml", f"<w:settings {NAMESPACES}></w:settings>", f"{types}settings+xml")
        .relate("officeDocument", "word/document.xml", source="")
        .relate("settings", "settings.xml")
    )


def letter():
    return Package("word/document.xml", LETTER.read_bytes())


def template():
    return word().edit("[Content_Types].xml", "document.main+xml", "template.main+xml")


def workbook():
    return Package("xl/workbook.xml", plain_xlsx())


def slides():
    """The smallest presentation: one part, one slide."""
    types = f"{TYPE}.presentationml."
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    slide = f'<p:sld xmlns:p="{p}" xmlns:r="{RELATIONS}"><p:cSld/></p:sld>'
    return (
        empty_package("ppt/presentation.xml")
        .put("ppt/presentation.xml", f'<p:presentation xmlns:p="{p}"/>', f"{types}presentation.main+xml")
        .put("ppt/slides/slide1.xml", slide, f"{types}slide+xml")
        .relate("officeDocument", "ppt/presentation.xml", source="")
        .relate("slide", "slides/slide1.xml")
    )


def empty_package(main):
    return Package(main).put(
        "[Content_Types].xml",
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
    )


# Fields


def mark(kind):
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def instruction(text, element="instrText"):
    return f'<w:r><w:{element} xml:space="preserve">{text}</w:{element}></w:r>'


def text(words):
    return f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'


def complex_field(*pieces, result="1"):
    """A field whose instruction consists of *pieces*: texts, each in a run of its own, or ready-made runs."""
    runs = (piece if piece.startswith("<") else instruction(piece) for piece in pieces)
    return "".join([mark("begin"), *runs, mark("separate"), text(result), mark("end")])


def simple_field(words):
    return f'<w:fldSimple w:instr="{words}">{text("1")}</w:fldSimple>'


def text_box(*xml):
    return (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
        f"<w:p>{''.join(xml)}</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )


def story(root, *xml):
    """A part of Word with one paragraph: a header, footnotes, a glossary."""
    return f"<w:{root} {NAMESPACES}><w:p>{''.join(xml)}</w:p></w:{root}>"


# Mail merge


def merge_letter(package=None):
    """A main document as Word writes it: a query on a workbook elsewhere, links, old and tracked content."""
    package = package or letter()
    return (
        package.set(
            '<w:mailMerge><w:mainDocumentType w:val="formLetters"/><w:linkToQuery/>'
            '<w:dataType w:val="native"/><w:connectString w:val="Provider=Microsoft.ACE.OLEDB.12.0;'
            'User ID=Admin;Data Source=C:\\Users\\ana\\Customers.xlsx"/>'
            '<w:query w:val="SELECT * FROM `Sheet1$`"/>'
            f'<w:dataSource r:id="rIdSource" xmlns:r="{RELATIONS}"/>'
            f'<w:headerSource r:id="rIdHeader" xmlns:r="{RELATIONS}"/>'
            '<w:odso><w:table w:val="Sheet1$"/></w:odso></w:mailMerge>'
        )
        .relate(
            "mailMergeSource",
            "file:///C:\\Users\\ana\\Customers.xlsx",
            source="word/settings.xml",
            external=True,
            id="rIdSource",
        )
        .relate(
            "mailMergeHeaderSource",
            "file:///C:\\Users\\ana\\Header.docx",
            source="word/settings.xml",
            external=True,
            id="rIdHeader",
        )
        .relate("hyperlink", "https://example.com/terms", external=True, id="rIdLink")
        .relate("glossaryDocument", "glossary/document.xml")
        .put(
            "word/glossary/document.xml",
            story("glossaryDocument", complex_field(" DATE ")),
            f"{TYPE}.wordprocessingml.document.glossary+xml",
        )
        .write(
            f'<w:hyperlink r:id="rIdLink" xmlns:r="{RELATIONS}">{text("Terms")}</w:hyperlink>',
            f"<w:sdt><w:sdtPr/><w:sdtContent>{text('Choose')}</w:sdtContent></w:sdt>",
            f'<w:ins w:id="1" w:author="Ana">{complex_field(" MERGEFIELD ", "City ")}</w:ins>',
            f'<w:del w:id="2" w:author="Ana">{instruction("gone", "delText")}</w:del>',
        )
    )


# Attached template


def company_letter(target, package=None, *, settings="word/settings.xml", **relation):
    """A document made from the template *target*, as Word writes it; *relation* differs from what Word writes."""
    package = package or word()
    package.edit(
        settings,
        "</w:settings>",
        f'<w:attachedTemplate r:id="rIdTemplate" xmlns:r="{RELATIONS}"/></w:settings>',
    )
    kind = relation.pop("kind", "attachedTemplate")
    mode = relation.pop("mode", "External")
    return package.relate(kind, escape(target), source=settings, mode=mode, id="rIdTemplate", **relation)


def glossary_settings(package=None):
    """*package* (the smallest document) with settings of its glossary."""
    return (package or word()).put(
        "word/glossary/settings.xml",
        f"<w:settings {NAMESPACES}></w:settings>",
        f"{TYPE}.wordprocessingml.settings+xml",
    )


# Archives byte by byte


@dataclass
class Member:
    """One file of an archive; what is None follows from the data."""

    name: str
    data: bytes = b""
    packed: bytes | None = None
    method: int = 8
    size: int | None = None
    crc: int | None = None
    flags: int = 0
    extra: bytes = b""
    local_name: str | None = None
    local_size: int | None = None
    descriptor: bytes = b""
    local: bytes | None = None

    def records(self, start):
        packed = self.packed if self.packed is not None else deflated(self.data)
        size = len(self.data) if self.size is None else self.size
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        local_size = size if self.local_size is None else self.local_size
        name, local_name = self.name.encode(), (self.local_name or self.name).encode()
        common = struct.pack("<4H", self.flags, self.method, 0, 33)
        local = b"PK\x03\x04" + struct.pack("<H", 20) + common
        local += struct.pack("<3L2H", crc, len(packed), local_size, len(local_name), len(self.extra))
        central = b"PK\x01\x02" + struct.pack("<2H", 20, 20) + common
        central += struct.pack(
            "<3L5H2L", crc, len(packed), size, len(name), len(self.extra), 0, 0, 0, 0, start
        )
        local += local_name + self.extra + packed + self.descriptor
        return local if self.local is None else self.local, central + name + self.extra


def raw_zip(members, *, before=b"", comment=b"", count=None, first=0):
    """An archive of *members* exactly as they say; offsets count from *first*."""
    body, directory = bytearray(before), bytearray()
    for member in members:
        local, central = member.records(len(body) - len(before) + first)
        body += local
        directory += central
    count = len(members) if count is None else count
    start = len(body) - len(before) + first
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), start, len(comment))
    return bytes(body + directory + end + comment)


def raw(package, *more, **options):
    """*package* as an archive byte by byte, with the members *more* behind."""
    members = [Member(name, data) for name, data in package.parts.items()]
    return raw_zip([*members, *more], **options)


def raw_word(*more, **options):
    return raw(word(), *more, **options)


def deflated(data):
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(data) + packer.flush()


@cache
def deflated_blocks(block, count):
    """*block* as often as *count*, deflated; packed blocks that end on a byte can be repeated."""
    packer = zlib.compressobj(9, wbits=-15)
    head = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + again * (count - 1) + packer.flush()


def deflated_zeros(mebibytes):
    """That many MiB of zeros, deflated to a thousandth."""
    return deflated_blocks(bytes(MIB), mebibytes)


def large_part(name, mebibytes):
    """A member that is large but not suspicious: it shrinks to a hundredth and says so."""
    block = random.Random(0).randbytes(MIB // 128) * 128
    crc = 0
    for _ in range(mebibytes):
        crc = zlib.crc32(block, crc)
    return Member(name, packed=deflated_blocks(block, mebibytes), size=mebibytes * MIB, crc=crc)


# Other kinds


def pdf(*objects, tail=b""):
    """A small PDF with *objects* (bytes, without their numbers) behind its catalog."""
    numbered = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>", *objects]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(numbered, 1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R " + tail + b">>\nstartxref\n9\n%%EOF\n"


def pdf_stream(content, entries=b"/Filter /FlateDecode", *, packed=True):
    data = zlib.compress(content) if packed else content
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def png(*, width=1, height=1):
    header = png_chunk(b"IHDR", struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + png_chunk(b"IEND", b"")


def png_chunk(name, data):
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def jpeg():
    """A real picture: the thumbnail of the letter."""
    return letter().parts["docProps/thumbnail.jpeg"]


def program():
    """The beginning of a program for Windows, long enough for its headers."""
    return b"MZ" + bytes(58) + struct.pack("<L", 64) + b"PE\0\0" + bytes(400)


def ole(*streams):
    """A compound file as Word 97 wrote them, with the names of *streams* in its directory."""
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + names

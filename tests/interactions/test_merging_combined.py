"""Letters for the printer: one file, in which each letter keeps to itself."""

import io
import zipfile

import docx
import pytest
from lxml import etree

from interactions import merging
from interactions.gate import accept
from interactions.merging import MOST_LETTERS, Filling
from interactions.models import MergeEngine
from tests.merging import (
    complex_field,
    field,
    letter,
    nested,
    parts_of,
    said,
    simple_field,
    text,
    text_of,
    with_headers,
    word,
)
from tests.word_files import LETTER, NAMESPACES, TYPE, W, png, text_box

NAMES = ["Ana", "Борис", "Chloé & Co"]
LINK = nested(' HYPERLINK "mailto:', field("Email"), '" ', result="write")


def combined(package, values=None, *, engine=""):
    content = package if isinstance(package, bytes) else package.packed()
    values = [{"Name": name} for name in NAMES] if values is None else values
    file = io.BytesIO()
    merging.combine(merging.compile(content, engine=engine), [Filling(each) for each in values], file)
    # What we make passes our own gate: no part twice, none without a type, all well-formed.
    accept(io.BytesIO(file.getvalue()), name="letters.docx", max_bytes=10**8)
    assert len(zipfile.ZipFile(file).namelist()) == len(set(zipfile.ZipFile(file).namelist()))
    return file.getvalue()


def tree(content, name="word/document.xml"):
    return etree.fromstring(parts_of(content)[name])


def values_of(root, tag, attribute):
    return [each.get(f"{{{W}}}{attribute}") for each in root.iter(f"{{{W}}}{tag}")]


@pytest.fixture(params=MergeEngine.values)
def engine(request):
    return request.param


class TestCombinedLetters:
    def test_follow_each_other_on_pages_of_their_own(self, engine):
        content = combined(letter(text("Dear "), field("Name")), engine=engine)
        assert [p.text for p in docx.Document(io.BytesIO(content)).paragraphs] == [f"Dear {n}" for n in NAMES]
        assert len(docx.Document(io.BytesIO(content)).sections) == 3

    def test_have_headers_and_footers_of_their_own(self, engine):
        package = with_headers(
            word().write(field("Name")),
            default_header=text("To ") + field("Name"),
            first_header=text("First: ") + field("Name"),
            default_footer=text("Always the same"),
        )
        sections = docx.Document(io.BytesIO(combined(package, engine=engine))).sections
        assert [s.header.paragraphs[0].text for s in sections] == [f"To {name}" for name in NAMES]
        assert [s.first_page_header.paragraphs[0].text for s in sections] == [f"First: {n}" for n in NAMES]
        assert {s.footer.paragraphs[0].text for s in sections} == {"Always the same"}
        assert len({s.footer.part.partname for s in sections}) == 1

    def test_keep_the_pictures_of_their_headers(self, engine):
        package = with_headers(word().write(field("Name")), default_header=field("Name"))
        package.put("word/media/logo.png", png(), "image/png")
        package.relate("image", "media/logo.png", source="word/header1.xml", id="rIdLogo")
        content = combined(package, engine=engine)
        for section in docx.Document(io.BytesIO(content)).sections:
            [relation] = section.header.part.rels.values()
            assert relation.target_part.blob == png()

    def test_of_word_say_what_each_says_alone(self, engine):
        values = [
            {"first_name": name, "last_name": "X", "number": str(number), "sales": name}
            for number, name in enumerate(NAMES)
        ]
        content = combined(LETTER.read_bytes(), values, engine=engine)
        template = merging.compile(LETTER.read_bytes(), engine=engine)
        # A table has no place for the end of a section, so a paragraph follows it.
        assert text_of(content) == "¶".join(text_of(template.merge(Filling(each)).content) for each in values)
        sections = docx.Document(io.BytesIO(content)).sections
        assert [s.header.paragraphs[-1].text for s in sections] == [f"Your contact: {n}" for n in NAMES]

    def test_begin_with_page_one(self, engine):
        root = tree(combined(letter(field("Name")), engine=engine))
        assert values_of(root, "pgNumType", "start") == ["1", "1", "1"]

    def test_keep_the_page_that_their_author_begins_with(self):
        package = letter(field("Name")).edit(
            "word/document.xml", "<w:sectPr/>", '<w:sectPr><w:pgNumType w:start="7"/></w:sectPr>'
        )
        assert values_of(tree(combined(package)), "pgNumType", "start") == ["7", "7", "7"]

    def test_count_their_own_pages(self):
        xml = field("Name") + complex_field(" NUMPAGES ") + simple_field(" NUMPAGES ")
        part = parts_of(combined(letter(xml)))["word/document.xml"]
        assert part.count(b"SECTIONPAGES") == 6
        assert b"NUMPAGES" not in part.replace(b"SECTIONPAGES", b"")

    def test_of_several_sections_count_all_pages_as_before(self):
        xml = "<w:pPr><w:sectPr/></w:pPr>" + field("Name") + "</w:p><w:p>" + complex_field(" NUMPAGES ")
        assert parts_of(combined(letter(xml)))["word/document.xml"].count(b" NUMPAGES ") == 3

    def test_begin_on_a_new_page_even_after_a_continuous_section(self):
        package = letter(field("Name")).edit(
            "word/document.xml", "<w:sectPr/>", '<w:sectPr><w:type w:val="continuous"/></w:sectPr>'
        )
        assert values_of(tree(combined(package)), "type", "val") == ["nextPage"] * 3

    def test_inherit_no_header_from_the_letter_before(self):
        package = with_headers(word(), default_header=text("Only on the enclosure"))
        first = f"<w:pPr><w:sectPr/></w:pPr>{field('Name')}</w:p><w:p>{text('Enclosure')}"
        package.edit("word/document.xml", text("Dear reader"), first)
        sections = docx.Document(io.BytesIO(combined(package))).sections
        assert [s.header.paragraphs[0].text for s in sections] == ["", "Only on the enclosure"] * 3

    def test_end_in_a_table(self, engine):
        package = letter(field("Name")).edit(
            "word/document.xml",
            "<w:sectPr/>",
            "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:sectPr/>",
        )
        root = tree(combined(package, engine=engine))
        assert len(list(root.iter(f"{{{W}}}sectPr"))) == 3

    def test_without_a_section_get_one(self):
        package = letter(field("Name")).edit("word/document.xml", "<w:sectPr/>", "")
        assert len(list(tree(combined(package)).iter(f"{{{W}}}sectPr"))) == 3

    def test_have_notes_of_their_own(self, engine):
        notes = (
            f"<w:footnotes {NAMESPACES}>"
            '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
            f'<w:footnote w:id="1"><w:p>{text("Note for ")}{field("Name")}</w:p></w:footnote>'
            f'<w:footnote w:id="2"><w:p>{text("Same")}</w:p></w:footnote></w:footnotes>'
        )
        reference = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
        package = letter(text("a"), reference.format(1), reference.format(2))
        package.put("word/footnotes.xml", notes, f"{TYPE}.wordprocessingml.footnotes+xml")
        package.relate("footnotes", "footnotes.xml")
        content = combined(package, engine=engine)
        root = tree(content, "word/footnotes.xml")
        found = {note.get(f"{{{W}}}id"): said(etree.tostring(note)) for note in root}
        assert len(found) == 7
        assert [found[each] for each in values_of(tree(content), "footnoteReference", "id")] == [
            words for name in NAMES for words in (f"¶Note for {name}", "¶Same")
        ]

    def test_share_no_bookmark_and_no_drawing(self):
        drawing = (
            '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
            'wordprocessingDrawing"><wp:docPr id="5" name="Logo"/></wp:inline></w:drawing></w:r>'
        )
        xml = (
            '<w:bookmarkStart w:id="0" w:name="price"/>'
            + field("Name")
            + '<w:bookmarkEnd w:id="0"/>'
            + complex_field(" REF price \\h ")
            + f'<w:hyperlink w:anchor="price">{text("see")}</w:hyperlink>'
            + drawing
        )
        root = tree(combined(letter(xml)))
        names = values_of(root, "bookmarkStart", "name")
        assert len(set(names)) == 3
        assert values_of(root, "hyperlink", "anchor") == names
        assert [
            each.text.split()[1] for each in root.iter(f"{{{W}}}instrText") if "REF" in each.text
        ] == names
        assert values_of(root, "bookmarkStart", "id") == values_of(root, "bookmarkEnd", "id")
        assert len(set(values_of(root, "bookmarkStart", "id"))) == 3
        assert len({each.get("id") for each in root.iter() if etree.QName(each).localname == "docPr"}) == 3

    def test_count_their_lists_from_one(self, engine):
        numbering = (
            f"<w:numbering {NAMESPACES}>"
            '<w:abstractNum w:abstractNumId="4"><w:lvl w:ilvl="0"><w:start w:val="3"/>'
            '<w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
            '<w:abstractNum w:abstractNumId="5"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>'
            '<w:num w:numId="1"><w:abstractNumId w:val="4"/></w:num>'
            '<w:num w:numId="2"><w:abstractNumId w:val="5"/></w:num></w:numbering>'
        )

        def item(number):
            return f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'

        package = letter(item(1), field("Name"), "</w:p><w:p>", item(1), "</w:p><w:p>", item(2))
        package.put("word/numbering.xml", numbering, f"{TYPE}.wordprocessingml.numbering+xml")
        package.relate("numbering", "numbering.xml")
        content = combined(package, engine=engine)
        used = values_of(tree(content), "numId", "val")
        assert used[0] == used[1]
        assert len(set(used)) == 4
        assert used[2::3] == ["2"] * 3
        lists = {
            each.get(f"{{{W}}}numId"): each
            for each in tree(content, "word/numbering.xml").iter(f"{{{W}}}num")
        }
        assert len(lists) == 5
        assert values_of(lists[used[0]], "startOverride", "val") == ["3"]

    def test_leave_out_the_comments_of_their_author(self):
        xml = field("Name") + '<w:commentRangeStart w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>'
        assert b"comment" not in parts_of(combined(letter(xml)))["word/document.xml"]

    def test_come_from_the_thorough_engine_too(self):
        package = with_headers(letter(LINK, field("Name")), default_header=field("Name"))
        values = [{"Name": name, "Email": f"{number}@example.com"} for number, name in enumerate(NAMES)]
        content = combined(package, values)
        assert text_of(content) == "".join(f"¶write{name}" for name in NAMES)
        sections = docx.Document(io.BytesIO(content)).sections
        assert [s.header.paragraphs[0].text for s in sections] == NAMES
        assert b"mailto:2@example.com" in parts_of(content)["word/document.xml"].replace(
            b'</w:instrText></w:r><w:r><w:instrText xml:space="preserve">', b""
        )

    def test_may_have_text_boxes(self):
        assert text_of(combined(letter(text_box(field("Name"))))) == "".join(f"¶¶{name}" for name in NAMES)

    def test_are_at_most_so_many_that_the_file_opens(self):
        template = merging.compile(letter(field("Name")).packed())
        for count in (0, MOST_LETTERS + 1):
            with pytest.raises(ValueError, match="between 1 and 500"):
                merging.combine(template, [Filling({})] * count, io.BytesIO())

    def test_are_the_same_file_each_time(self):
        assert combined(LETTER.read_bytes()) == combined(LETTER.read_bytes())


class TestArchive:
    def test_names_letters_by_company_and_person(self):
        assert merging.letter_stem(company="Láminas / SL", person="Ana: Ruiz") == "Láminas - SL - Ana- Ruiz"
        assert merging.letter_stem(company="", person="Ana") == "Ana"
        assert merging.letter_stem(company="Láminas", person="Láminas") == "Láminas"
        assert merging.letter_stem(company="Lights Ltd.", person="") == "Lights Ltd"
        assert merging.letter_stem(company="..", person="") == "Letter"
        assert merging.archive_stem("SM00021") == "Segment SM00021"
        assert len(merging.stem("x" * 500)) == 120

    def test_keeps_letters_of_the_same_name_apart(self):
        file = io.BytesIO()
        letters = [("Ana", b"1"), ("ana", b"2"), ("Ana (2)", b"3"), ("Ana", b"4"), ("../../etc/passwd", b"5")]
        assert merging.write_archive(letters, file) == 5
        names = zipfile.ZipFile(file).namelist()
        assert names[0] == "Ana.docx"
        assert len({name.casefold() for name in names}) == 5
        assert not any("/" in name or name.startswith(".") for name in names)
        assert [zipfile.ZipFile(file).read(name) for name in names] == [b"1", b"2", b"3", b"4", b"5"]

"""The gate follows the fields of a Word file as Word does, however their instructions are spread and hidden."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.gate import Refused, accept
from interactions.gate.fields import ACTIVE_FIELDS
from tests.word_files import (
    MIB,
    STRICT_W,
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

FOREIGN = '<x:any xmlns:x="urn:any">{}</x:any>'
CHOICE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="w14">{}</mc:Choice></mc:AlternateContent>'
)


def outcome(package):
    """ "accepted", or the code of the refusal."""
    try:
        accept(io.BytesIO(package.packed()), name="letter.docx", max_bytes=10 * MIB)
    except Refused as refused:
        return refused.code
    return "accepted"


def of_body(*xml):
    return outcome(word().write(*xml))


def deleted(*xml):
    return f'<w:del w:id="1" w:author="A">{"".join(xml)}</w:del>'


def inserted(*xml):
    return f'<w:ins w:id="1" w:author="A">{"".join(xml)}</w:ins>'


class TestOrdinaryField:
    @pytest.mark.parametrize(
        "words",
        [
            " MERGEFIELD City ",
            " PAGE ",
            ' DATE \\@ "d MMMM yyyy" ',
            ' HYPERLINK "https://example.com/link" ',
            ' IF x = y "link" "dde" ',
            " = 2 + link ",
            " MACROBUTTON NoMacro [Click here] ",
            ' TOC \\o "1-3" ',
            " PRINTDATE ",
            " LINKED ",
            " REF link ",
            "",
        ],
    )
    def test_passes(self, words):
        assert of_body(complex_field(words)) == "accepted"
        assert of_body(simple_field(words.replace('"', "&quot;"))) == "accepted"

    def test_passes_with_fields_in_its_instruction(self):
        inner = complex_field(" MERGEFIELD City ")
        assert of_body(complex_field(" IF ", inner, ' = "Bonn" "link" "dde" ')) == "accepted"
        assert of_body(complex_field(" =", inner, " * 2 ")) == "accepted"
        assert of_body(complex_field(" IF", inner, ' = "Bonn" "link" "dde" ')) == "accepted"

    def test_passes_with_fields_in_its_result(self):
        contents = complex_field(" TOC ").replace(mark("end"), complex_field(" PAGEREF _Toc1 ") + mark("end"))
        assert of_body(contents) == "accepted"

    def test_passes_with_active_words_in_its_result(self):
        assert of_body(complex_field(" PAGE ", result="DDEAUTO INCLUDETEXT")) == "accepted"

    def test_passes_over_several_paragraphs(self):
        assert (
            of_body(mark("begin"), instruction(" TOC "), "</w:p><w:p>", mark("separate"), mark("end"))
            == "accepted"
        )

    def test_passes_when_it_is_left_open(self):
        assert of_body(mark("begin"), instruction(" PAGE ")) == "accepted"

    def test_passes_with_two_results(self):
        assert (
            of_body(complex_field(" PAGE ").replace(mark("end"), mark("separate") + mark("end")))
            == "accepted"
        )

    def test_passes_when_tracked(self):
        gone = complex_field(instruction(" DATE ", "delInstrText"))
        assert of_body(deleted(gone), inserted(complex_field(" TIME "))) == "accepted"

    def test_passes_in_a_text_box_within_another_field(self):
        assert (
            of_body(mark("begin"), instruction(" IF "), text_box(complex_field(" PAGE ")), mark("end"))
            == "accepted"
        )

    def test_passes_in_an_equation(self):
        math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
        equation = f'<m:oMath xmlns:m="{math}">{complex_field(" SEQ Equation ")}</m:oMath>'
        assert of_body(equation) == "accepted"

    def test_passes_with_a_picture_in_two_drawings(self):
        assert (
            of_body(complex_field(" PAGE ", CHOICE.format(text_box(complex_field(" PAGE "))))) == "accepted"
        )


class TestActiveField:
    @pytest.mark.parametrize("name", sorted(ACTIVE_FIELDS))
    def test_is_refused(self, name):
        assert of_body(complex_field(f" {name} c:\\\\evil ")) == "active_field"
        assert of_body(simple_field(f" {name} c:\\\\evil ")) == "active_field"

    @pytest.mark.parametrize(
        "words",
        [
            "DDEAUTO",
            "  ddeAuto x",
            "\n\tDDE\u00a0x",
            "&quot;DDE&quot; x",
            "\\DDE x",
            "DDE\\x",
            "D\u200bDE x",
            "\ufeffDDE x",
            "ＤＤＥ x",
            "DDE&#x200b;AUTO",
            "<![CDATA[DDE]]> x",
            "D<!-- -->DE x",
        ],
    )
    def test_is_refused_in_any_spelling(self, words):
        assert of_body(complex_field(instruction(words))) == "active_field"

    @pytest.mark.parametrize(
        "pieces",
        [
            (" D", "DE", "AUTO ", "c:\\\\evil"),
            tuple(" DDE x"),
            (" ", "DDE x"),
            (text(" DD"), "E x"),
            ("D", instruction("DE x", "delInstrText")),
            ("</w:p><w:p>", "DDE x"),
            (deleted(instruction(" PAGE ", "delInstrText")), "DDE x"),
            (inserted(instruction(" PAGE ")), "DDE x"),
            ("DD", inserted(instruction(" PAGE ")), "E x"),
            (deleted(instruction("D", "delInstrText")), inserted(instruction("LINK x"))),
            (FOREIGN.format(""), "DDE x"),
        ],
    )
    def test_is_refused_when_split(self, pieces):
        runs = (piece if piece.startswith("<") else instruction(piece) for piece in pieces)
        assert of_body(complex_field(*runs)) == "active_field"

    def test_is_refused_inside_other_fields(self):
        assert of_body(complex_field(" IF 1 = 1 ", complex_field(" DDE x "))) == "active_field"
        assert of_body(complex_field(" IF 1 = 1 ", simple_field(" DDE x "))) == "active_field"
        assert of_body(simple_field(" PAGE ").replace(text("1"), complex_field(" DDE x "))) == "active_field"
        assert of_body(
            complex_field(" TOC ", result="").replace(mark("end"), complex_field(" DDE ") + mark("end"))
        ) == ("active_field")

    def test_is_refused_when_it_is_left_open(self):
        assert of_body(mark("begin"), instruction(" DDE x ")) == "active_field"

    def test_is_refused_in_a_text_box(self):
        assert of_body(text_box(complex_field(" DDE x "))) == "active_field"
        assert of_body(
            mark("begin"), text_box(complex_field(" PAGE ")), instruction(" DDE x "), mark("end")
        ) == ("active_field")

    def test_is_refused_around_a_text_box_that_opens_a_field(self):
        opened = text_box(mark("begin"), instruction(" PAGE "), mark("separate"))
        assert of_body(mark("begin"), opened, instruction(" DDE x "), mark("end")) == "active_field"

    @pytest.mark.parametrize(
        ("kind", "root", "content_type"),
        [
            ("header", "hdr", "header"),
            ("footer", "ftr", "footer"),
            ("footnotes", "footnotes", "footnotes"),
            ("endnotes", "endnotes", "endnotes"),
            ("comments", "comments", "comments"),
            ("glossaryDocument", "glossaryDocument", "document.glossary"),
        ],
    )
    def test_is_refused_in_every_story(self, kind, root, content_type):
        package = word().relate(kind, "story.xml")
        package.put(
            "word/story.xml",
            story(root, complex_field(" DDE x ")),
            f"{TYPE}.wordprocessingml.{content_type}+xml",
        )
        assert outcome(package) == "active_field"

    def test_is_refused_in_a_part_that_nothing_refers_to(self):
        assert (
            outcome(word().put("word/media/a.png", story("hdr", complex_field(" DDE x ")))) == "active_field"
        )

    def test_is_refused_in_the_strict_vocabulary(self):
        part = story("hdr", complex_field(" DDE x ")).replace(W, STRICT_W)
        assert outcome(word().put("word/header9.xml", part)) == "active_field"

    def test_is_refused_in_utf_16(self):
        part = '<?xml version="1.0" encoding="UTF-16"?>' + story("hdr", complex_field(" DDE x "))
        assert outcome(word().put("word/header9.xml", part.encode("utf-16"))) == "active_field"


class TestHiddenField:
    """Marks that Word may read differently, and commands that are only known when fields are updated."""

    @pytest.mark.parametrize(
        "pieces",
        [
            (complex_field(" QUOTE 68 68 69 "), " c:\\\\evil"),
            (" ", complex_field(" REF command "), " c:\\\\evil"),
            (simple_field(" QUOTE 68 68 69 "), " c:\\\\evil"),
            ("D", complex_field(" QUOTE 68 69 "), " c:\\\\evil"),
            ("INCLUDETE", complex_field(" QUOTE 84 "), " c:\\\\evil"),
            ('<w:r><w:sym w:font="Arial" w:char="0044"/></w:r>', "DE x"),
            (FOREIGN.format(instruction(" PAGE ")), "DDE x"),
            (CHOICE.format(instruction(" PAGE ")), "DDE x"),
            (FOREIGN.format(mark("separate")), "DDE x"),
            (CHOICE.format(mark("end")), "DDE x"),
            (FOREIGN.format(simple_field(" PAGE ")), "DDE x"),
            ("<w:r><w:instrText>D<w:b/>DE</w:instrText></w:r>",),
            ('<w:r><w:fldChar w:fldCharType="start"/></w:r>', "DDE x"),
            ("<w:r><w:fldChar/></w:r>", "DDE x"),
            (f'<s:r xmlns:s="{STRICT_W}"><s:fldChar s:fldCharType="separate"/></s:r>', "DDE x"),
            ('<w:fldSimple w:instr="PAGE">' + mark("end") + "</w:fldSimple>", "DDE x"),
            ('<w:fldSimple w:instr="PAGE">' + mark("begin") + "</w:fldSimple>", "DDE x"),
        ],
    )
    def test_is_refused(self, pieces):
        runs = (piece if piece.startswith("<") else instruction(piece) for piece in pieces)
        assert of_body(complex_field(*runs)) == "hidden_field"

    @pytest.mark.parametrize(
        "xml",
        [
            (
                mark("begin"),
                instruction("DD"),
                deleted(mark("separate")),
                instruction("EAUTO x"),
                mark("end"),
            ),
            (mark("begin"), instruction("DD"), deleted(mark("end")), instruction("EAUTO x"), mark("end")),
            (mark("begin"), instruction("PAGE"), mark("separate"), instruction(" DDE x"), mark("end")),
            (instruction(" DDE x"),),
            (mark("end"), instruction("PAGE"), instruction("DDEAUTO x"), mark("begin")),
        ],
    )
    def test_is_refused_where_marks_do_not_match(self, xml):
        assert of_body(*xml) == "active_field"


class TestAnySplitting:
    @given(st.sampled_from(sorted(ACTIVE_FIELDS)), st.lists(st.integers(0, 20)), st.booleans())
    def test_of_an_active_field_is_refused(self, name, places, is_lower):
        words = f" {name.lower() if is_lower else name} c:\\\\evil"
        cuts = sorted({0, len(words), *(place for place in places if place < len(words))})
        pieces = [words[start:end] for start, end in pairwise(cuts)]
        assert of_body(complex_field(*map(instruction, pieces))) == "active_field"

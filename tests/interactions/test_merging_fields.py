"""Merge fields in every shape Word gives them, filled as docx-mailmerge2 fills them."""

import datetime as dt
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from interactions import merging
from interactions.gate import accept
from interactions.merging import Filling
from interactions.merging.template import CompiledTemplate
from interactions.models import MergeEngine
from tests.merging import (
    complex_field,
    field,
    instruction,
    letter,
    mark,
    merged,
    nested,
    oracle,
    parts_of,
    shown,
    simple_field,
    text,
    text_box,
    text_of,
    texts,
    with_headers,
    word,
)
from tests.word_files import LETTER, TYPE, W, merge_letter, template

VALUES = {
    "first_name": "Ana & Co",
    "last_name": "Núñez <de>",
    "company": 'Láminas "SL" ’n’',
    "city": "Bilbao",
    "note": "one\ntwo\n\nthree",
    "number": "CT000017",
    "sales": "Марта Руис",
}

# Marks and instruction in one run, as some programs write them.
ONE_RUN = (
    '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> MERGEFIELD City </w:instrText>'
    '<w:fldChar w:fldCharType="separate"/><w:t>old</w:t><w:fldChar w:fldCharType="end"/></w:r>'
)


def looks_of(content, words):
    """The run properties around *words* in the document."""
    root = etree.fromstring(parts_of(content)["word/document.xml"])
    for run in root.iter(f"{{{W}}}r"):
        if "".join(t.text or "" for t in run.iter(f"{{{W}}}t")) == words:
            properties = run.find(f"{{{W}}}rPr")
            return [] if properties is None else [etree.QName(each).localname for each in properties]
    raise AssertionError(f"{words} is no run")


class TestLetterOfWord:
    def test_says_what_the_oracle_says_in_all_parts(self):
        content = LETTER.read_bytes()
        ours, theirs = texts(merged(content, VALUES)), oracle(content, VALUES)
        assert ours == theirs
        assert "Dear Ana & Co Núñez <de>," in ours["word/document.xml"]
        assert "note: one\ntwo\n\nthree" in ours["word/document.xml"]
        assert ours["word/header1.xml"].endswith("Your contact: Марта Руис")
        assert ours["word/footer1.xml"].endswith("Bilbao page 1")

    def test_keeps_its_looks(self):
        assert looks_of(merged(LETTER.read_bytes(), VALUES), "Núñez <de>") == ["b"]

    def test_keeps_all_other_parts_byte_for_byte(self):
        before, after = parts_of(LETTER.read_bytes()), parts_of(merged(LETTER.read_bytes(), VALUES))
        filled = {"word/document.xml", "word/header1.xml", "word/footer1.xml"}
        assert before.keys() == after.keys()
        assert {name for name in before if before[name] != after[name]} == filled

    def test_tells_where_its_fields_are(self):
        uses = merging.compile(LETTER.read_bytes()).uses
        assert [(use.name, str(use.place)) for use in uses] == [
            ("first_name", "page 1"),
            ("last_name", "page 1"),
            ("company", "page 1"),
            ("city", "page 1"),
            ("note", "page 1"),
            ("number", "page 1"),
            ("last_name", "page 1"),
            ("sales", "in the header"),
            ("city", "in the footer"),
        ]

    def test_is_the_same_file_each_time(self):
        made = [merging.compile(LETTER.read_bytes()).merge(Filling(VALUES)) for _time in range(2)]
        assert made[0].content == made[1].content
        assert made[0].sha256 == made[1].sha256

    def test_has_another_hash_when_it_says_something_else(self):
        compiled = merging.compile(LETTER.read_bytes())
        assert (
            compiled.merge(Filling(VALUES)).sha256
            != compiled.merge(Filling(VALUES | {"city": "Irún"})).sha256
        )

    def test_with_the_data_source_of_its_author_merges(self):
        stored = accept(io.BytesIO(merge_letter().packed()), name="letter.docx", max_bytes=10**7).content
        assert texts(merged(stored, VALUES | {"City": "Irún"})) == oracle(stored, VALUES | {"City": "Irún"})

    def test_made_from_a_word_template_is_a_document(self):
        package = template().write(field("City"))
        types = parts_of(merged(package, {"City": "Irún"}))["[Content_Types].xml"]
        assert b"document.main+xml" in types
        assert b"template.main+xml" not in types


class TestFields:
    @pytest.mark.parametrize(
        "xml",
        [
            simple_field(" MERGEFIELD City "),
            simple_field("MERGEFIELD   City   \\* MERGEFORMAT"),
            simple_field(" mergefield City "),
            simple_field(" MERGEFIELD &quot;City&quot; "),
            field("City"),
            complex_field(" MERGE", "FIELD Ci", "ty "),
            ONE_RUN,
            # Never updated: no result yet.
            mark("begin") + instruction(" MERGEFIELD City ") + mark("end"),
        ],
    )
    def test_are_filled_in_every_shape(self, xml):
        assert shown(text("In "), xml, text("!"), values={"City": "Irún"}) == "In Irún!"

    def test_without_a_value_are_empty(self):
        assert shown(text("In "), field("City"), text("!"), values={}) == "In !"

    def test_in_tables_text_boxes_and_both_readings_of_a_drawing_are_filled(self):
        twice = (
            '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f'<mc:Choice Requires="wps">{text_box(field("City"))[5:-6]}</mc:Choice>'
            f"<mc:Fallback>{text_box(field('City'))[5:-6]}</mc:Fallback></mc:AlternateContent></w:r>"
        )
        table = f"</w:p><w:tbl><w:tr><w:tc><w:p>{field('City')}</w:p></w:tc></w:tr></w:tbl><w:p>"
        package = word().write(table, text_box(field("City")), twice)
        assert texts(merged(package, {"City": "Irún"})) == oracle(package, {"City": "Irún"})
        assert text_of(merged(package, {"City": "Irún"})).count("Irún") == 4

    def test_in_headers_of_the_first_and_of_even_pages_are_filled(self):
        package = with_headers(
            word(),
            default_header=field("City"),
            first_header=simple_field("MERGEFIELD City"),
            even_header=field("City", "\\* Upper"),
            first_footer=field("City"),
        )
        made = texts(merged(package, {"City": "Irún"}))
        assert made == oracle(package, {"City": "Irún"})
        assert [made[f"word/header{number}.xml"] for number in (1, 2, 3)] == ["¶Irún", "¶Irún", "¶IRÚN"]

    def test_of_other_kinds_stay_as_they_are(self):
        xml = complex_field(" PAGE ", result="7") + field("City")
        content = merged(letter(xml), {"City": "Irún"})
        assert b" PAGE " in parts_of(content)["word/document.xml"]
        assert text_of(content) == "¶7Irún"

    def test_that_wait_to_be_deleted_stay_as_they_are(self):
        gone = (
            f'<w:del w:id="1" w:author="Ana">{mark("begin")}'
            f"{instruction(' MERGEFIELD Old ', 'delInstrText')}{mark('end')}</w:del>"
        )
        compiled = merging.compile(letter(gone, field("City")).packed())
        assert [use.name for use in compiled.uses] == ["City"]
        assert (
            b"MERGEFIELD Old"
            in parts_of(compiled.merge(Filling({"City": "Irún"})).content)["word/document.xml"]
        )

    def test_that_were_inserted_and_wait_are_filled(self):
        xml = f'<w:ins w:id="1" w:author="Ana">{field("City")}</w:ins>'
        assert shown(xml, values={"City": "Irún"}) == "Irún"

    def test_in_the_result_of_another_field_are_filled(self):
        xml = (
            mark("begin")
            + instruction(' HYPERLINK "https://example.com" ')
            + mark("separate")
            + field("City")
            + mark("end")
        )
        assert shown(xml, values={"City": "Irún"}) == "Irún"

    def test_with_a_result_of_several_paragraphs_are_filled_and_lose_nothing_around_them(self):
        xml = (
            text("before ")
            + mark("begin")
            + instruction(" MERGEFIELD City ")
            + mark("separate")
            + text("old")
            + "</w:p><w:p>"
            + text("older")
            + "</w:p><w:p>"
            + text("oldest")
            + mark("end")
            + text(" behind")
        )
        assert shown(xml, values={"City": "Irún"}) == "before Irún behind"

    def test_keep_the_bookmarks_in_them(self):
        xml = (
            mark("begin")
            + instruction(" MERGEFIELD City ")
            + '<w:bookmarkStart w:id="3" w:name="here"/>'
            + mark("separate")
            + text("old")
            + '<w:bookmarkEnd w:id="3"/>'
            + mark("end")
        )
        part = parts_of(merged(letter(xml), {"City": "Irún"}))["word/document.xml"]
        assert part.count(b"bookmarkStart") == part.count(b"bookmarkEnd") == 1

    def test_of_word_for_addresses_and_greetings_take_ours(self):
        xml = complex_field(' ADDRESSBLOCK \\f "_TITLE0_" \\l 1033 \\c 1 ') + complex_field(
            " GREETINGLINE \\l 1033 "
        )
        compiled = merging.compile(letter(xml).packed())
        assert [use.name for use in compiled.uses] == ["ADDRESSBLOCK", "GREETINGLINE"]
        values = {"ADDRESSBLOCK": "Ana\nIrún", "GREETINGLINE": "Dear Ana,"}
        assert text_of(compiled.merge(Filling(values)).content) == "¶Ana\nIrúnDear Ana,"

    def test_under_another_prefix_are_filled(self):
        package = letter(field("City"))
        part = package.parts["word/document.xml"].replace(b"w:", b"word:").replace(b":w=", b":word=")
        package.parts["word/document.xml"] = part
        assert text_of(merged(package, {"City": "Irún\nEibar"})) == "¶Irún\nEibar"

    def test_look_as_their_switches_say(self):
        def run(xml, looks):
            return f"<w:r><w:rPr><w:{looks}/></w:rPr>{xml}</w:r>"

        def made(switch):
            return (
                run('<w:fldChar w:fldCharType="begin"/>', "b")
                + run(f"<w:instrText> MERGEFIELD City {switch} </w:instrText>", "i")
                + run('<w:fldChar w:fldCharType="separate"/>', "b")
                + run("<w:t>old</w:t>", "u")
                + run('<w:fldChar w:fldCharType="end"/>', "b")
            )

        assert looks_of(merged(letter(made("")), {"City": "Irún"}), "Irún") == ["i"]
        assert looks_of(merged(letter(made("\\* CHARFORMAT")), {"City": "Irún"}), "Irún") == ["i"]
        assert looks_of(merged(letter(made("\\* MERGEFORMAT")), {"City": "Irún"}), "Irún") == ["u"]

    def test_are_counted_by_the_pages_word_noted(self):
        xml = (
            field("One")
            + '<w:r><w:br w:type="page"/></w:r><w:r><w:lastRenderedPageBreak/></w:r>'
            + field("Two")
        )
        assert [str(use.place) for use in merging.compile(letter(xml).packed()).uses] == ["page 1", "page 2"]

    def test_are_counted_by_typed_pages_where_word_noted_none(self):
        xml = field("One") + '<w:r><w:br w:type="page"/></w:r>' + field("Two")
        assert [str(use.place) for use in merging.compile(letter(xml).packed()).uses] == ["page 1", "page 2"]


class TestSwitches:
    @pytest.mark.parametrize(
        "switches",
        ["\\* Upper", "\\*Upper", "\\* lower", "\\* Caps", "\\* FirstCap", '\\b "c/o "', "\\f ,", '\\b "(" \\f ")"', "\\m", "\\v",
         "\\* Upper \\* MERGEFORMAT"],
    )  # fmt: skip
    @pytest.mark.parametrize("value", ["maría josé", "Irún", ""])
    def test_say_what_the_oracle_says(self, switches, value):
        package = letter(field("City", switches))
        assert texts(merged(package, {"City": value})) == oracle(package, {"City": value})

    def test_show_dates_and_numbers_in_the_language_of_the_letter(self):
        xml = field("Day", '\\@ "d MMMM yyyy"') + text("; ") + field("Sum", '\\# "#,##0.00"')
        values = {"Day": dt.date(2026, 11, 20), "Sum": "1234.5"}
        assert shown(xml, values=values, language="ru") == "20 ноября 2026; 1\xa0234,50"
        assert shown(xml, values=values, language="en") == "20 November 2026; 1,234.50"

    def test_read_pictures_with_the_decimal_sign_of_the_file(self):
        package = letter(field("Sum", '\\# "#.##0,00"')).set('<w:decimalSymbol w:val=","/>')
        assert text_of(merged(package, {"Sum": "1234.5"}, language="es")) == "¶1.234,50"


class TestIfFields:
    def test_choose_by_the_value(self):
        xml = nested(
            ' IF "', field("Sex"), '" = "F" "Dear Mrs ', field("Name"), '" "Dear Mr ', field("Name"), '" '
        )
        for values in (
            {"Sex": "F", "Name": "Núñez & Co"},
            {"Sex": "M", "Name": "Núñez & Co"},
            {"Sex": "", "Name": ""},
        ):
            assert texts(merged(letter(xml), values)) == oracle(letter(xml), values)
        assert merging.compile(letter(xml).packed()).engine == MergeEngine.COMPILED

    @pytest.mark.parametrize(
        "condition", ['= "28*"', '<> ""', '= ""', '= "28????"', '<> "x"', "= 100", "<> 9.0"]
    )
    @pytest.mark.parametrize("value", ["28013", "", "9", "100", "abc"])
    def test_compare_as_the_oracle_does(self, condition, value):
        xml = nested(' IF "', field("Code"), f'" {condition} "yes" "no" ')
        assert texts(merged(letter(xml), {"Code": value})) == oracle(letter(xml), {"Code": value})

    @pytest.mark.parametrize(
        ("value", "answer"), [("28013", "yes"), ("100", "yes"), ("9", "no"), ("8", "no")]
    )
    def test_compare_numbers_by_their_size(self, value, answer):
        assert shown(nested(" IF ", field("Code"), ' > 9 "yes" "no" '), values={"Code": value}) == answer

    def test_need_no_blanks_around_the_operator(self):
        assert shown(nested(" IF ", field("Sex"), '="F" "Mrs" "Mr" '), values={"Sex": "F"}) == "Mrs"

    def test_nest(self):
        inner = nested(" IF ", field("Old"), ' = "1" "old " "young "')
        xml = nested(" IF ", field("Sex"), ' = "F" "', inner, 'woman" "man" ')
        assert shown(xml, values={"Sex": "F", "Old": "1"}) == "old woman"
        assert shown(xml, values={"Sex": "F", "Old": ""}) == "young woman"
        assert shown(xml, values={"Sex": "M", "Old": "1"}) == "man"

    def test_keep_the_looks_of_their_texts(self):
        bold = '<w:r><w:rPr><w:b/></w:rPr><w:instrText xml:space="preserve">gold</w:instrText></w:r>'
        content = merged(
            letter(nested(" IF ", field("Class"), ' = "1" "a ', bold, ' client" "client"')), {"Class": "1"}
        )
        assert text_of(content) == "¶a gold client"
        assert looks_of(content, "gold") == ["b"]
        assert looks_of(content, " client") == []

    def test_over_several_paragraphs_break_lines(self):
        xml = (
            mark("begin")
            + instruction(" IF ")
            + field("Sex")
            + instruction(' = "F" "one')
            + "</w:p><w:p>"
            + instruction('two" "three" ')
            + mark("separate")
            + text("old")
            + mark("end")
            + text(" behind")
        )
        assert shown(xml, values={"Sex": "F"}) == "one\ntwo behind"
        assert shown(xml, values={"Sex": "M"}) == "three behind"

    def test_without_values_stay_as_word_left_them(self):
        xml = nested(" IF ", complex_field(" PAGE "), ' = "1" "first" "later" ', result="first") + field(
            "City"
        )
        content = merged(letter(xml), {"City": "Irún"})
        assert text_of(content).endswith("firstIrún")
        assert merging.compile(letter(xml).packed()).engine == MergeEngine.COMPILED

    def test_never_show_what_the_author_saw(self):
        xml = nested(" IF ", field("Sex"), ' = "F" "Mrs" "Mr" ', result="CACHED")
        assert "CACHED" not in shown(xml, values={"Sex": "F"})


PIECES = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufffe\uffff"
    )
)
RIGHT_TO_LEFT = st.sampled_from(["שלום עולם", "مرحبا", "\u202babc\u202c", "👩‍👩‍👧", "e\u0301"])
TEXTS = st.one_of(
    PIECES,
    RIGHT_TO_LEFT,
    st.lists(PIECES, min_size=2, max_size=5).map("\n".join),
    st.sampled_from(
        ["& < > \" ' ’", "]]>", "<w:t>", "&amp;", "«x»", "{0}", "%s", "\\* Upper", "x" * 10_000, "a\tb"]
    ),
)


class TestValues:
    @given(value=TEXTS)
    def test_come_out_as_the_oracle_puts_them(self, value):
        package = letter(text("<"[:0]), field("City"), simple_field("MERGEFIELD City"))
        assert texts(merged(package, {"City": value})) == oracle(package, {"City": value})

    @given(value=st.text(max_size=30))
    def test_of_any_characters_make_a_file_that_opens(self, value):
        content = merged(
            letter(field("City"), nested(" IF ", field("City"), ' = "" "" "x" ')), {"City": value}
        )
        etree.fromstring(parts_of(content)["word/document.xml"])

    @given(values=st.lists(TEXTS, min_size=3, max_size=3))
    def test_of_a_whole_letter_come_out_as_the_oracle_puts_them(self, values):
        row = dict(zip(["first_name", "note", "sales"], values, strict=True))
        everything = VALUES | row
        assert texts(merged(LETTER.read_bytes(), everything)) == oracle(LETTER.read_bytes(), everything)


INSTRUCTION = ' MERGEFIELD City \\* Upper \\b "Dear " '
BETWEEN = [
    "",
    '<w:proofErr w:type="spellStart"/>',
    '<w:bookmarkStart w:id="1" w:name="b"/><w:bookmarkEnd w:id="1"/>',
]


@st.composite
def split_fields(draw):
    """A field whose instruction and result are torn into runs at any places, with what Word puts between them."""

    def torn(words, element):
        cuts = sorted(draw(st.sets(st.integers(1, len(words) - 1), max_size=8)))
        pieces = [words[a:b] for a, b in zip([0, *cuts], [*cuts, len(words)], strict=True)]
        runs = []
        for piece in pieces:
            escaped = piece.replace('"', "&quot;")
            runs.append(f'<w:r><w:{element} xml:space="preserve">{escaped}</w:{element}></w:r>')
            runs.append(draw(st.sampled_from(BETWEEN)))
        return "".join(runs)

    has_result = draw(st.booleans())
    middle = mark("separate") + torn("«City of old»", "t") if has_result else ""
    return mark("begin") + torn(INSTRUCTION, "instrText") + middle + mark("end")


class TestSplitRuns:
    @given(xml=split_fields(), value=st.sampled_from(["Irún", "", "a\nb"]))
    def test_make_no_difference(self, xml, value):
        whole = shown(
            text("x "), complex_field(INSTRUCTION.replace('"', "&quot;")), text(" y"), values={"City": value}
        )
        assert shown(text("x "), xml, text(" y"), values={"City": value}) == whole
        assert whole == f"x {f'Dear {value.upper()}' if value else ''} y"

    @given(xml=split_fields())
    def test_read_as_the_oracle_reads_them(self, xml):
        package = letter(xml)
        assert texts(merged(package, {"City": "Irún"})) == oracle(package, {"City": "Irún"})


class TestOddFields:
    def test_without_a_name_are_empty(self):
        assert shown(text("a"), complex_field(" MERGEFIELD "), text("b"), values={}) == "ab"

    def test_with_a_quotation_mark_that_is_never_closed_read_to_the_end(self):
        assert shown(field("City", '\\b "to '), values={"City": "Irún"}) == "to  Irún"

    def test_with_a_quotation_mark_in_a_quoted_text_keep_it(self):
        assert shown(field("City", '\\b "say \\"hi\\" to "'), values={"City": "Ana"}) == 'say "hi" to Ana'

    def test_of_a_condition_without_an_operator_go_to_the_other_engine(self):
        package = letter(nested(" IF ", field("Sex"), ' "yes" "no" '))
        assert not isinstance(merging.compile(package.packed()), CompiledTemplate)

    def test_with_blanks_and_breaks_in_their_instruction_are_filled(self):
        xml = (
            mark("begin")
            + instruction(" MERGEFIELD")
            + "<w:r><w:tab/></w:r>"
            + instruction("City ")
            + mark("end")
        )
        assert shown(xml, values={"City": "Irún"}) == "Irún"

    def test_over_a_section_break_or_a_table_go_to_the_other_engine_or_are_refused(self):
        for between in ("<w:pPr><w:sectPr/></w:pPr></w:p><w:p>", "</w:p><w:tbl/><w:p>"):
            begin = mark("begin") + instruction(" MERGEFIELD City ") + mark("separate")
            xml = begin + text("old") + "</w:p><w:p>" + between + text("older") + mark("end") + text("z")
            with suppress(merging.Unmergeable):
                said = text_of(merged(letter(xml), {"City": "Irún"}))
                assert "Irún" in said
                assert said.endswith("z")

    def test_in_notes_tell_their_place(self):
        note = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="1"><w:p>{field("City")}</w:p></w:footnote></w:footnotes>'
        package = letter(text("x")).put("word/footnotes.xml", note, f"{TYPE}.wordprocessingml.footnotes+xml")
        template = merging.compile(package.packed())
        assert [str(use.place) for use in template.uses] == ["in a footnote"]
        assert texts(template.merge(Filling({"City": "Irún"})).content)["word/footnotes.xml"] == "¶Irún"

    def test_with_dates_and_times_are_written_out(self):
        moment = dt.datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 a wall clock
        assert shown(field("At"), values={"At": moment}, language="en") == "20 November 2026 09:30"
        assert shown(field("At"), values={"At": moment.time()}, language="en") == "09:30"

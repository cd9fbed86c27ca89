"""What our own engine does not fully understand goes to docx-mailmerge2; what neither can do is refused in words."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from interactions import merging
from interactions.merging import Filling, Unmergeable
from interactions.models import MergeEngine
from tests.bad_files import BAD_FILES, GOOD_FILES
from tests.merging import (
    complex_field,
    field,
    instruction,
    letter,
    mark,
    merged,
    nested,
    parts_of,
    shown,
    simple_field,
    text,
    text_of,
    texts,
    word,
)
from tests.word_files import LETTER, W, raw, template

LINK = nested(' HYPERLINK "mailto:', field("Email"), '" ', result="write")
# A field that begins in the paragraph and ends inside a link of it.
CROSSING = (
    mark("begin")
    + instruction(" MERGEFIELD City ")
    + '<w:hyperlink w:anchor="a">'
    + mark("separate")
    + text("old")
    + mark("end")
    + "</w:hyperlink>"
)
BOTH_WAYS = [
    text("Dear ") + field("Name") + text(","),
    simple_field("MERGEFIELD Name") + text(" ") + simple_field("MERGEFIELD Name \\* Upper"),
    field("Name", '\\b "c/o " \\f "!"') + field("Sum", '\\# "#,##0.00"'),
    nested(" IF ", field("Name"), ' = "" "Sir" "Mrs ', field("Name"), '" '),
    complex_field(" PAGE ") + field("Name"),
]

WORD_FILES = {what: each for what, each in GOOD_FILES.items() if each[0].endswith(("docx", "dotx"))}


def instructions_of(content):
    root = etree.fromstring(parts_of(content)["word/document.xml"])
    return "".join(each.text or "" for each in root.iter(f"{{{W}}}instrText"))


def compiled(*xml):
    return merging.compile(letter(*xml).packed())


class TestEngine:
    @pytest.mark.parametrize("xml", BOTH_WAYS)
    def test_is_the_fast_one_when_it_understands_everything(self, xml):
        assert compiled(xml).engine == MergeEngine.COMPILED

    @pytest.mark.parametrize(
        "xml",
        [
            LINK,
            nested(" = ", field("Sum"), " * 2 "),
            nested(" IF ", complex_field(" PAGE "), ' = "1" "', field("Name"), '" "" '),
        ],
    )
    def test_is_the_thorough_one_for_merge_fields_inside_others(self, xml):
        assert compiled(xml).engine == MergeEngine.MAILMERGE

    @pytest.mark.parametrize("xml", BOTH_WAYS)
    @pytest.mark.parametrize("name", ["Núñez & Söhne", 'A "B" C\\D', "two\nlines", ""])
    def test_makes_no_difference_to_what_a_letter_says(self, xml, name):
        values = {"Name": name, "Sum": "1234.5"}
        fast, thorough = (
            shown(xml, values=values, language="es", engine=engine) for engine in MergeEngine.values
        )
        assert fast == thorough

    def test_makes_no_difference_to_the_letter_of_word(self):
        values = {"first_name": "Ana", "note": "a\nb", "city": " Bilbao ", "sales": "Марта"}
        fast, thorough = (
            texts(merged(LETTER.read_bytes(), values, engine=engine)) for engine in MergeEngine.values
        )
        assert fast == thorough

    @settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
    @given(name=st.text(max_size=20))
    def test_makes_no_difference_to_any_value(self, name):
        xml = field("Name") + nested(" IF ", field("Name"), ' = "" "-" "', field("Name"), '" ')
        package = letter(xml).packed()
        fast, thorough = (text_of(merged(package, {"Name": name}, engine=e)) for e in MergeEngine.values)
        assert fast.replace("\t", "") == thorough.replace("\t", "")

    def test_that_was_stored_is_taken_again(self):
        assert merging.compile(LETTER.read_bytes(), engine="MAILMERGE").engine == MergeEngine.MAILMERGE

    def test_names_the_same_fields_either_way(self):
        ways = [merging.compile(LETTER.read_bytes(), engine=engine).uses for engine in MergeEngine.values]
        assert ways[0] == ways[1]


class TestThoroughEngine:
    def test_puts_values_into_the_instructions_of_other_fields(self):
        content = merged(letter(LINK), {"Email": "ana@example.com"})
        assert 'HYPERLINK "mailto:ana@example.com" ' in instructions_of(content)
        assert text_of(content) == "¶write"

    def test_lets_no_value_change_the_instruction_it_stands_in(self):
        content = merged(letter(LINK), {"Email": 'a" \\l "x”\ny'})
        assert "HYPERLINK \"mailto:a' /l 'x' y\" " in instructions_of(content)

    def test_formats_values_as_the_fast_one_does(self):
        content = merged(letter(LINK, field("Sum", '\\# "#,##0.00"')), {"Sum": "1234.5"}, language="es")
        assert text_of(content) == "¶write1.234,50"

    def test_makes_a_document_of_a_template(self):
        types = parts_of(merged(template().write(LINK), {}))["[Content_Types].xml"]
        assert b"document.main+xml" in types
        assert b"template.main+xml" not in types

    def test_gives_the_same_letter_the_same_hash(self):
        made = compiled(LINK, field("Name"))
        letters = [made.merge(Filling({"Name": name})).sha256 for name in ("Ana", "Ana", "Eva")]
        assert letters[0] == letters[1] != letters[2]

    def test_keeps_looks_of_simple_fields(self):
        bold = '<w:fldSimple w:instr="MERGEFIELD Name"><w:r><w:rPr><w:b/></w:rPr><w:t>x</w:t></w:r></w:fldSimple>'
        part = parts_of(merged(letter(LINK, bold), {"Name": "Ana"}))["word/document.xml"]
        assert b"<w:rPr><w:b/></w:rPr><w:t>Ana</w:t>" in part


class TestRefusals:
    def refusal(self, content):
        with pytest.raises(Unmergeable) as refused:
            merging.compile(content if isinstance(content, bytes) else content.packed())
        return refused.value

    @pytest.mark.parametrize("command", ["NEXT", "NEXTIF 1 = 1", "SKIPIF 1 = 1", "MERGEREC", "MERGESEQ"])
    def test_name_fields_that_go_on_to_another_contact(self, command):
        refused = self.refusal(letter(complex_field(f" {command} ")))
        assert refused.code == "next_record"
        assert f"The field {command.split()[0]}, page 1, goes on to the next contact" in refused.for_user

    def test_name_fields_without_an_end(self):
        refused = self.refusal(letter(mark("begin"), instruction(" MERGEFIELD City ")))
        assert refused.code == "unfinished"
        assert "The field MERGEFIELD, page 1, is incomplete" in refused.for_user

    def test_name_fields_that_end_in_another_text_box(self):
        box = '<w:r><w:pict><w:txbxContent xmlns:v="v"><w:p>{}</w:p></w:txbxContent></w:pict></w:r>'
        xml = mark("begin") + instruction(" MERGEFIELD City ") + box.format(mark("end")) + mark("end")
        xml = box.format(mark("begin") + instruction(" MERGEFIELD City ")) + xml
        assert self.refusal(letter(xml)).code == "unfinished"

    def test_name_fields_that_the_library_would_lose(self):
        refused = self.refusal(letter(CROSSING))
        assert refused.code == "too_nested"
        assert "City" in refused.for_user or "MERGEFIELD" in refused.for_user

    def test_name_merge_fields_made_of_fields(self):
        assert self.refusal(letter(nested(" MERGEFIELD ", field("Name"), " "))).code == "too_nested"

    def test_name_fields_in_fields_in_fields(self):
        xml = field("Name")
        for _time in range(30):
            xml = nested(" IF ", xml, ' = "" "" "x" ')
        assert self.refusal(letter(xml)).code == "too_nested"

    @pytest.mark.parametrize("content", [b"", b"PK", b"x" * 1000, LETTER.read_bytes()[:-100]])
    def test_say_that_it_is_no_word_file(self, content):
        assert self.refusal(content).code == "damaged"

    def test_meet_a_document_type(self):
        package = word()
        package.parts["word/document.xml"] = (
            b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + package.parts["word/document.xml"]
        )
        assert self.refusal(package).code == "damaged"

    def test_meet_a_part_that_is_no_xml(self):
        package = word().put("word/document.xml", "<w:document")
        assert self.refusal(package).code == "damaged"

    def test_meet_a_document_of_another_vocabulary(self):
        package = word().put("word/document.xml", "<document><body/></document>")
        assert self.refusal(package).code == "damaged"

    @pytest.mark.parametrize(
        ("name", "build"),
        [(each[1], each[2]) for each in BAD_FILES.values() if each[1].endswith(("docx", "dotx"))],
        ids=[name for name, each in BAD_FILES.items() if each[1].endswith(("docx", "dotx"))],
    )
    def test_are_all_that_happens_with_files_the_gate_refuses(self, name, build):
        with suppress(Unmergeable):
            assert parts_of(merging.compile(build()).merge(Filling({})).content)

    @pytest.mark.parametrize("build", [build for _name, build in WORD_FILES.values()], ids=list(WORD_FILES))
    def test_spare_what_the_gate_lets_through(self, build):
        content = merging.compile(build()).merge(Filling({})).content
        assert parts_of(content).keys() == {name for name in parts_of(build()) if not name.endswith("/")}

    def test_spare_a_file_with_parts_that_nobody_mentions(self):
        assert merging.compile(raw(letter(field("City")))).uses

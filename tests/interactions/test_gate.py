"""The gate lets good files through unchanged and refuses bad ones in one sentence."""

import io
import json
import os
import subprocess
import sys
import traceback
from functools import cache

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from interactions.gate import Refused, accept, display_name
from interactions.gate.kinds import KINDS
from interactions.gate.refusals import SENTENCES
from tests.bad_files import BAD_FILES, GOOD_FILES, MAX_BYTES
from tests.word_files import (
    LETTER,
    MIB,
    company_letter,
    complex_field,
    instruction,
    jpeg,
    mark,
    merge_letter,
    ole,
    pdf,
    pdf_stream,
    plain_docx,
    plain_xlsx,
    png,
    word,
)


def offer(content, name):
    return accept(io.BytesIO(content), name=name, max_bytes=MAX_BYTES)


@cache
def bad_file(name):
    return BAD_FILES[name][2]()


def refusal(content, name):
    with pytest.raises(Refused) as caught:
        offer(content, name)
    return caught.value


class TestGoodFile:
    @pytest.mark.parametrize("name", GOOD_FILES)
    def test_passes_unchanged(self, name):
        file_name, make = GOOD_FILES[name]
        content = make()
        accepted = offer(content, file_name)
        assert accepted.content == content
        assert accepted.name == file_name
        assert accepted.extension == file_name.rpartition(".")[2].lower()
        assert accepted.mime == KINDS[accepted.extension].mime

    def test_passes_as_an_upload(self):
        upload = SimpleUploadedFile("Письмо.docx", plain_docx())
        accepted = accept(upload, name=upload.name, max_bytes=MAX_BYTES)
        assert (accepted.name, accepted.content) == ("Письмо.docx", plain_docx())

    def test_may_be_as_large_as_allowed(self):
        assert offer(b"x" * MAX_BYTES, "a.txt").content == b"x" * MAX_BYTES


class TestBadFile:
    @pytest.mark.parametrize("name", BAD_FILES)
    def test_is_refused(self, name):
        code, file_name, _ = BAD_FILES[name]
        refused = refusal(bad_file(name), file_name)
        assert refused.code == code
        assert "%" not in refused.for_user
        assert refused.for_user.endswith(".")

    def test_is_let_go_when_it_is_refused(self):
        refused = refusal(plain_docx()[:20_000], "letter.docx")
        assert traceback.extract_tb(refused.__traceback__)[-1].name == "accept"
        assert refused.__context__ is None

    def test_takes_little_memory(self, tmp_path):
        """One process looks at all of them; what it needed at most on top of itself is less than 50 MB."""
        files = []
        for number, (name, (_, file_name, _)) in enumerate(BAD_FILES.items()):
            path = tmp_path / str(number)
            path.write_bytes(bad_file(name))
            files.append((str(path), file_name))
        peak = subprocess.run(
            [sys.executable, "-c", MEASURE_PEAK],
            input=json.dumps({"files": files, "max_bytes": MAX_BYTES}),
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (peak.returncode, peak.stderr) == (0, "")
        assert int(peak.stdout) < 50 * MIB

    def test_every_sentence_is_said_of_some_file(self):
        said = {code for code, *_ in BAD_FILES.values()} | {"active_field", "hidden_field"}
        assert said == set(SENTENCES)


# Reads no more than accept itself; prints the growth of the peak in bytes.
MEASURE_PEAK = """
import json, resource, sys
from pathlib import Path
import django
django.setup()
from interactions.gate import Refused, accept

def peak():
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

job = json.load(sys.stdin)
before = peak()
for path, name in job["files"]:
    try:
        with open(path, "rb") as upload:
            accept(upload, name=name, max_bytes=job["max_bytes"])
    except Refused:
        continue
    sys.exit(f"{name} was accepted")
print(peak() - before)
"""


class TestSentence:
    def test_says_what_to_do_with_an_old_document(self):
        assert refusal(b"", "letter.doc").for_user == (
            "This is an old .doc file. Save it as .docx in Word and upload it again."
        )
        assert refusal(ole("Workbook"), "prices.xlsx").for_user == (
            "This is an old .xls file. Save it as .xlsx in Excel and upload it again."
        )

    def test_says_how_large_a_file_may_be(self):
        with pytest.raises(Refused) as caught:
            accept(io.BytesIO(b"xx"), name="a.txt", max_bytes=1)
        assert caught.value.for_user == (
            "The file is larger than 1\xa0byte. Make it smaller and upload it again."
        )

    def test_names_the_field(self):
        refused = refusal(word().write(complex_field(" ddeauto c:\\\\cmd ")).packed(), "letter.docx")
        assert refused.for_user.startswith("This file contains the field DDEAUTO, which fetches content")

    def test_is_said_in_the_language_of_the_reader(self):
        refused = refusal(b"", "a.txt")
        with translation.override("es"):
            assert refused.for_user == translation.gettext(str(SENTENCES["empty"]))


class TestUploadTooLarge:
    def test_is_not_read_to_its_end(self):
        upload = io.BytesIO(bytes(100 * MIB))
        with pytest.raises(Refused):
            accept(upload, name="a.txt", max_bytes=MIB)
        assert upload.tell() < 2 * MIB


class TestDisplayName:
    @pytest.mark.parametrize(
        ("given_name", "shown"),
        [
            ("Письмо клиенту № 5.docx", "Письмо клиенту № 5.docx"),
            ("C:\\Users\\ana\\Brief.docx", "Brief.docx"),
            ("../../etc/passwd", "passwd"),
            ("Brief\r\n\t2.docx", "Brief 2.docx"),
            ("Brief\0\x07.docx", "Brief.docx"),
            ("gpj.\u202ecod.docx", "gpj.cod.docx"),
            ("re\u0301sume\u0301.docx", "résumé.docx"),
            ("..docx..", "docx"),
            ("Brief .docx", "Brief.docx"),
            ("", "file"),
            ("x" * 300 + ".docx", "x" * 195 + ".docx"),
            ("x" * 300, "x" * 200),
            ("Dr. Ruiz, 5. 11", "Dr. Ruiz, 5. 11"),
        ],
    )
    def test_is_clean(self, given_name, shown):
        assert display_name(given_name) == shown

    @given(
        st.lists(
            st.characters(exclude_categories=())
            | st.sampled_from(["x" * 60, "y" * 190, ".docx", ".", " ", "/", "\\", "\u202e", "e\u0301"])
        ).map("".join)
    )
    def test_is_short_printable_and_final(self, given_name):
        shown = display_name(given_name)
        assert 0 < len(shown) <= 200
        assert not any(c in shown for c in "/\\\0\n\u202e")
        assert shown.encode("utf-8")
        assert display_name(shown) == shown


def accepted_or_refused(content, name):
    """Offers *content*; any exception but Refused fails the test. What is accepted is accepted again, unchanged."""
    try:
        accepted = offer(content, name)
    except Refused as refused:
        return refused.code
    assert offer(accepted.content, name).content == accepted.content
    return "accepted"


@st.composite
def changed(draw, content):
    """*content* with a few bytes changed, removed or added, or cut."""
    mutable = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(mutable)))
        length = draw(st.integers(0, 20))
        mutable[place : place + length] = draw(st.binary(max_size=20))
    return bytes(mutable[: draw(st.integers(0, len(mutable)) | st.just(len(mutable)))])


XML_CRUMBS = st.sampled_from(
    [
        b"<",
        b">",
        b"/>",
        b"&",
        b'"',
        b"</w:p>",
        b"<w:p>",
        b"<!DOCTYPE a>",
        b"<![CDATA[",
        b"\xff",
        b"\0",
        mark("begin").encode(),
        mark("separate").encode(),
        mark("end").encode(),
        instruction(" DDE").encode(),
        b"<w:mailMerge/>",
        b"<w:attachedTemplate/>",
        b"attachedTemplate",
        b"C:\\",
        b"//",
        b'<w:fldSimple w:instr="PAGE">',
        b"</w:fldSimple>",
        b"<w:txbxContent>",
        b"</w:txbxContent>",
        b"<a:b xmlns:a='urn:a'>",
        b'TargetMode="External"',
        b'Target="',
        b'Type="',
    ]
)


class TestAnyFile:
    """Whatever arrives, the gate accepts or refuses; it never fails."""

    @given(changed(LETTER.read_bytes()))
    def test_of_word_is_accepted_or_refused(self, content):
        assert accepted_or_refused(content, "a.docx")

    @given(st.data())
    def test_of_word_with_changed_parts_is_accepted_or_refused(self, data):
        package = company_letter("file:///C:\\Company.dotx", merge_letter(word()))
        for _ in range(data.draw(st.integers(1, 4))):
            name = data.draw(st.sampled_from(sorted(package.parts)))
            part = bytearray(package.parts[name])
            place = data.draw(st.integers(0, len(part)))
            part[place : place + data.draw(st.integers(0, 30))] = data.draw(XML_CRUMBS)
            package.parts[name] = bytes(part)
        assert accepted_or_refused(package.packed(), "a.docx")

    @given(changed(plain_xlsx()))
    def test_of_excel_is_accepted_or_refused(self, content):
        assert accepted_or_refused(content, "a.xlsx")

    @given(changed(pdf(pdf_stream(b"BT (Hello) Tj ET" * 20), b"<< /First 5 0 R >>", pdf_stream(b"x"))))
    def test_of_acrobat_is_accepted_or_refused(self, content):
        assert accepted_or_refused(content, "a.pdf")

    @given(st.binary(), st.sampled_from(sorted(KINDS)))
    def test_of_any_name_is_accepted_or_refused(self, content, ending):
        assert accepted_or_refused(content, f"a.{ending}")

    @given(changed(png()))
    def test_of_points_is_accepted_or_refused(self, content):
        assert accepted_or_refused(content, "a.png")

    @given(changed(jpeg()))
    def test_of_a_camera_is_accepted_or_refused(self, content):
        assert accepted_or_refused(content, "a.jpg")

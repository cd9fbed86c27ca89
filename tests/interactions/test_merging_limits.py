"""The engine stays fast and small: many letters, and files that were made to be large."""

import io
import subprocess
import sys
import time
import zipfile

import pytest

from interactions import merging
from interactions.merging import Filling, Unmergeable
from tests.merging import field, instruction, letter, mark, text, text_of, word
from tests.word_files import LETTER, MIB, Member, deflated_zeros, raw, raw_word

MEASURED = """
import io, sys
import django
django.setup()
from benchmarks.meters import peak_memory
from interactions import merging
from interactions.merging import Filling
content = open({path!r}, "rb").read()
template = merging.compile(content, engine={engine!r})
def letters(count):
    for number in range(count):
        yield str(number), template.merge(Filling({{"first_name": str(number), "note": "x" * 500}})).content
class Nowhere(io.RawIOBase):
    place = 0
    def writable(self): return True
    def write(self, data): self.place += len(data); return len(data)
    def tell(self): return self.place
merging.write_archive(letters({few}), Nowhere())
before = peak_memory()
assert merging.write_archive(letters({many}), Nowhere()) == {many}
print(peak_memory() - before)
"""


def run(code):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return float(result.stdout)


class TestMemory:
    @pytest.mark.parametrize(("engine", "few", "many"), [("COMPILED", 50, 2000), ("MAILMERGE", 5, 60)])
    def test_does_not_grow_with_the_letters(self, engine, few, many):
        assert run(MEASURED.format(path=str(LETTER), engine=engine, few=few, many=many)) < 8

    def test_of_a_whole_print_file_is_small(self):
        code = """
import django, tempfile
django.setup()
from benchmarks.meters import peak_memory
from interactions import merging
from interactions.merging import Filling
template = merging.compile(open(%r, "rb").read())
with tempfile.TemporaryFile() as file:
    merging.combine(template, [Filling({"sales": "x"})] * 5, file)
before = peak_memory()
with tempfile.TemporaryFile() as file:
    merging.combine(template, [Filling({"sales": "x"})] * 500, file)
print(peak_memory() - before)
"""
        assert run(code % str(LETTER)) < 30


class TestSpeed:
    def test_is_far_above_packing_the_same_file_again(self):
        """The floor: the parts of the file through `zipfile` once per letter. The benchmark has the figures."""
        template = merging.compile(LETTER.read_bytes())
        values = {"first_name": "Ana", "note": "a\nb", "city": "Irún"}
        begin = time.process_time()
        for number in range(200):
            template.merge(Filling(values | {"number": str(number)}))
        ours = time.process_time() - begin
        with zipfile.ZipFile(LETTER) as source:
            parts = {name: source.read(name) for name in source.namelist()}
        begin = time.process_time()
        for _time in range(20):
            with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as copy:
                for name, part in parts.items():
                    copy.writestr(name, part)
        floor = 10 * (time.process_time() - begin)
        assert ours < floor / 5


class TestLargeFiles:
    def refuse(self, content, code):
        begin = time.process_time()
        with pytest.raises(Unmergeable) as refused:
            merging.compile(content)
        assert refused.value.code == code
        assert time.process_time() - begin < 2

    def test_with_too_much_text_are_refused(self):
        package = word().edit("word/document.xml", text("Dear reader"), text("x" * 1000) * 5000)
        self.refuse(package.packed(), "too_large")

    def test_with_endless_instructions_are_refused(self):
        package = letter(mark("begin"), instruction(" MERGEFIELD " + "x" * 300_000), mark("end"))
        self.refuse(package.packed(), "too_large")

    def test_that_are_bombs_are_refused(self):
        bomb = raw_word(Member("word/media/a.bmp", packed=deflated_zeros(60), size=60 * MIB))
        self.refuse(bomb, "damaged")

    def test_with_a_large_picture_are_merged(self):
        picture = Member("word/media/a.png", bytes(range(256)) * 4096)
        content = (
            merging.compile(raw(letter(field("City")), picture)).merge(Filling({"City": "Irún"})).content
        )
        assert text_of(content) == "¶Irún"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.read("word/media/a.png") == bytes(range(256)) * 4096

    def test_with_thousands_of_fields_are_merged(self):
        package = letter(*(field(f"F{number % 300}") for number in range(3000)))
        begin = time.process_time()
        made = merging.compile(package.packed())
        assert len(made.uses) == 3000
        assert text_of(made.merge(Filling({"F7": "x"})).content) == "¶" + "x" * 10
        assert time.process_time() - begin < 5

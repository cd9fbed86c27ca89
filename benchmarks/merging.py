"""Letters: one by one beside docx-mailmerge2 and two floors, print files at two sizes, and the values of entries.

The floors write the same letters: `zipfile` packs all parts of the file again; the other one only deflates the parts
that differ, and puts them behind those that it has packed before.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import django

if __name__ == "__main__":
    django.setup()

from mailmerge import MailMerge

from interactions import merge_fields, merging
from interactions.merging import MOST_LETTERS, Filling
from interactions.merging.packing import Frame, deflated
from interactions.models import InteractionLogEntry

from .databases import ROOT
from .meters import Rounds, peak_memory, statements

LETTER = ROOT / "tests" / "data" / "letter-merge-fields.docx"
FEW, MANY = 1_000, 10_000
LETTERS, PACKED, SLOW = 2_000, 20, 10  # in one sample
LAST = b"\x03\x00"


def row(number):
    return {
        "first_name": f"Hélène {number}",
        "last_name": "Marchand",
        "company": "Atelier Marchand & Fils",
        "city": "Lyon",
        "note": "First line\nSecond line",
        "number": f"CT{number:06}",
        "sales": "Marta Ruiz",
    }


def measure(rounds, say):
    """Rounds with processor seconds of one letter: "fast", "thorough", "library", "packed again", "deflated once"."""
    content = LETTER.read_bytes()
    ways = {
        "fast": (LETTERS, merged_by(merging.compile(content))),
        "thorough": (SLOW, merged_by(merging.compile(content, engine="MAILMERGE"))),
        "library": (SLOW, by_library(content)),
        "packed again": (PACKED, packed_again(content)),
        "deflated once": (LETTERS, deflated_once(content)),
    }
    found = Rounds()
    for number in range(rounds + 1):
        for name, (count, way) in ways.items():
            begin = time.process_time()
            for place in range(count):
                way(place)
            if number:  # the first round warms up
                found.add(name, cpu=(time.process_time() - begin) / count)
    say(f"  {1 / found.median('fast', 'cpu'):,.0f} letters per second of the processor")
    return found


def merged_by(template):
    return lambda number: template.merge(Filling(row(number), "fr")).content


def by_library(content):
    def merge(number):
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with MailMerge(io.BytesIO(content)) as document:
                document.merge(**row(number))
                document.write(file)
        return file.getvalue()

    return merge


def packed_again(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]

    def pack(_number):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in parts:
                archive.writestr(name, part)
        return file.getvalue()

    return pack


def deflated_once(content):
    template = merging.compile(content)
    parts = template.merge(Filling(row(0))).parts
    names = {name for name, _part in parts}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        fixed = [
            (
                each.filename,
                zipfile.ZIP_DEFLATED,
                deflated(archive.read(each)) + LAST,
                each.CRC,
                each.file_size,
            )
            for each in archive.infolist()
            if each.filename not in names
        ]
    frame = Frame(fixed)
    return lambda _number: frame.archive([(name, part, deflated(part) + LAST) for name, part in parts])


# --- print files


def measure_print_files(say):
    """{letters: (processor seconds, MB at most, MB of files)} of print files in a process of their own each."""
    found = {}
    for count in (FEW, MANY):
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.merging", str(count)],
            cwd=ROOT,
            env=os.environ,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.split()
        found[count] = tuple(map(float, answer))
        say(f"  print files of {count:,} letters: {found[count][0]:.1f} s, {found[count][1]:.0f} MB")
    return found


def write_print_files(count):
    template = merging.compile(LETTER.read_bytes())
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        for start in range(1, count + 1, MOST_LETTERS):
            fillings = [
                Filling(row(number), "fr") for number in range(start, min(start + MOST_LETTERS, count + 1))
            ]
            with (Path(folder) / f"{start}.docx").open("wb") as file:
                merging.combine(template, fillings, file)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    seconds = time.process_time() - begin
    sys.stdout.write(f"{seconds} {peak_memory()} {size / 1024**2}\n")


# --- values


def measure_values(rounds, say):
    """(Rounds with processor seconds, statements, letters) of "values" of entries and of the bare "query"."""
    template = merging.compile(merge_fields.starter_file())
    newest = InteractionLogEntry.objects.newest_first().values("pk")[:MANY]
    entries = InteractionLogEntry.objects.filter(pk__in=list(newest.values_list("pk", flat=True)[:MANY]))
    rows = merge_fields.with_values(entries, contact="contact__", salesperson="salesperson__", interaction="")
    found, count = Rounds(), entries.count()
    for number in range(rounds + 1):
        begin = time.process_time()
        for _row in rows.values_list("pk", "merge_values").iterator(chunk_size=500):
            pass
        query = time.process_time() - begin
        begin = time.process_time()
        with statements() as seen:
            for _pair in merge_fields.fill_entries(template, entries):
                pass
        if number:
            found.add("query", cpu=query)
            found.add("values", cpu=time.process_time() - begin)
    say(f"  values of {count:,} letters: {found.median('values', 'cpu'):.2f} s")
    return found, len(seen), count


if __name__ == "__main__":
    write_print_files(int(sys.argv[1]))

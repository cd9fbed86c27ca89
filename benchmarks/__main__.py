"""Measures pages and verbs at 1,000,000 entries: `python -m benchmarks [sqlite] [postgresql]`, or `make bench`.

The databases are built once for each size and kept in BENCH_DIR (default: data/bench) and beside BENCH_DATABASE_URL
(default: postgresql://127.0.0.1:5432/bitacora_bench); each run works on a copy.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from . import report
from .databases import ROOT, find, say

DOCUMENT = ROOT / "docs" / "benchmarks.md"
WHOLE = {"contacts": 100_000, "entries": 1_000_000, "rounds": 7}
MANY_CONTACTS = 1_000_000  # among which contacts are counted, on PostgreSQL


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("databases", nargs="*", help="sqlite, postgresql; both when none is named")
    parser.add_argument("--contacts", type=int, default=WHOLE["contacts"])
    parser.add_argument("--entries", type=int, default=WHOLE["entries"])
    parser.add_argument("--rounds", type=int, default=WHOLE["rounds"])
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        help="pages, create, export, merging, segments, count, outbox, cancel or purge",
    )
    parser.add_argument("--prepare", action="store_true", help="only build the databases")
    options = parser.parse_args()
    names = options.databases or ["postgresql", "sqlite"]
    if unknown := set(names) - {"sqlite", "postgresql"}:
        parser.error(f"unknown database: {', '.join(sorted(unknown))}")
    folder = Path(os.environ.get("BENCH_DIR", ROOT / "data" / "bench"))
    results = []
    for name in names:
        database = find(name, contacts=options.contacts, entries=options.entries, folder=folder)
        seconds = database.prepare()
        if seconds is not None:
            say(f"load_demo took {seconds:.0f} s on {database.name}.")
        if not options.prepare:
            found = measure(database, options)
            if name == "postgresql" and (not options.only or "count" in options.only):
                many = find(name, contacts=MANY_CONTACTS, entries=options.entries, folder=folder)
                many.prepare()
                found["lines"] += measure(many, options, only=["count"])["lines"]
            results.append(found)
            sys.stdout.write(report.as_text(found) + "\n")
    if set(names) == {"sqlite", "postgresql"} and not options.only and not options.prepare:
        DOCUMENT.write_text(report.document(results, command=command(options)), encoding="utf-8")
    return 1 if any(line["missed"] for found in results for line in found["lines"]) else 0


def measure(database, options, *, only=None):
    say(f"Measuring {database.name} …")
    url, folder = database.copy()
    try:
        answer = subprocess.run(
            [
                sys.executable,
                "-m",
                "benchmarks.run",
                f"--rounds={options.rounds}",
                *(f"--only={part}" for part in only or options.only),
            ],
            cwd=ROOT,
            env=database.environment(url, folder),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    finally:
        database.drop()
    found = json.loads(answer.stdout)
    size = f"{options.entries:,} entries, {options.contacts:,} contacts"
    return found | {"title": f"{database.name} {found['version']}, {size}"}


def command(options):
    sizes = {"contacts": options.contacts, "entries": options.entries, "rounds": options.rounds}
    changed = [f"--{name} {value}" for name, value in sizes.items() if value != WHOLE[name]]
    return " ".join(["make bench" if not changed else "python -m benchmarks", *changed])


if __name__ == "__main__":
    sys.exit(main())

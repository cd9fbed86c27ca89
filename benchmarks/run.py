"""Measures one database, in a process whose settings point at it: `python -m benchmarks.run --rounds 7`.

Prints the lines of the report as JSON.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass

import django
from django.db import connection

MS = 1000
PARTS = ["pages", "create", "export", "merging", "segments", "count", "outbox", "cancel", "purge"]


@dataclass
class Line:
    """what: what was measured.  compared: with what.  target: the most that the ratio or number may be; None: no target."""

    what: str
    measured: str
    compared: str = ""
    ratio: float | None = None
    target: float | None = None
    unit: str = ""
    statement: str = ""
    plan: tuple = ()

    @property
    def missed(self):
        return self.target is not None and self.ratio > self.target


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=PARTS, action="append")
    options = parser.parse_args()
    django.setup()
    wanted = set(options.only or PARTS)
    lines = []
    if "pages" in wanted:
        lines += page_lines(options.rounds)
    if "create" in wanted:
        lines += create_lines(options.rounds)
    if "export" in wanted:
        lines += export_lines()
    if "merging" in wanted:
        lines += merging_lines(options.rounds)
    if "segments" in wanted:
        lines += segment_lines(options.rounds)
    if "count" in wanted:
        lines += count_lines(options.rounds)
    if "outbox" in wanted:
        lines += outbox_lines()
    if "cancel" in wanted:
        lines += cancel_lines(min(options.rounds, 2))
    if "purge" in wanted:
        lines += purge_lines()
    sys.stdout.write(
        json.dumps(
            {"version": version(), "lines": [asdict(line) | {"missed": line.missed} for line in lines]}
        )
    )


def say(sentence):
    sys.stderr.write(f"{sentence}\n")


def version():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
        else:
            cursor.execute("SELECT sqlite_version()")
        return str(cursor.fetchone()[0]).split()[0]


def ms(seconds):
    return f"{seconds * MS:.2f} ms" if seconds < 0.01 else f"{seconds * MS:.0f} ms"


# --- letters


def merging_lines(rounds):
    from . import merging

    samples = merging.measure(rounds, say)
    for floor, times, compared in (
        ("library", 30, "one of docx-mailmerge2"),
        ("packed again", 1, "the same file packed again by zipfile"),
        ("deflated once", 1, "what differs deflated once"),
    ):
        yield Line(
            f"processor time, {times} letter{'s' if times > 1 else ''}",
            f"{times * samples.median('fast', 'cpu') * 1e6:.0f} µs, {1 / samples.median('fast', 'cpu'):,.0f} a second",
            f"{compared}: {samples.median(floor, 'cpu') * 1e6:,.0f} µs",
            times * samples.ratio("fast", floor, "cpu"),
            1,
        )
    yield Line(
        "processor time, one letter of the thorough engine",
        ms(samples.median("thorough", "cpu")),
        f"docx-mailmerge2: {ms(samples.median('library', 'cpu'))}",
        samples.ratio("thorough", "library", "cpu"),
        1.5,
    )
    found = merging.measure_print_files(say)
    few, many = merging.FEW, merging.MANY
    yield Line(
        f"processor time, print files of {many:,} letters",
        f"{found[many][0]:.2f} s, {found[many][2]:.0f} MB",
        f"of {few:,} letters: {found[few][0]:.2f} s",
        found[many][0] / found[few][0],
        1.3 * many / few,
    )
    yield Line(
        f"memory, print files of {many:,} letters",
        f"{found[many][1]:.0f} MB",
        f"of {few:,} letters: {found[few][1]:.0f} MB",
        found[many][1],
        400,
        "MB",
    )
    values, asked, letters = merging.measure_values(min(rounds, 3), say)
    yield Line(
        f"Python time, values of {letters:,} letters with every field",
        ms(values.median("values", "cpu")),
        f"the same query, read: {ms(values.median('query', 'cpu'))}",
        values.ratio("values", "query", "cpu"),
        6,
    )
    yield Line(
        f"statements, values of {letters:,} letters", str(asked), ratio=asked, target=2, unit="statements"
    )


# --- pages

# page: most statements
STATEMENTS = {
    "ledger": 8,
    "ledger, salesperson": 8,
    "ledger, team lead": 8,
    "contact, most entries": 12,
    "contact, some entries": 12,
}
CONSTANT = (
    ("search, common word", "search, rare word"),
    ("contact, most entries", "contact, 1 entry"),
)


def page_lines(rounds):
    from . import pages

    found = pages.measure(rounds, say)
    counts, samples, slowest = found["statements"], found["samples"], found["slowest"]

    def explained(line, page):
        if line.missed:
            line.statement, line.plan = slowest[page][0], tuple(pages.explain(slowest[page])[:40])
        return line

    for page, most in STATEMENTS.items():
        yield Line(
            f"statements, {page}", str(counts[page]), ratio=counts[page], target=most, unit="statements"
        )
    for many, few in CONSTANT:
        yield Line(
            f"statements, {many}",
            str(counts[many]),
            f"{few}: {counts[few]}",
            max(counts[many] - counts[few], 0),
            0,
            "more statements",
        )
    yield explained(
        Line(
            "database time, ledger, page 1,000",
            ms(samples.median("ledger, page 1,000", "database")),
            f"page 1: {ms(samples.median('ledger', 'database'))}",
            samples.ratio("ledger, page 1,000", "ledger", "database"),
            2,
        ),
        "ledger, page 1,000",
    )
    for page, empty in (("ledger", "empty page"), ("ledger, salesperson", "empty page, salesperson")):
        python, floor = samples.median(page, "python"), samples.median(empty, "python")
        yield Line(
            f"Python time, {page}",
            ms(python),
            f"4 x {empty} + 4 ms: {ms(4 * floor + 0.004)}",
            python / (4 * floor + 0.004),
            1,
        )
    yield explained(
        Line(
            "database time, contact, most entries",
            ms(samples.median("contact, most entries", "database")),
            f"contact, some entries: {ms(samples.median('contact, some entries', 'database'))}",
            samples.ratio("contact, most entries", "contact, some entries", "database"),
            60,
        ),
        "contact, most entries",
    )
    for page, most in (
        ("search, rare word", 3),
        ("search, absent word", 3),
        ("search, common word", 20),
        ("search, common word, salesperson", 20),
        ("ledger, salesperson", 3),
        ("ledger, team lead", 3),
        ("timeline, most entries", 3),
    ):
        yield explained(
            Line(
                f"database time, {page}",
                ms(samples.median(page, "database")),
                f"ledger: {ms(samples.median('ledger', 'database'))}",
                samples.ratio(page, "ledger", "database"),
                most,
            ),
            page,
        )
    for page in pages.pages():
        yield Line(
            f"whole page, {page}",
            ms(samples.median(page, "total")),
            (
                f"database {ms(samples.median(page, 'database'))}, Python {ms(samples.median(page, 'python'))}, "
                f"{counts[page]} statements, {found['bytes'][page] / 1024:.0f} kB"
            ),
            samples.ratio(page, "empty page", "total"),
            unit="x empty page",
        )


def create_lines(rounds):
    from . import pages

    statements, samples = pages.measure_create(rounds, say)
    yield Line(
        "create, POST that logs",
        ms(samples.median("create, POST", "total")),
        f"{statements} statements, on the wall {ms(samples.median('create, POST', 'wall'))}",
    )


# --- verbs


def cancel_lines(rounds):
    from . import verbs

    found = verbs.measure_canceling(rounds, say)
    samples = found["samples"]
    for verb in ("cancel", "reinstate"):
        yield Line(
            f"statements, {verb} {found['count']:,} entries by filter",
            str(found["statements"][verb]),
            ratio=found["statements"][verb],
            target=5,
            unit="statements",
        )
        yield Line(
            f"processor time, {verb} {found['count']:,} entries",
            ms(samples.median(verb, "total")),
            f"one raw UPDATE of the same rows: {ms(samples.median(f'{verb}, floor', 'total'))}",
            samples.ratio(verb, f"{verb}, floor", "total"),
            1.5,
        )


def segment_lines(rounds):
    from . import segments

    found = segments.measure_logging(rounds, say)
    watch, (few, many) = found["watch"], found["sizes"]
    samples = watch.samples
    for size in (few, many):
        count = f"{found['lines'][size]:,} lines"
        for what, most in (("entries", 1.2), ("log", 1.35), ("log, follow-up", 1.35)):
            floor = f"{what}, floor"
            yield Line(
                f"processor time, {what} of {count}",
                ms(samples.median((what, size), "total")),
                f"by hand: {ms(samples.median((floor, size), 'total'))}",
                samples.ratio((what, size), (floor, size), "total"),
                most,
            )
        for what in ("log", "log, follow-up"):
            yield Line(
                f"statements, {what} of {count}",
                str(watch.statements[what, size]),
                ratio=watch.statements[what, size],
                target=25,
                unit="statements",
            )
        if connection.vendor != "sqlite":
            python = samples.median(("log", size), "python")
            yield Line(f"Python time, log of {count}", ms(python), ratio=python, target=0.05, unit="s")
    yield Line(
        "processor time, log of ten times the lines",
        ms(samples.median(("log", many), "total")),
        f"of {found['lines'][few]:,} lines: {ms(samples.median(('log', few), 'total'))}",
        samples.median(("log", many), "total") / samples.median(("log", few), "total"),
        14,
    )
    memory = segments.measure_memory(say)
    yield Line(
        f"memory, log of {found['lines'][many]:,} lines",
        f"{memory[many]:.1f} MB",
        f"of {found['lines'][few]:,} lines: {memory[few]:.1f} MB",
        memory[many] - memory[few],
        10,
        "MB more",
    )
    yield from choosing_lines(segments.measure_choosing(rounds, say))


def count_lines(rounds):
    from . import segments

    found = segments.measure_count(rounds, say)
    count = found["watch"].samples.median("count", "database")
    yield Line(
        f"database time, live count over {found['contacts']:,} contacts",
        ms(count),
        f"{found['counts']['match']:,} match",
        count,
        1,
        "s",
    )


def choosing_lines(found):
    watch, samples = found["watch"], found["watch"].samples
    figures = samples.median("figures", "database")
    yield Line(
        f"database time, figures of {found['lines']:,} lines",
        ms(figures),
        f"{watch.statements['figures']} statements",
        figures,
        1,
        "s",
    )
    for what, floor, most, compared in (
        ("add", "add, floor", 1.3, "one raw INSERT … SELECT"),
        ("go back", "add", 2, "the step"),
        ("card, many lines", "card, 100 lines", 1.6, "card, 100 lines"),
    ):
        yield Line(
            f"processor time, {what}",
            ms(samples.median(what, "total")),
            f"{compared}: {ms(samples.median(floor, 'total'))}",
            samples.ratio(what, floor, "total"),
            most,
        )
    yield Line(
        "statements, card, many lines",
        str(watch.statements["card, many lines"]),
        ratio=watch.statements["card, many lines"],
        target=12,
        unit="statements",
    )


def outbox_lines():
    from . import outbox

    found = outbox.measure_outbox(say)
    count, killed = f"{outbox.MESSAGES:,} e-mails", found["killed"]
    rate = outbox.MESSAGES / found["sent"]
    yield Line(
        f"time on the wall, {count}, 2 workers",
        f"{found['sent']:.1f} s",
        f"a loop that commits one row before each: {found['loop']:.1f} s",
        found["sent"] / found["loop"],
        1 / 0.7,
    )
    yield Line(
        f"time on the wall, {count}, 2 workers",
        f"{rate:,.0f} e-mails a second",
        f"a loop without commits: {found['bare loop']:.1f} s",
        found["sent"] / found["bare loop"],
    )
    yield Line(f"time on the wall, queueing {count}", ms(found["queue"]), "one statement")
    for what, number, most in (
        ("accepted twice", killed["twice"], 0),
        ("said to be sent and not accepted", killed["lost"], 0),
        ("neither sent nor uncertain", killed["other"], 0),
        ("uncertain", killed["uncertain"], 1),
    ):
        yield Line(
            f"{what}, {count}, a worker killed and the queue emptied half-way",
            f"{number}",
            ratio=number,
            target=most,
            unit="e-mails",
        )


def export_lines():
    from . import verbs

    few, many = 10_000, 100_000
    found = verbs.measure_export([few, many], say)
    more = found[many][0] - found[few][0]
    yield Line(
        f"memory, CSV of {found[many][1]:,} entries",
        f"{found[many][0]:.1f} MB",
        f"of {found[few][1]:,} entries: {found[few][0]:.1f} MB",
        more,
        10,
        "MB more",
    )
    yield Line(
        f"rows per second, CSV of {found[many][1]:,} entries",
        f"{found[many][1] / found[many][2]:,.0f} on the wall",
    )


def purge_lines():
    from . import verbs

    found = verbs.measure_purge(say)
    yield Line(
        f"longest batch, delete {found['entries']:,} canceled entries",
        ms(found["longest"]),
        f"{found['batches']} batches, the longest {ms(found['wall'])} on the wall",
        found["longest"],
        0.25,
        "s",
    )


if __name__ == "__main__":
    main()

"""The tables of a run, for the terminal and for docs/benchmarks.md."""

import datetime as dt
import os
import platform

HEAD = ("What", "Measured", "Compared with", "Ratio", "Target", "")


def cells(line):
    ratio = "" if line["ratio"] is None else number(line["ratio"])
    if line["ratio"] is not None and line["unit"]:
        ratio = f"{ratio} {line['unit']}"
    target = "" if line["target"] is None else f"≤ {number(line['target'])}"
    verdict = "" if line["target"] is None else ("MISS" if line["missed"] else "ok")
    return line["what"], line["measured"], line["compared"], ratio, target, verdict


def number(value):
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:.2f}"


def as_text(found):
    rows = [HEAD, *map(cells, found["lines"])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    text = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
    return f"{found['title']}\n{text}\n"


def as_markdown(found):
    rows = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    rows += [f"| {' | '.join(cells(line))} |" for line in found["lines"]]
    return f"## {found['title']}\n\n" + "\n".join(rows) + "\n" + plans(found)


def plans(found):
    missed = [line for line in found["lines"] if line["missed"] and line["plan"]]
    return "".join(
        f"\n<details><summary>Plan: {line['what']}</summary>\n\n```\n{line['statement']}\n\n"
        + "\n".join(line["plan"])
        + "\n```\n\n</details>\n"
        for line in missed
    )


def document(results, *, command):
    missed = sum(line["missed"] for found in results for line in found["lines"])
    verdict = "All targets are met." if not missed else f"{missed} of the targets are missed."
    head = f"""# Benchmarks

Written by `{command}` on {dt.datetime.now(tz=dt.UTC):%Y-%m-%d}: {os.cpu_count()} cores, Python {platform.python_version()}.
{verdict}

Times are processor time where nothing else is said, medians of interleaved rounds; ratios are medians of the ratios
within the rounds. Trust the ratios: the machine was shared. "Whole page" is Python and database together, by Django's
test client in one process, signed in as an administrator where nobody else is named.
"""
    return "\n".join([head, *map(as_markdown, results)])

"""The verbs that touch many rows: canceling by filter, exporting, deleting canceled entries."""

import os
import subprocess
import sys
import time
from functools import partial
from itertools import pairwise

from django.db import connection
from django.utils import timezone

from crm.models import User
from interactions.actions import entries as actions
from interactions.actions.purge import PurgeFilters, purge_canceled_entries
from interactions.models import CanceledWith, InteractionLogEntry

from .databases import ROOT
from .meters import Backend, Rounds, statements

MANY = 100_000
REASON = "Only for measuring"


def newest(count):
    """The first day of about the *count* newest entries that are not canceled."""
    days = InteractionLogEntry.objects.counting().newest_first().values_list("date", flat=True)
    return days[min(count, days.count()) - 1]


def measure_canceling(rounds, say):
    """{"count", "statements": {verb: n}, "samples": Rounds with verbs and their floors}."""
    backend, samples = Backend(), Rounds()
    by = User.objects.get(username="nora.alder")
    since = newest(MANY)
    chosen = InteractionLogEntry.objects.filter(date__gte=since, logged_segment=None).counting()
    found = {"count": chosen.count(), "statements": {}}

    def timed(name, work):
        cpu, before, wall = time.process_time(), backend.seconds(), time.perf_counter()
        work()
        wall, database = time.perf_counter() - wall, backend.seconds() - before
        cpu = time.process_time() - cpu
        samples.add(name, total=database if connection.vendor == "sqlite" else cpu + database, wall=wall)

    table = InteractionLogEntry._meta.db_table
    mine = f"date >= '{since.isoformat()}' AND logged_segment_id IS NULL AND canceled_at"

    def raw(sql, *params):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)

    for _round in range(rounds):
        with statements() as seen:
            timed("cancel", partial(actions.cancel_entries, chosen, by=by, reason=REASON))
        found["statements"]["cancel"] = len(seen)
        canceled = InteractionLogEntry.objects.filter(date__gte=since, canceled_reason=REASON)
        with statements() as seen:
            timed("reinstate", partial(actions.reinstate_entries, canceled, by=by))
        found["statements"]["reinstate"] = len(seen)
        at = connection.ops.adapt_datetimefield_value(timezone.now())
        timed(
            "cancel, floor",
            partial(
                raw,
                f"UPDATE {table} SET canceled_at = %s, canceled_by_id = %s, canceled_reason = '{REASON}',"
                f" canceled_with = %s WHERE {mine} IS NULL",
                at,
                by.pk,
                CanceledWith.ITSELF,
            ),
        )
        timed(
            "reinstate, floor",
            partial(
                raw,
                f"UPDATE {table} SET canceled_at = NULL, canceled_by_id = NULL, canceled_reason = '',"
                f" canceled_with = '' WHERE {mine} IS NOT NULL AND canceled_reason = '{REASON}'",
            ),
        )
        say("  canceled and reinstated")
    if connection.vendor == "postgresql":
        raw(f"VACUUM {table}")
    return found | {"samples": samples}


def measure_purge(say):
    """{"entries", "batches", "longest", "wall"} of deleting every canceled entry; longest in processor seconds."""
    backend = Backend()

    def now():
        python = 0 if connection.vendor == "sqlite" else time.process_time()
        return python + backend.seconds(), time.perf_counter()

    marks = [now()]
    result = purge_canceled_entries(
        PurgeFilters(),
        by=User.objects.get(username="nora.alder"),
        progress=lambda done: marks.append(now()),
    )
    costs = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(marks)]
    say(f"  {result.entries} canceled entries deleted")
    return {
        "entries": result.entries,
        "batches": len(costs),
        "longest": max(cost for cost, _wall in costs),
        "wall": max(wall for _cost, wall in costs),
    }


# --- memory of an export, in a fresh process each


def measure_export(sizes, say):
    """{size: (MB at most, rows, seconds)} of CSV exports of about so many rows."""
    found = {}
    for size in sizes:
        since = newest(size)
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.export", since.isoformat()],
            cwd=ROOT,
            env=os.environ,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.split()
        found[size] = (float(answer[0]), int(answer[1]), float(answer[2]))
        say(f"  export of {found[size][1]:,} rows: {found[size][0]:.1f} MB")
    return found

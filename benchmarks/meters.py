"""What is measured: statements, processor seconds of Python and of the database, seconds on the wall.

Processor seconds are worth more than seconds on the wall where other programs run beside. A PostgreSQL backend is read
from /proc when the server runs on this machine; its clock ticks every 10 ms, so a sample repeats its work.
"""

import os
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


class Backend:
    """The processor seconds of the database: a process of its own, or a part of this one."""

    def __init__(self):
        self.stat = None
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                stat = Path(f"/proc/{cursor.fetchone()[0]}/stat")
            if connection.settings_dict["HOST"] in {"", "localhost", "127.0.0.1", "::1"} and stat.exists():
                self.stat = stat

    def seconds(self):
        """Of the backend; of this process for SQLite; on the wall when the server is elsewhere."""
        if self.stat:
            fields = self.stat.read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / TICKS
        return time.process_time() if connection.vendor == "sqlite" else time.perf_counter()


@contextmanager
def statements():
    """Yields a list that every statement of the block is put into, as (SQL, parameters)."""
    seen = []

    def note(execute, sql, params, many, context):
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def database_sample(backend, reads, times):
    """Processor seconds of the database for the SELECTs *reads*, once."""
    before = backend.seconds()
    with connection.cursor() as cursor:
        for _time in range(times):
            for sql, params in reads:
                cursor.execute(sql, params)
                cursor.fetchall()
    return (backend.seconds() - before) / times


def is_read(statement):
    return statement[0].lstrip(" (").upper().startswith(("SELECT", "WITH"))


class Rounds:
    """Samples by name, taken in turns so that all meet the same weather."""

    def __init__(self):
        self.samples = {}

    def add(self, name, **values):
        for key, value in values.items():
            self.samples.setdefault((name, key), []).append(value)

    def median(self, name, key):
        return median(self.samples[name, key])

    def best(self, name, key):
        return min(self.samples[name, key])

    def ratio(self, name, other, key):
        """Median of the ratios within the rounds."""
        pairs = zip(self.samples[name, key], self.samples[other, key], strict=True)
        return median(one / two for one, two in pairs if two)


def peak_memory():
    """Most memory that this process has held, in MB."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024

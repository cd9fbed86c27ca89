"""Runs every test on SQLite and then on PostgreSQL: `python -m tests [sqlite] [postgresql] [-- options of pytest]`.

`python -m tests find-postgresql` only prints the address of the server that it would use, or why there is none.

The second database leaves out what does not depend on it (see plugins/again.py); a run on PostgreSQL alone leaves out
nothing. When neither databases nor tests were chosen, the tests without a browser come first, on both, and those on the
first one have to reach the floor of coverage; nothing else measures it, for that doubles the time.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.plugins.browser import MISSING, find_chromium, in_ci

ROOT = Path(__file__).parent.parent
SUMMARY = Path(sys.prefix) / "test-summary.json"
COVERAGE = ["--cov", "--cov-report=term", "--cov-fail-under=98"]
# One more than there are processors takes longer: browser, database and server have processes too.
WORKERS = str(max(2, os.cpu_count() or 1))
SERVERS = ("postgresql:///bitacora", "postgresql://127.0.0.1:5432/bitacora")


def main(arguments):
    if arguments == ["find-postgresql"]:
        url, reasons = find_postgresql()
        sys.stdout.write("\n".join(reasons or [url]) + "\n")
        return 0 if url else 1
    databases, options = split(arguments)
    whole = not databases and not options
    databases = databases or ["sqlite", "postgresql"]

    if in_ci() and not find_chromium():
        sys.exit(MISSING)
    notes = []
    if "postgresql" in databases:
        url, reasons = find_postgresql()
        if url is None:
            notes = [f"POSTGRESQL WAS SKIPPED: {reason}" for reason in reasons]
            if in_ci() or databases == ["postgresql"]:
                sys.exit("\n".join(notes))
            databases.remove("postgresql")

    SUMMARY.unlink(missing_ok=True)
    for database, chosen in runs(databases, whole=whole):
        environment = dict(os.environ)
        environment.pop("TEST_DATABASE_URL", None)
        if database == "postgresql":
            environment["TEST_DATABASE_URL"] = url
        command = [sys.executable, "-m", "pytest", "-n", WORKERS, f"--summary={SUMMARY}", *chosen]
        command += [f"--note={note}" for note in notes]
        if database != databases[0]:
            command.append("--again")
        status = subprocess.run([*command, *options], cwd=ROOT, env=environment, check=False).returncode
        if status:
            return status
    return 0


def runs(databases, *, whole):
    """The runs of pytest one after the other: (database, options)."""
    if not whole:
        return [(database, []) for database in databases]
    plain = [
        (database, ["-m", "not browser", *(COVERAGE if database == databases[0] else [])])
        for database in databases
    ]
    return [*plain, *((database, ["-m", "browser"]) for database in databases)]


def split(arguments):
    databases = []
    while arguments and arguments[0] in {"sqlite", "postgresql"}:
        databases.append(arguments.pop(0))
    return databases, arguments[1:] if arguments[:1] == ["--"] else arguments


def find_postgresql():
    """The address of the first server that answers and lets us create databases, and what was wrong with the others."""
    named = os.environ.get("TEST_DATABASE_URL")
    reasons = []
    for url in [named] if named else SERVERS:
        try:
            # Django creates the test database from the database `postgres`, so that is where to knock.
            with psycopg.connect(url, dbname="postgres", connect_timeout=5) as connection:
                if connection.info.server_version < 140_000:
                    reasons.append(f"{url}: PostgreSQL 14 or newer is needed")
                elif not connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()[0]:
                    reasons.append(f"{url}: the role may not create databases (ALTER ROLE … CREATEDB)")
                else:
                    return url, []
        except psycopg.OperationalError as error:
            reasons.append(f"{url}: {' '.join(str(error).split())}")
    return None, reasons


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

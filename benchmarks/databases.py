"""The databases that are measured: built once for each size, copied for each run."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
URL = "postgresql://127.0.0.1:5432/bitacora_bench"


@dataclass
class Database:
    """One engine at one size. `copy()` gives what a run may spoil."""

    name: str
    folder: Path
    contacts: int
    entries: int

    @property
    def size(self):
        return f"{self.entries}_{self.contacts}"

    def stamp(self):
        """The file that tells what the database was built with."""
        return self.place()[1] / "built-with"

    def is_of_now(self):
        """Whether tables and demo data would come out the same today."""
        return self.stamp().exists() and self.stamp().read_text(encoding="utf-8") == fingerprint()

    def environment(self, url, folder):
        """Of processes that work on it: everything else is as a new installation has it."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if key in {"PATH", "HOME", "LANG", "TZ", "PGPASSFILE"}
        }
        return kept | {
            "SETTINGS_FILE": os.devnull,
            "SECRET_KEY": "only for measuring",
            "INSECURE_COOKIES": "1",
            "DEMO_PASSWORD": "only for measuring",
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "DATABASE_URL": url,
            "DATA_DIR": str(folder),
            "STATIC_ROOT": str(self.folder / "static"),
            "PYTHONHASHSEED": "0",
        }

    def manage(self, url, folder, *arguments):
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(url, folder),
            check=True,
            stdout=sys.stderr,
        )

    def build(self, url, folder):
        """Fills the database; returns the seconds that load_demo took."""
        folder.mkdir(parents=True, exist_ok=True)
        self.manage(url, folder, "migrate", "--verbosity=0")
        before = time.monotonic()
        self.manage(
            url,
            folder,
            "load_demo",
            f"--contacts={self.contacts}",
            f"--entries={self.entries}",
            "--verbosity=2",
        )
        return time.monotonic() - before

    def prepare(self):
        """Sees to the static files and the database; returns the seconds that load_demo took, None if it was there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        seconds = None
        if not (self.exists() and self.is_of_now()):
            say(f"Building {self.entries:,} entries and {self.contacts:,} contacts on {self.name} …")
            seconds = self.make()
            self.stamp().write_text(fingerprint(), encoding="utf-8")
        self.manage(*self.place(), "migrate", "--verbosity=0")
        self.manage(*self.place(), "collectstatic", "--no-input", "--verbosity=0")
        return seconds


class SQLite(Database):
    def place(self):
        folder = self.folder / f"sqlite_{self.size}"
        return f"sqlite:///{folder / 'bitacora.sqlite3'}", folder

    def exists(self):
        return self.place()[1].exists()

    def make(self):
        _url, folder = self.place()
        building = folder.with_suffix(".building")
        shutil.rmtree(building, ignore_errors=True)
        seconds = self.build(f"sqlite:///{building / 'bitacora.sqlite3'}", building)
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
        return seconds

    def copy(self):
        """(URL, folder) of a copy; `drop` removes it."""
        copy = self.folder / f"sqlite_{self.size}.copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.place()[1], copy)
        return f"sqlite:///{copy / 'bitacora.sqlite3'}", copy

    def drop(self):
        shutil.rmtree(self.folder / f"sqlite_{self.size}.copy", ignore_errors=True)


class PostgreSQL(Database):
    url: str

    def of(self, suffix):
        parts = urlsplit(self.url)
        name = f"{parts.path.strip('/')}_{self.size}{suffix}"
        return name, urlunsplit(parts._replace(path=f"/{name}"))

    def place(self):
        return self.of("")[1], self.folder / f"postgresql_{self.size}"

    def ask(self, *statements):
        # From the database that every server has: the others are copied, renamed and dropped.
        with psycopg.connect(self.url, dbname="postgres", autocommit=True) as connection:
            return [connection.execute(statement) for statement in statements][-1]

    def exists(self):
        found = self.ask(f"SELECT 1 FROM pg_database WHERE datname = '{self.of('')[0]}'").fetchone()
        return bool(found) and self.place()[1].exists()

    def make(self):
        (name, _url), (building, url) = self.of(""), self.of("_building")
        self.ask(f'DROP DATABASE IF EXISTS "{building}"', f'DROP DATABASE IF EXISTS "{name}"')
        self.ask(f'CREATE DATABASE "{building}"')
        shutil.rmtree(self.place()[1], ignore_errors=True)
        seconds = self.build(url, self.place()[1])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")  # as autovacuum would have done by now
        self.ask(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
        return seconds

    def copy(self):
        (name, _url), (copy, url) = self.of(""), self.of("_copy")
        version = int(self.ask("SHOW server_version_num").fetchone()[0])
        files = (
            "STRATEGY FILE_COPY" if version >= 150_000 else ""
        )  # else it is copied through the write-ahead log
        self.ask(f'DROP DATABASE IF EXISTS "{copy}"', f'CREATE DATABASE "{copy}" TEMPLATE "{name}" {files}')
        folder = self.folder / f"postgresql_{self.size}.copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.place()[1], folder)
        return url, folder

    def drop(self):
        self.ask(f'DROP DATABASE IF EXISTS "{self.of("_copy")[0]}"')
        shutil.rmtree(self.folder / f"postgresql_{self.size}.copy", ignore_errors=True)


def fingerprint():
    """Of the migrations and the demo data."""
    sources = sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("interactions/demo/**/*.py")])
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def find(name, *, contacts, entries, folder):
    """The Database called *name*: sqlite or postgresql (at BENCH_DATABASE_URL)."""
    if name == "sqlite":
        return SQLite("SQLite", folder, contacts, entries)
    database = PostgreSQL("PostgreSQL", folder, contacts, entries)
    database.url = os.environ.get("BENCH_DATABASE_URL", URL)
    return database


def say(sentence):
    sys.stderr.write(f"{sentence}\n")

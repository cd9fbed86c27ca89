"""What a run did, for people at its end and for programs as JSON (`--summary FILE`, added up per database)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from .browser import MISSING, find_chromium


def pytest_addoption(parser):
    group = parser.getgroup("summary")
    group.addoption(
        "--summary", type=Path, help="add what this run did to a JSON file, under the database's name"
    )
    group.addoption(
        "--note", action="append", default=[], help="a line to repeat loudly at the end of the run"
    )


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Summary(config), "summary")


class Summary:
    def __init__(self, config):
        self.config = config
        self.all = Counter()
        self.browser = Counter()

    def pytest_report_header(self):
        return [f"database: {database()}", f"chromium: {find_chromium() or 'none'}"]

    def pytest_runtest_logreport(self, report):
        if hasattr(report, "wasxfail"):
            outcome = "expected to fail"
        elif report.outcome != "passed" or report.when == "call":
            outcome = report.outcome
        else:
            return
        self.all[outcome] += 1
        if "browser" in report.keywords:
            self.browser[outcome] += 1

    def pytest_sessionfinish(self, exitstatus):
        file = self.config.option.summary
        if file is None:
            return
        runs = json.loads(file.read_text()) if file.exists() else {}
        before = runs.get(database(), {"exit": 0, "all": {}, "browser": {}})
        runs[database()] = {
            "exit": max(before["exit"], int(exitstatus)),
            "all": self.all + Counter(before["all"]),
            "browser": self.browser + Counter(before["browser"]),
        }
        file.write_text(json.dumps(runs, indent=2) + "\n")

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter):
        notes = list(self.config.option.note)
        if self.browser["skipped"] and not find_chromium():
            notes.insert(0, f"{self.browser['skipped']} BROWSER TESTS WERE SKIPPED: {MISSING}.")
        for note in notes:
            terminalreporter.write_line(note, yellow=True, bold=True)


def database():
    from django.db import connection

    return connection.vendor

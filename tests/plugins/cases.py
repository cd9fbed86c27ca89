"""Behaviour cases: `@pytest.mark.case("MI-007")` says which of them a test covers, `pytest --cases` what is left.

conformance.csv holds every case, deviations.csv those that the project answers in its own way, each with its reason.
"""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data"


def pytest_addoption(parser):
    group = parser.getgroup("cases")
    group.addoption("--cases", action="store_true", help="run nothing, say which behaviour cases are covered")
    parser.addini("conformance", "file of all behaviour cases", default=str(DATA / "conformance.csv"))
    parser.addini(
        "deviations", "file of the cases answered differently", default=str(DATA / "deviations.csv")
    )


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "case(*ids): the behaviour cases of conformance.csv that this test covers"
    )
    with open(config.getini("conformance"), newline="", encoding="utf-8") as file:
        areas = {row["id"]: row["area"] for row in csv.DictReader(file)}
    with open(config.getini("deviations"), newline="", encoding="utf-8") as file:
        deviations = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    for case in deviations:
        if case not in areas:
            raise pytest.UsageError(f"deviations.csv names {case}, which conformance.csv does not hold")
        if not deviations[case]:
            raise pytest.UsageError(f"deviations.csv gives no reason for {case}")
    config.pluginmanager.register(Cases(config, areas, deviations), "cases")


class Cases:
    def __init__(self, config, areas, deviations):
        self.config = config
        self.areas = areas
        self.deviations = deviations
        self.covered = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self):
        report = yield
        tests = [node for node in report.result if isinstance(node, pytest.Item)]
        unknown = [
            f"{test.nodeid}: {case}" for test in tests for case in marked(test) if case not in self.areas
        ]
        if unknown:
            report.outcome, report.result = "failed", []
            report.longrepr = "\n".join(["no such behaviour case", *unknown])
        return report

    def pytest_collection_modifyitems(self, items):
        for item in items:
            if not any(item.get_closest_marker(name) for name in ("skip", "xfail")):
                self.covered.update(marked(item))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self):
        if self.config.option.cases:
            return True

    def pytest_terminal_summary(self, terminalreporter):
        if self.config.option.cases:
            terminalreporter.section("behaviour cases")
            for line in self.table():
                terminalreporter.line(line)

    def state(self, case):
        if case in self.deviations:
            return "deviating"
        return "covered" if case in self.covered else "open"

    def table(self):
        """Lines: the counts of each area and of all, then the open ids of each area."""
        by_area = defaultdict(lambda: {"covered": [], "open": [], "deviating": []})
        for case, area in self.areas.items():
            by_area[area][self.state(case)].append(case)
        row = "{:<14}{:>9}{:>9}{:>11}".format
        yield row("area", "covered", "open", "deviating")
        for area, states in sorted(by_area.items()):
            yield row(area, *map(len, states.values()))
        yield row(
            "all",
            *(
                sum(len(area[state]) for area in by_area.values())
                for state in ("covered", "open", "deviating")
            ),
        )
        for area, states in sorted(by_area.items()):
            if states["open"]:
                yield f"open in {area}: {' '.join(sorted(states['open']))}"


def marked(item):
    return [case for mark in item.iter_markers("case") for case in mark.args]


def pytest_cmdline_main(config):
    if config.option.cases and hasattr(config.option, "numprocesses"):
        config.option.numprocesses = 0
        config.option.dist = "no"

"""The log dialog as tests open it and press its buttons."""

import re

from django.urls import reverse

from segments import actions
from segments.actions.fixes import (
    found,
)

HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


def url_of(segment, name="log"):
    return reverse(f"segments:{name}", args=[segment.no])


def page(browser, segment):
    return browser.get(url_of(segment)).content.decode()


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def press(browser, segment, **data):
    """Presses the button of a dialog that was made just now, with the tick for what is to check."""
    segment.refresh_from_db()
    shown = {"version": segment.version, "count": segment.lines.count(), "seen": "on"}
    return browser.post(url_of(segment), shown | data, headers=HTMX)


def press_fix(browser, segment, code, **data):
    """Presses the button of a finding in a dialog that was made just now."""
    segment.refresh_from_db()
    lines = found(segment, code, data.get("detail", "")).count()
    shown = {"code": code, "version": segment.version, "count": lines}
    return browser.post(url_of(segment, "log_fix"), shown | data, headers=HTMX)


def findings(segment):
    segment.refresh_from_db()
    return {finding.code: finding.count for finding in actions.preflight(segment).findings}

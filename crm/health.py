"""What must hold before this process takes requests: checks behind /readyz that every app may add to.

A check is a callable without arguments. It answers None when all is well, else a short sentence for operators; an
exception counts as a problem too.
"""

from django.db import connection

_checks = {}


def register(name, check):
    """Adds *check* under *name*, a word that is printed beside what it finds."""
    _checks[name] = check


def problems():
    """{name: sentence} of the checks that failed; empty when the process is ready."""
    found = {}
    for name, check in _checks.items():
        try:
            sentence = check()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the answer is "not ready"
            sentence = f"{type(error).__name__}: {error}"
        if sentence:
            found[name] = sentence
    return found


def database_answers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


register("database", database_answers)

"""What must hold before this process takes requests: checks behind /readyz that every app may add to.

A check is a callable without arguments. It answers None when all is well, else a short sentence for operators; an
exception counts as a problem too. Sentences go to the log alone: anybody may ask /readyz, and an exception names hosts
and roles.
"""

import logging

from django.db import connection

logger = logging.getLogger(__name__)
_checks = {}


def register(name, check):
    """Adds *check* under *name*, the word that /readyz answers when it fails."""
    _checks[name] = check


def problems():
    """[name] of the checks that failed, logged with what they found; empty when the process is ready."""
    found = []
    for name, check in _checks.items():
        try:
            sentence = check()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the answer is "not ready"
            sentence = f"{type(error).__name__}: {error}"
        if sentence:
            logger.error("Not ready, %s: %s", name, sentence)
            found.append(name)
    return found


def database_answers():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


register("database", database_answers)

from django.core.checks import Tags, Warning, register
from django.db import connections

from . import ledger_guard


@register(Tags.database)
def ledger_is_fenced(app_configs, databases, **kwargs):
    """Every database whose ledger exists has all its triggers (`check --database default --fail-level WARNING`).

    A warning, because `migrate` runs the checks too and is what puts the triggers up again; /readyz and check_ledger
    do not let it pass.
    """
    found = []
    for alias in databases or []:
        if not any(ledger_guard.fences(connections[alias])):
            continue
        gone = ledger_guard.missing(alias)
        if gone:
            found.append(
                Warning(
                    f"The ledger of database {alias!r} is not fenced: {', '.join(gone)} missing.",
                    hint="Run manage.py migrate, which puts the triggers up again.",
                    id="interactions.W001",
                )
            )
    return found


def missing_fences():
    """For /readyz: what is missing, as a sentence, or None."""
    gone = ledger_guard.missing()
    return f"The ledger is not fenced, {', '.join(gone)} missing: run manage.py migrate." if gone else None

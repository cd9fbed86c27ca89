from django.core.checks import Error, Tags, register
from django.db import connections

from . import ledger_guard


@register(Tags.database)
def ledger_is_fenced(app_configs, databases, **kwargs):
    """Every database whose ledger exists has all its triggers (`check --database default`)."""
    errors = []
    for alias in databases or []:
        if not any(ledger_guard.fences(connections[alias])):
            continue
        gone = ledger_guard.missing(alias)
        if gone:
            errors.append(
                Error(
                    f"The ledger of database {alias!r} is not fenced: {', '.join(gone)} missing.",
                    hint="Run manage.py migrate, which puts the triggers up again.",
                    id="interactions.E001",
                )
            )
    return errors


def missing_fences():
    """For /readyz: what is missing, as a sentence, or None."""
    gone = ledger_guard.missing()
    return f"The ledger is not fenced, {', '.join(gone)} missing: run manage.py migrate." if gone else None

"""Several counts by one statement, each of them capped."""

from django.core.exceptions import EmptyResultSet
from django.db import connections, router

from crm.keyset import Capped
from interactions.models import InteractionLogEntry

CAP = 10_000


def capped_counts(querysets, caps=None):
    """{name: Capped} for *querysets* ({name: queryset}).

    caps: {name: most that is counted} where that is not CAP.
    """
    return _ask(querysets, caps)[0]


def capped_counts_and_highest(querysets, caps=None):
    """(`capped_counts`, highest id of the ledger)."""
    table = connections[_alias()].ops.quote_name(InteractionLogEntry._meta.db_table)
    counts, highest = _ask(querysets, caps, f"(SELECT max(id) FROM {table})")
    return counts, highest or 0


def _alias():
    return router.db_for_read(InteractionLogEntry)


def _ask(querysets, caps, beside="NULL"):
    """({name: Capped}, what the SQL *beside* them gave)."""
    caps = dict.fromkeys(querysets, CAP) | (caps or {})
    connection = connections[_alias()]
    parts, params = [beside], []
    for name, queryset in querysets.items():
        try:
            rows = queryset.order_by().values("pk")[: caps[name] + 1].query
            sql, values = rows.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")
        params += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        found, *counts = cursor.fetchone()
    counted = zip(querysets, counts, strict=True)
    return {name: Capped(min(count, caps[name]), count > caps[name]) for name, count in counted}, found

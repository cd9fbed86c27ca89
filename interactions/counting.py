"""Several counts by one statement, each of them capped."""

from django.core.exceptions import EmptyResultSet
from django.db import connections, router

from crm.keyset import Capped
from interactions.models import InteractionLogEntry

CAP = 10_000


def capped_counts(querysets, caps=None):
    """({name: Capped}, highest id of the ledger) for *querysets* ({name: queryset of entries}).

    caps: {name: most that is counted} where that is not CAP.
    """
    caps = dict.fromkeys(querysets, CAP) | (caps or {})
    connection = connections[router.db_for_read(InteractionLogEntry)]
    table = connection.ops.quote_name(InteractionLogEntry._meta.db_table)
    parts, params = [f"(SELECT max(id) FROM {table})"], []
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
        highest, *counts = cursor.fetchone()
    counted = zip(querysets, counts, strict=True)
    return {name: Capped(min(count, caps[name]), count > caps[name]) for name, count in counted}, highest or 0

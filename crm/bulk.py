"""Many rows by one statement (heart 1)."""

import json

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import Expression, TextField


class Among(Expression):
    """What `__in` compares a column of text with: *texts* as rows, so that a hundred thousand are one parameter."""

    def __init__(self, texts):
        super().__init__(output_field=TextField())
        self.texts = list(texts)

    def as_sql(self, compiler, connection):
        return "(SELECT unnest(%s::text[]))", [self.texts]

    def as_sqlite(self, compiler, connection):
        return "(SELECT value FROM json_each(%s))", [json.dumps(self.texts)]


def insert_from_select(model, rows, **values):
    """Insert one row of *model* for each row of the queryset *rows*; return how many.

    values: for each field of *model* a name or an expression over *rows*. Nothing else fills a column: no `save()`, no
    signals, no defaults of Python, so name every field that is NOT NULL. The order of *rows* is the order of the ids.
    """
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(model._meta.get_field(name).column) for name in values)
    try:
        select, params = rows.values_list(*values.values()).query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {select}", params)
        return cursor.rowcount

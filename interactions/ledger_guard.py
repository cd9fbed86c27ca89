"""The ledger's lowest fence: triggers that refuse for everybody, raw SQL included (architecture 2.5).

The rules are made from what the models declare (MUTABLE, CLEARABLE, FOLLOWS_CONTACT, ERASABLE, SET_ONCE, WRITTEN_ONCE) and from
the columns the tables have. `install` runs after every migrate and `remove` before it: a migration that rebuilds a table drops or
trips over triggers. There is no back door; what merge, deletion and erasure may do is proved by a row of
crm.Succession. The owner of a PostgreSQL database can still disable triggers: `missing` tells whether they are there.
"""

from dataclasses import dataclass
from functools import partial

from django.apps import apps
from django.db import connections
from django.db.models import UniqueConstraint

from . import ledger_text

SUCCESSION = "crm_succession"


@dataclass(frozen=True)
class Rule:
    """Refuse *event* on a row where *when* holds and *refused* holds; both are SQL over OLD and NEW."""

    name: str
    event: str
    when: str
    refused: str = "TRUE"


class Dialect:
    """How one database says it."""

    def __init__(self, connection):
        self.connection = connection
        self.is_postgresql = connection.vendor == "postgresql"
        self.differs = "IS DISTINCT FROM" if self.is_postgresql else "IS NOT"
        self.equals = "IS NOT DISTINCT FROM" if self.is_postgresql else "IS"

    def changed(self, columns):
        return " OR ".join(f'OLD."{column}" {self.differs} NEW."{column}"' for column in columns) or "FALSE"

    def set_anew(self, columns):
        """Whether one that may become NULL becomes anything else."""
        return (
            " OR ".join(
                f'(NEW."{column}" IS NOT NULL AND OLD."{column}" {self.differs} NEW."{column}")'
                for column in columns
            )
            or "FALSE"
        )

    def columns_of(self, table):
        with self.connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
            return [column[0] for column in cursor.description]


def column_names(model, names):
    return [model._meta.get_field(name).column for name in names]


def unreplaceable(name, dialect, model):
    """SQLite's REPLACE deletes what is in its way without asking the triggers of DELETE, so it may not begin.

    Django's connections ask them (recursive_triggers); those of other programs need not.
    """
    if dialect.is_postgresql:
        return
    table, present = model._meta.db_table, dialect.columns_of(model._meta.db_table)
    keys = [[model._meta.pk.column]]
    keys += [
        column_names(model, constraint.fields)
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    same = [" AND ".join(f'"{c}" = NEW."{c}"' for c in key) for key in keys if {*key} <= {*present}]
    taken = [f"EXISTS (SELECT 1 FROM {table} WHERE {condition})" for condition in same]
    yield Rule(name, "INSERT", " OR ".join(taken))


def entry_rules(dialect, model):
    table = model._meta.db_table
    present = dialect.columns_of(table)

    def declared(names):
        return [column for column in column_names(model, names) if column in present]

    mutable, clearable = declared(model.MUTABLE), declared(model.CLEARABLE)
    follows, erasable = declared(model.FOLLOWS_CONTACT), declared(model.ERASABLE)
    frozen = [column for column in present if column not in {*mutable, *clearable, *follows, *erasable}]
    erased = f"EXISTS (SELECT 1 FROM {SUCCESSION} s WHERE s.contact_id = OLD.contact_id AND s.erases)"
    rewritten = " OR ".join(
        f'(OLD."{c}" {dialect.differs} NEW."{c}" AND NEW."{c}" <> \'\')' for c in erasable
    )
    astray = " OR ".join(
        f'(OLD."{c}" {dialect.differs} NEW."{c}" AND NOT EXISTS (SELECT 1 FROM {SUCCESSION} s'
        f' WHERE s.contact_id = OLD."{c}" AND s.successor_id {dialect.equals} NEW."{c}"))'
        for c in follows
    )
    return [
        Rule("ledger_frozen", "UPDATE", dialect.changed(frozen)),
        Rule("ledger_cleared", "UPDATE", dialect.set_anew(clearable)),
        Rule("ledger_erased", "UPDATE", dialect.changed(erasable), f"{rewritten} OR NOT {erased}"),
        Rule("ledger_follows", "UPDATE", dialect.changed(follows), astray or "FALSE"),
        Rule("ledger_kept", "DELETE", "OLD.canceled_at IS NULL"),
        *unreplaceable("ledger_not_replaced", dialect, model),
    ]


def belonging_rules(name, dialect, model):
    """Of rows that belong to an entry: never changed but for erased text, gone only with a canceled entry."""
    entry = model._meta.get_field("entry").related_model._meta.db_table
    erasable = column_names(model, model.ERASABLE)
    frozen = [c for c in dialect.columns_of(model._meta.db_table) if c not in erasable]
    rewritten = " OR ".join(f"NEW.\"{c}\" <> ''" for c in erasable)
    return [
        Rule(f"{name}_frozen", "UPDATE", dialect.changed(frozen)),
        Rule(
            f"{name}_erased",
            "UPDATE",
            dialect.changed(erasable),
            f"{rewritten} OR NOT EXISTS (SELECT 1 FROM {entry} e JOIN {SUCCESSION} s"
            " ON s.contact_id = e.contact_id AND s.erases WHERE e.id = OLD.entry_id)",
        ),
        Rule(
            f"{name}_kept",
            "DELETE",
            "OLD.id IS NOT NULL",
            f"NOT EXISTS (SELECT 1 FROM {entry} e WHERE e.id = OLD.entry_id AND e.canceled_at IS NOT NULL)",
        ),
        *unreplaceable(f"{name}_not_replaced", dialect, model),
    ]


def document_rules(name, dialect, model):
    """Of frozen letters: as what belongs to an entry; some texts may be written once, and the file go with the entry's."""
    first, *others = belonging_rules(name, dialect, model)
    once, clearable = column_names(model, model.SET_ONCE), column_names(model, model.CLEARABLE)
    changing = {*once, *clearable, *column_names(model, model.ERASABLE)}
    frozen = [column for column in dialect.columns_of(model._meta.db_table) if column not in changing]
    rewritten = " OR ".join(f"(OLD.\"{c}\" <> '' AND {dialect.changed([c])})" for c in once)
    return [
        Rule(first.name, first.event, dialect.changed(frozen)),
        Rule(f"{name}_set_once", "UPDATE", dialect.changed(once), rewritten),
        Rule(f"{name}_cleared", "UPDATE", dialect.set_anew(clearable)),
        *others,
    ]


def succession_rules(dialect, model):
    return [
        Rule("succession_frozen", "UPDATE", "OLD.id IS NOT NULL"),
        Rule("succession_kept", "DELETE", "OLD.id IS NOT NULL"),
        *unreplaceable("succession_not_replaced", dialect, model),
    ]


def attachment_rules(dialect, model):
    """A stored file is what it was when it was stored; the row may go, and learns where its file lies."""
    present = dialect.columns_of(model._meta.db_table)
    frozen = [column for column in column_names(model, model.WRITTEN_ONCE) if column in present]
    return [
        Rule("attachment_frozen", "UPDATE", dialect.changed(frozen)),
        *unreplaceable("attachment_not_replaced", dialect, model),
    ]


FENCED = (
    ("interactions.InteractionLogEntry", entry_rules),
    ("interactions.EntryComment", partial(belonging_rules, "ledger_comment")),
    ("interactions.Reinstatement", partial(belonging_rules, "ledger_reinstatement")),
    ("interactions.EntryDocument", partial(document_rules, "ledger_document")),
    ("crm.Succession", succession_rules),
    ("interactions.Attachment", attachment_rules),
)


def fences(connection):
    """(table, [Rule]) for every fenced table that exists."""
    dialect = Dialect(connection)
    tables = set(connection.introspection.table_names())
    for label, rules in FENCED:
        model = apps.get_model(label)
        if model._meta.db_table in tables and SUCCESSION in tables:
            yield model._meta.db_table, rules(dialect, model)


def truncate_guard(table):
    return f"{table}_not_truncated"


def create_statements(connection, table, rule):
    if connection.vendor == "sqlite":
        yield (
            f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {table} WHEN {rule.when}"
            f" BEGIN SELECT RAISE(ABORT, '{rule.name}') WHERE {rule.refused}; END"
        )
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN"
        f" IF {rule.refused} THEN RAISE EXCEPTION '{rule.name}' USING ERRCODE = 'integrity_constraint_violation';"
        f" END IF; RETURN {'OLD' if rule.event == 'DELETE' else 'NEW'}; END $f$"
    )
    yield (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {table} FOR EACH ROW WHEN ({rule.when})"
        f" EXECUTE FUNCTION {rule.name}()"
    )


def drop_trigger(connection, table, name):
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {name}{on}"


def remove(using="default", **_signal):
    """Take the triggers away, before a migration or a flush."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table, rules in fences(connection):
            for rule in rules:
                cursor.execute(drop_trigger(connection, table, rule.name))
            if connection.vendor == "postgresql":
                cursor.execute(drop_trigger(connection, table, truncate_guard(table)))
        ledger_text.VENDORS[connection.vendor].remove(cursor)


def install(using="default", plan=None, **_signal):
    """Put the triggers up, as the tables are now; doing it twice is the same.

    plan: the migrations that ran; [] means that nothing happened while the triggers were away.
    """
    connection = connections[using]
    remove(using)
    installed = False
    with connection.cursor() as cursor:
        for table, rules in fences(connection):
            for rule in rules:
                for statement in create_statements(connection, table, rule):
                    cursor.execute(statement)
            if connection.vendor == "postgresql":
                name = truncate_guard(table)
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN"
                    f" RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END $f$"
                )
                cursor.execute(f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {name}()")
            installed = True
        if installed:
            vendor = ledger_text.VENDORS[connection.vendor]
            vendor.install(cursor)
            if plan != []:
                vendor.fill(cursor)


def wanted(connection):
    """Names of all triggers that should be there."""
    names = set()
    for table, rules in fences(connection):
        names.update(rule.name for rule in rules)
        if connection.vendor == "postgresql":
            names.add(truncate_guard(table))
    return names | ledger_text.VENDORS[connection.vendor].trigger_names()


def missing(using="default"):
    """Names of the triggers that should be there and are not (or are disabled), sorted."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
                " WHERE NOT tgisinternal AND tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {name for (name,) in cursor.fetchall()}
    return sorted(wanted(connection) - present)

"""Text search over the ledger: one row of words per entry, kept by triggers, the same hits on both databases.

An entry's words are those of its description, subject, document number, contact, company, file name and comments. On
PostgreSQL they lie in a table with a GIN index, on SQLite in an FTS5 table. Letters fold alike (ё=е, ł=l, é=e): a short
list is replaced in SQL on both, marks go by `unaccent` and by FTS5's own folding, queries are folded in Python.

Every database object is made by `install` (after migrate) and, as far as it hangs on Django's tables, taken away by
`remove` (before migrate), because a later migration may rebuild the tables below.
"""

import string

from django.db import connections
from django.db.models import BooleanField, F, Func, Value

from crm.folding import words

TABLE = "interactions_ledgertext"
ENTRY = "interactions_interactionlogentry"
COMMENT = "interactions_entrycomment"
FILE = "interactions_attachment"
CONTACT = "crm_contact"

CAP = 5_000  # up to so many hits are fetched as ids; above that the newest entries are walked (heart 4)

# Letters that neither unaccent nor FTS5 folds the way crm.folding does, in both cases.
SINGLE = dict(zip("ёйłøđıðЁЙŁØĐİÐ", "еиlodidЕИLODID", strict=True))
DOUBLE = {"æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "Æ": "AE", "Œ": "OE", "ẞ": "SS", "Þ": "TH"}


def batched(items, size):
    items = list(items)
    return [items[start : start + size] for start in range(0, len(items), size)]


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


# What an entry's words are made of, for a row called {entry}; NULLs are left out.
def parts(entry, *, with_comments):
    found = [
        f"{entry}.description",
        f"{entry}.subject",
        f"{entry}.document_no",
        f"(SELECT name FROM {CONTACT} WHERE id = {entry}.contact_id)",
        f"(SELECT name FROM {CONTACT} WHERE id = {entry}.contact_company_id AND id IS DISTINCT FROM {entry}.contact_id)",
        f"(SELECT name FROM {FILE} WHERE id = {entry}.attachment_id)",
    ]
    if with_comments:
        found.append(f"(SELECT string_agg(text, ' ') FROM {COMMENT} WHERE entry_id = {entry}.id)")
    return found


class Condition(Func):
    """SQL around an entry's id and a text query, wherever the ledger stands in a statement."""

    output_field = BooleanField()


class PostgreSQL:
    TRIGGERS = (
        (
            ENTRY,
            "ledgertext_inserted",
            "AFTER INSERT",
            "REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT",
        ),
        (ENTRY, "ledgertext_deleted", "AFTER DELETE", "REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT"),
        (
            ENTRY,
            "ledgertext_changed",
            "AFTER UPDATE OF description, subject, contact_id, contact_company_id, attachment_id",
            (
                "FOR EACH ROW WHEN ((OLD.description, OLD.subject, OLD.contact_id, OLD.contact_company_id,"
                " OLD.attachment_id) IS DISTINCT FROM (NEW.description, NEW.subject, NEW.contact_id,"
                " NEW.contact_company_id, NEW.attachment_id))"
            ),
        ),
        (COMMENT, "ledgertext_commented", "AFTER INSERT OR UPDATE OF text", "FOR EACH ROW"),
        (
            CONTACT,
            "ledgertext_renamed",
            "AFTER UPDATE OF name",
            "FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)",
        ),
    )

    @staticmethod
    def words_of(entry, *, with_comments=True):
        text = f"concat_ws(' ', {', '.join(parts(entry, with_comments=with_comments))})"
        plain = string.punctuation
        singles, replaced = "".join(SINGLE), "".join(SINGLE.values())
        # Punctuation goes first: the parser would keep hosts, paths and hyphenated words together.
        text = f"translate({text}, {quoted(plain + singles)}, {quoted(' ' * len(plain) + replaced)})"
        return f"strip(to_tsvector('folded', {text}))"

    def refresh(self, where):
        return (
            f"UPDATE {TABLE} SET words = {self.words_of('e')} FROM {ENTRY} e"
            f" WHERE {TABLE}.entry_id = e.id AND {where};"
        )

    def functions(self):
        insert = (
            f"INSERT INTO {TABLE} (entry_id, words) SELECT e.id, {self.words_of('e', with_comments=False)}"
        )
        return {
            "ledgertext_inserted": f"{insert} FROM new_rows e; RETURN NULL;",
            "ledgertext_deleted": f"DELETE FROM {TABLE} WHERE entry_id IN (SELECT id FROM old_rows); RETURN NULL;",
            "ledgertext_changed": f"{self.refresh('e.id = NEW.id')} RETURN NULL;",
            "ledgertext_commented": f"{self.refresh('e.id = NEW.entry_id')} RETURN NULL;",
            "ledgertext_renamed": (
                f"{self.refresh('e.contact_id = NEW.id')}"
                f"{self.refresh('e.contact_company_id = NEW.id AND e.contact_id IS DISTINCT FROM NEW.id')} RETURN NULL;"
            ),
        }

    def install(self, cursor):
        cursor.execute("SELECT 1 FROM pg_ts_config WHERE cfgname = 'folded' AND pg_ts_config_is_visible(oid)")
        if cursor.fetchone() is None:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
            cursor.execute("CREATE TEXT SEARCH CONFIGURATION folded (COPY = simple)")
            cursor.execute(
                "ALTER TEXT SEARCH CONFIGURATION folded"
                " ALTER MAPPING FOR asciiword, word, numword WITH unaccent, simple"
            )
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {TABLE} (entry_id bigint PRIMARY KEY, words tsvector NOT NULL)"
        )
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {TABLE}_words ON {TABLE} USING gin (words)")
        for name, body in self.functions().items():
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN {body} END $f$"
            )
        for table, name, event, scope in self.TRIGGERS:
            cursor.execute(f"CREATE TRIGGER {name} {event} ON {table} {scope} EXECUTE FUNCTION {name}()")

    def fill(self, cursor):
        """Write the words of every entry anew where they are others: triggers were away, anything may have changed."""
        cursor.execute(
            f"DELETE FROM {TABLE} t WHERE NOT EXISTS (SELECT 1 FROM {ENTRY} e WHERE e.id = t.entry_id)"
        )
        cursor.execute(
            f"INSERT INTO {TABLE} AS t (entry_id, words) SELECT e.id, {self.words_of('e')} FROM {ENTRY} e"
            " ON CONFLICT (entry_id) DO UPDATE SET words = excluded.words WHERE t.words <> excluded.words"
        )

    def trigger_names(self):
        return {name for _table, name, _event, _scope in self.TRIGGERS}

    def remove(self, cursor):
        for table, name, _event, _scope in self.TRIGGERS:
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone()[0] is not None:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")

    @staticmethod
    def query(asked):
        return " & ".join(f"{word}:*" for word in asked)

    def ids(self, cursor, asked, limit):
        cursor.execute(
            f"SELECT entry_id FROM {TABLE} WHERE words @@ to_tsquery('simple', %s) LIMIT %s",
            [self.query(asked), limit],
        )
        return [row[0] for row in cursor.fetchall()]

    def condition(self, asked):
        # A scalar subquery cannot be turned into a join: the newest index is walked and each row looked up.
        return Condition(
            Value(self.query(asked)),
            F("pk"),
            template="(SELECT t.words @@ to_tsquery('simple', %(expressions)s)",
            arg_joiner=f") FROM {TABLE} t WHERE t.entry_id = ",
        )


class SQLite:
    @staticmethod
    def words_of(entry, *, with_comments=True):
        found = parts(entry, with_comments=with_comments)
        text = " || ' ' || ".join(f"coalesce({part}, '')" for part in found)
        text = text.replace("IS DISTINCT FROM", "IS NOT").replace("string_agg(", "group_concat(")
        steps = [f"step0(x) AS (SELECT {text})"]
        # A few letters at a time: the parser's stack is not deep enough for all replacements in one another.
        for number, letters in enumerate(batched((SINGLE | DOUBLE).items(), 6), start=1):
            folded = "x"
            for letter, plain in letters:
                folded = f"replace({folded}, '{letter}', '{plain}')"
            steps.append(f"step{number}(x) AS (SELECT {folded} FROM step{number - 1})")
        return f"(WITH {', '.join(steps)} SELECT x FROM step{len(steps) - 1})"

    def refresh(self, where):
        return (
            f"UPDATE {TABLE} SET words = (SELECT {self.words_of('e')} FROM {ENTRY} e WHERE e.id = {TABLE}.rowid)"
            f" WHERE rowid {where};"
        )

    def triggers(self):
        insert = f"INSERT INTO {TABLE} (rowid, words) VALUES (NEW.id, {self.words_of('NEW', with_comments=False)});"
        return (
            (ENTRY, "ledgertext_inserted", "AFTER INSERT", insert),
            (ENTRY, "ledgertext_deleted", "AFTER DELETE", f"DELETE FROM {TABLE} WHERE rowid = OLD.id;"),
            (
                ENTRY,
                "ledgertext_changed",
                "AFTER UPDATE OF description, subject, contact_id, contact_company_id, attachment_id",
                self.refresh("= NEW.id"),
            ),
            (COMMENT, "ledgertext_commented", "AFTER INSERT", self.refresh("= NEW.entry_id")),
            (COMMENT, "ledgertext_comment_changed", "AFTER UPDATE OF text", self.refresh("= NEW.entry_id")),
            (
                CONTACT,
                "ledgertext_renamed",
                "AFTER UPDATE OF name",
                self.refresh(
                    f"IN (SELECT id FROM {ENTRY} WHERE contact_id = NEW.id UNION"
                    f" SELECT id FROM {ENTRY} WHERE contact_company_id = NEW.id) AND OLD.name IS NOT NEW.name"
                ),
            ),
        )

    def install(self, cursor):
        cursor.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE}"
            " USING fts5(words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
        )
        for table, name, event, body in self.triggers():
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {event} ON {table} BEGIN {body} END")

    def fill(self, cursor):
        cursor.execute(f"DELETE FROM {TABLE}")
        cursor.execute(f"INSERT INTO {TABLE} (rowid, words) SELECT e.id, {self.words_of('e')} FROM {ENTRY} e")

    def trigger_names(self):
        return {name for _table, name, _event, _body in self.triggers()}

    def remove(self, cursor):
        for name in self.trigger_names():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")

    @staticmethod
    def query(asked):
        return " ".join(f'"{word}"*' for word in asked)

    def ids(self, cursor, asked, limit):
        cursor.execute(
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT %s", [self.query(asked), limit]
        )
        return [row[0] for row in cursor.fetchall()]

    def condition(self, asked):
        # The + keeps the planner from starting at the hits, so it walks the newest index and probes them.
        return Condition(
            F("pk"),
            Value(self.query(asked)),
            template="+%(expressions)s)",
            arg_joiner=f" IN (SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH ",
        )


VENDORS = {"postgresql": PostgreSQL(), "sqlite": SQLite()}


def search_entries(entries, text):
    """The rows of *entries* (a queryset) in which every word of *text* begins a word; all of them for a blank text.

    Asks the text index at once. Few hits are then fetched by id; many, by walking *entries* in its own order.
    """
    if not text.strip():
        return entries
    asked = words(text.replace("_", " "))  # the indexes part words there
    if not asked:
        return entries.none()
    connection = connections[entries.db]
    vendor = VENDORS[connection.vendor]
    with connection.cursor() as cursor:
        ids = vendor.ids(cursor, asked, CAP + 1)
    if len(ids) <= CAP:
        return entries.filter(pk__in=ids)
    return entries.filter(vendor.condition(asked))

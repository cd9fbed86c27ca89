"""Queries that may take long: given up after a while, and as soon as the same person asks anew."""

import itertools
import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from .errors import Refusal

STEPS = 10_000  # of SQLite's machine between two looks at the clock
CANCELED = "57014"  # PostgreSQL: query_canceled
OF_TRANSACTIONS = ("SAVEPOINT", "ROLLBACK", "RELEASE")
LOCK = 731_250  # first half of the advisory locks that this module takes

_newest = {}  # key -> number of the newest block of this process; for SQLite, which has one
_numbers = itertools.count(1)
_lock = threading.Lock()


class TakesTooLong(Refusal):
    sentence = _("Counting takes too long. Narrow the conditions, or go on without a number.")


class AskedAnew(Refusal):
    """The same person has asked a newer question meanwhile: nobody waits for this answer."""

    sentence = _("A newer count has taken the place of this one.")


@dataclass(frozen=True)
class _Block:
    """until: on the monotonic clock, not later than that of the block around it.  number: of its key, on SQLite."""

    key: str
    until: float
    number: int
    around: "_Block | None"

    @property
    def is_old(self):
        """Whether somebody asked anew, on SQLite, which knows all that ask."""
        if self.key and _newest.get(self.key) != self.number:
            return True
        return self.around is not None and self.around.is_old


_innermost = ContextVar("_innermost", default=None)


@contextmanager
def limited(seconds, *, key="", sentence=None):
    """Stops the queries of the block after *seconds* in all, or when the block begins elsewhere with the same *key*.

    key: letters and digits, such as "count-7-21"; without one nobody else stops it.  sentence: what TakesTooLong is to
    say.  Raises TakesTooLong, AskedAnew. A block inside a block has at most what the outer one has left.
    """
    around = _innermost.get()
    until = time.monotonic() + seconds
    block = _Block(key, min(until, around.until) if around else until, next(_numbers), around)
    limits = {"postgresql": _limited_by_server, "sqlite": _limited_by_handler}
    token = _innermost.set(block)
    try:
        with limits[connection.vendor](block, sentence):
            yield
    finally:
        _innermost.reset(token)


@contextmanager
def _limited_by_server(block, sentence):
    key = block.key
    try:
        with transaction.atomic():
            before = _settings()
            with connection.cursor() as cursor:
                if key:
                    _cancel_older(cursor, key)
                _set(cursor, _left(block), key or before[1])
            with connection.execute_wrapper(lambda *asked: _in_time(block, sentence, *asked)):
                yield
            with connection.cursor() as cursor:
                # Inside another transaction the settings would outlive this block.
                _set(cursor, *before)
                if key:
                    _let_newer_finish(cursor, key)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != CANCELED:
            raise
        if time.monotonic() < block.until and _has_key(block):
            raise AskedAnew from error
        raise TakesTooLong(sentence) from error


def _in_time(block, sentence, execute, sql, params, many, context):
    """Give each statement what the ones before it have left: the server's own limit is of one statement."""
    raw = context["connection"].connection
    if raw.info.transaction_status.name == "INERROR" or sql.startswith(OF_TRANSACTIONS):
        return execute(sql, params, many, context)
    if time.monotonic() >= block.until:
        raise TakesTooLong(sentence)
    with connection.wrap_database_errors:
        raw.execute("SELECT set_config('statement_timeout', %s, true)", [_left(block)])
    return execute(sql, params, many, context)


def _left(block):
    """In milliseconds, rounded up: 0 would be no limit, and what the server stops must not look as if there was time."""
    return str(max(0, int((block.until - time.monotonic()) * 1000)) + 1)


def _has_key(block):
    return bool(block.key) or (block.around is not None and _has_key(block.around))


def _settings():
    asked = "SELECT current_setting('statement_timeout'), current_setting('application_name')"
    with connection.wrap_database_errors:
        return connection.connection.execute(asked).fetchone()


def _set(cursor, timeout, name):
    cursor.execute(
        "SELECT set_config('statement_timeout', %s, true), set_config('application_name', %s, true)",
        [timeout, name],
    )


def _cancel_older(cursor, key):
    """Stop the block that bears the same name; one role may cancel its own queries."""
    with _briefly(cursor, "pg_advisory_xact_lock_shared", key):
        cursor.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND state = 'active' AND pid <> pg_backend_pid()"
            " AND datname = current_database()",  # the server may hold other installations
            [key],
        )


def _let_newer_finish(cursor, key):
    """Wait for whoever is about to cancel this block: what comes after it must not be hit instead."""
    with _briefly(cursor, "pg_advisory_xact_lock", key):
        pass


@contextmanager
def _briefly(cursor, lock, key):
    """Hold an advisory lock: it goes with the savepoint, whatever happens."""
    with transaction.atomic():
        cursor.execute(f"SELECT {lock}(%s, hashtext(%s))", [LOCK, key])
        yield
        transaction.set_rollback(True)


@contextmanager
def _limited_by_handler(block, sentence):
    connection.ensure_connection()
    with _lock:
        _newest[block.key] = block.number
    _watch(block)
    try:
        yield
    except OperationalError as error:
        if "interrupted" not in str(error):
            raise
        if block.is_old:
            raise AskedAnew from error
        raise TakesTooLong(sentence) from error
    finally:
        _watch(block.around)
        with _lock:
            if _newest.get(block.key) == block.number:
                del _newest[block.key]


def _watch(block):
    """Let SQLite look at the clock for *block*, or for nobody."""
    look = block and (lambda: int(time.monotonic() > block.until or block.is_old))
    connection.connection.set_progress_handler(look, STEPS)

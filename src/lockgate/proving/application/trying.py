"""Tries queries on a throwaway database: prepared, and then run as their role in a transaction that is taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg import pq
from psycopg.errors import lookup

from lockgate.proving.application.parameters import Values
from lockgate.proving.application.query import RAN, Grade, Outcome, Query
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import parse_one

_ABOUT_VALUES: Final = ("22", "23", "44", "P0", "21")
"""Classes of errors that speak of the values of a statement, not of the schema."""

SIMPLE: Final = frozenset({"CopyStmt", "TruncateStmt", "LockStmt"})
"""Kinds of statement that cannot be prepared."""

_CLAIMS: Final = "request.jwt.claims"
_LIMIT: Final = "60s"
_SUCCESS: Final = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.SINGLE_TUPLE)


class _RefusedError(Exception):
    """The server refused a message of the extended protocol."""

    def __init__(self, sqlstate: str | None, message: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@dataclass(slots=True)
class Trier:
    """Tries queries; it remembers the values that it gave to each.

    The connection that it works on is a superuser's, in autocommit, to a throwaway database.
    """

    values: Values
    _known_roles: set[str] = field(default_factory=set)

    def try_all(self, connection: psycopg.Connection[Any], queries: Iterable[Query]) -> dict[Query, Outcome]:
        """What becomes of each query now; nothing that they write stays."""
        self._known_roles = {
            name for (name,) in connection.execute("SELECT rolname FROM pg_catalog.pg_roles").fetchall()
        }
        return {query: self._try(connection, query) for query in queries}

    def again(self, connection: psycopg.Connection[Any], query: Query) -> Outcome:
        """Another try with values of the rows that are there now."""
        self.values.forget(query)
        return self._try(connection, query)

    def _try(self, connection: psycopg.Connection[Any], query: Query) -> Outcome:
        try:
            types = self._types(connection, query)
        except _RefusedError as error:
            return Outcome(Grade.FAILS, error.sqlstate, str(error))
        chosen = self.values.of(connection, query, types)
        try:
            with self.as_sender(connection, query):
                _run(connection, query, chosen)
        except (_RefusedError, psycopg.Error) as error:
            return _outcome(error)
        return RAN

    def _types(self, connection: psycopg.Connection[Any], query: Query) -> list[int]:
        if query.kind in SIMPLE:
            return []
        with self.as_sender(connection, query):
            return prepare(connection, query, b"")

    @contextlib.contextmanager
    def as_sender(self, connection: psycopg.Connection[Any], query: Query) -> Iterator[None]:
        """A transaction under the role and with the claims of a query, taken back at the end."""
        claims = self._claims(connection, query)
        with connection.transaction(force_rollback=True):
            connection.execute(f"SET LOCAL statement_timeout = '{_LIMIT}'".encode())
            if claims:
                connection.execute("SELECT set_config(%s, %s, true)", (_CLAIMS, claims))
            if query.role in self._known_roles:
                connection.execute(f"SET LOCAL ROLE {quote(query.role or '')}".encode())
            yield

    def _claims(self, connection: psycopg.Connection[Any], query: Query) -> str | None:
        if not query.claims or "%(" not in query.claims:
            return query.claims
        text = query.claims
        for name, value in self.values.named(connection).items():
            text = text.replace(f"%({name})s", value)
        return text


def prepare(connection: psycopg.Connection[Any], query: Query, name: bytes) -> list[int]:
    """Prepare a query in the session and return the types of its parameters; raises for what the server refuses."""
    link = connection.pgconn
    _accepted(link.prepare(name, query.sql.encode()))
    described = link.describe_prepared(name)
    _accepted(described)
    return [described.param_type(number) for number in range(described.nparams)]


def is_refused(connection: psycopg.Connection[Any], name: bytes, values: list[str | None]) -> bool:
    """Whether a statement that was prepared before is refused now, for a reason that is not in its values.

    Its result has other columns ("cached plan must not change result type"), or a parameter has another type.
    """
    result = connection.pgconn.exec_prepared(name, _encoded(values))
    state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
    return result.status not in _SUCCESS and state[:2] not in _ABOUT_VALUES


def _run(connection: psycopg.Connection[Any], query: Query, values: list[str | None]) -> None:
    if query.kind == "CopyStmt":
        _copy(connection, query)
    elif query.kind in SIMPLE:
        connection.execute(query.sql.encode())
    else:
        prepare(connection, query, b"")
        _accepted(connection.pgconn.exec_prepared(b"", _encoded(values)))


def _copy(connection: psycopg.Connection[Any], query: Query) -> None:
    """To the client all of it, from the client no row at all: what is refused is refused before the first one."""
    with connection.cursor().copy(query.sql.encode()) as copy:
        if not parse_one(query.sql).tree.get("is_from"):
            for _ in copy:
                pass


def _encoded(values: list[str | None]) -> list[Any]:
    return [None if value is None else value.encode() for value in values]


def _accepted(result: pq.abc.PGresult) -> None:
    if result.status not in _SUCCESS:
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        raise _RefusedError(state.decode() if state else None, _message(result))


def _message(result: pq.abc.PGresult) -> str:
    text = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY)
    return text.decode("utf-8", "replace") if text else ""


def _outcome(error: _RefusedError | psycopg.Error) -> Outcome:
    """Errors about values may quote one; then only the kind of error is told."""
    state = error.sqlstate
    message = str(error) if isinstance(error, _RefusedError) else error.diag.message_primary or str(error)
    if state and state[:2] in _ABOUT_VALUES:
        return Outcome(Grade.PREPARES, state, message if state[:2] == "23" else _kind_of(state))
    return Outcome(Grade.FAILS, state, message)


def _kind_of(sqlstate: str) -> str:
    try:
        name = lookup(sqlstate).__name__
    except KeyError:
        return "an error about its values"
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()

"""Tries queries on a throwaway database: prepared, and then run as their role in a transaction that is taken back."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

from lockgate.proving.application.parameters import Values
from lockgate.proving.application.query import RAN, Grade, Outcome, Query
from lockgate.proving.application.reach import Reach, read_reach
from lockgate.proving.application.refusals import RefusedError, accepted, is_about_values, outcome_of
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.parse import parse_one
from lockgate.sql.queries import read as read_query

SIMPLE: Final = frozenset({"CopyStmt", "TruncateStmt", "LockStmt", "RefreshMatViewStmt"})
"""Kinds of statement that cannot be prepared."""

_CLAIMS: Final = "request.jwt.claims"
_LIMIT: Final = "20s"
_TEXT: Final = 25
_UNTYPED: Final = re.compile(r"\$(\d+)")


@dataclass(slots=True)
class Trier:
    """Tries queries; it remembers the values that it gave to each.

    The connection that it works on is a superuser's, in autocommit, to a throwaway database; ``owner`` is the role for
    queries that name none, or one that no migration makes.
    """

    values: Values
    owner: str
    _paths: Mapping[str, str | None] = field(default_factory=dict)
    _reach: Reach = field(default_factory=Reach)
    _typed: dict[Query, list[int]] = field(default_factory=dict)

    def try_all(self, connection: psycopg.Connection[Any], queries: Iterable[Query]) -> dict[Query, Outcome]:
        """What becomes of each query now; nothing that they write stays."""
        rows = connection.execute(read_query("lockgate.proving", "senders")).fetchall()
        self._paths = dict(rows)
        self._reach = read_reach(connection)
        return {query: self._try(connection, query) for query in queries}

    def again(self, connection: psycopg.Connection[Any], query: Query) -> Outcome:
        """Another try with values of the rows that are there now."""
        self.values.forget(query)
        return self._try(connection, query)

    def knows(self, role: str | None) -> bool:
        """Whether there was such a role when all queries were tried last."""
        return role in self._paths

    def _try(self, connection: psycopg.Connection[Any], query: Query) -> Outcome:
        try:
            types = self._types(connection, query)
        except RefusedError as error:
            return Outcome(Grade.FAILS, error.sqlstate, error.words)
        chosen = self.values.of(connection, query, types)
        held_back = self._reach.of(query.sql)
        try:
            with self.as_sender(connection, query):
                if held_back is None:
                    _run(connection, query, chosen, self._typed.get(query))
                elif query.kind not in SIMPLE and query.kind != "CallStmt":
                    # Planning asks for the privileges of all that would be read, written and called.
                    _execute(connection, f"EXPLAIN {query.sql}", chosen, self._typed.get(query))
        except (RefusedError, psycopg.Error) as error:
            return outcome_of(error)
        return RAN if held_back is None else Outcome(Grade.PREPARES, None, f"not run: {held_back}")

    def _types(self, connection: psycopg.Connection[Any], query: Query) -> list[int]:
        """The types of the parameters; what the server cannot tell from the statement is a text, as from a driver."""
        while query.kind not in SIMPLE:
            try:
                with self.as_sender(connection, query):
                    return self.prepare(connection, query, b"")
            except RefusedError as error:
                found = _UNTYPED.search(error.words) if error.sqlstate == "42P18" else None
                typed = self._typed.setdefault(query, [])
                if found is None or (len(typed) >= int(found[1]) and typed[int(found[1]) - 1]):
                    raise
                typed += [0] * (int(found[1]) - len(typed))
                typed[int(found[1]) - 1] = _TEXT
        return []

    def prepare(self, connection: psycopg.Connection[Any], query: Query, name: bytes) -> list[int]:
        """Prepare a query in the session and return the types of its parameters; raises for what the server refuses."""
        return _prepare(connection, query.sql, name, self._typed.get(query))

    def is_refused(self, connection: psycopg.Connection[Any], query: Query, name: bytes) -> bool:
        """Whether a statement that was prepared before is refused now, for a reason that is not in its values.

        Its result has other columns ("cached plan must not change result type"), or a parameter has another type.
        """
        chosen = self.values.chosen(query)
        link = connection.pgconn
        with self.as_sender(connection, query):
            if self._reach.of(query.sql) is None:
                result = link.exec_prepared(name, _encoded(chosen))
            else:
                given = ", ".join("NULL" if value is None else literal(value) for value in chosen)
                arguments = f"({given})" if chosen else ""
                result = link.exec_(f"EXPLAIN EXECUTE {name.decode()}{arguments}".encode())
        try:
            accepted(result)
        except RefusedError as error:
            return not is_about_values(error.sqlstate)
        return False

    @contextlib.contextmanager
    def as_sender(self, connection: psycopg.Connection[Any], query: Query) -> Iterator[None]:
        """A transaction under the role, with the claims and the search path of a query, taken back at the end."""
        role = query.role if query.role is not None and self.knows(query.role) else self.owner
        path = query.search_path or self._paths.get(role)
        claims = self._claims(connection, query)
        with connection.transaction(force_rollback=True):
            connection.execute(f"SET LOCAL statement_timeout = '{_LIMIT}'".encode())
            if claims:
                connection.execute("SELECT set_config(%s, %s, true)", (_CLAIMS, claims))
            if path:
                connection.execute("SELECT set_config('search_path', %s, true)", (path,))
            connection.execute(f"SET LOCAL ROLE {quote(role)}".encode())
            yield

    def _claims(self, connection: psycopg.Connection[Any], query: Query) -> str | None:
        if not query.claims or "%(" not in query.claims:
            return query.claims
        text = query.claims
        for name, value in self.values.named(connection).items():
            text = text.replace(f"%({name})s", value)
        return text


def _prepare(
    connection: psycopg.Connection[Any], sql: str, name: bytes, typed: Sequence[int] | None
) -> list[int]:
    link = connection.pgconn
    accepted(link.prepare(name, sql.encode(), typed))
    described = link.describe_prepared(name)
    accepted(described)
    return [described.param_type(number) for number in range(described.nparams)]


def _run(
    connection: psycopg.Connection[Any], query: Query, values: list[str | None], typed: Sequence[int] | None
) -> None:
    if query.kind == "CopyStmt":
        _copy(connection, query)
    elif query.kind in SIMPLE:
        connection.execute(query.sql.encode())
    else:
        _execute(connection, query.sql, values, typed)


def _execute(
    connection: psycopg.Connection[Any], sql: str, values: list[str | None], typed: Sequence[int] | None
) -> None:
    _prepare(connection, sql, b"", typed)
    accepted(connection.pgconn.exec_prepared(b"", _encoded(values)))


def _copy(connection: psycopg.Connection[Any], query: Query) -> None:
    """To the client all of it, from the client no row at all: what is refused is refused before the first one."""
    with connection.cursor().copy(query.sql.encode()) as copy:
        if not parse_one(query.sql).tree.get("is_from"):
            for _ in copy:
                pass


def _encoded(values: list[str | None]) -> list[Any]:
    return [None if value is None else value.encode() for value in values]

"""What an API that exposes the schema itself offers to its roles, and what of it a change takes away.

Clients of PostgREST and GraphQL rely on names: of tables, columns and the arguments of functions. A function may get
further arguments with defaults, and a result further columns, without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from lockgate.sql.queries import read as read_query

_GOES_IN: Final = frozenset("ibv")
_COMES_OUT: Final = frozenset("tob")


@dataclass(frozen=True, slots=True)
class Call:
    """A function that a role may call: its arguments with their types, those that are needed, and what comes back.

    ``columns`` are the names and types of a result that has several, else ``result`` is its type.
    """

    role: str
    function: str
    arguments: frozenset[tuple[str, str]]
    needed: frozenset[str]
    result: str
    columns: frozenset[tuple[str, str]]

    def answers(self, other: Call) -> bool:
        """Whether it takes the arguments of another one, all of them."""
        names = {name for name, _ in other.arguments}
        return (
            (self.role, self.function) == (other.role, other.function)
            and self.needed <= names
            and names <= {name for name, _ in self.arguments}
        )

    def stands_for(self, other: Call) -> bool:
        """Whether nobody who calls another one notices that it is this one."""
        same = self.columns >= other.columns if other.columns else self.result == other.result
        return (
            self.answers(other) and self.needed <= other.needed and self.arguments >= other.arguments and same
        )

    def __str__(self) -> str:
        arguments = ", ".join(f"{name} {type_}" for name, type_ in sorted(self.arguments))
        return f"{self.role} may call {self.function}({arguments}) returns {self.result}"


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that an API offers at one moment.

    ``said`` are sentences such as "authenticated may select public.users.email", ``embeddings`` such about how tables
    can be asked for together; ``inserts`` are the tables that somebody may insert into, each with a column that has to
    be given, None for the table itself.
    """

    said: frozenset[str] = frozenset()
    embeddings: frozenset[str] = frozenset()
    calls: frozenset[Call] = frozenset()
    inserts: frozenset[tuple[str, str | None]] = frozenset()

    def lost(self, after: Offer) -> frozenset[str]:
        """What is not offered any more, whoever asks."""
        return frozenset({*(self.said - after.said), *self._lost_calls(after)})

    def narrowed(self, after: Offer) -> frozenset[str]:
        """What only some ways of asking have lost: whether somebody asks so is a matter of the queries."""
        return frozenset({*(self.embeddings - after.embeddings), *self._new_needs(after)})

    def _lost_calls(self, after: Offer) -> Iterator[str]:
        for call in self.calls - after.calls:
            if not any(other.stands_for(call) for other in after.calls):
                yield str(call)
        for call in self.calls & after.calls:
            if _count(self.calls, call) < 2 <= _count(after.calls, call):
                yield f"{call}: several functions answer to these arguments now"

    def _new_needs(self, after: Offer) -> Iterator[str]:
        for table, column in after.inserts - self.inserts:
            if column is not None and (table, None) in self.inserts:
                yield f"an insert into {table} may leave {column} out"


def offered(connection: psycopg.Connection[Any], schemas: Sequence[str], roles: Sequence[str]) -> Offer:
    """Everything that the API offers now; nothing where there are no such roles."""

    def ask(name: str) -> list[tuple[Any, ...]]:
        given = {"schemas": list(schemas), "roles": list(roles)}
        return connection.execute(read_query("lockgate.proving", name), given).fetchall()

    with connection.transaction():
        # Types are told with their schemas, whatever the path of the session.
        connection.execute("SELECT pg_catalog.set_config('search_path', '', true)")
        said = [text for name in ("offered", "offered_graphql") for (text,) in ask(name)]
        calls = [_call(*row) for row in ask("offered_calls")]
        inserts = [(table, name) for table, names in ask("offered_inserts") for name in (None, *names)]
        embeddings = [text for (text,) in ask("offered_embeddings")]
    return Offer(frozenset(said), frozenset(embeddings), frozenset(calls), frozenset(inserts))


def _call(
    role: str,
    function: str,
    names: list[str],
    modes: list[str],
    types: list[str],
    defaults: int,
    result: str | None,
) -> Call:
    named = [
        name or f"${number}" for number, name in enumerate([*names, *[""] * (len(types) - len(names))], 1)
    ]
    whole = list(zip(named, types, modes, strict=True))
    given = [(name, type_) for name, type_, mode in whole if mode in _GOES_IN]
    needed = frozenset(name for name, _ in given[: len(given) - defaults])
    columns = frozenset((name, type_) for name, type_, mode in whole if mode in _COMES_OUT)
    return Call(role, function, frozenset(given), needed, result or "nothing", columns)


def _count(calls: Iterable[Call], call: Call) -> int:
    return sum(other.answers(call) for other in calls)

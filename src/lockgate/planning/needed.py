"""What needs a column or a table that is to go: without CASCADE the server would refuse the last file of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.analysis.view import Constraint, Relation
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.strategies.base import Question
from lockgate.sql.identifiers import QualifiedName, quote

_HOLDING: Final = frozenset(
    {Kind.VIEW, Kind.MATERIALIZED_VIEW, Kind.FUNCTION, Kind.PROCEDURE, Kind.POLICY, Kind.RULE, Kind.TRIGGER}
)
"""Kinds that hold what they name; indexes, statistics, and sequences of the table go with it."""


@dataclass(frozen=True, slots=True)
class User:
    """Something that needs what is to go, in words, and the statement that drops it."""

    words: str
    dropped: str


def users_of_column(question: Question, name: str) -> tuple[User, ...]:
    """What the server would not leave without a column of the question's table.

    Views, policies and routines are only known where a server can be asked.
    """
    table = question.table
    found = list(_keys(question, name))
    if question.state.readers(table.name) or table.policies or table.triggers:
        place = Address(Kind.COLUMN, table.name.schema, table.name.name, name)
        found += _holding(question.schema(), [place])
    return (*found, *_computed_from(table, name))


def users_of_table(question: Question) -> tuple[User, ...]:
    """What the server would not leave without the question's table."""
    name, state, snapshot = question.table.name, question.state, question.schema()
    if snapshot is None:
        shown = (_view(state.known(one)) for one in state.readers(name))
        return (*_keys(question), *shown)
    columns = (Address(Kind.COLUMN, name.schema, name.name, one.name) for one in question.table.columns)
    places = [Address(Kind.TABLE, name.schema, name.name), *columns]
    return (*_keys(question), *_holding(snapshot, places, name))


def refuse_needed(question: Question, what: str, users: Sequence[User]) -> None:
    """Raise UsageError where anything is in use, with the words that plan the change of all of it together."""
    if not users:
        return
    sql = question.statement.sql
    raise UsageError(
        f"{what} cannot go: {', '.join(user.words for user in users)} would be left without it",
        why="the server refuses the drop, and it would do so in the last file",
        next_steps=[
            f'lockgate plan "{"; ".join((*(user.dropped for user in users), sql))}"   drops them first',
            f'lockgate plan "{sql} CASCADE"   takes them along',
        ],
    )


def _keys(question: Question, column: str | None = None) -> Iterator[User]:
    """The foreign keys of other tables that refer to the table, or those that refer to a column of it."""
    table = question.table
    for place, key in question.state.referencing(table.name):
        inherited = question.state.known(place).is_partition
        wanted = place != table.name if column is None else column in _referenced(table, key)
        if wanted and not inherited:
            dropped = f"ALTER TABLE {place.sql} DROP CONSTRAINT {quote(key.name)}"
            yield User(f"foreign key {key.name} of {place}", dropped)


def _referenced(table: Relation, key: Constraint) -> tuple[str, ...]:
    primary = next((one.columns for one in table.constraints if one.kind == "primary key"), ())
    return key.referenced_columns or primary


def _holding(
    snapshot: Snapshot | None, places: Sequence[Address], whole: QualifiedName | None = None
) -> Iterator[User]:
    """Objects that need one of some places; of a relation that goes as a ``whole`` its own parts go along."""
    if snapshot is None:
        return
    found = {one for place in places for one in snapshot.dependents.get(place, ())}
    for one in sorted(found):
        if one.kind in _HOLDING and one.qualified != whole:
            yield User(str(one), f"DROP {one.kind.value} {one.sql}")
        elif one.kind is Kind.PUBLICATION and whole is None:
            yield User(str(one), f"ALTER PUBLICATION {one.sql} DROP TABLE {places[0].qualified.sql}")


def _view(view: Relation) -> User:
    return User(f"{view.kind} {view.name}", f"DROP {view.kind.upper()} {view.name.sql}")


def _computed_from(table: Relation, name: str) -> Iterator[User]:
    for column in table.columns:
        if column.generated and mentions_column(column.default or {}, name):
            dropped = f"ALTER TABLE {table.name.sql} DROP COLUMN {quote(column.name)}"
            yield User(f"column {column.name} of the same table", dropped)

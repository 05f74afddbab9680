"""What a change of data does at the other ends of foreign keys, as the server's own triggers do it."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.analysis.locks.expressions import NULL, Fact
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.queries import Reader, is_indexed
from lockgate.analysis.locks.routines import follow_triggers
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.view import Constraint, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.types import LockMode
from lockgate.values import replace, value

_WRITE = LockMode.ROW_EXCLUSIVE
_ASK = LockMode.ROW_SHARE


@value(frozen=True, slots=True)
class Change:
    """An update of some columns or a delete; ``everywhere`` when it goes through all rows of its table."""

    event: str
    columns: frozenset[str]
    everywhere: bool


def ask_referenced(reader: Reader, relation: Relation, written: set[str], rows: Iterable[list[Fact]]) -> None:
    """A row that points somewhere locks the row that it points at; one that holds NULL there points nowhere."""
    scene = reader.ledger.scene
    rows = list(rows)
    for constraint, name in scene.foreign_keys(relation):
        pointing = [facts for facts in rows if not _is_null(constraint, facts)]
        if (
            not (constraint.enforced and pointing and written & set(constraint.columns))
            or name == relation.name
        ):
            continue
        target = scene.known(name)
        reader.ledger.lock(name, _ASK)
        for facts in pointing:
            wanted = _at_other_end(constraint, scene.key_columns(target, constraint), facts)
            reader.ledger.lock_all(reader.reached(target, wanted), _ASK)
        reader.ledger.because(f"The rows of {name} that are pointed at are locked against deletion.")


def _is_null(constraint: Constraint, facts: list[Fact]) -> bool:
    return any(fact.column in constraint.columns and NULL in fact.values for fact in facts)


def _at_other_end(constraint: Constraint, keys: tuple[str, ...], facts: list[Fact]) -> list[Fact]:
    """What is known of the row that a foreign key points to."""
    columns = dict(zip(constraint.columns, keys, strict=False))
    return [replace(fact, column=columns[fact.column]) for fact in facts if fact.column in columns]


def act_on_referencing(
    reader: Reader, relation: Relation, change: Change, seen: frozenset[QualifiedName] = frozenset()
) -> None:
    """The tables that point at rows that change or go are asked, or changed in their turn."""
    seen = seen | {relation.name}
    for table, constraint in reader.ledger.scene.referencing(relation.name):
        keys = reader.ledger.scene.key_columns(relation, constraint)
        touched = change.event == "delete" or change.columns & set(keys)
        if constraint.enforced and touched and table not in seen:
            _act_on(reader, table, constraint, change, seen)


def _act_on(
    reader: Reader,
    table: QualifiedName,
    constraint: Constraint,
    change: Change,
    seen: frozenset[QualifiedName],
) -> None:
    action = constraint.on_update if change.event == "update" else constraint.on_delete
    passive = action in ("", "restrict")
    _open(reader.ledger, table, constraint, _ASK if passive else _WRITE, everywhere=change.everywhere)
    if passive:
        reader.ledger.because(f"{table} is asked for rows that point at those that go.")
        return
    event = "delete" if action == "cascade" and change.event == "delete" else "update"
    relation = reader.ledger.scene.known(table)
    reader.ledger.because(f"The rows of {table} that point at them change as well ({action}).")
    act_on_referencing(
        reader, relation, Change(event, frozenset(constraint.columns), change.everywhere), seen
    )
    follow_triggers(reader.ledger, relation, event)


def _open(
    ledger: Ledger, table: QualifiedName, constraint: Constraint, mode: LockMode, *, everywhere: bool
) -> None:
    wanted = [Fact(column, "=") for column in constraint.columns]
    for relation in ledger.scene.with_partitions(table):
        scan = is_stored(relation) and (everywhere or not is_indexed(relation, wanted))
        ledger.lock(relation.name, mode, scan=scan)

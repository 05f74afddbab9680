"""INSERT, UPDATE, DELETE, MERGE, TRUNCATE and whatever else writes rows: one function for each sort of statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from lockgate.catalog.model import Table
from lockgate.inverse.losses.bodies import assigned_by, by_triggers, touched_by, wakes
from lockgate.inverse.losses.model import (
    Anything,
    Deleted,
    Inserted,
    Loss,
    Truncated,
    Unknown,
    Updated,
)
from lockgate.inverse.losses.names import Place, alias_of, base_tables, condition
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement, walk


def losses_of(statement: Statement, place: Place) -> tuple[Loss, ...]:
    """What a statement does to rows that were there, or that come, by anything but a change of the schema."""
    reader = READERS.get(statement.kind)
    return reader(statement, place) if reader else ()


def _insert(statement: Statement, place: Place) -> tuple[Loss, ...]:
    tree = statement.tree
    table = place.table(tree["relation"])
    action = tree.get("onConflictClause", {}).get("action")
    if table is None or action == "ONCONFLICT_UPDATE" or "returningClause" in tree or _writes_within(tree):
        return _anything(statement, place)
    triggers = by_triggers(wakes(table.name, "INSERT", place), place)
    if not triggers.nothing:
        return _anything(statement, place)
    return (Inserted(table.name, statement.sql),)


def _writes_within(tree: Node) -> bool:
    """Whether a WITH, or a call, may write other tables too."""
    inner = [kind for kind, _ in walk(tree)]
    return any(kind in ("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt") for kind in inner)


def _update(statement: Statement, place: Place) -> tuple[Loss, ...]:
    tree = statement.tree
    table = place.table(tree["relation"])
    if table is None or _writes_within(tree) or _has_children(table, place):
        return _anything(statement, place)
    columns = tuple(item["ResTarget"]["name"] for item in tree["targetList"])
    triggers = wakes(table.name, "UPDATE", place)
    if not by_triggers(triggers, place).nothing or _cascades(table, "UPDATE", place, columns):
        return _anything(statement, place)
    stamped = assigned_by(triggers, place)
    if stamped is None:
        columns = tuple(column.column for column in table.columns if column.column not in _key(table, place))
    else:
        columns = (*columns, *(name for name in stamped if name not in columns))
    where = condition(tree.get("whereClause"), tree.get("fromClause", []), tree.get("withClause"))
    return (Updated(table.name, columns, alias_of(tree["relation"]), where),)


def _key(table: Table, place: Place) -> tuple[str, ...]:
    primary = place.snapshot.primary_key(table.name)
    return primary.columns if primary else ()


def _delete(statement: Statement, place: Place) -> tuple[Loss, ...]:
    tree = statement.tree
    table = place.table(tree["relation"])
    if table is None or "returningClause" in tree or _writes_within(tree) or _has_children(table, place):
        return _anything(statement, place)
    triggers = by_triggers(wakes(table.name, "DELETE", place), place)
    if not triggers.nothing or _cascades(table, "DELETE", place):
        return _anything(statement, place)
    where = condition(tree.get("whereClause"), tree.get("usingClause", []), tree.get("withClause"))
    return (Deleted(table.name, statement.sql, alias_of(tree["relation"]), where),)


def _has_children(table: Table, place: Place) -> bool:
    return any(not child.is_partition for child in place.snapshot.children(table.name))


def _truncate(statement: Statement, place: Place) -> tuple[Loss, ...]:
    tree = statement.tree
    named = [
        (place.relation(item["RangeVar"]), not item["RangeVar"].get("inh")) for item in tree["relations"]
    ]
    only = dict(named)
    tables = [name for name, _ in named if name in place.snapshot.tables]
    if tree.get("behavior") == "DROP_CASCADE":
        tables = _referring(tables, place)
    restart = bool(tree.get("restart_seqs"))
    found = []
    for name in tables:
        sequences = place.snapshot.sequences_of(name) if restart else ()
        found.append(Truncated(name, only.get(name, False), tuple(item.name for item in sequences)))
    return tuple(found)


def _referring(tables: Iterable[QualifiedName], place: Place) -> list[QualifiedName]:
    """Some tables and all that refer to them, the referred first."""
    found = list(dict.fromkeys(tables))
    for name in found:
        for constraint in place.snapshot.references_to(name):
            if constraint.name not in found:
                found.append(constraint.name)
    return found


_ACTING: Final = ("CASCADE", "SET NULL", "SET DEFAULT")


def _cascades(table: Table, event: str, place: Place, columns: tuple[str, ...] = ()) -> bool:
    """Whether foreign keys carry the change on to other rows."""
    for constraint in place.snapshot.references_to(table.name):
        if event == "DELETE" and constraint.on_delete in _ACTING:
            return True
        changed = set(columns) & set(constraint.referenced_columns)
        if event == "UPDATE" and changed and constraint.on_update in _ACTING:
            return True
    return False


def _anything(statement: Statement, place: Place) -> tuple[Loss, ...]:
    """What cannot be told row by row: compare the tables before and after."""
    touched = touched_by(statement, place)
    if touched.unknown:
        return (Unknown(touched.unknown),)
    tables = set(touched.tables)
    for name in touched.tables:
        tables |= set(_carried_on(name, place))
    known = sorted(name for name in tables if name in place.snapshot.tables)
    foreign = [name for name in known if place.snapshot.tables[name].server]
    if foreign:
        return (Unknown(f"{foreign[0]} is a foreign table, whose rows lie elsewhere"),)
    parents = [name for name in known if _has_children(place.snapshot.tables[name], place)]
    if parents:
        return (Unknown(f"{parents[0]} has children by inheritance, whose rows cannot be told from its own"),)
    return (Anything(tuple(known)),) if known else ()


def _carried_on(name: QualifiedName, place: Place) -> list[QualifiedName]:
    """The tables that foreign keys may carry a change on to."""
    found = [name]
    for one in found:
        for constraint in place.snapshot.references_to(one):
            acting = constraint.on_delete in _ACTING or constraint.on_update in _ACTING
            if acting and constraint.name not in found:
                found.append(constraint.name)
    return found[1:]


def _call(statement: Statement, place: Place) -> tuple[Loss, ...]:
    touched = touched_by(statement, place)
    return () if touched.nothing else _anything(statement, place)


def _copy(statement: Statement, place: Place) -> tuple[Loss, ...]:
    if not statement.tree.get("is_from") or "relation" not in statement.tree:
        return ()
    return tuple(
        Anything((table,))
        for table in base_tables(place.snapshot, place.relation(statement.tree["relation"]))
    )


READERS: Final[dict[str, Callable[[Statement, Place], tuple[Loss, ...]]]] = {
    "InsertStmt": _insert,
    "UpdateStmt": _update,
    "DeleteStmt": _delete,
    "TruncateStmt": _truncate,
    "MergeStmt": _anything,
    "CopyStmt": _copy,
    "SelectStmt": _call,
    "CallStmt": _call,
    "DoStmt": _call,
    "CreateTableAsStmt": _call,
    "ExecuteStmt": _call,
}

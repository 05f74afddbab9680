"""Which tables the bodies of routines and DO blocks write to, as far as their text tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lockgate.analysis.bodies import Body, body_of
from lockgate.catalog.model import Routine, Trigger
from lockgate.errors import SqlSyntaxError
from lockgate.inverse.losses.names import Place, base_tables
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Statement, parse_one, walk

_WRITES = {
    "InsertStmt": "relation",
    "UpdateStmt": "relation",
    "DeleteStmt": "relation",
    "MergeStmt": "relation",
    "CopyStmt": "relation",
}
_WRITING_WORDS = re.compile(
    r"\b(insert\s+into|update|delete\s+from|truncate|merge\s+into|copy)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Touched:
    """The tables that something writes to; ``unknown`` says why others may be among them."""

    tables: frozenset[QualifiedName] = frozenset()
    unknown: str | None = None

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.tables | other.tables, self.unknown or other.unknown)

    @property
    def nothing(self) -> bool:
        """Whether it is certain that nothing is written."""
        return not self.tables and self.unknown is None


NOTHING = Touched()


def touched_by(statement: Statement, place: Place, seen: frozenset[QualifiedName] = frozenset()) -> Touched:
    """What a statement writes to by itself and by the routines that it calls."""
    if statement.kind == "DoStmt":
        return _of_body(body_of(statement), place, seen, "a DO block")
    return _of_tree(statement, place, seen)


def _of_tree(statement: Statement, place: Place, seen: frozenset[QualifiedName]) -> Touched:
    found = NOTHING
    for kind, node in walk(statement.node):
        if kind in _WRITES and _WRITES[kind] in node and not (kind == "CopyStmt" and not node.get("is_from")):
            tables = base_tables(place.snapshot, place.relation(node[_WRITES[kind]]))
            found |= Touched(frozenset(tables)) | _by_triggers(tables, place, seen)
        elif kind == "TruncateStmt":
            names = (place.relation(item["RangeVar"]) for item in node["relations"])
            found |= Touched(frozenset(name for name in names if name in place.snapshot.tables))
        elif kind == "FuncCall":
            for name in place.routines(node["funcname"]):
                found |= of_routine(name, place, seen)
    return found


def of_routine(name: QualifiedName, place: Place, seen: frozenset[QualifiedName] = frozenset()) -> Touched:
    """What the routines of a name write to."""
    if name in seen:
        return NOTHING
    found = NOTHING
    for routine in place.snapshot.routines(name):
        found |= _of_definition(routine, place, seen | {name})
    return found


def _of_definition(routine: Routine, place: Place, seen: frozenset[QualifiedName]) -> Touched:
    if routine.language in ("internal", "c") or routine.volatility != "volatile":
        return NOTHING
    inside = replace(place, search_path=_path_of(routine) or place.search_path)
    try:
        statement = parse_one(routine.definition)
    except SqlSyntaxError:
        return Touched(unknown=f"{routine.address} cannot be read")
    if routine.body is None:
        return _of_tree(statement, inside, seen)
    return _of_body(body_of(statement), inside, seen, str(routine.address))


def _path_of(routine: Routine) -> tuple[str, ...]:
    for setting in routine.settings:
        name, _, value = setting.partition("=")
        if name == "search_path":
            return tuple(word.strip().strip('"') for word in value.split(",") if word.strip().strip('"'))
    return ()


def _of_body(body: Body | None, place: Place, seen: frozenset[QualifiedName], what: str) -> Touched:
    if body is None:
        return Touched(unknown=f"{what} is written in a language that cannot be read here")
    if body.failure:
        return Touched(unknown=f"{what} cannot be read: {body.failure}")
    found = NOTHING
    for statement in body.statements:
        found |= touched_by(statement, place, seen)
    for piece in body.opaque:
        if _WRITING_WORDS.search(piece.expression):
            found |= Touched(unknown=f"{what} puts together at run time which rows it changes")
    return found


def _by_triggers(tables: Iterable[QualifiedName], place: Place, seen: frozenset[QualifiedName]) -> Touched:
    found = NOTHING
    for trigger in _active(tables, place):
        found |= of_routine(trigger.function, place, seen)
    return found


def _active(tables: Iterable[QualifiedName], place: Place) -> Iterator[Trigger]:
    for table in tables:
        for trigger in place.snapshot.triggers_of(table):
            if trigger.enabled in ("origin", "always"):
                yield trigger


def wakes(table: QualifiedName, event: str, place: Place) -> tuple[Trigger, ...]:
    """The triggers of a table that an event (``INSERT``, ``UPDATE``, ``DELETE``, ``TRUNCATE``) sets off."""
    return tuple(trigger for trigger in _active([table], place) if event in _events(trigger))


def _events(trigger: Trigger) -> str:
    head, _, _ = trigger.definition.partition(" ON ")
    return head


def by_triggers(triggers: Iterable[Trigger], place: Place) -> Touched:
    """What the functions of some triggers write to."""
    found = NOTHING
    for trigger in triggers:
        found |= of_routine(trigger.function, place)
    return found


_ASSIGNED = re.compile(r"\bNEW\s*\.\s*(?P<name>\w+|\"(?:[^\"]|\"\")+\")\s*:?=(?!=)", re.IGNORECASE)
_WHOLE_ROW = re.compile(
    r"\bNEW\s*:?=|\bINTO\s+(?:STRICT\s+)?NEW\b|\bRETURN\s+(?!NEW\b|NULL\b|OLD\b)", re.IGNORECASE
)


def assigned_by(triggers: Iterable[Trigger], place: Place) -> tuple[str, ...] | None:
    """The columns that BEFORE triggers may set in the row, or None where that may be any of them."""
    found: dict[str, None] = {}
    for trigger in triggers:
        if " BEFORE " not in trigger.definition:
            continue
        for routine in place.snapshot.routines(trigger.function):
            body = routine.body or ""
            if routine.language != "plpgsql" or _WHOLE_ROW.search(body):
                return None
            found |= {_name(match["name"]): None for match in _ASSIGNED.finditer(body)}
    return tuple(found)


def _name(token: str) -> str:
    return token[1:-1].replace('""', '"') if token.startswith('"') else token.lower()

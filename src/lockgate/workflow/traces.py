"""What a migration's statements leave in the catalog by name, so that one can see whether they were ever run there.

Only what is beyond doubt counts. A name that any later statement drops or renames is not expected any more, whatever
it was a name of; behind a statement that may drop anything (DROP … CASCADE, DO with dynamic SQL) nothing is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import psycopg

from lockgate.sql import queries

if TYPE_CHECKING:
    from lockgate.sql.parse import Node, Statement


class Trace(NamedTuple):
    """One object.

    ``kind`` is ``relation``, ``type``, ``schema``, ``column``, ``constraint``, ``policy``, ``trigger`` or ``routine``.
    ``schema`` is None where the statement names none. ``lasting`` objects hold data or are what others build upon:
    people do not drop them in passing. ``fails`` says that the statement fails where the object is there.
    """

    kind: str
    schema: str | None
    table: str | None
    name: str
    lasting: bool = False
    fails: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {'.'.join(part for part in (self.schema, self.table, self.name) if part)}"


class Traces(NamedTuple):
    """What some statements leave: the objects, the names that they free, whether they may have dropped more."""

    made: tuple[Trace, ...]
    freed: frozenset[str]
    unclear: bool


def traces(statements: Iterable[Statement]) -> Traces:
    """What is left when the statements have run in their order."""
    made: list[Trace] = []
    freed: set[str] = set()
    unclear = False
    for statement in statements:
        gone = freed_names(statement)
        if gone is None:
            made, unclear = [], True
        elif gone:
            freed |= gone
            made = without(made, gone)
        made += made_by(statement)
    return Traces(tuple(made), frozenset(freed), unclear)


def without(made: Iterable[Trace], freed: Iterable[str]) -> list[Trace]:
    """The objects whose name, table and schema were not freed."""
    gone = set(freed)
    return [one for one in made if not gone & {one.name, one.table, one.schema}]


_MAY_DROP: Final = re.compile(r"\b(drop|rename|execute|set\s+schema)\b", re.IGNORECASE)
_FREES: Final = frozenset({"DropStmt", "RenameStmt", "AlterTableStmt"})
_DROPS: Final = frozenset({"AT_DropColumn", "AT_DropConstraint"})


def freed_names(statement: Statement) -> frozenset[str] | None:
    """The names that a statement drops or renames; None when it may drop what it does not name."""
    if statement.failure or statement.kind in ("DropOwnedStmt", "AlterObjectSchemaStmt"):
        return None
    if statement.kind == "DoStmt":
        return None if _MAY_DROP.search(statement.sql) else frozenset()
    if statement.kind not in _FREES:
        return frozenset()
    if statement.kind == "AlterTableStmt":
        commands = [item["AlterTableCmd"] for item in statement.tree.get("cmds", ())]
        drops = [command for command in commands if command.get("subtype") in _DROPS]
        return None if any(map(_cascades, drops)) else frozenset(c.get("name", "") for c in drops)
    if statement.kind == "DropStmt" and (_cascades(statement.tree) or _is_of_schemas(statement.tree)):
        return None
    return frozenset(_names(statement.tree))


def _cascades(tree: Node) -> bool:
    return tree.get("behavior") == "DROP_CASCADE"


def _is_of_schemas(tree: Node) -> bool:
    return tree.get("removeType") in ("OBJECT_SCHEMA", "OBJECT_EXTENSION")


def _names(tree: Any) -> Iterator[str]:
    """Every name that a DROP or a RENAME mentions: too many rather than too few."""
    if isinstance(tree, list):
        for item in tree:
            yield from _names(item)
    elif isinstance(tree, dict):
        yield from (tree[key] for key in ("sval", "relname", "subname") if key in tree)
        for value in tree.values():
            yield from _names(value)


def made_by(statement: Statement) -> tuple[Trace, ...]:
    """The objects that a statement makes, as far as it names them."""
    handler = _MAKERS.get(statement.kind)
    return tuple(handler(statement.tree)) if handler and not statement.failure else ()


def _fails(tree: Node) -> bool:
    return not (tree.get("if_not_exists") or tree.get("replace") or tree.get("missing_ok"))


def _relation(range_var: Node, *, lasting: bool, fails: bool) -> Iterator[Trace]:
    if range_var.get("relpersistence") != "t":
        yield Trace("relation", range_var.get("schemaname"), None, range_var["relname"], lasting, fails)


def _table(tree: Node) -> Iterator[Trace]:
    return _relation(tree["relation"], lasting=True, fails=_fails(tree))


def _foreign_table(tree: Node) -> Iterator[Trace]:
    return _table(tree["base"])


def _table_as(tree: Node) -> Iterator[Trace]:
    return _relation(tree["into"]["rel"], lasting=True, fails=_fails(tree))


def _view(tree: Node) -> Iterator[Trace]:
    return _relation(tree["view"], lasting=False, fails=_fails(tree))


def _sequence(tree: Node) -> Iterator[Trace]:
    return _relation(tree["sequence"], lasting=True, fails=_fails(tree))


def _index(tree: Node) -> Iterator[Trace]:
    if "idxname" in tree:
        yield Trace("relation", tree["relation"].get("schemaname"), None, tree["idxname"], fails=_fails(tree))


def _qualified(kind: str, names: list[Node], *, lasting: bool, fails: bool) -> Trace:
    parts = [item["String"]["sval"] for item in names]
    return Trace(kind, parts[-2] if len(parts) > 1 else None, None, parts[-1], lasting, fails)


def _type(tree: Node) -> Iterator[Trace]:
    yield _qualified("type", tree["typeName"], lasting=True, fails=True)


def _domain(tree: Node) -> Iterator[Trace]:
    yield _qualified("type", tree["domainname"], lasting=True, fails=True)


def _composite(tree: Node) -> Iterator[Trace]:
    yield Trace("type", tree["typevar"].get("schemaname"), None, tree["typevar"]["relname"], lasting=True)


def _schema(tree: Node) -> Iterator[Trace]:
    if "schemaname" in tree:
        yield Trace("schema", None, None, tree["schemaname"], lasting=True, fails=_fails(tree))


def _routine(tree: Node) -> Iterator[Trace]:
    # Another one of the same name may have other arguments.
    yield _qualified("routine", tree["funcname"], lasting=False, fails=False)


def _policy(tree: Node) -> Iterator[Trace]:
    yield _on_table("policy", tree["table"], tree["policy_name"], fails=True)


def _trigger(tree: Node) -> Iterator[Trace]:
    yield _on_table("trigger", tree["relation"], tree["trigname"], fails=_fails(tree))


def _on_table(kind: str, table: Node, name: str, *, fails: bool, lasting: bool = False) -> Trace:
    return Trace(kind, table.get("schemaname"), table["relname"], name, lasting, fails)


def _alterations(tree: Node) -> Iterator[Trace]:
    for item in tree.get("cmds", ()):
        command = item["AlterTableCmd"]
        definition: dict[str, Any] = command.get("def", {})
        if "ColumnDef" in definition and command.get("subtype", "AT_AddColumn") == "AT_AddColumn":
            name = definition["ColumnDef"]["colname"]
            yield _on_table("column", tree["relation"], name, fails=_fails(command), lasting=True)
        elif "conname" in definition.get("Constraint", {}):
            yield _on_table("constraint", tree["relation"], definition["Constraint"]["conname"], fails=True)


_MAKERS: Final[dict[str, Callable[[Node], Iterator[Trace]]]] = {
    "CreateStmt": _table,
    "CreateForeignTableStmt": _foreign_table,
    "CreateTableAsStmt": _table_as,
    "ViewStmt": _view,
    "CreateSeqStmt": _sequence,
    "IndexStmt": _index,
    "CreateEnumStmt": _type,
    "CreateRangeStmt": _type,
    "CreateDomainStmt": _domain,
    "CompositeTypeStmt": _composite,
    "CreateSchemaStmt": _schema,
    "CreateFunctionStmt": _routine,
    "CreatePolicyStmt": _policy,
    "CreateTrigStmt": _trigger,
    "AlterTableStmt": _alterations,
}


def there(
    connection: psycopg.Connection[Any], wanted: Iterable[Trace], *, anywhere: bool
) -> tuple[Trace, ...]:
    """Those objects that the catalog has.

    A name without a schema is looked for in every schema with ``anywhere``, else where it would be made.
    """
    asked = tuple(wanted)
    rows = connection.execute(
        queries.read("lockgate.workflow", "traces_there"),
        {
            "kinds": [one.kind for one in asked],
            "schemas": [one.schema for one in asked],
            "tables": [one.table for one in asked],
            "names": [one.name for one in asked],
            "anywhere": anywhere,
        },
    )
    return tuple(asked[number - 1] for (number,) in rows)

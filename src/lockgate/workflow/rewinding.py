"""How a schema looked before a statement, as far as the statement alone tells: SQL for a throwaway copy without rows.

This is no rollback. It is played on a copy of a schema from the last statement of a history to the first, to find what
was there before that history began. What a statement only sets (a default, row security, a grant, a comment) stays as
it is: setting it again does no harm. What it drops cannot be known any more, and something that can be dropped stands
in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lockgate.analysis.state import names
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.sql.parse import Node, Statement, deparse


@dataclass(frozen=True, slots=True)
class Backwards:
    """One step back: SQL to try, and what it only stands in for, in words (empty where it is the thing itself)."""

    sql: str
    stands_for: str = ""


def backwards(statement: Statement) -> tuple[Backwards, ...]:
    """The steps back from one statement, in their order; none where it changes nothing that has to be there first."""
    undo = _UNDO.get(statement.kind)
    return tuple(undo(statement.tree)) if undo else ()


def _relation(node: Node) -> str:
    return QualifiedName(*names.range_var(node)).sql


def _dotted(items: list[Node]) -> str:
    return QualifiedName(*names.dotted(items)).sql


def _drop_table(tree: Node) -> Iterator[Backwards]:
    yield Backwards(f"DROP TABLE IF EXISTS {_relation(tree['relation'])} CASCADE")


def _drop_query_table(tree: Node) -> Iterator[Backwards]:
    word = "MATERIALIZED VIEW" if tree.get("objtype") == "OBJECT_MATVIEW" else "TABLE"
    yield Backwards(f"DROP {word} IF EXISTS {_relation(tree['into']['rel'])} CASCADE")


def _drop_view(tree: Node) -> Iterator[Backwards]:
    yield Backwards(f"DROP VIEW IF EXISTS {_relation(tree['view'])} CASCADE")


def _drop_index(tree: Node) -> Iterator[Backwards]:
    if "idxname" in tree:
        schema = names.range_var(tree["relation"])[0]
        yield Backwards(f"DROP INDEX IF EXISTS {QualifiedName(schema, tree['idxname']).sql} CASCADE")


def _drop_policy(tree: Node) -> Iterator[Backwards]:
    yield Backwards(f"DROP POLICY IF EXISTS {quote(tree['policy_name'])} ON {_relation(tree['table'])}")


def _drop_trigger(tree: Node) -> Iterator[Backwards]:
    yield Backwards(f"DROP TRIGGER IF EXISTS {quote(tree['trigname'])} ON {_relation(tree['relation'])}")


def _drop_function(tree: Node) -> Iterator[Backwards]:
    if not tree.get("replace"):
        made = {key: tree[key] for key in ("funcname", "is_procedure") if key in tree}
        word = "PROCEDURE" if made.get("is_procedure") else "FUNCTION"
        yield Backwards(f"DROP {word} IF EXISTS {_dotted(made['funcname'])} CASCADE")


def _drop_type(tree: Node) -> Iterator[Backwards]:
    name = _relation(tree["typevar"]) if "typevar" in tree else _dotted(tree["typeName"])
    yield Backwards(f"DROP TYPE IF EXISTS {name} CASCADE")


def _drop_domain(tree: Node) -> Iterator[Backwards]:
    yield Backwards(f"DROP DOMAIN IF EXISTS {_dotted(tree['domainname'])} CASCADE")


def _drop_sequence(tree: Node) -> Iterator[Backwards]:
    yield Backwards(f"DROP SEQUENCE IF EXISTS {_relation(tree['sequence'])} CASCADE")


def _drop_schema(tree: Node) -> Iterator[Backwards]:
    if not tree.get("if_not_exists"):
        yield Backwards(f"DROP SCHEMA IF EXISTS {quote(tree['schemaname'])} CASCADE")


def _drop_extension(tree: Node) -> Iterator[Backwards]:
    if not tree.get("if_not_exists"):
        yield Backwards(f"DROP EXTENSION IF EXISTS {quote(tree['extname'])} CASCADE")


def _drop_publication(tree: Node) -> Iterator[Backwards]:
    yield Backwards(f"DROP PUBLICATION IF EXISTS {quote(tree['pubname'])}")


def _leave_publication(tree: Node) -> Iterator[Backwards]:
    if tree.get("action") == "AP_AddObjects":
        yield Backwards(deparse({"AlterPublicationStmt": {**tree, "action": "AP_DropObjects"}}))


def _forget_label(tree: Node) -> Iterator[Backwards]:
    """No command takes a label from an enum; on a copy without rows its catalog row may go."""
    kind = _dotted(tree["typeName"])
    if "oldVal" in tree:
        old, new = literal(tree["oldVal"]), literal(tree["newVal"])
        yield Backwards(f"ALTER TYPE {kind} RENAME VALUE {new} TO {old}")
    else:
        label = literal(tree["newVal"])
        yield Backwards(
            f"DELETE FROM pg_enum WHERE enumtypid = {literal(kind)}::regtype AND enumlabel = {label}"
        )


def _rename_back(tree: Node) -> Iterator[Backwards]:
    back = dict(tree)
    if "subname" in tree:
        back["subname"], back["newname"] = tree["newname"], tree["subname"]
    elif "relation" in tree:
        back["relation"] = {**tree["relation"], "relname": tree["newname"]}
        back["newname"] = tree["relation"]["relname"]
    else:
        return
    yield Backwards(deparse({"RenameStmt": back}))


def _move_back(tree: Node) -> Iterator[Backwards]:
    if "relation" in tree:
        schema = tree["relation"].get("schemaname", "public")
        moved = {**tree["relation"], "schemaname": tree["newschema"]}
        yield Backwards(deparse({"AlterObjectSchemaStmt": {**tree, "relation": moved, "newschema": schema}}))


def _alter_back(tree: Node) -> Iterator[Backwards]:
    table = _relation(tree["relation"])
    for item in reversed(tree.get("cmds", [])):
        command = item["AlterTableCmd"]
        undo = _COMMANDS.get(command["subtype"])
        if undo is not None:
            yield from undo(table, command)


def _drop_column(table: str, command: Node) -> Iterator[Backwards]:
    name = command["def"]["ColumnDef"]["colname"]
    yield Backwards(f"ALTER TABLE {table} DROP COLUMN IF EXISTS {quote(name)} CASCADE")


def _drop_constraint(table: str, command: Node) -> Iterator[Backwards]:
    node = command["def"]["Constraint"]
    name = node.get("conname") or _default_name(table, node)
    if name:
        yield Backwards(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {quote(name)} CASCADE")


def _default_name(table: str, node: Node) -> str:
    """The name that the server gives to a constraint without one."""
    suffix = _SUFFIXES.get(node["contype"], "")
    keys = node.get("fk_attrs" if node["contype"] == "CONSTR_FOREIGN" else "keys", [])
    columns = [] if node["contype"] == "CONSTR_PRIMARY" else [names.text(key) for key in keys]
    return "_".join([table.rpartition(".")[2].strip('"'), *columns, suffix]) if suffix else ""


def _drop_identity(table: str, command: Node) -> Iterator[Backwards]:
    yield Backwards(f"ALTER TABLE {table} ALTER COLUMN {quote(command['name'])} DROP IDENTITY IF EXISTS")


def _detach(table: str, command: Node) -> Iterator[Backwards]:
    part = _relation(command["def"]["PartitionCmd"]["name"])
    yield Backwards(f"ALTER TABLE {table} DETACH PARTITION {part}")


def _some_column(table: str, command: Node) -> Iterator[Backwards]:
    if not command.get("missing_ok"):
        name = quote(command["name"])
        yield Backwards(f"ALTER TABLE {table} ADD COLUMN {name} text", f"the column {name} of {table}")


def _some_constraint(table: str, command: Node) -> Iterator[Backwards]:
    if not command.get("missing_ok"):
        name = quote(command["name"])
        yield Backwards(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (true)", f"the constraint {name} of {table}"
        )


def _something(tree: Node) -> Iterator[Backwards]:
    """What can be dropped again, for what was dropped."""
    form = _STANDS_IN.get(tree["removeType"])
    if form is None or tree.get("missing_ok"):
        return
    words, sql = form
    for item in tree["objects"]:
        if tree["removeType"] == "OBJECT_POLICY":
            parts = [quote(names.text(part)) for part in item["List"]["items"]]
            name, table = parts[-1], ".".join(parts[:-1])
        else:
            name, table = QualifiedName(*names.object_name(item)).sql, ""
        told = f"the {words} {name}" + (f" of {table}" if table else "")
        yield Backwards(sql.format(name=name, table=table), told)


_SUFFIXES: Final = {"CONSTR_PRIMARY": "pkey", "CONSTR_UNIQUE": "key", "CONSTR_FOREIGN": "fkey"}
_STANDS_IN: Final = {
    "OBJECT_TABLE": ("table", "CREATE TABLE {name} ()"),
    "OBJECT_VIEW": ("view", "CREATE VIEW {name} AS SELECT"),
    "OBJECT_MATVIEW": ("view", "CREATE MATERIALIZED VIEW {name} AS SELECT"),
    "OBJECT_TYPE": ("type", "CREATE TYPE {name} AS ENUM ()"),
    "OBJECT_SEQUENCE": ("sequence", "CREATE SEQUENCE {name}"),
    "OBJECT_POLICY": ("policy", "CREATE POLICY {name} ON {table} USING (false)"),
}
_COMMANDS: Final[Mapping[str, Callable[[str, Node], Iterator[Backwards]]]] = MappingProxyType(
    {
        "AT_AddColumn": _drop_column,
        "AT_AddConstraint": _drop_constraint,
        "AT_AddIdentity": _drop_identity,
        "AT_AttachPartition": _detach,
        "AT_DropColumn": _some_column,
        "AT_DropConstraint": _some_constraint,
    }
)
_UNDO: Final[Mapping[str, Callable[[Node], Iterator[Backwards]]]] = MappingProxyType(
    {
        "CreateStmt": _drop_table,
        "CreateForeignTableStmt": lambda tree: _drop_table(tree["base"]),
        "CreateTableAsStmt": _drop_query_table,
        "ViewStmt": _drop_view,
        "IndexStmt": _drop_index,
        "CreatePolicyStmt": _drop_policy,
        "CreateTrigStmt": _drop_trigger,
        "CreateFunctionStmt": _drop_function,
        "CreateEnumStmt": _drop_type,
        "CompositeTypeStmt": _drop_type,
        "CreateRangeStmt": _drop_type,
        "CreateDomainStmt": _drop_domain,
        "CreateSeqStmt": _drop_sequence,
        "CreateSchemaStmt": _drop_schema,
        "CreateExtensionStmt": _drop_extension,
        "CreatePublicationStmt": _drop_publication,
        "AlterPublicationStmt": _leave_publication,
        "AlterEnumStmt": _forget_label,
        "AlterTableStmt": _alter_back,
        "RenameStmt": _rename_back,
        "AlterObjectSchemaStmt": _move_back,
        "DropStmt": _something,
    }
)

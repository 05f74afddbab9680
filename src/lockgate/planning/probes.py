"""For each statement that cannot run in a transaction: how the catalog tells how far it got, and how to clean up.

``CREATE INDEX CONCURRENTLY`` leaves an invalid index behind when it dies, ``REINDEX CONCURRENTLY`` invalid ones named
``…_ccnew``, ``DETACH … CONCURRENTLY`` a pending detachment: those are the half-done states.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lockgate.planning.plan import Probe
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.parse import Node, Statement


def probe_for(statement: Statement) -> Probe | None:
    """The probe of a statement, or None where the catalog cannot tell."""
    maker = _MAKERS.get(statement.kind)
    return maker(statement.tree) if maker else None


def is_repeatable(statement: Statement) -> bool:
    """Whether doing the statement twice has the same result as doing it once."""
    return statement.kind in _REPEATABLE or (statement.kind == "ReindexStmt")


_REPEATABLE: Final = frozenset(
    {"VacuumStmt", "ClusterStmt", "CheckPointStmt", "VariableSetStmt", "AlterSystemStmt"}
)


def _create_index(tree: Node) -> Probe | None:
    name = tree.get("idxname")
    if not tree.get("concurrent") or not name:
        return None
    schema = tree["relation"].get("schemaname")
    table = _relation(tree["relation"])
    index = f"{quote(schema)}.{quote(name)}" if schema else None
    # The index lies in its table's schema, wherever search_path finds that table.
    found = (
        "FROM pg_catalog.pg_class t JOIN pg_catalog.pg_class i ON i.relnamespace = t.relnamespace"
        f" AND i.relname = {literal(name)} JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid"
        f" WHERE t.oid = to_regclass({literal(table)}) AND x.indrelid = t.oid"
    )
    drop = index or quote(name)
    return Probe(_three_states(found, "x.indisvalid"), (f"DROP INDEX CONCURRENTLY IF EXISTS {drop}",))


def _drop_index(tree: Node) -> Probe | None:
    if not tree.get("concurrent") or tree.get("removeType") != "OBJECT_INDEX" or len(tree["objects"]) != 1:
        return None
    name = _dotted(tree["objects"][0])
    return Probe(
        f"SELECT CASE WHEN to_regclass({literal(name)}) IS NULL THEN 'done'"
        f" WHEN (SELECT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = to_regclass({literal(name)}))"
        " THEN 'none' ELSE 'half' END",
        (f"DROP INDEX CONCURRENTLY IF EXISTS {name}",),
        finishes=True,
    )


def _alter_table(tree: Node) -> Probe | None:
    commands = tree.get("cmds", [])
    if len(commands) != 1:
        return None
    command = commands[0]["AlterTableCmd"]
    partition = command.get("def", {}).get("PartitionCmd")
    if command.get("subtype") != "AT_DetachPartition" or not partition or not partition.get("concurrent"):
        return None
    parent, child = _relation(tree["relation"]), _relation(partition["name"])
    return Probe(
        "SELECT coalesce((SELECT CASE WHEN inhdetachpending THEN 'half' ELSE 'none' END FROM pg_catalog.pg_inherits"
        f" WHERE inhrelid = to_regclass({literal(child)}) AND inhparent = to_regclass({literal(parent)})), 'done')",
        (f"ALTER TABLE {parent} DETACH PARTITION {child} FINALIZE",),
        finishes=True,
    )


def _reindex(tree: Node) -> Probe | None:
    """What a killed REINDEX CONCURRENTLY leaves behind cannot be told from a later one's; it is done anew."""
    if tree.get("kind") not in ("REINDEX_OBJECT_INDEX", "REINDEX_OBJECT_TABLE") or "relation" not in tree:
        return None
    name = _relation(tree["relation"])
    column = "x.indexrelid" if tree["kind"] == "REINDEX_OBJECT_INDEX" else "x.indrelid"
    leftover = (
        "SELECT count(*) FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid"
        f" WHERE NOT x.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND x.indrelid ="
        f" (SELECT indrelid FROM pg_catalog.pg_index x WHERE {column} = to_regclass({literal(name)}) LIMIT 1)"
    )
    return Probe(
        f"SELECT CASE WHEN ({leftover}) > 0 THEN 'half' ELSE 'none' END", (_drop_leftovers(leftover),)
    )


def _drop_leftovers(leftover: str) -> str:
    """Dropping inside a DO block cannot be CONCURRENTLY; an invalid index is used by nobody, its lock is short."""
    names = leftover.replace("SELECT count(*)", "SELECT format('DROP INDEX %s', c.oid::regclass) AS command")
    return (
        f"DO $lockgate$ DECLARE d record; BEGIN PERFORM set_config('lock_timeout', '2s', true);"
        f" FOR d IN {names} LOOP EXECUTE d.command; END LOOP; END $lockgate$"
    )


def _three_states(found: str, whole: str) -> str:
    return f"SELECT coalesce((SELECT CASE WHEN {whole} THEN 'done' ELSE 'half' END {found}), 'none')"


def _relation(node: Node) -> str:
    schema, name = node.get("schemaname"), node["relname"]
    return f"{quote(schema)}.{quote(name)}" if schema else quote(name)


def _dotted(node: Node) -> str:
    parts = [item["String"]["sval"] for item in node["List"]["items"]]
    return ".".join(quote(part) for part in parts)


_MAKERS: Final[dict[str, Callable[[Node], Probe | None]]] = {
    "IndexStmt": _create_index,
    "DropStmt": _drop_index,
    "AlterTableStmt": _alter_table,
    "ReindexStmt": _reindex,
}

"""The way back of statements whose inverse can be read off them.

For all others ``lockgate rollback write`` looks at the schema.
"""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.analysis.state.names import dotted, range_var
from lockgate.planning.changes import NOTHING_BACK
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node, Statement


def reverse(statements: Iterable[Statement], new_column: str = "") -> tuple[str, ...]:
    """The inverse of some statements, last one first; empty when one of them has none that can be read off.

    ``new_column`` is a column that came with the change: what was written into it goes with it.
    """
    found: list[str] = []
    known = tuple(statements)
    if any(_takes_an_index(statement, known) for statement in known):
        return ()
    taken = {name for statement in known for name in _absorbed(statement)} | _passing(known) | _below(known)
    taken |= {f"values of {new_column}", f"default of {new_column}"} if new_column else set()
    for statement in known:
        inverse = [NOTHING_BACK] if taken & _known_as(statement) else _inverse(statement)
        if inverse is None:
            return ()
        found[:0] = inverse
    real = [*(sql for sql in found if sql != NOTHING_BACK), *_left_required(known)]
    return tuple(real or found[:1])


def _takes_an_index(statement: Statement, known: Iterable[Statement]) -> bool:
    """Whether a constraint takes over an index that was there before: dropping it would take the index along."""
    made = {one.tree.get("idxname") for one in known if one.kind == "IndexStmt"}
    commands = statement.tree.get("cmds", ()) if statement.kind == "AlterTableStmt" else ()
    taken = {c["AlterTableCmd"].get("def", {}).get("Constraint", {}).get("indexname") for c in commands}
    return bool(taken - made - {None})


def _left_required(statements: Iterable[Statement]) -> list[str]:
    """Partitions that got a primary key keep the NOT NULL of their parent when that one goes: it goes by itself."""
    added = [
        (command["AlterTableCmd"].get("def", {}).get("Constraint", {}), statement)
        for statement in statements
        if statement.kind == "AlterTableStmt"
        for command in statement.tree.get("cmds", ())
    ]
    required = [(found, c["keys"]) for c, found in added if c.get("contype") == "CONSTR_NOTNULL"]
    keyed = dict.fromkeys(range_var(found.tree["relation"]) for c, found in added if c.get("indexname"))
    return [
        f"ALTER TABLE {QualifiedName(*place).sql} ALTER COLUMN {quote(key['String']['sval'])} DROP NOT NULL"
        for parent, keys in required
        for place in keyed
        if place != range_var(parent.tree["relation"])
        for key in keys
    ]


def _absorbed(statement: Statement) -> list[str]:
    """What goes with the inverse of a statement: the index behind a constraint, the default of a new column."""
    found = []
    for item in statement.tree.get("cmds", ()) if statement.kind == "AlterTableStmt" else ():
        command = item["AlterTableCmd"]
        if command.get("subtype") == "AT_AttachPartition" and statement.tree.get("objtype") == "OBJECT_INDEX":
            name = command["def"]["PartitionCmd"]["name"]["relname"]
            found += [f"index {name}", f"constraint {name}"]
        if command.get("subtype") == "AT_AddConstraint":
            found.append(f"index {command['def']['Constraint'].get('indexname', '')}")
        if command.get("subtype") == "AT_AddColumn":
            column = command["def"]["ColumnDef"]["colname"]
            found += [f"default of {column}", f"sequence of {column}"]
    return found


def _passing(statements: Iterable[Statement]) -> set[str]:
    """The constraints that are made and dropped again: proofs that have served."""
    commands = [
        item["AlterTableCmd"]
        for statement in statements
        if statement.kind == "AlterTableStmt"
        for item in statement.tree.get("cmds", ())
    ]
    dropped = {c.get("name", "") for c in commands if c.get("subtype") == "AT_DropConstraint"}
    added = {
        c["def"]["Constraint"].get("conname", "") for c in commands if c.get("subtype") == "AT_AddConstraint"
    }
    return {f"constraint {name}" for name in added & dropped}


def _below(statements: Iterable[Statement]) -> set[str]:
    """Foreign keys of partitions that the one of their parent, which comes last, takes along when it goes."""
    places: dict[str, list[str]] = {}
    for statement in statements:
        made = _made(statement)
        if made.startswith("constraint ") and statement.kind == "AlterTableStmt":
            added = statement.tree["cmds"][0]["AlterTableCmd"].get("def", {}).get("Constraint", {})
            if added.get("contype") == "CONSTR_FOREIGN":
                places.setdefault(made, []).append(_place(statement))
    return {f"{made} of {place}" for made, found in places.items() for place in found[:-1]}


def _known_as(statement: Statement) -> set[str]:
    made = _made(statement)
    return {made, f"{made} of {_place(statement)}"} if statement.kind == "AlterTableStmt" else {made}


def _place(statement: Statement) -> str:
    return ".".join(range_var(statement.tree["relation"]))


def _made(statement: Statement) -> str:
    if statement.kind == "IndexStmt":
        return f"index {statement.tree.get('idxname')}"
    if statement.kind == "CreateSeqStmt":
        return f"sequence of {_owner(statement)}"
    if statement.kind == "UpdateStmt":
        names = {target["ResTarget"].get("name", "") for target in statement.tree.get("targetList", ())}
        return f"values of {names.pop()}" if len(names) == 1 else ""
    commands = statement.tree.get("cmds", []) if statement.kind == "AlterTableStmt" else []
    command = commands[0]["AlterTableCmd"] if len(commands) == 1 else {}
    kind = command.get("subtype")
    if kind == "AT_AddConstraint":
        return f"constraint {command['def']['Constraint'].get('conname', '')}"
    if kind == "AT_DropConstraint":
        return f"constraint {command.get('name', '')}"
    return f"default of {command.get('name')}" if kind == "AT_ColumnDefault" else ""


def _owner(statement: Statement) -> str:
    """The column that a new sequence belongs to and goes with."""
    for option in statement.tree.get("options", ()):
        if option["DefElem"].get("defname") == "owned_by":
            names: list[Node] = option["DefElem"]["arg"]["List"]["items"]
            return str(names[-1]["String"]["sval"])
    return ""


def _inverse(statement: Statement) -> list[str] | None:
    tree = statement.tree
    if statement.kind == "IndexStmt" and tree.get("idxname"):
        schema, _ = range_var(tree["relation"])
        word = "CONCURRENTLY " if tree.get("concurrent") else ""
        return [f"DROP INDEX {word}{QualifiedName(schema, tree['idxname']).sql}"]
    if statement.kind == "CreateStmt" and not tree.get("if_not_exists"):
        return [f"DROP TABLE {QualifiedName(*range_var(tree['relation'])).sql}"]
    if statement.kind == "CreateSeqStmt":
        return [f"DROP SEQUENCE {QualifiedName(*range_var(tree['sequence'])).sql}"]
    if statement.kind == "CreateEnumStmt":
        return [f"DROP TYPE {QualifiedName(*dotted(tree['typeName'])).sql}"]
    if statement.kind == "AlterTableStmt":
        return _alter_table(tree)
    if statement.kind == "AlterDomainStmt":
        return _alter_domain(tree)
    return [NOTHING_BACK] if statement.kind == "ReindexStmt" else None


def _alter_domain(tree: Node) -> list[str] | None:
    name = tree.get("def", {}).get("Constraint", {}).get("conname")
    if tree.get("subtype") == "C" and name:
        return [f"ALTER DOMAIN {QualifiedName(*dotted(tree['typeName'])).sql} DROP CONSTRAINT {quote(name)}"]
    return [NOTHING_BACK] if tree.get("subtype") == "V" else None


def _alter_table(tree: Node) -> list[str] | None:
    commands = tree.get("cmds", [])
    if len(commands) != 1:
        return None
    command = commands[0]["AlterTableCmd"]
    alter = f"ALTER TABLE {QualifiedName(*range_var(tree['relation'])).sql}"
    name = command.get("name", "")
    kind = command.get("subtype")
    if kind == "AT_AddConstraint":
        constraint = command["def"]["Constraint"].get("conname")
        return [f"{alter} DROP CONSTRAINT {quote(constraint)}"] if constraint else None
    if kind == "AT_AddColumn":
        return [f"{alter} DROP COLUMN {quote(command['def']['ColumnDef']['colname'])}"]
    if kind == "AT_SetNotNull":
        return [f"{alter} ALTER COLUMN {quote(name)} DROP NOT NULL"]
    attached = kind == "AT_AttachPartition" and tree.get("objtype") == "OBJECT_INDEX"
    return [NOTHING_BACK] if attached or kind == "AT_ValidateConstraint" else None

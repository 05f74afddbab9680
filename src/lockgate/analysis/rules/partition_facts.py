"""Partitions: the online ways to add and to remove one."""

from __future__ import annotations

from lockgate.analysis.bound_condition import bound_condition
from lockgate.analysis.locks.bounds import proves_inside
from lockgate.analysis.rules.base import Context
from lockgate.analysis.rules.safe import alter_table, altered, named_range_var, one_by_one
from lockgate.analysis.state.names import generated_name
from lockgate.analysis.view import Index, IndexKey, Relation
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import Node


def default_partition(context: Context, parent: QualifiedName) -> QualifiedName | None:
    """The default partition of a table, as far as the history tells."""
    for child in context.state.children(parent):
        bound = context.state.known(child).partition_bound
        if bound is not None and bound.default:
            return child
    return None


def is_proved(context: Context, partition: str, bound: Node) -> bool:
    """Whether valid checks of a table, named as in a forecast, say that its rows are within a bound of the target."""
    schema, _, name = partition.rpartition(".")
    return proves_inside(
        context.state.known(QualifiedName(schema, name)), context.target.partition_key, bound
    )


def indexed_and_attached(context: Context, part: Node, missing: list[Index]) -> str:
    """A table attached behind the indexes that it lacks; empty when one is more than a list of columns."""
    child = context.relation(part["name"])
    built = [step for index in missing for step in _indexed(child, index)]
    if not all(built):
        return ""
    return one_by_one(context, *built, _attach(context.target, child.name, part["bound"]))


def _indexed(child: Relation, index: Index) -> tuple[str, ...]:
    plain = all(key == IndexKey(key.column) and key.column for key in index.keys)
    if not plain or index.predicate is not None or index.include:
        return ("",)
    columns = ", ".join(quote(key.column) for key in index.keys)
    label = "pkey" if index.primary else "key" if index.unique else "idx"
    middle = "" if index.primary else "_".join(key.column for key in index.keys)
    name = quote(generated_name(child.name.name, middle, label))
    method = "" if index.method == "btree" else f" USING {index.method}"
    unique = "UNIQUE " if index.unique else ""
    build = f"CREATE {unique}INDEX CONCURRENTLY {name} ON {child.name.sql}{method} ({columns})"
    if not index.constraint:
        return (build,)
    word = "PRIMARY KEY" if index.primary else "UNIQUE"
    return (build, alter_table(child, f"ADD CONSTRAINT {name} {word} USING INDEX {name}"))


def detached(parent: QualifiedName, partition: QualifiedName) -> str:
    """The statement that detaches a partition without stopping the parent."""
    return f"ALTER TABLE {parent.sql} DETACH PARTITION {partition.sql} CONCURRENTLY;"


def _attach(parent: Relation, name: QualifiedName, bound: Node) -> str:
    part = {"PartitionCmd": {"name": named_range_var(name), "bound": bound}}
    return altered(parent, {"subtype": "AT_AttachPartition", "def": part, "behavior": "DROP_RESTRICT"})


def made_and_attached(context: Context, parent: QualifiedName, name: QualifiedName, create: Node) -> str:
    """A partition made as a table first, and attached then."""
    attach = _attach(context.state.known(parent), name, create["partbound"])
    return f"CREATE TABLE {name.sql} (LIKE {parent.sql} INCLUDING ALL EXCLUDING IDENTITY);\n{attach};"


def proved_and_attached(context: Context, part: Node) -> str:
    """A table attached behind a validated CHECK that says what the bound says; empty when the key is not known."""
    child, parent = context.relation(part["name"]), context.target
    condition = bound_condition(parent.partition_key, part["bound"])
    if not condition:
        return ""
    name = quote(generated_name(child.name.name, "", "bound"))
    return one_by_one(
        context,
        alter_table(child, f"ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID"),
        alter_table(child, f"VALIDATE CONSTRAINT {name}"),
        _attach(parent, child.name, part["bound"]),
        alter_table(child, f"DROP CONSTRAINT {name}"),
    )

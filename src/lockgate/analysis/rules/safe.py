"""Putting together the SQL to write instead."""

from __future__ import annotations

from typing import Any

from lockgate.analysis.rules.base import Context
from lockgate.analysis.rules.column_facts import is_not_null_check
from lockgate.analysis.rules.wording import constraint_in_words, index_in_words
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.columns import ColumnSpec, ConstraintSpec
from lockgate.analysis.state.indexes import read_index
from lockgate.analysis.state.names import generated_name, type_sql
from lockgate.analysis.state.naming import constraint_name, index_name
from lockgate.analysis.view import Constraint, IndexKey, Relation
from lockgate.analysis.volatility import is_volatile
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.sql.parse import Node, deparse, deparse_expression
from lockgate.values import replace

NEXT_FILE = "-- then, in a migration of its own:"
"""What separates statements that must not share a transaction where the runner has no word for that."""


def one_by_one(context: Context, *statements: str) -> str:
    """Statements that must not share a transaction, each with its semicolon."""
    ended = [statement if statement.endswith(";") else f"{statement};" for statement in statements]
    marker = context.session.runner.marker
    if marker and context.options.transaction != "always":
        return "\n".join([marker, *ended])
    return f"\n{NEXT_FILE}\n".join(ended)


def alter_table(table: Relation, *commands: str) -> str:
    """``ALTER TABLE name command, command``."""
    return f"ALTER TABLE {table.name.sql} {', '.join(commands)}"


def altered(table: Relation, node: Node) -> str:
    """``ALTER TABLE`` with one command given as a parse tree (the inside of ``AlterTableCmd``)."""
    tree = {
        "relation": named_range_var(table.name),
        "cmds": [{"AlterTableCmd": node}],
        "objtype": "OBJECT_TABLE",
    }
    return deparse({"AlterTableStmt": tree})


def add_constraint(table: Relation, constraint: Node, **changes: Any) -> str:
    """``ALTER TABLE … ADD CONSTRAINT`` of a ``Constraint`` node with some fields changed (None removes one)."""
    changed = {key: value for key, value in {**constraint, **changes}.items() if value is not None}
    command = {
        "subtype": "AT_AddConstraint",
        "def": {"Constraint": changed},
        "behavior": "DROP_RESTRICT",
    }
    return altered(table, command)


def not_valid_then_validate(context: Context, table: Relation, spec: ConstraintSpec) -> str:
    """The two steps that add a CHECK or a foreign key without a scan under a strong lock."""
    name = name_of(context.state, table, spec)
    words = constraint_in_words(context.statement.sql, context.tree, name)
    added = alter_table(table, f"{words} NOT VALID") if words else _not_valid(table, spec, name)
    return one_by_one(context, added, alter_table(table, f"VALIDATE CONSTRAINT {quote(name)}"))


def _not_valid(table: Relation, spec: ConstraintSpec, name: str) -> str:
    columns = [{"String": {"sval": column}} for column in spec.constraint.columns]
    foreign = {"fk_attrs": columns} if spec.kind == "foreign key" else {}
    changes = {"skip_validation": True, "initially_valid": None, **foreign}
    return add_constraint(table, spec.node, conname=name, **changes)


def create_index(context: Context, index: Node, concurrent: bool = False, **changes: Any) -> str:
    """An index statement without IF NOT EXISTS, with a name of its own, and perhaps CONCURRENTLY."""
    name = index.get("idxname") or context.index.name.name
    words = "" if changes else index_in_words(context.statement.sql, index, name, concurrent)
    if words:
        return words
    kept = {key: value for key, value in index.items() if key not in ("if_not_exists", "concurrent")}
    tree = {**kept, "idxname": name, **({"concurrent": True} if concurrent else {}), **changes}
    return deparse({"IndexStmt": tree}) + ";"


def drop_index_concurrently(name: QualifiedName, missing_ok: bool) -> str:
    """One index dropped concurrently (the server takes one at a time, and no CASCADE)."""
    return f"DROP INDEX CONCURRENTLY {'IF EXISTS ' if missing_ok else ''}{name.sql};"


def index_partition_by_partition(context: Context, index: Node) -> str:
    """An index of a partitioned table, built concurrently on each known partition and attached."""
    parent = context.relation(index["relation"])
    name = QualifiedName(
        parent.name.schema, index.get("idxname") or read_index(context.state, index).name.name
    )
    steps = [_on(context, index, parent, name.name, only=True)]
    for child in context.state.children(parent.name):
        partition = context.state.known(child)
        below = index_name(context.state, child, read_index(context.state, index).keys)
        if partition.kind == "partitioned table":
            node = {**index, "relation": named_range_var(partition.name), "idxname": below}
            steps.append(index_partition_by_partition(context, node))
        else:
            steps.append(_on(context, index, partition, below, only=False))
        attached = QualifiedName(child.schema, below).sql
        steps.append(f"ALTER INDEX {name.sql} ATTACH PARTITION {attached};")
    return "\n".join(steps)


def _on(context: Context, index: Node, table: Relation, name: str, only: bool) -> str:
    relation = {**named_range_var(table.name), "inh": not only}
    return create_index(context, index, concurrent=not only, relation=relation, idxname=name)


def named_range_var(name: QualifiedName) -> Node:
    """The ``RangeVar`` node of a name."""
    schema = {"schemaname": name.schema} if name.schema else {}
    return {"relname": name.name, "inh": True, "relpersistence": "p", **schema}


def column_without(table: Relation, column: Node, *kinds: str) -> str:
    """``ALTER TABLE … ADD COLUMN`` without the inline constraints of some kinds (``CONSTR_FOREIGN``)."""
    kept: list[Node] = []
    skipping = False
    for item in column.get("constraints", ()):
        kind = item["Constraint"].get("contype", "")
        skipping = kind in kinds or (skipping and kind.startswith("CONSTR_ATTR_"))
        if not skipping:
            kept.append(item)
    bare = {key: value for key, value in column.items() if key != "constraints"}
    return add_column(table, {**bare, **({"constraints": kept} if kept else {})})


def add_column(table: Relation, column: Node) -> str:
    """``ALTER TABLE … ADD COLUMN`` of a ``ColumnDef`` node."""
    return altered(
        table, {"subtype": "AT_AddColumn", "def": {"ColumnDef": column}, "behavior": "DROP_RESTRICT"}
    )


def key_over_index(context: Context, table: Relation, spec: ConstraintSpec) -> list[str]:
    """A unique index built concurrently and then turned into the constraint; one statement each."""
    name, node = quote(name_of(context.state, table, spec)), spec.node
    include = f" INCLUDE ({_listed(spec.include)})" if spec.include else ""
    nulls = " NULLS NOT DISTINCT" if node.get("nulls_not_distinct") else ""
    kind = "PRIMARY KEY" if spec.kind == "primary key" else "UNIQUE"
    nulls += _storage(node)
    deferred = " DEFERRABLE" if node.get("deferrable") else ""
    initially = " INITIALLY DEFERRED" if node.get("initdeferred") else ""
    columns = _listed(spec.constraint.columns)
    return [
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table.name.sql} ({columns}){include}{nulls}",
        alter_table(table, f"ADD CONSTRAINT {name} {kind} USING INDEX {name}{deferred}{initially}"),
    ]


def _storage(constraint: Node) -> str:
    """The parameters and the tablespace of a key's index, as they stand behind its columns."""
    parameters = ", ".join(_parameter(item["DefElem"]) for item in constraint.get("options", ()))
    space = constraint.get("indexspace", "")
    return (f" WITH ({parameters})" if parameters else "") + (f" TABLESPACE {quote(space)}" if space else "")


def _parameter(option: Node) -> str:
    """``fillfactor = 70``; a word like ``off`` is read as the name of a type, and a zero leaves its field out."""
    name = quote(option["defname"])
    match option.get("arg", {}):
        case {"TypeName": {"names": [*_, {"String": {"sval": value}}]}}:
            return f"{name} = {value}"
        case {"Integer": integer}:
            return f"{name} = {integer.get('ival', 0)}"
        case {"Float": {"fval": value}} | {"String": {"sval": value}}:
            return f"{name} = {value}"
    return str(name)


def _listed(columns: tuple[str, ...]) -> str:
    return ", ".join(quote(column) for column in columns)


def not_null_online(context: Context, table: Relation, column: str) -> list[str]:
    """The statements that make a column NOT NULL without reading the table under a strong lock."""
    name = generated_name(table.name.name, column, "not_null")
    if context.major >= 18:
        added = f"ADD CONSTRAINT {quote(name)} NOT NULL {quote(column)} NOT VALID"
        return [alter_table(table, added), alter_table(table, f"VALIDATE CONSTRAINT {quote(name)}")]
    return [
        alter_table(table, f"ADD CONSTRAINT {quote(name)} CHECK ({quote(column)} IS NOT NULL) NOT VALID"),
        alter_table(table, f"VALIDATE CONSTRAINT {quote(name)}"),
        alter_table(table, f"ALTER COLUMN {quote(column)} SET NOT NULL"),
        alter_table(table, f"DROP CONSTRAINT {quote(name)}"),
    ]


def unmarked(context: Context, safe: str) -> str:
    """The statements of a safe text without the runner's marker, to be put into a longer one."""
    marker = context.session.runner.marker
    return safe.removeprefix(f"{marker}\n") if marker else safe


def name_of(state: Catalog, table: Relation, spec: ConstraintSpec) -> str:
    """The name that a constraint gets, where none is given; the columns of INCLUDE are in it as the server has them."""
    return constraint_name(state, table, spec.constraint, (*spec.constraint.columns, *spec.include))


def key_online(context: Context, table: Relation, spec: ConstraintSpec) -> str:
    """A unique constraint or primary key without an index build under a strong lock."""
    return one_by_one(context, *_key_steps(context, table, spec))


def _key_steps(context: Context, table: Relation, spec: ConstraintSpec) -> list[str]:
    """On a partitioned table: the constraint on the parent alone, then one on each partition, attached to it."""
    if table.kind != "partitioned table":
        return key_over_index(context, table, spec)
    name = name_of(context.state, table, spec)
    only = add_constraint(table, spec.node, conname=name).replace("ALTER TABLE ", "ALTER TABLE ONLY ", 1)
    steps = [only]
    for child in context.state.children(table.name):
        partition = context.state.known(child)
        below = name_of(context.state, partition, replace(spec, constraint=replace(spec.constraint, name="")))
        part = replace(spec, constraint=replace(spec.constraint, name=below))
        steps += _key_steps(context, partition, part)
        index = QualifiedName(table.name.schema, name).sql
        steps.append(f"ALTER INDEX {index} ATTACH PARTITION {QualifiedName(child.schema, below).sql}")
    return steps


def create_plain_index(context: Context, table: Relation, columns: tuple[str, ...], concurrent: bool) -> str:
    """``CREATE INDEX`` on some columns, under the name that the server would choose."""
    name = index_name(context.state, table.name, tuple(IndexKey(column) for column in columns))
    word = "CONCURRENTLY " if concurrent else ""
    return f"CREATE INDEX {word}{quote(name)} ON {table.name.sql} ({_listed(columns)});"


def index_online(context: Context, table: Relation, columns: tuple[str, ...]) -> str:
    """An index on some columns that stops no writer: on a partitioned table one partition at a time."""
    if table.kind != "partitioned table":
        return create_plain_index(context, table, columns, concurrent=True)
    elements = [
        {
            "IndexElem": {
                "name": column,
                "ordering": "SORTBY_DEFAULT",
                "nulls_ordering": "SORTBY_NULLS_DEFAULT",
            }
        }
        for column in columns
    ]
    node = {"relation": named_range_var(table.name), "accessMethod": "btree", "indexParams": elements}
    name = index_name(context.state, table.name, tuple(IndexKey(column) for column in columns))
    return index_partition_by_partition(context, {**node, "idxname": name})


def later(*statements: str) -> str:
    """Statements for a migration of their own, because something has to happen in between."""
    return "\n".join([NEXT_FILE, *(f"{statement};" for statement in statements)])


def filled_later(context: Context, table: Relation, spec: ColumnSpec, value: str, default: bool) -> str:
    """A column that comes empty, with its default for new rows; the old ones are filled in chunks afterwards."""
    column = quote(spec.name)
    bare = f"ADD COLUMN {column} {type_sql(spec.column.type)}"
    first = [alter_table(table, bare)]
    if default:
        first.append(alter_table(table, f"ALTER COLUMN {column} SET DEFAULT {value}"))
    update = f"-- lockgate: backfill\nUPDATE {table.name.sql} SET {column} = {value} WHERE {column} IS NULL"
    steps = ["\n".join(f"{statement};" for statement in first), later(update)]
    if spec.column.not_null:
        steps.append(f"{NEXT_FILE}\n{one_by_one(context, *not_null_online(context, table, spec.name))}")
    return "\n".join(steps)


def from_sequence(context: Context, table: Relation, spec: ColumnSpec) -> str:
    """A numbered column without a rewrite: a sequence for new rows, the old ones in chunks."""
    sequence = QualifiedName(table.name.schema, generated_name(table.name.name, spec.name, "seq"))
    filled = filled_later(context, table, spec, f"nextval({literal(sequence.sql)})", default=True)
    head, _, rest = filled.partition("\n")
    owned = f"CREATE SEQUENCE {sequence.sql} OWNED BY {table.name.sql}.{quote(spec.name)};"
    return f"{head}\n{owned}\n{rest}"


def proved_not_null(context: Context, table: Relation, column: str) -> str:
    """NOT NULL by way of a proof: one that stands already is validated, else a new one is added."""
    waiting = next((c for c in table.constraints if _would_prove(c, column)), None)
    if waiting is None:
        return one_by_one(context, *not_null_online(context, table, column))
    validate = alter_table(table, f"VALIDATE CONSTRAINT {quote(waiting.name)}")
    first = _said_here(context, table, waiting)
    if waiting.kind == "not null":
        return one_by_one(context, *first, validate) if first else f"{validate};"
    return one_by_one(
        context, *first, validate, alter_table(table, f"ALTER COLUMN {quote(column)} SET NOT NULL")
    )


def _said_here(context: Context, table: Relation, constraint: Constraint) -> list[str]:
    """The statement of this file that added a constraint, so that the advice can take the place of both."""
    birth = context.state.birth("constraint", table.name, constraint.name)
    here = birth is not None and birth.unit == context.state.now.unit
    return (
        [context.source.script.statements[birth.statement].sql]
        if birth and here and not context.nested
        else []
    )


def _would_prove(constraint: Constraint, column: str) -> bool:
    if constraint.valid or not constraint.enforced or constraint.columns != (column,):
        return False
    return constraint.kind == "not null" or is_not_null_check(constraint)


def base_column_with_checks(context: Context, table: Relation, spec: ColumnSpec) -> str:
    """A column of the type below a domain, with the domain's checks on the table, added without a rewrite.

    A default that differs from row to row is left out, and NOT NULL where no default fills the old rows.
    """
    base, default = context.state.base_type(spec.column.type), spec.column.default
    words = f"ADD COLUMN {quote(spec.name)} {type_sql(base)}"
    if default is not None and not is_volatile(default, context.state):
        words += f" DEFAULT {deparse_expression(default)}{' NOT NULL' if spec.column.not_null else ''}"
    steps = [alter_table(table, words)]
    for domain in context.state.domain_chain(spec.column.type):
        for check in domain.constraints:
            name = quote(generated_name(table.name.name, spec.name, check.name))
            condition = deparse_expression(_with_value(check.expression, spec.name))
            steps.append(alter_table(table, f"ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID"))
            steps.append(alter_table(table, f"VALIDATE CONSTRAINT {name}"))
    return one_by_one(context, *steps)


def _with_value(node: Any, column: str) -> Any:
    """The check of a domain with a column in the place of VALUE."""
    if isinstance(node, list):
        return [_with_value(item, column) for item in node]
    if not isinstance(node, dict):
        return node
    fields = node.get("ColumnRef", {}).get("fields", [])
    if [field.get("String", {}).get("sval") for field in fields] == ["value"]:
        return {"ColumnRef": {"fields": [{"String": {"sval": column}}]}}
    return {key: _with_value(value, column) for key, value in node.items()}

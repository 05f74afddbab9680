"""Columns: the clause inside CREATE TABLE, ADD COLUMN, and every ALTER COLUMN."""

from __future__ import annotations

from dataclasses import replace

from lockgate.catalog.canonical import faithful
from lockgate.catalog.model import Column, Identity, Sequence
from lockgate.catalog.reading.relations import chosen_name
from lockgate.catalog.snapshot import Snapshot
from lockgate.catalog.writers.base import (
    Context,
    change_fdw_options,
    change_options,
    complete_changed,
    complete_new,
)
from lockgate.sql.identifiers import QualifiedName, literal, quote


def clause(column: Column, snapshot: Snapshot, *, default: bool = True, not_null: bool = True) -> str:
    """A column as it stands in CREATE TABLE or behind ADD COLUMN; parts can be left for later."""
    words = [quote(column.column), column.type]
    if column.collation:
        words.append(f"COLLATE {column.collation}")
    if column.generated and column.default:
        words.append(f"GENERATED ALWAYS AS ({faithful(column.default)}) {column.generated.upper()}")
    elif column.identity:
        words.append(f"GENERATED {column.identity} AS IDENTITY{_identity_options(column, snapshot)}")
    elif column.default and default:
        words.append(f"DEFAULT {faithful(column.default)}")
    if column.not_null and not_null and column.not_null_valid:
        words.append(_not_null(column))
    return " ".join(words)


def _not_null(column: Column) -> str:
    name = f"CONSTRAINT {quote(column.not_null_name)} " if column.not_null_name else ""
    return f"{name}NOT NULL{' NO INHERIT' if column.not_null_no_inherit else ''}"


def not_null_name(column: Column) -> str:
    """The name of the constraint behind NOT NULL on PostgreSQL 18."""
    return column.not_null_name or chosen_name(column.name.name, column.column, "not_null")


def _named(column: Column, context: Context) -> Column:
    """The column with its NOT NULL named where another table has the name that the server would choose.

    Children get their parents' names; where the parent's goes and comes back, the server would give it a number.
    """
    if context.after.major < 18 or not column.not_null or column.not_null_name:
        return column
    name = not_null_name(column)
    others = (
        other
        for table in context.before.tables.values()
        if table.name.schema == column.name.schema and table.name != column.name
        for other in table.columns
    )
    taken = any(other.not_null and not_null_name(other) == name for other in others)
    return replace(column, not_null_name=name) if taken else column


def identity_sequence(column: Column, snapshot: Snapshot) -> Sequence | None:
    """The sequence behind an identity column."""
    owned = snapshot.sequences_of(column.name)
    return next(
        (item for item in owned if item.internal and item.owned_by and item.owned_by[2] == column.column),
        None,
    )


def _identity_options(column: Column, snapshot: Snapshot) -> str:
    sequence = identity_sequence(column, snapshot)
    if sequence is None:
        return ""
    table = column.name
    expected = QualifiedName(table.schema, chosen_name(table.name, column.column, "seq"))
    words = [] if sequence.name == expected else [f"SEQUENCE NAME {sequence.name.sql}"]
    words += number_clauses(sequence.numbers, standard(sequence.numbers))
    return f" ({' '.join(words)})" if words else ""


_LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def standard(numbers: Identity) -> Identity:
    """What a sequence of the same type and direction has when nothing is said."""
    limit = _LIMITS.get(numbers.type, _LIMITS["bigint"])
    rising = numbers.increment > 0
    low, high = (1, limit) if rising else (-limit - 1, -1)
    # A start is only standard when the bound that it comes from is.
    start = numbers.minimum if rising else numbers.maximum
    return replace(numbers, start=start, increment=1, minimum=low, maximum=high, cache=1, cycle=False)


def number_clauses(numbers: Identity, base: Identity) -> list[str]:
    """The options of a sequence that are not as in ``base``."""
    pairs = (
        ("INCREMENT BY", numbers.increment, base.increment),
        ("MINVALUE", numbers.minimum, base.minimum),
        ("MAXVALUE", numbers.maximum, base.maximum),
        ("START WITH", numbers.start, base.start),
        ("CACHE", numbers.cache, base.cache),
    )
    clauses = [f"{word} {value}" for word, value, other in pairs if value != other]
    if numbers.cycle != base.cycle:
        clauses.append("CYCLE" if numbers.cycle else "NO CYCLE")
    return clauses


def start(column: Column, context: Context) -> str:
    """``ALTER TABLE public.t``, or of whatever has the column."""
    relation = context.after.relation(column.name) or context.before.relation(column.name)
    return f"ALTER {relation.kind.value if relation else 'TABLE'} {column.name.sql}"


def details(column: Column, context: Context) -> list[str]:
    """What a new column needs beyond its clause."""
    blank = replace(
        column,
        storage=None,
        compression=None,
        statistics=None,
        options=(),
        fdw_options=(),
        not_null=column.not_null and column.not_null_valid,
        not_null_valid=True,
    )
    return _physical(blank, column, context) + complete_new(column, context) + _not_null_comment(None, column)


def add(column: Column, context: Context, *, default: bool = True, not_null: bool = True) -> list[str]:
    """ADD COLUMN and all that belongs to the column."""
    column = _named(column, context) if not_null else column
    adding = f"{start(column, context)} ADD COLUMN {clause(column, context.after, default=default, not_null=not_null)}"
    return [adding, *details(column, context)]


def alter(
    old: Column, new: Column, context: Context, *, retyped: bool = False, filled: bool = False
) -> list[str] | None:
    """ALTER COLUMN in an order that the server accepts, or None where only a new column will do.

    ``retyped`` tells that the type was made anew under its old name and the values must be carried over; ``filled``
    that values come from elsewhere afterwards, so that those which the new type does not take may become NULL.
    """
    if _must_be_new(old, new, context):
        return None
    new = new if old.not_null else _named(new, context)
    begin = start(new, context)
    column = f"{begin} ALTER COLUMN {quote(new.column)}"
    statements: list[str] = []
    if old.generated and not new.generated:
        statements.append(f"{column} DROP EXPRESSION")
    changes_type = retyped or (old.type, old.collation) != (new.type, new.collation)
    had_default = old.default is not None and not old.generated
    if had_default and (changes_type or new.identity or new.default is None):
        statements.append(f"{column} DROP DEFAULT")
    if changes_type and filled:
        statements += [f"{column} DROP NOT NULL"] if old.not_null else []
        statements.append(f"{column} TYPE {new.type}{_collation(new)} USING {_if_it_fits(new, context)}")
        old = replace(old, not_null=False)
    elif changes_type:
        statements.append(f"{column} {_set_type(old, new, retyped)}")
    if new.generated and old.default != new.default:
        statements.append(f"{column} SET EXPRESSION AS ({faithful(new.default or '')})")
    statements += _nullability(old, new, begin, column)
    statements += _identity(old, new, column, context)
    if new.default and not new.generated and (changes_type or old.default != new.default or old.generated):
        statements.append(f"{column} SET DEFAULT {faithful(new.default)}")
    statements += _physical(old, new, context) + complete_changed(old, new, context)
    return statements + _not_null_comment(old, new)


def _must_be_new(old: Column, new: Column, context: Context) -> bool:
    if new.generated and new.generated != old.generated:
        return True
    if new.generated and (old.type, old.collation) != (new.type, new.collation):
        return False
    return bool(new.generated) and old.default != new.default and context.after.major < 17


def _collation(column: Column) -> str:
    return f" COLLATE {column.collation}" if column.collation else ""


def _if_it_fits(column: Column, context: Context) -> str:
    """The value in the new type, or NULL where it is none; before 16 the server cannot tell."""
    if context.after.major < 16:
        return f"NULL::{column.type}"
    text = f"{quote(column.column)}::text"
    valid = f"pg_catalog.pg_input_is_valid({text}, {literal(column.type).strip()})"
    return f"CASE WHEN {valid} THEN {text}::{column.type} END"


def _set_type(old: Column, new: Column, retyped: bool) -> str:
    collation = _collation(new)
    name = quote(new.column)
    if new.generated or (old.type == new.type and not retyped):
        return f"TYPE {new.type}{collation}"
    through = ""
    if retyped:
        through = "::text[]" if new.type.endswith("[]") else "::text"
    return f"TYPE {new.type}{collation} USING {name}{through}::{new.type}"


def _nullability(old: Column, new: Column, begin: str, column: str) -> list[str]:
    if old.not_null and not new.not_null:
        return [f"{column} DROP NOT NULL"]
    if new.not_null and not old.not_null:
        if new.not_null_name or new.not_null_no_inherit or not new.not_null_valid:
            name = not_null_name(new)
            ending = "" if new.not_null_valid else " NOT VALID"
            inherit = " NO INHERIT" if new.not_null_no_inherit else ""
            return [f"{begin} ADD CONSTRAINT {quote(name)} NOT NULL {quote(new.column)}{inherit}{ending}"]
        return [f"{column} SET NOT NULL"]
    return _not_null_changes(old, new, begin, column) if new.not_null else []


def _not_null_changes(old: Column, new: Column, begin: str, column: str) -> list[str]:
    before, after = not_null_name(old), not_null_name(new)
    if old.not_null_valid and not new.not_null_valid:
        return [
            f"{column} DROP NOT NULL",
            f"{begin} ADD CONSTRAINT {quote(after)} NOT NULL {quote(new.column)} NOT VALID",
        ]
    statements = []
    if before != after:
        statements.append(f"{begin} RENAME CONSTRAINT {quote(before)} TO {quote(after)}")
    if old.not_null_no_inherit != new.not_null_no_inherit:
        word = "NO INHERIT" if new.not_null_no_inherit else "INHERIT"
        statements.append(f"{begin} ALTER CONSTRAINT {quote(after)} {word}")
    if new.not_null_valid and not old.not_null_valid:
        statements.append(f"{begin} VALIDATE CONSTRAINT {quote(after)}")
    return statements


def _identity(old: Column, new: Column, column: str, context: Context) -> list[str]:
    if old.identity and not new.identity:
        return [f"{column} DROP IDENTITY"]
    if new.identity and not old.identity:
        return [f"{column} ADD GENERATED {new.identity} AS IDENTITY{_identity_options(new, context.after)}"]
    if not new.identity:
        return []
    words = [] if old.identity == new.identity else [f"SET GENERATED {new.identity}"]
    before, after = identity_sequence(old, context.before), identity_sequence(new, context.after)
    if before and after and before.numbers != after.numbers:
        words += [f"SET {clause}" for clause in number_clauses(after.numbers, before.numbers)]
    return [f"{column} {' '.join(words)}"] if words else []


def _physical(old: Column, new: Column, context: Context) -> list[str]:
    begin = start(new, context)
    column = f"{begin} ALTER COLUMN {quote(new.column)}"
    statements = []
    if new.not_null and not new.not_null_valid and not old.not_null:
        statements += _nullability(replace(new, not_null=False), new, begin, column)
    if old.storage != new.storage or (old.type != new.type and new.storage):
        statements.append(f"{column} SET STORAGE {new.storage or _type_storage(new, context)}")
    if old.compression != new.compression:
        statements.append(f"{column} SET COMPRESSION {new.compression or 'default'}")
    if old.statistics != new.statistics:
        statements.append(f"{column} SET STATISTICS {-1 if new.statistics is None else new.statistics}")
    statements += change_options(column, old.options, new.options)
    return statements + change_fdw_options(column, old.fdw_options, new.fdw_options)


def _type_storage(column: Column, context: Context) -> str:
    """The way back to what the type says: DEFAULT from 16 on; before that the type's own word must be known."""
    if context.after.major >= 16:
        return "DEFAULT"
    return "MAIN" if column.type.startswith(("numeric", "inet", "cidr")) else "EXTENDED"


def _not_null_comment(old: Column | None, new: Column) -> list[str]:
    if (old.not_null_comment if old else None) == new.not_null_comment or not new.not_null:
        return []
    name = not_null_name(new)
    text = literal(new.not_null_comment).strip()
    return [f"COMMENT ON CONSTRAINT {quote(name)} ON {new.name.sql} IS {text}"]

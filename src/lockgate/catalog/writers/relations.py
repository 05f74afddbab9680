"""Tables, views, materialised views, sequences and composite types."""

from __future__ import annotations

from dataclasses import replace

from lockgate.catalog.address import Kind
from lockgate.catalog.canonical import faithful
from lockgate.catalog.model import Column, CompositeType, Identity, Sequence, Table, View
from lockgate.catalog.writers import columns
from lockgate.catalog.writers.base import (
    Context,
    change_fdw_options,
    change_options,
    complete_changed,
    complete_new,
    fdw_option_list,
    option_list,
)
from lockgate.sql.identifiers import QualifiedName, literal, quote


class TableWriter:
    """Tables of every sort. Constraints, indexes and the tie to a partitioned parent are statements of their own."""

    def create(
        self,
        item: Table,
        context: Context,
        late_defaults: frozenset[str] = frozenset(),
        late: frozenset[str] = frozenset(),
    ) -> list[str]:
        """CREATE TABLE with its columns; ``late_defaults`` and ``late`` (NOT NULL) are left for later."""
        word = {"unlogged": "UNLOGGED ", "temporary": "TEMPORARY "}.get(item.persistence, "")
        foreign = "FOREIGN " if item.server else ""
        begin = f"CREATE {word}{foreign}TABLE {item.name.sql}"
        clauses = [
            columns.clause(
                column,
                context.after,
                default=column.column not in late_defaults,
                not_null=column.column not in late,
            )
            for column in item.columns
            if self._own(item, column)
        ]
        if item.of_type:
            body = f" OF {item.of_type}"
        else:
            body = " (\n    " + ",\n    ".join(clauses) + "\n)" if clauses else " ()"
        statement = begin + body + self._tail(item)
        return [statement, *self._details(item, context), *complete_new(item, context)]

    @staticmethod
    def _own(item: Table, column: Column) -> bool:
        return column.local or item.is_partition or not item.inherits

    @staticmethod
    def _tail(item: Table) -> str:
        words = ""
        if item.inherits and not item.is_partition:
            words += f" INHERITS ({', '.join(parent.sql for parent in item.inherits)})"
        if item.partition_key:
            words += f" PARTITION BY {item.partition_key}"
        if item.server:
            return f"{words} SERVER {quote(item.server)}{fdw_option_list(item.fdw_options)}"
        if item.access_method and item.access_method != "heap":
            words += f" USING {quote(item.access_method)}"
        words += option_list(item.options)
        return words + (f" TABLESPACE {quote(item.tablespace)}" if item.tablespace else "")

    def _details(self, item: Table, context: Context) -> list[str]:
        statements = [line for column in item.columns for line in self._column_details(item, column, context)]
        begin = f"ALTER TABLE {item.name.sql}"
        if item.row_security:
            statements.append(f"{begin} ENABLE ROW LEVEL SECURITY")
        if item.force_row_security:
            statements.append(f"{begin} FORCE ROW LEVEL SECURITY")
        if item.replica_identity in ("nothing", "full"):
            statements.append(f"{begin} REPLICA IDENTITY {item.replica_identity.upper()}")
        return statements

    def _column_details(self, item: Table, column: Column, context: Context) -> list[str]:
        parents = (context.after.column(parent, column.column) for parent in item.inherits)
        inherited = next((parent for parent in parents if parent), None)
        if self._own(item, column):
            merged = _merged(column, inherited, context) if inherited and not item.is_partition else column
            return [*(columns.alter(merged, column, context) or []), *columns.details(column, context)]
        # An inherited column comes with what the parent says; whatever is different here is said again.
        if inherited is None:
            return []
        plain = replace(
            inherited,
            address=column.address,
            grants=None,
            comment=None,
            labels=(),
            statistics=None,
            options=(),
            not_null_name=_inherited_name(inherited, context),
            not_null_comment=None,
        )
        return columns.alter(plain, column, context) or []

    def drop(self, item: Table, context: Context) -> list[str]:
        """DROP TABLE; its indexes, constraints, triggers, policies and owned sequences go with it."""
        return [f"DROP {item.kind.value} {item.name.sql}"]

    def alter(self, old: Table, new: Table, context: Context) -> list[str] | None:
        """What ALTER TABLE can change; a table never turns into a partitioned one."""
        if (old.kind, old.partition_key) != (new.kind, new.partition_key) or old.server != new.server:
            return None
        begin = f"ALTER {new.kind.value} {new.name.sql}"
        statements: list[str] = []
        if old.persistence != new.persistence:
            statements.append(f"{begin} SET {'UNLOGGED' if new.persistence == 'unlogged' else 'LOGGED'}")
        if old.access_method != new.access_method and new.access_method:
            statements.append(f"{begin} SET ACCESS METHOD {quote(new.access_method)}")
        if old.tablespace != new.tablespace:
            statements.append(f"{begin} SET TABLESPACE {quote(new.tablespace or 'pg_default')}")
        if old.of_type != new.of_type:
            statements.append(f"{begin} OF {new.of_type}" if new.of_type else f"{begin} NOT OF")
        statements += change_options(begin, old.options, new.options)
        statements += change_fdw_options(begin, old.fdw_options, new.fdw_options)
        return statements + self._security(old, new, begin) + complete_changed(old, new, context)

    @staticmethod
    def _security(old: Table, new: Table, begin: str) -> list[str]:
        statements = []
        if old.row_security != new.row_security:
            statements.append(f"{begin} {'ENABLE' if new.row_security else 'DISABLE'} ROW LEVEL SECURITY")
        if old.force_row_security != new.force_row_security:
            statements.append(
                f"{begin} {'FORCE' if new.force_row_security else 'NO FORCE'} ROW LEVEL SECURITY"
            )
        return statements


def _merged(column: Column, inherited: Column, context: Context) -> Column:
    """What the server makes of a child's own column whose parent has one of its name.

    It takes the parent's default if it has none, and NOT NULL from any side; until 17 a child may drop that again.
    """
    not_null = column.not_null or (inherited.not_null and context.after.major < 18)
    return replace(column, default=column.default or inherited.default, not_null=not_null)


def _inherited_name(column: Column, context: Context) -> str | None:
    """What a child's NOT NULL is called that came from its parent (they have names from 18 on)."""
    return columns.not_null_name(column) if column.not_null and context.after.major >= 18 else None


def replica_identity(old: Table | None, new: Table) -> list[str]:
    """REPLICA IDENTITY where it changes; an index must be there already."""
    now = (new.replica_identity, new.replica_index)
    if now == ((old.replica_identity, old.replica_index) if old else ("default", None)):
        return []
    words = f"USING INDEX {quote(new.replica_index)}" if new.replica_index else new.replica_identity.upper()
    return [f"ALTER TABLE {new.name.sql} REPLICA IDENTITY {words}"]


def attach(item: Table) -> list[str]:
    """ATTACH PARTITION."""
    parent = item.inherits[0]
    return [f"ALTER TABLE {parent.sql} ATTACH PARTITION {item.name.sql} {item.partition_bound}"]


def detach(item: Table) -> list[str]:
    """DETACH PARTITION."""
    return [f"ALTER TABLE {item.inherits[0].sql} DETACH PARTITION {item.name.sql}"]


def inherit(item: Table, parent: QualifiedName, *, yes: bool) -> list[str]:
    """INHERIT or NO INHERIT."""
    return [f"ALTER TABLE {item.name.sql} {'INHERIT' if yes else 'NO INHERIT'} {parent.sql}"]


class ViewWriter:
    """Views and materialised views."""

    def create(self, item: View, context: Context) -> list[str]:
        """CREATE [MATERIALIZED] VIEW; a materialised one is filled if it was."""
        return [self._statement("CREATE", item), *self._details(item, context), *complete_new(item, context)]

    @staticmethod
    def _statement(verb: str, item: View) -> str:
        options = option_list(item.options)
        if not item.materialized:
            return f"{verb} VIEW {item.name.sql}{options} AS\n{faithful(item.definition)}"
        method = f" USING {quote(item.access_method)}" if item.access_method not in (None, "heap") else ""
        space = f" TABLESPACE {quote(item.tablespace)}" if item.tablespace else ""
        data = "WITH DATA" if item.populated else "WITH NO DATA"
        begin = f"{verb} MATERIALIZED VIEW {item.name.sql}{method}{options}{space}"
        return f"{begin} AS\n{faithful(item.definition)}\n{data}"

    @staticmethod
    def _details(item: View, context: Context) -> list[str]:
        statements = []
        for column in item.columns:
            if column.default:
                begin = f"ALTER VIEW {item.name.sql} ALTER COLUMN {quote(column.column)}"
                statements.append(f"{begin} SET DEFAULT {faithful(column.default)}")
            statements += columns.details(column, context)
        return statements

    def drop(self, item: View, context: Context) -> list[str]:
        """DROP [MATERIALIZED] VIEW."""
        return [f"DROP {item.kind.value} {item.name.sql}"]

    def alter(self, old: View, new: View, context: Context) -> list[str] | None:
        """CREATE OR REPLACE where the columns only grow at the end; options and filling in place."""
        if old.kind != new.kind:
            return None
        statements: list[str] = []
        if old.definition != new.definition:
            if new.materialized or not _only_grows(old, new):
                return None
            statements.append(self._statement("CREATE OR REPLACE", new))
        elif old.options != new.options:
            statements += change_options(f"ALTER {new.kind.value} {new.name.sql}", old.options, new.options)
        if old.tablespace != new.tablespace:
            where = quote(new.tablespace or "pg_default")
            statements.append(f"ALTER MATERIALIZED VIEW {new.name.sql} SET TABLESPACE {where}")
        if old.populated != new.populated:
            data = "" if new.populated else " WITH NO DATA"
            statements.append(f"REFRESH MATERIALIZED VIEW {new.name.sql}{data}")
        for column in new.columns:
            if previous := old.column(column.column):
                statements += columns.alter(previous, replace(column, type=previous.type), context) or []
            else:
                statements += columns.details(column, context)
        return statements + complete_changed(old, new, context)

    @staticmethod
    def shell(item: View, verb: str) -> list[str]:
        """The view with its columns and no query: what stands in while a circle of needs is opened or closed."""
        targets = ", ".join(
            f"NULL::{column.type}{f' COLLATE {column.collation}' if column.collation else ''} AS {quote(column.column)}"
            for column in item.columns
        )
        return [f"{verb} VIEW {item.name.sql} AS SELECT {targets}"]

    def fill_shell(self, item: View, context: Context) -> list[str]:
        """The query behind a shell."""
        replaced = self._statement("CREATE OR REPLACE", item)
        return [replaced, *self._details(item, context), *complete_new(item, context)]


def _only_grows(old: View, new: View) -> bool:
    before = [(column.column, column.type, column.collation) for column in old.columns]
    after = [(column.column, column.type, column.collation) for column in new.columns]
    return after[: len(before)] == before


class SequenceWriter:
    """Sequences that are not an identity column's. OWNED BY comes as a statement of its own."""

    def create(self, item: Sequence, context: Context) -> list[str]:
        """CREATE SEQUENCE."""
        word = "UNLOGGED " if item.persistence == "unlogged" else ""
        kind = "" if item.numbers.type == "bigint" else f" AS {item.numbers.type}"
        clauses = "".join(
            f" {clause}" for clause in columns.number_clauses(item.numbers, columns.standard(item.numbers))
        )
        statement = f"CREATE {word}SEQUENCE {item.name.sql}{kind}{clauses}"
        return [statement, *complete_new(item, context, owned=item.owned_by is None)]

    def drop(self, item: Sequence, context: Context) -> list[str]:
        """DROP SEQUENCE."""
        return [f"DROP SEQUENCE {item.name.sql}"]

    def alter(self, old: Sequence, new: Sequence, context: Context) -> list[str] | None:
        """ALTER SEQUENCE."""
        if old.internal != new.internal:
            return None
        if new.internal:
            return complete_changed(old, new, context, owned=False)
        clauses = _type_and_numbers(old.numbers, new.numbers)
        statements = [f"ALTER SEQUENCE {new.name.sql} {' '.join(clauses)}"] if clauses else []
        if old.persistence != new.persistence:
            word = "UNLOGGED" if new.persistence == "unlogged" else "LOGGED"
            statements.append(f"ALTER SEQUENCE {new.name.sql} SET {word}")
        return statements + complete_changed(old, new, context, owned=new.owned_by is None)


def _type_and_numbers(old: Identity, new: Identity) -> list[str]:
    clauses = columns.number_clauses(new, old)
    return [f"AS {new.type}", *clauses] if old.type != new.type else clauses


def own(item: Sequence) -> list[str]:
    """OWNED BY."""
    if item.owned_by is None:
        return [f"ALTER SEQUENCE {item.name.sql} OWNED BY NONE"]
    schema, table, column = item.owned_by
    return [f"ALTER SEQUENCE {item.name.sql} OWNED BY {QualifiedName(schema, table).sql}.{quote(column)}"]


class CompositeWriter:
    """Free-standing composite types."""

    def create(self, item: CompositeType, context: Context) -> list[str]:
        """CREATE TYPE … AS (…)."""
        body = ", ".join(self._attribute(column) for column in item.columns)
        statements = [f"CREATE TYPE {item.name.sql} AS ({body})"]
        for column in item.columns:
            statements += self._comment(None, column)
        return [*statements, *complete_new(item, context)]

    @staticmethod
    def _attribute(column: Column) -> str:
        return f"{quote(column.column)} {column.type}" + (
            f" COLLATE {column.collation}" if column.collation else ""
        )

    @staticmethod
    def _comment(old: Column | None, new: Column) -> list[str]:
        if (old.comment if old else None) == new.comment:
            return []
        return [f"COMMENT ON COLUMN {new.address.sql} IS {literal(new.comment).strip()}"]

    def drop(self, item: CompositeType, context: Context) -> list[str]:
        """DROP TYPE."""
        return [f"DROP TYPE {item.name.sql}"]

    def alter(self, old: CompositeType, new: CompositeType, context: Context) -> list[str] | None:
        """ALTER TYPE … ADD, DROP and ALTER ATTRIBUTE."""
        actions = [
            f"DROP ATTRIBUTE {quote(column.column)}"
            for column in old.columns
            if not new.column(column.column)
        ]
        comments: list[str] = []
        retyped = False
        for column in new.columns:
            previous = old.column(column.column)
            if previous is None:
                actions.append(f"ADD ATTRIBUTE {self._attribute(column)}")
            elif (previous.type, previous.collation) != (column.type, column.collation):
                retyped = True
                name, rest = quote(column.column), self._attribute(column)
                actions.append(f"ALTER ATTRIBUTE {name} TYPE{rest.removeprefix(name)}")
            comments += self._comment(previous, column)
        if retyped and any(one.kind is Kind.COLUMN for one in context.before.dependents.get(new.address, ())):
            return None
        typed = any(table.of_type == new.name.sql for table in context.before.tables.values())
        actions = [action + " CASCADE" for action in actions] if typed else actions
        statements = [f"ALTER TYPE {new.name.sql} {', '.join(actions)}"] if actions else []
        return statements + comments + complete_changed(old, new, context)

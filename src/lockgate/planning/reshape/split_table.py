"""One table becomes two with the same key, in step by triggers on both until the columns go from the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from lockgate.analysis.state.names import generated_name
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import CatalogObject, Column, Constraint, Index, Policy, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.changes import NOTHING_BACK, Part
from lockgate.planning.exchange.definitions import index as concurrently
from lockgate.planning.plan import PhaseKind
from lockgate.planning.replacing import instead, way
from lockgate.planning.reshape.facts import (
    default_of,
    is_required,
    is_steady,
    keyed,
    only_over,
    table_of,
    unmovable,
    users_of,
)
from lockgate.planning.reshape.partners import End, Partners
from lockgate.planning.strategies.base import OLD_GONE, Answer
from lockgate.planning.unseen import RETRIED
from lockgate.sql.identifiers import QualifiedName, quote
from lockgate.sql.parse import deparse, parse_one

_GOES_ALONG = "the copies go with their table, in the rollback before this one"
_ACCEPTS = (
    ("fk-missing-index", "its primary key is that index"),
    ("create-table-fk-locks-referenced", "it is for a moment, in a transaction that reads nothing"),
    ("grant-or-revoke", "the new table has the privileges of the one that its columns come from"),
    ("multiple-permissive-policies", "they are those of the table that its columns come from"),
    ("drop-not-null", "the new table requires it instead"),
    ("drop-column", ""),
)


@dataclass(frozen=True, slots=True)
class Split:
    """What of ``table`` goes into a table called ``new``, row for row."""

    snapshot: Snapshot
    table: Table
    new: QualifiedName
    columns: tuple[Column, ...]

    def answer(self) -> Answer:
        """Expand, fill, drop; raises UsageError for what cannot be taken apart."""
        self._refuse()
        table = self.table.name
        names = ", ".join(column.column for column in self.columns)
        parts = (
            Part(
                PhaseKind.EXPAND,
                f"make {self.new.name}",
                (*self._birth(), *self._relaxed("DROP"), *self.partners.create()),
                (*self.partners.drop(), *reversed(self._relaxed("SET")), f"DROP TABLE {self.new.sql}"),
                accepts=_ACCEPTS,
            ),
            Part(
                PhaseKind.MIGRATE,
                f"fill {self.new.name}",
                (self._fill(),),
                (NOTHING_BACK,),
                final=_GOES_ALONG,
                application=f"may be deployed now: it reads and writes {names} in {self.new.name}",
            ),
            Part(
                PhaseKind.CONTRACT,
                f"drop {table.name} {' '.join(column.column for column in self.columns)}",
                (*self.partners.drop(), *self._dropped()),
                tuple(self._returned()),
                gate=OLD_GONE.format(what=f"columns {names} of {table.name}"),
            ),
        )
        return Answer(f"split-{table.name}", parts, tuple(self._notes()))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the key of both."""
        found = self.snapshot.primary_key(self.table.name)
        if found is None:
            raise UsageError(
                f"{self.table.name} has no primary key",
                why="nothing says which rows of the two belong together",
            )
        return found.columns

    @property
    def moved(self) -> tuple[str, ...]:
        """The names of the columns that go."""
        return tuple(column.column for column in self.columns)

    @property
    def partners(self) -> Partners:
        """The triggers that keep both in step."""
        return Partners(
            End(self.table.name, self.key, self.moved),
            End(self.new, self.key, self.moved),
            tuple(default_of(column) for column in self.columns),
            tuple(number for number, column in enumerate(self.columns) if is_steady(column)),
            tuple(number for number, column in enumerate(self.columns) if is_required(column)),
            always=True,
        )

    def _refuse(self) -> None:
        keyed(self.snapshot, self.table, self.key)
        if self.snapshot.relation(self.new) is not None:
            raise UsageError(f"there is a {self.new} already")
        in_key = [name for name in self.moved if name in self.key]
        reasons = [f"{name} is in the primary key, which both tables have" for name in in_key]
        reasons += [
            *unmovable(self.columns),
            *users_of(self.snapshot, self.table, self.moved),
            *self._mixed(),
        ]
        if reasons:
            what = ", ".join(self.moved)
            raise UsageError(
                f"{what} cannot go from {self.table.name} into a table of their own yet",
                why="; ".join(dict.fromkeys(reasons)),
                next_steps=["change what is named first, then plan again"],
            )

    def _mixed(self) -> Iterator[str]:
        for one in self.snapshot.constraints_of(self.table.name):
            if set(one.columns) & set(self.moved) and not only_over(one, (*self.moved, *self.key)):
                yield f"constraint {one.constraint} is about columns of both tables"

    # The new table

    def _birth(self) -> tuple[str, ...]:
        """The statements that make it, with its constraints inside, so that nothing is read to prove them."""
        made = way(self.snapshot, instead(self.snapshot, self._objects()))
        begin = f"ALTER TABLE {self.new.sql} ADD "
        inside = [sql.removeprefix(begin) for sql in made if sql.startswith(f"{begin}CONSTRAINT ")]
        lines = "".join(
            f",\n    {words}" for words in sorted(inside, key=lambda words: " PRIMARY KEY " not in words)
        )
        table, *rest = (sql for sql in made if not sql.startswith(f"{begin}CONSTRAINT "))
        return (f"{lines}\n)".join(table.rsplit("\n)", 1)), *rest)

    def _objects(self) -> list[CatalogObject]:
        kept = [column for column in self.table.columns if column.column in (*self.key, *self.moved)]
        columns = tuple(
            self._column(column) for column in sorted(kept, key=lambda one: one.column in self.moved)
        )
        table = replace(
            self.table,
            address=self._address(Kind.TABLE),
            oid=0,
            type_oid=0,
            columns=columns,
            comment=None,
            labels=(),
            replica_identity="default",
            replica_index=None,
        )
        return [
            table,
            self._primary(),
            self._reference(),
            *self._checks(),
            *self._indexes(),
            *self._policies(),
        ]

    def _address(self, kind: Kind, part: str = "") -> Address:
        return Address(kind, self.new.schema, self.new.name, part)

    def _column(self, column: Column) -> Column:
        plain = replace(column, address=self._address(Kind.COLUMN, column.column), oid=0, not_null_name=None)
        if column.column in self.key:
            return replace(plain, default=None, identity=None, comment=None)
        return plain

    def _primary(self) -> Constraint:
        return self._constraint(
            generated_name(self.new.name, "", "pkey"), "primary key", f"PRIMARY KEY ({self._keys})"
        )

    @property
    def _keys(self) -> str:
        return ", ".join(map(quote, self.key))

    def _reference(self) -> Constraint:
        name = generated_name(self.new.name, "_".join(self.key), "fkey")
        definition = (
            f"FOREIGN KEY ({self._keys}) REFERENCES {self.table.name.sql}({self._keys})"
            " ON UPDATE CASCADE ON DELETE CASCADE"
        )
        made = self._constraint(name, "foreign key", definition)
        return replace(made, references=self.table.name, referenced_columns=self.key)

    def _constraint(self, name: str, kind: str, definition: str) -> Constraint:
        address = self._address(Kind.CONSTRAINT, name)
        return Constraint(address=address, type=kind, definition=definition, columns=self.key)

    def _checks(self) -> Iterator[Constraint]:
        """The constraints that are about moved columns, under names of the new table."""
        labels = {"unique": "key", "check": "check", "foreign key": "fkey", "exclude": "excl"}
        for one in self.snapshot.constraints_of(self.table.name):
            if one.type in labels and set(one.columns) & set(self.moved):
                name = generated_name(self.new.name, "_".join(one.columns), labels[one.type])
                definition = one.definition.removesuffix(" NOT VALID")
                yield replace(
                    one,
                    address=self._address(Kind.CONSTRAINT, name),
                    oid=0,
                    definition=definition,
                    validated=True,
                )

    def _own_indexes(self) -> list[Index]:
        """The indexes that are over moved columns, and over no other but the key."""
        kept, moved = {*self.moved, *self.key}, set(self.moved)
        found = [one for one in self.snapshot.indexes_of(self.table.name) if one.constraint is None]
        return [one for one in found if self._over(one) <= kept and self._over(one) & moved]

    def _over(self, one: Constraint | Index) -> set[str]:
        """The columns that a constraint or an index is over, those of expressions too."""
        needed = self.snapshot.depends.get(one.address, frozenset())
        mine = {
            part.part for part in needed if part.kind is Kind.COLUMN and part.qualified == self.table.name
        }
        return {*one.columns, *(one.included if isinstance(one, Index) else ())} | mine

    def _indexes(self) -> Iterator[Index]:
        taken: set[str] = set()
        for one in self._own_indexes():
            name = generated_name(self.new.name, "_".join(one.columns) or "expr", "idx")
            while name in taken:
                name = f"{name}1"
            taken.add(name)
            tree = dict(parse_one(one.definition).tree)
            tree |= {"idxname": name, "relation": {**tree["relation"], **_range(self.new)}}
            yield replace(
                one,
                address=Address(Kind.INDEX, self.new.schema, name),
                oid=0,
                table=self.new,
                definition=deparse({"IndexStmt": tree}),
                clustered=False,
                replica_identity=False,
            )

    def _policies(self) -> Iterator[Policy]:
        """Whoever may see or write a row of the table may do so with its partner."""
        for one in self.snapshot.policies_of(self.table.name):
            yield replace(
                one,
                address=self._address(Kind.POLICY, one.address.part),
                oid=0,
                using=self._as_there(one.using),
                check=self._as_there(one.check),
            )

    def _as_there(self, expression: str | None) -> str | None:
        if expression is None:
            return None
        same = " AND ".join(
            f"{quote(self.table.name.name)}.{quote(name)} = {quote(self.new.name)}.{quote(name)}"
            for name in self.key
        )
        return f"(EXISTS ( SELECT 1\n   FROM {self.table.name.sql}\n  WHERE {same} AND {expression}))"

    # The way

    def _relaxed(self, word: str) -> tuple[str, ...]:
        """An application that knows both tables leaves the columns out of the first."""
        alter = f"ALTER TABLE {self.table.name.sql} ALTER COLUMN"
        return tuple(
            f"{alter} {quote(column.column)} {word} NOT NULL"
            for column in self.columns
            if is_required(column)
        )

    def _fill(self) -> str:
        # A partner that holds nothing yields to an INSERT. The copy must never bring what was there before an update,
        # so the update waits for the copy. Rows that have their partner are in step already.
        names = ", ".join(map(quote, (*self.key, *self.moved)))
        table, partner = self.table.name, self.new
        same = " AND ".join(f"g.{quote(name)} = {quote(table.name)}.{quote(name)}" for name in self.key)
        return (
            f"-- lockgate: backfill\nINSERT INTO {partner.sql} ({names}) SELECT {names} FROM {table.sql}"
            f" WHERE NOT EXISTS (SELECT FROM {partner.sql} AS g WHERE {same})"
            f" FOR NO KEY UPDATE ON CONFLICT ({self._keys}) DO NOTHING"
        )

    def _dropped(self) -> list[str]:
        return [
            f"ALTER TABLE {self.table.name.sql} DROP COLUMN {quote(name)}" for name in reversed(self.moved)
        ]

    def _returned(self) -> Iterator[str]:
        """The columns again, in step and filled from the partner; indexes and constraints when the values are there."""
        made = way(self._narrow(), self.snapshot)
        late = [sql for sql in made if sql.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX"))]
        proved = [sql for sql in made if " ADD CONSTRAINT " in sql]
        yield from (self._nullable(sql) for sql in made if sql not in (*late, *proved))
        yield from self.partners.create()
        yield self._refill()
        yield from proved
        for sql in late:
            yield concurrently(sql, {}, str(parse_one(sql).tree["idxname"]))

    def _nullable(self, sql: str) -> str:
        return sql.removesuffix(" NOT NULL") if " ADD COLUMN " in sql and " DEFAULT " not in sql else sql

    def _refill(self) -> str:
        host, guest = self.partners.host, self.partners.guest
        here = guest.here("g.", host, "t.")
        differs = f"record_image_ne({host.row('t.')}, {guest.row('g.')})"
        sets = ", ".join(map(quote, self.moved))
        return (
            f"-- lockgate: backfill\nUPDATE {host.table.sql} AS t SET ({sets}) ="
            f" (SELECT {guest.named('g.')} FROM {guest.table.sql} AS g WHERE {here} FOR NO KEY UPDATE)"
            f" WHERE EXISTS (SELECT 1 FROM {guest.table.sql} AS g WHERE {here} AND {differs})"
        )

    def _narrow(self) -> Snapshot:
        """The schema without the columns and all that goes with them."""
        columns = tuple(column for column in self.table.columns if column.column not in self.moved)
        parts: tuple[Constraint | Index, ...] = (
            *self.snapshot.constraints_of(self.table.name),
            *self.snapshot.indexes_of(self.table.name),
        )
        gone = {one.address for one in parts if self._over(one) & set(self.moved)}
        objects = {address: item for address, item in self.snapshot.objects.items() if address not in gone}
        objects[self.table.address] = replace(self.table, columns=columns)
        return replace(self.snapshot, objects=MappingProxyType(objects))

    def _notes(self) -> Iterator[str]:
        table, new = self.table.name.name, self.new.name
        yield f"{new} has the key, privileges and row-level security of {table}, and its rows go with those of {table}"
        yield (
            f"until {', '.join(self.moved)} go each new row of {table} brings its partner along; afterwards the"
            " application inserts both"
        )
        yield f"a query that joins {table} and {new} must say whose {', '.join(self.moved)} it means"
        yield f"two who write one row through {table} and {new} at once may meet a deadlock: one has to try again"
        yield RETRIED
        if not self.snapshot.references_to(self.table.name):
            yield f"TRUNCATE {table} must name {new} too from the first part on, or say CASCADE"
        required = [column.column for column in self.columns if is_required(column)]
        if required:
            yield f"{', '.join(required)} is required in {new} from now on, no longer in {table}"
        both = [one.name.name for one in self.snapshot.indexes_of(self.table.name) if self._is_mixed(one)]
        if both:
            yield f"these indexes are over columns of both tables, and go with the last part: {', '.join(both)}"

    def _is_mixed(self, index: Index) -> bool:
        mine = bool(self._over(index) & set(self.moved))
        return index.constraint is None and mine and index not in self._own_indexes()


def _range(name: QualifiedName) -> dict[str, str]:
    return {"schemaname": name.schema, "relname": name.name}


def split(snapshot: Snapshot, name: QualifiedName, new: QualifiedName, columns: tuple[str, ...]) -> Answer:
    """The parts of a split; raises UsageError where the words do not fit the schema."""
    table = table_of(snapshot, name)
    found = []
    for one in columns:
        column = table.column(one)
        if column is None:
            raise UsageError(f"{name} has no column {one}")
        found.append(column)
    return Split(snapshot, table, new, tuple(found)).answer()

"""A table goes into another one, row for row, in step by triggers on both until nobody uses it any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lockgate.analysis.state.names import generated_name
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Column, Constraint, Index, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.changes import KEEPABLE, NOTHING_BACK, WITH_THE_COLUMN, Part
from lockgate.planning.exchange.definitions import index as concurrently
from lockgate.planning.plan import PhaseKind
from lockgate.planning.reshape.facts import (
    default_of,
    is_required,
    is_steady,
    is_unique,
    keyed,
    only_over,
    table_of,
    unmovable,
)
from lockgate.planning.reshape.joins import joined
from lockgate.planning.reshape.partners import End, Partners
from lockgate.planning.reshape.words import Wish
from lockgate.planning.strategies.base import NOT_MISSED, OLD_GONE, Answer
from lockgate.planning.unseen import RETRIED
from lockgate.sql.identifiers import QualifiedName, derived_name, literal, quote
from lockgate.sql.parse import deparse, parse_one

_OWN = {Kind.COLUMN, Kind.DEFAULT, Kind.CONSTRAINT, Kind.INDEX, Kind.TRIGGER, Kind.POLICY, Kind.SEQUENCE}
_PROOFS = (("fk-missing-index", "the key that it succeeds has no index either"),)
_DROPS = (
    ("drop-table-multiple-fks", "nobody uses the table, and each lock lasts for the moment of its drop"),
)
_PROVED = {"check": "check", "foreign key": "fkey"}


@dataclass(frozen=True, slots=True)
class Merge:
    """What of ``table`` goes into ``home``; ``key`` finds the row of ``home`` by ``home_key``."""

    snapshot: Snapshot
    table: Table
    home: Table
    key: tuple[str, ...]
    home_key: tuple[str, ...]
    columns: tuple[Column, ...]

    def answer(self) -> Answer:
        """Expand, fill, index, prove, put aside, drop; raises UsageError for what cannot be put together."""
        self._refuse()
        return Answer(f"merge-{self.table.name.name}", tuple(self._parts()), tuple(self._notes()))

    def _parts(self) -> Iterator[Part]:
        alter, what = (
            f"ALTER TABLE {self.home.name.sql}",
            f"{self.table.name.name} into {self.home.name.name}",
        )
        gone = tuple(f"{alter} DROP COLUMN {quote(name)}" for name in reversed(self.names))
        yield Part(
            PhaseKind.EXPAND,
            f"add columns of {self.table.name.name}",
            (*self._added(), *self.partners.create()),
            (*self.partners.drop(), *gone),
            gate=self._exposed(),
        )
        ready = f"may be deployed now: it reads and writes {', '.join(self.names)} in {self.home.name.name}"
        yield Part(
            PhaseKind.MIGRATE,
            f"fill {what}",
            (self._fill(),),
            (NOTHING_BACK,),
            final=WITH_THE_COLUMN,
            application=ready,
        )
        built = [self._built(one) for one in self._indexes()]
        proofs = [self._proof(one) for one in self._constraints()]
        if built or proofs:
            yield Part(
                PhaseKind.MIGRATE,
                f"index and prove {what}",
                (*(sql for sql, _ in built), *(sql for forth, _ in proofs for sql in forth)),
                (
                    *(sql for _, back in reversed(proofs) for sql in back),
                    *(sql for _, sql in reversed(built)),
                ),
                one_by_one=True,
                accepts=_PROOFS,
            )
        yield from self._contract()

    def _contract(self) -> Iterator[Part]:
        name, aside = self.table.name, self._aside
        partners = self.partners.renamed(guest=End(aside, self.key, self.names))
        yield Part(
            PhaseKind.CONTRACT,
            f"put {name.name} aside",
            (
                *self.partners.drop(),
                f"ALTER TABLE {name.sql} RENAME TO {quote(aside.name)}",
                *partners.create(),
            ),
            (
                *partners.drop(),
                f"ALTER TABLE {aside.sql} RENAME TO {quote(name.name)}",
                *self.partners.create(),
            ),
            gate=OLD_GONE.format(what=f"table {name.name}"),
        )
        yield Part(
            PhaseKind.CONTRACT,
            f"drop {aside.name}",
            (*partners.drop(), f"DROP TABLE {aside.sql}"),
            gate=NOT_MISSED.format(what=name.name),
            final=KEEPABLE,
            accepts=_DROPS,
            refresh=self._refreshed(partners),
        )

    def _refreshed(self, partners: Partners) -> tuple[str, ...]:
        """What was written into the other table since the drop, for a table that came back as it was then."""
        host, guest = partners.host, partners.guest
        here = guest.here("t.", host, "h.")
        differs = f"record_image_ne({guest.row('t.')}, {host.row('h.')})"
        found = f"FROM {host.table.sql} AS h WHERE {here}"
        names = ", ".join(map(quote, (*guest.key, *guest.columns)))
        given = f"record_image_ne({host.row('h.')}, ROW({', '.join(partners.defaults)}))"
        complete = "".join(f" AND h.{quote(host.columns[one])} IS NOT NULL" for one in partners.required)
        values = ", ".join(f"h.{quote(name)}" for name in (*host.key, *host.columns))
        update = (
            f"-- lockgate: backfill\nUPDATE {guest.table.sql} AS t SET ({guest.named()}) ="
            f" (SELECT {host.named('h.')} {found}) WHERE EXISTS (SELECT 1 {found} AND {differs})"
        )
        insert = (
            f"-- lockgate: backfill\nINSERT INTO {guest.table.sql} ({names}) SELECT {values}"
            f" FROM {host.table.sql} AS h WHERE {given}{complete} ON CONFLICT DO NOTHING"
        )
        return update, insert

    @property
    def _aside(self) -> QualifiedName:
        return QualifiedName(
            self.table.name.schema, derived_name(self.table.name.name, suffix="_to_be_dropped")
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that come along."""
        return tuple(column.column for column in self.columns)

    @property
    def partners(self) -> Partners:
        """The triggers that keep both in step."""
        return Partners(
            End(self.home.name, self.home_key, self.names),
            End(self.table.name, self.key, self.names),
            tuple(default_of(column) for column in self.columns),
            tuple(number for number, column in enumerate(self.columns) if is_steady(column)),
            tuple(number for number, column in enumerate(self.columns) if is_required(column)),
            always=False,
        )

    # What stands in the way

    def _refuse(self) -> None:
        for table, key in ((self.table, self.key), (self.home, self.home_key)):
            keyed(self.snapshot, table, key)
            if not is_unique(self.snapshot, table, key):
                raise UsageError(f"{', '.join(key)} is not a unique key of {table.name}")
        reasons = [*self._taken(), *unmovable(self.columns), *self._left(), *self._users()]
        one, other = self.table.name.name, self.home.name.name
        if reasons:
            raise UsageError(
                f"{self.table.name} cannot be merged into {self.home.name} yet",
                why="; ".join(dict.fromkeys(reasons)),
                next_steps=[
                    f'lockgate plan "merge {one} (COLUMN, COLUMN) into {other}"   says which columns come along',
                    "or change what is named first, then plan again",
                ],
            )

    def _taken(self) -> Iterator[str]:
        for name in self.names:
            if self.home.column(name) is not None:
                yield f"{self.home.name} has a column {name} already"

    def _left(self) -> Iterator[str]:
        for column in self.table.columns:
            if column.column not in (*self.names, *self.key) and is_required(column):
                yield f"{column.column} stays behind, and no row comes without it"

    def _users(self) -> Iterator[str]:
        """What names the table, and would miss it when it is put aside."""
        place = (self.table.name.schema, self.table.name.name)
        needed = [Address(Kind.TABLE, *place)]
        needed += [Address(Kind.COLUMN, *place, name) for name in self.table.column_names]
        found = {one for address in needed for one in self.snapshot.dependents.get(address, ())}
        for address in sorted(found):
            index = address.kind is Kind.INDEX and address in {
                one.address for one in self.snapshot.indexes_of(self.table.name)
            }
            own = address.kind in _OWN and address.qualified == self.table.name
            sequence = address in {one.address for one in self.snapshot.sequences_of(self.table.name)}
            if not (index or own or sequence or address.kind is Kind.PUBLICATION):
                yield f"{address} depends on it"
        for key in self.snapshot.references_to(self.table.name):
            if key.name != self.table.name:
                yield f"{key.address} refers to it"

    def _exposed(self) -> str | None:
        """What a person has to see first: the columns come under the rights of the other table at once."""
        narrow = self._readers(self.home) - self._readers(self.table)
        ruled = self.table.row_security and self.table.row_security != self.home.row_security
        policies = self.snapshot.policies_of(self.table.name)
        if not narrow and not ruled and not policies:
            return None
        return (
            f"whoever may read or write rows of {self.home.name.name} may do so with {', '.join(self.names)}:"
            f" the policies and privileges of {self.table.name.name} do not hold there"
        )

    def _readers(self, table: Table) -> set[str]:
        return {
            grant.grantee for grant in table.grants or () if grant.privilege in ("SELECT", "UPDATE", "INSERT")
        }

    # The way

    def _added(self) -> Iterator[str]:
        alter = f"ALTER TABLE {self.home.name.sql}"
        for column in self.columns:
            name = quote(column.column)
            collated = f" COLLATE {column.collation}" if column.collation else ""
            added = f"{alter} ADD COLUMN {name} {column.type}{collated}"
            if column.not_null and column.default is not None and is_steady(column):
                yield f"{added} DEFAULT {column.default} NOT NULL"
            else:
                yield added
                if column.default is not None:
                    yield f"{alter} ALTER COLUMN {name} SET DEFAULT {column.default}"
            if column.comment:
                yield f"COMMENT ON COLUMN {self.home.name.sql}.{name} IS {literal(column.comment)}"

    def _fill(self) -> str:
        host, guest = self.partners.host, self.partners.guest
        here = guest.here("g.", host, "t.")
        sets, differs = guest.named(), f"record_image_ne({host.row('t.')}, {guest.row('g.')})"
        # The source row is locked, or a write to it in the same moment could be followed by the values before it.
        return (
            f"-- lockgate: backfill\nUPDATE {host.table.sql} AS t SET ({sets}) ="
            f" (SELECT {guest.named('g.')} FROM {guest.table.sql} AS g WHERE {here} FOR NO KEY UPDATE)"
            f" WHERE EXISTS (SELECT 1 FROM {guest.table.sql} AS g WHERE {here} AND {differs})"
        )

    def _indexes(self) -> list[Index]:
        """The indexes that are over columns which come along, and over no other but the key."""
        kept = {*self.names, *self.key}
        return [
            one
            for one in self.snapshot.indexes_of(self.table.name)
            if self._over(one) <= kept and self._over(one) & set(self.names)
        ]

    def _over(self, index: Index) -> set[str]:
        needed = self.snapshot.depends.get(index.address, frozenset())
        mine = {one.part for one in needed if one.kind is Kind.COLUMN and one.qualified == self.table.name}
        return {*index.columns, *index.included} | mine

    def _built(self, index: Index) -> tuple[str, str]:
        names = dict(zip(self.key, self.home_key, strict=True))
        columns = [names.get(one, one) for one in index.columns]
        name = generated_name(
            self.home.name.name, "_".join(columns) or "expr", "key" if index.unique else "idx"
        )
        tree = dict(parse_one(concurrently(index.definition, names, name)).tree)
        range_var = {**tree["relation"], "schemaname": self.home.name.schema, "relname": self.home.name.name}
        made = deparse({"IndexStmt": {**tree, "relation": range_var}})
        return made, f"DROP INDEX CONCURRENTLY {QualifiedName(self.home.name.schema, name).sql}"

    def _constraints(self) -> list[Constraint]:
        return [
            one
            for one in self.snapshot.constraints_of(self.table.name)
            if one.type in _PROVED and only_over(one, self.names)
        ]

    def _proof(self, one: Constraint) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Added for new rows, then proved for old ones; and how it goes."""
        name = quote(generated_name(self.home.name.name, "_".join(one.columns), _PROVED[one.type]))
        alter = f"ALTER TABLE {self.home.name.sql}"
        definition = one.definition.removesuffix(" NOT VALID")
        added = f"{alter} ADD CONSTRAINT {name} {definition} NOT VALID"
        proved = (f"{alter} VALIDATE CONSTRAINT {name}",) if one.validated else ()
        return (added, *proved), (f"{alter} DROP CONSTRAINT {name}",)

    def _notes(self) -> Iterator[str]:
        table, home = self.table.name.name, self.home.name.name
        yield f"a row of {table} without one in {home} stays behind, and goes with the last file"
        yield (
            f"a row of {home} whose {', '.join(self.names)} hold nothing but their defaults has no row in {table},"
            " unless somebody inserts one"
        )
        yield f"a query that joins {table} and {home} must say whose {', '.join(self.names)} it means"
        yield f"two who write one row through {table} and {home} at once may meet a deadlock: one has to try again"
        yield RETRIED
        left = [name for name in self.table.column_names if name not in (*self.names, *self.key)]
        if left:
            yield f"not merged, and gone with the last file: {', '.join(left)}"
        required = [column.column for column in self.columns if is_required(column)]
        if required:
            yield f"{', '.join(required)} may be NULL in {home}, for rows that had none in {table}"
        if any(
            grant.grantee != self.home.owner for column in self.home.columns for grant in column.grants or ()
        ):
            yield f"roles have rights on single columns of {home}: grant those on the new ones where they are due"


def merge(snapshot: Snapshot, name: QualifiedName, other: QualifiedName, wish: Wish) -> Answer:
    """The parts of a merge; raises UsageError where the words do not fit the schema."""
    table, home = table_of(snapshot, name), table_of(snapshot, other)
    if table == home:
        raise UsageError(f"{name} is one table already")
    key, home_key = joined(snapshot, table, home, wish.condition)
    missing = [one for one in wish.columns if table.column(one) is None]
    if missing:
        raise UsageError(f"{name} has no column {missing[0]}")
    names = wish.columns or tuple(one for one in table.column_names if one not in key)
    columns = tuple(column for column in table.columns if column.column in names and column.column not in key)
    if not columns:
        raise UsageError(f"{name} has no column besides its key", next_steps=[f'lockgate plan "drop {name}"'])
    return Merge(snapshot, table, home, key, home_key, columns).answer()

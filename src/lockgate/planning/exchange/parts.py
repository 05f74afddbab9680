"""The parts of an exchange: expand, fill, index, constrain, validate, exchange, drop, each with its way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from lockgate.catalog.model import View
from lockgate.catalog.script.graph import Key, Operation, Verb
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import NOTHING_BACK, WITH_THE_COLUMN, Part, unproved_again
from lockgate.planning.exchange import definitions
from lockgate.planning.exchange.around import (
    address_of,
    column_of,
    columns_of,
    emptied,
    filled,
    operations,
    stored_of,
)
from lockgate.planning.exchange.facts import KEYS, Facts, Hung, Indexed
from lockgate.planning.exchange.moving import moved
from lockgate.planning.exchange.pair import Pair
from lockgate.planning.plan import PhaseKind
from lockgate.sql.identifiers import QualifiedName, derived_name, quote

Naming = Callable[[Pair], str]

_SUCCEEDED: Final = "what was prepared takes its place in the same transaction"
_AGAIN: Final = "it is made again as it was, in the same transaction"
ACCEPTS: Final = (
    *(
        (rule, _SUCCEEDED)
        for rule in ("drop-constraint", "drop-primary-key", "rename-column", "rename-other-object")
    ),
    *(
        (rule, _AGAIN)
        for rule in (
            "drop-trigger",
            "create-trigger",
            "enable-disable-trigger",
            "function-search-path-mutable",
            "multiple-permissive-policies",
            "policy-change",
            "policy-ddl-access-exclusive",
            "policy-exists-rls-disabled",
            "rls-policy-always-true",
            "rls-references-user-metadata",
            "rls-enabled-no-policy",
            "security-definer-view",
            "auth-users-exposed",
            "auth-rls-initplan",
            "grant-or-revoke",
        )
    ),
    ("statement-while-holding-access-exclusive", "it reads one row of a sequence, or builds nothing"),
    ("drop-sequence-or-extension", "it came with this very transaction"),
    ("wide-lock-window", "the columns change places together or not at all"),
)
"""What an exchange has to do with what stands around its columns, and why it may."""

FILLS: Final = (("refresh-matview-not-concurrent", "it holds nothing yet that anybody could read"),)
_LIKE_ITS_KEY: Final = (
    ("fk-missing-index", "the key that it succeeds has no index either"),
    ("multiple-foreign-keys", "each is added in a moment, and proved while reads and writes go on"),
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Columns that change places with their successors together, because keys tie them to each other."""

    pairs: tuple[Pair, ...]
    facts: Facts
    snapshot: Snapshot | None = None

    @property
    def first(self) -> Pair:
        """The column that the change was asked for."""
        return self.pairs[0]

    def parts(self) -> list[Part]:
        """All of them, in order."""
        pairs, name = self.pairs, self.first.column.name
        new = _Side(self, "_new", lambda pair: pair.new)
        add = tuple(sql for pair in pairs for sql in pair.add_new())
        gone = tuple(sql for pair in reversed(pairs) for sql in pair.drop_new())
        fill = tuple(sql for pair in pairs for sql in pair.before.backfills())
        built, unbuilt = new.build_all()
        return [
            Part(PhaseKind.EXPAND, f"add {self.first.new}", add, gone),
            Part(PhaseKind.MIGRATE, f"fill {self.first.new}", fill, (NOTHING_BACK,), final=WITH_THE_COLUMN),
            *_if(built, Part(PhaseKind.MIGRATE, f"index {self.first.new}", built, unbuilt, one_by_one=True)),
            *new.proofs(),
            self._exchange(f"exchange {name}"),
            *self._fill_views(),
            self._drop(),
        ]

    def _exchange(self, title: str) -> Part:
        old = _Side(self, "_old", lambda pair: pair.old)
        new = _Side(self, "_new", lambda pair: pair.new)
        gate = f"the application understands {self.first.column.name} as {self.first.type}"
        swap = tuple(self._swap(new, old))
        return Part(PhaseKind.CONTRACT, title, swap, self._back(new, old), gate, accepts=ACCEPTS)

    def _back(self, new: _Side, old: _Side) -> tuple[str, ...]:
        """The way back: all that can fail comes first, while the names are what they were.

        A foreign key goes with the key that it refers to. Its successor, which was proved just before, is put in place
        in the same transaction and only has to be found proved again.
        """
        swap, here = tuple(self._swap(old, new)), _Side(self, "_new", lambda pair: pair.column.name)
        ready = (*old.ready(), *here.ready())
        views = filled(self.stored())
        if not ready and not views:
            return swap
        bound = new.bound()
        lost = tuple(pair.refuse_loss() for pair in self.pairs if pair.column.not_null and pair.has_no_room)
        moved = (*(one.drop for one in bound), *swap, *(one.sql for one in bound))
        proved = (one.validate for one in bound if one.validated)
        return (*lost, *ready, "BEGIN", *moved, "COMMIT", *proved, *views)

    def _fill_views(self) -> list[Part]:
        """Materialized views come back empty: filling them has no place in a moment in which everybody waits."""
        views = self.stored()
        sql, title = filled(views), f"fill {' '.join(one.name.name for one in views)}"
        return _if(sql, Part(PhaseKind.CONTRACT, title, sql, emptied(views), one_by_one=True, accepts=FILLS))

    def stored(self) -> tuple[View, ...]:
        """The materialized views that hold rows made of the columns."""
        return stored_of(self.snapshot, self.pairs) if self.snapshot is not None else ()

    def _drop(self) -> Part:
        pairs = self.pairs
        drop = tuple(sql for pair in reversed(pairs) for sql in pair.drop_old())
        back = [sql for pair in pairs for sql in pair.return_old()]
        old = _Side(self, "_old", lambda pair: pair.old)
        built, _ = old.build(one for one in self.facts.indexes if not one.constraint)
        back += built
        gate = f"nobody needs to go back to the old type of {self.first.column.name}"
        return Part(PhaseKind.CONTRACT, f"drop {self.first.old}", drop, tuple(back), gate)

    def _swap(self, coming: _Side, going: _Side) -> Iterable[str]:
        """The exchange itself: what ``coming`` prepared takes the names, what had them gets those of ``going``."""
        forth = coming.suffix == "_new"
        for pair in self.pairs:
            yield from (pair.before if forth else pair.after).drop()
        for operation in self._operations():
            yield from self._retold(operation, coming, going)
        for one in self.facts.indexes:
            if not one.constraint:
                yield one.renamed(one.name.name, one.twin(going.suffix))
                yield one.renamed(one.twin(coming.suffix), one.name.name)
        for pair in self.pairs:
            yield from (pair.after if forth else pair.before).create()

    def _operations(self) -> list[Operation]:
        if self.snapshot is not None:
            return operations(self.snapshot, self.pairs, self.facts.constraints)
        keys = [one for one in self.facts.constraints if one.type in KEYS]
        others = [one for one in self.facts.constraints if one.type not in KEYS]
        dropped = [
            Operation(
                Key(Verb.DROP, address_of(one)),
                [f"ALTER TABLE {one.table.sql} DROP CONSTRAINT {quote(one.name)}"],
            )
            for one in (*others, *keys)
        ]
        columns = [Operation(Key(Verb.MAKE, column_of(pair)), []) for pair in self.pairs]
        made = [Operation(Key(Verb.MAKE, address_of(one)), [""]) for one in (*keys, *others)]
        return [*dropped, *columns, *made]

    def _retold(self, operation: Operation, coming: _Side, going: _Side) -> Iterable[str]:
        verb, address = operation.key
        pair = next((pair for pair in self.pairs if address in columns_of(pair)), None)
        hung = next((one for one in self.facts.constraints if address_of(one) == address), None)
        if pair is not None and address != column_of(pair):
            return ()
        if pair is not None:
            return moved(pair, coming.column(pair), going.column(pair), forth=coming.suffix == "_new")
        if hung is None or verb is not Verb.MAKE:
            return operation.sql
        return coming.named(hung), *operation.sql[1:]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A constraint that is added for new rows and validated for old ones."""

    table: QualifiedName
    name: str
    sql: str
    validated: bool = True

    @property
    def validate(self) -> str:
        """Proves it for the rows that were there."""
        return f"ALTER TABLE {self.table.sql} VALIDATE CONSTRAINT {quote(self.name)}"

    @property
    def drop(self) -> str:
        """Takes it away."""
        return f"ALTER TABLE {self.table.sql} DROP CONSTRAINT {quote(self.name)}"

    @property
    def unproved(self) -> str:
        """Brings it back to where it was before it was validated."""
        definition = self.sql.split(f" ADD CONSTRAINT {quote(self.name)} ", 1)[1]
        return unproved_again(self.table, self.name, definition)


@dataclass(frozen=True, slots=True)
class _Side:
    """What is prepared on one of the two columns so that it can take over: indexes, constraints, proofs.

    ``suffix`` marks the names of all that is prepared, ``column`` says what the columns are called at that time.
    """

    exchange: Exchange
    suffix: str
    column: Naming

    @property
    def _names(self) -> definitions.Renamed:
        result: dict[QualifiedName, dict[str, str]] = {}
        for pair in self.exchange.pairs:
            for table in pair.tables:
                result.setdefault(table, {})[pair.column.name] = self.column(pair)
        return result

    def build_all(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Every index again, and how they go away."""
        return self.build(self.exchange.facts.indexes)

    def build(self, indexes: Iterable[Indexed]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Some of them: that of a partitioned table first, then those of its partitions.

        The deepest are attached first. Where the last part of a part comes last, the server locks the whole table
        while it holds the index (``validatePartitionedIndex``), and a writer that came between ends in a deadlock.
        """
        chosen, suffix, names = list(indexes), self.suffix, self._names
        built = [definitions.index(one.definition, names[one.table], one.twin(suffix)) for one in chosen]
        attached = [sql for one in reversed(chosen) for sql in one.attached(suffix)]
        # A part goes with the whole.
        gone = [one.gone(suffix) for one in reversed(chosen) if one.parent is None]
        return (*built, *attached), tuple(gone)

    def named(self, hung: Hung) -> str:
        """What was prepared for a constraint takes its name."""
        alter, name = f"ALTER TABLE {hung.table.sql}", quote(hung.name)
        twin = quote(derived_name(hung.name, suffix=self.suffix))
        if hung.type not in KEYS:
            return f"{alter} RENAME CONSTRAINT {twin} TO {name}"
        index = next(one for one in self.exchange.facts.indexes if one.constraint == hung.name)
        made = quote(index.twin(self.suffix))
        return f"{alter} ADD CONSTRAINT {name} {hung.type.upper()} USING INDEX {made}{hung.deferred}"

    def _constraints(self) -> list[Hung]:
        return [one for one in self.exchange.facts.constraints if one.type not in KEYS]

    def _wanted(self) -> list[_Wanted]:
        """What has to be proved: that nothing is NULL where nothing may be, and every constraint."""
        return [*self._required(), *map(self._again, self._constraints())]

    def _required(self) -> Iterable[_Wanted]:
        for pair in self.exchange.pairs:
            if pair.column.not_null:
                successor = derived_name(pair.column.name, suffix=self.suffix)
                proved = pair.prove(self.column(pair), successor)
                yield _Wanted(pair.table.name, pair.proof(successor), proved)

    def _again(self, one: Hung) -> _Wanted:
        twin = derived_name(one.name, suffix=self.suffix)
        sql = definitions.constraint(one.table, one.definition, self._names, twin, not_valid=True)
        return _Wanted(one.table, twin, sql, one.validated)

    def bound(self) -> list[_Wanted]:
        """The foreign keys that cannot outlive the keys which are exchanged with them."""
        pairs, constraints = self.exchange.pairs, self._constraints()
        return [self._again(one) for one in constraints if any(map(one.refers_to, pairs))]

    def proofs(self) -> list[Part]:
        """The constraints as parts: added for new rows, then validated for old ones."""
        wanted, name = self._wanted(), self.exchange.first.new
        added = tuple(one.sql for one in wanted)
        gone = tuple(one.drop for one in reversed(wanted))
        validated = tuple(one.validate for one in wanted if one.validated)
        unproved = tuple(one.unproved for one in reversed(wanted) if one.validated)
        add = Part(PhaseKind.MIGRATE, f"require {name}", added, gone, accepts=_LIKE_ITS_KEY)
        validate = Part(PhaseKind.MIGRATE, f"validate {name}", validated, unproved, one_by_one=True)
        return [*_if(added, add), *_if(validated, validate)]

    def ready(self) -> tuple[str, ...]:
        """Everything that this side lacks when the other one is in use, in one go and in its own transactions."""
        keys = [one for one in self.exchange.facts.indexes if one.constraint]
        built, _ = self.build(keys)
        wanted = self._wanted()
        begun = ("BEGIN", *(one.sql for one in wanted), "COMMIT") if wanted else ()
        return (*built, *begun, *(one.validate for one in wanted if one.validated))


def _if(statements: tuple[str, ...], part: Part) -> list[Part]:
    return [part] if statements else []

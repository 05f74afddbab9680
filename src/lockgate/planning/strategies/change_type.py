"""Change a column's type without rewriting the table under a lock.

A second column of the new type is kept in step by a trigger, filled in chunks, and gets the indexes and constraints of
the first while reads and writes go on. Then the two change names in one short transaction, and what mentions the column
(views, policies, triggers, rules, routines, statistics) is dropped before and made again after, in that transaction. A
key takes the columns that refer to it along, with its sequence or identity. The old columns stay, still in step, until
nobody needs to go back. The tables below a partitioned table, and those that inherit, are changed with it: the trigger
reaches each of them, their indexes are built one by one and attached. Where generated columns or an exclusion
constraint are made of the column, a whole new table has the new type from the beginning, follows every write, and takes
the name of the old one. What cannot be exchanged in a moment (the keys of a partitioned table among it) is left to a
person, with the reason; a partition key, whose type the server does not change at all, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lockgate.analysis.locks import forecast
from lockgate.analysis.locks.expressions import columns_in
from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.analysis.view import Column
from lockgate.analysis.volatility import is_volatile
from lockgate.catalog.model import View
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.changes import Part
from lockgate.planning.exchange.around import filled, in_place, in_the_way, stored_of
from lockgate.planning.exchange.assigned import is_cut_by_a_cast
from lockgate.planning.exchange.at_once import at_once, may_be_hung_on
from lockgate.planning.exchange.facts import KEYS, from_snapshot, from_state
from lockgate.planning.exchange.pair import Pair
from lockgate.planning.exchange.pairing import informed, reasons, together
from lockgate.planning.exchange.parts import ACCEPTS, Exchange
from lockgate.planning.exchange.zones import depends_on_zone, keeps_rows, which_zone, zone_of
from lockgate.planning.filling import Filling
from lockgate.planning.plan import PhaseKind
from lockgate.planning.rebuild.anew import anew
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node


def plan(question: Question) -> Answer | None:
    """Mirror in the new type, fill, index, constrain, swap, drop; None when the server does it in a moment itself.

    Raises UsageError where the time zone decides about the values, and nobody knows it.
    """
    column = question.table.column(question.command["name"])
    if column is None or not column.type.name.name:
        return None
    pairs = together(_pair(question, column))
    if pairs[0].zone and keeps_rows(column.type, pairs[0].target, pairs[0].zone):
        return _in_utc(question, pairs)
    locks = forecast(question.statement, question.state, question.major).relations
    if any(lock.rewrite or lock.index_build for lock in locks):
        return _answer(question, pairs, question.schema())
    return _in_a_moment(question, pairs)


def _pair(question: Question, column: Column) -> Pair:
    definition = question.command["def"]["ColumnDef"]
    wanted, using = question.state.column_spec(definition).column, definition.get("raw_default")
    pair = Pair(question.state, question.table, column, wanted.type, using, _back(question), wanted.collation)
    if not depends_on_zone(column.type, wanted.type):
        return pair
    zone = zone_of(using, column.name, column.type, question.state)
    if zone == "":
        raise which_zone(question.table, column.name, wanted.type)
    return pair if zone is None else replace(pair, using=None, zone=zone)


def _back(question: Question) -> Node | None:
    if question.back is None:
        return None
    given, name = Filling.read(question.back, question.table, "--back"), question.command["name"]
    if given.columns != {name}:
        raise UsageError(
            f"--back has to be made of {name} alone: {question.back}",
            why=f"{name} stands for the new value in it, and nothing else is known where it is computed",
        )
    return given.tree


def _in_utc(question: Question, pairs: tuple[Pair, ...]) -> Answer:
    """No row changes for a session in UTC; indexes are built anew, though, and what hangs on the column steps aside."""
    first, snapshot, table = pairs[0], question.schema(), question.table
    forth, back = (f"{first.of(first.column.name)} TYPE {words}" for words in (first.type, first.old_type))
    parts = at_once(snapshot, first, forth) if snapshot is not None else None
    tied = len(pairs) > 1 or question.state.children(table.name) or _is_indexed(first)
    if parts is None or tied or not _is_alone(parts):
        return _answer(question, pairs, snapshot)
    part = replace(parts[0], sql=(_IN_UTC, forth), back=(_IN_UTC, back))
    return Answer(f"change-type-{table.name.name}-{first.column.name}", (part,))


_IN_UTC: Final = "SET LOCAL timezone = 'UTC'"


def _is_indexed(pair: Pair) -> bool:
    name = pair.column.name
    return any(
        name in index.include
        or mentions_column(index.predicate, name)
        or any(key.column == name or mentions_column(key.expression, name) for key in index.keys)
        for index in pair.table.indexes
    )


def _in_a_moment(question: Question, pairs: tuple[Pair, ...]) -> Answer | None:
    snapshot = question.schema() if may_be_hung_on(question.state, question.table) else None
    if snapshot is None:
        return None
    first = pairs[0]
    parts = at_once(snapshot, first, question.statement.sql)
    if parts is None:
        return _answer(question, pairs, snapshot)
    if _is_alone(parts):
        return None
    emptied = map(_emptied, stored_of(snapshot, (first,)))
    return Answer(f"change-type-{question.table.name.name}-{first.column.name}", parts, tuple(emptied))


def _is_alone(parts: tuple[Part, ...]) -> bool:
    """Whether nothing has to step aside for the statement."""
    return len(parts) == len(parts[0].sql) == 1


def _emptied(view: View) -> str:
    return f"{view.name} cannot be read from the change until the part after it has filled it again"


def _answer(question: Question, pairs: tuple[Pair, ...], snapshot: Snapshot | None) -> Answer:
    first = pairs[0]
    change = f"change-type-{first.table.name}-{first.column.name}"
    _refuse_identity(first)
    unlike = list(_not_to_be_mirrored(first))
    if unlike:
        return _standing(question, change, pairs, snapshot, unlike)
    pairs = tuple(informed(pair, snapshot) for pair in pairs)
    facts = from_snapshot(snapshot, pairs) if snapshot else from_state(pairs)
    pairs = tuple(replace(pair, key=facts.is_key(pair)) for pair in pairs)
    obstacles = [reason for pair in pairs for reason in reasons(pair, snapshot)]
    if snapshot is not None and not obstacles:
        obstacles = in_the_way(snapshot, pairs, facts.constraints)
    if not obstacles:
        exchange = Exchange(pairs, facts, snapshot)
        return Answer(change, tuple(exchange.parts()), _notes(exchange))
    rebuilt = anew(question, change, pairs, snapshot) if snapshot is not None else obstacles
    if isinstance(rebuilt, Answer):
        return rebuilt
    return _standing(question, change, pairs, snapshot, [*obstacles, *rebuilt])


def _not_to_be_mirrored(pair: Pair) -> Iterator[str]:
    """Why no second column could be kept in step with one: its values are not those of the first in another form."""
    if pair.using is None:
        if is_cut_by_a_cast(pair.column.type, pair.target):
            yield f"a trigger would cut an element that is too long for {pair.type}, where the server refuses it"
        return
    read, name = columns_in(pair.using), pair.column.name
    others = sorted(read - {name})
    if name not in read:
        yield "USING does not read it"
    if others:
        yield f"USING reads {', '.join(others)} beside it"
    if is_volatile(pair.using, pair.state):
        yield "USING gives another value each time"


_COUNTING: Final = ("smallint", "integer", "bigint")
"""The types that an identity column may have."""


def _refuse_identity(pair: Pair) -> None:
    table, column = pair.table, pair.column
    if column.identity and pair.type not in _COUNTING:
        raise UsageError(
            f"{table.name}.{column.name} is an identity column: the server lets it be {', '.join(_COUNTING)} only",
            why=f"{pair.type} was asked for",
            next_steps=[
                f'lockgate plan "ALTER TABLE {table.name.sql} ALTER COLUMN {quote(column.name)} DROP IDENTITY"'
            ],
        )


_STANDING: Final = (
    *ACCEPTS,
    ("change-column-type", "whoever opens the gate knows that the table stands still"),
    ("drop-column", "its values are computed, and computed anew in the same transaction"),
    ("add-column-stored-generated", "the table is written anew anyway"),
    ("drop-view", "it is made again as it was, in the same transaction"),
    ("refresh-matview-not-concurrent", "it holds nothing yet that anybody could read"),
)
"""What the change may do where there is no other way than to let the table stand still."""


def _standing(
    question: Question, change: str, pairs: tuple[Pair, ...], snapshot: Snapshot | None, why: list[str]
) -> Answer:
    """The statement as it is, behind a gate, with what stands in the way of anything better."""
    table, column, sql = pairs[0].table, pairs[0].column, question.statement.sql
    part = Part(
        PhaseKind.CONTRACT,
        f"change type of {column.name}",
        _at_once(snapshot, pairs, sql) if snapshot is not None else (sql,),
        gate=f"{table.name} may stand still for as long as it takes to write it anew",
        accepts=_STANDING,
    )
    note = f"{table.name}.{column.name} cannot be exchanged by itself: {'; '.join(dict.fromkeys(why))}"
    return Answer(
        change, (part,), (note, "as it stands the whole table is rewritten while nobody can use it")
    )


def _at_once(snapshot: Snapshot, pairs: tuple[Pair, ...], sql: str) -> tuple[str, ...]:
    return *in_place(snapshot, pairs, sql), *filled(stored_of(snapshot, pairs))


def _notes(exchange: Exchange) -> tuple[str, ...]:
    first = exchange.first
    notes = [
        f"a value that {first.type} cannot hold is refused, and stops the backfill at its row, which is named",
    ]
    if first.using is not None and first.back is None and not _only_casts(first.using):
        notes.append(
            f"USING computes: until {first.old} is dropped it gets each new value in its own type and no more;"
            " --back says how an old value comes from a new one"
        )
    if first.old_type not in _ANY_TEXT:
        notes.append(
            f"until {first.old} is dropped a value that {first.old_type} cannot hold is {_fate(first)}"
        )
    notes.append(
        f"{first.column.name} stands last in its table afterwards: SELECT * and INSERT without names see another order"
    )
    if any(one.type in KEYS for one in exchange.facts.constraints):
        notes.append(
            "going back over the exchange builds the keys of the old columns first, which takes a while"
        )
    notes += map(_emptied, exchange.stored())
    apart = [str(name) for pair in exchange.pairs for name in pair.apart]
    if apart:
        notes.append(
            f"tables that inherit from it are kept in step one by one: {', '.join(apart)}; make no other now"
        )
    others = [f"{pair.table.name}.{pair.column.name}" for pair in exchange.pairs[1:]]
    if others:
        notes.append(f"what refers to it is exchanged with it: {', '.join(others)}")
    return tuple(notes)


def _only_casts(expression: Node) -> bool:
    while "TypeCast" in expression:
        expression = expression["TypeCast"]["arg"]
    return "ColumnRef" in expression


_ANY_TEXT: Final = ("text", "character varying")


def _fate(pair: Pair) -> str:
    if pair.has_no_room:
        return "kept, and lost by going back" if not pair.key else "kept, and must be gone before going back"
    return "refused" if pair.key else "refused, and a fraction of what is counted in whole is rounded"


STRATEGY = Strategy("change-type", ("AT_AlterColumnType",), plan, __doc__ or "", "change users.age to bigint")

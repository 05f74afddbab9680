"""One migration on one throwaway database: apply, undo, apply again, apply twice, looking closely in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from lockgate.proving import comparing
from lockgate.proving.benches import Bench
from lockgate.proving.checksums import TableSum
from lockgate.proving.comparing import Comparison
from lockgate.proving.playing import Played, Score
from lockgate.proving.result import Newcomers, Repeat
from lockgate.proving.rows.judge import attempt
from lockgate.proving.state import State
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.queries import read as read_query
from lockgate.types import LockMode


@dataclass(slots=True)
class Trial:
    """What happened. ``undone`` is None without a rollback; ``again`` only follows a rollback that ran."""

    before: State
    forth: Played
    applied: State | None = None
    back: Played | None = None
    undone_state: State | None = None
    undone: Comparison | None = None
    again: Played | None = None
    repeated: Comparison | None = None
    repeat: Repeat | None = None
    newcomers: Newcomers | None = None


def run(bench: Bench, forth: Score, back: Score | None, source: State) -> Trial:
    """Do the whole trial; stops where going on would prove nothing. ``source`` is the state behind the bench."""
    before = bench.begin(source)
    trial = Trial(before, bench.play(forth, measure=True))
    if not trial.forth.ok:
        return trial
    trial.applied = now = bench.look(before)
    if back is not None:
        now = _undo_and_redo(bench, forth, back, trial, now)
    if back is None or (trial.again is not None and trial.again.ok):
        trial.repeat = _repeat(bench, forth, now)
        if back is not None and trial.repeat.clean and is_flawless(trial):
            trial.newcomers = _newcomers(bench, back, trial, now)
    return trial


def is_flawless(trial: Trial) -> bool:
    """Whether a trial found nothing that a closer look could find otherwise."""
    if not trial.forth.ok or trial.repeat is None:
        return False
    if trial.back is None:
        return True
    undone, repeated = trial.undone, trial.repeated
    return (
        undone is not None
        and undone.is_exact
        and not undone.data
        and repeated is not None
        and repeated.is_exact
    )


def move_on(admin: psycopg.Connection[Any]) -> None:
    """Move every sequence that was never used off its beginning, so that one which is made anew shows."""
    found = admin.execute(read_query("lockgate.proving", "sequences")).fetchall()
    for (oid,) in found:
        with attempt(admin):
            admin.execute("SELECT nextval(%s::int8::oid::regclass)", (oid,))


def _undo_and_redo(bench: Bench, forth: Score, back: Score, trial: Trial, applied: State) -> State:
    trial.back = bench.play(back)
    if not trial.back.ok:
        return applied
    trial.undone_state = undone = bench.look(applied)
    trial.undone = comparing.after_rollback(trial.before, applied, undone)
    trial.again = bench.play(forth)
    if not trial.again.ok:
        return undone
    again = bench.look(undone)
    trial.repeated = comparing.after_repetition(applied, again)
    return again


def _repeat(bench: Bench, forth: Score, before: State) -> Repeat:
    second = bench.play(forth)
    if second.failure is not None and not second.failure.partly and forth.in_one_transaction:
        return Repeat(str(second.failure), clean=True)
    clean = not comparing.changes_anything(before, bench.look(before))
    return Repeat(str(second.failure) if second.failure else None, clean)


def _newcomers(bench: Bench, back: Score, trial: Trial, now: State) -> Newcomers | None:
    """Go on working with the new schema for a moment, then roll back: what becomes of the rows written meanwhile."""
    before = trial.before.contents.tables
    tables = [name for name in _touched(trial) if name in now.contents.tables and name in before]
    written = {name: count for name, count in bench.write(tables).items() if count} if tables else {}
    if not written:
        return None
    names = tuple(sorted(map(str, written)))
    played = bench.play(back)
    if played.failure is not None:
        return Newcomers(names, refusal=str(played.failure))
    return Newcomers(names, lost=tuple(_gone(before, written, bench.count(written))))


def _touched(trial: Trial) -> list[QualifiedName]:
    """The tables that were there before and that the migration locked against schema changes."""
    locks = [lock for entry in trial.forth.measured for lock in entry.locks or ()]
    names = {lock.relation for lock in locks if lock.mode >= LockMode.ROW_EXCLUSIVE}
    return [name for name in trial.before.contents.tables if str(name) in names]


def _gone(
    before: Mapping[QualifiedName, TableSum],
    written: Mapping[QualifiedName, int],
    after: Mapping[QualifiedName, int],
) -> Iterator[str]:
    for name, count in sorted(written.items()):
        left = after[name] - before[name].rows if name in after else 0
        if left < count:
            yield f"{count - max(left, 0)} of {count} in table {name}"

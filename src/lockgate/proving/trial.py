"""One migration on one throwaway database: apply, undo, apply again, apply twice, looking closely in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from lockgate.proving import comparing
from lockgate.proving.comparing import Comparison
from lockgate.proving.playing import Played, Score, play
from lockgate.proving.result import Repeat
from lockgate.proving.rows.judge import attempt
from lockgate.proving.state import State, observe
from lockgate.sql.queries import read as read_query

_STEPS_FORWARD = 3


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


@dataclass(frozen=True, slots=True)
class Bench:
    """A throwaway database with both connections to it: the owner's to act, the superuser's to look."""

    owner: psycopg.Connection[Any]
    admin: psycopg.Connection[Any]

    def look(self, before: State | None) -> State:
        """The state now; ``before`` is how it was last."""
        return observe(self.admin, before)


def run(
    bench: Bench, forth: Score, back: Score | None, source: State | None, *, move_sequences: bool
) -> Trial:
    """Do the whole trial; stops where going on would prove nothing.

    ``source`` is the state of the database that this one was cloned from, if it is known.
    """
    if move_sequences:
        move_on(bench.admin)
    before = bench.look(source.in_clone() if source else None)
    trial = Trial(before, play(bench.owner, forth, measure=True))
    if not trial.forth.ok:
        return trial
    trial.applied = now = bench.look(before)
    if back is not None:
        now = _undo_and_redo(bench, forth, back, trial, now)
    if back is None or (trial.again is not None and trial.again.ok):
        trial.repeat = _repeat(bench, forth, now)
    return trial


def move_on(admin: psycopg.Connection[Any]) -> None:
    """Move every sequence off its beginning, so that one which is made anew shows."""
    found = admin.execute(read_query("lockgate.proving", "sequences")).fetchall()
    for (oid,) in found:
        with attempt(admin):
            admin.execute(
                "SELECT nextval(%s::int8::oid::regclass) FROM generate_series(1, %s)", (oid, _STEPS_FORWARD)
            )


def _undo_and_redo(bench: Bench, forth: Score, back: Score, trial: Trial, applied: State) -> State:
    trial.back = play(bench.owner, back)
    if not trial.back.ok:
        return applied
    trial.undone_state = undone = bench.look(applied)
    trial.undone = comparing.after_rollback(trial.before, applied, undone)
    trial.again = play(bench.owner, forth)
    if not trial.again.ok:
        return undone
    again = bench.look(undone)
    trial.repeated = comparing.after_repetition(applied, again)
    return again


def _repeat(bench: Bench, forth: Score, before: State) -> Repeat:
    second = play(bench.owner, forth)
    if second.failure is not None and not second.failure.partly and forth.in_one_transaction:
        return Repeat(str(second.failure), clean=True)
    clean = not comparing.changes_anything(before, bench.look(before))
    return Repeat(str(second.failure) if second.failure else None, clean)

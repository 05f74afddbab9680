"""Proves one migration: trials on clones, over hostile rows, over plain ones where it does not bear those, or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lockgate.proving import trial as trials
from lockgate.proving.benches import LeakError, may_share_a_transaction, on_clone
from lockgate.proving.ground import Ground
from lockgate.proving.measuring import Measured
from lockgate.proving.piece import Piece
from lockgate.proving.result import Lock, Proof, Rollback, Rows
from lockgate.proving.state import State
from lockgate.proving.trial import Trial
from lockgate.proving.trunk import SharedThings, Trunk


@dataclass(frozen=True, slots=True)
class Proved:
    """A proof together with the trial behind it."""

    proof: Proof
    trial: Trial


def prove(trunk: Trunk, piece: Piece) -> Proved:
    """Prove a migration on a trunk that stands right before it, and leave it there.

    First in a transaction, where that can mean the same; what is not flawless there is tried on clones.
    """
    if piece.may_lose_positions and trunk.has_rows:
        trunk.move_sequences()
    trial = _try_in_transaction(trunk, piece)
    if trial is not None and trials.is_flawless(trial):
        return Proved(_proof(piece, trial, Rows.DUMP if trunk.given else Rows.HOSTILE, None), trial)
    return _prove_on_clones(trunk, piece)


def _try_in_transaction(trunk: Trunk, piece: Piece) -> Trial | None:
    if not trunk.has_rows or not may_share_a_transaction(piece):
        return None
    source = trunk.look()
    try:
        with trunk.transaction() as bench:
            return trials.run(bench, piece.forth, piece.back, source)
    except LeakError:
        return None


def _prove_on_clones(trunk: Trunk, piece: Piece) -> Proved:
    refused: str | None = None
    for source in _sources(trunk):
        try:
            with _roles_kept(trunk.ground, piece), on_clone(trunk.ground, source.database) as bench:
                trial = trials.run(bench, piece.forth, piece.back, source.state)
        finally:
            if source.is_ours:
                trunk.ground.drop(source.database)
        if (
            trial.forth.ok
            or source.rows in (Rows.NONE, Rows.DUMP)
            or trial.forth.failure is piece.forth.refusal
        ):
            return Proved(_proof(piece, trial, source.rows, refused), trial)
        refused = refused or str(trial.forth.failure)
    raise AssertionError("the last source is the one without rows")


@dataclass(frozen=True, slots=True)
class _Source:
    """A database to clone: what rows it has, its state, and whether it was made for this alone."""

    rows: Rows
    database: str
    state: State
    is_ours: bool = False


def _sources(trunk: Trunk) -> Iterator[_Source]:
    if trunk.has_rows:
        state = trunk.look()
        trunk.let_go()
        yield _Source(Rows.DUMP if trunk.given else Rows.HOSTILE, trunk.rich, state)
    if trunk.rows:
        name, state = trunk.with_plain_rows()
        yield _Source(Rows.PLAIN, name, state, is_ours=True)
    state = trunk.look(rich=False)
    trunk.let_go()
    yield _Source(Rows.NONE, trunk.bare, state)


@contextmanager
def _roles_kept(ground: Ground, piece: Piece) -> Iterator[None]:
    if not piece.is_shared:
        yield
        return
    shared = SharedThings(ground)
    try:
        yield
    finally:
        shared.restore()


def _proof(piece: Piece, trial: Trial, rows: Rows, refused: str | None) -> Proof:
    migration, undone = piece.migration, trial.undone
    rollback = _verdict(piece, trial)
    back_failed = trial.back is not None and trial.back.failure is not None
    return Proof(
        version=migration.version,
        name=migration.name,
        file=migration.label,
        rollback_file=piece.back.file.label if piece.back else None,
        applied=trial.forth.ok,
        seconds=trial.forth.seconds,
        rollback=rollback,
        rollback_seconds=trial.back.seconds if trial.back and trial.back.ok else None,
        rollback_error=_rollback_error(piece, trial) if back_failed else None,
        differences=tuple(_differences(piece, trial)),
        data_restored=None if undone is None else not undone.data,
        reapplied=_reapplied(trial),
        repeat=trial.repeat,
        newcomers=trial.newcomers,
        locks=tuple(_lock(piece, item) for item in trial.forth.measured),
        error=None if trial.forth.ok else str(trial.forth.failure),
        warnings=trial.forth.warnings,
        column_order=undone.order if undone else (),
        rows=rows,
        row_count=trial.before.contents.rows,
        why_fewer_rows=refused,
        declared=piece.declared,
    )


def _verdict(piece: Piece, trial: Trial) -> Rollback:
    if not trial.forth.ok:
        return Rollback.SKIPPED
    if piece.back is None:
        return Rollback.IRREVERSIBLE if piece.declared else Rollback.MISSING
    if trial.back is None or not trial.back.ok:
        return Rollback.FAILED
    assert trial.undone is not None
    return Rollback.EXACT if trial.undone.is_exact else Rollback.DIFFERS


def _rollback_error(piece: Piece, trial: Trial) -> str:
    assert trial.back is not None
    failure = trial.back.failure
    assert failure is not None
    if failure.is_raised:
        return f"the rollback refuses on purpose: {failure}"
    if failure.partly:
        return f"the rollback stops half way, and what it did before stays done: {failure}"
    return f"the rollback fails: {failure}"


def _reapplied(trial: Trial) -> bool | None:
    return None if trial.again is None else trial.again.ok


def _differences(piece: Piece, trial: Trial) -> Iterator[str]:
    if trial.back is not None and trial.back.failure is not None:
        yield _rollback_error(piece, trial)
    if trial.undone is not None and (trial.undone.schema or trial.undone.data):
        yield from piece.remarks()
        yield from trial.undone.schema
        yield from trial.undone.data
    elif trial.back is not None and not trial.back.ok:
        yield from piece.remarks()
    if trial.again is not None and trial.again.failure is not None:
        yield f"it cannot be applied again after its rollback: {trial.again.failure}"
    if trial.repeated is not None and trial.undone is not None and trial.undone.is_exact:
        yield from (f"applied again, it ends otherwise: {text}" for text in trial.repeated.schema)


def _lock(piece: Piece, measured: Measured) -> Lock:
    statement = piece.forth.file.script.statements[measured.statement]
    return Lock(piece.forth.file.label, statement.line, statement.kind, measured)

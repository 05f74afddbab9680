"""Holds the locks that were measured against those that are foretold from the files alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.foretelling import Forecasts, foretell, is_worth_asking
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.errors import LockgateError
from lockgate.inverse.kept_text import Kept
from lockgate.local.flavours import Flavour
from lockgate.migration.model import Migration, SqlFile
from lockgate.proving.measuring import Measured
from lockgate.proving.playing import kept_of
from lockgate.proving.result import Proof
from lockgate.types import RelationLock, merged


def foretell_history(migrations: Sequence[Migration], major: int, flavour: Flavour) -> Forecasts:
    """What is foretold of every migration on the schema that those before it leave; empty for unreadable files."""
    try:
        sources = [Source.from_migration(migration) for migration in migrations]
        found = foretell(sources, Options(major=major, platform=flavour.name))
    except LockgateError:
        return {}
    return {
        migration.forth.label: _with_kept(found[migration.forth.label], kept_of(migration))
        for migration in migrations
    }


def _with_kept(forecasts: Sequence[StatementForecast], kept: Sequence[Kept]) -> Sequence[StatementForecast]:
    """What is foretold of a file when what its rollback needs is kept around its statements."""
    locks = {one.statement: one.locks for one in kept if one.locks}
    return [
        replace(one, relations=merged(one.relations, locks[one.statement])) if one.statement in locks else one
        for one in forecasts
    ]


def foretell_file(
    file: SqlFile, version: str, earlier: Sequence[Migration], major: int, flavour: Flavour
) -> Sequence[StatementForecast]:
    """What is foretold of a file that comes after some migrations.

    Nothing where the statements alone tell how they must be run, or where a file cannot be read.
    """
    try:
        if not any(map(is_worth_asking, file.script.statements)):
            return ()
        history = [Source.from_migration(migration) for migration in earlier]
        own = Source.from_file(file, version)
        return foretell([own], Options(major=major, platform=flavour.name), history)[own.file]
    except LockgateError:
        return ()


def compare(proof: Proof, forecasts: Forecasts) -> Proof:
    """The proof with what was measured and not foretold."""
    own = forecasts.get(proof.file, ())
    locks = (replace(lock, surprises=tuple(_surprises(lock.measured, own))) for lock in proof.locks)
    return replace(proof, locks=tuple(locks))


def _surprises(measured: Measured, forecasts: Sequence[StatementForecast]) -> Iterator[str]:
    """Locks that were not foretold, or stronger than foretold, up to and with this statement."""
    if measured.locks is None or measured.statement >= len(forecasts):
        return
    expected: dict[str, RelationLock] = {}
    for forecast in forecasts[: measured.statement + 1]:
        for lock in forecast.relations:
            if lock.relation not in expected or lock.mode > expected[lock.relation].mode:
                expected[lock.relation] = lock
    for lock in measured.locks:
        foretold = expected.get(lock.relation)
        if foretold is None:
            yield f"{lock.mode.pg_name} on {lock.relation} was not foretold"
        elif lock.mode > foretold.mode:
            yield f"{lock.mode.pg_name} on {lock.relation}, where {foretold.mode.pg_name} was foretold"

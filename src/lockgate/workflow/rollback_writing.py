"""Step 3: derive rollback files. Each is made from a run of its migration on a throwaway server, and proved on another.

Nothing but the throwaway server is touched. A rollback that cannot be proved is not written as if it could: its file
then declares the migration irreversible and says why.
"""

from __future__ import annotations

import enum
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import psycopg

from lockgate.catalog import Scope, Snapshot, as_sql, diff, read
from lockgate.config import Config
from lockgate.engine.failures import message_of
from lockgate.errors import LocalServerError, LockgateError, UsageError
from lockgate.inverse import (
    Inverse,
    Policy,
    Segment,
    Setting,
    derive,
    derive_from_text,
    search_paths,
    segments,
    together,
    with_checks,
)
from lockgate.inverse.kept_text import kept_in
from lockgate.inverse.rollback_text import RollbackBody, irreversible, reversible
from lockgate.local import flavours
from lockgate.migration.directives import Backfill
from lockgate.migration.layouts.model import Source
from lockgate.migration.layouts.sidecars import leading_version
from lockgate.migration.model import Migration, Project, SqlFile
from lockgate.migration.names import timestamp
from lockgate.migration.template import Draft, rollback_text, title_of
from lockgate.planning.plan import transaction_groups
from lockgate.proving.ground import Ground, open_ground
from lockgate.proving.piece import Piece, prepare
from lockgate.proving.playing import Score, play
from lockgate.proving.prove import prove
from lockgate.proving.result import Proof, Rollback
from lockgate.proving.rows.fill import ROWS
from lockgate.proving.trunk import SharedThings, Trunk
from lockgate.types import MigrationType

RESTORE_POINT: Final = "the backup that was taken before it (lockgate backup list, lockgate backup restore)."
_SCOPE: Final = Scope(platform=True, members=True, roles=True)

Tell = Callable[["Written"], None]


class Outcome(enum.StrEnum):
    """What became of one migration's rollback."""

    EXACT = "exact"
    IRREVERSIBLE = "irreversible"
    FROM_TEXT = "not proved"
    UNKNOWN = "not derived"
    NOT_APPLIED = "not applied"


@dataclass(frozen=True, slots=True)
class Written:
    """One rollback: its file and text, what was proved of it, and why there is none where there is none."""

    migration: Migration
    outcome: Outcome
    path: Path
    text: str = ""
    reason: str | None = None
    kept: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def to_json(self, root: Path) -> dict[str, Any]:
        """The machine form; paths are seen from the project's folder."""
        return {
            "version": self.migration.version,
            "name": self.migration.name,
            "file": self.path.relative_to(root).as_posix()
            if self.path.is_relative_to(root)
            else str(self.path),
            "rollback": self.outcome.value,
            "reason": self.reason,
            "keeps": list(self.kept),
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True, slots=True)
class Order:
    """What to write: the versions (None: every migration without a rollback), the policy for kept rows, the server.

    ``besides`` are statements that follow what is derived for a version, for what was written since it was applied.
    """

    versions: frozenset[str] | None = None
    policy: Policy = field(default_factory=Policy)
    major: int | None = None
    rows: int = ROWS
    force: bool = False
    besides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def wants(self, migration: Migration) -> bool:
        """Whether a migration's rollback is to be derived."""
        if self.versions is not None:
            return migration.version in self.versions
        return not migration.repeatable and migration.irreversible is None and is_blank(migration.rollback)


def is_blank(rollback: SqlFile | None) -> bool:
    """Whether there is no rollback, or only the template that ``lockgate new`` wrote."""
    if rollback is None:
        return True
    kinds = [statement.kind for statement in rollback.script.statements]
    return not [kind for kind in kinds if kind != "DoStmt"] and "TODO" in rollback.text


def write_rollbacks(config: Config, project: Project, order: Order, tell: Tell) -> tuple[Written, ...]:
    """Derive and prove rollbacks; the caller writes the files.

    Raises UsageError for a migration that has a rollback already, unless the order forces it.
    """
    wanted = [migration for migration in project.migrations if order.wants(migration)]
    _refuse_existing(wanted, order)
    if not wanted:
        return ()
    try:
        return _write_proved(config, project, order, wanted, tell)
    except LocalServerError as error:
        found = tuple(write_from_text(project, migration, error.message) for migration in wanted)
        for one in found:
            tell(one)
        return found


def _write_proved(
    config: Config, project: Project, order: Order, wanted: Sequence[Migration], tell: Tell
) -> tuple[Written, ...]:
    last = max(project.migrations.index(migration) for migration in wanted)
    with open_ground(flavours.named(config.platform), order.major or config.postgres) as ground:
        trunk = Trunk(ground, order.rows)
        trunk.begin()
        writer = _Writer(ground, trunk, project, order)
        found = []
        for migration in project.migrations[: last + 1]:
            if order.wants(migration):
                found.append(writer.write(migration))
                tell(found[-1])
            trunk.advance(writer.piece(_alone(migration)))
    return tuple(found)


def write_from_text(project: Project, migration: Migration, why: str) -> Written:
    """The rollback as far as the migration's text alone tells it, where no server can try it; ``why`` it cannot."""
    path = path_of(project, migration)
    inverses = derive_from_text(migration.script.statements)
    whole = together(inverses)
    if not whole.possible:
        return Written(migration, Outcome.UNKNOWN, path, reason=f"{why}; {whole.reason}")
    body = reversible(migration.script, inverses, (), migration.version)
    note = f"-- Derived from the text of the migration alone, and not proved: {' '.join(why.split())}."
    body = replace(body, undo=f"{note}\n-- lockgate test proves it.\n\n{body.undo}")
    draft = _draft(project, migration, path, body.directives)
    text = rollback_text(draft, {"undo": body.undo, "undone": body.verification})
    return Written(migration, Outcome.FROM_TEXT, path, text, reason=why)


def _refuse_existing(wanted: Sequence[Migration], order: Order) -> None:
    for migration in wanted:
        if not order.force and not is_blank(migration.rollback):
            assert migration.rollback is not None
            raise UsageError(
                f"{migration} has a rollback already: {migration.rollback.label}",
                state="nothing was written",
                next_steps=[f"lockgate rollback write {migration.version} --force   writes over it"],
            )


def _alone(migration: Migration) -> Migration:
    return replace(migration, back=None)


@dataclass(frozen=True, slots=True)
class _Derived:
    """The inverses of a migration's segments, and the schemas around the whole."""

    inverses: tuple[Inverse, ...]
    before: Snapshot
    after: Snapshot


class _NotAppliedError(Exception):
    """The migration fails on the throwaway server; ``lacking`` tells that it is for what the server does not have."""

    def __init__(self, message: str, *, lacking: bool = False) -> None:
        super().__init__(message)
        self.lacking = lacking


@dataclass(frozen=True, slots=True)
class _Writer:
    ground: Ground
    trunk: Trunk
    project: Project
    order: Order

    def piece(self, migration: Migration) -> Piece:
        """A migration of the project, with whatever rollback, ready to be played."""
        earlier = [one for one in self.project.migrations if one.version < migration.version]
        return prepare(migration, self.ground, earlier)

    def write(self, migration: Migration) -> Written:
        """Derive, prove, complete where something is missing, prove again."""
        path = path_of(self.project, migration)
        piece = self.piece(_alone(migration))
        try:
            derived = self._derive(piece)
        except _NotAppliedError as error:
            if error.lacking:
                return write_from_text(self.project, migration, str(error))
            return Written(migration, Outcome.NOT_APPLIED, path, reason=str(error))
        whole = together(derived.inverses)
        if not whole.possible:
            return self._without(migration, path, whole.reason or "no way back is known")
        return self._proved(migration, path, derived)

    def _derive(self, piece: Piece) -> _Derived:
        self.trunk.let_go()
        shared = SharedThings(self.ground) if piece.is_shared else None
        try:
            with self.ground.throwaway(self.trunk.bare) as name, self.ground.as_owner(name) as owner:
                return _run(owner, piece, self.order.policy)
        finally:
            if shared is not None:
                shared.restore()

    def _proved(self, migration: Migration, path: Path, derived: _Derived) -> Written:
        inverses = derived.inverses
        text, proof = self._try(migration, path, derived, inverses)
        if proof.rollback is Rollback.DIFFERS:
            missing = self._missing(migration, text)
            if missing:
                inverses = (Inverse(missing, statements=()), *inverses)
                text, proof = self._try(migration, path, derived, inverses)
        if proof.rollback is Rollback.EXACT and proof.data_restored is not False:
            kept = tuple(keep.what for one in inverses for keep in one.keeps)
            remarks = tuple(remark for one in inverses for remark in one.remarks)
            return Written(migration, Outcome.EXACT, path, text, kept=kept, remarks=remarks)
        return self._without(migration, path, _why_not(proof), attempt=text)

    def _try(
        self, migration: Migration, path: Path, derived: _Derived, inverses: tuple[Inverse, ...]
    ) -> tuple[str, Proof]:
        whole = with_checks(together(inverses), derived.before, derived.after)
        body = reversible(migration.script, inverses, whole.checks, migration.version)
        later = "".join(f"\n\n{sql};" for sql in self.order.besides.get(migration.version, ()))
        body = replace(body, verification=f"{body.verification}{later}")
        text = self._text(migration, path, body)
        with _candidate(migration, text) as made:
            return text, prove(self.trunk, self.piece(made)).proof

    def _missing(self, migration: Migration, text: str) -> tuple[str, ...]:
        """What still differs after a rollback, as SQL."""
        self.trunk.let_go()
        with (
            _candidate(migration, text) as made,
            self.ground.throwaway(self.trunk.bare) as name,
            self.ground.as_owner(name) as owner,
        ):
            piece = self.piece(made)
            before = read(owner, _SCOPE, often=True)
            played = [play(owner, score) for score in (piece.forth, piece.back) if score is not None]
            if not all(one.ok for one in played):
                return ()
            return as_sql(diff(read(owner, _SCOPE, often=True), before))

    def _without(self, migration: Migration, path: Path, reason: str, attempt: str = "") -> Written:
        body = irreversible(reason, RESTORE_POINT)
        if attempt:
            tried = "\n".join(f"-- {line}".rstrip() for line in attempt.splitlines())
            note = "-- What was derived, and does not bring everything back; a person may complete it:"
            body = replace(body, undo=f"{body.undo}\n\n{note}\n--\n{tried}")
        text = self._text(migration, path, body)
        return Written(migration, Outcome.IRREVERSIBLE, path, text, reason=reason)

    def _text(self, migration: Migration, path: Path, body: RollbackBody) -> str:
        draft = _draft(self.project, migration, path, body.directives)
        return rollback_text(draft, {"undo": body.undo, "undone": body.verification})


def _why_not(proof: Proof) -> str:
    if proof.rollback is Rollback.FAILED:
        return f"what was derived fails: {proof.rollback_error}"
    return f"what was derived leaves a difference: {'; '.join(proof.differences[:3]) or 'unknown'}"


def _run(owner: psycopg.Connection[Any], piece: Piece, policy: Policy) -> _Derived:
    """Run a migration statement by statement, reading the schema at the end of every segment."""
    plan = piece.forth.plan
    if plan is None:
        assert piece.forth.refusal is not None
        raise _NotAppliedError(str(piece.forth.refusal))
    statements = piece.migration.script.statements
    (path,) = owner.execute("SELECT current_schemas(false)::text[]").fetchone() or ((),)
    paths = search_paths(statements, tuple(path))
    chunked = {found.statement for found in piece.migration.directives.of(Backfill)}
    parts = {part.statements[-1].index: part for part in segments(statements)}
    first = before = read(owner, _SCOPE, often=True)
    inverses = []
    for part in _played(owner, piece.forth, parts):
        after = read(owner, _SCOPE, often=True)
        index = part.statements[0].index
        setting = Setting(piece.version, paths[index], policy, index in chunked)
        inverses.append(derive(part.statements, before, after, setting, first))
        before = after
    return _Derived(tuple(inverses), first, before)


def _played(owner: psycopg.Connection[Any], score: Score, parts: dict[int, Segment]) -> Iterator[Segment]:
    """Run the steps as the engine would, and stop after the last statement of every segment."""
    assert score.plan is not None
    for group in transaction_groups(score.plan.steps):
        alone = group[0].transaction is None
        if not alone:
            owner.execute("BEGIN")
        for step in group:
            try:
                for sql in step.sql:
                    owner.execute(sql)
            except psycopg.Error as error:
                line = score.file.script.statements[step.statements[0]].line
                lacking = isinstance(error, psycopg.errors.FeatureNotSupported) and "not available" in str(
                    error
                )
                raise _NotAppliedError(f"line {line}: {message_of(error)}", lacking=lacking) from error
            if step.statements[-1] in parts:
                yield parts[step.statements[-1]]
        if not alone:
            try:
                owner.execute("COMMIT")
            except psycopg.Error as error:
                raise _NotAppliedError(message_of(error)) from error


class _candidate:  # noqa: N801 - it reads as a word of the with statement
    """A migration with a rollback that is not written yet."""

    def __init__(self, migration: Migration, text: str) -> None:
        self._migration, self._text = migration, text
        self._folder = tempfile.TemporaryDirectory(prefix="lockgate-rollback-")

    def __enter__(self) -> Migration:
        file = Path(self._folder.name) / f"{self._migration.version}_rollback.sql"
        file.write_text(self._text, "utf-8", newline="\n")
        return replace(self._migration, back=SqlFile(Source(str(file)), file.name))

    def __exit__(self, *exception: object) -> None:
        self._folder.cleanup()


def path_of(project: Project, migration: Migration) -> Path:
    """Where a migration's rollback stands, or is found by its version if it is written there."""
    if migration.back is not None and migration.back.path != migration.path:
        return migration.back.path
    prefix = migration.stem.removesuffix(f"_{migration.name}") if migration.name else migration.version
    if leading_version(prefix) != migration.version:
        prefix = migration.version
    return project.rollbacks / f"{prefix}_rollback.sql"


def _draft(project: Project, migration: Migration, path: Path, directives: tuple[str, ...]) -> Draft:
    index = project.migrations.index(migration)
    moment = timestamp(migration.version) if len(migration.version) == 14 else None
    return Draft(
        version=migration.version,
        title=title_of(migration.name) or migration.stem,
        day=moment.date() if moment else date.fromtimestamp(migration.path.stat().st_mtime),
        author="",
        types=(MigrationType.SCHEMA,),
        description=migration.name or migration.stem,
        migration=migration.label,
        rollback=path.name,
        previous=project.migrations[index - 1].version if index else "0",
        rollback_directives=directives,
    )


def save(written: Sequence[Written]) -> None:
    """Write the files; raises LockgateError when one cannot be written, those before it stay."""
    for one in written:
        if not one.text:
            continue
        try:
            one.path.parent.mkdir(parents=True, exist_ok=True)
            one.path.write_text(one.text, "utf-8", newline="\n")
        except OSError as error:
            raise LockgateError(
                f"{one.path} cannot be written: {error.strerror}", state="the files before it were written"
            ) from error


def keeps_of(written: Written) -> int:
    """How many statements of a migration have something kept for them."""
    return len(kept_in(written.text))

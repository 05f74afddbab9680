"""The parts of a rebuild: make and follow, copy, index, exchange, drop."""

from __future__ import annotations

from typing import Final

from lockgate.catalog.model import Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.errors import UsageError
from lockgate.planning.changes import NOTHING_BACK, Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.rebuild import stored
from lockgate.planning.rebuild.birth import built, created, unbuilt
from lockgate.planning.rebuild.dependents import published_by_schema
from lockgate.planning.rebuild.exchange import exchanged, exchanged_back, forgotten
from lockgate.planning.rebuild.references import pointing_to
from lockgate.planning.rebuild.shape import Shape, obstacles, with_mark
from lockgate.planning.rebuild.twin import Twin
from lockgate.planning.strategies.base import Answer, Question
from lockgate.planning.unseen import RETRIED

_GOES_ALONG: Final = "the copies go with their table, in the rollback before this one"
_ACCEPTS: Final = (
    ("rename-table", "the other table takes the name in the same transaction"),
    ("rename-other-object", "it takes the name that it had on the other table"),
    (
        "statement-while-holding-access-exclusive",
        "each statement of the exchange takes a moment and reads no table",
    ),
    ("drop-view", "the one that took its name reads the table in use"),
    ("drop-table", "everything that was in it is in the table that took its name"),
    ("create-unlogged-table", "that is what was asked for"),
    *(
        (rule, "it is as it was before the exchange")
        for rule in (
            "rls-toggle",
            "create-rule",
            "security-definer-view",
            "replica-identity-change",
            "short-int-primary-key",
        )
    ),
    ("drop-constraint", "the table in use has the same one"),
    *((rule, "the old table follows the one in use") for rule in ("truncate", "delete-without-where")),
    ("rls-enabled-no-policy", "nobody but its owner has to do with it before the exchange"),
    ("add-exclusion-constraint", "the table is empty and in nobody's use"),
    ("fk-missing-index", "the table that it replaces has none either"),
)


def rebuilt(question: Question, change: str, shape: Shape, notes: tuple[str, ...] = ()) -> Answer:
    """The table in another shape, or the statement as it stands with the reasons why that is not possible.

    Raises UsageError where the statement means what no statement of the server does: a table divided that is there.
    """
    snapshot = question.schema()
    table = snapshot.table(*_place(question)) if snapshot else None
    reasons: tuple[str, ...] = ("the schema cannot be read",) if snapshot is None or table is None else ()
    if snapshot is not None and table is not None:
        reasons = obstacles(snapshot, table, shape)
    if snapshot is None or table is None or reasons:
        return _as_it_stands(question, change, reasons)
    if shape.clustered:
        snapshot = with_mark(snapshot, table, shape.clustered)
    return answered(snapshot, table, shape, change, notes)


def answered(snapshot: Snapshot, table: Table, shape: Shape, change: str, notes: tuple[str, ...]) -> Answer:
    """The parts of a rebuild that nothing stands in the way of."""
    twin = Twin(snapshot, table, shape)
    return Answer(change, _parts(twin), (*notes, *_notes(twin)))


def _place(question: Question) -> tuple[str, str]:
    name = question.table.name
    return name.schema or "public", name.name


def _as_it_stands(question: Question, change: str, reasons: tuple[str, ...]) -> Answer:
    name = question.table.name
    part = Part(
        PhaseKind.CONTRACT, change.replace("-", " "), (question.statement.sql,), gate=_STILL.format(name=name)
    )
    why = f"{name} cannot be exchanged for a new table: {'; '.join(reasons)}"
    if question.statement.kind == "CreateStmt":
        raise UsageError(why, next_steps=["take away what stands in the way first, in a migration before it"])
    return Answer(
        change, (part,), (why, "as it stands nobody can read or write the table while it is written anew")
    )


_STILL: Final = "{name} may stand still for as long as it takes to write it anew"


def _parts(twin: Twin) -> tuple[Part, ...]:
    name, follower = twin.table.name, twin.follower(twin.table.name, twin.new)
    return (
        Part(
            PhaseKind.EXPAND,
            f"make {twin.new.name}",
            (*created(twin), *follower.create()),
            (*follower.drop(), f"DROP TABLE {twin.new.sql}"),
            accepts=_ACCEPTS,
        ),
        Part(
            PhaseKind.MIGRATE, f"copy {name.name}", (follower.backfill(),), (NOTHING_BACK,), final=_GOES_ALONG
        ),
        Part(
            PhaseKind.MIGRATE,
            f"index {twin.new.name}",
            built(twin),
            unbuilt(twin) or (NOTHING_BACK,),
            one_by_one=True,
        ),
        Part(
            PhaseKind.CONTRACT,
            f"exchange {name.name}",
            tuple(exchanged(twin)),
            tuple(exchanged_back(twin)),
            gate=twin.shape.retype.gate if twin.shape.retype is not None else None,
            accepts=_ACCEPTS,
        ),
        *stored.parts(twin),
        Part(
            PhaseKind.CONTRACT,
            f"drop {twin.old.name}",
            tuple(forgotten(twin)),
            gate=f"nobody needs to go back to the old {name.name}",
            accepts=_ACCEPTS,
            final="every row is in the table that took its name",
        ),
    )


def _notes(twin: Twin) -> tuple[str, ...]:
    snapshot, table = twin.snapshot, twin.table
    notes = [
        f"{table.name} is locked for the moment of the exchange only; until the last part every write is written twice",
        "the rows take their space a second time until the old table is dropped",
        RETRIED,
    ]
    if any(not item.inherited for item in snapshot.triggers_of(table.name)):
        notes.append("triggers fire on the table that is in use, and not for the copies")
    if pointing_to(snapshot, table):
        notes.append(
            "tables that refer to it are locked in that moment, too; their second key is checked at COMMIT"
        )
    notes += [
        f"{view.name} reads the old table until its successor is filled, and takes its space a second time"
        for view in stored.of_table(twin)
    ]
    return tuple(notes) + tuple(
        f"publication {publication} takes every new table: its subscribers need one of that name, too"
        for publication in published_by_schema(snapshot, table)
    )

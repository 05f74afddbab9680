"""A live schema as the analysis takes it: one file that makes all of it, replayed before the pending migrations.

The state under examination must be able to grow, because the pending migrations are replayed on top of what is there.
So the snapshot of a target becomes SQL, by the writer whose output is proved on real servers, rather than a second
kind of state; what no SQL can say is put right afterwards.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from lockgate.analysis.source import Source
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Constraint, Index, Relation
from lockgate.catalog.compare import diff
from lockgate.catalog.model import Routine
from lockgate.catalog.script.write import as_sql
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.parse import parse
from lockgate.values import replace


def live_source(snapshot: Snapshot, file: str) -> Source:
    """The schema of a database as the first file of a history; ``file`` is how reports call it.

    Read the snapshot with the platform's schemas, so that the real tables stand in for those that are assumed, and
    with the members of extensions, so that their functions are known.
    """
    statements = [
        *as_sql(diff(Snapshot(major=snapshot.major), snapshot)),
        *_functions_of_extensions(snapshot),
    ]
    script = parse(";\n".join(statements))
    return Source(file, script, no_transaction=True, correct=functools.partial(_correct, snapshot))


def _functions_of_extensions(snapshot: Snapshot) -> Iterator[str]:
    """Functions that CREATE EXTENSION brings along; whether they are volatile decides about rewrites."""
    for routine in snapshot.of_type(Routine):
        if routine.extension:
            yield routine.definition


def _correct(snapshot: Snapshot, state: Catalog) -> None:
    """Give indexes and constraints the validity that they have; forget indexes that attaching would have made."""
    for relation in tuple(state.relations()):
        if relation.name not in snapshot.relations:
            continue
        indexes = tuple(_indexes(snapshot, relation))
        constraints = tuple(_with_validity(snapshot, relation, found) for found in relation.constraints)
        if (indexes, constraints) != (relation.indexes, relation.constraints):
            state.change(relation.name, indexes=indexes, constraints=constraints)


def _indexes(snapshot: Snapshot, relation: Relation) -> Iterator[Index]:
    there = {index.name: index for index in snapshot.indexes_of(relation.name)}
    for index in relation.indexes:
        real = there.get(index.name)
        if real is not None:
            yield replace(index, valid=real.valid, parent=real.parent)


def _with_validity(snapshot: Snapshot, relation: Relation, constraint: Constraint) -> Constraint:
    """A constraint as the server has it; a name that the replay invented keeps what the replay knows."""
    if constraint.kind == "not null":
        return constraint
    for real in snapshot.constraints_of(relation.name):
        if real.constraint == constraint.name:
            return replace(constraint, valid=real.validated, enforced=real.enforced)
    return constraint

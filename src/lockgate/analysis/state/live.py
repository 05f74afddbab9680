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
from lockgate.analysis.state.indexes import read_index
from lockgate.analysis.state.replay import replay
from lockgate.analysis.view import Constraint, Index, Relation
from lockgate.catalog.compare import diff
from lockgate.catalog.model import Routine
from lockgate.catalog.script.write import as_sql
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import parse, parse_one
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
    """Put right what SQL cannot say, and what the replay of it does not follow."""
    for relation in tuple(state.relations()):
        if relation.name in snapshot.relations:
            _add_what_followed(snapshot, state, relation)
            _set_facts(snapshot, state, state.known(relation.name))


def _add_what_followed(snapshot: Snapshot, state: Catalog, relation: Relation) -> None:
    """Columns that came from a type (OF), and row triggers that a partition got from its parent."""
    table, there = snapshot.tables.get(relation.name), {trigger.name for trigger in relation.triggers}
    for column in table.columns if table is not None and table.of_type else ():
        if relation.column(column.column) is None:
            _run(state, f"ALTER TABLE {relation.name.sql} ADD COLUMN {quote(column.column)} {column.type}")
    for trigger in snapshot.triggers_of(relation.name):
        if trigger.address.part not in there and not trigger.definition.startswith("CREATE CONSTRAINT"):
            _run(state, trigger.definition)


def _run(state: Catalog, sql: str) -> None:
    statement = parse_one(sql)
    replay(state, statement.kind, statement.tree)


def _set_facts(snapshot: Snapshot, state: Catalog, relation: Relation) -> None:
    """The validity of indexes and constraints; indexes that attaching would have made are forgotten."""
    indexes = tuple(_indexes(snapshot, state, relation))
    constraints = tuple(_as_it_is(snapshot, relation, found) for found in relation.constraints)
    if (indexes, constraints) != (relation.indexes, relation.constraints):
        state.change(relation.name, indexes=indexes, constraints=constraints)


def _indexes(snapshot: Snapshot, state: Catalog, relation: Relation) -> Iterator[Index]:
    there = {index.name: index for index in snapshot.indexes_of(relation.name)}
    for index in relation.indexes:
        real = there.get(index.name)
        if real is None:
            continue
        if index.method != "btree" and index.constraint:  # EXCLUDE says more than its constraint is read for
            index = replace(
                read_index(state, parse_one(real.definition).tree),
                constraint=index.constraint,
                name=index.name,
            )
        yield replace(index, valid=real.valid, parent=real.parent)


def _as_it_is(snapshot: Snapshot, relation: Relation, constraint: Constraint) -> Constraint:
    """A constraint with the validity it has; a name that the replay invented keeps what the replay knows."""
    if constraint.kind == "not null":
        return constraint
    for real in snapshot.constraints_of(relation.name):
        if real.constraint == constraint.name:
            columns = real.columns if constraint.kind == "exclude" else constraint.columns
            return replace(constraint, valid=real.validated, enforced=real.enforced, columns=columns)
    return constraint

"""NOT NULL: when every row is read for it, and when a valid check spares the reading."""

from __future__ import annotations

from lockgate.analysis.locks.alter.work import Alteration, Work, stored
from lockgate.analysis.locks.expressions import is_not_null, proves_not_null
from lockgate.analysis.view import Constraint
from lockgate.sql.parse import Node


def drop_not_null(alteration: Alteration, command: Node) -> None:
    """DROP NOT NULL; from 18 on children are only asked when there is a constraint to drop."""
    relation = alteration.relation
    column = relation.column(command["name"])
    alteration.nullable.add(command["name"])
    if alteration.scene.major < 18 or relation.partial or (column and column.not_null):
        alteration.reach()
    else:
        alteration.own()


def set_not_null(alteration: Alteration, command: Node) -> None:
    """SET NOT NULL: every row is read unless a valid check says the same already."""
    for work in stored(alteration.reach()):
        require(alteration, work, command["name"])


def require(alteration: Alteration, work: Work, column: str) -> None:
    """Have a column proved NOT NULL in one table."""
    stands = is_not_null(work.relation, column) and column not in alteration.nullable
    if stands or column in alteration.added:
        return
    known = [
        constraint for constraint in work.relation.constraints if constraint.name not in alteration.dropped
    ]
    if proves_not_null(known, column):
        alteration.ledger.because(f"A valid check says already that {column} is not NULL.")
        return
    work.scan = True
    alteration.ledger.because(f"Every row is read to see that {column} is not NULL.")


def not_null_constraint(alteration: Alteration, constraint: Constraint) -> None:
    """ADD CONSTRAINT … NOT NULL (18): as SET NOT NULL, but it may wait for VALIDATE."""
    works = alteration.reach() if not constraint.no_inherit else [alteration.own()]
    for work in stored(works):
        if constraint.valid:
            require(alteration, work, constraint.columns[0])

"""Whether the parts of a proposal leave what the statement as it was written leaves.

What a rule advises may be less than was asked for: a plain column for a generated one, a second column for a rename.
Both are replayed on the schema that the statement meets, and what they make of its relations is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import type_sql
from lockgate.analysis.state.replay import replay
from lockgate.analysis.view import Column, Constraint, Relation
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Statement, parse

Shape = dict[QualifiedName, Relation]


def shortfalls(state: Catalog, statement: Statement, parts: Iterable[str]) -> tuple[str, ...]:
    """What the statement makes of the schema and the parts do not, in words; empty where both come to the same."""
    asked = _after(state, (statement,))
    given = _after(state, (one for sql in parts for one in parse(sql).statements))
    return tuple(dict.fromkeys(_differences(asked, given)))


def _after(state: Catalog, statements: Iterable[Statement]) -> Shape:
    mark = state.log.mark()
    for statement in statements:
        replay(state, statement.kind, statement.tree)
    found = {relation.name: relation for relation in state.relations()}
    state.log.undo_to(mark)
    return found


def _differences(asked: Shape, given: Shape) -> Iterator[str]:
    for name in asked.keys() - given.keys():
        yield f"there is no {name}"
    for name in given.keys() - asked.keys():
        if given[name].kind != "sequence":
            yield f"{name} stays"
    for name in asked.keys() & given.keys():
        if asked[name] is not given[name]:
            yield from _of_relation(asked[name], given[name])


def _of_relation(asked: Relation, given: Relation) -> Iterator[str]:
    for column in asked.columns:
        other = given.column(column.name)
        if other is None:
            yield f"{asked.name} has no column {column.name}"
        else:
            yield from (f"{asked.name}.{column.name} {words}" for words in _of_column(column, other))
    for column in given.columns:
        if asked.column(column.name) is None:
            yield f"{asked.name} has the column {column.name}"
    for constraint in asked.constraints:
        if constraint.kind != "not null" and not any(_same(constraint, one) for one in given.constraints):
            yield f"{asked.name} has no constraint {constraint.name} as it was written"


def _of_column(asked: Column, given: Column) -> Iterator[str]:
    if asked.type != given.type:
        yield f"is {type_sql(given.type)}, not {type_sql(asked.type)}"
    if asked.generated != given.generated:
        yield f"is {given.generated or 'not'} generated"
    if asked.identity and not given.identity:
        yield "is no identity"
    if asked.not_null and not given.not_null:
        yield "is not required"
    if asked.default is not None and given.default is None:
        yield "has no default"


def _same(one: Constraint, other: Constraint) -> bool:
    return (one.name, one.kind, one.columns, one.references, one.deferrable) == (
        other.name,
        other.kind,
        other.columns,
        other.references,
        other.deferrable,
    )

"""Replace an index by another one without a moment in which queries have neither.

The new one is built under another name while reads and writes go on. Then the old one is dropped, concurrently too, and
the new one takes its name. That of a partitioned table is made over no rows, those of its partitions concurrently, one
by one, and attached; then the old one goes and the names change in one short transaction.
"""

from __future__ import annotations

from typing import Final

from lockgate.analysis.state.indexes import read_index
from lockgate.analysis.state.names import object_name
from lockgate.analysis.view import Index
from lockgate.planning.changes import Part
from lockgate.planning.constraints import built_again
from lockgate.planning.partitioned_index import replacement
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import Statement, deparse


def plan(question: Question) -> Answer | None:
    """Build, drop, rename; None when the file builds nothing in its place."""
    tree = question.statement.tree
    old = question.state.index(*object_name(tree["objects"][0]))
    if old is None or len(tree["objects"]) != 1 or old.constraint or question.table.kind not in _TABLES:
        return None
    found = next(((n, s) for n, s in enumerate(question.rest) if _succeeds(s, question, old)), None)
    if found is None:
        return None
    number, statement = found
    whole = question.table.kind == "partitioned table"
    parts = _over_partitions(question, statement, old) if whole else _parts(question, statement, old)
    return Answer(f"replace-{old.name.name}", parts, taken=(number,)) if parts else None


_TABLES: Final = ("table", "partitioned table")


def _over_partitions(question: Question, statement: Statement, old: Index) -> tuple[Part, ...]:
    snapshot, new = question.schema(), read_index(question.state, statement.tree)
    if snapshot is None:
        return ()
    columns = (*(key.column or "expr" for key in new.keys), *new.include)
    found = replacement(snapshot, old.name, statement.tree, new.name.name, columns)
    return found.parts() if found is not None else ()


def _succeeds(statement: Statement, question: Question, old: Index) -> bool:
    if statement.kind != "IndexStmt":
        return False
    new = read_index(question.state, statement.tree)
    return new.table == old.table and (new.name == old.name or new.keys[:1] == old.keys[:1])


def _parts(question: Question, statement: Statement, old: Index) -> tuple[Part, ...]:
    name = statement.tree.get("idxname") or read_index(question.state, statement.tree).name.name
    same = name == old.name.name
    first = derived_name(name, suffix="_new") if same else name
    kept = {key: value for key, value in statement.tree.items() if key != "if_not_exists"}
    build = deparse({"IndexStmt": {**kept, "idxname": first, "concurrent": True}})
    made, final = (QualifiedName(old.name.schema, one) for one in (first, name))
    take = (f"ALTER INDEX {made.sql} RENAME TO {quote(name)}",) if same else ()
    give = (f"ALTER INDEX {final.sql} RENAME TO {quote(first)}",) if same else ()
    return (
        Part(
            PhaseKind.MIGRATE,
            f"build {first}",
            (build,),
            (f"DROP INDEX CONCURRENTLY {made.sql}",),
            one_by_one=True,
            accepts=tuple(
                (rule, "it takes the place of the other one")
                for rule in ("redundant-prefix-index", "duplicate-index")
            ),
        ),
        Part(
            PhaseKind.CONTRACT,
            f"replace index {old.name.name}",
            (f"DROP INDEX CONCURRENTLY {old.name.sql}", *take),
            (*give, built_again(question, old)),
            one_by_one=True,
            accepts=tuple(
                (rule, "its successor is there already")
                for rule in ("drop-index-query-regression", "rename-other-object")
            ),
        ),
    )


STRATEGY = Strategy(
    "replace-index",
    ("DropStmt/OBJECT_INDEX",),
    plan,
    __doc__ or "",
    "DROP INDEX users_first_name; CREATE INDEX users_first_name ON users (first_name, nickname)",
)

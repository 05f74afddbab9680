"""Replace an index by another one without a moment in which queries have neither.

The new one is built under another name while reads and writes go on. Then the old one is dropped, concurrently too, and
the new one takes its name.
"""

from __future__ import annotations

from lockgate.analysis.state.indexes import read_index
from lockgate.analysis.state.names import object_name
from lockgate.analysis.view import Index
from lockgate.planning.changes import Part
from lockgate.planning.constraints import built_again
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import Statement, deparse


def plan(question: Question) -> Answer | None:
    """Build, drop, rename; None when the file builds nothing in its place."""
    tree = question.statement.tree
    old = question.state.index(*object_name(tree["objects"][0]))
    if old is None or len(tree["objects"]) != 1 or old.constraint or question.table.kind != "table":
        return None
    found = next(((n, s) for n, s in enumerate(question.rest) if _succeeds(s, question, old)), None)
    if found is None:
        return None
    number, statement = found
    return Answer(f"replace-{old.name.name}", _parts(question, statement, old), taken=(number,))


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

"""Drop a table in two steps: out of the way first, gone later.

Renaming takes a moment and is undone in a moment. What still uses the table shows itself while its rows are still
there. A partition is detached instead, concurrently where that is possible: dropped where it is, it would stop every
query of its parent. What the server would not leave without the table stops the change and is named; with CASCADE it
goes along.
"""

from __future__ import annotations

from dataclasses import replace

from lockgate.planning.changes import KEEPABLE, Part
from lockgate.planning.needed import refuse_needed, users_of_table
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies import detach_partition
from lockgate.planning.strategies.base import NOT_MISSED, Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import parse_one


def plan(question: Question) -> Answer | None:
    """Out of the way, wait, drop; None for what no table is."""
    tree, table = question.statement.tree, question.table
    if len(tree["objects"]) != 1 or table.kind not in ("table", "partitioned table"):
        return None
    cascade = " CASCADE" if tree.get("behavior") == "DROP_CASCADE" else ""
    users = users_of_table(question)
    if not cascade:
        refuse_needed(question, str(table.name), users)
    detached = _detached(question)
    parts = detached.parts if detached is not None else (_put_aside(table.name),)
    aside = table.name if detached is not None else _aside(table.name)
    gone = Part(
        PhaseKind.CONTRACT,
        f"drop {table.name.name}",
        (f"DROP TABLE {aside.sql}{cascade}",),
        gate=NOT_MISSED.format(what=table.name.name),
        final=KEEPABLE,
        accepts=(("drop-cascade", "the plan names what goes along"),),
    )
    notes = [f"the rows of {aside.name} are kept in a side table when the last file drops it"]
    if users:
        notes.append(f"{', '.join(one.words for one in users)}: CASCADE takes them along")
    told = detached.notes if detached is not None else ()
    return Answer(f"drop-{table.name.name}", (*parts, gone), (*notes, *told))


def _aside(name: QualifiedName) -> QualifiedName:
    return QualifiedName(name.schema, derived_name(name.name, suffix="_to_be_dropped"))


def _put_aside(name: QualifiedName) -> Part:
    aside = _aside(name)
    return Part(
        PhaseKind.CONTRACT,
        f"put {name.name} aside",
        (f"ALTER TABLE {name.sql} RENAME TO {quote(aside.name)}",),
        (f"ALTER TABLE {aside.sql} RENAME TO {quote(name.name)}",),
        gate=f"no running application uses {name.name}",
    )


def _detached(question: Question) -> Answer | None:
    """How a partition gets out of the way: dropping it where it is would stop every query of its parent."""
    if not question.table.is_partition:
        return None
    parent = question.state.known(question.table.parents[0])
    statement = parse_one(f"ALTER TABLE {parent.name.sql} DETACH PARTITION {question.table.name.sql}")
    command = statement.tree["cmds"][0]["AlterTableCmd"]
    return detach_partition.plan(replace(question, statement=statement, table=parent, command=command))


STRATEGY = Strategy("drop-table", ("DropStmt/OBJECT_TABLE",), plan, __doc__ or "", "drop logs")

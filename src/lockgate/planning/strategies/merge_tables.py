"""Merge a table into another one that has a row for each of its rows, while the old and the new application write.

The columns come to the other table, and triggers on both carry each write over within the same transaction, by value:
whichever table was written tells the other. A backfill brings over the rows that were there. The columns get their
checks, references and indexes while reads and writes go on. When nothing uses the merged table any more it is put
aside, still in step, so that going back takes a moment, and dropped later. Who may read the other table may read the
columns too from the first part on: where fewer may read the merged one, a gate stands before it.
"""

from __future__ import annotations

from lockgate.errors import UsageError
from lockgate.planning.reshape.facts import schema_of
from lockgate.planning.reshape.merge_tables import merge
from lockgate.planning.reshape.words import named
from lockgate.planning.strategies.base import Answer, Question, Strategy


def plan(question: Question) -> Answer | None:
    """Two tables in step until the one goes."""
    wish = question.wish
    if wish is None:
        return None
    other = question.state.relation(*named(wish.other))
    if other is None:
        raise UsageError(f"no table {wish.other} is known")
    return merge(schema_of(question, "a merge"), question.table.name, other.name, wish)


STRATEGY = Strategy("merge-tables", ("merge-tables",), plan, __doc__ or "", "merge profiles into users")

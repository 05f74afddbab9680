"""Move a column to another table, while the old and the new application write.

Triggers on both tables carry each write over within the same transaction: the table that was written tells the other
one, which sees by the value that there is nothing left to do. A backfill brings the rows over that were there. When
nothing uses the old column any more it is put aside, still in step, and dropped later.
"""

from __future__ import annotations

from lockgate.errors import UsageError
from lockgate.planning.reshape.tables import move
from lockgate.planning.reshape.words import named
from lockgate.planning.strategies.base import Answer, Question, Strategy


def plan(question: Question) -> Answer | None:
    """Two columns in two tables in step until the old one goes."""
    if question.wish is None:
        return None
    other = question.state.relation(*named(question.wish.other))
    if other is None:
        raise UsageError(f"no table {question.wish.other} is known")
    return move(question.wish, question.table, other, question.state)


STRATEGY = Strategy(
    "move-column",
    ("move",),
    plan,
    __doc__ or "",
    "move users.email to profiles.email on profiles.user_id = users.id",
)

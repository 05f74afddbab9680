"""Split a column into several, while the old and the new application write.

The new columns come beside the old one, a trigger keeps both sides in step, and a backfill fills the rows that were
there. How each is computed from the other is yours to say (``using`` and ``back``); for a JSON column it follows from
the names. When nothing uses the old column any more it is put aside, still in step, so that going back takes a moment,
and dropped later.
"""

from __future__ import annotations

from lockgate.planning.reshape.columns import reshape
from lockgate.planning.strategies.base import Answer, Question, Strategy


def plan(question: Question) -> Answer | None:
    """Two groups of columns in step until the old one goes."""
    return reshape(question.wish, question.table, question.state) if question.wish else None


STRATEGY = Strategy(
    "split-column",
    ("split",),
    plan,
    __doc__ or "",
    "split users.first_name into given_name text, middle_name text"
    " using split_part(first_name, ' ', 1), nullif(substr(first_name, strpos(first_name || ' ', ' ') + 1), '')"
    " back concat_ws(' ', given_name, middle_name)",
)

"""Split a table into two with the same key, while the old and the new application write.

The new table has the primary key of the first and some of its columns, with their defaults, constraints and indexes,
and the privileges and row-level security of the first. Triggers on both carry each write over within the same
transaction, by value: whichever table was written tells the other. A row of the first brings its partner along, which
gives way when the new application inserts one itself. A backfill brings over the rows that were there. When nothing
uses the columns in their old place they are dropped there; every value is in the new table, from which the way back
fills them again.
"""

from __future__ import annotations

from lockgate.errors import UsageError
from lockgate.planning.reshape.facts import schema_of
from lockgate.planning.reshape.split_table import split
from lockgate.planning.reshape.words import named
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName


def plan(question: Question) -> Answer | None:
    """Two tables in step until the columns of the first go."""
    wish, table = question.wish, question.table
    if wish is None:
        return None
    first, (schema, name) = named(wish.other), named(wish.new)
    if first[1] != table.name.name:
        raise UsageError(
            f"{wish.table} would not be left",
            why="the first table of a split is the one that is split, under its name",
            next_steps=[f'lockgate plan "split {wish.table} into {wish.table}, {wish.new} (…)"'],
        )
    new = QualifiedName(schema or table.name.schema, name)
    return split(schema_of(question, "a split"), table.name, new, wish.columns)


STRATEGY = Strategy(
    "split-table",
    ("split-table",),
    plan,
    __doc__ or "",
    "split users into users, user_names (first_name, nickname)",
)

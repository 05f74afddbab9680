"""Changes said in a few words: ``rename users.first_name to given_name`` becomes the statement that it means."""

from __future__ import annotations

import difflib
import re
from typing import Final

from lockgate.planning.reshape.words import FORMS, unquoted
from lockgate.sql.identifiers import quote

_NAME: Final = r"(?:\"(?:[^\"]|\"\")+\"|[\w$]+)"
_TABLE: Final = rf"(?P<table>{_NAME}(?:\.{_NAME})?)"
_COLUMN: Final = rf"(?P<table>{_NAME}(?:\.{_NAME})?)\.(?P<column>{_NAME})"

_PERIODS: Final = (
    rf"partition {_TABLE} by range \((?P<column>{_NAME})\) every (?P<every>year|month|day)"
    r" from '?(?P<start>[\d-]+)'? to '?(?P<end>[\d-]+)'?"
)
_PARTITIONED: Final = (
    "CREATE TABLE {table} (LIKE {table}) PARTITION BY RANGE ({column})"
    " WITH (every = {every}, start = '{start}', \"end\" = '{end}')"
)

INTENTS: Final = (
    (
        "rename TABLE.COLUMN to NAME",
        rf"rename {_COLUMN} to (?P<new>{_NAME})",
        "ALTER TABLE {table} RENAME COLUMN {column} TO {new}",
    ),
    ("rename TABLE to NAME", rf"rename {_TABLE} to (?P<new>{_NAME})", "ALTER TABLE {table} RENAME TO {new}"),
    (
        "change TABLE.COLUMN to TYPE",
        rf"change {_COLUMN} to (?P<type>.+)",
        "ALTER TABLE {table} ALTER COLUMN {column} TYPE {type}",
    ),
    ("require TABLE.COLUMN", rf"require {_COLUMN}", "ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"),
    ("drop TABLE.COLUMN", rf"drop {_COLUMN}", "ALTER TABLE {table} DROP COLUMN {column}"),
    ("drop TABLE", rf"drop {_TABLE}", "DROP TABLE {table}"),
    ("index TABLE (COLUMNS)", rf"index {_TABLE} ?\((?P<columns>.+)\)", "CREATE INDEX ON {table} ({columns})"),
    ("partition TABLE by range (COLUMN) every month|year|day from DATE to DATE", _PERIODS, _PARTITIONED),
    (
        "partition TABLE by hash (COLUMN) into NUMBER",
        rf"partition {_TABLE} by hash \((?P<column>{_NAME})\) into (?P<count>\d+)",
        "CREATE TABLE {table} (LIKE {table}) PARTITION BY HASH ({column}) WITH (parts = {count})",
    ),
    (
        "unique TABLE (COLUMNS)",
        rf"unique {_TABLE} ?\((?P<columns>.+)\)",
        "ALTER TABLE {table} ADD UNIQUE ({columns})",
    ),
)
"""How each is said, how it is recognised, and the statement that it means."""


_NAMES: Final = ("table", "column", "new")


def statements_of(text: str) -> tuple[str, ...]:
    """The statements that an intent may mean, the likeliest first; none when the text is not one.

    ``drop public.users`` may be about a column of a table or about a table of a schema.
    """
    words = " ".join(text.split()).removesuffix(";").rstrip()
    matches = ((re.fullmatch(pattern, words, re.IGNORECASE), template) for _, pattern, template in INTENTS)
    return tuple(
        template.format(**{key: _named(key, value) for key, value in match.groupdict().items()})
        for match, template in matches
        if match is not None
    )


def statement_of(text: str) -> str | None:
    """The statement that an intent means first of all, or None when the text is not one."""
    return next(iter(statements_of(text)), None)


def usages_like(text: str) -> tuple[str, ...]:
    """How those intents are said that begin like some words; all of them when none does."""
    first = text.split()[0].lower() if text.split() else ""
    known = [usage for usage, _, _ in INTENTS] + [usage for _, usage, _ in FORMS]
    words = sorted({usage.split()[0] for usage in known})
    close = difflib.get_close_matches(first, words, n=1, cutoff=0.7)
    return tuple(usage for usage in known if not close or usage.split()[0] == close[0])


def _named(key: str, value: str) -> str:
    """A name as SQL takes it, also where it is a reserved word; other parts as they are."""
    return ".".join(quote(unquoted(part)) for part in re.findall(_NAME, value)) if key in _NAMES else value

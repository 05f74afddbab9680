"""Changes said in a few words: ``rename users.first_name to given_name`` becomes the statement that it means."""

from __future__ import annotations

import re
from typing import Final

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
        rf"change {_COLUMN} to (?P<new>.+)",
        "ALTER TABLE {table} ALTER COLUMN {column} TYPE {new}",
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


def statement_of(text: str) -> str | None:
    """The statement that an intent means, or None when the text is not one."""
    words = " ".join(text.split())
    for _, pattern, template in INTENTS:
        match = re.fullmatch(pattern, words, re.IGNORECASE)
        if match is not None:
            return template.format(**match.groupdict())
    return None

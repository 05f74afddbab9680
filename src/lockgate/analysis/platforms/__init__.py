"""What a platform has before the first migration: the objects that migrations refer to, and default privileges."""

from __future__ import annotations

import functools
from pathlib import Path

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.sql.parse import Statement, parse


def begin_platform(catalog: Catalog, platform: str) -> None:
    """Give an empty catalog what the platform provides; plain PostgreSQL provides nothing."""
    if platform == "postgres":
        return
    for statement in _statements(platform):
        replay(catalog, statement.kind, statement.tree)


@functools.cache
def _statements(platform: str) -> tuple[Statement, ...]:
    """The objects of a platform; a part of what ``lockgate.local`` builds, and a test says that they agree."""
    text = Path(__file__).with_name(f"{platform}.sql").read_text("utf-8")
    return parse(text).statements

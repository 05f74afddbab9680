"""The SQL of a version: its schema, its views, who may use them, and how it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lockgate.planning.versions.naming import mark
from lockgate.planning.versions.promises import Shown
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.sql.queries import read


def make(schema: str, behind: str, version: str, shown: Sequence[Shown]) -> tuple[str, ...]:
    """The statements that make the schema of a version of ``behind`` with all its views; for one transaction."""
    return (
        f"CREATE SCHEMA {quote(schema)}",
        f"COMMENT ON SCHEMA {quote(schema)} IS {literal(mark(behind, version))}",
        *show(schema, behind, shown),
    )


def unmake(schema: str, shown: Sequence[Shown]) -> tuple[str, ...]:
    """The statements that take it away, view by view: what somebody put there besides stops them."""
    return (*hide(schema, shown), f"DROP SCHEMA {quote(schema)}")


def show(schema: str, behind: str, shown: Sequence[Shown]) -> tuple[str, ...]:
    """The statements that make some views of a version, with the rights and comments of what is behind them."""
    if not shown:
        return ()
    return (*(_view(schema, one) for one in shown), _rights(schema, behind, shown))


def hide(schema: str, shown: Sequence[Shown]) -> tuple[str, ...]:
    """The statements that take some of them away."""
    return tuple(f"DROP VIEW {QualifiedName(schema, one.name).sql}" for one in reversed(shown))


def unused(schema: str) -> str:
    """A statement that fails as long as a role or the database is set to the schema, and names them."""
    return _filled("unused", schema=literal(schema))


def _view(schema: str, shown: Shown) -> str:
    columns = ", ".join(
        quote(cell.name) if cell.name == name else f"{quote(cell.name)} AS {quote(name)}"
        for name, cell in shown.columns
    )
    name = QualifiedName(schema, shown.name).sql
    return f"CREATE VIEW {name} WITH (security_invoker = true) AS\n  SELECT {columns} FROM {shown.thing.name.sql}"


def _rights(schema: str, behind: str, shown: Sequence[Shown]) -> str:
    views = ", ".join(literal(one.name).strip() for one in shown)
    return _filled(
        "rights",
        schema=literal(schema),
        behind=literal(behind),
        views=views,
        called="".join(_called(shown)),
    )


def _called(shown: Sequence[Shown]) -> Iterator[str]:
    for one in shown:
        for name, cell in one.columns:
            if name != cell.name:
                words = ", ".join(literal(word) for word in (one.name, name, cell.name))
                yield f",\n        ({words})"


def _filled(query: str, **words: str) -> str:
    text = read(__package__, query).strip()
    return re.sub(r"\{(\w+)\}", lambda found: words[found[1]], text)

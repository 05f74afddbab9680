"""The condition that a partition's bound means, in the words that the server proves its own constraint with.

The form for several columns is that of ``get_qual_for_range`` (partbounds.c): what both bounds begin with is equal,
then one alternative for each further column. A check of the same form is believed without reading a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lockgate.analysis.view import PartitionKey
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, deparse_expression

_ENDLESS = ("minvalue", "maxvalue")


def bound_condition(key: PartitionKey | None, bound: Node) -> str:
    """The condition that a bound over columns means, as SQL; empty for hashes, expressions, and DEFAULT."""
    if key is None or bound.get("is_default") or not all(one.column for one in key.keys):
        return ""
    columns = [quote(str(one.column)) for one in key.keys]
    if bound.get("strategy") == "l":
        return _listed(columns[0], [deparse_expression(value) for value in bound.get("listdatums", ())])
    if bound.get("strategy") != "r":
        return ""
    lower, upper = (_values(bound[side]) for side in ("lowerdatums", "upperdatums"))
    return " AND ".join(_ranged(columns, lower, upper))


def _listed(column: str, values: list[str]) -> str:
    known = [value for value in values if value.upper() != "NULL"]
    among = f"{column} IN ({', '.join(known)})"
    if len(known) == len(values):
        return f"{column} IS NOT NULL AND {among}"
    return f"{column} IS NULL OR {among}" if known else f"{column} IS NULL"


def _values(datums: Sequence[Node]) -> list[str]:
    return [deparse_expression(value) for value in datums]


def _ranged(columns: list[str], lower: list[str], upper: list[str]) -> Iterator[str]:
    yield from (f"{column} IS NOT NULL" for column in columns)
    pairs = zip(lower, upper, strict=True)
    same = next((at for at, (one, other) in enumerate(pairs) if one != other or _is_endless(one)), 0)
    yield from (f"{column} = {value}" for column, value in zip(columns[:same], lower, strict=False))
    for values, strict, last in ((lower, ">", ">="), (upper, "<", "<=")):
        # The upper bound itself is outside, unless everything that begins with it is inside.
        final = last if strict == ">" else strict
        arms = list(_arms(columns[same:], values[same:], strict, final, last))
        if arms:
            yield arms[0] if len(arms) == 1 else f"({' OR '.join(arms)})"


def _arms(columns: list[str], values: list[str], strict: str, final: str, endless: str) -> Iterator[str]:
    whole = {">": "minvalue", "<": "maxvalue"}[strict]
    for at, (column, value) in enumerate(zip(columns, values, strict=True)):
        if _is_endless(value):
            return
        after = values[at + 1].lower() if at + 1 < len(values) else None
        operator = final if after is None else endless if after == whole else strict
        equal = [f"{one} = {found}" for one, found in zip(columns[:at], values, strict=False)]
        words = " AND ".join([*equal, f"{column} {operator} {value}"])
        yield f"({words})" if equal else words


def _is_endless(value: str) -> bool:
    return value.lower() in _ENDLESS

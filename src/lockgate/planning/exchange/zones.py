"""Points of time that get a time zone or lose it.

``timestamp`` and ``timestamptz`` are turned into each other in the time zone of whoever is connected: a trigger would
do it in another one for every client. So the plan needs one zone, from ``USING column AT TIME ZONE 'zone'`` or from
what is known of the sessions, and writes it into every expression, in both directions.
"""

from __future__ import annotations

from typing import Final

from lockgate.analysis.locks.expressions import columns_in
from lockgate.analysis.state.names import PG_CATALOG, type_sql
from lockgate.analysis.type_changes import names_utc
from lockgate.analysis.view import Relation, StateView, TypeRef
from lockgate.errors import UsageError
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.parse import Node

_WITH: Final = "timestamptz"
_WITHOUT: Final = ("timestamp", "date")


def depends_on_zone(source: TypeRef, target: TypeRef) -> bool:
    """Whether the same value looks different in each time zone when it gets the other type."""
    names = {source.name.name, target.name.name}
    built_in = {source.name.schema, target.name.schema} == {PG_CATALOG}
    return built_in and not (source.array or target.array) and _WITH in names and bool(names & set(_WITHOUT))


def in_zone(source: TypeRef, target: TypeRef, zone: str) -> str:
    """``{value}``, which is of one type, in the other, whatever the time zone of the session is."""
    value = "{value}::timestamp" if source.name.name == "date" else "{value}"
    return f"({value} AT TIME ZONE {literal(zone)})::{type_sql(target)}"


def keeps_rows(source: TypeRef, target: TypeRef, zone: str) -> bool:
    """Whether a session in the zone changes the type without touching a row."""
    return names_utc(zone) and "date" not in (source.name.name, target.name.name) and not target.modifiers


def zone_of(using: Node | None, column: str, source: TypeRef, state: StateView) -> str | None:
    """The zone of the values without one; empty where nobody knows, None where USING does something else."""
    if using is None or _is_cast_of(using, column):
        return (state.setting("timezone") or "").strip("'\" ")
    call = using.get("FuncCall", {})
    names = [part["String"]["sval"] for part in call.get("funcname", ())]
    arguments = call.get("args", ())
    if names not in (["timezone"], [PG_CATALOG, "timezone"]) or len(arguments) != 2:
        return None
    zone: str | None = arguments[0].get("A_Const", {}).get("sval", {}).get("sval")
    read = arguments[1]
    plain = "ColumnRef" in read or (source.name.name == "date" and _is_cast_of(read, column))
    return zone if plain and columns_in(read) == {column} else None


def _is_cast_of(expression: Node, column: str) -> bool:
    inside = expression.get("TypeCast", {}).get("arg", {})
    return "ColumnRef" in inside and columns_in(inside) == {column}


def which_zone(table: Relation, column: str, target: TypeRef) -> UsageError:
    """Asks for the zone, with the words that say it."""
    change = f"ALTER TABLE {table.name.sql} ALTER COLUMN {quote(column)} TYPE {type_sql(target)}"
    meant = f"{change} USING {quote(column)} AT TIME ZONE"
    return UsageError(
        f"Which time zone are the values of {table.name}.{column} in?",
        why="without a word the time zone of each session decides, and every value is shifted where it is not UTC",
        next_steps=[
            f"lockgate plan \"{meant} 'UTC'\"",
            f"lockgate plan \"{meant} 'Europe/Berlin'\"   or any other zone",
        ],
    )

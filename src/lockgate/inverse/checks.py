"""What must hold once a rollback has run, as conditions that name every schema."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.catalog.address import RELATIONS, ROUTINES, Address, Kind
from lockgate.catalog.differences import Change, Differences
from lockgate.catalog.model import Column
from lockgate.inverse.model import Check
from lockgate.sql.identifiers import literal

_BY_RELATION = {
    Kind.COLUMN: ("pg_attribute", "attrelid", "attname", " AND NOT attisdropped"),
    Kind.CONSTRAINT: ("pg_constraint", "conrelid", "conname", ""),
    Kind.TRIGGER: ("pg_trigger", "tgrelid", "tgname", ""),
    Kind.POLICY: ("pg_policy", "polrelid", "polname", ""),
    Kind.RULE: ("pg_rewrite", "ev_class", "rulename", ""),
}
_BY_NAME = {
    Kind.SCHEMA: ("pg_namespace", "nspname"),
    Kind.EXTENSION: ("pg_extension", "extname"),
    Kind.PUBLICATION: ("pg_publication", "pubname"),
    Kind.EVENT_TRIGGER: ("pg_event_trigger", "evtname"),
    Kind.ROLE: ("pg_roles", "rolname"),
    Kind.SERVER: ("pg_foreign_server", "srvname"),
    Kind.FOREIGN_DATA_WRAPPER: ("pg_foreign_data_wrapper", "fdwname"),
}


def checks_for(back: Differences) -> tuple[Check, ...]:
    """Conditions for the way back: what was new is gone, what was gone is there, columns have their types."""
    return tuple(dict.fromkeys(_checks(back)))


def _checks(back: Differences) -> Iterator[Check]:
    for rename in back.renames:
        # Names that are exchanged pass through one that nothing has in the end.
        if back.after.get(rename.new) is not None:
            yield from _presence(rename.new, there=True)
    for item in back:
        if item.change is Change.ADDED:
            yield from _presence(item.address, there=True)
        elif item.change is Change.REMOVED:
            yield from _presence(item.address, there=False)
        elif item.change is Change.CHANGED and item.field in ("type", "not_null"):
            column = back.after.get(item.address)
            if isinstance(column, Column):
                yield _column(column)


def _presence(address: Address, *, there: bool) -> Iterator[Check]:
    test = _exists(address)
    if test is not None:
        state = "is not there" if there else "is still there"
        yield Check(test if there else f"NOT ({test})", f"{address} {state}")


def _exists(address: Address) -> str | None:
    """An expression that is true where the object is there, or None for what has no simple one."""
    whole = _text(address.qualified.sql)
    kind = address.kind
    if kind in RELATIONS:
        return f"to_regclass({whole}) IS NOT NULL"
    if kind in (Kind.TYPE, Kind.DOMAIN):
        return f"to_regtype({whole}) IS NOT NULL"
    if kind in ROUTINES:
        return _routine(address)
    if kind in _BY_RELATION:
        table, relation, column, more = _BY_RELATION[kind]
        where = f"{relation} = to_regclass({whole}) AND {column} = {_text(address.part)}{more}"
        return f"EXISTS (SELECT FROM pg_catalog.{table} WHERE {where})"
    if kind in _BY_NAME:
        table, column = _BY_NAME[kind]
        return f"EXISTS (SELECT FROM pg_catalog.{table} WHERE {column} = {_text(address.name)})"
    return None


_TYPE = re.compile(r'(?:"(?:[^"]|"")*"|[^",])+')


def _routine(address: Address) -> str:
    """Before 16 the server stops at an argument's type that is not there, instead of saying that nothing is."""
    arguments = "" if address.part == "*" else address.part
    there = f"to_regprocedure({_text(f'{address.qualified.sql}({arguments})')}) IS NOT NULL"
    types = [found.strip() for found in _TYPE.findall(arguments) if "." in found]
    if not types:
        return there
    known = " AND ".join(f"to_regtype({_text(found)}) IS NOT NULL" for found in types)
    return f"CASE WHEN {known} THEN {there} ELSE false END"


def _column(column: Column) -> Check:
    where = (
        f"attrelid = to_regclass({_text(column.name.sql)}) AND attname = {_text(column.column)} "
        f"AND atttypid = to_regtype({_text(_base(column.type))}) AND attnotnull = {str(column.not_null).lower()}"
    )
    ending = " NOT NULL" if column.not_null else ""
    return Check(
        f"EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE {where})",
        f"{column.address} is not {column.type}{ending}",
    )


def _base(type_name: str) -> str:
    """A type without its length, which ``to_regtype`` reads only from 16 on."""
    head, bracket, tail = type_name.partition("(")
    return head + tail.partition(")")[2] if bracket else head


def _text(text: str) -> str:
    return literal(text).strip()

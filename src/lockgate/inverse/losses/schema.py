"""What a change of the schema takes away: seen from the difference between before and after."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.differences import Change, Difference, Differences
from lockgate.catalog.model import Column, Sequence, Table
from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.losses.model import ColumnValues, Loss, SequencePosition, TableRows
from lockgate.sql.identifiers import QualifiedName


def losses_by(forth: Differences) -> tuple[Loss, ...]:
    """What goes from ``before`` to ``after``: rows of tables, values of columns, positions of sequences.

    A table that is dropped and made anew under its name has another oid; its rows are gone too.
    """
    return (*_tables(forth), *_columns(forth), *_sequences(forth))


def _tables(forth: Differences) -> Iterator[Loss]:
    after = forth.after.tables
    for name, table in forth.before.tables.items():
        now = after.get(name)
        if now is None or _is_another(table, now):
            yield TableRows(name)


def _is_another(table: Table, now: Table) -> bool:
    return bool(table.oid and now.oid and table.oid != now.oid)


def _columns(forth: Differences) -> Iterator[Loss]:
    lost: dict[QualifiedName, list[str]] = defaultdict(list)
    for difference in forth:
        address = difference.address
        if address.kind is Kind.COLUMN and _loses(difference, forth):
            lost[address.qualified].append(address.part)
    for name, table in forth.before.tables.items():
        now = forth.after.tables.get(name)
        if now is not None and not _is_another(table, now):
            again = [column.column for column in table.columns if _is_made_anew(column, now)]
            here = {*lost.get(name, ()), *again}
            if table.is_partition:
                # The partitioned table's rows are the partitions'.
                here -= set(lost.get(table.inherits[0], ()))
            if here:
                yield ColumnValues(name, tuple(sorted(here, key=table.column_names.index)))


def _is_made_anew(column: Column, now: Table) -> bool:
    """Whether a column was dropped and another one took its name."""
    other = now.column(column.column)
    return bool(other and column.oid and column.oid == other.oid and column.position != other.position)


def _loses(difference: Difference, forth: Differences) -> bool:
    column = forth.before.get(difference.address)
    if not isinstance(column, Column) or column.generated:
        return False
    if difference.change is Change.REMOVED:
        return True
    now = forth.after.get(difference.address)
    return difference.field == "type" and isinstance(now, Column) and not keeps_values(column.type, now.type)


_WIDER = ("smallint", "integer", "bigint", "numeric")
_LENGTH = re.compile(
    r"(?P<name>character varying|character|bit varying|numeric)\((?P<length>\d+)(?:,(?P<scale>-?\d+))?\)"
)


def keeps_values(old: str, new: str) -> bool:
    """Whether every value of a type survives the way to another type and back."""
    if old in _WIDER and new in _WIDER:
        return _WIDER.index(old) <= _WIDER.index(new)
    if (old, new) in {("real", "double precision"), ("date", "timestamp without time zone")}:
        return True
    is_text = old in ("text", "character varying") or old.startswith("character varying(")
    if is_text and new in ("text", "character varying"):
        return True
    before, after = _LENGTH.fullmatch(old), _LENGTH.fullmatch(new)
    if before and new == before["name"]:
        return True
    if not (before and after and before["name"] == after["name"]) or before["name"] == "character":
        return False
    if before["name"] == "numeric":
        return _numeric_fits(before, after)
    return int(before["length"]) <= int(after["length"])


def _numeric_fits(before: re.Match[str], after: re.Match[str]) -> bool:
    scales = int(before["scale"] or 0), int(after["scale"] or 0)
    whole = int(before["length"]) - scales[0], int(after["length"]) - scales[1]
    # A larger scale prints more zeros, which the way back takes away again.
    return scales[0] <= scales[1] and whole[0] <= whole[1]


def _sequences(forth: Differences) -> Iterator[Loss]:
    for item in forth.before.of_type(Sequence):
        if _is_gone(item, forth.after):
            yield SequencePosition(item.name)


def _is_gone(item: Sequence, after: Snapshot) -> bool:
    now = after.objects.get(Address(Kind.SEQUENCE, item.name.schema, item.name.name))
    return now is None or bool(item.oid and now.oid and item.oid != now.oid)

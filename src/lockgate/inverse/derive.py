"""The inverse of a statement, and of a whole file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.compare import diff
from lockgate.catalog.differences import Differences
from lockgate.catalog.script.write import as_sql, obstacles
from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.checks import checks_for
from lockgate.inverse.keeping import keep
from lockgate.inverse.keeping.side_table import Keeper
from lockgate.inverse.losses.model import Loss, Unknown
from lockgate.inverse.losses.names import Place
from lockgate.inverse.losses.own import without_own
from lockgate.inverse.losses.rows import losses_of
from lockgate.inverse.losses.schema import losses_by
from lockgate.inverse.model import Impossible, Inverse, Keep, Setting
from lockgate.inverse.no_way_back import reason_against
from lockgate.inverse.segments import Segment
from lockgate.sql.parse import Statement


def derive(
    statements: Sequence[Statement],
    before: Snapshot,
    after: Snapshot,
    setting: Setting,
    first: Snapshot | None = None,
) -> Inverse:
    """The inverse of statements that turned one schema into another and are undone together.

    ``before`` and ``after`` are of one database, so that a rename is told from a drop and a create. ``first`` is the
    schema before the whole file: rows that the file puts into its own tables go with them and need not be kept. The
    result has ``sql`` None where something cannot come back; ``reason`` then says what.
    """
    for statement in statements:
        if reason := reason_against(statement):
            return Inverse(None, reason, statements=_indexes(statements))
    forth, back = diff(before, after), diff(after, before)
    keeper = Keeper(setting, before, statements[0].index)
    losses = without_own(_losses(statements, before, forth, setting), before, first or before)
    kept = [keep(loss, keeper, after) for loss in losses]
    for one in kept:
        if isinstance(one, Impossible):
            return Inverse(None, one.reason, statements=_indexes(statements))
    keeps = tuple(one for one in kept if isinstance(one, Keep))
    sql = (*as_sql(back, _fills(keeps)), *(line for one in keeps for line in one.restore))
    return Inverse(
        sql=(*sql, *_forget(keeps)),
        keeps=keeps,
        checks=checks_for(back),
        statements=_indexes(statements),
        remarks=(*obstacles(back), *_lasting(back)),
    )


def _indexes(statements: Iterable[Statement]) -> tuple[int, ...]:
    return tuple(statement.index for statement in statements)


def _losses(
    statements: Sequence[Statement], before: Snapshot, forth: Differences, setting: Setting
) -> tuple[Loss, ...]:
    by_schema = losses_by(forth)
    if by_schema and forth.renames:
        names = ", ".join(str(rename.new) for rename in forth.renames)
        return (Unknown(f"one statement both renames ({names}) and removes; split it"),)
    place = Place(before, setting.search_path)
    return (*by_schema, *(loss for statement in statements for loss in losses_of(statement, place)))


def _fills(keeps: Iterable[Keep]) -> Mapping[Address, tuple[str, ...]]:
    merged: dict[Address, tuple[str, ...]] = {}
    for one in keeps:
        for address, sql in one.fills.items():
            merged[address] = (*merged.get(address, ()), *sql)
    return merged


def _forget(keeps: Iterable[Keep]) -> tuple[str, ...]:
    """What was kept has done its work."""
    tables = [table.sql for one in keeps for table in one.tables]
    return (f"DROP TABLE {', '.join(tables)}",) if tables else ()


def _lasting(back: Differences) -> tuple[str, ...]:
    """What no statement can put back: a column that returns is the last, and one that was inherited is now local."""
    return tuple(
        f"{item.address} stays the table's own although its parent has it too"
        for item in back
        if item.field in ("local", "inherited") and item.address.kind in (Kind.COLUMN, Kind.CONSTRAINT)
    )


def derive_segments(
    parts: Sequence[Segment], snapshots: Sequence[Snapshot], settings: Sequence[Setting]
) -> tuple[Inverse, ...]:
    """The inverses of a file's segments, in the file's order.

    ``snapshots`` has one more than the segments: before the first, between them, after the last. ``settings`` has one
    for each.
    """
    return tuple(
        derive(part.statements, before, after, setting, snapshots[0])
        for part, before, after, setting in zip(parts, snapshots[:-1], snapshots[1:], settings, strict=True)
    )


def together(inverses: Sequence[Inverse]) -> Inverse:
    """The inverse of a whole file: those of its segments, last first; impossible if one of them is."""
    statements = tuple(index for one in inverses for index in one.statements)
    impossible = [one for one in inverses if not one.possible]
    if impossible:
        reasons = "; ".join(dict.fromkeys(one.reason or "no way back is known" for one in impossible))
        return Inverse(None, reasons, statements=statements)
    backwards = tuple(reversed(inverses))
    return Inverse(
        sql=tuple(line for one in backwards for line in one.sql or ()),
        keeps=tuple(one_keep for one in inverses for one_keep in one.keeps),
        checks=(),
        statements=statements,
        remarks=tuple(remark for one in inverses for remark in one.remarks),
    )


def with_checks(inverse: Inverse, before: Snapshot, after: Snapshot) -> Inverse:
    """The inverse of a file, with what must hold once all of it has run."""
    return replace(inverse, checks=checks_for(diff(after, before)))

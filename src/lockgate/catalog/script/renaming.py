"""The statements of renames and moves between schemas, also where names are exchanged in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.renames import Rename, spare_name
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import quote


def rename_statements(renames: Iterable[Rename], before: Snapshot) -> list[str]:
    """ALTER … RENAME and SET SCHEMA, parents first; ``before`` is the snapshot with the old names gone over.

    A wanted name that another renamed object still bears is freed first by a name in between.
    """
    waiting = sorted(renames, key=lambda rename: (_DEPTH.get(rename.old.kind, 1), rename.old))
    statements: list[str] = []
    while waiting:
        borne = {rename.old for rename in waiting}
        free = next((rename for rename in waiting if rename.new not in borne - {rename.old}), None)
        if free is not None:
            waiting.remove(free)
            statements += steps(free.old, free.new)
            continue
        blocked = waiting.pop(0)
        spare = spare_name(blocked.old)
        statements += steps(blocked.old, spare)
        waiting.append(Rename(spare, blocked.new))
    return statements


_DEPTH = {Kind.SCHEMA: 0, Kind.COLUMN: 2, Kind.CONSTRAINT: 2, Kind.TRIGGER: 2, Kind.RULE: 2, Kind.POLICY: 2}


def steps(old: Address, new: Address) -> list[str]:
    """The statements that give one object its new name and schema."""
    return list(_steps(old, new))


def _steps(old: Address, new: Address) -> Iterator[str]:
    match old.kind:
        case Kind.COLUMN:
            yield f"ALTER TABLE {old.qualified.sql} RENAME COLUMN {quote(old.part)} TO {quote(new.part)}"
        case Kind.CONSTRAINT | Kind.DOMAIN_CONSTRAINT:
            what = "DOMAIN" if old.kind is Kind.DOMAIN_CONSTRAINT else "TABLE"
            begin = f"ALTER {what} {old.qualified.sql}"
            yield f"{begin} RENAME CONSTRAINT {quote(old.part)} TO {quote(new.part)}"
        case Kind.TRIGGER | Kind.POLICY | Kind.RULE:
            yield f"ALTER {old.kind.value} {old.sql} RENAME TO {quote(new.part)}"
        case _:
            current = old
            if old.schema != new.schema:
                yield f"ALTER {old.kind.value} {old.sql} SET SCHEMA {quote(new.schema)}"
                current = replace(old, schema=new.schema)
            if old.name != new.name:
                yield f"ALTER {old.kind.value} {current.sql} RENAME TO {quote(new.name)}"

"""What a rollback needs kept, as it stands in the rollback file: comments that a person can read and ``apply`` runs.

::

    -- keep before statement 2 [3f0c1b7a92de]: the values of public.users.name
    --| CREATE TABLE lockgate.kept_20251201140000_2_1 AS SELECT …;

The mark in brackets is made from the statement, so that a rollback is never used with another migration than it was
derived from.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lockgate.inverse.keeping.side_table import SCHEMA
from lockgate.inverse.model import Inverse
from lockgate.sql.parse import Statement, parse, walk
from lockgate.types import LockMode, RelationLock, merged

_HEAD: Final = re.compile(
    r"-- keep (?P<when>before|instead of|after) statement (?P<number>\d+) \[(?P<mark>[0-9a-f]{12})\]: (?P<what>.*)"
)
_LINE: Final = "--| "
_LIMIT: Final = re.compile(r"pg_total_relation_size\(.*\) > (?P<bytes>\d+) THEN")
_DAYS: Final = re.compile(r"interval '(?P<days>\d+) days'")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is done around one statement of a migration; ``statement`` counts from 0."""

    statement: int
    mark: str
    what: str
    before: tuple[str, ...] = ()
    instead: str | None = None
    after: tuple[str, ...] = ()

    @property
    def limit_bytes(self) -> int | None:
        """The most that one side table may take; the migration stops above it."""
        found = _LIMIT.search("\n".join((*self.before, *self.after)))
        return int(found["bytes"]) if found else None

    @property
    def days(self) -> int | None:
        """After how many days what was kept may go."""
        found = _DAYS.search("\n".join((*self.before, *self.after)))
        return int(found["days"]) if found else None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables whose rows, or some of them, are kept."""
        script = parse(";\n".join((*self.before, *((self.instead,) if self.instead else ()), *self.after)))
        named = (
            f"{node['schemaname']}.{node['relname']}"
            for statement in script.statements
            for kind, node in walk(statement.tree)
            if kind in ("RangeVar", "relation") and node.get("schemaname", SCHEMA) != SCHEMA
        )
        return tuple(dict.fromkeys(named))

    @property
    def locks(self) -> tuple[RelationLock, ...]:
        """The locks that are taken by name, so that nothing changes between the copy and the statement."""
        wanted = (sql for sql in self.before if sql.startswith("LOCK "))
        found = [statement.tree for statement in parse(";\n".join(wanted)).statements]
        return merged(
            RelationLock(
                f"{named['RangeVar']['schemaname']}.{named['RangeVar']['relname']}", LockMode(tree["mode"])
            )
            for tree in found
            for named in tree["relations"]
        )

    def fits(self, statement: Statement) -> bool:
        """Whether it was derived from this very statement, however that is laid out."""
        return self.mark == mark_of(statement.sql)


def mark_of(sql: str) -> str:
    """Twelve digits that change with a statement, not with its blanks."""
    return hashlib.sha256(" ".join(sql.split()).encode("utf-8")).hexdigest()[:12]


def kept_lines(inverses: Iterable[Inverse], statements: Mapping[int, Statement]) -> Iterator[str]:
    """The comment lines of all that some inverses need kept."""
    for inverse in inverses:
        for keep in inverse.keeps:
            statement = statements[inverse.statements[0]]
            place = f"statement {statement.index + 1} [{mark_of(statement.sql)}]: {keep.what}"
            instead = (keep.instead,) if keep.instead else ()
            for when, sql in (("before", keep.before), ("instead of", instead), ("after", keep.after)):
                if sql:
                    yield f"-- keep {when} {' '.join(place.split())}"
                    yield from _commented(sql)


def _commented(statements: Sequence[str]) -> Iterator[str]:
    for statement in statements:
        for line in f"{statement};".split("\n"):
            yield f"{_LINE}{line}".rstrip() if not line.strip() else f"{_LINE}{line}"


@dataclass(slots=True)
class _Block:
    when: str
    number: int
    mark: str
    what: str
    lines: list[str] = field(default_factory=list)

    def sql(self) -> tuple[str, ...]:
        return tuple(statement.sql for statement in parse("\n".join(self.lines)).statements)


def kept_in(text: str) -> tuple[Kept, ...]:
    """What a rollback file asks to be kept, in the order of the migration's statements."""
    if "-- keep " not in text:
        return ()
    found: dict[tuple[int, str], list[_Block]] = {}
    for block in _blocks(text):
        found.setdefault((block.number - 1, block.mark), []).append(block)
    return tuple(_gathered(number, mark, blocks) for (number, mark), blocks in sorted(found.items()))


def _blocks(text: str) -> Iterator[_Block]:
    current: _Block | None = None
    for line in text.splitlines():
        head = _HEAD.fullmatch(line.rstrip())
        if head is not None:
            if current:
                yield current
            current = _Block(head["when"], int(head["number"]), head["mark"], head["what"])
        elif current is not None and line.startswith(_LINE.rstrip()):
            current.lines.append(line.removeprefix(_LINE.rstrip()).removeprefix(" "))
        elif current is not None:
            yield current
            current = None
    if current:
        yield current


def _gathered(number: int, mark: str, blocks: Sequence[_Block]) -> Kept:
    def of(when: str) -> tuple[str, ...]:
        return tuple(sql for block in blocks if block.when == when for sql in block.sql())

    instead = of("instead of")
    whats = dict.fromkeys(block.what for block in blocks)
    return Kept(number, mark, "; ".join(whats), of("before"), instead[0] if instead else None, of("after"))

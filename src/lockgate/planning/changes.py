"""A change as the planner proposes it: parts that become one migration file each, with their way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lockgate.planning.plan import PhaseKind
from lockgate.sql.identifiers import QualifiedName, quote


@dataclass(frozen=True, slots=True)
class Part:
    """What one file does.

    ``sql`` and ``back`` hold statements without semicolons; a directive line may stand before one. ``gate`` is what
    must be true before the part may begin, ``application`` what the application may do afterwards. ``one_by_one``
    means that its statements must not share a transaction; ``final`` says why there is no way back, or what a way back
    leaves as it is. ``accepts`` holds rules that find what the part is there to do, each with the reason why it may.
    ``refresh`` are statements that follow a derived way back: what was written since the part was carried out.
    """

    kind: PhaseKind
    title: str
    sql: tuple[str, ...]
    back: tuple[str, ...] = ()
    gate: str | None = None
    application: str = ""
    one_by_one: bool = False
    final: str | None = None
    accepts: tuple[tuple[str, str], ...] = ()
    refresh: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """All parts of a change in order, what the reader should know, and what stays as it was written."""

    name: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_split(self) -> bool:
        """Whether the change became anything else than the statements as they were given."""
        return len(self.parts) > 1 or any(part.gate or part.one_by_one for part in self.parts)


NOTHING_BACK = "SELECT 'nothing to take back' AS note"
"""The rollback of a part that leaves no trace of its own (a proof, a filled mirror that goes with its column)."""


KEEPABLE: Final = "in the rollback file: what it takes is kept in a side table"
"""What a part that removes or overwrites rows has instead of a way back of its own: one that is derived on a server."""

GIVEN_UP: Final = "what it takes is gone, as was said when it was planned"
"""Why such a part has no way back when the author wants none."""


def unproved_again(table: QualifiedName, name: str, definition: str) -> str:
    """The way back of VALIDATE CONSTRAINT: the constraint as it was before, in one statement without a gap.

    ``definition`` is what stands behind its name, with NOT VALID.
    """
    return f"ALTER TABLE {table.sql} DROP CONSTRAINT {quote(name)}, ADD CONSTRAINT {quote(name)} {definition}"


WITH_THE_COLUMN = (
    "what it filled is no part of the rows that were there: it goes with the rollback before this one"
)
"""Why the rollback of a fill need not empty a mirror again: the trigger would empty the other side as well."""

KEPT_VALUE = "old rows keep the value that they were given"
"""What the rollback of a fill leaves behind where missing values got one."""


_SAME = "it stands for a column that is so"

LIKE_THE_COLUMN = tuple(
    (rule, _SAME)
    for rule in (
        "add-json-column",
        "add-unique-index-may-fail",
        "ban-char",
        "ban-float",
        "ban-money",
        "ban-timetz",
        "discouraged-type",
        "duplicate-index",
        "duplicate-index-column",
        "prefer-text-over-varchar",
        "prefer-timestamptz",
        "redundant-prefix-index",
        "timestamp-precision-zero",
        "unsupported-reg-types",
        "wide-index",
    )
)
"""Rules about the type of a column or about its indexes, which a second one beside it cannot better."""

VALUE_STAYS = "a value cannot be taken out of an enum; unused it does no harm"
"""Why a new value of an enum has no way back."""


def merged(parts: list[Part]) -> tuple[Part, ...]:
    """Neighbours that may share a file, as one: as few files as the phases allow."""
    result: list[Part] = []
    for part in parts:
        last = result[-1] if result else None
        if last and _may_share_a_file(last, part):
            result[-1] = _joined(last, part)
        else:
            result.append(part)
    return tuple(result)


def _may_share_a_file(first: Part, second: Part) -> bool:
    alone = first.one_by_one is not second.one_by_one or first.final or second.final
    derived = first.kind is PhaseKind.EXPAND and not first.gate
    both_have_a_way_back = bool(first.back) == bool(second.back)
    return first.kind is second.kind and not second.gate and not alone and (both_have_a_way_back or derived)


def _joined(first: Part, second: Part) -> Part:
    application = second.application or first.application
    return Part(
        first.kind,
        first.title,
        first.sql + second.sql,
        second.back + first.back if first.back and second.back else (),
        first.gate,
        application,
        first.one_by_one,
        accepts=tuple(dict(first.accepts + second.accepts).items()),
    )

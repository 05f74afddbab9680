"""Plans as a picture: which relation is locked how, from which step until which commit.

A lock that a step takes is held until its transaction ends: that is what the picture makes visible, and a text hides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lockgate.drawing import ALARM, FAINT, INK, box, line, moved, svg, text, titled
from lockgate.planning.plan import Plan, Step
from lockgate.types import Blocks, LockMode, RelationLock

_TAKEN: Final[dict[Blocks, str]] = {
    "nothing": "#9ccfa4",
    "schema changes": "#9dbfe3",
    "writes": "#f3cf73",
    "reads and writes": "#e48a6b",
}
_HELD: Final[dict[Blocks, str]] = {
    "nothing": "#dcefe0",
    "schema changes": "#dde9f6",
    "writes": "#fbeecb",
    "reads and writes": "#f6d7cb",
}
_COLUMN: Final = 108
_NARROW: Final = 44
_ROW: Final = 30
_TOP: Final = 92
_SPACE: Final = 26
_LETTER: Final = 6.6
_BOLD: Final = 8.2
_LONGEST: Final = 130
_LEGEND: Final = 880
_WIDE: Final = 1400
_BETWEEN: Final = 30


@dataclass(frozen=True, slots=True)
class Drawn:
    """A Plan to draw, with the words for how long each of its steps takes (none: not known)."""

    plan: Plan
    durations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    """One step: its number, where it stands, the locks held while it runs, what begins or ends with it."""

    number: int
    x: float
    step: Step
    phase: str
    duration: str
    held: dict[str, RelationLock]
    begins: Plan | None
    gate: str | None
    commits: bool

    @property
    def width(self) -> int:
        """A step beside which nothing is locked takes less room."""
        return _COLUMN if self.held else _NARROW

    @property
    def middle(self) -> float:
        """Where its words stand."""
        return self.x + self.width / 2

    @property
    def taken(self) -> dict[str, RelationLock]:
        """The step's own locks, as far as the transaction does not hold stronger ones already."""
        return {lock.relation: lock for lock in self.step.locks if lock.mode >= self.held[lock.relation].mode}


def draw(plans: Sequence[Drawn]) -> str:
    """The plans as SVG: a column for each step, a row for each relation, and the steps in words below.

    What is wider than a page goes on in another band below, with the relations that are locked there.
    """
    left = 30 + max((len(name) for drawn in plans for name in _locked(drawn)), default=10) * _LETTER
    columns = list(_columns(plans, left))
    marks: list[str] = []
    y, right = 0.0, left
    for band in _bands(columns, left):
        relations = _relations(band)
        marks += moved(y, (*_heads(band, _TOP + len(relations) * _ROW), *_rows(band, relations)))
        y += _TOP + len(relations) * _ROW + _BETWEEN
        right = max(right, band[-1].x + band[-1].width)
    words = list(_list(columns, y + 70 - _BETWEEN))
    longest = max((len(_sentence(column)) for column in columns), default=0)
    width = max(right + 20, 40 + longest * _LETTER, _LEGEND)
    marks += (*_legend(y + 34 - _BETWEEN), *words)
    height = y + 90 - _BETWEEN + len(words) * 20
    return svg(round(width), round(height), "What is locked, and until when", marks)


def _bands(columns: Sequence[_Column], left: float) -> Iterator[list[_Column]]:
    """Columns that fit beside each other; where one of the plans behind the first does not, it begins the next band."""
    band: list[_Column] = []
    for place, column in enumerate(columns):
        begin = band[0].x - left if band else 0.0
        # A plan stays together where it can; one that is wider than a page goes on where it has to.
        needed = _end(columns, place) if column.begins is not None else column.x + column.width
        if band and needed - begin > _WIDE:
            yield _at(band, left)
            band = []
        band.append(column)
    if band:
        yield _at(band, left)


def _end(columns: Sequence[_Column], place: int) -> float:
    """Where the plan that begins with a column ends."""
    behind = (number for number in range(place + 1, len(columns)) if columns[number].begins is not None)
    last = columns[next(behind, len(columns)) - 1]
    return last.x + last.width


def _at(band: Sequence[_Column], left: float) -> list[_Column]:
    return [replace(column, x=column.x - band[0].x + left + _SPACE) for column in band]


def _locked(drawn: Drawn) -> Iterator[str]:
    return (lock.relation for step in drawn.plan.steps for lock in step.locks)


def _relations(band: Sequence[_Column]) -> list[str]:
    """Every relation that is locked, in the order in which that happens."""
    return list(dict.fromkeys(name for column in band for name in (*column.taken, *column.held)))


def _columns(plans: Sequence[Drawn], left: float) -> Iterator[_Column]:
    x, number = left, 0
    for drawn in plans:
        steps = [(phase, step) for phase in drawn.plan.phases for step in phase.steps]
        holding = _holding([step for _, step in steps])
        for place, ((phase, step), (held, commits)) in enumerate(zip(steps, holding, strict=True)):
            gate = phase.gate.text if phase.gate and step is phase.steps[0] else None
            begins = drawn.plan if place == 0 else None
            duration = drawn.durations[place] if drawn.durations else ""
            x += _SPACE if gate or begins else 0
            number += 1
            column = _Column(number, x, step, phase.kind.value, duration, held, begins, gate, commits)
            yield column
            x += column.width


def _holding(steps: Sequence[Step]) -> Iterator[tuple[dict[str, RelationLock], bool]]:
    """For each step the strongest lock that its transaction then holds on each relation, and whether it commits."""
    held: dict[str, RelationLock] = {}
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        for lock in step.locks:
            known = held.get(lock.relation)
            held[lock.relation] = lock if known is None or lock.mode > known.mode else known
        commits = step.transaction is None or following is None or following.transaction != step.transaction
        yield dict(held), commits
        if commits:
            held.clear()


def _heads(columns: Sequence[_Column], below: float) -> Iterator[str]:
    for column in columns:
        if column.begins is not None:
            name = column.begins.label
            yield titled(name, text(column.x, 20, _cut(name, _room(columns, column)), weight=600))
        if column.gate is not None:
            yield titled(
                f"gate: {column.gate}",
                line(column.x - 10, 30, column.x - 10, below, stroke=INK, dashed=True),
                text(column.x - 4, 40, "gate", size=11, weight=600),
            )
        yield text(column.middle, 58, str(column.number), anchor="middle", weight=600)
        about = column.duration or column.phase
        yield text(column.middle, 76, about, size=11, fill=FAINT, anchor="middle")
        if column.commits:
            where = column.x + column.width - 1
            yield titled("commit", line(where, _TOP - 8, where, below, stroke=FAINT))


def _room(columns: Sequence[_Column], begin: _Column) -> float:
    """How wide the name of a plan may be that begins with a column: as wide as its steps."""
    nexts = (column.x for column in columns if column.begins is not None and column.x > begin.x)
    return next(nexts, columns[-1].x + columns[-1].width + _SPACE) - begin.x - 6


def _rows(columns: Sequence[_Column], relations: Sequence[str]) -> Iterator[str]:
    for place, relation in enumerate(relations):
        y = _TOP + place * _ROW
        yield text(10, y + 19, relation)
        for column in columns:
            taken, held = column.taken.get(relation), column.held.get(relation)
            if taken is not None:
                yield _cell_of(column, taken, y)
            elif held is not None:
                about = f"step {column.number}: still {_blocked(held)}"
                yield titled(about, box(column.x + 2, y + 2, _COLUMN - 4, _ROW - 4, _HELD[held.mode.blocks]))


def _cell_of(column: _Column, lock: RelationLock, y: float) -> str:
    effect, middle = _effect(lock), column.middle
    return titled(
        f"step {column.number}: {_blocked(lock)}{', ' + effect if effect else ''}",
        box(column.x + 2, y + 2, _COLUMN - 4, _ROW - 4, _TAKEN[lock.mode.blocks]),
        text(middle, y + (14 if effect else 19), _short(lock.mode), size=9, anchor="middle"),
        text(middle, y + 24, effect, size=9, anchor="middle", weight=600) if effect else "",
    )


def _blocked(lock: RelationLock) -> str:
    return f"{lock.mode.sql_name} on {lock.relation} blocks {lock.mode.blocks}"


def _short(mode: LockMode) -> str:
    return mode.sql_name.replace("EXCLUSIVE", "EXCL.") if len(mode.sql_name) > 16 else mode.sql_name


def _effect(lock: RelationLock) -> str:
    if lock.rewrite:
        return "rewritten"
    return "index built" if lock.index_build else "every row read" if lock.scan else ""


def _legend(y: float) -> Iterator[str]:
    x = 10.0
    for blocked, colour in _TAKEN.items():
        words = f"blocks {blocked}"
        yield box(x, y - 11, 14, 14, colour)
        yield text(x + 20, y, words, fill=FAINT)
        x += 36 + len(words) * _LETTER
    yield text(x, y, "paler: held until the transaction ends", fill=FAINT)


def _list(columns: Sequence[_Column], y: float) -> Iterator[str]:
    for column in columns:
        if column.begins is not None:
            yield text(10, y, column.begins.label, weight=600)
            y += 20
        if column.gate is not None:
            yield text(10, y, f"gate: {column.gate}", fill=ALARM)
            y += 20
        yield titled("\n".join(column.step.sql), text(22, y, _sentence(column)))
        y += 20


def _sentence(column: _Column) -> str:
    outside = " (outside of a transaction)" if column.step.transaction is None else ""
    title = " ".join(column.step.title.split())
    short = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
    return f"{column.number}  {short}{outside}"


def _cut(words: str, width: float) -> str:
    most = int(width / _BOLD)
    return words if len(words) <= most else f"{words[: most - 1]}…"

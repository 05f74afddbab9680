"""Puts versions around the parts of a change: where each schema comes and goes, and which views must step aside.

The new version comes as soon as everything that it shows is there and in step, at the latest at the first gate. The old
one goes at that gate. Between them both are there, and each view is over whatever keeps its promise at that point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from lockgate.analysis.check import replayed
from lockgate.analysis.options import Options
from lockgate.analysis.state.live import live_source
from lockgate.errors import UsageError
from lockgate.planning.changes import Change, Part, merged
from lockgate.planning.plan import PhaseKind
from lockgate.planning.versions import notes
from lockgate.planning.versions.promises import Shown
from lockgate.planning.versions.shapes import Point, Tracker
from lockgate.planning.versions.standing import Standing
from lockgate.planning.versions.version import Version, after, before
from lockgate.planning.versions.views import hide, make, show, unmake, unused

_ACCEPTS: Final = (
    ("drop-schema", "it held nothing but views, and its gate has moved everybody away"),
    ("opaque-dynamic-sql", "it copies the privileges that stand when it runs"),
    ("rename-column", "the views of the version that is left go on showing it under its own name"),
    ("rename-table", "the views of the version that is left go on showing it under its own name"),
    ("statement-while-holding-access-exclusive", "it touches the catalog only"),
    ("wide-lock-window", "the views come and go in a moment"),
)


def with_versions(change: Change, standing: Standing, options: Options) -> Change:
    """The same change between two versions; raises UsageError where they cannot be there at the same time."""
    tracker = Tracker(replayed([live_source(standing.snapshot, "the schema")], options))
    points = [tracker.point(), *(tracker.run(part.sql) for part in change.parts)]
    old = [before(standing, schema, points[0]) for schema in standing.schemas]
    new = [
        after(standing, schema, points[-1], one) for schema, one in zip(standing.schemas, old, strict=True)
    ]
    around = _Around(change.parts, tuple(points), tuple(old), tuple(new))
    there = frozenset(one.behind for one in old if one.behind in standing.there)
    return Change(
        change.name,
        _in_few_files(around.parts(there)),
        (*change.notes, *notes.of(old, new, standing)),
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """The parts of a change with the points between them, and the versions of before and after."""

    between: tuple[Part, ...]
    points: tuple[Point, ...]
    old: tuple[Version, ...]
    new: tuple[Version, ...]

    def parts(self, there: frozenset[str]) -> Iterator[Part]:
        """All parts in order; the old versions of the schemas in ``there`` are there already."""
        come, go = self._come(), self._go()
        if come > go:
            raise _apart(self.new[0].name, self.between[go])
        missing = [version for version in self.old if version.behind not in there]
        if missing:
            yield self._made(missing, 0, PhaseKind.EXPAND)
        for place, part in enumerate((*self.between, None)):
            kind = self.between[place - 1].kind if place else PhaseKind.EXPAND
            if place == come:
                yield replace(self._made(self.new, place, kind), application=notes.ready(self.new))
            if place == go:
                yield self._retired(place, part)
            if part is not None:
                alive = [version for version in self.old if place < go]
                alive += [version for version in self.new if place >= come]
                told = replace(part, application="", gate=None if place == go else part.gate)
                yield self._kept(told, place, alive)

    @property
    def _born(self) -> frozenset[int]:
        return frozenset(thing.id for thing in self.points[0].things)

    def _come(self) -> int:
        """The point at which the new version can be there for the first time, not before what it needs is filled."""
        last = len(self.between)
        first = next((n for n, part in enumerate(self.between) if _stops(part)), last)
        able = (n for n in range(first, last + 1) if self._able(self.new, n))
        return next(able)

    def _go(self) -> int:
        """The point at which the old version goes: at the first gate, or before what it shows is gone."""
        last = len(self.between)
        gated = next((n for n, part in enumerate(self.between) if part.gate), last)
        unable = next((n for n in range(last + 1) if not self._able(self.old, n)), last + 1)
        return min(gated, unable - 1)

    def _able(self, versions: Iterable[Version], place: int) -> bool:
        return all(version.kept(self.points[place], self._born) is not None for version in versions)

    def _shown(self, version: Version, place: int) -> tuple[Shown, ...]:
        return version.kept(self.points[place], self._born) or ()

    def _made(self, versions: Iterable[Version], place: int, kind: PhaseKind) -> Part:
        sql: list[str] = []
        back: list[str] = []
        names = []
        for version in versions:
            shown = self._shown(version, place)
            sql += make(version.schema, version.behind, version.name, shown)
            back[:0] = unmake(version.schema, shown)
            names.append(version.schema)
        return Part(kind, f"make {' '.join(names)}", tuple(sql), tuple(back), accepts=_ACCEPTS)

    def _retired(self, place: int, following: Part | None) -> Part:
        """The old version goes; the gate of the part behind it is true when nobody uses that version any more."""
        sql = [unused(version.schema) for version in self.old]
        back: list[str] = []
        for version in self.old:
            shown = self._shown(version, place)
            sql += unmake(version.schema, shown)
            back += make(version.schema, version.behind, version.name, shown)
        gates = [notes.gate(self.old), following.gate if following is not None else None]
        return Part(
            following.kind if following is not None else PhaseKind.CONTRACT,
            f"drop {' '.join(version.schema for version in self.old)}",
            tuple(sql),
            tuple(back),
            gate="; ".join(gate for gate in gates if gate),
            accepts=_ACCEPTS,
        )

    def _kept(self, part: Part, place: int, alive: Iterable[Version]) -> Part:
        """The part with the views that it would break taken away before it and made again after it."""
        for version in alive:
            before, after = self._shown(version, place), self._shown(version, place + 1)
            retyped = self.points[place + 1].retyped
            moved = [n for n, one in enumerate(before) if not one.stays(after[n], retyped)]
            if moved:
                gone, come = [before[n] for n in moved], [after[n] for n in moved]
                part = _stepping_aside(part, version, gone, come)
        return replace(part, accepts=(*part.accepts, *_ACCEPTS))


def _stepping_aside(part: Part, version: Version, gone: list[Shown], come: list[Shown]) -> Part:
    place, behind = version.schema, version.behind
    back = (*hide(place, come), *part.back, *show(place, behind, gone)) if part.back else ()
    return replace(part, sql=(*hide(place, gone), *part.sql, *show(place, behind, come)), back=back)


def _in_few_files(parts: Iterable[Part]) -> tuple[Part, ...]:
    """As few files as the phases allow; the title says of each what all is in it."""
    found: list[Part] = []
    for part in parts:
        together = merged([*found[-1:], part])
        if found and len(together) == 1:
            found[-1] = replace(together[0], title=f"{found[-1].title}, {part.title}")
        else:
            found.append(part)
    return tuple(found)


def _stops(part: Part) -> bool:
    return part.gate is not None or part.kind is PhaseKind.CONTRACT


def _apart(new: str, part: Part) -> UsageError:
    return UsageError(
        f"the version {new} cannot be there before the one of today has to go",
        why=f"what it shows is there only after “{part.title}”, which breaks the one of today",
        next_steps=[
            "put the statements that add something before those that take something away",
            "or plan them one after another, each with a version of its own",
        ],
    )

"""What is different between two matrices: before and after a migration, or of two environments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lockgate.verify.rls.model import Cell, Command, Hole, Matrix, Verdict

_VERBS: Final = {
    Command.SELECT: "read",
    Command.INSERT: "insert into",
    Command.UPDATE: "update",
    Command.DELETE: "delete from",
    Command.EXECUTE: "get rows out of",
}
_MORE: Final = {
    Command.SELECT: "read",
    Command.INSERT: "insert",
    Command.UPDATE: "update",
    Command.DELETE: "delete",
    Command.EXECUTE: "get",
}
_WIDTH: Final = {"no privilege": 0, "none": 1, "own": 2, "some": 3, "all": 4}


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that is different; ``widened`` when more can be touched than before."""

    relation: str
    persona: str
    command: Command
    before: Cell
    after: Cell

    @property
    def widened(self) -> bool:
        """Whether the persona can touch more rows, or rows of a wider circle."""
        if self.after.verdict is not Verdict.ALLOWED:
            return False
        if self.before.verdict is not Verdict.ALLOWED:
            return True
        wider = _WIDTH.get(self.after.reach, 0) > _WIDTH.get(self.before.reach, 0)
        return wider or (self.after.rows - self.after.own) > (self.before.rows - self.before.own)

    def __str__(self) -> str:
        name = self.relation.removeprefix("public.")
        verb = _VERBS[self.command]
        counts = f"({self.before.rows} → {self.after.rows} rows)"
        if self.before.verdict is not Verdict.ALLOWED and self.widened:
            return f"{self.persona} can now {verb} {name} {counts}"
        if self.after.verdict is Verdict.ALLOWED:
            more = "more" if self.widened else "fewer"
            return f"{self.persona} can {_MORE[self.command]} {more} rows of {name} {counts}"
        why = "" if self.after.verdict is Verdict.POLICY else f": {self.after}"
        if self.before.verdict is Verdict.ALLOWED:
            return f"{self.persona} can no longer {verb} {name} {counts}{why}"
        return f"{self.persona} {self.command} on {name}: {self.before} before, {self.after} now"


def between(before: Matrix, after: Matrix) -> list[Change]:
    """The cells of relations that are in both and differ; those that one side could not try are passed over."""
    return list(_changes(before, after))


def _changes(before: Matrix, after: Matrix) -> Iterator[Change]:
    old = {str(line.relation): line for line in before.lines}
    for line in after.lines:
        known = old.get(str(line.relation))
        for (persona, command), cell in line.cells.items():
            was = known.cells.get((persona, command)) if known is not None else None
            if was is None or Verdict.UNTESTABLE in (was.verdict, cell.verdict):
                continue
            if (was.reach, was.rows) != (cell.reach, cell.rows):
                yield Change(str(line.relation), persona, command, was, cell)


def between_environments(here: Matrix, there: Matrix) -> list[Change]:
    """The cells whose reach differs; numbers of rows, and "some" against "all", are matters of the data."""
    alike = {"some": "others", "all": "others"}
    found = []
    for change in _changes(there, here):
        one, other = (alike.get(cell.reach, cell.reach) for cell in (change.before, change.after))
        empty = {one, other} == {"own", "none"} and 0 in (change.before.of_own, change.after.of_own)
        if one != other and not empty:
            found.append(change)
    return found


def new_holes(before: Matrix, after: Matrix) -> list[Hole]:
    """The findings that were not there before."""
    known = {(hole.kind, hole.where, hole.policy) for hole in before.holes}
    return [hole for hole in after.holes if (hole.kind, hole.where, hole.policy) not in known]

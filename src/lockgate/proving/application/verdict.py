"""Judges what became of the application's queries from halt to halt."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lockgate.proving.application.following import Halt
from lockgate.proving.application.query import Application, Grade, Outcome, Query

_SAYS_NOTHING: Final = ("23503", "23505", "57014")
"""A missing parent, a duplicate, the end of a trial's time: that speaks of the values and rows, not of the schema."""


class Fate(enum.StrEnum):
    """What becomes of a query over a change."""

    WORKS = "works"
    ENDS = "ends at a gate"
    BROKEN = "broken"
    LATE = "too late"
    NEVER = "never works"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One query and its fate; ``halt`` is where it is decided, as an index, ``outcome`` what the server said there."""

    query: Query
    fate: Fate
    halt: int
    outcome: Outcome
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that the API offered before a change, and before a phase of it, and not after that phase.

    ``whole`` is false where only some ways of asking are lost: an embedding without a hint, an insert without a column.
    """

    what: str
    halt: int
    gated: bool
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was found.

    ``judges_offer`` is false where losses of the API are told only: over a whole history nobody knows who was still
    asking.
    """

    halts: tuple[Halt, ...]
    verdicts: tuple[Verdict, ...]
    lost: tuple[Lost, ...]
    passed_over: int = 0
    remarks: tuple[str, ...] = ()
    judges_offer: bool = True

    @property
    def failure(self) -> Halt | None:
        """The phase that could not be carried out."""
        return self.halts[-1] if self.halts[-1].failure else None

    def of(self, *fates: Fate) -> tuple[Verdict, ...]:
        """The verdicts with some fates."""
        return tuple(verdict for verdict in self.verdicts if verdict.fate in fates)

    @property
    def breaks_at(self) -> str | None:
        """The first phase that ends a query and was not behind a gate, or that could not be carried out."""
        broken = [verdict.halt for verdict in self.of(Fate.BROKEN)]
        if broken:
            return self.halts[min(broken)].label
        return self.failure.label if self.failure is not None else None

    @property
    def strangers(self) -> tuple[str, ...]:
        """Roles that send queries and that nothing makes: their queries are tried as the owner of the database."""
        return next((halt.strangers for halt in reversed(self.halts) if halt.failure is None), ())

    @property
    def losses(self) -> tuple[Lost, ...]:
        """What the API lost before anybody was told to stop asking for it."""
        return tuple(lost for lost in self.lost if lost.whole and not lost.gated)

    @property
    def stands(self) -> bool:
        """Whether the application lives through all of it."""
        broken = self.of(Fate.BROKEN, Fate.LATE)
        return not broken and not self.failure and not (self.judges_offer and self.losses)

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "ok": self.stands,
            "queries": len(self.verdicts),
            "passed_over": self.passed_over,
            "remarks": list(self.remarks),
            "unknown_roles": list(self.strangers),
            "halts": [self._halt(number) for number in range(len(self.halts))],
            "verdicts": [self._verdict(verdict) for verdict in self.verdicts],
            "api_lost": [self._loss(lost) for lost in self.lost],
        }

    def _loss(self, lost: Lost) -> dict[str, Any]:
        halt = self.halts[lost.halt]
        return {
            "what": lost.what,
            "at": halt.label,
            "phase": halt.phase,
            "behind_gate": lost.gated,
            "whole": lost.whole,
        }

    def _halt(self, number: int) -> dict[str, Any]:
        halt = self.halts[number]
        grades = [outcome.grade for outcome in halt.outcomes.values()]
        return {
            "at": halt.label,
            "title": halt.title,
            "phase": halt.phase,
            "gate": halt.gate,
            "run": grades.count(Grade.RUNS),
            "only_prepare": grades.count(Grade.PREPARES),
            "fail": grades.count(Grade.FAILS),
            "stale_plans": [query.name for query in halt.stale],
            "error": halt.failure,
        }

    def _verdict(self, verdict: Verdict) -> dict[str, Any]:
        return {
            "query": verdict.query.name,
            "role": verdict.query.role,
            "application": "new" if verdict.is_new else "current",
            "fate": verdict.fate.value,
            "at": self.halts[verdict.halt].label,
            "phase": self.halts[verdict.halt].phase,
            **verdict.outcome.to_json(),
        }


def judge_change(halts: Sequence[Halt], application: Application) -> Judgement:
    """Judge one change: what runs now lives until its first gate, what comes lives from before that gate on."""
    gates = [number for number, halt in enumerate(halts) if halt.gate]
    deadline = gates[0] - 1 if gates else len(halts) - 1
    verdicts = [_current(halts, query) for query in application.queries]
    verdicts += [_coming(halts, query, deadline) for query in application.new_queries]
    return Judgement(tuple(halts), tuple(verdicts), tuple(_lost(halts)))


def judge_history(halts: Sequence[Halt], application: Application) -> Judgement:
    """Judge many changes in a row: what has begun to work works on, unless a gate stands before its end."""
    last = len(halts) - 1
    verdicts = [_current(halts, query) for query in application.queries]
    verdicts += [_coming(halts, query, last) for query in application.new_queries]
    return Judgement(tuple(halts), tuple(verdicts), tuple(_lost(halts)), judges_offer=False)


def _current(halts: Sequence[Halt], query: Query) -> Verdict:
    number = _first_fall(halts, query)
    if number is None:
        last = _last_tried(halts, query)
        outcome = halts[last].outcomes[query]
        return Verdict(query, Fate.NEVER if outcome.grade is Grade.FAILS else Fate.WORKS, last, outcome)
    fate = Fate.ENDS if is_gated(halts, number) else Fate.BROKEN
    return Verdict(query, fate, number, halts[number].outcomes[query])


def _coming(halts: Sequence[Halt], query: Query, deadline: int) -> Verdict:
    fall, last = _first_fall(halts, query), _last_tried(halts, query)
    if fall is not None:
        return Verdict(query, Fate.BROKEN, fall, halts[fall].outcomes[query], is_new=True)
    then = min(deadline, last)
    if halts[then].outcomes[query].grade is Grade.FAILS:
        return Verdict(query, Fate.LATE, then, halts[then].outcomes[query], is_new=True)
    return Verdict(query, Fate.WORKS, last, halts[last].outcomes[query], is_new=True)


def _first_fall(halts: Sequence[Halt], query: Query) -> int | None:
    for number in range(1, len(halts)):
        before, after = halts[number - 1].outcomes.get(query), halts[number].outcomes.get(query)
        if before is None or after is None or before.grade is Grade.FAILS or after.grade <= before.grade:
            continue
        if not after.is_held_back and after.sqlstate not in _SAYS_NOTHING:
            return number
    return None


def _last_tried(halts: Sequence[Halt], query: Query) -> int:
    return max(number for number, halt in enumerate(halts) if query in halt.outcomes)


def is_gated(halts: Sequence[Halt], number: int) -> bool:
    """Whether a gate stands before a halt: its own, or that of an earlier part of the same change."""
    change = halts[number].change
    return bool(halts[number].gate) or any(
        halt.gate and change is not None and halt.change == change for halt in halts[:number]
    )


def _lost(halts: Sequence[Halt]) -> Iterator[Lost]:
    """What comes and goes within one change was never anybody's to rely on."""
    for number in range(1, len(halts)):
        if halts[number].failure is None:
            now, then, first = (halts[place].offer for place in (number, number - 1, _begin(halts, number)))
            gated = is_gated(halts, number)
            for what in sorted(then.lost(now) & first.lost(now)):
                yield Lost(what, number, gated)
            for what in sorted(then.narrowed(now) & first.narrowed(now)):
                yield Lost(what, number, gated, whole=False)


def _begin(halts: Sequence[Halt], number: int) -> int:
    """The halt before the change that a halt is part of."""
    change = halts[number].change
    while number > 1 and change is not None and halts[number - 1].change == change:
        number -= 1
    return number - 1

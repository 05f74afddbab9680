"""The parts of several statements in the order of their phases: first all that is new, then the gates.

A new application needs what every statement of a file makes. Were they carried out one after the other, the gate of the
first would wait for an application that needs the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import dropwhile, takewhile

from lockgate.planning.changes import Part, merged
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer

_ORDER = (PhaseKind.EXPAND, PhaseKind.MIGRATE, PhaseKind.CONTRACT)


def in_phases(answers: Sequence[Answer]) -> tuple[Part, ...]:
    """The parts of all answers; those that have nothing to do with each other share their phases."""
    found: list[Part] = []
    for group in _independent(answers):
        if len(group) == 1:
            found += group[0].parts
        else:
            found += _together(group)
    return merged(found)


def _together(answers: Sequence[Answer]) -> Iterator[Part]:
    """Whatever waits for no gate, phase by phase, then the rest of each."""
    at_once = [part for answer in answers for part in takewhile(_waits_for_nobody, answer.parts)]
    yield from (part for kind in _ORDER for part in at_once if part.kind is kind)
    for answer in answers:
        yield from dropwhile(_waits_for_nobody, answer.parts)


def _waits_for_nobody(part: Part) -> bool:
    return part.gate is None


def _independent(answers: Sequence[Answer]) -> list[list[Answer]]:
    """Neighbours that touch different columns, together; whatever may touch more stays where it is."""
    groups: list[list[Answer]] = []
    for answer in answers:
        last = groups[-1] if groups else []
        if last and answer.touches and all(one.touches and not one.touches & answer.touches for one in last):
            last.append(answer)
        else:
            groups.append([answer])
    return groups

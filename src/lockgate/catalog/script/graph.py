"""Operations and the order among them."""

from __future__ import annotations

import enum
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from lockgate.catalog.address import Address, Kind


class Verb(enum.IntEnum):
    """What is done to an object; among operations that could come next, the smaller one comes."""

    DETACH = 0
    DROP = 1
    MAKE = 2
    FILL = 3
    FINISH = 4


class Key(NamedTuple):
    """One operation."""

    verb: Verb
    address: Address


@dataclass
class Operation:
    """Statements that belong together.

    ``removes`` are the addresses that go away with it. ``needs`` maps what must come before to the object because of
    which it must (an operation can be split at that object when the needs run in a circle).
    """

    key: Key
    sql: list[str]
    removes: set[Address] = field(default_factory=set)
    needs: dict[Key, Address] = field(default_factory=dict)


Operations = dict[Key, Operation]
Breaker = Callable[[Operations, list[Key]], bool]

_KIND_ORDER = {kind: number for number, kind in enumerate(Kind)}


def in_order(operations: Operations, break_circle: Breaker) -> list[Operation]:
    """A topological order, the same for equal operations.

    ``break_circle`` is given the keys of a circle and changes the operations so that it opens; where it cannot, the
    first of them goes ahead, and the server has the last word.
    """
    ordered: list[Operation] = []
    while operations:
        placed = _sort(operations)
        if len(placed) == len(operations):
            return ordered + [operations[key] for key in placed]
        stuck = {key: operation for key, operation in operations.items() if key not in set(placed)}
        circle = _circle(stuck)
        if break_circle(operations, circle):
            continue
        first = min(circle, key=_rank)
        operations[first].needs = {
            key: why for key, why in operations[first].needs.items() if key not in set(circle)
        }
    return ordered


def _sort(operations: Operations) -> list[Key]:
    waiting = {key: {need for need in item.needs if need in operations} for key, item in operations.items()}
    followers: dict[Key, list[Key]] = defaultdict(list)
    for key, needs in waiting.items():
        for need in needs:
            followers[need].append(key)
    ready = [(_rank(key), key) for key, needs in waiting.items() if not needs]
    heapq.heapify(ready)
    placed: list[Key] = []
    while ready:
        _, key = heapq.heappop(ready)
        placed.append(key)
        for follower in followers[key]:
            waiting[follower].discard(key)
            if not waiting[follower]:
                heapq.heappush(ready, (_rank(follower), follower))
    return placed


def _rank(key: Key) -> tuple[int, int, Address]:
    kind = _KIND_ORDER[key.address.kind]
    if key.address.kind is Kind.DEFAULT_PRIVILEGES:
        # They would change what the statements before them have counted on.
        return (9, kind, key.address)
    if key.verb is Verb.DROP:
        if key.address.kind is Kind.ROLE:
            return (10, kind, key.address)
        return (key.verb, -kind, key.address)
    return (key.verb, kind, key.address)


def _circle(stuck: Operations) -> list[Key]:
    """Some circle among operations that all wait for each other."""
    seen: dict[Key, int] = {}
    path: list[Key] = []
    key = min(stuck, key=_rank)
    while key not in seen:
        seen[key] = len(path)
        path.append(key)
        key = min((need for need in stuck[key].needs if need in stuck), key=_rank)
    return path[seen[key] :]


def need(operations: Operations, key: Key, needed: Iterable[Key], why: Address) -> None:
    """Say that an operation must wait for others."""
    for other in needed:
        if other != key and other in operations:
            operations[key].needs.setdefault(other, why)

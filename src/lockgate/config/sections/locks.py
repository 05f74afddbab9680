"""``[locks]``: how long a statement may wait or hold up others, and how often it is tried again."""

from __future__ import annotations

from typing import Annotated

from lockgate.config.settings import Between, positive_seconds, seconds
from lockgate.values import value


@value(frozen=True, slots=True)
class Locks:
    """Lock discipline; durations are seconds here and may carry a unit in the file."""

    lock_timeout: Annotated[
        float,
        positive_seconds,
        "how long one try may stand in the lock queue, where all later queries wait behind it",
    ] = 1.0
    lock_timeout_max: Annotated[
        float, positive_seconds, "what `lock_timeout` may grow to when try after try fails"
    ] = 5.0
    budget: Annotated[
        float, positive_seconds, "how long one step may try in all; then exit code 4, and nothing was changed"
    ] = 300.0
    tries: Annotated[int, Between(1, 1000), "how many tries one step has within the budget"] = 60
    pause: Annotated[float, seconds, "the first pause between two tries; it doubles, with jitter"] = 0.5
    pause_max: Annotated[float, seconds, "the longest pause between two tries"] = 30.0
    statement_timeout: Annotated[
        float,
        positive_seconds,
        "how long one statement with a strong lock may run; patient steps (CONCURRENTLY, VALIDATE) have no limit",
    ] = 30.0
    idle_in_transaction_timeout: Annotated[
        float, positive_seconds, "after how long the server ends a transaction of ours that does nothing"
    ] = 30.0
    max_queued: Annotated[
        int, Between(0, 100_000), "let go as soon as more than this many other sessions wait behind us"
    ] = 10
    max_stall: Annotated[
        float, positive_seconds, "let go as soon as one other session has waited behind us for so long"
    ] = 3.0
    reconnect_budget: Annotated[
        float,
        positive_seconds,
        "how long to wait in the middle of a run for a server that is away, or has no free connection",
    ] = 120.0

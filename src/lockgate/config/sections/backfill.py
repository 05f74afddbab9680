"""``[backfill]``: how gently data migrations go through a table."""

from __future__ import annotations

from typing import Annotated, Literal

from lockgate.config.settings import Between, positive_seconds, seconds
from lockgate.values import value


@value(frozen=True, slots=True)
class Backfill:
    """The settings of every backfill of this project; a directive and the command line may say otherwise."""

    target: Annotated[float, positive_seconds, "how long one chunk may take"] = 0.1
    batch: Annotated[
        int | None,
        Between(1, 1_000_000),
        "the rows of the first and of the largest chunk; adapted when left out",
    ] = None
    pause: Annotated[float, seconds, "a rest after each chunk"] = 0.0
    rate: Annotated[
        int | None, Between(1, 1_000_000_000), "at most so many rows a second, of all workers together"
    ] = None
    quiet: Annotated[str | None, 'hours in which backfills rest, such as `"08:00-18:00 Europe/Berlin"`'] = (
        None
    )
    workers: Annotated[int, Between(1, 32), "connections at once, on disjoint parts of the table"] = 1
    triggers: Annotated[
        Literal["keep", "skip"], "whether the table's own triggers fire for the rows of a chunk"
    ] = "keep"
    limits: Annotated[
        tuple[str, ...], 'up to where a backfill may press on the server, such as `["replica_lag_seconds=5"]`'
    ] = ()
    ignore_signals: Annotated[tuple[str, ...], "throttle signals that are not looked at"] = ()

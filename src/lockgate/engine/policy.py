"""How patient the engine is; every number can be set in ``[locks]`` of lockgate.toml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockgate.engine.ending import Rule


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits on waiting. Times are seconds.

    ``lock_timeout`` is that of the first try and grows by half with each try up to ``lock_timeout_limit``; between
    tries the engine sleeps a random time up to an exponentially growing bound (full jitter), until ``tries`` or
    ``budget`` is used up. ``max_queued`` sessions waiting behind us, or one waiting for ``max_stall``, make us let go
    early; ``ends`` names the sessions that may be ended when they stand in the way. ``statement_timeout`` limits
    statements that queue others; long, weakly locking work has none.
    """

    lock_timeout: float = 1.0
    lock_timeout_limit: float = 3.0
    tries: int = 30
    budget: float = 300.0
    first_sleep: float = 0.2
    longest_sleep: float = 15.0
    max_queued: int = 20
    max_stall: float = 3.0
    statement_timeout: float = 3600.0
    idle_in_transaction_timeout: float = 60.0
    reconnect_budget: float = 120.0
    check_interval: float = 0.5
    ends: tuple[Rule, ...] = ()

    def lock_timeout_of(self, attempt: int) -> float:
        """The lock time-out of the n-th try, counted from 1."""
        return min(self.lock_timeout_limit, self.lock_timeout * 1.5 ** (attempt - 1))

    def sleep_bound(self, attempt: int) -> float:
        """The longest sleep after the n-th try; the real one is a random share of it."""
        return min(self.longest_sleep, self.first_sleep * 2.0 ** (attempt - 1))

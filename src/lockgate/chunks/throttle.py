"""Turns the readings of all signals into one verdict: go, go slower, or stop, and why."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from lockgate.chunks.failures import describe
from lockgate.chunks.quiet import QuietHours
from lockgate.chunks.signals import SIGNALS, Reading, Signal, Situation, UnreadableError
from lockgate.errors import UsageError

CALM = 0.7
"""Up to this share of a limit a walk runs freely."""
RESUME = 0.9
"""After a stop, the pressure has to fall below this before the walk goes on."""
_LONGEST_REST = 4.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``rest`` is the pause after a chunk as a multiple of the time that the chunk took; None means stop."""

    rest: float | None
    reason: str = ""

    @property
    def stop(self) -> bool:
        """Whether no chunk may begin."""
        return self.rest is None


GO = Verdict(0.0)


class Throttle:
    """Asks every signal that is not ignored; one that cannot be read counts as a stop (fail closed)."""

    def __init__(self, ignored: Iterable[str] = (), signals: tuple[type[Signal], ...] = SIGNALS) -> None:
        ignored = set(ignored)
        unknown = ignored - {signal.name for signal in signals}
        if unknown:
            raise UsageError(
                f"There is no throttle signal called {', '.join(sorted(unknown))}.",
                next_steps=["the signals are " + ", ".join(signal.name for signal in signals)],
            )
        self._signals = [signal() for signal in signals if signal.name not in ignored]
        self._stopped_by: set[str] = set()

    def judge(self, situation: Situation, quiet: QuietHours | None = None) -> Verdict:
        """Look at everything once."""
        if quiet and quiet.hold(datetime.now(UTC)):
            return Verdict(None, f"quiet hours ({quiet})")
        readings = [(signal.name, _read(signal, situation)) for signal in self._signals]
        stops = [f"{name}: {reading.detail}" for name, reading in readings if self._stops(name, reading)]
        if stops:
            return Verdict(None, "; ".join(stops))
        name, worst = max(readings, key=lambda item: item[1].pressure, default=("", Reading(0.0)))
        if worst.pressure <= CALM:
            return GO
        rest = (worst.pressure - CALM) / (1 - CALM) * _LONGEST_REST
        return Verdict(min(rest, _LONGEST_REST), f"{name}: {worst.detail}")

    def _stops(self, name: str, reading: Reading) -> bool:
        threshold = RESUME if name in self._stopped_by else 1.0
        if reading.pressure >= threshold:
            self._stopped_by.add(name)
            return True
        self._stopped_by.discard(name)
        return False


def _read(signal: Signal, situation: Situation) -> Reading:
    try:
        return signal.read(situation)
    except UnreadableError as error:
        return Reading(1.0, f"{error}; to walk without it: --ignore-signal {signal.name}")
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        return Reading(
            1.0, f"cannot be read ({describe(error)}); to walk without it: --ignore-signal {signal.name}"
        )


def now() -> float:
    """The clock of the signals, in seconds."""
    return time.monotonic()

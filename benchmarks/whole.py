"""Times whole processes in turn (A B A B …), so that a drifting machine is fair to both; medians and memory."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Contender:
    """One command; ``before`` runs untimed ahead of each round, ``fine`` are the exit codes that count as success."""

    name: str
    command: Sequence[str]
    before: Callable[[], None] | None = None
    fine: tuple[int, ...] = (0,)
    environment: Mapping[str, str] | None = None
    folder: str | None = None


@dataclass(frozen=True)
class Timing:
    """Seconds of wall clock and of processor, and the largest memory in MiB, of one run."""

    wall: float
    cpu: float
    memory: float


def race(contenders: Sequence[Contender], rounds: int) -> dict[str, list[Timing]]:
    """Run each contender once as a warm-up, then in turn; raises RuntimeError when one fails."""
    results: dict[str, list[Timing]] = {contender.name: [] for contender in contenders}
    for number in range(rounds + 1):
        for contender in contenders:
            if contender.before:
                contender.before()
            timing = _run(contender)
            if number:
                results[contender.name].append(timing)
    return results


def _run(contender: Contender) -> Timing:
    started = time.perf_counter()
    child = subprocess.Popen(
        contender.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(contender.environment or {})},
        cwd=contender.folder,
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    child.returncode = code
    if code not in contender.fine:
        raise RuntimeError(f"{contender.name} ended with {code}: {' '.join(contender.command)}")
    return Timing(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def table(title: str, results: Mapping[str, list[Timing]], base: str) -> None:
    """Print medians and the ratio to one of the contenders, pair by pair."""
    print(f"\n{title}")
    print(f"  {'':<28} {'wall s':>8} {'cpu s':>8} {'MiB':>6} {'ratio':>7}")
    for name, timings in results.items():
        pairs = [t.wall / b.wall for t, b in zip(timings, results[base], strict=True)]
        print(
            f"  {name:<28} {_median(timings, 'wall'):8.2f} {_median(timings, 'cpu'):8.2f}"
            f" {_median(timings, 'memory'):6.0f} {statistics.median(pairs):6.2f}x"
        )


def _median(timings: Sequence[Timing], field: str) -> float:
    return statistics.median(getattr(timing, field) for timing in timings)


def own_memory() -> float:
    """The largest memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

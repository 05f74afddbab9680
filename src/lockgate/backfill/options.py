"""What a user may ask of a backfill: the directive's options, and those of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from lockgate.chunks.job import Settings
from lockgate.chunks.throttle import Throttle
from lockgate.config.sections import Backfill
from lockgate.errors import UsageError

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min)?")
_FACTORS = {"ms": 1.0, "s": 1000.0, "min": 60_000.0, None: 1000.0}
DIRECTIVE_OPTIONS: Final = (
    *("batch", "pause", "key", "walk", "target", "rate", "quiet", "workers", "triggers", "left"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a backfill. ``key`` are the columns to walk by, ``walker`` the way to walk; None chooses.

    ``triggers`` keeps user triggers firing on the chunks or skips them; ``count_first`` counts the rows before the
    first chunk instead of estimating them.
    """

    settings: Settings = field(default_factory=Settings)
    key: tuple[str, ...] = ()
    walker: str | None = None
    triggers: Literal["keep", "skip"] = "keep"
    count_first: bool = False
    workers: int = 1


def options_of_project(section: Backfill) -> Options:
    """The options that ``[backfill]`` of lockgate.toml gives; raises UsageError for what there is not."""
    Throttle(section.ignore_signals)
    settings = Settings(
        target_ms=section.target * 1000,
        pause_ms=section.pause * 1000,
        rows_per_second=section.rate,
        quiet=section.quiet,
        ignored_signals=section.ignore_signals,
        limits=dict(limit(text) for text in section.limits),
    )
    if section.batch is not None:
        settings = replace(settings, first_rows=section.batch, largest_rows=section.batch)
    return Options(settings, triggers=section.triggers, workers=section.workers)


def limit(text: str) -> tuple[str, float]:
    """A limit such as ``replica_lag_seconds=5``; raises UsageError."""
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a limit.", next_steps=["write it as name=number"]) from error


def options_from_directive(values: Iterable[tuple[str, str]], base: Options | None = None) -> Options:
    """Read ``batch=N pause=0.1s key=id``; raises UsageError for what cannot be read."""
    options = base or Options()
    for name, value in values:
        options = _apply(options, name, value)
    return options


def milliseconds(text: str) -> float:
    """A duration such as ``0.1s``, ``100ms`` or ``2min``; a bare number counts seconds. Raises UsageError."""
    match = _DURATION.fullmatch(text.strip())
    if not match:
        raise UsageError(f"{text!r} is not a duration.", next_steps=["write it as 100ms, 0.1s or 2min"])
    return float(match[1]) * _FACTORS[match[2]]


def _apply(options: Options, name: str, value: str) -> Options:
    if name == "key":
        return replace(options, key=tuple(part.strip() for part in value.split(",") if part.strip()))
    if name == "walk":
        return replace(options, walker=value)
    if name == "triggers":
        return replace(options, triggers=_triggers(value))
    if name == "workers":
        return replace(options, workers=_whole(name, value))
    return replace(options, settings=_setting(options.settings, name, value))


def _setting(settings: Settings, name: str, value: str) -> Settings:
    if name == "batch":
        rows = _whole(name, value)
        return replace(settings, first_rows=rows, largest_rows=rows)
    if name == "pause":
        return replace(settings, pause_ms=milliseconds(value))
    if name == "target":
        return replace(settings, target_ms=milliseconds(value))
    if name == "rate":
        return replace(settings, rows_per_second=float(_whole(name, value)))
    if name == "quiet":
        return replace(settings, quiet=value)
    if name == "left":
        return replace(settings, left=_left(value))
    raise UsageError(
        f"A backfill has no option {name!r}.", next_steps=["the options are " + ", ".join(DIRECTIVE_OPTIONS)]
    )


def _triggers(value: str) -> Literal["keep", "skip"]:
    if value == "keep":
        return "keep"
    if value == "skip":
        return "skip"
    raise UsageError(f"triggers={value}: a backfill can keep triggers or skip them.")


def _left(value: str) -> Literal["error", "note"]:
    if value == "error":
        return "error"
    if value == "note":
        return "note"
    raise UsageError(f"left={value}: rows that match again are an error, or only noted.")


def _whole(name: str, value: str) -> int:
    if not re.fullmatch(r"[\d_]+", value) or int(value) < 1:
        raise UsageError(f"{name}={value}: it must be a whole number above zero.")
    return int(value)

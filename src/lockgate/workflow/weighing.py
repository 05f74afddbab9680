"""What a change costs on a target as it was written, and what each part of its plan costs there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockgate.analysis.check import check
from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.impact.report import weigh
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.catalog.statistics.model import Statistics
from lockgate.workflow.proposing import Proposal, text_of

_NO_RULES = frozenset({"identifier-too-long"})
"""Findings are not asked for here; one cheap rule is the least that can be selected."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The forecasts with their impact: of the change as it was written, and of each part of the plan."""

    as_written: tuple[StatementForecast, ...]
    parts: tuple[tuple[StatementForecast, ...], ...]


def weigh_proposal(proposal: Proposal, options: Options, statistics: Statistics) -> Weighed:
    """Forecast and weigh a change and its plan, each part on what the parts before it leave."""
    numbers = range(1, len(proposal.change.parts) + 1)
    parts = [Source.from_text(text_of(proposal.change, number), f"part {number}") for number in numbers]
    written = Source.from_text(proposal.sql, "as written")
    quick = replace(options, select=_NO_RULES)
    return Weighed(
        _forecasts([written], quick, proposal.history, statistics)["as written"],
        tuple(_forecasts(parts, quick, proposal.history, statistics).values()),
    )


def _forecasts(
    sources: Sequence[Source], options: Options, history: Sequence[Source], statistics: Statistics
) -> dict[str, tuple[StatementForecast, ...]]:
    found: dict[str, list[StatementForecast]] = {source.file: [] for source in sources}
    for forecast in check(sources, options, history).forecasts:
        found[forecast.file].append(forecast)
    return {file: tuple(weigh(forecasts, statistics)) for file, forecasts in found.items()}

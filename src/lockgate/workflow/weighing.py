"""What a change costs on a target as it was written, and what each part of its plan costs there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.foretelling import foretell
from lockgate.analysis.impact.report import weigh
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.catalog.statistics.model import Statistics
from lockgate.workflow.proposing import Proposal, text_of


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
    return Weighed(
        _weighed([written], options, proposal.history, statistics)["as written"],
        tuple(_weighed(parts, options, proposal.history, statistics).values()),
    )


def _weighed(
    sources: Sequence[Source], options: Options, history: Sequence[Source], statistics: Statistics
) -> dict[str, tuple[StatementForecast, ...]]:
    found = foretell(sources, options, history)
    return {file: tuple(weigh(forecasts, statistics)) for file, forecasts in found.items()}

"""Forecasts without findings: what the statements of some files will lock, for those who plan, weigh or prove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from lockgate.analysis.bodies import body_of
from lockgate.analysis.check import check
from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.analysis.transactions import DECIDED_BY_OBJECT
from lockgate.sql.parse import Statement
from lockgate.values import replace

Forecasts = Mapping[str, Sequence[StatementForecast]]
"""One forecast for each statement, by the file's label."""

_FEWEST_RULES: Final = frozenset({"identifier-too-long"})
"""Findings are not asked for; one cheap rule is the least that can be selected."""


def foretell(sources: Sequence[Source], options: Options, history: Sequence[Source] = ()) -> Forecasts:
    """What is foretold of the statements of some files on the schema that ``history`` leaves."""
    found: dict[str, list[StatementForecast]] = {source.file: [] for source in sources}
    if sources:
        for forecast in check(sources, replace(options, select=_FEWEST_RULES), history).forecasts:
            found[forecast.file].append(forecast)
    return found


def is_worth_asking(statement: Statement) -> bool:
    """Whether only a forecast tells that the server refuses the statement inside a transaction block."""
    if statement.kind == "DoStmt":
        body = body_of(statement)
        return body is not None and body.commits
    return statement.kind == "CallStmt" or statement.kind in DECIDED_BY_OBJECT

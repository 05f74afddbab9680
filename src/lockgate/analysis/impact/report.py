"""A report with the impact of its statements, and findings that weigh what they weigh on that target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from lockgate.analysis.findings import Finding, Report, StatementForecast
from lockgate.analysis.impact import spans
from lockgate.analysis.impact.assess import Impact, Work, assess
from lockgate.catalog.statistics.model import Statistics
from lockgate.types import Severity

SHORT: Final = 0.25
"""A statement that surely holds its locks for less (seconds), and gets them at once, is as good as its safe form."""

ABOUT_TIME: Final = frozenset(
    {
        "add-check-without-not-valid",
        "add-column-identity",
        "add-column-inline-check",
        "add-column-inline-fk",
        "add-column-inline-unique",
        "add-column-primary-key",
        "add-column-serial",
        "add-column-stored-generated",
        "add-column-volatile-default",
        "add-exclusion-constraint",
        "add-fk-without-not-valid",
        "add-pk-without-using-index",
        "add-unique-constraint",
        "attach-partition-builds-index",
        "attach-partition-without-check",
        "change-column-type",
        "cluster",
        "create-index-not-concurrent",
        "create-index-on-partitioned-table",
        "domain-add-constraint",
        "domain-set-not-null",
        "not-valid-validate-same-tx",
        "refresh-matview-not-concurrent",
        "reindex-not-concurrent",
        "set-access-method",
        "set-logged-unlogged",
        "set-not-null-scan",
        "set-tablespace",
        "type-change-check-or-index-rescan",
        "vacuum-full",
    }
)
"""Rules whose hazard is how long a table is read or written under a lock: on a small one it is small."""

_LIGHTER: Final = {
    Severity.ERROR: Severity.WARNING,
    Severity.WARNING: Severity.INFO,
    Severity.INFO: Severity.INFO,
}


def with_impact(report: Report, statistics: Statistics) -> Report:
    """The report with an impact on every forecast; findings about duration become lighter where it is short.

    The words of a finding's message stay as they are, so that its fingerprint does too.
    """
    forecasts = tuple(
        weighed
        for _, group in groupby(report.forecasts, key=lambda forecast: forecast.file)
        for weighed in weigh(list(group), statistics)
    )
    known = {(forecast.file, forecast.statement): forecast for forecast in forecasts}
    findings = tuple(
        _refined(finding, known.get((finding.file, finding.statement)), statistics)
        for finding in report.findings
    )
    return replace(report, forecasts=forecasts, findings=findings)


def together(reports: Sequence[Report]) -> Report:
    """Reports of different files as one, in order."""
    return Report(
        tuple(finding for report in reports for finding in report.findings),
        tuple(forecast for report in reports for forecast in report.forecasts),
        tuple(migration for report in reports for migration in report.migrations),
        sum(report.files for report in reports),
        sum(report.statements for report in reports),
        sum(report.unanalysed for report in reports),
    )


def weigh(forecasts: Sequence[StatementForecast], statistics: Statistics) -> list[StatementForecast]:
    """The forecasts of one file with their impact."""
    works = [
        Work(
            kind=found.kind,
            relations=found.relations,
            attached=found.attached,
            transaction=found.transaction,
            patient=found.patient,
            in_chunks=found.in_chunks,
            made_here=found.made_here,
            row_triggers=found.row_triggers,
        )
        for found in forecasts
    ]
    return [
        replace(found, impact=impact)
        for found, impact in zip(forecasts, assess(works, statistics), strict=True)
    ]


def _refined(finding: Finding, forecast: StatementForecast | None, statistics: Statistics) -> Finding:
    if finding.rule not in ABOUT_TIME or forecast is None or forecast.impact is None:
        return finding
    impact = forecast.impact
    if not impact.relations or impact.held.high >= SHORT or impact.blockers:
        return finding
    why = f"{finding.why}\nSmall on {statistics.target}: {_sizes(impact)}; {spans.in_words(impact.held)}."
    return replace(finding, severity=_LIGHTER[finding.severity], why=why)


def _sizes(impact: Impact) -> str:
    return ", ".join(
        f"{found.name} {spans.size(found.bytes)}"
        + (f", {spans.number(found.rows)} rows" if found.rows is not None else "")
        for found in impact.relations
    )

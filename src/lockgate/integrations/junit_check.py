"""JUnit XML of a check: one suite for each file, one failed case for each finding."""

from __future__ import annotations

from lockgate.analysis.findings import Finding, Report
from lockgate.integrations.junit import Case, Suite, render
from lockgate.types import Severity


def write(report: Report) -> str:
    """The report as one document; findings of severity info are passed cases."""
    by_file: dict[str, list[Finding]] = {migration.file: [] for migration in report.migrations}
    for finding in report.findings:
        by_file.setdefault(finding.file, []).append(finding)
    suites = [
        Suite(file, [*map(_case, findings)] or [Case("no hazard", file, file=file)])
        for file, findings in by_file.items()
    ]
    return render("lockgate check", suites)


def _case(finding: Finding) -> Case:
    case = f"{finding.rule} line {finding.line}"
    if finding.severity is Severity.INFO:
        return Case(case, finding.file, file=finding.file, line=finding.line)
    place = f"{finding.file}:{finding.line}:{finding.column}"
    return Case(
        case,
        finding.file,
        file=finding.file,
        line=finding.line,
        failure=finding.message,
        kind=finding.rule,
        details=f"{place}\n{finding.why}\n\n{finding.safe}".strip(),
    )

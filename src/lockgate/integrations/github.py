"""Workflow commands of GitHub Actions: each finding becomes an annotation at its line."""

from __future__ import annotations

from typing import Final

from lockgate.analysis.findings import Report
from lockgate.types import Severity

_COMMAND: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def write(report: Report) -> str:
    """One command a line."""
    return "\n".join(
        f"::{_COMMAND[f.severity]} file={_property(f.file)},line={f.line},endLine={max(f.line, f.end_line)},"
        f"col={f.column},title={_property(f.rule)}::{_data(f'{f.message} {f.why}'.strip())}"
        for f in report.findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

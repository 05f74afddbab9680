"""The code quality report of GitLab."""

from __future__ import annotations

import json
from typing import Final

from lockgate.analysis.findings import Report
from lockgate.types import Severity

_SEVERITY: Final = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def write(report: Report) -> str:
    """A JSON array with one entry for each finding."""
    entries = [
        {
            "description": f"{finding.message} {finding.why}".strip(),
            "check_name": finding.rule,
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITY[finding.severity],
            "location": {
                "path": finding.file,
                "lines": {"begin": finding.line, "end": max(finding.line, finding.end_line)},
            },
        }
        for finding in report.findings
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False)

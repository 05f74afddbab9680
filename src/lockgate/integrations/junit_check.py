"""JUnit XML of a check: one suite for each file, one failed case for each finding."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from lockgate.analysis.findings import Finding, Report
from lockgate.types import Severity

_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report) -> str:
    """The report as one document; findings of severity info are passed cases."""
    by_file: dict[str, list[Finding]] = {migration.file: [] for migration in report.migrations}
    for finding in report.findings:
        by_file.setdefault(finding.file, []).append(finding)
    suites = "\n".join(_suite(file, findings) for file, findings in by_file.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="lockgate check">\n{suites}\n</testsuites>'
    )


def _suite(file: str, findings: list[Finding]) -> str:
    failed = sum(finding.severity is not Severity.INFO for finding in findings)
    cases = [_case(finding) for finding in findings] or [
        f'    <testcase classname={_attr(file)} name="no hazard"/>'
    ]
    head = f'  <testsuite name={_attr(file)} tests="{len(cases)}" failures="{failed}">'
    return "\n".join([head, *cases, "  </testsuite>"])


def _case(finding: Finding) -> str:
    name = _attr(f"{finding.rule} line {finding.line}")
    head = f"    <testcase classname={_attr(finding.file)} name={name}"
    if finding.severity is Severity.INFO:
        return head + "/>"
    body = escape(
        _clean(f"{finding.file}:{finding.line}:{finding.column}\n{finding.why}\n\n{finding.safe}".strip())
    )
    message = _attr(finding.message)
    return f"{head}>\n      <failure type={_attr(finding.rule)} message={message}>{body}</failure>\n    </testcase>"


def _attr(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

"""SARIF 2.1.0, the format of code scanning services."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from lockgate import __version__
from lockgate.analysis.findings import Finding, Report
from lockgate.analysis.rules import ALL
from lockgate.analysis.rules.base import Rule
from lockgate.types import Severity

_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PLACES: Final = {rule.id: number for number, rule in enumerate(ALL)}


def write(report: Report) -> str:
    """The report as one SARIF log with one run."""
    driver = {"name": "lockgate", "version": __version__, "rules": list(map(_rule, ALL))}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, Any]:
    doc = rule.doc.strip()
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": doc, "markdown": doc},
        "defaultConfiguration": {"enabled": not rule.opt_in, "level": _LEVEL[rule.severity]},
        "properties": {"tags": [rule.group.value]},
    }


def _result(finding: Finding) -> dict[str, Any]:
    text = f"{finding.message} {finding.why}".strip()
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": max(finding.line, finding.end_line),
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": _PLACES[finding.rule],
        "level": _LEVEL[finding.severity],
        "message": {"text": text + (f"\n\nSafe:\n{finding.safe}" if finding.safe else "")},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}, "region": region}}
        ],
        "partialFingerprints": {"lockgate/v1": finding.fingerprint},
    }


def _uri(file: str) -> str:
    """A reference from the root of the repository, or the URI of a file outside of it (RFC 3986)."""
    path = PurePosixPath(file)
    return path.as_uri() if path.is_absolute() else quote(file)

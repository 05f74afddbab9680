"""SARIF 2.1.0, the format of code scanning services."""

from __future__ import annotations

import json
from typing import Any, Final

from lockgate import __version__
from lockgate.analysis.findings import Finding, Report
from lockgate.analysis.rules import ALL
from lockgate.types import Severity

_LEVEL: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(report: Report) -> str:
    """The report as one SARIF log with one run."""
    places = {rule.id: number for number, rule in enumerate(ALL)}
    run = {
        "tool": {
            "driver": {
                "name": "lockgate",
                "version": __version__,
                "rules": [
                    {
                        "id": rule.id,
                        "shortDescription": {"text": rule.title},
                        "help": {"text": rule.doc.strip()},
                        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
                        "properties": {"tags": [rule.group.value]},
                    }
                    for rule in ALL
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, places) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    text = f"{finding.message} {finding.why}".strip()
    return {
        "ruleId": finding.rule,
        **({"ruleIndex": places[finding.rule]} if finding.rule in places else {}),
        "level": _LEVEL[finding.severity],
        "message": {"text": text + (f"\n\nSafe:\n{finding.safe}" if finding.safe else "")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": finding.file.replace("\\", "/")},
                    "region": {
                        "startLine": finding.line,
                        "startColumn": finding.column,
                        "endLine": max(finding.line, finding.end_line),
                    },
                }
            }
        ],
        "partialFingerprints": {"lockgate/v1": finding.fingerprint},
    }

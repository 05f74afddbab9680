"""What a check gives back: findings, forecasts, one summary; with the field names of the machine output."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lockgate.types import Blocks, LockMode, MigrationType, RelationLock, Risk, Severity
from lockgate.values import replace, value

if TYPE_CHECKING:
    from lockgate.analysis.impact.assess import Impact

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


@value(frozen=True, slots=True)
class Finding:
    """One hazard in one file. Lines and columns count from 1, ``statement`` from 0.

    ``fingerprint`` stays the same when lines move, other statements change or the file is laid out anew.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    end_line: int
    statement: int
    message: str
    why: str
    safe: str
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """The entry of ``findings`` in the machine output."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "statement": self.statement,
            "message": self.message,
            "why": self.why,
            "safe": self.safe or None,
            "fingerprint": self.fingerprint,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Finding:
        """The finding of such an entry."""
        return cls(**{**entry, "severity": Severity(entry["severity"]), "safe": entry["safe"] or ""})


@value(frozen=True, slots=True)
class StatementForecast:
    """What one statement will lock; ``kind`` is the parser's name of its form.

    ``attached`` are indexes and owned sequences, where their lock says more than the one on their table. Statements of
    one file with the same ``transaction`` number commit together; one that runs ``in_chunks`` commits many times.
    ``made_here`` names the relations among them that the same file makes, so that nobody else uses them yet;
    ``row_triggers`` names a relation once for each trigger that fires there for every row that is changed.
    ``impact`` is known with statistics of a target.
    """

    file: str
    statement: int
    line: int
    kind: str
    relations: tuple[RelationLock, ...]
    transactional: bool
    blocks: Blocks
    patient: bool = False
    attached: tuple[RelationLock, ...] = ()
    transaction: int | None = None
    in_chunks: bool = False
    made_here: tuple[str, ...] = ()
    row_triggers: tuple[str, ...] = ()
    impact: Impact | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry of ``forecasts`` in the machine output."""
        return {
            "file": self.file,
            "statement": self.statement,
            "line": self.line,
            "kind": self.kind,
            "relations": [lock.to_json() for lock in self.relations],
            "attached": [lock.to_json() for lock in self.attached],
            "transactional": self.transactional,
            "blocks": self.blocks,
            "impact": self.impact.to_json() if self.impact is not None else None,
            "patient": self.patient,
            "transaction": self.transaction,
            "in_chunks": self.in_chunks,
            "made_here": list(self.made_here),
            "row_triggers": list(self.row_triggers),
            "index_builds": [lock.relation for lock in (*self.relations, *self.attached) if lock.index_build],
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> StatementForecast:
        """The forecast of such an entry, without an impact, which belongs to one moment of one target."""
        locks = {
            part: tuple(_lock(lock, entry["index_builds"]) for lock in entry[part])
            for part in ("relations", "attached")
        }
        values = {key: value for key, value in entry.items() if key != "index_builds"}
        listed = {part: tuple(entry[part]) for part in ("made_here", "row_triggers")}
        return cls(**{**values, **locks, **listed, "impact": None})


def _lock(entry: Mapping[str, Any], index_builds: Container[str]) -> RelationLock:
    name = entry["name"]
    return RelationLock(
        name, LockMode.from_pg(entry["lock"]), entry["rewrite"], entry["scan"], name in index_builds
    )


@value(frozen=True, slots=True)
class Classified:
    """What kind of migration a file is, by its SQL, and why its risk is what it is."""

    file: str
    version: str
    types: tuple[MigrationType, ...]
    risk: Risk
    risk_reason: str = ""
    breaking: bool = False
    downtime: bool = False
    requires: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The entry of ``migrations`` in the machine output."""
        return {
            "file": self.file,
            "version": self.version,
            "types": [kind.value for kind in self.types],
            "risk": self.risk.value,
            "risk_reason": self.risk_reason,
            "breaking": self.breaking,
            "downtime": self.downtime,
            "requires": list(self.requires),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Classified:
        """The class of such an entry."""
        values = {
            "types": tuple(map(MigrationType, entry["types"])),
            "risk": Risk(entry["risk"]),
            "requires": tuple(entry["requires"]),
        }
        return cls(**{**entry, **values})


@value(frozen=True, slots=True)
class Report:
    """Everything that a check found, in the order of files and statements.

    ``target`` tells where the impact comes from, where there is any.
    """

    findings: tuple[Finding, ...]
    forecasts: tuple[StatementForecast, ...]
    migrations: tuple[Classified, ...]
    files: int
    statements: int
    unanalysed: int
    target: Mapping[str, Any] | None = None

    def count(self, severity: Severity) -> int:
        """How many findings are of a severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def below(self, folder: str) -> Report:
        """The same report with its files as they are seen from a folder further up; ``folder`` is the way down."""
        if folder in ("", "."):
            return self
        findings = (replace(finding, file=_from_above(folder, finding.file)) for finding in self.findings)
        migrations = (replace(item, file=_from_above(folder, item.file)) for item in self.migrations)
        return replace(self, findings=tuple(findings), migrations=tuple(migrations))

    def to_json(self) -> dict[str, Any]:
        """The document of ``check --json``."""
        return {
            **({"target": dict(self.target)} if self.target is not None else {}),
            "findings": [finding.to_json() for finding in self.findings],
            "forecasts": [forecast.to_json() for forecast in self.forecasts],
            "migrations": [migration.to_json() for migration in self.migrations],
            "summary": summary(self.findings, self.files, self.statements, self.unanalysed),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Report:
        """The report of such a document."""
        summary = document["summary"]
        return cls(
            tuple(map(Finding.from_json, document["findings"])),
            tuple(map(StatementForecast.from_json, document["forecasts"])),
            tuple(map(Classified.from_json, document["migrations"])),
            summary["files"],
            summary["statements"],
            summary["unanalysed"],
        )

    def document(self) -> str:
        """The text of the document, one entry a line."""
        return layout(
            **({"target": dict(self.target)} if self.target is not None else {}),
            findings=list(map(written, self.findings)),
            forecasts=list(map(written, self.forecasts)),
            migrations=list(map(written, self.migrations)),
            summary=summary(self.findings, self.files, self.statements, self.unanalysed),
        )


def _from_above(folder: str, file: str) -> str:
    return posixpath.normpath(posixpath.join(folder, file))


def summary(findings: Iterable[Finding], files: int, statements: int, unanalysed: int) -> dict[str, int]:
    """The ``summary`` of the machine output."""
    weights = Counter(finding.severity for finding in findings)
    return {
        "files": files,
        "statements": statements,
        "errors": weights[Severity.ERROR],
        "warnings": weights[Severity.WARNING],
        "unanalysed": unanalysed,
    }


def written(entry: Finding | StatementForecast | Classified) -> str:
    """The text of one entry of the document."""
    return _ENCODE(entry.to_json())


def layout(**parts: Sequence[str] | Mapping[str, Any]) -> str:
    """The document of its parts, whose entries are written already: one a line.

    C code that writes one entry after the other is several times faster than one that indents.
    """
    # One long text is made of all pieces at once: one part alone may be nearly as large.
    pieces = ["{"]
    for name, part in parts.items():
        pieces.append(f'\n"{name}": ')
        if isinstance(part, Mapping):
            pieces.append(_ENCODE(part))
        else:
            pieces.append("[")
            for entry in part:
                pieces += ("\n", entry, ",")
            pieces[-1] = "\n]" if part else "[]"
        pieces.append(",")
    pieces[-1] = "\n}"
    return "".join(pieces)


def digest(sql: str) -> str:
    """What stays of a statement when its layout does not count."""
    words = " ".join(sql.split())
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def fingerprint(rule: str, file: str, statement: str, message: str, occurrence: int) -> str:
    """A name for a finding that survives moved lines and changed layout, of 16 hexadecimal digits.

    ``statement`` is the digest of its statement, ``occurrence`` tells equal findings apart.
    """
    text = "\0".join((rule, file, statement, message, str(occurrence)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

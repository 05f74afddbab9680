"""What came of some of the files, in a form that one process can hand to another at little cost."""

from __future__ import annotations

from collections.abc import Container, Sequence

from lockgate.analysis.collect import Gathered
from lockgate.analysis.findings import layout, summary, written
from lockgate.analysis.source import Source
from lockgate.values import value


@value(frozen=True, slots=True)
class Part:
    """What was found in some files; ``forecasts`` and ``migrations`` are the entries of the machine output as text."""

    gathered: Gathered
    forecasts: tuple[str, ...]
    migrations: tuple[str, ...]
    unanalysed: int

    def document(self, reported: Sequence[Source], known: Container[str] = frozenset()) -> str:
        """The text of ``check --json`` for the reported files, without the findings whose fingerprints are known."""
        findings = [finding for _, finding in self.gathered.found if finding.fingerprint not in known]
        statements = sum(len(source.script.statements) for source in reported)
        return layout(
            findings=list(map(written, findings)),
            forecasts=self.forecasts,
            migrations=self.migrations,
            summary=summary(findings, len(reported), statements, self.unanalysed),
        )

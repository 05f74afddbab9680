"""Gathering findings: where each belongs, what silences it, how heavy it weighs, what it is called for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lockgate.analysis.choice import is_on, weight
from lockgate.analysis.findings import Finding, digest, fingerprint
from lockgate.analysis.options import Options
from lockgate.analysis.rules.base import Context, Hazard, Rule
from lockgate.analysis.source import Source
from lockgate.analysis.state.catalog import Birth
from lockgate.analysis.suppressions import Suppressions
from lockgate.sql.parse import Statement


class Collector:
    """The findings of a run; files before ``first`` are history, and nothing is told about them."""

    def __init__(self, sources: Sequence[Source], first: int, options: Options) -> None:
        self.suppressions = [Suppressions(source) for source in sources]
        self._sources = sources
        self._first = first
        self._options = options
        self._seen: Counter[tuple[str, str, str, str]] = Counter()
        self._found: list[tuple[int, Finding]] = []
        self._digests: dict[tuple[int, int], str] = {}

    def take(self, number: int, context: Context, found: Iterable[tuple[Rule, Hazard]]) -> None:
        """Add what rules found in a context of file ``number``."""
        for rule, hazard in found:
            place = self._place(number, context, hazard)
            if place is not None:
                self._add(*place, rule, hazard)

    def findings(self) -> tuple[Finding, ...]:
        """Everything found, in the order of files and places."""
        ordered = sorted(
            self._found, key=lambda item: (item[0], item[1].statement, item[1].line, item[1].rule)
        )
        return tuple(finding for _, finding in ordered)

    def _place(self, number: int, context: Context, hazard: Hazard) -> tuple[int, Statement] | None:
        if hazard.at is None:
            return number, context.statement
        if isinstance(hazard.at, Birth):
            unit = hazard.at.unit
            if unit < self._first:
                return None
            return unit, self._sources[unit].script.statements[hazard.at.statement]
        return number, hazard.at

    def _digest(self, number: int, statement: Statement) -> str:
        place = number, statement.start.offset
        known = self._digests.get(place)
        if known is None:
            known = self._digests[place] = digest(statement.sql)
        return known

    def _add(self, number: int, statement: Statement, rule: Rule, hazard: Hazard) -> None:
        file = self._sources[number].file
        if self._options.overrides and not is_on(rule, self._options, file):
            return
        if self.suppressions[number].silences(rule.id, rule.group.value, statement.index):
            return
        key = (rule.id, file, self._digest(number, statement), hazard.message)
        self._seen[key] += 1
        self._found.append(
            (
                number,
                Finding(
                    rule=rule.id,
                    severity=weight(rule, hazard, self._options),
                    file=file,
                    line=statement.start.line,
                    column=statement.start.column,
                    end_line=statement.end.line,
                    statement=statement.index,
                    message=hazard.message,
                    why=hazard.why,
                    safe=hazard.safe,
                    fingerprint=fingerprint(*key, self._seen[key]),
                ),
            )
        )

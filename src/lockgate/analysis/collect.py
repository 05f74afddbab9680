"""Gathering findings: where each belongs, what silences it, how heavy it weighs, what it is called for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lockgate.analysis.choice import is_on, weight
from lockgate.analysis.findings import Finding, digest, fingerprint
from lockgate.analysis.options import Options
from lockgate.analysis.rules.base import Context, Hazard, Rule
from lockgate.analysis.source import Source
from lockgate.analysis.state.catalog import Birth
from lockgate.analysis.suppressions import Suppressions
from lockgate.sql.clauses import clause_of
from lockgate.sql.parse import Statement
from lockgate.types import Position
from lockgate.values import value

Key = tuple[str, str, str, str]
"""What makes findings equal, so that they are counted: rule, file, digest of the statement, message."""


@value(frozen=True, slots=True)
class Gathered:
    """What a collector knows: findings by the number of their file, how many are equal, which directives silenced."""

    found: tuple[tuple[int, Finding], ...]
    seen: tuple[tuple[Key, int], ...]
    used: Mapping[int, set[tuple[int, str]]]


class Collector:
    """The findings of a run; files before ``first`` are history, and nothing is told about them."""

    def __init__(self, sources: Sequence[Source], first: int, options: Options) -> None:
        self.suppressions = [Suppressions(source) for source in sources]
        self._sources = sources
        self._first = first
        self._options = options
        self._seen: Counter[Key] = Counter()
        self._found: list[tuple[int, Finding]] = []
        self._digests: dict[tuple[int, int], str] = {}
        self._waiting: list[tuple[int, Statement, Rule, Hazard]] | None = None

    def take(self, number: int, context: Context, found: Iterable[tuple[Rule, Hazard]]) -> None:
        """Add what rules found in a context of file ``number``."""
        for rule, hazard in found:
            place = self._place(number, context, hazard)
            if place is None:
                continue
            if self._waiting is None:
                self._add(*place, rule, hazard)
            else:
                self._waiting.append((*place, rule, hazard))

    def wait(self) -> None:
        """Put aside what is found from now on: what was found in earlier files is not known yet."""
        self._waiting = []

    def go_on(self, earlier: Gathered) -> None:
        """Begin with what was found in earlier files, and go on with what was put aside."""
        self._found += earlier.found
        self._seen.update(dict(earlier.seen))
        for number, used in earlier.used.items():
            self.suppressions[number].used |= used
        waiting, self._waiting = self._waiting or [], None
        for entry in waiting:
            self._add(*entry)

    def findings(self) -> tuple[Finding, ...]:
        """Everything found, in the order of files and places."""
        return tuple(finding for _, finding in self._ordered())

    def gathered(self) -> Gathered:
        """Everything found, so that a collector of later files can begin with it."""
        used = {number: silenced.used for number, silenced in enumerate(self.suppressions) if silenced.used}
        return Gathered(tuple(self._ordered()), tuple(self._seen.items()), used)

    def _ordered(self) -> list[tuple[int, Finding]]:
        return sorted(self._found, key=lambda item: (item[0], item[1].statement, item[1].line, item[1].rule))

    def _place(self, number: int, context: Context, hazard: Hazard) -> tuple[int, Statement] | None:
        if hazard.at is None:
            return number, context.statement
        if isinstance(hazard.at, Birth):
            unit = hazard.at.unit
            if unit < self._first:
                return None
            return unit, self._sources[unit].script.statements[hazard.at.statement]
        return number, hazard.at

    def _extent(self, number: int, statement: Statement, hazard: Hazard) -> tuple[Position, Position]:
        """Where the statement stands, or the one command of it that the hazard is about."""
        if hazard.at is None and hazard.clause is not None:
            # What a string holds that is put together may not stand in the file as it is.
            verbatim = self._sources[number].script.text.startswith(statement.sql, statement.start.offset)
            found = clause_of(statement, hazard.clause) if verbatim else None
            if found is not None:
                return found
        return statement.start, statement.end

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
        start, end = self._extent(number, statement, hazard)
        self._found.append(
            (
                number,
                Finding(
                    rule=rule.id,
                    severity=weight(rule, hazard, self._options),
                    file=file,
                    line=start.line,
                    column=start.column,
                    end_line=end.line,
                    statement=statement.index,
                    message=hazard.message,
                    why=hazard.why,
                    safe=hazard.safe,
                    fingerprint=fingerprint(*key, self._seen[key]),
                ),
            )
        )

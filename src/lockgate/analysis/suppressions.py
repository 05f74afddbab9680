"""``-- lockgate: ignore RULE REASON`` silences rules on one statement; one that silences nothing is a finding."""

from __future__ import annotations

from collections.abc import Iterator, Set

from lockgate.analysis.source import Source
from lockgate.migration.directives import Ignore

UNUSED = "unused-suppression"
"""The rule that reports them."""


class Suppressions:
    """The ignore directives of one file; ``used`` are those that silenced something, by place and rule."""

    def __init__(self, source: Source) -> None:
        self.directives = source.directives.of(Ignore)
        self._by_place: dict[tuple[int | None, str], int] = {
            (directive.statement, rule): number
            for number, directive in enumerate(self.directives)
            for rule in directive.rules
        }
        self.used: set[tuple[int, str]] = set()

    def silences(self, rule: str, group: str, statement: int) -> bool:
        """Whether a finding of a rule on a statement is silenced, by the rule's name or its group's."""
        if not self._by_place:
            return False
        for name in (rule, group):
            number = self._by_place.get((statement, name))
            if number is not None:
                self.used.add((number, name))
                return True
        return False

    def unused(self, known: Set[str], active: Set[str]) -> Iterator[tuple[Ignore, str, bool]]:
        """(directive, rule, whether there is such a rule) for all that silenced nothing.

        A rule that is switched off in this run says nothing about its directive.
        """
        for number, directive in enumerate(self.directives):
            for rule in directive.rules:
                if rule not in known:
                    yield directive, rule, False
                elif rule in active and (number, rule) not in self.used:
                    yield directive, rule, True

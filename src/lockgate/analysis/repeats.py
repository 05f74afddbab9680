"""What is known of an INSERT from those before it that differ in nothing but plain constants."""

from __future__ import annotations

from lockgate.analysis.findings import StatementForecast
from lockgate.analysis.source import Source
from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.transactions import Transaction
from lockgate.sql.parse import Statement
from lockgate.types import RelationLock
from lockgate.values import replace


class Repeats:
    """The last statement of a row of such INSERTs that was judged, if its verdict holds for those behind it.

    It does when no rule had anything to say, when nothing was said about the statement itself, and when the locks do
    not depend on where a row goes: to which partition, or to which one a key points.
    """

    forecast: StatementForecast
    locks: tuple[RelationLock, ...]

    def __init__(self, source: Source) -> None:
        self._spoken_of = {directive.statement for directive in source.directives.all}
        self._holds = False

    def covers(self, statement: Statement) -> bool:
        """Whether what was learned holds for a statement."""
        self._holds = self._holds and statement.repeats
        return self._holds and not self._is_special(statement)

    def learn(
        self,
        statement: Statement,
        forecast: StatementForecast,
        locks: tuple[RelationLock, ...],
        state: Catalog,
        silent: bool,
    ) -> None:
        """Take a statement that was judged as the model of those behind it, if it can be one."""
        if not statement.repeats or self._holds:
            return
        self._holds = silent and not self._is_special(statement) and not _goes_by_values(statement, state)
        self.forecast, self.locks = forecast, locks

    def forecast_of(self, statement: Statement, transaction: Transaction) -> StatementForecast:
        """The forecast of a statement that is covered."""
        number = transaction.number if transaction.is_block else None
        return replace(
            self.forecast, statement=statement.index, line=statement.start.line, transaction=number
        )

    def _is_special(self, statement: Statement) -> bool:
        return bool(statement.comments) or statement.index in self._spoken_of


def _goes_by_values(statement: Statement, state: Catalog) -> bool:
    table = state.known(state.relation_name(*names.range_var(statement.tree["relation"])))
    referenced = [state.known(found.references) for found in table.constraints if found.references]
    return any(found.kind != "table" for found in (table, *referenced))

"""Whether Lockgate may run a change of rows in chunks, as far as the schema that it meets tells."""

from __future__ import annotations

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import range_var
from lockgate.migration.chunked.refusals import COMMON_AGGREGATES, reason_against
from lockgate.migration.chunked.statement import read_statement
from lockgate.sql.parse import Node, Statement


def reason_against_chunks(statement: Statement, state: Catalog) -> str | None:
    """Why chunks of an UPDATE, DELETE or INSERT would not give what the whole would; None when they do."""

    def is_same(one: Node, other: Node) -> bool:
        return state.relation_name(*range_var(one)) == state.relation_name(*range_var(other))

    gathering = {found.name.name for found in state.all_functions() if found.kind in ("aggregate", "window")}
    return reason_against(read_statement(statement), COMMON_AGGREGATES | gathering, is_same)

"""What views and materialized views can do."""

from __future__ import annotations

from lockgate.analysis.view import Relation


def allows_concurrent_refresh(view: Relation) -> bool:
    """Whether a materialized view has the unique index that REFRESH … CONCURRENTLY needs."""
    return any(
        index.unique and index.valid and index.predicate is None and all(key.column for key in index.keys)
        for index in view.indexes
    )

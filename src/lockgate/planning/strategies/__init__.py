"""Strategies: one file each, one line here."""

from __future__ import annotations

from typing import Final

from lockgate.planning.strategies import (
    add_column,
    change_type,
    data_change,
    drop_column,
    drop_index,
    drop_table,
    rename_column,
    rename_table,
    set_not_null,
)
from lockgate.planning.strategies.base import Strategy

STRATEGIES: Final[tuple[Strategy, ...]] = (
    rename_column.STRATEGY,
    rename_table.STRATEGY,
    add_column.STRATEGY,
    change_type.STRATEGY,
    set_not_null.STRATEGY,
    drop_column.STRATEGY,
    drop_table.STRATEGY,
    drop_index.STRATEGY,
    data_change.STRATEGY,
)
"""Every strategy; what none of them handles gets the safe SQL of the rule that finds it unsafe."""

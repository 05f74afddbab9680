"""Strategies: one file each, one line here."""

from __future__ import annotations

from typing import Final

from lockgate.planning.strategies import (
    add_column,
    add_identity,
    attach_partition,
    change_policy,
    change_type,
    data_change,
    detach_partition,
    drop_column,
    drop_constraint,
    drop_index,
    drop_object,
    drop_table,
    empty_table,
    merge_columns,
    move_column,
    move_table,
    partition_table,
    rename_column,
    rename_enum_value,
    rename_function,
    rename_table,
    replace_constraint,
    replace_function,
    replace_index,
    replace_view,
    rewrite_table,
    set_not_null,
    split_column,
)
from lockgate.planning.strategies.base import Strategy

STRATEGIES: Final[tuple[Strategy, ...]] = (
    rename_column.STRATEGY,
    rename_table.STRATEGY,
    add_column.STRATEGY,
    add_identity.STRATEGY,
    change_type.STRATEGY,
    set_not_null.STRATEGY,
    drop_column.STRATEGY,
    drop_table.STRATEGY,
    replace_constraint.STRATEGY,
    drop_constraint.STRATEGY,
    replace_index.STRATEGY,
    drop_index.STRATEGY,
    split_column.STRATEGY,
    merge_columns.STRATEGY,
    move_column.STRATEGY,
    replace_view.STRATEGY,
    replace_function.STRATEGY,
    rename_function.STRATEGY,
    rename_enum_value.STRATEGY,
    change_policy.STRATEGY,
    drop_object.STRATEGY,
    data_change.STRATEGY,
    empty_table.STRATEGY,
    move_table.STRATEGY,
    partition_table.STRATEGY,
    rewrite_table.STRATEGY,
    attach_partition.STRATEGY,
    detach_partition.STRATEGY,
)
"""Every strategy; what none of them handles gets the safe SQL of the rule that finds it unsafe."""

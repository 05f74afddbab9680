"""Every rule, one file each; a new one is a file, a line here and a case file (``scripts/new rule ID GROUP``)."""

from lockgate.analysis.rules import (
    add_check_without_not_valid,
    add_unique_index_may_fail,
    concurrent_in_transaction,
    concurrent_index_corruption,
    create_index_in_txn_holding_lock,
    create_index_not_concurrent,
    create_index_on_partitioned_table,
    drop_index_not_concurrent,
    drop_index_query_regression,
    duplicate_index,
    duplicate_index_column,
    hash_index_unlogged,
    if_not_exists_masks_invalid_index,
    index_move_tablespace,
    redundant_prefix_index,
    reindex_not_concurrent,
    replace_index_gap,
    unnamed_concurrent_index,
    wide_index,
)
from lockgate.analysis.rules.base import Rule

ALL: tuple[Rule, ...] = (
    # indexes
    create_index_not_concurrent.RULE,
    create_index_on_partitioned_table.RULE,
    drop_index_not_concurrent.RULE,
    drop_index_query_regression.RULE,
    reindex_not_concurrent.RULE,
    concurrent_in_transaction.RULE,
    create_index_in_txn_holding_lock.RULE,
    wide_index.RULE,
    duplicate_index.RULE,
    redundant_prefix_index.RULE,
    duplicate_index_column.RULE,
    hash_index_unlogged.RULE,
    concurrent_index_corruption.RULE,
    replace_index_gap.RULE,
    add_unique_index_may_fail.RULE,
    index_move_tablespace.RULE,
    unnamed_concurrent_index.RULE,
    if_not_exists_masks_invalid_index.RULE,
    # constraints
    add_check_without_not_valid.RULE,
    # columns
    # tables
    # partitions
    # objects
    # transactions
    # data
    # rerun
    # types
    # naming
    # security
    # supabase
    # files
)
"""The registry, in the order of the reference pages."""

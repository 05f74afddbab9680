"""Every rule, one file each; a new one is a file, a line here and a case file (``scripts/new rule ID GROUP``)."""

from lockgate.analysis.rules import (
    add_check_without_not_valid,
    add_column_inline_check,
    add_column_inline_fk,
    add_column_inline_unique,
    add_column_primary_key,
    add_exclusion_constraint,
    add_fk_without_not_valid,
    add_pk_using_index_nullable,
    add_pk_without_using_index,
    add_unique_constraint,
    add_unique_index_may_fail,
    composite_primary_key,
    concurrent_in_transaction,
    concurrent_index_corruption,
    create_domain_with_constraint,
    create_index_in_txn_holding_lock,
    create_index_not_concurrent,
    create_index_on_partitioned_table,
    create_table_fk_locks_referenced,
    domain_add_constraint,
    domain_set_not_null,
    drop_constraint,
    drop_index_not_concurrent,
    drop_index_query_regression,
    drop_primary_key,
    drop_table_multiple_fks,
    duplicate_index,
    duplicate_index_column,
    duplicate_key_column,
    fk_cascade_delete,
    fk_cascade_update,
    fk_missing_index,
    fk_requires_on_delete,
    fk_type_mismatch,
    forbid_nullable_fk,
    hash_index_unlogged,
    if_not_exists_masks_invalid_index,
    index_move_tablespace,
    multiple_foreign_keys,
    not_valid_validate_same_tx,
    redundant_prefix_index,
    reindex_not_concurrent,
    replace_index_gap,
    unnamed_concurrent_index,
    unnamed_constraint,
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
    add_fk_without_not_valid.RULE,
    add_column_inline_fk.RULE,
    add_column_inline_check.RULE,
    add_unique_constraint.RULE,
    add_column_inline_unique.RULE,
    add_pk_without_using_index.RULE,
    add_column_primary_key.RULE,
    add_pk_using_index_nullable.RULE,
    add_exclusion_constraint.RULE,
    not_valid_validate_same_tx.RULE,
    fk_type_mismatch.RULE,
    multiple_foreign_keys.RULE,
    drop_table_multiple_fks.RULE,
    fk_missing_index.RULE,
    fk_cascade_delete.RULE,
    fk_cascade_update.RULE,
    fk_requires_on_delete.RULE,
    forbid_nullable_fk.RULE,
    drop_constraint.RULE,
    drop_primary_key.RULE,
    unnamed_constraint.RULE,
    domain_add_constraint.RULE,
    domain_set_not_null.RULE,
    create_domain_with_constraint.RULE,
    duplicate_key_column.RULE,
    composite_primary_key.RULE,
    create_table_fk_locks_referenced.RULE,
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

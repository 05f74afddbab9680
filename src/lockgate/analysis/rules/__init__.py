"""Every rule, one file each; a new one is a file, a line here and a case file (``scripts/new rule ID GROUP``)."""

from lockgate.analysis.rules import (
    add_check_without_not_valid,
    create_index_not_concurrent,
)
from lockgate.analysis.rules.base import Rule

ALL: tuple[Rule, ...] = (
    # indexes
    create_index_not_concurrent.RULE,
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

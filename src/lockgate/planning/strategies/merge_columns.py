"""Merge several columns into one, or into a JSON document, while the old and the new application write.

The same as a split, the other way round. In a JSON document each column becomes a key of its name; keys that a new
application adds stay when an old one writes.
"""

from __future__ import annotations

from lockgate.planning.strategies.base import Strategy
from lockgate.planning.strategies.split_column import plan

STRATEGY = Strategy(
    "merge-columns",
    ("merge",),
    plan,
    __doc__ or "",
    "merge users.(email, nickname) into contact jsonb",
)

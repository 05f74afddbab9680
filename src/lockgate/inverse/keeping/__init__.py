"""From what a statement takes away to the statements that put it aside and bring it back."""

from __future__ import annotations

from lockgate.catalog.snapshot import Snapshot
from lockgate.inverse.keeping.anything import keep_anything
from lockgate.inverse.keeping.row_losses import (
    keep_deleted,
    keep_inserted,
    keep_truncated,
    keep_updated,
)
from lockgate.inverse.keeping.schema_losses import keep_position, keep_rows, keep_values
from lockgate.inverse.keeping.side_table import Keeper
from lockgate.inverse.losses.model import (
    Anything,
    ColumnValues,
    Deleted,
    Inserted,
    Loss,
    SequencePosition,
    TableRows,
    Truncated,
    Unknown,
    Updated,
)
from lockgate.inverse.model import Impossible, Keep


def keep(loss: Loss, keeper: Keeper, after: Snapshot) -> Keep | Impossible | None:
    """How a loss is made good; None where nothing is lost after all."""
    match loss:
        case TableRows():
            return keep_rows(loss, keeper)
        case ColumnValues():
            return keep_values(loss, keeper, after)
        case SequencePosition():
            return keep_position(loss, keeper)
        case Truncated():
            return keep_truncated(loss, keeper)
        case Inserted():
            return keep_inserted(loss, keeper)
        case Deleted():
            return keep_deleted(loss, keeper)
        case Updated():
            by_key = keep_updated(loss, keeper)
            return by_key or keep_anything(Anything((loss.table,)), keeper, after)
        case Anything():
            return keep_anything(loss, keeper, after)
        case Unknown():
            return Impossible(loss.reason)

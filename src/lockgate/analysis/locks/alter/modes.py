"""The lock that each action of ALTER TABLE asks for (``AlterTableGetLockLevel`` in the server's ``tablecmds.c``)."""

from __future__ import annotations

from lockgate.sql.parse import Node
from lockgate.types import LockMode

_PATIENT = LockMode.SHARE_UPDATE_EXCLUSIVE

_WEAKER: dict[str, LockMode] = {
    "AT_SetStatistics": _PATIENT,
    "AT_SetOptions": _PATIENT,
    "AT_ResetOptions": _PATIENT,
    "AT_ClusterOn": _PATIENT,
    "AT_DropCluster": _PATIENT,
    "AT_ValidateConstraint": _PATIENT,
    "AT_AttachPartition": _PATIENT,
    "AT_DetachPartitionFinalize": _PATIENT,
    **dict.fromkeys(
        (
            "AT_EnableTrig",
            "AT_EnableAlwaysTrig",
            "AT_EnableReplicaTrig",
            "AT_EnableTrigAll",
            "AT_EnableTrigUser",
            "AT_DisableTrig",
            "AT_DisableTrigAll",
            "AT_DisableTrigUser",
        ),
        LockMode.SHARE_ROW_EXCLUSIVE,
    ),
}
_OPTION_ACTIONS = frozenset({"AT_SetRelOptions", "AT_ResetRelOptions", "AT_ReplaceRelOptions"})
_STRONG_OPTIONS = frozenset(
    {
        "user_catalog_table",
        "autosummarize",
        "fastupdate",
        "security_barrier",
        "security_invoker",
        "check_option",
        "buffering",
        "pages_per_range",
        "gin_pending_list_limit",
        "seq_page_cost",
        "random_page_cost",
        "effective_io_concurrency",
        "maintenance_io_concurrency",
    }
)
"""The storage options of ``reloptions.c`` that are read without a lock and so need the strongest one to change."""


def mode_of(command: Node) -> LockMode:
    """The lock for one ``AlterTableCmd``."""
    action = command["subtype"]
    if action in _OPTION_ACTIONS:
        return _of_options(command)
    if action == "AT_AddConstraint" and command["def"]["Constraint"].get("contype") == "CONSTR_FOREIGN":
        return LockMode.SHARE_ROW_EXCLUSIVE
    if action == "AT_DetachPartition" and command["def"]["PartitionCmd"].get("concurrent"):
        return _PATIENT
    return _WEAKER.get(action, LockMode.ACCESS_EXCLUSIVE)


def _of_options(command: Node) -> LockMode:
    items = command.get("def", {}).get("List", {}).get("items", [])
    changed = {item["DefElem"]["defname"] for item in items}
    return LockMode.ACCESS_EXCLUSIVE if changed & _STRONG_OPTIONS else _PATIENT

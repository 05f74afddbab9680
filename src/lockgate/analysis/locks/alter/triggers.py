"""Switching triggers on and off."""

from __future__ import annotations

from lockgate.analysis.locks.alter.work import Alteration
from lockgate.sql.parse import Node


def switch_trigger(alteration: Alteration, command: Node) -> None:
    """ENABLE or DISABLE TRIGGER: row triggers of a partitioned table are switched in its partitions, too."""
    name = command.get("name", "")
    trigger = next((found for found in alteration.relation.triggers if found.name == name), None)
    if alteration.alone or (trigger is not None and not trigger.for_each_row):
        alteration.own()
    else:
        alteration.reach_partitions()

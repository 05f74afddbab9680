"""Functions, procedures, aggregates and event triggers."""

from __future__ import annotations

import re

from lockgate.catalog.address import Kind
from lockgate.catalog.model import EventTrigger, Routine
from lockgate.catalog.writers.base import Context, complete_changed, complete_new
from lockgate.sql.identifiers import quote


class RoutineWriter:
    """Functions, procedures and aggregates."""

    def create(self, item: Routine, context: Context) -> list[str]:
        """The server's own CREATE OR REPLACE."""
        return [item.definition, *complete_new(item, context)]

    def drop(self, item: Routine, context: Context) -> list[str]:
        """DROP FUNCTION, PROCEDURE or AGGREGATE."""
        return [f"DROP {item.kind.value} {item.address.sql}"]

    def alter(self, old: Routine, new: Routine, context: Context) -> list[str] | None:
        """CREATE OR REPLACE where the server allows it: same names and types, and no default taken away."""
        if old.definition == new.definition:
            return complete_changed(old, new, context)
        same = (old.kind, old.signature, old.returns) == (new.kind, new.signature, new.returns)
        if not same or new.defaults < old.defaults or new.kind is Kind.AGGREGATE:
            return None
        return [new.definition, *complete_changed(old, new, context)]


def stub(item: Routine) -> str | None:
    """The routine with nothing inside, where its body is bound to what it names; None for bodies that are mere text.

    The server takes it with ``check_function_bodies`` off.
    """
    if item.language != "sql":
        return None
    found = _BOUND_BODY.search(item.definition)
    return f"{item.definition[: found.start()]}\nAS ''" if found else None


_BOUND_BODY = re.compile(r"\n(?:RETURN |BEGIN ATOMIC\b)")


class EventTriggerWriter:
    """Event triggers."""

    def create(self, item: EventTrigger, context: Context) -> list[str]:
        """CREATE EVENT TRIGGER, and its state."""
        return [item.definition, *self._state("origin", item), *complete_new(item, context)]

    @staticmethod
    def _state(old: str, item: EventTrigger) -> list[str]:
        words = {
            "origin": "ENABLE",
            "disabled": "DISABLE",
            "replica": "ENABLE REPLICA",
            "always": "ENABLE ALWAYS",
        }
        return (
            []
            if old == item.enabled
            else [f"ALTER EVENT TRIGGER {quote(item.name.name)} {words[item.enabled]}"]
        )

    def drop(self, item: EventTrigger, context: Context) -> list[str]:
        """DROP EVENT TRIGGER."""
        return [f"DROP EVENT TRIGGER {item.address.sql}"]

    def alter(self, old: EventTrigger, new: EventTrigger, context: Context) -> list[str] | None:
        """The state in place."""
        if old.definition != new.definition:
            return None
        return self._state(old.enabled, new) + complete_changed(old, new, context)

"""How runs and their steps look as JSON and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lockgate.console import Console, counted, duration
from lockgate.planning.plan import Gate, Plan
from lockgate.workflow.apply import Done


def run_document(command: str, target: str, done: Sequence[Done], **more: Any) -> dict[str, Any]:
    """The machine output of a command that ran migrations: the run with its steps."""
    return {
        "command": command,
        "target": target,
        "migrations": [
            {
                "version": item.plan.version,
                "name": item.plan.name,
                "seconds": round(item.seconds, 3),
                "resumed": item.resumed,
                "steps": [step.to_json() for step in item.steps],
            }
            for item in done
        ],
        **more,
    }


def plan_documents(plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """Plans as machines read them, each with its digest."""
    return [plan.to_json() | {"digest": plan.digest} for plan in plans]


def say_plans(console: Console, plans: Sequence[Plan], *, forth: bool = True) -> None:
    """A table of Plans: version, name, steps, strongest lock and, on the way forth, whether there is a way back."""
    header = ("version", "name", "steps", "strongest lock", "way back")
    shown = len(header) if forth else len(header) - 1
    console.table(header[:shown], [_row(plan)[:shown] for plan in plans])


def _row(plan: Plan) -> list[str]:
    return [
        plan.version,
        plan.name,
        str(len(plan.steps)),
        plan.strongest_lock.sql_name.lower() if plan.strongest_lock else "none that waits",
        "yes" if plan.undo.possible else "no",
    ]


def say_gate(console: Console, gate: Gate, version: str | None, target: str) -> None:
    """A gate that is closed, and how it is opened."""
    console.say()
    console.say(f"Stopped before {version}: {gate.text}?")
    console.say(
        f"  next    lockgate gate open {gate.name} --to {target}   when that is true, then lockgate apply again"
    )


def say_total(console: Console, word: str, done: Sequence[Done], target: str) -> None:
    """The last line of a run."""
    seconds = sum(item.seconds for item in done)
    console.say(f"{counted(len(done), 'migration')} {word} on {target} in {duration(seconds)}.")

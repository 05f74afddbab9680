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


def plan_rows(plans: Sequence[Plan]) -> list[list[str]]:
    """One row for each migration of a list of Plans: version, name, steps, strongest lock, way back."""
    return [
        [
            plan.version,
            plan.name,
            str(len(plan.steps)),
            plan.strongest_lock.sql_name.lower() if plan.strongest_lock else "none that waits",
            "yes" if plan.undo.possible else "no",
        ]
        for plan in plans
    ]


PLAN_HEADER = ("version", "name", "steps", "strongest lock", "way back")


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

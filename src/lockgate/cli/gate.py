"""``lockgate gate``: the conditions outside the database that a person confirms."""

from __future__ import annotations

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.errors import ExitCode, UsageError


@click.group(name="gate")
def command() -> None:
    """List the gates between phases, or open one."""


@command.command(name="list")
@to_option
@common
def list_gates(place: Workplace, target: str | None) -> ExitCode:
    """List the gates in the migrations, and which are open on a target."""
    from lockgate.migration.files import discover
    from lockgate.workflow.gates import gates_of
    from lockgate.workflow.target import reading

    found, gates = place.target(target), gates_of(discover(place.config))
    with reading(place.config, found) as opened:
        is_open = opened.journal.open_gates()
    rows = [
        [gate.name, version, "open" if gate.name in is_open else "closed", gate.text]
        for version, gate in gates
    ]
    place.console.table(("gate", "before", "state", "condition"), rows)
    if not gates:
        place.console.say("No migration has a gate.")
    place.console.document(
        {
            "command": "gate list",
            "target": found.name,
            "gates": [
                {"name": gate.name, "version": version, "open": gate.name in is_open, "text": gate.text}
                for version, gate in gates
            ],
        }
    )
    return ExitCode.OK


@command.command(name="open")
@click.argument("name")
@to_option
@click.option("--yes", is_flag=True, help="Do not ask on a protected target.")
@common
def open_gate(place: Workplace, name: str, target: str | None, yes: bool) -> ExitCode:
    """Confirm the condition of the gate NAME (or of the migration version NAME)."""
    from lockgate.migration.files import discover
    from lockgate.workflow import gates as doors

    found, gates = place.target(target), doors.gates_of(discover(place.config))
    wanted = [(version, gate) for version, gate in gates if name in (gate.name, version)]
    if not wanted:
        known = ", ".join(gate.name for _, gate in gates) or "none"
        raise UsageError(f"There is no gate {name!r}.", why=f"gates of this project: {known}")
    version, gate = wanted[0]
    if found.protected:
        place.console.confirm(f"Is it true on {found.name} that {gate.text}?", assume_yes=yes)
    doors.open_gate(place.config, found, version, gate)
    place.console.say(f"The gate {gate.name!r} is open on {found.name}.")
    place.console.say(f"  next    lockgate apply --to {found.name}")
    place.console.document(
        {"command": "gate open", "target": found.name, "gate": gate.name, "version": version}
    )
    return ExitCode.OK

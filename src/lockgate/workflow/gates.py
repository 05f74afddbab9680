"""The gates that stand in a project's migrations, and a person's word that one may be passed."""

from __future__ import annotations

from lockgate.config import Config, Target
from lockgate.engine.lease import holder
from lockgate.migration.model import Project
from lockgate.planning.from_file import gate_of
from lockgate.planning.plan import Gate
from lockgate.workflow.correcting import correction
from lockgate.workflow.planning import source_of
from lockgate.workflow.target import running


def gates_of(project: Project) -> tuple[tuple[str, Gate], ...]:
    """Each gate with the version that it stands before, in order."""
    found = []
    for m in project.migrations:
        gate = gate_of(source_of(m, m.forth, m.no_transaction))
        if gate is not None:
            found.append((m.version, gate))
    return tuple(found)


def open_gate(config: Config, target: Target, version: str, gate: Gate) -> None:
    """Record on a target that a person has confirmed a gate's condition; raises from the error tree."""
    with running(config, target, "gate open") as run, correction(run):
        run.journal.open_gate(gate.name, gate.text, version, holder())

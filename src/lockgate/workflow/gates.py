"""The gates that stand in a project's migrations."""

from __future__ import annotations

from lockgate.migration.model import Project
from lockgate.planning.from_file import gate_of
from lockgate.planning.plan import Gate
from lockgate.workflow.planning import source_of


def gates_of(project: Project) -> tuple[tuple[str, Gate], ...]:
    """Each gate with the version that it stands before, in order."""
    found = []
    for m in project.migrations:
        gate = gate_of(source_of(m, m.forth, m.no_transaction))
        if gate is not None:
            found.append((m.version, gate))
    return tuple(found)

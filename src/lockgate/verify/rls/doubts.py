"""What a matrix does not prove: policies that end in errors, and denials that nothing is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lockgate.verify.rls.model import Command, Line, Relation, Verdict


def errors_of(line: Line) -> Iterator[str]:
    """What the server said instead of an answer: a policy that recurses or raises stops everybody whom it concerns."""
    failed: dict[tuple[str, str | None], dict[str, set[str]]] = {}
    for (persona, command), cell in line.cells.items():
        if cell.verdict is Verdict.ERROR:
            failed.setdefault((cell.note, cell.sqlstate), {}).setdefault(persona, set()).add(command.value)
    for (message, sqlstate), personas in failed.items():
        tried = set().union(*personas.values())
        commands = ", ".join(command.value for command in line.commands if command.value in tried)
        yield f"{line.relation}: {commands} as {', '.join(personas)} fails: {message} ({sqlstate})"


def without_control(relations: Collection[Relation], lines: Collection[Line]) -> Iterator[str]:
    """Tables whose policies are there to let somebody read, and let nobody who was tried."""
    opening = {
        relation.name
        for relation in relations
        if relation.rls
        and any(policy.permissive and policy.serves(Command.SELECT) for policy in relation.policies)
    }
    for line in lines:
        if line.relation in opening and line.rows and _nobody_reads(line):
            yield f"{line.relation}: its policies let none of those tried read a row, so a denial proves nothing there"


def _nobody_reads(line: Line) -> bool:
    cells = [
        line.cells.get((who.kind, Command.SELECT)) for who in line.personas if who.role != "service_role"
    ]
    return bool(cells) and all(cell is not None and cell.verdict is Verdict.POLICY for cell in cells)

"""Proofs of bounds: checks that say what a partition holds, or what a default one does not, before it is attached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lockgate.analysis.state.names import generated_name
from lockgate.analysis.view import Relation
from lockgate.planning.changes import Part, unproved_again
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Question
from lockgate.sql.identifiers import QualifiedName, quote


@dataclass(frozen=True, slots=True)
class Proof:
    """A CHECK on a table that the server believes instead of reading its rows."""

    table: QualifiedName
    check: str

    @property
    def name(self) -> str:
        """What the check is called while it is needed."""
        return generated_name(self.table.name, "", "bound")

    def begun(self) -> str:
        """Adds it to a table that has no rows yet."""
        return f"{self._alter} ADD CONSTRAINT {quote(self.name)} {self.check}"

    def added(self) -> str:
        """Adds it for new rows, in a moment."""
        return f"{self.begun()} NOT VALID"

    def validated(self) -> str:
        """Reads the old rows, while reads and writes go on."""
        return f"{self._alter} VALIDATE CONSTRAINT {quote(self.name)}"

    def unproved(self) -> str:
        """The way back of that."""
        return unproved_again(self.table, self.name, f"{self.check} NOT VALID")

    def dropped(self) -> str:
        """Takes it away."""
        return f"{self._alter} DROP CONSTRAINT {quote(self.name)}"

    @property
    def _alter(self) -> str:
        return f"ALTER TABLE {self.table.sql}"


def default_of(question: Question) -> Relation | None:
    """The default partition of the question's table."""
    children = map(question.state.known, question.state.children(question.table.name))
    return next((one for one in children if one.partition_bound and one.partition_bound.default), None)


def outside(question: Question, condition: str) -> Iterator[Proof]:
    """The proof that the default partition, if there is one, holds nothing that obeys a condition."""
    default = default_of(question)
    if default is not None and condition:
        yield Proof(default.name, f"CHECK (NOT ({condition}))")


def gate(question: Question, partition: QualifiedName) -> str | None:
    """What must be true before such a proof is asked for."""
    default = default_of(question)
    if default is None:
        return None
    return (
        f"no row that belongs into {partition.name} is in {default.name.name},"
        " and none is written until it is attached"
    )


def validation(proofs: Sequence[Proof], partition: QualifiedName) -> Part:
    """The part that proves them, one by one."""
    return Part(
        PhaseKind.MIGRATE,
        f"validate the bound of {partition.name}",
        tuple(proof.validated() for proof in proofs),
        tuple(proof.unproved() for proof in proofs),
        one_by_one=True,
    )


def proved_again(proofs: Sequence[Proof]) -> Iterator[str]:
    """The proofs as they were before the attachment, on its way back."""
    for proof in proofs:
        yield proof.added()
        yield proof.validated()


def notes(question: Question, partition: QualifiedName, condition: str) -> tuple[str, ...]:
    """What becomes of rows of the new bound that the default partition has already."""
    default = default_of(question)
    if default is None:
        return ()
    table, parent = default.name.sql, question.table.name.sql
    return (
        (
            f"a row in {default.name} that belongs into {partition} stops the validation, which changes nothing;"
            f" then go back, and have {table} stand still for one reading of it: in one transaction move the rows"
            f" (WITH moved AS (DELETE FROM {table} WHERE {condition} RETURNING *) INSERT INTO {partition.sql}"
            f" SELECT * FROM moved) and attach {partition.sql} to {parent}"
        ),
    )

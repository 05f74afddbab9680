"""Attach a table as a partition without reading it while nobody can use it.

A CHECK that says what the bound says is added NOT VALID and validated while reads and writes go on; the server then
believes it and reads nothing. The default partition, where there is one, gets the opposite CHECK for the same reason:
from then until the attachment it refuses rows that belong into the new partition, so a gate stands before that.
"""

from __future__ import annotations

from lockgate.analysis.bound_condition import bound_condition
from lockgate.analysis.state.names import range_var
from lockgate.analysis.view import Relation
from lockgate.planning.bounding import Proof, gate, notes, outside, proved_again, validation
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import Answer, Question, Strategy


def plan(question: Question) -> Answer | None:
    """Prove, attach, drop the proofs; None for a bound that no CHECK over columns can say."""
    part = question.command["def"]["PartitionCmd"]
    child = question.state.relation(*range_var(part["name"]))
    condition = bound_condition(question.table.partition_key, part.get("bound", {}))
    if child is None or child.is_new or not condition:
        return None
    proofs = (Proof(child.name, f"CHECK ({condition})"), *outside(question, condition))
    parent = question.table.name
    parts = (
        Part(
            PhaseKind.EXPAND,
            f"bound {child.name.name}",
            tuple(proof.added() for proof in proofs),
            tuple(proof.dropped() for proof in reversed(proofs)),
            gate=gate(question, child.name),
        ),
        validation(proofs, child.name),
        Part(
            PhaseKind.CONTRACT,
            f"attach {child.name.name} to {parent.name}",
            (question.statement.sql, *(proof.dropped() for proof in proofs)),
            (f"ALTER TABLE {parent.sql} DETACH PARTITION {child.name.sql}", *proved_again(proofs)),
            accepts=(("drop-constraint", "the bound of the partition says the same"),),
            application=f"may find the rows of {child.name.name} in {parent.name}",
        ),
    )
    told = (*_notes(question, child), *notes(question, child.name, condition))
    return Answer(f"attach-{child.name.name}", parts, told)


def _notes(question: Question, child: Relation) -> tuple[str, ...]:
    parent = question.table
    missing = [index.name.name for index in parent.indexes]
    if not missing:
        return ()
    lacking = (
        f"an index of {parent.name.name} that {child.name.name} does not have is built while it is attached"
    )
    return (f"{lacking}, and stays when it is detached: make it concurrently first ({', '.join(missing)})",)


STRATEGY = Strategy(
    "attach-partition",
    ("AT_AttachPartition",),
    plan,
    __doc__ or "",
    "ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
)

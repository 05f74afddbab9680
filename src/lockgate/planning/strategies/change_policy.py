"""Make, change and drop policies, and switch row-level security on, without a moment in which rows show or hide.

All of a file's statements about policies stay in one transaction: a policy that is dropped and made again is replaced
at once, and row-level security comes on together with its policies. The way back holds the policies as they were.
"""

from __future__ import annotations

from lockgate.analysis.state.names import dotted
from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import CatalogObject, Policy
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.replacing import way, without
from lockgate.planning.strategies.base import Answer, Question, Strategy
from lockgate.sql.identifiers import quote


def plan(question: Question) -> Answer | None:
    """The statement as it stands, with its way back."""
    kind = question.statement.kind
    if kind == "AlterTableStmt":
        return _switched_on(question)
    name = _policy(question)
    if kind == "CreatePolicyStmt":
        return _part(question, "make", name, (f"DROP POLICY {quote(name)} ON {question.table.name.sql}",))
    old = _known(question, name)
    snapshot = question.schema()
    if old is None or snapshot is None:
        return _part(question, "change", name, ())
    verb = "drop" if kind == "DropStmt" else "change"
    dropped = (f"DROP POLICY {quote(name)} ON {question.table.name.sql}",) if verb == "change" else ()
    return _part(question, verb, name, (*dropped, *way(without(snapshot, old.address), snapshot)))


def _policy(question: Question) -> str:
    tree = question.statement.tree
    if question.statement.kind == "DropStmt":
        return dotted(tree["objects"][0]["List"]["items"][-1:])[1]
    return str(tree["policy_name"])


def _known(question: Question, name: str) -> CatalogObject | None:
    snapshot, table = question.schema(), question.table.name
    found = snapshot.get(Address(Kind.POLICY, table.schema, table.name, name)) if snapshot else None
    return found if isinstance(found, Policy) else None


def _part(question: Question, verb: str, name: str, back: tuple[str, ...]) -> Answer:
    table = question.table.name
    part = Part(PhaseKind.EXPAND, f"{verb} policy {name} on {table.name}", (question.statement.sql,), back)
    return Answer(f"policies-of-{table.name}", (part,), _notes(question))


def _switched_on(question: Question) -> Answer:
    table = question.table.name
    back = (f"ALTER TABLE {table.sql} DISABLE ROW LEVEL SECURITY",)
    part = Part(PhaseKind.EXPAND, f"row security on {table.name}", (question.statement.sql,), back)
    notes: tuple[str, ...] = ()
    if not question.table.policies:
        hidden = "from that moment everybody but its owner sees no row of it"
        notes = (f"{table} has no policy yet: unless the same file makes one, {hidden}",)
    return Answer(f"row-security-of-{table.name}", (part,), (*notes, *_notes(question)))


def _notes(question: Question) -> tuple[str, ...]:
    table = question.table.name
    return (f"it locks {table} for a moment; lockgate plan --queries tries what each role still sees",)


STRATEGY = Strategy(
    "change-policy",
    ("CreatePolicyStmt", "AlterPolicyStmt", "DropStmt/OBJECT_POLICY", "AT_EnableRowSecurity"),
    plan,
    __doc__ or "",
    "ALTER POLICY own ON notes USING (id > 10)",
)

"""Rename a function while callers of the old name live.

In one transaction the function gets its new name, which its policies, triggers and indexes follow because they know it
by its number, and a function of the old name with the same arguments, privileges and volatility hands every call on.
It goes when nobody calls it. PostgREST shows both under their names meanwhile.
"""

from __future__ import annotations

from lockgate.catalog.address import Kind
from lockgate.catalog.model import Routine
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.routines import rights_of, routine_of
from lockgate.planning.strategies.base import OLD_GONE, Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, quote

_NOT_CALLED = ("trigger", "event_trigger", "internal")


def plan(question: Question) -> Answer | None:
    """Rename, delegate, drop the delegate; None where a delegate could not hand on every call."""
    snapshot, tree, old = question.schema(), question.statement.tree, question.table.name
    if snapshot is None:
        return None
    found = routine_of(snapshot, question.state, old, tree["object"]["ObjectWithArgs"])
    if found is None or not _can_be_handed_on(found):
        return None
    new = QualifiedName(old.schema, tree["newname"])
    delegate, rights = _delegate(found, new), rights_of(snapshot, found)
    signature = f"{old.sql}({found.address.part})"
    drop = f"DROP FUNCTION {signature}"
    parts = (
        Part(
            PhaseKind.EXPAND,
            f"rename {old.name} to {new.name}",
            (f"ALTER FUNCTION {signature} RENAME TO {quote(new.name)}", delegate, *rights),
            (drop, f"ALTER FUNCTION {new.sql}({found.address.part}) RENAME TO {quote(old.name)}"),
            application=f"may be deployed now: it calls {new.name}",
            accepts=(("rename-other-object", "a function of the old name hands every call on"),),
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop the function {old.name}",
            (drop,),
            (delegate, *rights),
            gate=OLD_GONE.format(what=f"function {old.name}"),
        ),
    )
    return Answer(f"rename-{old.name}", parts)


def _can_be_handed_on(found: Routine) -> bool:
    words = found.signature.upper()
    odd = any(word in words for word in ("VARIADIC ", "OUT ", "INOUT "))
    return found.kind is Kind.FUNCTION and found.returns not in _NOT_CALLED and not odd


def _delegate(found: Routine, new: QualifiedName) -> str:
    count = len(found.address.part.split(", ")) if found.address.part else 0
    call = f"{new.sql}({', '.join(f'${number}' for number in range(1, count + 1))})"
    many = str(found.returns).upper().startswith(("SETOF ", "TABLE("))
    body = f"SELECT * FROM {call}" if many else f"SELECT {call}"
    kind = "" if found.volatility == "volatile" else f" {found.volatility.upper()}"
    return (
        f"CREATE FUNCTION {found.name.sql}({found.arguments}) RETURNS {found.returns}\n"
        f"  LANGUAGE sql{kind}\n  SET search_path = ''\nAS $lockgate$ {body} $lockgate$"
    ).replace("\\\n", "\n")


STRATEGY = Strategy(
    "rename-function",
    ("RenameStmt/OBJECT_FUNCTION", "RenameStmt/OBJECT_ROUTINE"),
    plan,
    __doc__ or "",
    "ALTER FUNCTION greet(text) RENAME TO welcome",
)

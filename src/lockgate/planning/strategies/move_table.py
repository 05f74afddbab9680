"""Move a table to another schema while the old application goes on asking for it where it was.

In one transaction the table moves, with its indexes, constraints, sequences and policies, and a view takes its old
place. The view is updatable, runs with the rights of whoever asks (so that row-level security holds) and carries the
table's privileges. Whoever may use the table also gets USAGE on its new schema, because the view needs it. It goes when
nobody uses it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import OLD_GONE, Answer, Question, Strategy
from lockgate.planning.strategies.rename_table import copy_privileges
from lockgate.sql.identifiers import QualifiedName, quote


def plan(question: Question) -> Answer | None:
    """Move and leave a view; drop the view later."""
    table = question.table
    if table.kind not in ("table", "partitioned table"):
        return None
    old = table.name
    new = QualifiedName(question.statement.tree["newschema"], old.name)
    strangers = tuple(_strangers(question.schema(), old, new.schema))
    invoker = " WITH (security_invoker = true)" if question.major >= 15 else ""
    view = f"CREATE VIEW {old.sql}{invoker} AS SELECT * FROM {new.sql}"
    drop = f"DROP VIEW {old.sql}"
    allow = tuple(f"GRANT USAGE ON SCHEMA {quote(new.schema)} TO {role}" for role in strangers)
    forbid = tuple(f"REVOKE USAGE ON SCHEMA {quote(new.schema)} FROM {role}" for role in strangers)
    moved = f"ALTER TABLE {old.sql} SET SCHEMA {quote(new.schema)}"
    back = f"ALTER TABLE {new.sql} SET SCHEMA {quote(old.schema)}"
    parts = (
        Part(
            PhaseKind.EXPAND,
            f"move {old.name} to {new.schema}",
            (*allow, moved, view, copy_privileges(new, old)),
            (drop, back, *forbid),
            application=f"may be deployed now: it uses {new}",
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop the view {old}",
            (drop,),
            (view, copy_privileges(new, old)),
            gate=OLD_GONE.format(what=f"place {old}"),
        ),
    )
    return Answer(f"move-{old.name}-to-{new.schema}", parts, _notes(old, question.major))


def _strangers(snapshot: Snapshot | None, table: QualifiedName, schema: str) -> Iterator[str]:
    """The roles that may use the table and not yet its new schema, quoted."""
    item = snapshot.get(Address(Kind.TABLE, table.schema, table.name)) if snapshot else None
    home = snapshot.get(Address(Kind.SCHEMA, "", schema)) if snapshot else None
    if item is None or home is None:
        return
    inside = {grant.to for grant in home.grants or () if grant.privilege == "USAGE"}
    inside |= {quote(owner) for owner in (home.owner, item.owner) if owner}
    if "PUBLIC" not in inside:
        yield from sorted({grant.to for grant in item.grants or ()} - inside)


def _notes(old: QualifiedName, major: int) -> tuple[str, ...]:
    notes = [
        f"the view {old} takes SELECT, INSERT, UPDATE, DELETE and ON CONFLICT, but not COPY FROM or TRUNCATE"
    ]
    if major < 15:
        notes.append("before PostgreSQL 15 a view does not apply the row-level security of its reader")
    return (*notes, "an API that exposes schemas by name shows the table where it is now")


STRATEGY = Strategy(
    "move-table",
    ("AlterObjectSchemaStmt/OBJECT_TABLE",),
    plan,
    __doc__ or "",
    "ALTER TABLE users SET SCHEMA app",
)

"""Rename a table or a view while the old application goes on asking for the old name.

In one transaction it gets its new name and a view takes the old one. The view is updatable, runs with the rights
of whoever asks (so that row-level security holds) and carries the table's privileges. It goes when nobody uses it.
"""

from __future__ import annotations

from lockgate.planning.changes import Part
from lockgate.planning.plan import PhaseKind
from lockgate.planning.strategies.base import OLD_GONE, Answer, Question, Strategy
from lockgate.sql.identifiers import QualifiedName, literal, quote


def plan(question: Question) -> Answer | None:
    """Rename and leave a view; drop the view later."""
    table = question.table
    if table.kind not in ("table", "partitioned table", "view", "materialized view"):
        return None
    old, new = table.name, QualifiedName(table.name.schema, question.statement.tree["newname"])
    invoker = " WITH (security_invoker = true)" if question.major >= 15 else ""
    view = f"CREATE VIEW {old.sql}{invoker} AS SELECT * FROM {new.sql}"
    drop = f"DROP VIEW {old.sql}"
    notes = _notes(old, question.major, table.kind)
    parts = (
        Part(
            PhaseKind.EXPAND,
            f"rename {old.name} to {new.name}",
            (f"ALTER TABLE {old.sql} RENAME TO {quote(new.name)}", view, copy_privileges(new, old)),
            (drop, f"ALTER TABLE {new.sql} RENAME TO {quote(old.name)}"),
            application=f"may be deployed now: it uses {new.name}",
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop the view {old.name}",
            (drop,),
            (view, copy_privileges(new, old)),
            gate=OLD_GONE.format(what=f"name {old.name}"),
        ),
    )
    return Answer(f"rename-{old.name}", parts, notes)


def _notes(old: QualifiedName, major: int, kind: str) -> tuple[str, ...]:
    notes = []
    if kind == "materialized view":
        notes.append(
            f"REFRESH has to say the new name from the first part on: {old.name} is a plain view until it goes"
        )
    elif kind != "view":
        takes = "SELECT, INSERT, UPDATE, DELETE and ON CONFLICT, but not COPY FROM or TRUNCATE"
        notes.append(f"the view {old.name} takes {takes}")
    if major < 15:
        notes.append("before PostgreSQL 15 a view does not apply the row-level security of its reader")
    return tuple(notes)


def copy_privileges(source: QualifiedName, target: QualifiedName) -> str:
    """A DO block that gives one relation exactly the privileges of another, whatever the default ones are."""
    return (
        "DO $lockgate$\nDECLARE\n  entry record;\nBEGIN\n"
        f"  EXECUTE 'REVOKE ALL ON ' || {literal(target.sql)} || ' FROM PUBLIC';\n"
        "  FOR entry IN\n"
        "    SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END AS grantee,\n"
        "      a.privilege_type || coalesce(' (' || quote_ident(l.attname) || ')', '') AS privilege,\n"
        "      CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS grantable\n"
        "    FROM pg_class c\n"
        "    CROSS JOIN LATERAL (\n"
        "      SELECT NULL::name AS attname, coalesce(c.relacl, acldefault('r', c.relowner)) AS acl\n"
        "      UNION ALL\n"
        "      SELECT attname, attacl FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL\n"
        "    ) l\n"
        "    CROSS JOIN LATERAL aclexplode(l.acl) a\n"
        "    LEFT JOIN pg_roles r ON r.oid = a.grantee\n"
        f"    WHERE c.oid = {literal(source.sql)}::regclass AND a.grantee <> c.relowner\n"
        "      AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')\n"
        "  LOOP\n"
        f"    EXECUTE format('GRANT %s ON %s TO %s%s', entry.privilege, {literal(target.sql)},\n"
        "      entry.grantee, entry.grantable);\n"
        "  END LOOP;\nEND\n$lockgate$"
    )


STRATEGY = Strategy(
    "rename-table",
    ("RenameStmt/OBJECT_TABLE", "RenameStmt/OBJECT_VIEW", "RenameStmt/OBJECT_MATVIEW"),
    plan,
    __doc__ or "",
    "rename users to people",
)

"""The body of a derived rollback file: what is kept, the statements in reverse order, and the verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lockgate.inverse.kept_text import kept_lines
from lockgate.inverse.model import Check, Inverse
from lockgate.sql.identifiers import literal
from lockgate.sql.parse import Script, Statement


@dataclass(frozen=True, slots=True)
class RollbackBody:
    """The two sections of the template, and the directives of the file."""

    undo: str
    verification: str
    directives: tuple[str, ...] = ()


def reversible(
    script: Script, inverses: Sequence[Inverse], checks: Sequence[Check], version: str
) -> RollbackBody:
    """The body of a rollback that brings everything back; one transaction, the verification included."""
    by_index = {statement.index: statement for statement in script.statements}
    concurrent = _concurrently(script, inverses)
    if concurrent is not None:
        undo = "\n".join(_terminated(sql) for sql in concurrent)
        return RollbackBody(undo, verification(checks, version), ("-- lockgate: no-transaction",))
    parts = []
    kept = list(kept_lines(inverses, by_index))
    if kept:
        parts.append("\n".join([*_KEPT_HEADING, *kept]))
    parts.append("BEGIN;")
    parts += [_guard(inverses)] if kept else []
    parts += [_segment(inverse, by_index) for inverse in reversed(inverses) if inverse.sql]
    remarks = [f"-- Stays different: {remark}" for inverse in inverses for remark in inverse.remarks]
    parts += ["\n".join(remarks)] if remarks else []
    return RollbackBody("\n\n".join(parts), f"{verification(checks, version)}\n\nCOMMIT;")


_KEPT_HEADING = (
    "-- What this rollback brings back is kept while the migration runs: lockgate apply runs the lines marked --|",
    "-- around the statements they name. Applied by other means, the migration loses these rows for good.",
)


def irreversible(reason: str, restore_point: str) -> RollbackBody:
    """The body of a file that says why there is no way back."""
    why = " ".join(reason.split())
    undo = f"-- There is no statement here: {why}.\n-- To go back, restore {restore_point}"
    return RollbackBody(undo, "", (f"-- lockgate: irreversible {why}",))


def _segment(inverse: Inverse, statements: dict[int, Statement]) -> str:
    lines = [_heading(statements[index]) for index in inverse.statements]
    return "\n".join([*lines, *(_terminated(sql) for sql in inverse.sql or ())])


def _heading(statement: Statement) -> str:
    line = " ".join(statement.sql.split())
    shown = line if len(line) <= 90 else line[:89] + "…"
    return f"-- undoes line {statement.line}: {shown}"


def _terminated(sql: str) -> str:
    return f"{sql};"


def _guard(inverses: Sequence[Inverse]) -> str:
    """Stop before anything is undone when there is nothing to bring back."""
    tables = [table for inverse in inverses for keep in inverse.keeps for table in keep.tables]
    names = ", ".join(literal(table.sql).strip() for table in tables)
    return (
        "DO $$\nDECLARE\n  missing text;\nBEGIN\n"
        f"  SELECT string_agg(name, ', ') INTO missing FROM unnest(ARRAY[{names}]) AS name"
        " WHERE to_regclass(name) IS NULL;\n"
        "  IF missing IS NOT NULL THEN\n"
        "    RAISE EXCEPTION 'what this rollback brings back was not kept: % is not there', missing\n"
        "      USING HINT = 'Only lockgate apply keeps it. Restore the backup taken before the migration.';\n"
        "  END IF;\nEND $$;"
    )


def verification(checks: Sequence[Check], version: str) -> str:
    """A block that fails unless everything is back."""
    tests = "".join(
        f"  IF NOT ({check.sql}) THEN\n"
        f"    RAISE EXCEPTION {literal('Rollback failed: ' + check.message.replace('%', '%%')).strip()};\n"
        "  END IF;\n"
        for check in checks
    )
    done = literal(f"Rollback of {version} successful").strip()
    return f"DO $$\nBEGIN\n{tests}  RAISE NOTICE {done};\nEND $$;"


def _concurrently(script: Script, inverses: Sequence[Inverse]) -> list[str] | None:
    """Where every statement works on an index CONCURRENTLY, its inverse does so too, outside of a transaction."""
    working = [
        one
        for one in script.statements
        if one.kind in ("IndexStmt", "DropStmt") and one.tree.get("concurrent")
    ]
    indexes = {index for inverse in inverses for index in inverse.statements}
    if not working or {one.index for one in working} != indexes:
        return None
    found = []
    for sql in (line for inverse in reversed(inverses) for line in inverse.sql or ()):
        for start in ("DROP INDEX ", "CREATE INDEX ", "CREATE UNIQUE INDEX "):
            if sql.startswith(start) and " ON ONLY " not in sql:
                found.append(f"{start}CONCURRENTLY {sql.removeprefix(start)}")
                break
        else:
            if not sql.startswith("COMMENT ON INDEX "):
                return None
            found.append(sql)
    return found

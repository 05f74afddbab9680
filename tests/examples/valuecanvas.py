"""The example project as tests use it: its files, its rows by level, and what a database holds at a moment."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
from psycopg import sql
from tests.servers import Database

from lockgate.catalog import Scope, Snapshot, diff, read
from lockgate.config import load
from lockgate.migration.files import Migration, Project, SqlFile, discover
from lockgate.sql.parse import parse

FOLDER = Path(__file__).parents[2] / "examples" / "valuecanvas"


def project() -> Project:
    """The example project's files."""
    return discover(load(FOLDER))


def module(name: str) -> ModuleType:
    """One of the example's scripts, imported from where it lies."""
    spec = importlib.util.spec_from_file_location(f"valuecanvas_{name}", FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


def run(database: Database, file: SqlFile) -> None:
    """Run a file as hosted-like ``postgres``: in one transaction, or one by one where it asks for that."""
    with database.connect() as connection:
        if file.no_transaction:
            for statement in file.script.statements:
                connection.execute(statement.sql.encode())
        else:
            with connection.transaction():
                connection.execute(file.text.encode())


def migrate(database: Database, until: str | None = None) -> None:
    """Apply the history, up to and with a version."""
    for migration in project().migrations:
        run(database, migration.forth)
        if migration.version == until:
            return


@dataclass
class SeedRows:
    """``supabase/seed.sql``, statement by statement: each runs as soon as its table is there."""

    waiting: list[tuple[str, str]] = field(default_factory=lambda: list(_seed_statements()))

    def add(self, database: Database) -> None:
        """Insert what the database has tables for by now."""
        with database.connect() as connection:
            while self.waiting and _exists(connection, self.waiting[0][0]):
                _, statement = self.waiting.pop(0)
                connection.execute(statement.encode())


def _seed_statements() -> Iterator[tuple[str, str]]:
    for statement in parse((FOLDER / "supabase" / "seed.sql").read_text("utf-8")).statements:
        target = statement.tree["relation"]
        yield f"{target['schemaname']}.{target['relname']}", statement.sql


def _exists(connection: psycopg.Connection[Any], table: str) -> bool:
    return connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,)


def schema(database: Database) -> Snapshot:
    """The schema, with what the migrations put on the platform's tables, read as superuser."""
    with database.connect_admin() as connection:
        return read(connection, Scope(schemas=("public", "private", "storage", "auth"), platform=True))


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """What differs between two schemas, the order of columns aside."""
    return [str(item) for item in diff(before, after).without_order]


def rows(database: Database) -> dict[str, str]:
    """Every table's rows as one digest."""
    with database.connect_admin() as connection:
        return dict(_digests(connection))


def dump(database: Database) -> str | None:
    """The schema as the server's own pg_dump writes it, or None where there is no pg_dump."""
    program = shutil.which("pg_dump", path=str(database.installation.bin_dir))
    if program is None:
        return None
    command = [program, "--schema-only", "--no-sync", database.admin_url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # Newer releases frame the dump with a random key.
    return "\n".join(line for line in done.stdout.splitlines() if "restrict " not in line)


def _digests(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    tables = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND n.nspname IN ('public', 'private', 'auth', 'storage')"
    ).fetchall()
    connection.execute("SET timezone = 'UTC'")
    for schema, name in tables:
        # By name, because a column that came back stands last.
        query = sql.SQL(
            "SELECT count(*) || ' rows ' || coalesce(md5(string_agg(r, '\n' ORDER BY r)), '')"
            " FROM (SELECT to_jsonb(t)::text FROM {} t) AS rows (r)"
        )
        row = connection.execute(query.format(sql.Identifier(schema, name))).fetchone()
        assert row
        yield f"{schema}.{name}", row[0]


def reversible(migration: Migration) -> bool:
    """Whether a migration has a rollback file; if not, its author must say why."""
    assert (migration.rollback is None) == (migration.irreversible is not None), migration
    return migration.rollback is not None

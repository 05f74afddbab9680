"""Small databases with one hole or none each; many of them lie side by side in schemas of one database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import psycopg

FOLDER = Path(__file__).parent / "cases"
_USERS = """
INSERT INTO auth.users (id, email)
SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'user' || n || '@example.org' FROM generate_series(1, 4) AS n
"""


@dataclass(frozen=True)
class Case:
    """A script, and the hole that lies in it."""

    name: str
    base: str
    kind: str | None
    relation: str | None
    sql: str

    @property
    def where(self) -> str:
        """The relation or function that must be named."""
        assert self.relation is not None
        return self.relation if "." in self.relation else f"{self.name}.{self.relation}"

    @property
    def is_of_storage(self) -> bool:
        """Whether it needs a database of its own, because policies of storage.objects are shared by all."""
        return "storage.objects" in self.sql


def read(folder: str) -> list[Case]:
    """The cases of a folder."""
    return [_case(path) for path in sorted((FOLDER / folder).glob("*.sql"))]


def _case(path: Path) -> Case:
    text = path.read_text()
    base = re.search(r"^-- base: (\w+)", text, re.MULTILINE)
    finds = re.search(r"^-- finds: ([\w-]+) on (\S+)", text, re.MULTILINE)
    assert base is not None, path
    return Case(path.stem, base[1], finds[1] if finds else None, finds[2] if finds else None, text)


def load(connection: psycopg.Connection, cases: list[Case]) -> None:
    """Make users, and a schema for each case."""
    connection.execute(_USERS)
    for case in cases:
        base = "" if case.base == "none" else (FOLDER / "bases" / f"{case.base}.sql").read_text()
        connection.execute(f"""
            CREATE SCHEMA {case.name};
            GRANT USAGE ON SCHEMA {case.name} TO anon, authenticated, service_role;
            ALTER DEFAULT PRIVILEGES IN SCHEMA {case.name} GRANT ALL ON TABLES TO anon, authenticated, service_role;
            SET search_path = {case.name}, extensions;
            {base};
            {case.sql};
            RESET search_path
        """)  # type: ignore[call-overload]

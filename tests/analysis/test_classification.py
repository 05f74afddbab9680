"""The class of a migration, from its SQL alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockgate.analysis.check import check
from lockgate.analysis.findings import Classified
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source

HISTORY = """
CREATE TABLE users (id bigint PRIMARY KEY, email text, name text);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint, code varchar(8));
CREATE TYPE mood AS ENUM ('a');
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
"""


def classified(sql: str) -> Classified:
    found = check([Source.from_text(sql)], Options(), [Source.from_text(HISTORY)])
    return found.migrations[0]


@pytest.mark.parametrize(
    ("sql", "types", "risk"),
    [
        ("CREATE TABLE notes (id bigint PRIMARY KEY);", "Schema", "Low"),
        ("CREATE TABLE notes (id bigint PRIMARY KEY); INSERT INTO notes VALUES (1);", "Schema+Data", "Low"),
        ("CREATE INDEX CONCURRENTLY i ON users (email);", "Schema", "Low"),
        ("ALTER TABLE users ADD COLUMN note text;", "Schema", "Medium"),
        ("CREATE INDEX i ON users (email);", "Schema", "High"),
        ("ALTER TABLE users DROP COLUMN email;", "Schema", "High"),
        ("ALTER TABLE users ALTER COLUMN id TYPE text;", "Schema", "High"),
        ("DROP TABLE users;", "Schema", "High"),
        ("DROP OWNED BY intern;", "Schema", "High"),
        ("ALTER TABLE orders ALTER COLUMN code TYPE varchar(20);", "Schema", "Medium"),
        ("UPDATE users SET name = 'x' WHERE id = 1;", "Data", "High"),
        ("DELETE FROM users WHERE id = 1;", "Data", "High"),
        ("INSERT INTO users (id) VALUES (1);", "Data", "Medium"),
        ("INSERT INTO users (id) SELECT id FROM orders;", "Data", "High"),
        ("TRUNCATE orders;", "Data", "High"),
        ("CREATE POLICY p ON users USING (true);", "RLS", "Medium"),
        ("ALTER TABLE users ENABLE ROW LEVEL SECURITY;", "RLS", "Medium"),
        ("GRANT SELECT ON users TO PUBLIC;", "RLS", "Medium"),
        ("CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';", "Function", "Medium"),
        ("CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();", "Function", "Medium"),
        ("DROP FUNCTION f();", "Function", "Medium"),
        ("DO $$ BEGIN UPDATE users SET name = 'x'; END $$;", "Data", "High"),
        ("COMMENT ON TABLE users IS 'people';", "Schema", "Low"),
        (
            (
                "CREATE TABLE n (id bigint PRIMARY KEY); ALTER TABLE n ENABLE ROW LEVEL SECURITY;"
                " CREATE POLICY p ON n USING (true); GRANT SELECT ON n TO PUBLIC;"
            ),
            "Schema+RLS",
            "Low",
        ),
        ("ALTER TABLE users ADD COLUMN a int; UPDATE users SET a = 1;", "Schema+Data", "High"),
        ("SELECT 1;", "", "Low"),
    ],
)
def test_type_and_risk(sql: str, types: str, risk: str) -> None:
    found = classified(sql)
    assert "+".join(kind.value for kind in found.types) == types
    assert found.risk.value == risk
    assert found.risk_reason


@pytest.mark.parametrize(
    ("sql", "breaking"),
    [
        ("ALTER TABLE users ADD COLUMN note text;", False),
        ("ALTER TABLE users ADD COLUMN note text NOT NULL;", True),
        ("ALTER TABLE users ADD COLUMN note text NOT NULL DEFAULT '';", False),
        ("ALTER TABLE users RENAME COLUMN name TO full_name;", True),
        ("ALTER TABLE users DROP COLUMN name;", True),
        ("ALTER TABLE users ALTER COLUMN email SET NOT NULL;", True),
        ("ALTER TYPE mood ADD VALUE 'b';", False),
        ("ALTER TYPE mood RENAME VALUE 'a' TO 'b';", True),
        ("REVOKE SELECT ON users FROM PUBLIC;", True),
        ("CREATE TABLE n (a int); ALTER TABLE n RENAME a TO b; DROP TABLE n;", False),
        ("CREATE INDEX i ON users (email);", False),
        ("ALTER TABLE orders ALTER COLUMN code TYPE varchar(20);", False),
        ("ALTER TABLE orders ALTER COLUMN code TYPE text;", False),
        ("ALTER TABLE orders ALTER COLUMN code TYPE varchar(4);", True),
        ("ALTER TABLE orders ALTER COLUMN id TYPE numeric;", True),
        ("DROP OWNED BY intern;", True),
    ],
)
def test_breaking(sql: str, breaking: bool) -> None:
    assert classified(sql).breaking is breaking


@pytest.mark.parametrize(
    ("sql", "downtime"),
    [
        ("CREATE INDEX i ON users (email);", True),
        ("CREATE INDEX CONCURRENTLY i ON users (email);", False),
        ("ALTER TABLE users ADD COLUMN note text;", False),
        ("ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();", True),
        ("ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID;", False),
        ("CREATE TABLE n (a int); CREATE INDEX i ON n (a);", False),
    ],
)
def test_downtime(sql: str, downtime: bool) -> None:
    assert classified(sql).downtime is downtime


def test_what_the_guide_requires() -> None:
    found = classified("UPDATE users SET name = 'x';")
    assert found.requires == ("a rollback plan", "a chunking strategy")


def test_the_example_project_is_classed_as_its_authors_did() -> None:
    folder = Path(__file__).parents[2] / "examples/valuecanvas/supabase/migrations"
    sources = [Source.from_text(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.sql"))]
    for source, found in zip(sources, check(sources, Options(platform="supabase")).migrations, strict=True):
        assert found.types == source.header.types, source.file
        assert source.header.risk is not None
        assert found.risk.rank <= source.header.risk.rank, source.file

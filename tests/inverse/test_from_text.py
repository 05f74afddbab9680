"""What the text of a statement alone tells about its way back, on a real server, and where it must say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.projects import sandbox
from tests.sampling import falls_to
from tests.servers import Database

from lockgate.catalog import diff, read
from lockgate.inverse import derive_from_text, together
from lockgate.local import binaries
from lockgate.sql.parse import parse

BEFORE = """
CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY, "A b" int NOT NULL, CONSTRAINT c CHECK (id > 0));
CREATE TABLE t2 (id int); CREATE TYPE e AS ENUM ('a', 'b'); CREATE VIEW v AS SELECT 1 AS one;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE INDEX old_index ON s.t (id); CREATE SEQUENCE seq; CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
CREATE TRIGGER old_trigger BEFORE INSERT ON t2 FOR EACH ROW EXECUTE FUNCTION tf(); CREATE POLICY old_policy ON t2;
"""
REVERSIBLE = """
CREATE TABLE "New one" (id bigserial PRIMARY KEY, t int REFERENCES s.t); CREATE INDEX "New i" ON "New one" (t)
CREATE TABLE s.copy AS SELECT 1 AS a; CREATE MATERIALIZED VIEW s.m AS SELECT * FROM s.copy
CREATE VIEW s.w AS SELECT * FROM s.t; CREATE SEQUENCE s.q; CREATE SCHEMA z
CREATE TYPE s.mood AS ENUM ('x'); CREATE TYPE pair AS (a int, b s.mood); CREATE DOMAIN small AS int CHECK (VALUE < 9)
CREATE TYPE span AS RANGE (SUBTYPE = int); CREATE STATISTICS s.st ON id, "A b" FROM s.t
CREATE FUNCTION f(a int, b text[] DEFAULT '{}', OUT c int) LANGUAGE sql AS 'SELECT 1'
CREATE PROCEDURE p(a s.t) LANGUAGE sql AS ''
CREATE FUNCTION g(a varchar(9)) RETURNS TABLE (x int) LANGUAGE sql AS 'SELECT 1'
CREATE TRIGGER tr BEFORE INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION tf(); CREATE POLICY "Own rows" ON s.t
CREATE RULE r AS ON DELETE TO t2 DO INSTEAD NOTHING; CREATE PUBLICATION pub FOR TABLE s.t; CREATE EXTENSION citext
ALTER TABLE s.t ADD COLUMN n int, ADD CONSTRAINT small CHECK (n < 9) NOT VALID
ALTER TABLE s.t ADD CONSTRAINT d CHECK (id < 9) NOT VALID; ALTER TABLE s.t VALIDATE CONSTRAINT d
ALTER TABLE s.t RENAME TO u; ALTER TABLE s.u RENAME COLUMN "A b" TO b; ALTER TABLE s.u RENAME CONSTRAINT c TO d
ALTER INDEX s.old_index RENAME TO new_index; ALTER VIEW v RENAME TO vv; ALTER SEQUENCE seq RENAME TO seq2
ALTER TRIGGER old_trigger ON t2 RENAME TO nt; ALTER POLICY old_policy ON t2 RENAME TO np
ALTER TYPE e RENAME VALUE 'a' TO 'z'
ALTER MATERIALIZED VIEW mv RENAME TO "MV"; SET lock_timeout = '5s'; CREATE TABLE s.again ()
"""
NOT_TOLD = """
CREATE TABLE IF NOT EXISTS t2 (id int)
CREATE OR REPLACE VIEW v AS SELECT 1 AS one
CREATE OR REPLACE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'
ALTER TABLE t2 ADD COLUMN IF NOT EXISTS id int
ALTER TABLE t2 ADD CHECK (id > 0)
ALTER TABLE s.t ALTER COLUMN "A b" DROP NOT NULL
ALTER TABLE s.t DROP COLUMN "A b"
ALTER TYPE e ADD VALUE 'c'
CREATE INDEX ON t2 (id)
DROP TABLE t2
INSERT INTO t2 VALUES (1)
UPDATE t2 SET id = 2
DELETE FROM t2
TRUNCATE t2
DO $$ BEGIN NULL; END $$
COMMENT ON TABLE t2 IS 'x'
GRANT SELECT ON t2 TO public
SET search_path = s; CREATE TABLE again ()
ALTER SYSTEM SET work_mem = '8MB'
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


@pytest.mark.parametrize("pg", [15, 18], indirect=True)
def test_what_the_text_tells_leads_back_exactly(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute(BEFORE)
        before = read(connection, often=True)
        for sql in lines(REVERSIBLE):
            if not falls_to(sql, str(pg.major), ("15", "18")):
                continue
            whole = together(derive_from_text(parse(sql).statements))
            assert whole.possible, (sql, whole.reason)
            with connection.transaction(force_rollback=True):
                connection.execute(sql)  # type: ignore[call-overload]
                for line in whole.sql or ():
                    connection.execute(line)  # type: ignore[call-overload]
                assert [str(item) for item in diff(read(connection, often=True), before)] == [], (
                    sql,
                    whole.sql,
                )


@pytest.mark.parametrize("sql", lines(NOT_TOLD))
def test_what_the_text_does_not_tell_is_not_guessed(sql: str) -> None:
    whole = together(derive_from_text(parse(sql).statements))
    assert not whole.possible
    assert whole.reason


def test_without_a_server_what_the_text_tells_is_written_and_marked(
    tmp_path: Path, pg: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sandbox(tmp_path, pg.url)
    place.write(
        "20250101090000", "create_a", "CREATE TABLE public.a (id int);\nCREATE INDEX i ON public.a (id);"
    )
    place.write("20250102090000", "drop_a", "DROP TABLE public.a;")
    with monkeypatch.context() as patched:
        patched.setattr(binaries, "_bin_dirs", lambda major: iter(()))
        result = place.lockgate("rollback", "write")
    assert result.exit_code == 6, result.output
    said = " ".join(result.output.split())
    assert "not proved" in said
    assert "not derived 20250102090000" in said
    assert "cannot be read off the statement" in said
    (file,) = (place.folder / "rollbacks").iterdir()
    text = file.read_text()
    assert text.index("DROP INDEX public.i;") < text.index("DROP TABLE public.a;")
    assert "Derived from the text of the migration alone, and not proved: " in text
    assert place.lockgate("test", "20250101090000").exit_code == 0


def test_what_the_server_lacks_is_no_fault_of_the_migration(tmp_path: Path, pg: Database) -> None:
    place = sandbox(tmp_path, pg.url)
    place.write(
        "20250101090000", "create_e", "CREATE EXTENSION nobody_has_this;\nCREATE TABLE public.a (id int);"
    )
    result = place.lockgate("rollback", "write")
    assert result.exit_code == 0, result.output
    (file,) = (place.folder / "rollbacks").iterdir()
    assert "DROP EXTENSION nobody_has_this;" in file.read_text()
    assert "is not available" in file.read_text()

"""What a forecast says beside modes and scans, and what it assumes where little is known."""

from __future__ import annotations

import importlib.util
import re

import pytest
from tests.locks.forms import MAJORS, all_forms

from lockgate.analysis.locks import NOTHING, Forecast, forecast
from lockgate.analysis.locks.harmless import HARMLESS
from lockgate.analysis.locks.registry import FAMILIES, HANDLERS
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.sql.parse import parse
from lockgate.types import LockMode

AE, SRE, SUE = LockMode.ACCESS_EXCLUSIVE, LockMode.SHARE_ROW_EXCLUSIVE, LockMode.SHARE_UPDATE_EXCLUSIVE


def ask(sql: str, before: str = "", major: int = 17) -> Forecast:
    catalog = Catalog()
    catalog.begin_unit(0)
    for statement in parse(before).statements:
        replay(catalog, statement.kind, statement.tree)
    catalog.begin_unit(1)
    (statement,) = parse(sql).statements
    return forecast(statement, catalog, major)


def modes(found: Forecast) -> dict[str, LockMode]:
    return {lock.relation: lock.mode for lock in found.relations}


@pytest.mark.parametrize(
    ("sql", "blocks"),
    [
        ("SELECT 1", "nothing"),
        ("SELECT * FROM t", "nothing"),
        ("UPDATE t SET a = 1", "nothing"),
        ("CREATE INDEX CONCURRENTLY ON t (a)", "schema changes"),
        ("CREATE INDEX ON t (a)", "writes"),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", "writes"),
        ("ALTER TABLE t ADD COLUMN a int", "reads and writes"),
        ("REINDEX INDEX i", "reads and writes"),
        ("ALTER INDEX i RENAME TO j", "schema changes"),
        ("CREATE TABLE z (id bigint REFERENCES auth.users (id))", "writes"),
    ],
)
def test_blocks(sql: str, blocks: str) -> None:
    assert ask(sql).blocks == blocks


def test_reindex_of_a_known_index_stops_planning() -> None:
    found = ask("REINDEX INDEX i", "CREATE TABLE t (a int); CREATE INDEX i ON t (a);")
    assert modes(found) == {"public.t": LockMode.SHARE}
    assert [(lock.relation, lock.mode) for lock in found.attached] == [("public.i", AE)]
    assert found.blocks == "reads and writes"
    assert "planned" in found.why


@pytest.mark.parametrize(
    ("sql", "locks"),
    [
        ("ALTER TABLE t ADD COLUMN a int", {"public.t": AE}),
        ("ALTER TABLE app.t ADD COLUMN a int", {"app.t": AE}),
        ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (id) NOT VALID", {"public.t": SRE, "public.u": SRE}),
        ("CREATE TABLE z (id bigint REFERENCES auth.users (id))", {"auth.users": SRE}),
        ("DROP POLICY IF EXISTS p ON t", {"public.t": AE}),
        ("DROP TRIGGER IF EXISTS p ON t", {"public.t": AE}),
        ("DROP TABLE IF EXISTS t", {"public.t": AE}),
        ("ALTER TABLE t DETACH PARTITION u", {"public.t": AE, "public.u": AE}),
        ("TRUNCATE t", {"public.t": AE}),
        ("SELECT * FROM pg_class", {}),
        ("SELECT * FROM pg_catalog.pg_class JOIN information_schema.tables ON true", {}),
    ],
)
def test_unknown_relations_are_assumed_to_exist(sql: str, locks: dict[str, LockMode]) -> None:
    assert modes(ask(sql)) == locks


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ALTER COLUMN a TYPE text",
        "ALTER TABLE t ADD COLUMN a int DEFAULT unknown_function()",
        "ALTER TABLE t SET UNLOGGED",
        "VACUUM FULL t",
        "REFRESH MATERIALIZED VIEW t",
    ],
)
def test_the_unknown_is_taken_for_the_worst_rewrite(sql: str) -> None:
    lock = ask(sql).lock_on("public.t")
    assert lock is not None
    assert lock.rewrite
    assert lock.index_build


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        "ALTER TABLE t VALIDATE CONSTRAINT c",
        "ALTER TABLE p ATTACH PARTITION t FOR VALUES IN (1)",
        "ALTER TABLE t ADD PRIMARY KEY (a)",
        "REINDEX TABLE t",
    ],
)
def test_the_unknown_is_taken_for_the_worst_scan(sql: str) -> None:
    lock = ask(sql).lock_on("public.t")
    assert lock is not None
    assert lock.scan


def test_search_path_decides_where_names_are() -> None:
    catalog = Catalog({"search_path": "app, public"}.get)
    catalog.begin_unit(0)
    for statement in parse("CREATE TABLE public.t (a int); CREATE TABLE app.u (a int);").statements:
        replay(catalog, statement.kind, statement.tree)
    (statement,) = parse("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (a)").statements
    assert set(modes(forecast(statement, catalog, 17))) == {"public.t", "app.u"}
    (statement,) = parse("ALTER TABLE unheard_of ADD COLUMN a int").statements
    assert set(modes(forecast(statement, catalog, 17))) == {"app.unheard_of"}


@pytest.mark.parametrize(
    ("sql", "creates"),
    [
        ("CREATE TABLE z (id int)", ("public.z",)),
        ("CREATE TABLE app.z AS SELECT 1", ("app.z",)),
        ("SELECT 1 INTO z", ("public.z",)),
        ("CREATE TEMP TABLE z (id int)", ("pg_temp.z",)),
        ("CREATE INDEX i ON app.t (a)", ("app.i",)),
        ("CREATE VIEW z AS SELECT 1", ("public.z",)),
        ("CREATE MATERIALIZED VIEW z AS SELECT 1", ("public.z",)),
        ("CREATE SEQUENCE z", ("public.z",)),
        ("CREATE SCHEMA app CREATE TABLE z (id int) CREATE VIEW y AS SELECT 1", ("app.z", "app.y")),
        ("DO $$ BEGIN CREATE TABLE z (id int); END $$", ("public.z",)),
        ("ALTER TABLE t ADD COLUMN a int", ()),
    ],
)
def test_creates(sql: str, creates: tuple[str, ...]) -> None:
    found = ask(sql)
    assert found.creates == creates
    assert not set(creates) & set(modes(found))


@pytest.mark.parametrize(
    ("sql", "patient"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (a)", True),
        ("DROP INDEX CONCURRENTLY i", True),
        ("REINDEX TABLE CONCURRENTLY t", True),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", True),
        ("ALTER TABLE t VALIDATE CONSTRAINT c, ADD COLUMN a int", False),
        ("ALTER TABLE p DETACH PARTITION t CONCURRENTLY", True),
        ("VACUUM t", True),
        ("VACUUM FULL t", False),
        ("ANALYZE t", True),
        ("CREATE INDEX i ON t (a)", False),
        ("ALTER TABLE t ADD COLUMN a int", False),
    ],
)
def test_patient(sql: str, patient: bool) -> None:
    assert ask(sql).patient is patient


@pytest.mark.parametrize(
    ("sql", "opaque"),
    [
        ("DO $$ BEGIN EXECUTE format('DROP TABLE %I', user); END $$", True),
        ("DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'a'); END $$", False),
        ("DO $$ BEGIN EXECUTE 'ALTER TABLE t ADD COLUMN a int'; END $$", False),
        ("DO $$ BEGIN this is not a program $$", True),
        ("EXECUTE prepared_before", True),
        ("ALTER EXTENSION hstore UPDATE", True),
        ("SELECT 1 FROM", True),
        ("SELECT f()", False),
    ],
)
def test_opaque(sql: str, opaque: bool) -> None:
    assert ask(sql).opaque is opaque


def test_what_functions_do_is_followed_but_not_for_ever() -> None:
    before = """
        CREATE FUNCTION a() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM b(); END';
        CREATE FUNCTION b() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM a(); DROP TABLE t; END';
        CREATE FUNCTION c(text) RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE $1; END';
    """
    assert modes(ask("SELECT a()", before)) == {"public.t": AE}
    assert ask("SELECT c('x')", before).opaque


def test_a_routine_that_commits_cannot_be_in_a_transaction() -> None:
    before = "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';"
    assert not ask("CALL p()", before).transactional
    assert not ask("DO $$ BEGIN ROLLBACK; END $$").transactional


def test_the_exception_of_nothing() -> None:
    assert ask("SET lock_timeout = '1s'") is NOTHING
    assert ask("BEGIN").relations == ()


@pytest.mark.parametrize(
    ("sql", "before", "words"),
    [
        ("ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()", "", "the default is volatile"),
        ("ALTER TABLE t ADD COLUMN x serial", "", "its number from the sequence"),
        (
            "ALTER TABLE t ALTER COLUMN a TYPE bigint",
            "CREATE TABLE t (a int)",
            "int4 and int8 are stored differently",
        ),
        (
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
            "CREATE TABLE t (a int)",
            "read to see that a is not NULL",
        ),
        (
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
            "CREATE TABLE t (a int CHECK (a IS NOT NULL))",
            "says already",
        ),
        (
            "ALTER TYPE mood ADD VALUE 'x'",
            "CREATE TYPE mood AS ENUM ('a')",
            "before the transaction is committed",
        ),
        ("CREATE TABLE z (id int REFERENCES t (id))", "", "writers of public.t wait"),
        ("CREATE TABLE q PARTITION OF p FOR VALUES IN (1)", "", "ATTACH PARTITION would leave it open"),
    ],
)
def test_why(sql: str, before: str, words: str) -> None:
    assert words in ask(sql, before).why


@pytest.mark.parametrize("major", MAJORS)
def test_nothing_known_is_no_reason_to_fail(major: int) -> None:
    for form in all_forms():
        found = forecast(form.statement, Catalog(), major)
        assert found == forecast(form.statement, Catalog(), major)


def test_every_statement_of_the_grammar_is_known() -> None:
    spec = importlib.util.find_spec("postgast.pg_query_pb2")
    assert spec is not None
    assert spec.origin is not None
    source = open(spec.origin + "i", encoding="utf-8").read()  # noqa: PTH123, SIM115
    kinds = set(re.findall(r"class (\w+Stmt)\(", source))
    parts = {"RawStmt", "PLAssignStmt", "ReturnStmt", "SetOperationStmt", "ReplicaIdentityStmt"}
    assert kinds - parts - set(HANDLERS) == HARMLESS - set(HANDLERS)
    assert not HARMLESS & set(HANDLERS)


def test_no_two_families_claim_a_statement() -> None:
    claimed = [kind for family in FAMILIES for kind in family.HANDLERS]
    assert len(claimed) == len(set(claimed))


def test_version_decides() -> None:
    before = "CREATE TABLE a (id int); CREATE TABLE b () INHERITS (a);"
    sql = "ALTER TABLE a ADD CONSTRAINT k CHECK (id > 0) NO INHERIT"
    assert set(modes(ask(sql, before, 17))) == {"public.a"}
    assert set(modes(ask(sql, before, 18))) == {"public.a", "public.b"}
    assert modes(ask("GRANT SELECT ON a TO x", before, 17)) == {}
    assert modes(ask("GRANT SELECT ON a TO x", before, 18)) == {"public.a": LockMode.ACCESS_SHARE}


def test_names_that_need_quotes() -> None:
    found = ask('ALTER TABLE "My Table" ADD COLUMN a int', 'CREATE TABLE "My Table" (id int)')
    assert modes(found) == {"public.My Table": AE}

"""What real databases hold: grants to lost roles, invalid indexes, extensions, hostile names, open transactions."""

from __future__ import annotations

import random

import psycopg
import psycopg.sql
import pytest
from tests.sampling import SEED
from tests.servers import Database

from lockgate.catalog import Address, Kind, Scope, as_sql, diff, obstacles, read
from lockgate.catalog.model import Index, Table
from lockgate.sql.identifiers import literal, quote

NAME_BYTES = 63


def test_a_grant_to_a_role_that_is_gone_is_noted_and_left_out(pg: Database) -> None:
    with pg.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "CREATE TABLE t (a int); CREATE ROLE lockgate_test_lost; GRANT SELECT ON t TO lockgate_test_lost"
        )
        connection.execute("DELETE FROM pg_authid WHERE rolname = 'lockgate_test_lost'")
        found = read(connection)
    table = found.table("public", "t")
    assert table is not None
    assert all(not grant.grantee.isdecimal() for grant in table.grants or ())
    assert len(found.notes) == 1
    assert "role that no longer exists" in found.notes[0]


def test_an_invalid_index_is_seen_made_whole_and_never_made_invalid(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)")
        broken = read(connection)
        index = broken.objects[Address(Kind.INDEX, "public", "broken")]
        assert isinstance(index, Index)
        assert not index.valid
        connection.execute("DELETE FROM t; REINDEX INDEX broken")
        whole = read(connection)
    assert any("DROP INDEX public.broken" in line for line in as_sql(diff(broken, whole)))
    assert "invalid" in " ".join(obstacles(diff(whole, broken)))


def test_what_extensions_own_is_left_out_unless_asked_for(pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute("CREATE EXTENSION citext; CREATE TABLE t (a citext)")
        plain, members = read(connection), read(connection, Scope(members=True))
        connection.execute("DROP TABLE t; DROP EXTENSION citext")
        without = read(connection, Scope(members=True))
    column = Address(Kind.COLUMN, "public", "t", "a")
    assert Address(Kind.EXTENSION, "", "citext") in plain.depends[column]
    assert len(members) > len(plain)
    assert {item.address.kind for item in diff(members, without)} == {Kind.EXTENSION, Kind.TABLE}


def test_reading_in_a_transaction_sees_it_and_changes_no_setting(pg: Database) -> None:
    with pg.connect() as connection:
        before = connection.execute("SHOW search_path").fetchone()
        with connection.transaction(force_rollback=True):
            connection.execute("CREATE TABLE uncommitted (a int)")
            for often in (False, True, True):
                assert read(connection, often=often).table("public", "uncommitted") is not None
            assert connection.execute("SHOW search_path").fetchone() == before
        assert read(connection).table("public", "uncommitted") is None
        assert connection.execute("SHOW search_path").fetchone() == before


def test_prepared_queries_survive_discard_all(pg: Database) -> None:
    with pg.connect() as connection:
        first = read(connection, often=True)
        connection.execute("DISCARD ALL")
        assert read(connection, often=True).fingerprint() == first.fingerprint()


@pytest.mark.parametrize(
    "name", ['qu"ote', "new\nline", "x" * 63, "é" * 31, "select", "a.b", "per%cent", "back\\slash"]
)
def test_hostile_names_go_there_and_back(pg: Database, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    with pg.connect() as connection:
        empty = read(connection)
        connection.execute(
            f"CREATE SCHEMA {quoted}; CREATE TABLE {quoted}.{quoted} ({quoted} int PRIMARY KEY);"  # type: ignore[arg-type]
            f" CREATE POLICY {quoted} ON {quoted}.{quoted}; CREATE VIEW {quoted}.v AS TABLE {quoted}.{quoted};"
            f" COMMENT ON COLUMN {quoted}.{quoted}.{quoted} IS {psycopg.sql.Literal(name).as_string(connection)}"
        )
        full = read(connection)
        assert isinstance(full.table(name, name), Table)
        for wanted in (empty, full):
            with connection.transaction():
                for line in as_sql(diff(read(connection), wanted)):
                    connection.execute(line)  # type: ignore[call-overload]
            assert not diff(read(connection), wanted)


def test_names_from_all_of_unicode_go_there_and_back(pg: Database) -> None:
    """Some of every plane, other ones each day, as long as names may be."""
    chance = random.Random(SEED)
    planes = [(low, min(low + 0xFFFF, 0x10FFFF)) for low in range(0, 0x110000, 0x10000)]
    names = [_name(chance, *plane) for plane in planes for _ in range(2)]
    with pg.connect() as connection:
        empty = read(connection)
        for name in names:
            quoted = quote(name)
            connection.execute(
                f"CREATE TABLE {quoted} ({quoted} int PRIMARY KEY, CHECK ({quoted} > 0))".encode()
            )
            connection.execute(f"CREATE FUNCTION {quoted}({quoted} {quoted}) RETURNS int RETURN 1".encode())
            connection.execute(f"COMMENT ON COLUMN {quoted}.{quoted} IS {literal(name)}".encode())
        full = read(connection)
        assert {table.name for table in full.tables} == set(names), SEED
        for wanted in (empty, full):
            with connection.transaction():
                for line in as_sql(diff(read(connection), wanted)):
                    connection.execute(line.encode())
            assert not diff(read(connection), wanted), SEED


def _name(chance: random.Random, low: int, high: int) -> str:
    """Characters of a plane, whatever they are, within the 63 bytes that a name may take."""
    name = ""
    while len((name + chr(high)).encode("utf-8")) <= NAME_BYTES:
        code = chance.randint(max(low, 1), high)
        name += "" if 0xD800 <= code <= 0xDFFF else chr(code)
    return name

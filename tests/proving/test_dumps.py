"""Proofs over the rows of a dump: every format, what a throwaway server lacks, and what cannot be used."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.local import flavours
from lockgate.proving.dumps import Dump, restore
from lockgate.proving.ground import open_ground

FIRST, SECOND, THIRD = "20250101090000", "20250102090000", "20250103090000"
ROLE = "lockgate_test_dump_reader"


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Iterator[Sandbox]:
    """A target with one of three migrations, rows that break the second, and a grant to a role of its own."""
    made = sandbox(tmp_path, pg.url)
    made.write(
        FIRST,
        "create_people",
        "CREATE TABLE public.people (id int PRIMARY KEY, name text);",
        "DROP TABLE people;",
    )
    made.write(
        SECOND,
        "drop_name",
        "ALTER TABLE people DROP COLUMN name;",
        "ALTER TABLE people ADD COLUMN name text;",
    )
    made.write(
        THIRD, "add_age", "ALTER TABLE people ADD COLUMN age int;", "ALTER TABLE people DROP COLUMN age;"
    )
    assert made.to_target("apply", "--until", FIRST).exit_code == 0
    with pg.connect_admin() as connection:
        connection.execute(f"DROP ROLE IF EXISTS {ROLE}; CREATE ROLE {ROLE}")
        connection.execute("INSERT INTO people VALUES (1, 'Ada'), (2, 'Grace')")
        connection.execute(f"GRANT SELECT ON people TO {ROLE}")
        yield made
        connection.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")


def dump(pg: Database, path: Path, *options: str) -> Path:
    program = str(pg.installation.bin_dir / "pg_dump")
    subprocess.run([program, *options, f"--file={path}", pg.admin_url], check=True, capture_output=True)
    return path


def prove(place: Sandbox, *words: str) -> dict:
    result = place.lockgate("test", "--json", "--no-later", "--no-staircase", *words)
    assert result.exit_code == 6, result.output
    return json.loads(result.stdout)


def check(document: dict) -> None:
    second, third = document["migrations"]
    assert (second["version"], second["rollback"], second["data_restored"]) == (SECOND, "exact", False)
    assert any("name" in text for text in second["differences"])
    assert "Ada" not in json.dumps(document)
    assert (third["rollback"], third["data_restored"], third["rows"]) == ("exact", True, "dump")
    assert third["row_count"] == 2
    told = document["summary"]["dump"]
    assert told["applied"] == [FIRST]
    assert told["tables"] == 1
    assert [text for text in told["not_restored"] if ROLE in text] == [
        f"role {ROLE} is not there: its grants and ownership are left out"
    ]


def test_what_is_pending_is_proved_over_the_rows_of_the_dump(
    place: Sandbox, pg: Database, tmp_path: Path
) -> None:
    check(prove(place, "--dump", str(dump(pg, tmp_path / "production.dump", "-Fc"))))


def test_every_format_gives_the_same_database(place: Sandbox, pg: Database, tmp_path: Path) -> None:
    formats = {"custom": ["-Fc"], "folder": ["-Fd"], "tar": ["-Ft"], "script": ["-Fp", "--create", "--clean"]}
    files = [dump(pg, tmp_path / name, *options) for name, options in formats.items()]
    with open_ground(flavours.named("postgres"), pg.major) as ground:
        for file in files:
            restored = restore(ground, Dump(file), [FIRST, SECOND, THIRD])
            with ground.as_owner(restored.database) as owner:
                rows = owner.execute("SELECT * FROM people ORDER BY id").fetchall()
            assert rows == [(1, "Ada"), (2, "Grace")], file.name
            assert restored.applied == {FIRST}
            assert [ROLE in remark for remark in restored.remarks] == [True]


def test_a_compressed_script_without_history_says_where_it_stands(
    place: Sandbox, pg: Database, tmp_path: Path
) -> None:
    script = dump(pg, tmp_path / "production.sql", "-Fp", "--exclude-schema=lockgate")
    packed = tmp_path / "production.sql.gz"
    packed.write_bytes(gzip.compress(script.read_bytes()))
    refused = place.lockgate("test", "--dump", str(packed))
    assert refused.exit_code == 2
    assert "does not say which migrations it has" in refused.output
    check(prove(place, "--dump", str(packed), "--dump-at", FIRST))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PGDMP nothing that follows", "pg_restore cannot read it"),
        (b"\x00\x01\x02\x03 a picture", "neither an archive of pg_dump nor SQL"),
        (b"-- Dumped from database version 42.1\nSELECT 1;\n", "it is of PostgreSQL 42"),
        (b"SELECT 1;\n", "it holds no table"),
        (b"\\connect one\nCREATE TABLE a ();\n\\connect two\nCREATE TABLE b ();\n", "several databases"),
    ],
    ids=["broken", "picture", "newer", "empty", "cluster"],
)
def test_what_cannot_be_used_is_told_without_a_traceback(
    tmp_path: Path, pg: Database, content: bytes, why: str
) -> None:
    file = tmp_path / "some.dump"
    file.write_bytes(content)
    result = sandbox(tmp_path, pg.url).lockgate("test", "--dump", str(file))
    assert result.exit_code == 2, result.output
    assert why in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_folder_that_is_no_dump_and_a_place_without_a_dump(tmp_path: Path, pg: Database) -> None:
    place = sandbox(tmp_path, pg.url)
    assert "no toc.dat" in " ".join(place.lockgate("test", "--dump", str(tmp_path)).output.split())
    assert "there is no --dump" in place.lockgate("test", "--dump-at", FIRST).output

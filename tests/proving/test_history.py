"""Whole histories: the way up, the staircase, rollbacks out of turn, what cannot be proved, and several workers."""

from __future__ import annotations

import os

import pytest
from tests.proving.kit import ProjectOnDisk

from lockgate.proving.history import Order
from lockgate.proving.result import Rollback, Rows
from lockgate.proving.workers import Job, run

QUICK = Order(staircase=False, later=False)


@pytest.fixture
def project(tmp_path):
    return ProjectOnDisk(tmp_path / "p")


def only(findings):
    (proof,) = findings.proofs.values()
    return proof


def test_staircase_over_a_sound_history(project):
    project.add("CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
    project.add("ALTER TABLE a ADD COLUMN b text;", "ALTER TABLE a DROP COLUMN b;")
    project.add("CREATE VIEW v AS SELECT b FROM a;", "DROP VIEW v;")
    (stairs,) = project.prove(Order(later=False)).stairs
    assert (stairs.down, stairs.up, stairs.is_sound) == (3, 3, True)


def test_staircase_names_the_landing_where_something_is_left(project):
    project.add("CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
    wrong = project.add("ALTER TABLE a ADD COLUMN b int, ADD COLUMN c int;", "ALTER TABLE a DROP COLUMN b;")
    project.add("CREATE TABLE z (id int);", "DROP TABLE z;")
    (stairs,) = project.prove(Order(later=False)).stairs
    assert [(landing.version, landing.way) for landing in stairs.landings] == [(wrong, "down")]
    assert "column public.a.c is new" in stairs.landings[0].problem
    assert (stairs.down, stairs.up) == (3, 3)


def test_staircase_finds_a_rollback_that_fits_only_right_after_its_migration(project):
    first = project.add("CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
    project.add("CREATE TABLE b (a int REFERENCES a);", "ALTER TABLE b RENAME TO b_old;")
    (stairs,) = project.prove(Order(later=False)).stairs
    assert not stairs.is_sound
    assert stairs.landings[-1].version == first
    assert "the rollback fails" in stairs.landings[-1].problem


def test_flights_end_where_there_is_no_way_back(project):
    for number in range(7):
        back = None if number in (2, 5) else f"DROP TABLE t{number};"
        project.add(f"CREATE TABLE t{number} (id int);", back)
    found = project.prove(Order(later=False)).stairs
    assert [(stairs.bottom[-1], stairs.top[-1], stairs.is_sound) for stairs in found] == [
        ("1", "2", True),
        ("4", "5", True),
    ]


def test_staircase_with_roles(project):
    """Roles belong to the whole server: the staircase needs one of its own."""
    project.add("CREATE ROLE stairs_role; CREATE TABLE a (id int);", "DROP TABLE a; DROP ROLE stairs_role;")
    project.add("GRANT SELECT ON a TO stairs_role;", "REVOKE ALL ON a FROM stairs_role;")
    findings = project.prove(Order(later=False))
    assert [stairs.is_sound for stairs in findings.stairs] == [True]
    assert {proof.rollback for proof in findings.proofs.values()} == {Rollback.EXACT}


def test_rollbacks_out_of_turn(project):
    table = project.add("CREATE TABLE a (id int PRIMARY KEY, x int);", "DROP TABLE a;")
    column = project.add("ALTER TABLE a ADD COLUMN b int;", "ALTER TABLE a DROP COLUMN b CASCADE;")
    function = project.add(
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "DROP FUNCTION f();"
    )
    project.add(
        "CREATE TABLE c (a int REFERENCES a); CREATE VIEW v AS SELECT b FROM a;", "DROP VIEW v; DROP TABLE c;"
    )
    later = project.prove(Order(staircase=False)).later
    assert "depend on it" in later[table].refusal
    assert later[column].takes == ("view public.v",)
    assert later[function].takes == ()
    assert later[function].refusal is None
    assert len(later) == 3


def test_rollback_that_makes_an_object_anew_takes_nothing(project):
    project.add("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';")
    changed = project.add(
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';",
        "DROP FUNCTION f(); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
    )
    project.add("CREATE TABLE z (id int);")
    assert project.prove(Order(staircase=False)).later[changed].takes == ()


def test_irreversible_and_missing(project):
    declared = project.add("-- lockgate: irreversible the letters are sent\nCREATE TABLE a (id int);")
    missing = project.add("CREATE TABLE b (id int);")
    proofs = project.prove(QUICK).proofs
    assert proofs[declared].rollback is Rollback.IRREVERSIBLE
    assert proofs[declared].declared == "the letters are sent"
    assert proofs[declared].faults(require_rollbacks=True) == ()
    assert proofs[missing].rollback is Rollback.MISSING
    assert proofs[missing].faults() == ()
    assert proofs[missing].faults(require_rollbacks=True) == ("there is no rollback",)


def test_declared_loss_of_data_is_no_fault(project):
    project.add("CREATE TABLE a (id int PRIMARY KEY, b text);")
    version = project.add(
        "-- lockgate: irreversible old notes are of no use to anybody\nALTER TABLE a DROP COLUMN b;",
        "ALTER TABLE a ADD COLUMN b text;",
    )
    proof = project.prove(QUICK).proofs[version]
    assert (proof.rollback, proof.data_restored, proof.faults()) == (Rollback.EXACT, False, ())


def test_a_migration_that_fails_does_not_end_the_test(project):
    project.add("CREATE TABLE a (id int);", "DROP TABLE a;")
    failing = project.add("ALTER TABLE nowhere ADD COLUMN b int;", "SELECT 1;")
    unreadable = project.add("ALTER TABLE a ADD COLUMN;", "SELECT 1;")
    after = project.add("ALTER TABLE a ADD COLUMN c int;", "ALTER TABLE a DROP COLUMN c;")
    proofs = project.prove().proofs
    assert proofs[failing].applied is False
    assert 'relation "nowhere" does not exist' in proofs[failing].error
    assert proofs[failing].rollback is Rollback.SKIPPED
    assert "syntax error" in proofs[unreadable].error
    assert proofs[after].rollback is Rollback.EXACT


def test_rows_that_a_migration_does_not_bear(project):
    project.add("CREATE TABLE a (id int PRIMARY KEY, b text, c int);")
    hostile = project.add("ALTER TABLE a ADD COLUMN d int;", "ALTER TABLE a DROP COLUMN d;")
    plain = project.add(
        "ALTER TABLE a ALTER COLUMN b SET NOT NULL;", "ALTER TABLE a ALTER COLUMN b DROP NOT NULL;"
    )
    none = project.add(
        "ALTER TABLE a ADD CONSTRAINT never CHECK (false);", "ALTER TABLE a DROP CONSTRAINT never;"
    )
    proofs = project.prove(QUICK).proofs
    assert {version: proofs[version].rows for version in (hostile, plain, none)} == {
        hostile: Rows.HOSTILE,
        plain: Rows.PLAIN,
        none: Rows.NONE,
    }
    assert "contains null values" in proofs[plain].why_fewer_rows
    assert "violated by some row" in proofs[none].why_fewer_rows
    assert (proofs[plain].row_count, proofs[none].row_count) == (12, 0)
    assert all(proof.faults() == () for proof in proofs.values())


REPEATS = {
    "CREATE TABLE r (id int);": ("stops without changing anything", False),
    "CREATE TABLE IF NOT EXISTS r (id int);": ("changes nothing", True),
    "CREATE OR REPLACE FUNCTION r() RETURNS int LANGUAGE sql AS 'SELECT 1';": ("changes nothing", True),
    "INSERT INTO base VALUES (NULL);": ("succeeds and changes more", False),
    "ALTER TABLE base ADD CHECK (a > 0) NOT VALID;": ("succeeds and changes more", False),
    "BEGIN; INSERT INTO base VALUES (7); COMMIT; BEGIN; CREATE TABLE r (id int); COMMIT;": (
        "stops half way",
        False,
    ),
    "BEGIN; CREATE TABLE r (id int); COMMIT; BEGIN; INSERT INTO base VALUES (7); COMMIT;": (
        "stops without changing",
        False,
    ),
}


@pytest.mark.parametrize("sql", REPEATS)
def test_applying_twice(project, sql):
    project.add("CREATE TABLE base (a int);")
    version = project.add(sql)
    repeat = project.prove(QUICK).proofs[version].repeat
    words, is_idempotent = REPEATS[sql]
    assert words in str(repeat)
    assert repeat.is_idempotent is is_idempotent


def test_seed_statements_go_in_as_soon_as_they_can(project, tmp_path):
    seed = tmp_path / "seed.sql"
    seed.write_text(
        "INSERT INTO a (id, b) VALUES (1, 'one'), (2, 'two');\n"
        "INSERT INTO c (a, note) SELECT id, b FROM a WHERE id < 3;\nINSERT INTO never VALUES (1);\n"
    )
    project.add("CREATE TABLE a (id int PRIMARY KEY);")
    project.add("ALTER TABLE a ADD COLUMN b text;")
    project.add("CREATE TABLE c (a int REFERENCES a, note text);")
    lossy = project.add("UPDATE c SET note = 'x' WHERE note = 'two';", "SELECT 1;")
    proof = project.prove(Order(rows=0, staircase=False, later=False), seeds=(seed,)).proofs[lossy]
    assert proof.row_count == 4
    assert proof.data_restored is False


def test_without_rows_nothing_is_known_of_data(project):
    project.add("CREATE TABLE a (id int, b text);")
    version = project.add("ALTER TABLE a DROP COLUMN b;", "ALTER TABLE a ADD COLUMN b text;")
    proof = project.prove(Order(rows=0, staircase=False, later=False)).proofs[version]
    assert (proof.rows, proof.row_count) == (Rows.NONE, 0)


def test_tables_without_rows_are_named(project):
    project.add("CREATE TABLE a (id int NOT NULL CHECK (id > 3 AND id < 2));")
    assert "fulfil the constraints on id" in project.prove(QUICK).unfilled["public.a"]


def test_warnings_of_the_server(project):
    version = project.add("DO $$ BEGIN RAISE WARNING 'look here'; END $$;", "SELECT 1;")
    assert project.prove(QUICK).proofs[version].warnings == ("look here",)


def test_only_the_versions_that_are_asked_for(project):
    project.add("CREATE TABLE a (id int);", "DROP TABLE a;")
    second = project.add("CREATE TABLE b (id int);", "DROP TABLE b;")
    project.add("CREATE TABLE c (id int);", "DROP TABLE c;")
    findings = project.prove(Order(frozenset({second})))
    assert set(findings.proofs) == {second}
    assert findings.stairs == []


def test_supabase_migrations_run_as_the_hosted_role(tmp_path):
    project = ProjectOnDisk(tmp_path / "p", "supabase")
    fine = project.add(
        "CREATE EXTENSION pg_net;"
        "CREATE TABLE profile (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, bio text);"
        "ALTER TABLE profile ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY own ON profile TO authenticated USING (auth.uid() = id);"
        "CREATE POLICY mine ON storage.objects FOR SELECT TO authenticated USING (owner_id = auth.uid()::text);",
        "DROP POLICY mine ON storage.objects; DROP TABLE profile; DROP EXTENSION pg_net;",
    )
    left = project.add(
        "CREATE POLICY other ON storage.objects FOR DELETE TO authenticated USING (true);", "SELECT 1;"
    )
    forbidden = project.add("CREATE ROLE boss SUPERUSER;", "DROP ROLE boss;")
    findings = project.prove(QUICK)
    proofs = findings.proofs
    assert findings.unfilled == {}
    assert proofs[fine].rollback is Rollback.EXACT
    assert proofs[fine].row_count > 10
    assert "policy other on storage.objects" in "; ".join(proofs[left].differences)
    assert proofs[forbidden].applied is False


def test_several_workers_find_what_one_finds(project):
    for number in range(12):
        back = f"DROP TABLE t{number};" if number % 5 else f"ALTER TABLE t{number} RENAME TO gone{number};"
        project.add(f"CREATE TABLE t{number} (id int PRIMARY KEY, a text);", back)
    alone = project.prove(Order(later=False))
    found, lines = {}, []
    job = Job(project.root, 17, Order(later=False))
    run(job, lambda topic, value: lines.append((topic, value)), workers=2)
    found = {value.version: value for topic, value in lines if topic == "proof"}
    assert len(found) == 12
    for version, proof in found.items():
        assert proof.rollback is alone.proofs[version].rollback
        assert proof.differences == alone.proofs[version].differences
    assert sum(topic == "stairs" for topic, _ in lines) == 1


def test_nothing_is_left_behind(project, tmp_path):
    from lockgate.proving.ground import PREFIX, _base

    # Only our own: other runs may be proving at the same time.
    ours = f"{PREFIX}{os.getpid()}-*"
    before = set(_base().glob(ours))
    project.add("CREATE TABLE a (id int);", "DROP TABLE a;")
    project.prove()
    assert set(_base().glob(ours)) <= before

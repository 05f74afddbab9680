"""Cells of the matrix on a real server, and what must not bring it down."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
from tests.rls import seeded
from tests.servers import Database

from lockgate.verify.rls import changes, pgtap, picture
from lockgate.verify.rls import matrix as matrices
from lockgate.verify.rls.bench import LIVE, Manner
from lockgate.verify.rls.model import Cell, Command, Matrix

ONE = "00000000-0000-4000-8000-000000000001"
TWO = "00000000-0000-4000-8000-000000000002"
NOTES = (seeded.FOLDER / "bases" / "notes.sql").read_text()
TENANTS = (seeded.FOLDER / "bases" / "tenants.sql").read_text()
OWN = "CREATE POLICY own ON notes TO authenticated USING (user_id = (SELECT auth.uid()));"


def prepare(database: Database, sql: str) -> None:
    with database.connect() as connection:
        seeded.load(connection, [])
    database.execute(sql)


def probe(database: Database, sql: str, manner: Manner | None = None) -> Matrix:
    prepare(database, sql)
    with psycopg.connect(database.url, autocommit=True, prepare_threshold=None) as connection:
        return matrices.build(connection, manner or Manner())


def cell(matrix: Matrix, relation: str, persona: str, command: str) -> Cell:
    line = matrices.collect(matrix.lines, relation)
    assert line is not None
    return line.cells[persona, Command(command)]


def test_cells_say_how_many_of_how_many(supabase_db: Database) -> None:
    matrix = probe(supabase_db, NOTES + OWN)
    assert str(cell(matrix, "public.notes", "owner", "select")) == "allowed 3 of 6 rows"
    assert str(cell(matrix, "public.notes", "anon", "select")) == "denied by policy"
    assert cell(matrix, "public.notes", "anon", "select").of == 6
    assert str(cell(matrix, "public.notes", "service_role", "delete")) == "allowed 6 of 6 rows"
    assert cell(matrix, "public.notes", "owner", "insert").reach == "own"
    assert cell(matrix, "public.notes", "stranger", "update").of == 5


def test_privileges_are_told_from_policies(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        NOTES + OWN + "REVOKE ALL ON notes FROM anon; REVOKE SELECT, UPDATE ON notes FROM authenticated;"
        "GRANT SELECT (id, title), UPDATE (title) ON notes TO authenticated;",
    )
    assert str(cell(matrix, "public.notes", "anon", "select")) == "denied by privilege"
    assert cell(matrix, "public.notes", "owner", "select").rows == 3
    assert cell(matrix, "public.notes", "newcomer", "select").reach == "none"


def test_a_table_without_rows_is_untestable_and_says_why(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        "CREATE TABLE empty (id int PRIMARY KEY); ALTER TABLE empty ENABLE ROW LEVEL SECURITY;"
        "CREATE TABLE odd (id int PRIMARY KEY); REVOKE ALL ON odd FROM anon;",
        Manner(empty={"public.odd": "no value fits"}),
    )
    assert str(cell(matrix, "public.empty", "anon", "select")) == "untestable (no rows; the table is empty)"
    assert str(cell(matrix, "public.odd", "newcomer", "select")) == "untestable (no rows; no value fits)"
    assert str(cell(matrix, "public.odd", "anon", "select")) == "denied by privilege"


def test_policies_that_recurse_or_raise_are_errors_with_their_sqlstate(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        NOTES
        + """
        CREATE POLICY recursing ON notes USING (EXISTS (SELECT 1 FROM notes AS n WHERE n.user_id = auth.uid()));
        CREATE TABLE raising (id int PRIMARY KEY); INSERT INTO raising VALUES (1), (2);
        ALTER TABLE raising ENABLE ROW LEVEL SECURITY;
        CREATE FUNCTION complain() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE 'secret %', 42; END $$;
        CREATE POLICY raising ON raising USING (complain());
        CREATE TABLE typed (id int PRIMARY KEY, n int); INSERT INTO typed VALUES (1, 1), (2, 2);
        ALTER TABLE typed ENABLE ROW LEVEL SECURITY;
        CREATE POLICY typed ON typed USING (n = (auth.jwt() ->> 'email')::int);
        CREATE TABLE after (id int PRIMARY KEY); INSERT INTO after VALUES (1);
        """,
    )
    assert cell(matrix, "public.notes", "newcomer", "select").reach == "error 42P17"
    assert str(cell(matrix, "public.raising", "anon", "select")) == "error P0001 (RaiseException)"
    assert cell(matrix, "public.typed", "newcomer", "select").sqlstate == "22P02"
    assert cell(matrix, "public.after", "anon", "select").rows == 1
    said = [note for note in matrix.notes if note.startswith(("public.notes", "public.typed"))]
    assert "delete as anon, newcomer, stranger, owner fails" in said[0]
    assert "(42P17)" in said[0]
    assert "(22P02)" in said[1]


def test_a_denial_that_nothing_is_held_against_is_told(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        """
        CREATE TABLE levels (level int PRIMARY KEY); INSERT INTO levels VALUES (1), (2);
        ALTER TABLE levels ENABLE ROW LEVEL SECURITY;
        CREATE POLICY enough ON levels USING (md5(level::text) = md5(auth.jwt() -> 'app_metadata' ->> 'level' || 'x'));
        CREATE TABLE closed (id int PRIMARY KEY); INSERT INTO closed VALUES (1);
        ALTER TABLE closed ENABLE ROW LEVEL SECURITY;
        """,
    )
    assert [note.partition(":")[0] for note in matrix.notes] == ["public.levels"]


def test_claims_become_personas(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        NOTES
        + OWN
        + "CREATE POLICY admins ON notes TO authenticated USING ((auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');"
        + "CREATE POLICY two ON notes AS RESTRICTIVE FOR DELETE TO authenticated"
        + " USING ((auth.jwt() ->> 'aal') = 'aal2');",
    )
    assert cell(matrix, "public.notes", "role=admin", "select").reach == "all"
    assert cell(matrix, "public.notes", "owner", "delete").reach == "none"
    assert cell(matrix, "public.notes", "aal2", "delete").reach == "own"
    assert not matrix.holes


def test_members_see_their_tenant(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db, TENANTS + "CREATE POLICY m ON documents TO authenticated USING (is_member(org_id));"
    )
    assert cell(matrix, "public.documents", "owner", "select").reach == "own"
    assert cell(matrix, "public.documents", "stranger", "select").reach == "none"
    assert cell(matrix, "public.documents", "newcomer", "insert").reach == "none"
    assert not matrix.holes


def test_a_role_that_cannot_be_taken_on_is_named(pg: Database) -> None:
    role = f"reader_{pg.name}"
    with pg.connect_admin() as connection:
        connection.execute(f"""
            CREATE ROLE {role}; CREATE ROLE {role}_login LOGIN;
            CREATE TABLE t (id int PRIMARY KEY, owner text); INSERT INTO t VALUES (1, 'a');
            ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT ALL ON t TO {role}_login;
            CREATE POLICY p ON t TO {role} USING (owner = current_setting('app.owner', true))
        """)  # type: ignore[call-overload]
    try:
        with psycopg.connect(
            pg.url_as(f"{role}_login"), autocommit=True, prepare_threshold=None
        ) as connection:
            matrix = matrices.build(connection, Manner())
        assert any(f"role {role} was not tried" in note for note in matrix.notes)
        assert any("bound by policies" in note for note in matrix.notes)
    finally:
        with pg.connect_admin() as connection:
            connection.execute(f"DROP OWNED BY {role}, {role}_login; DROP ROLE {role}, {role}_login")  # type: ignore[call-overload]


def test_settings_stand_for_claims_on_a_plain_server(pg: Database) -> None:
    role = f"app_{pg.name}"
    with pg.connect_admin() as connection:
        connection.execute(f"""
            CREATE ROLE {role};
            CREATE TABLE invoices (id int PRIMARY KEY, tenant text NOT NULL);
            INSERT INTO invoices VALUES (1, 'a'), (2, 'a'), (3, 'b');
            ALTER TABLE invoices ENABLE ROW LEVEL SECURITY; GRANT ALL ON invoices TO {role};
            CREATE POLICY tenant ON invoices TO {role} USING (tenant = current_setting('app.tenant', true))
        """)  # type: ignore[call-overload]
        try:
            connection.prepare_threshold = None
            matrix = matrices.build(connection, Manner())
            assert str(cell(matrix, "public.invoices", "owner", "select")) == "allowed 2 of 3 rows"
            assert cell(matrix, "public.invoices", "stranger", "select").reach == "none"
        finally:
            connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")  # type: ignore[call-overload]


def test_a_live_database_is_not_written_where_triggers_reach_outside(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        NOTES
        + OWN
        + """
        CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM net.http_post(url := 'http://localhost', body := '{}'); RETURN NEW; END $$;
        CREATE TRIGGER tell AFTER UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION tell();
        """,
        LIVE,
    )
    assert str(cell(matrix, "public.notes", "owner", "update")).startswith(
        "untestable (trigger tell may reach"
    )
    assert cell(matrix, "public.notes", "owner", "select").rows == 3


def test_the_time_is_bounded_and_what_was_left_out_is_said(supabase_db: Database) -> None:
    told: list[int] = []
    prepare(supabase_db, "".join(f"CREATE TABLE t{n} (id int);" for n in range(5)))
    with psycopg.connect(supabase_db.url, autocommit=True, prepare_threshold=None) as connection:
        matrix = matrices.build(connection, Manner(seconds=-1), lambda done, total, name: told.append(total))
    assert told == [5] * 5
    assert all("time limit" in line.note for line in matrix.lines)


def test_advice_about_speed_comes_from_the_plan(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        NOTES
        + "CREATE POLICY slow ON notes TO authenticated USING (auth.uid() = user_id);"
        + TENANTS
        + "CREATE POLICY m ON documents TO authenticated USING (is_member(org_id));"
        + "CREATE TABLE quick (id int PRIMARY KEY, user_id uuid REFERENCES auth.users (id));"
        + f"INSERT INTO quick VALUES (1, '{ONE}'), (2, '{TWO}'); CREATE INDEX ON quick (user_id);"
        + "ALTER TABLE quick ENABLE ROW LEVEL SECURITY;"
        + "CREATE POLICY own ON quick TO authenticated USING (user_id = (SELECT auth.uid()));",
    )
    found = {(hole.where, hole.kind) for hole in matrix.advice}
    assert {("public.notes", "call-for-every-row"), ("public.notes", "missing-index")} <= found
    assert ("public.documents", "function-for-every-row") in found
    assert not [where for where, _ in found if where == "public.quick"]


@pytest.mark.parametrize("supabase_db", [15], indirect=True)
def test_generated_pgtap_tests_pass_and_fail_for_real(supabase_db: Database, tmp_path: Path) -> None:
    with supabase_db.connect_admin() as connection:
        there = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pgtap'").fetchone()
    if there is None:
        pytest.skip("this server offers no pgtap")
    text = pgtap.render(probe(supabase_db, NOTES + OWN))
    assert run_tests(supabase_db, text, tmp_path).count("\nok ") == 13
    assert "not ok" not in run_tests(supabase_db, text, tmp_path)
    supabase_db.execute("DROP POLICY own ON notes; CREATE POLICY all_of_them ON notes USING (true);")
    failed = run_tests(supabase_db, text, tmp_path)
    assert "not ok" in failed
    assert "anon select public.notes: denied by policy" in failed


def run_tests(database: Database, text: str, folder: Path) -> str:
    path = folder / "rls_test.sql"
    path.write_text(text)
    psql = database.installation.bin_dir / "psql"
    command = [str(psql), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database.admin_url, "-f", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return "\n" + done.stdout


def test_the_picture_holds_every_cell(supabase_db: Database) -> None:
    matrix = probe(supabase_db, NOTES + OWN)
    svg = picture.draw(matrix)
    assert svg.startswith("<svg")
    assert "owner select public.notes: allowed 3 of 6 rows" in svg
    assert svg.count("<title>") == sum(len(line.cells) for line in matrix.lines)
    assert picture.holes(matrix).count("<li>") == len(matrix.holes)


def test_functions_that_reach_outside_are_not_called_but_named(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        NOTES
        + OWN
        + """
        CREATE FUNCTION send_notes() RETURNS SETOF notes LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN PERFORM net.http_get('http://localhost'); RETURN QUERY SELECT * FROM public.notes; END $$;
        """,
    )
    assert matrix.notes == ["function public.send_notes() was not called: it may reach outside the database"]
    assert not matrix.holes


EVERY_NOTE = """
CREATE FUNCTION every_note() RETURNS SETOF notes LANGUAGE sql STABLE SECURITY {security} SET search_path = ''
AS $$ SELECT * FROM public.notes $$;
"""


def test_a_function_is_a_line_of_its_own(supabase_db: Database) -> None:
    matrix = probe(supabase_db, NOTES + OWN + EVERY_NOTE.format(security="INVOKER"))
    assert str(cell(matrix, "public.every_note()", "owner", "execute")) == "allowed 3 of 6 rows"
    assert cell(matrix, "public.every_note()", "anon", "execute").reach == "none"
    assert cell(matrix, "public.every_note()", "service_role", "execute").reach == "all"
    assert not matrix.holes
    assert "anon execute public.every_note(): denied by policy" in picture.draw(matrix)


def test_what_a_function_opens_is_a_change(supabase_db: Database) -> None:
    before = probe(supabase_db, NOTES + OWN + EVERY_NOTE.format(security="INVOKER"))
    supabase_db.execute(
        "ALTER FUNCTION every_note() SECURITY DEFINER; REVOKE EXECUTE ON FUNCTION every_note() FROM PUBLIC;"
    )
    with psycopg.connect(supabase_db.url, autocommit=True, prepare_threshold=None) as connection:
        after = matrices.build(connection, Manner())
    found = {str(change) for change in changes.between(before, after)}
    assert "anon can now get rows out of every_note() (0 → 6 rows)" in found
    assert "owner can get more rows of every_note() (3 → 6 rows)" in found
    assert ("definer-function", "public.every_note()") in {
        (hole.kind, hole.where) for hole in changes.new_holes(before, after)
    }


def test_what_a_function_changes_is_advice(supabase_db: Database) -> None:
    matrix = probe(
        supabase_db,
        NOTES
        + OWN
        + """
        CREATE FUNCTION touch(note_id bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = ''
        AS $$ UPDATE public.notes SET body = 'x' WHERE id = note_id $$;
        """,
    )
    assert [hole.what for hole in matrix.advice if hole.kind == "definer-function"] == [
        "anon can update 1 row of public.notes by calling the function: its policies refuse that"
    ]
    assert not matrix.holes

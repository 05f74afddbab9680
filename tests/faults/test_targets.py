"""Targets that must not be changed, or cannot be reached: each ends in one clear message and changes nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.faults_kit import apply_of, fork_runner, terminate
from tests.projects import Sandbox, sandbox
from tests.servers import Database

from lockgate.journal import format as journal_format
from lockgate.local import account
from lockgate.local.cluster import free_port

PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"


@pytest.fixture
def place(tmp_path: Path, pg: Database) -> Sandbox:
    made = sandbox(tmp_path, pg.url)
    made.write("20250101090000", "create_a", "CREATE TABLE a (id int);\n", "DROP TABLE a;\n")
    return made


def refused(place: Sandbox, url: str, *texts: str, code: int = 1) -> str:
    result = Sandbox(place.folder, url).to_target("apply")
    assert result.exit_code == code, result.output
    for text in (*texts, "state", "next"):
        assert text in result.output
    assert "Traceback" not in result.output
    return result.output


def nothing_changed(pg: Database) -> None:
    with pg.connect() as connection:
        row = connection.execute("SELECT to_regclass('a'), to_regnamespace('lockgate')").fetchone()
    assert row == (None, None)


@contextlib.contextmanager
def pgbouncer(pg: Database, mode: str) -> Iterator[int]:
    """A real PgBouncer before the test's database."""
    if not Path(PGBOUNCER).exists():
        if os.environ.get("LOCKGATE_TEST_REQUIRE_SERVERS") == "1":
            pytest.fail("pgbouncer is not installed")
        pytest.skip("pgbouncer is not installed")
    folder = Path(tempfile.mkdtemp(prefix="lockgate-pool-"))
    folder.chmod(0o777)
    port = free_port()
    users = folder / "users.txt"
    users.write_text('"postgres" ""\n')
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host=127.0.0.1 port={pg.port} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"auth_type = any\nauth_file = {users}\npool_mode = {mode}\nunix_socket_dir =\n"
        f"ignore_startup_parameters = extra_float_digits,options\nlogfile = {folder}/log\n"
    )
    who = account.choose(Path("/tmp"))
    for path in (users, settings):
        path.chmod(0o644)
    command = who.command(Path(PGBOUNCER), "-q", str(settings))
    child = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(psycopg.Error):
                psycopg.connect(
                    f"postgresql://postgres@127.0.0.1:{port}/{pg.name}", connect_timeout=2
                ).close()
                break
            time.sleep(0.05)
        yield port
    finally:
        child.terminate()
        child.wait(10)
        shutil.rmtree(folder)


def test_a_pooler_in_transaction_mode_is_refused_with_the_address_to_use(
    place: Sandbox, pg: Database
) -> None:
    with pgbouncer(pg, "transaction") as port:
        refused(
            place,
            f"postgresql://postgres@127.0.0.1:{port}/{pg.name}",
            "a connection pooler in transaction mode",
            "port 5432",
        )
    nothing_changed(pg)


def test_a_pooler_in_session_mode_is_refused_too_unless_it_shows_its_backends(
    place: Sandbox, pg: Database
) -> None:
    with pgbouncer(pg, "session") as port:
        result = Sandbox(place.folder, f"postgresql://postgres@127.0.0.1:{port}/{pg.name}").to_target("apply")
    assert result.exit_code in (0, 1)
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda url, pg: url.replace(pg.name, "no_such_db"), "There is no such database"),
        (lambda url, pg: url.replace(f":{pg.port}", f":{free_port()}"), "Nothing answers at that address"),
        (lambda url, pg: url.replace("postgres@", "nobody_here@"), "does not know this user"),
        (lambda url, pg: url.replace("127.0.0.1", "no-such-host.invalid"), "host name cannot be resolved"),
        (lambda url, pg: url + "?sslmode=require", "encrypted connection"),
    ],
)
def test_an_address_that_leads_nowhere_is_explained(
    change: object, text: str, place: Sandbox, pg: Database
) -> None:
    refused(place, change(pg.url, pg), text)  # type: ignore[operator]
    nothing_changed(pg)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2-secret@[::1",
        "postgresql://u:hunter2-secret%zz@h/x",
        "host=h password='hunter2-secret",
        "postgresql://u:hunter2-secret@h/x?nosuch=1",
        "postgresql://u:hunter2-secret@127.0.0.1:99999/x",
    ],
)
def test_an_address_that_cannot_be_read_is_a_mistake_of_the_user(url: str, place: Sandbox) -> None:
    for words in ("apply", "status"):
        result = Sandbox(place.folder, url).to_target(words)
        assert result.exit_code in (1, 2)
        assert "The connection string" in result.output
        assert "hunter2" not in result.output


def test_a_password_in_the_address_is_not_repeated(place: Sandbox, pg: Database) -> None:
    url = pg.url.replace("postgres@", "locked_out:hunter2-secret@")
    assert "hunter2" not in refused(place, url)


def test_a_database_in_read_only_mode_is_left_alone(place: Sandbox, pg: Database) -> None:
    with pg.connect() as connection:
        connection.execute(f'ALTER DATABASE "{pg.name}" SET default_transaction_read_only = on')
    refused(place, pg.url, "read-only mode")
    with pg.connect(options="-c default_transaction_read_only=off") as connection:
        connection.execute(f'ALTER DATABASE "{pg.name}" RESET default_transaction_read_only')
    nothing_changed(pg)


UNFRIENDLY = (
    "statement_timeout = '20ms'",
    "lock_timeout = 0",
    "idle_in_transaction_session_timeout = '20ms'",
    "idle_session_timeout = '200ms'",
    "row_security = off",
    "quote_all_identifiers = on",
    "session_replication_role = replica",
    "synchronous_commit = off",
    "check_function_bodies = off",
    "default_transaction_isolation = serializable",
    "client_encoding = latin1",
    "search_path = elsewhere, public",
)
EFFECTS = "SELECT n, cause FROM elsewhere.seen"


@pytest.mark.parametrize("pg", [15, 18], indirect=True)
def test_settings_of_role_and_database_do_not_leak_into_a_run(place: Sandbox, pg: Database) -> None:
    """Set before the run and again in the middle of it, before a reconnection; only the search_path is the role's."""
    pg.execute(
        "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.seen (n int, cause text);"
        "CREATE FUNCTION elsewhere.note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN NEW.cause := current_setting('idle_session_timeout'); RETURN NEW; END$$;"
        "CREATE TRIGGER note BEFORE INSERT ON elsewhere.seen FOR EACH ROW EXECUTE FUNCTION elsewhere.note()"
    )
    limits = [*UNFRIENDLY, *(["transaction_timeout = '300ms'"] if pg.major >= 17 else [])]
    with pg.connect() as connection:
        for setting in limits:
            connection.execute(f'ALTER DATABASE "{pg.name}" SET {setting}')
    place.write("20250102090000", "take_time", "SELECT pg_sleep(0.5);\nINSERT INTO seen VALUES (1);\n")
    place.write("20250103090000", "take_more", "INSERT INTO seen VALUES (2);\nCREATE TABLE b (id int);\n")
    child = fork_runner(apply_of(place), "statement ended", 4)
    assert child.wait_until_reached()
    terminate(f"{pg.admin_url}?options=-c%20statement_timeout%3D0")
    child.go_on()
    assert child.join() == 0, (place.folder / "child.log").read_text()
    with psycopg.connect(pg.url_as("postgres", "postgres"), autocommit=True) as elsewhere:
        elsewhere.execute(f'ALTER DATABASE "{pg.name}" RESET ALL')
    with pg.connect_admin() as connection:
        assert connection.execute(EFFECTS).fetchall() == [(1, "0"), (2, "0")]
        assert connection.execute("SELECT to_regclass('elsewhere.b') IS NOT NULL").fetchone() == (True,)


def test_a_role_whose_triggers_are_off_for_good_is_refused(place: Sandbox, pg: Database) -> None:
    role = f"mute_{pg.name[-6:]}"
    with pg.connect() as connection:
        connection.execute(
            f"CREATE ROLE {role} LOGIN; ALTER ROLE {role} SET session_replication_role = replica"
        )
    try:
        refused(place, pg.url.replace("postgres@", f"{role}@"), "Triggers and foreign keys are switched off")
    finally:
        with pg.connect() as connection:
            connection.execute(f"DROP ROLE {role}")
    nothing_changed(pg)


def test_a_read_only_mode_that_comes_in_the_middle_is_not_taken_for_a_beginning(
    place: Sandbox, pg: Database
) -> None:
    place.write("20250102090000", "create_b", "CREATE TABLE b (id int);\n")
    child = fork_runner(apply_of(place), "statement begins", 2)
    assert child.wait_until_reached()
    with pg.connect() as connection:
        connection.execute(f'ALTER DATABASE "{pg.name}" SET default_transaction_read_only = on')
    terminate(pg.admin_url)
    child.go_on()
    assert child.join() == 1
    said = (place.folder / "child.log").read_text()
    assert "read-only mode" in said
    assert "what is recorded as done stays done" in said


def test_a_journal_of_a_newer_version_is_refused(place: Sandbox, pg: Database) -> None:
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as connection:
        connection.execute("INSERT INTO lockgate.format (version, lockgate_version) VALUES (9999, '99.0')")
    output = place.to_target("apply").output
    assert "has format 9999" in output
    assert "upgrade Lockgate" in output


def test_a_journal_in_pieces_is_named(place: Sandbox, pg: Database) -> None:
    assert place.to_target("apply").exit_code == 0
    with pg.connect() as connection:
        connection.execute("TRUNCATE lockgate.format")
    result = place.to_target("status")
    assert result.exit_code == 1
    assert "holds no format version" in result.output


def test_a_role_that_may_not_create_the_journal_is_told(place: Sandbox, pg: Database) -> None:
    role = f"small_{pg.name[-6:]}"
    with pg.connect() as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
    try:
        refused(place, pg.url.replace("postgres@", f"{role}@"), "may not create the journal")
    finally:
        with pg.connect() as connection:
            connection.execute(f"DROP ROLE {role}")


def test_a_role_that_may_not_read_the_journal_is_told(place: Sandbox, pg: Database) -> None:
    assert place.to_target("apply").exit_code == 0
    role = f"curious_{pg.name[-6:]}"
    pg.execute(f"CREATE ROLE {role} LOGIN")
    try:
        other = Sandbox(place.folder, pg.url.replace("postgres@", f"{role}@"))
        for words in ("status", "history", "doctor", "recover", "locks"):
            result = other.to_target(words)
            assert result.exit_code == (0 if words == "locks" else 1), (words, result.output)
            assert "Lockgate itself failed" not in result.output
            assert words == "locks" or "permission denied for schema lockgate" in result.output
    finally:
        pg.execute(f"DROP ROLE {role}")


def test_a_newer_version_takes_up_what_an_older_one_left_half_done(
    place: Sandbox, pg: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal of the first format, with a plan in the middle, is brought forward and finished."""
    place.write(
        "20250102090000",
        "halve_it",
        "BEGIN;\nCREATE TABLE b (n int);\nCOMMIT;\nINSERT INTO b SELECT 1/d FROM zero;\n",
    )
    pg.execute("CREATE TABLE zero (d int); INSERT INTO zero VALUES (0)")
    newest = journal_format.schema_files()
    with monkeypatch.context() as older:
        older.setattr(journal_format, "schema_files", lambda: newest[:1])
        assert place.to_target("apply").exit_code == 1
    with pg.connect() as connection:
        assert connection.execute("SELECT max(version) FROM lockgate.format").fetchone() == (1,)
        assert place.json("status")["summary"]["unfinished"] == 1, (
            "an older journal is read without being changed"
        )
        assert connection.execute("SELECT max(version) FROM lockgate.format").fetchone() == (1,)
        connection.execute("UPDATE zero SET d = 1")
        finished = place.to_target("apply")
        assert finished.exit_code == 0, finished.output
        assert connection.execute("SELECT count(*) FROM b").fetchone() == (1,)
        versions = connection.execute("SELECT version FROM lockgate.format ORDER BY version").fetchall()
    assert [version for (version,) in versions] == [file.version for file in newest]
    monkeypatch.setattr(journal_format, "schema_files", lambda: newest[:1])
    assert "upgrade Lockgate" in place.to_target("apply").output

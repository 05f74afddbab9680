"""Every way to hand over an address and a password works on a real server, and none of them shows the password.

The server asks for SCRAM over TLS with a certificate that was made for this test; ``verify-full`` is what is tried.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote as percent

import psycopg
import pytest
from tests.faults.test_targets import refused
from tests.projects import Sandbox, sandbox

from lockgate.local import ephemeral
from lockgate.local.flavours import POSTGRES
from lockgate.sql.identifiers import literal, quote

PASSWORD = "p@ss:w/o?r#d %&'é"
USER = "team one@home"


@dataclass(frozen=True)
class Locked:
    """A server that wants TLS and SCRAM: where it is, its database, and the certificate that vouches for it."""

    port: int
    database: str
    root: Path
    other_root: Path

    @property
    def service(self) -> str:
        """Everything but the password, as a service file says it."""
        return f"host=localhost\nport={self.port}\ndbname={self.database}\nuser={USER}\n{self.tls}"

    @property
    def tls(self) -> str:
        """What makes libpq check the server's name and certificate."""
        return f"sslmode=verify-full\nsslrootcert={self.root}\n"

    def url(self, **options: str) -> str:
        """The address with user and password percent-encoded."""
        who = f"{percent(USER, safe='')}:{percent(PASSWORD, safe='')}"
        settings = {"sslmode": "verify-full", "sslrootcert": str(self.root), **options}
        words = "&".join(f"{name}={percent(value, safe='')}" for name, value in settings.items())
        return f"postgresql://{who}@localhost:{self.port}/{self.database}?{words}"


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A key and a self-signed certificate for ``localhost``."""
    key, cert = folder / f"{name}.key", folder / f"{name}.crt"
    program = shutil.which("openssl")
    if program is None:
        if os.environ.get("LOCKGATE_TEST_REQUIRE_SERVERS") == "1":
            pytest.fail("openssl is not installed")
        pytest.skip("openssl is not installed")
    words = (
        "req -new -x509 -days 2 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost"
    )
    subprocess.run(
        [program, *words.split(), "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )
    return key, cert


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = certificate(folder, "server")
    _, other = certificate(folder, "other")
    with ephemeral.server(17, POSTGRES, {"fsync": "off", "password_encryption": "scram-sha-256"}) as server:
        data, account = server.cluster.data_dir, server.cluster.account
        for path in (key, cert):
            copied = Path(shutil.copy(path, data / path.name))
            copied.chmod(0o600)
            account.own(copied)
        hba = data / "pg_hba.conf"
        hba.write_text(
            "local all all trust\nhostssl all all all scram-sha-256\nhostnossl all all all reject\n"
        )
        with server.connect_admin() as admin:
            admin.execute(f"CREATE ROLE {quote(USER)} LOGIN PASSWORD {literal(PASSWORD)}".encode())
            admin.execute(f"CREATE DATABASE locked OWNER {quote(USER)}".encode())
            for name, value in (("ssl_cert_file", cert.name), ("ssl_key_file", key.name), ("ssl", "on")):
                admin.execute(f"ALTER SYSTEM SET {name} = {literal(value)}".encode())
            admin.execute("SELECT pg_reload_conf()")
            while admin.execute("SELECT setting FROM pg_settings WHERE name = 'ssl'").fetchone() != ("on",):
                pass
        yield Locked(server.process.port, "locked", cert, other)


@pytest.fixture
def place(tmp_path: Path, locked: Locked) -> Sandbox:
    with psycopg.connect(locked.url(), autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS a; DROP SCHEMA IF EXISTS lockgate CASCADE")
    made = sandbox(tmp_path, locked.url())
    made.write("20250101090000", "create_a", "CREATE TABLE a (id int);\n", "DROP TABLE a;\n")
    return made


def works(place: Sandbox, locked: Locked, url: str) -> None:
    """The migration arrives, over TLS, and nothing that was printed or recorded holds the password."""
    result = Sandbox(place.folder, url).to_target("apply", "--yes", "--verbose", "--json")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert percent(PASSWORD, safe="") not in result.output
    with psycopg.connect(locked.url(), autocommit=True) as connection:
        assert connection.execute("SELECT to_regclass('a') IS NOT NULL").fetchone() == (True,)
        runs = connection.execute("SELECT r::text FROM lockgate.run r").fetchall()
        assert connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (
            True,
        )
    assert PASSWORD not in str(runs)


def test_an_address_with_an_encoded_password_and_a_verified_certificate(
    place: Sandbox, locked: Locked
) -> None:
    works(place, locked, locked.url())


def test_key_words_instead_of_an_address(place: Sandbox, locked: Locked) -> None:
    works(place, locked, psycopg.conninfo.make_conninfo(locked.url()))


def test_a_password_file(
    place: Sandbox, locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pgpass"
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"localhost:{locked.port}:{locked.database}:{USER}:{escaped}\n", "utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    works(place, locked, locked.url().replace(f":{percent(PASSWORD, safe='')}@", "@"))


def test_a_service_file(
    place: Sandbox, locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "services.conf"
    file.write_text(f"[production]\n{locked.service}", "utf-8")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    works(place, locked, "service=production")


def test_options_of_the_environment_do_not_reach_a_migration(
    place: Sandbox, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``PGOPTIONS`` may be set for psql; what a run depends on is pinned all the same, the rest is left alone."""
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=3s -c work_mem=7MB -c lock_timeout=0")
    place.write(
        "20250102090000",
        "note_settings",
        "CREATE TABLE b AS SELECT current_setting('statement_timeout') AS s, current_setting('work_mem') AS w;\n",
    )
    works(place, locked, locked.url())
    with psycopg.connect(locked.url(), autocommit=True) as connection:
        assert connection.execute("SELECT s, w FROM b").fetchone() == ("30s", "7MB")
        connection.execute("DROP TABLE b")


def test_a_certificate_of_somebody_else_is_refused(place: Sandbox, locked: Locked) -> None:
    said = refused(
        place, locked.url(sslrootcert=str(locked.other_root)), "encrypted connection could not be made"
    )
    assert PASSWORD not in said


def test_a_name_that_the_certificate_does_not_have_is_refused(place: Sandbox, locked: Locked) -> None:
    url = locked.url().replace("@localhost:", "@127.0.0.1:")
    assert PASSWORD not in refused(place, url, "encrypted connection could not be made")


def test_a_wrong_password_is_refused_without_being_repeated(place: Sandbox, locked: Locked) -> None:
    wrong = "not-the-" + "secret-4711"
    url = locked.url().replace(percent(PASSWORD, safe=""), wrong)
    assert wrong not in refused(place, url, "refuses the user name or the password")


def test_an_environment_that_is_not_set_is_named(place: Sandbox, locked: Locked) -> None:
    result = Sandbox(place.folder, "").to_target("apply")
    assert result.exit_code == 2, result.output
    assert "TARGET_URL" in result.output

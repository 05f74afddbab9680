"""Targets: names, URLs, variables, protection, and no password in sight."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.migration.trees import plant

from lockgate import config
from lockgate.config.targets import is_this_machine, parse_conninfo, resolve_target, with_password
from lockgate.config.variables import read_env_file
from lockgate.errors import ConfigError, LockgateError, UsageError
from lockgate.redaction import redact

TOML = """
[environments.staging]
url = "env(STAGING_URL)"
[environments.production]
url = "postgresql://ann@db.example.org:5432/app"
password = "env(PRODUCTION_PASSWORD)"
protected = true
[environments.tunnel]
url = "postgresql://ann@localhost:6000/app"
protected = true
[environments.empty]
"""


@pytest.fixture
def settings(tmp_path: Path) -> config.Config:
    return config.load(plant(tmp_path, {".git/HEAD": "", "lockgate.toml": TOML}))


def test_a_name_is_looked_up_in_the_environment(settings: config.Config):
    target = resolve_target(settings, "staging", {"STAGING_URL": "postgresql://u:pw12345@db.example.org/app"})
    assert target.conninfo == "postgresql://u:pw12345@db.example.org/app"
    assert (target.name, target.protected, target.embedded) == ("staging", True, False)
    assert target.display == "db.example.org/app"


def test_a_password_of_its_own_is_added(settings: config.Config):
    target = resolve_target(settings, "production", {"PRODUCTION_PASSWORD": "p@ss/w:rd&x=1"})
    assert conninfo_to_dict(target.conninfo)["password"] == "p@ss/w:rd&x=1"
    assert target.protected


def test_no_password_is_ever_shown(settings: config.Config):
    target = resolve_target(settings, "production", {"PRODUCTION_PASSWORD": "correct horse"})
    direct = resolve_target(settings, "postgresql://bob:battery%20staple@db.example.org/app", {})
    shown = f"{target} {target!r} {target.display} {direct} {direct!r} {direct.display} {direct.name}"
    assert "horse" not in shown
    assert "battery" not in shown
    assert "horse" not in redact("it was correct horse")
    assert direct.name == "db.example.org/app"


def test_local_is_the_embedded_server_unless_it_has_a_url(settings: config.Config, tmp_path: Path):
    local = resolve_target(settings, "local", {})
    assert (local.embedded, local.conninfo, local.protected) == (True, "", False)
    plant(tmp_path, {"lockgate.toml": '[environments.local]\nurl = "postgresql://localhost/app"\n'})
    assert not resolve_target(config.load(tmp_path), "local", {}).embedded


@pytest.mark.parametrize(
    ("conninfo", "here"),
    [
        ("postgresql://localhost/app", True),
        ("postgresql://127.0.0.1:5433/app", True),
        ("postgresql://[::1]/app", True),
        ("postgresql:///app", True),
        ("postgresql:///app?host=/run/postgresql", True),
        ("host=/tmp dbname=app", True),
        ("dbname=app", True),
        ("postgresql://db.example.org/app", False),
        ("postgresql://localhost,db.example.org/app", False),
        ("postgresql://localhost/app?hostaddr=10.0.0.1", False),
        ("service=production", False),
        ("postgresql://10.0.0.1/app", False),
        ("postgresql://localhost.example.org/app", False),
    ],
)
def test_everything_that_is_not_surely_here_is_protected(settings: config.Config, conninfo: str, here: bool):
    assert is_this_machine(conninfo, {}) is here
    assert resolve_target(settings, conninfo, {}).protected is not here


def test_pghost_counts_where_no_host_is_given():
    assert not is_this_machine("dbname=app", {"PGHOST": "db.example.org"})


def test_the_settings_decide_on_protection(settings: config.Config):
    assert resolve_target(settings, "tunnel", {}).protected


@pytest.mark.parametrize(
    ("text", "environ", "words"),
    [
        ("stagin", {}, "did you mean staging?"),
        ("xyz", {}, "known: empty, local, production, staging, tunnel"),
        ("staging", {}, r"env\(STAGING_URL\) is not set"),
        ("staging", {"STAGING_URL": ""}, r"env\(STAGING_URL\) is not set"),
        ("staging", {"STAGING_URL": "mysql://x/y"}, "begins with mysql://"),
        ("staging", {"STAGING_URL": "just words"}, "is not a connection string"),
        ("staging", {"STAGING_URL": "postgresql://p:[YOUR-PASSWORD]@db.example.org/x"}, "placeholder"),
        ("empty", {}, r"\[environments.empty\] has no url"),
        ("env(NO_SUCH)", {}, r"env\(NO_SUCH\) is not set"),
        ("postgresql://env(X)@y/z", {}, r"env\(NAME\) stands alone"),
        ("env()", {}, r"env\(NAME\) stands alone"),
    ],
)
def test_what_is_no_target_says_why(settings: config.Config, text: str, environ: dict[str, str], words: str):
    with pytest.raises((UsageError, ConfigError), match=words):
        resolve_target(settings, text, environ)


def test_a_variable_may_stand_on_the_command_line(settings: config.Config):
    assert resolve_target(settings, "env(X)", {"X": "postgresql://h/d"}).name == "h/d"


def test_the_files_are_asked_in_their_order(settings: config.Config, tmp_path: Path):
    plant(tmp_path, {"supabase/.env": "STAGING_URL=postgresql://four/d\n"})
    assert resolve_target(settings, "staging", {}).display == "four/d"
    plant(tmp_path, {".env": "STAGING_URL=postgresql://two/d\n"})
    assert resolve_target(settings, "staging", {}).display == "two/d"
    plant(tmp_path, {".env.local": "STAGING_URL=postgresql://one/d\n"})
    assert resolve_target(settings, "staging", {}).display == "one/d"
    assert resolve_target(settings, "staging", {"STAGING_URL": "postgresql://zero/d"}).display == "zero/d"


def test_the_ways_to_write_an_env_file(tmp_path: Path):
    text = """\
# a comment
PLAIN=value # behind
export EXPORTED=yes
HASH=a#b
SINGLE='raw $X ${PLAIN} \\n # kept'
DOUBLE="line\\nnext \\"quoted\\" ${PLAIN}"
EMPTY=
  SPACED = around
COLON: yes
URL=postgresql://u:p%40ss@h:5432/d?sslmode=require&x=1
not a line
EXPANDED=${OUTSIDE}-${PLAIN}-${MISSING}
CRLF=value\r
"""
    plant(tmp_path, {".env": b"\xef\xbb\xbf" + text.encode()})
    assert read_env_file(tmp_path / ".env", {"OUTSIDE": "out"}) == {
        "PLAIN": "value",
        "EXPORTED": "yes",
        "HASH": "a#b",
        "SINGLE": "raw $X ${PLAIN} \\n # kept",
        "DOUBLE": 'line\nnext "quoted" value',
        "EMPTY": "",
        "SPACED": "around",
        "COLON": "yes",
        "URL": "postgresql://u:p%40ss@h:5432/d?sslmode=require&x=1",
        "EXPANDED": "out-value-",
        "CRLF": "value",
    }
    assert read_env_file(tmp_path / "missing") == {}


WORD = st.text(
    alphabet=st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_categories=["C"]),
    min_size=1,
    max_size=8,
)


@given(
    st.fixed_dictionaries(
        {"host": WORD, "dbname": WORD},
        optional={"user": WORD, "password": WORD, "port": st.integers(1, 65535).map(str)},
    )
)
def test_pairs_are_read_as_libpq_reads_them(parts: dict[str, str]):
    assert parse_conninfo(make_conninfo("", **parts)) == parts


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://",
        "postgresql://localhost",
        "postgresql://localhost:5433",
        "postgresql://localhost/mydb",
        "postgresql://user@localhost",
        "postgresql://user:sec%20ret@localhost",
        "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
        "postgresql://host1:123,host2:456/somedb?application_name=myapp",
        "postgresql:///mydb?host=localhost&port=5433",
        "postgresql://[2001:db8::1234]/database",
        "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
        "postgres://a.b:c%3A%40%2F@h/d%20e?options=-c%20search_path%3Dx",
    ],
)
def test_urls_are_read_as_libpq_reads_them(url: str):
    assert parse_conninfo(url) == conninfo_to_dict(url)


@given(WORD)
def test_a_password_is_added_to_either_form(password: str):
    for conninfo in ("postgresql://ann@h/d", "postgresql://ann@h/d?sslmode=require", "host=h user=ann"):
        assert conninfo_to_dict(with_password(conninfo, password))["password"] == password


@given(st.text(max_size=40))
def test_any_text_is_a_target_or_an_error(text: str):
    empty = config.Config(Path("/nowhere"), None, {}, {})
    with contextlib.suppress(LockgateError):
        assert resolve_target(empty, text, {}).protected in (True, False)

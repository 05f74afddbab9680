"""Reading lockgate.toml and supabase/config.toml."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.migration.trees import plant

from lockgate import config
from lockgate.config.load import line_of
from lockgate.config.sections import SECTIONS
from lockgate.config.settings import Invalid, seconds, size
from lockgate.errors import ConfigError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return plant(tmp_path, {".git/HEAD": ""})


def load(root: Path, text: str | bytes) -> config.Config:
    return config.load(plant(root, {"lockgate.toml": text}))


FULL = """
[project]
platform = "supabase"
layout = "plain"
migrations = "db/migrations"
rollbacks = "db/rollbacks"
verify = "db/verify"
naming = "supabase"
postgres = 16
ignore = ["seed*.sql"]
max_file_size = "2MB"

[locks]
lock_timeout = "500ms"
budget = "10min"
tries = 7
pause = 0.25

[check]
fail_on = "warning"
ignore = ["drop-column"]
history = ["old"]

[environments.staging]
url = "env(STAGING_URL)"
protected = false
"""


def test_every_value_is_read(root: Path):
    loaded = load(root, FULL)
    assert (loaded.platform, loaded.postgres, loaded.root) == ("supabase", 16, root)
    project = loaded.project
    assert (project.layout, project.naming) == ("plain", "supabase")
    assert project.migrations == Path("db/migrations")
    assert (project.ignore, project.max_file_size) == (("seed*.sql",), 2 * 2**20)
    assert loaded.path(Path("../x")) == root.parent / "x"
    assert loaded.locks == config.Locks(lock_timeout=0.5, budget=600.0, tries=7, pause=0.25)
    assert loaded.check == config.Check(fail_on="warning", ignore=("drop-column",), history=(Path("old"),))
    assert loaded.environments["staging"] == config.Environment(url="env(STAGING_URL)", protected=False)


def test_without_a_file_everything_has_its_default(root: Path):
    loaded = config.load(plant(root, {"supabase/migrations/20251201_140000_x.sql": ""}))
    assert loaded.file is None
    assert (loaded.platform, loaded.postgres) == ("supabase", 17)
    for cls in SECTIONS.values():
        assert loaded.section(cls) == cls()


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('[project]\nplatfrom = "x"', "lockgate.toml:2: project.platfrom", "did you mean platform?"),
        ('[project]\nplatform = "supabse"', "lockgate.toml:2: project.platform", 'did you mean "supabase"?'),
        ('[project]\n\nlayout = "rails"', "lockgate.toml:3: project.layout", 'one of "supabase", "flyway"'),
        ("[project]\npostgres = 9", "lockgate.toml:2: project.postgres", "a number from 14 to 18, found 9"),
        (
            '[project]\npostgres = "17"',
            "lockgate.toml:2: project.postgres",
            'a number from 14 to 18, found "17"',
        ),
        (
            "[project]\npostgres = true",
            "lockgate.toml:2: project.postgres",
            "a number from 14 to 18, found true",
        ),
        ("[project]\nmigrations = 1", "lockgate.toml:2: project.migrations", "a path in quotes, found 1"),
        ('[project]\nmigrations = " "', "lockgate.toml:2: project.migrations", "a path in quotes"),
        ('[project]\nignore = "x"', "lockgate.toml:2: project.ignore", "a list"),
        ("[project]\nignore = [1]", "lockgate.toml:2: project.ignore", "a text in quotes"),
        ('[project]\nmax_file_size = "2TB"', "lockgate.toml:2: project.max_file_size", "a size such as"),
        ('[locks]\nbudget = "5 minutes"', "lockgate.toml:2: locks.budget", "a duration such as"),
        ("[locks]\ntries = 0", "lockgate.toml:2: locks.tries", "a number from 1 to 1000"),
        ("[locks]\nlock_timeout = 0", "lockgate.toml:2: locks.lock_timeout", 'at least "1ms"'),
        ("[lock]\ntries = 1", "lockgate.toml:1: lock", "did you mean locks?"),
        ('locks = "x"', "lockgate.toml:1: locks", "expected a table"),
        ("environments = 1", "lockgate.toml:1: environments", "expected tables such as"),
        ("[environments.a]\nurl = 1", "lockgate.toml:2: environments.a.url", "a text in quotes"),
        ('[environments]\na = "x"', "lockgate.toml:2: environments.a", "expected a table"),
        (
            "[environments.a]\nprotectd = true",
            "lockgate.toml:2: environments.a.protectd",
            "did you mean protected?",
        ),
    ],
)
def test_a_fault_names_its_file_line_and_key(root: Path, text: str, place: str, words: str):
    with pytest.raises(ConfigError) as caught:
        load(root, text)
    assert str(caught.value).startswith(place + ":")
    assert words in str(caught.value)


def test_all_faults_are_told_at_once(root: Path):
    with pytest.raises(ConfigError) as caught:
        load(root, "[project]\na = 1\nb = 2\n[locks]\ntries = 0\n")
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[project\n", "not valid TOML"),
        (b"a = 1\na = 2", "not valid TOML"),
        (b"[project]\nplatform = '\xff'", "not UTF-8"),
        ("[project]".encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_says_so(root: Path, text: bytes, words: str):
    with pytest.raises(ConfigError, match=words):
        load(root, text)


@pytest.mark.parametrize(
    "line",
    [
        'url = "postgresql://ann:s3cr3t@db.example.org/app"',
        'url = "postgres://ann:s3%40cr3t@db.example.org:5432/app?sslmode=require"',
        'url = "host=db.example.org user=ann password=s3cr3t"',
        "url = \"host=db password = 's3 cr3t'\"",
        'url = "postgresql://db.example.org/app?user=ann&password=s3cr3t"',
        'password = "s3cr3t"',
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(root: Path, line: str):
    with pytest.raises(ConfigError) as caught:
        load(root, f"[environments.production]\n{line}\n")
    error = caught.value
    assert str(error).startswith("lockgate.toml:2: environments.production.")
    assert "s3" not in f"{error} {error.why} {error.next_steps}"
    name = "PASSWORD" if line.startswith("password") else "DATABASE_URL"
    assert f"env(PRODUCTION_{name})" in error.next_steps[0]


def test_a_secret_anywhere_in_the_file_is_refused(root: Path):
    with pytest.raises(ConfigError, match="a secret must not stand in this file"):
        load(root, '[check]\nselect = ["https://bot:s3cr3t@hooks.example.org/"]\n')


@pytest.mark.parametrize(
    "line",
    [
        'url = "postgresql://ann@db.example.org/app"',
        'url = "env(DATABASE_URL)"',
        'url = "service=production"',
        'password = "env(SECRET)"',
    ],
)
def test_what_is_no_secret_may_stand_there(root: Path, line: str):
    assert load(root, f"[environments.production]\n{line}\n").environments


def test_the_project_is_found_from_any_folder_inside_it(root: Path):
    plant(root, {"lockgate.toml": "", "app/src/x": "", "app/supabase/migrations/x": ""})
    for folder in (root, root / "app", root / "app/src", root / "app/supabase/migrations"):
        assert config.load(folder).root == root
    assert config.load(root / "app/src/x").root == root
    (root / "lockgate.toml").unlink()
    assert config.load(root / "app/src").root == root / "app"
    assert config.load(root / "app/supabase/migrations").root == root / "app"


def test_the_search_ends_at_the_repository(root: Path):
    plant(root, {"lockgate.toml": "", "inner/.git/HEAD": "", "inner/src/x": ""})
    assert config.load(root / "inner/src").root == root / "inner/src"


def test_a_start_that_is_no_folder_is_an_error(root: Path):
    with pytest.raises(ConfigError, match="is not a folder"):
        config.load(root / "missing")


SUPABASE = """
project_id = "abc"
[db]
major_version = 15
[db.seed]
enabled = true
sql_paths = ["./seeds/*.sql", "seed.sql", "missing.sql"]
[db.migrations]
schema_paths = ["./schemas/*.sql"]
[remotes.staging]
project_id = "stagingref"
[auth]
site_url = "env(SITE_URL)"
"""


def test_what_supabase_says_is_honoured(root: Path):
    plant(
        root,
        {
            "supabase/config.toml": SUPABASE,
            "supabase/seeds/b.sql": "",
            "supabase/seeds/a.sql": "",
            "supabase/seed.sql": "",
        },
    )
    loaded = config.load(root)
    found = loaded.supabase
    assert found
    assert (loaded.platform, loaded.postgres) == ("supabase", 15)
    assert (found.project_id, found.remotes) == ("abc", {"staging": "stagingref"})
    assert found.schema_paths == ("./schemas/*.sql",)
    assert [path.name for path in found.seed_files()] == ["a.sql", "b.sql", "seed.sql"]
    assert load(root, "[project]\npostgres = 18\n").postgres == 18
    assert load(root, '[project]\nplatform = "postgres"\n').platform == "postgres"


def test_seeds_can_be_switched_off(root: Path):
    plant(root, {"supabase/config.toml": "[db.seed]\nenabled = false\n", "supabase/seed.sql": ""})
    found = config.load(root).supabase
    assert found
    assert found.seed_files() == ()


def test_what_the_cli_takes_is_taken(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_MAJOR", "15")
    seed = 'enabled = "env(NOBODY_SETS_THIS)"\nsql_paths = "a.sql,b.sql"'
    text = f'[db]\nmajor_version = "env(MY_MAJOR)"\n[db.seed]\n{seed}\n[db.migrations]\nenabled = false\n'
    plant(root, {"supabase/config.toml": text})
    found = config.load(root).supabase
    assert found
    assert (found.major_version, found.seed_enabled, found.migrations_enabled) == (15, True, False)
    assert found.seed_paths == ("a.sql", "b.sql")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[db]\nmajor_version = 12\n", "major_version = 12: PostgreSQL 14 to 18"),
        ("[db", "not valid TOML"),
        ("db = 5\n", "db: a table is expected"),
        ('[db]\nmajor_version = "latest"\n', r"\[db\] major_version: a whole number"),
        ('[db.seed]\nenabled = "perhaps"\n', r"\[db.seed\] enabled: true or false"),
        ("[db.seed]\nsql_paths = [1]\n", r"\[db.seed\] sql_paths: a list of texts"),
        ("[db.migrations]\nschema_paths = 5\n", r"\[db.migrations\] schema_paths: a list of texts"),
        ("[db.settings]\nwork_mem = [1]\n", r"\[db.settings\] work_mem: a text, a number"),
        ("[remotes]\nstaging = 1\n", r"\[remotes\] staging: a table"),
        ("[remotes.staging]\nproject_id = 1\n", r"\[remotes.staging\] project_id: a text"),
    ],
)
def test_a_supabase_file_that_cannot_be_used_is_named(root: Path, text: str, words: str):
    plant(root, {"supabase/config.toml": text})
    with pytest.raises(ConfigError, match=words) as caught:
        config.load(root)
    assert "supabase/config.toml" in str(caught.value)


@given(
    st.integers(0, 10**6),
    st.sampled_from([("ms", 0.001), ("s", 1), ("min", 60), ("h", 3600), ("d", 86400), ("", 1)]),
)
def test_durations_are_read_in_every_unit(count: int, unit: tuple[str, float]):
    assert seconds(f"{count}{unit[0]}") == pytest.approx(count * unit[1])
    assert seconds(f" {count} {unit[0]} ") == pytest.approx(count * unit[1])
    assert seconds(count) == count


@given(st.text(max_size=10))
def test_any_text_is_a_quantity_or_invalid(text: str):
    for read in (seconds, size):
        try:
            value = read(text)
        except Invalid:
            continue
        assert value >= 0


def test_every_setting_is_documented_in_its_annotation():
    for cls in (*SECTIONS.values(), config.Environment):
        for field in dataclasses.fields(cls):
            assert field.type.count('"') >= 2 or "'" in field.type, f"{cls.__name__}.{field.name}"


def test_lines_are_found_in_tables_and_dotted_keys():
    text = '# x\n[a]\nb = 1\n\n[environments."x y"]\nurl = "u"\n[c]\nd.e = 1\n'
    assert line_of(text, ("a",)) == 2
    assert line_of(text, ("a", "b")) == 3
    assert line_of(text, ("environments", "x y", "url")) == 6
    assert line_of(text, ("c", "d", "e")) == 8
    assert line_of(text, ("nothing",)) is None

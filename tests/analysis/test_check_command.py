"""The command's settings and its cache, from the outside: files, options and what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.rules.case_files import load

from lockgate.analysis import check as checker
from lockgate.analysis.findings import Report
from lockgate.cli.frame import root
from lockgate.workflow import check_cache

DROP = "DROP TABLE gone;\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/20250101_000000_drop_gone.sql").write_text(DROP)
    configure(tmp_path, "")
    return tmp_path


def configure(project: Path, check: str) -> None:
    (project / "lockgate.toml").write_text(f'[project]\nlayout = "plain"\n{check}')


def run(project: Path, *words: str) -> Result:
    return CliRunner().invoke(root, ["check", "--project", str(project), *words])


def rules(project: Path, *words: str) -> dict[str, str]:
    return {f["rule"]: f["severity"] for f in json.loads(run(project, "--json", *words).stdout)["findings"]}


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Somebody may be writing at the code while the tests run."""
    if "its_code" not in request.node.name:
        monkeypatch.setattr(check_cache, "_code", lambda: iter([b"code"]))


def entries(project: Path) -> list[Path]:
    return sorted((project / ".lockgate/cache/check").iterdir())


# Settings


def test_severities_and_overrides_are_taken_from_the_settings(project: Path) -> None:
    assert rules(project)["drop-table"] == "error"
    configure(project, '[check.severity]\ndrop-table = "info"\n')
    assert rules(project)["drop-table"] == "info"
    configure(project, '[check.severity]\ntables = "off"\n')
    assert "drop-table" not in rules(project)
    configure(project, '[[check.overrides]]\npaths = ["migrations"]\nignore = ["drop-table"]\n')
    assert "drop-table" not in rules(project)
    assert "drop-table" in rules(project, "--select", "drop-table")


def test_settings_of_a_rule_reach_it(project: Path) -> None:
    (project / "migrations/20250102_000000_add_index.sql").write_text(
        "CREATE TABLE t (a int, b int, c int);\nCREATE INDEX i ON t (a, b, c);\n"
    )
    assert "wide-index" not in rules(project, "--select", "wide-index")
    configure(project, "[check.rules.wide-index]\ncolumns = 2\n")
    assert "wide-index" in rules(project, "--select", "wide-index")


def test_a_missing_rollback_is_found_where_others_are_kept(project: Path) -> None:
    assert "irreversible-migration" not in rules(project)
    (project / "migrations/20250102_000000_drop_more.sql").write_text("DROP TABLE more;\n")
    (project / "rollbacks").mkdir()
    (project / "rollbacks/20250102_000000_rollback.sql").write_text("CREATE TABLE more (id int);\n")
    found = json.loads(run(project, "--json").stdout)["findings"]
    assert [f["file"] for f in found if f["rule"] == "irreversible-migration"] == [
        "migrations/20250101_000000_drop_gone.sql"
    ]
    text = "-- lockgate: irreversible nobody has used it since May\n"
    (project / "migrations/20250101_000000_drop_gone.sql").write_text(text + DROP)
    assert "irreversible-migration" not in rules(project)
    (project / "rollbacks/20250101_000000_rollback.sql").write_text(text)
    (project / "migrations/20250101_000000_drop_gone.sql").write_text(DROP)
    assert "irreversible-migration" not in rules(project)


def test_folders_of_the_settings_are_seen_from_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "earlier").mkdir()
    (project / "earlier/1_make_gone.sql").write_text("CREATE TABLE gone (id int);\n")
    configure(project, '[check]\nhistory = ["earlier"]\n')
    monkeypatch.chdir(project.parent)
    assert json.loads(run(project, "--json").stdout)["summary"]["files"] == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            '[check]\nignore = ["drop-tabel"]\n',
            "lockgate.toml:4: check.ignore: there is no rule and no group",
        ),
        ('[check.severity]\ndrop-tabel = "info"\n', "check.severity.drop-tabel: there is no rule"),
        (
            '[check.severity]\ndrop-table = "bad"\n',
            "lockgate.toml:4: check.severity.drop-table: expected one",
        ),
        ('[[check.overrides]]\nignore = ["tables"]\n', "lockgate.toml:3: check.overrides.1: paths must"),
        (
            '[[check.overrides]]\npaths = ["a"]\nselect = ["x"]\n',
            "lockgate.toml:5: check.overrides.1.select:",
        ),
        ('[[check.overrides]]\npath = ["a"]\n', "lockgate.toml:4: check.overrides.1.path: unknown key; did"),
        ("[check.rules.wide-index]\ncolumns = true\n", "check.rules.wide-index.columns: expected a number"),
        ("[check.rules.wide-index]\nrows = 1\n", "check.rules.wide-index.rows: unknown key; known here: col"),
        (
            "[check.rules.drop-table]\nrows = 1\n",
            "check.rules.drop-table.rows: unknown key; this rule has no",
        ),
        ("[check.rules.wide-indx]\nrows = 1\n", "check.rules.wide-indx: there is no rule and no group"),
        ("[check.rules]\nwide-index = 1\n", "check.rules.wide-index: expected a table"),
    ],
)
def test_a_fault_names_its_key(settings: str, message: str, project: Path) -> None:
    configure(project, settings)
    result = run(project)
    assert result.exit_code == 2
    assert message in result.stderr


# The cache


def test_a_report_comes_back_whole() -> None:
    for case in list(load())[::7]:
        report = case.report()
        assert Report.from_json(json.loads(report.document())) == report
        assert json.loads(report.document()) == report.to_json()


def test_an_unchanged_set_is_not_checked_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    formats = ("json", "text", "sarif", "github", "gitlab", "junit")
    first = {style: run(project, "--format", style) for style in formats}
    assert len(entries(project)) == 1
    monkeypatch.setattr(checker, "check", None)
    for style, result in first.items():
        again = run(project, "--format", style)
        assert (again.exit_code, again.stdout) == (result.exit_code, result.stdout) == (3, result.stdout)


def test_whatever_changes_the_outcome_is_checked_anew(project: Path) -> None:
    seen = [run(project, "--json").stdout]
    for words in (
        ["--ignore", "tables"],
        ["--postgres", "15"],
        ["--transaction", "never"],
        ["--runner", "psql"],
    ):
        run(project, "--json", *words)
    assert len(entries(project)) == 5
    configure(project, '[check.severity]\ndrop-table = "info"\n')
    seen.append(run(project, "--json").stdout)
    (project / "migrations/20250101_000000_drop_gone.sql").write_text("-- one line lower\n" + DROP)
    seen.append(run(project, "--json").stdout)
    (project / "known.json").write_text(json.dumps({"findings": json.loads(seen[-1])["findings"]}))
    seen.append(run(project, "--json", "--baseline", str(project / "known.json")).stdout)
    assert len(set(seen)) == 4
    assert json.loads(seen[-1])["findings"] == []


def test_a_report_depends_on_the_files_of_its_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "lockgate"
    for name in ("analysis/rules", "migration", "sql", "workflow"):
        (package / name).mkdir(parents=True)
    monkeypatch.setattr(check_cache, "__file__", str(package / "workflow/check_cache.py"))
    before = check_cache.key_of([])
    assert check_cache.key_of([]) == before
    (package / "analysis/rules/one.py").write_text("more")
    assert check_cache.key_of([]) != before


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe\n{}"])
def test_a_damaged_report_is_made_anew(damage: bytes, project: Path) -> None:
    first = run(project, "--json").stdout
    (entry,) = entries(project)
    content = entry.read_bytes()
    for broken in (damage, content[:-40], content.replace(b"drop-table", b"drop-tabel")):
        entry.write_bytes(broken)
        assert run(project, "--json").stdout == first
        assert entry.read_bytes() == content


def test_no_cache_reads_and_keeps_nothing(project: Path) -> None:
    assert run(project, "--no-cache").exit_code == 3
    assert not (project / ".lockgate").exists()
    run(project)
    (entry,) = entries(project)
    entry.write_bytes(b"")
    assert rules(project, "--no-cache")["drop-table"] == "error"
    assert entry.read_bytes() == b""


def test_a_folder_that_cannot_be_written_costs_only_time(project: Path) -> None:
    (project / ".lockgate").write_text("not a folder")
    assert rules(project)["drop-table"] == "error"


def test_only_so_many_reports_are_kept(project: Path) -> None:
    for number in range(20):
        (project / "migrations/20250101_000000_drop_gone.sql").write_text(f"-- {number}\n{DROP}")
        run(project, "--json")
    assert len(entries(project)) == 16


def test_files_of_no_project_use_the_cache_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "here").mkdir()
    (tmp_path / "here/a.sql").write_text(DROP)
    monkeypatch.chdir(tmp_path / "here")
    assert CliRunner().invoke(root, ["check", "a.sql"]).exit_code == 3
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == ["a.sql"]
    assert len(list((tmp_path / "cache/lockgate/check").iterdir())) == 1


def test_a_remark_takes_one_line_on_the_terminal(project: Path) -> None:
    file = project / "migrations/20250101_000001_protect.sql"
    file.write_text("ALTER TABLE kept\n  ENABLE ROW LEVEL SECURITY;\n")
    words = ("--select", "drop-table,rls-toggle")
    lines = run(project, *words).stdout.splitlines()
    place = f"{file.relative_to(project)}:1  rls-toggle  info"
    (remark,) = [line for line in lines if line.startswith(place)]
    assert "kept" in remark
    assert "ENABLE ROW LEVEL SECURITY" not in "\n".join(lines)
    assert any("│ DROP TABLE gone;" in line for line in lines)
    assert any("--verbose" in line for line in lines)
    in_full = run(project, *words, "--verbose").stdout
    assert f"{place}\n\n  1 │ ALTER TABLE kept\n  2 │   ENABLE ROW LEVEL SECURITY;" in in_full
    assert "--verbose" not in in_full
    assert run(project, *words, "--json").stdout == run(project, *words, "--json", "--verbose").stdout


def test_files_that_apply_refuses_are_no_success(project: Path) -> None:
    for name in ("20250101_000000_drop_it_again.sql", "notes.sql"):
        (project / "migrations" / name).write_text("SELECT 1;\n")
    words = ("--ignore", "drop-table,irreversible-migration")
    found = run(project, "--json", *words)
    told = json.loads(found.stdout)
    assert found.exit_code == 3
    assert told["summary"]["errors"] == 0
    assert {problem["file"] for problem in told["problems"]} == {
        "migrations/20250101_000000_drop_it_again.sql",
        "migrations/notes.sql",
    }
    twin = next(found for found in told["findings"] if found["rule"] == "non-linear-history")
    assert twin["file"] == "migrations/20250101_000000_drop_it_again.sql"
    remarks = run(project, *words).stderr
    assert "stands twice" in remarks
    assert remarks.count("it was not checked") == 1
    assert run(project, *words, "--fail-on", "never").exit_code == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"findings": 3}', '{"findings": [{"fingerprint": 3}]}', "[" * 9999]
)
def test_a_file_that_is_no_baseline(project: Path, text: str) -> None:
    known = project / "known.json"
    known.write_text(text)
    result = run(project, "--baseline", str(known))
    assert result.exit_code == 2
    assert "known.json: not a baseline file" in result.stderr
    assert "known.json: not a baseline file" in run(project, "--baseline", str(known), "--json").stdout


def test_a_baseline_that_is_written_is_told_in_json_too(project: Path) -> None:
    known = project / "known.json"
    told = json.loads(run(project, "--json", "--write-baseline", str(known)).stdout)
    assert told["known"] == len(json.loads(known.read_text())["findings"]) > 0
    assert run(project, "--baseline", str(known)).exit_code == 0


def test_long_lines_and_names_are_cut(project: Path) -> None:
    (project / "migrations/20250102_000000_long.sql").write_text(f"DROP TABLE {'a' * 9000};\n")
    result = run(project)
    assert "identifier-too-long" in result.stdout
    assert max(map(len, result.stdout.splitlines())) < 600


# The standard input


def piped(project: Path, sql: str | bytes, *words: str) -> Result:
    return CliRunner().invoke(root, ["check", "--project", str(project), *words], input=sql)


def found_in(result: Result) -> list[tuple[str, str, int]]:
    return [(f["rule"], f["file"], f["line"]) for f in json.loads(result.stdout)["findings"]]


def test_the_standard_input_comes_after_all_migrations(project: Path) -> None:
    (project / "migrations/20250102_000000_create_users.sql").write_text("CREATE TABLE users (code text);\n")
    assert found_in(piped(project, "ALTER TABLE users ALTER COLUMN code TYPE text;\n", "-", "--json")) == []
    result = piped(project, "\nALTER TABLE users ALTER COLUMN code TYPE int USING 1;\n", "-", "--json")
    assert ("change-column-type", "stdin", 2) in found_in(result)
    assert result.exit_code == 3
    silenced = "-- lockgate: ignore tables, columns nobody uses it\nALTER TABLE users DROP COLUMN code;\n"
    assert "drop-column" not in {rule for rule, *_ in found_in(piped(project, silenced, "-", "--json"))}
    assert found_in(piped(project, "", "-", "--json")) == []


@pytest.mark.parametrize("style", ["text", "sarif", "github", "gitlab", "junit"])
def test_every_format_names_the_standard_input(style: str, project: Path) -> None:
    assert "stdin" in piped(project, DROP, "-", "--format", style).stdout
    named = piped(project, DROP, "-", "--format", style, "--stdin-filename", str(project / "sql/new.sql"))
    assert "sql/new.sql" in named.stdout
    assert "stdin" not in named.stdout


def test_a_text_takes_the_place_of_the_migration_whose_name_it_bears(project: Path) -> None:
    (project / "migrations/20250102_000000_create_gone.sql").write_text("CREATE TABLE gone (id int);\n")
    name = str(project / "migrations/20250102_000000_create_gone.sql")
    unsaved = "CREATE TABLE gone (id int);\nCREATE INDEX ON gone (id, id);\n"
    found = found_in(piped(project, unsaved, "-", "--json", "--stdin-filename", name))
    assert {file for _, file, _ in found} == {"migrations/20250102_000000_create_gone.sql"}
    assert "duplicate-index-column" in {rule for rule, *_ in found}
    assert "create-index-not-concurrent" not in {rule for rule, *_ in found}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--stdin-filename", "a.sql"], "- is not among the paths"),
        (["-", "-"], "- stands twice"),
        (["-", "--stdin-filename", "."], "names a folder"),
    ],
)
def test_what_the_standard_input_cannot_be(words: list[str], message: str, project: Path) -> None:
    result = piped(project, DROP, *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_bytes_that_are_no_text_are_refused_as_in_a_file(project: Path) -> None:
    result = piped(project, b"SELECT '\xe9';\n", "-")
    assert result.exit_code == 2
    assert "stdin:1:9: invalid UTF-8" in result.stderr

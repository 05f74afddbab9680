"""The documentation holds what the code has, and shows nothing stale."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from lockgate.analysis.rules import ALL
from lockgate.cli import COMMANDS
from lockgate.errors import ExitCode
from lockgate.migration.directives.forms import SPECS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(script("docs").PAGES))
def test_generated_pages_are_current(name: str) -> None:
    page = script("docs").PAGES[name]()
    assert (DOCS / "reference" / name).read_text("utf-8") == page, "run scripts/docs.py"


@pytest.mark.parametrize(
    "entry", [entry for entry in COMMANDS if entry.is_there], ids=lambda entry: entry.name
)
def test_every_command_is_documented_with_its_options(entry: object) -> None:
    name, module = entry.name, entry.module  # type: ignore[attr-defined]
    text = (DOCS / "reference" / "commands.md").read_text("utf-8")
    assert f"## lockgate {name}\n" in text
    command = importlib.import_module(f"lockgate.cli.{module}").command
    assert (command.help or "").strip(), "a command without a word of help"


def test_every_exit_code_is_documented() -> None:
    text = (DOCS / "reference" / "exit-codes.md").read_text("utf-8")
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == [
        int(code) for code in ExitCode
    ]


def test_every_directive_is_documented() -> None:
    text = (DOCS / "reference" / "files.md").read_text("utf-8")
    for spec in SPECS:
        assert f"lockgate: {spec.word}" in text


def test_every_rule_has_its_page() -> None:
    folder = DOCS / "reference" / "rules"
    assert {path.stem for path in folder.glob("*.md")} - {"index"} == {rule.id for rule in ALL}


def test_no_link_leads_nowhere() -> None:
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached:
            reached.add(page)
            links = re.findall(r"\]\(([^)#\s:]+\.md)", page.read_text("utf-8"))
            ahead += [(page.parent / link).resolve() for link in links]
    assert not set(DOCS.rglob("*.md")) - reached


MACHINE = re.compile(r"/(?:root|work|farm)/")


def test_nothing_speaks_of_the_machine_it_was_written_on() -> None:
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "Makefile"]:
        assert not MACHINE.search(page.read_text("utf-8")), page

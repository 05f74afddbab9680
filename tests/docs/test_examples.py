"""The examples of the documentation: each command line, setting, statement and program in a block works."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from lockgate import config
from lockgate.cli import frame
from lockgate.migration.directives.reading import parse_directives
from lockgate.planning.intents import statements_of
from lockgate.planning.reshape.words import wish_of
from lockgate.proving.application import reading as application
from lockgate.sql.parse import parse
from lockgate.verify.rls import expectations

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs" / "reference" / "rules"
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.parent != RULES),
]
"""All but the pages of the rules, whose examples run on servers in the tests of the rules."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^\s*(?:\$ |- run: )?lockgate (.*)$", re.MULTILINE)
REMARK = re.compile(r"\s{3,}.*$|\s+#\s.*$")
SYNOPSIS = re.compile(r"\[|…$")


class Block(NamedTuple):
    """A fenced block: where it stands, the language it names, its text."""

    page: str
    language: str
    text: str


def blocks(language: str | None = None) -> Iterator[Block]:
    for page in PAGES:
        for found, text in FENCE.findall(page.read_text("utf-8")):
            if language is None or found == language:
                yield Block(str(page.relative_to(ROOT)), found, text)


def command_lines() -> list[str]:
    """What the pages tell people to type, each once; not the synopses, which name options in brackets."""
    joined = (re.sub(r"\\\n\s*", " ", block.text) for block in blocks())
    found = {REMARK.sub("", line).strip() for text in joined for line in SHOWN.findall(text)}
    return sorted(line for line in found if not SYNOPSIS.search(line.partition('"')[0]))


def words(line: str) -> list[str]:
    """The words that the shell makes of a line, without what it keeps for itself."""
    lexer = shlex.shlex(line.partition(" > ")[0].partition(" && ")[0], posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    return list(lexer)


def typed(arguments: list[str]) -> tuple[click.Command, list[str]]:
    """The command that a line calls, and its arguments once the options are known; raises click.UsageError."""
    command: click.Command = frame.root
    while isinstance(command, click.Group):
        context = click.Context(command)
        _, rest, _ = command.make_parser(context).parse_args(list(arguments))
        if not rest:
            break
        name, found, arguments = command.resolve_command(context, rest)
        assert found is not None, name
        command = found
    _, rest, _ = command.make_parser(click.Context(command)).parse_args(list(arguments))
    return command, arguments


def whole(line: str) -> bool:
    """Whether the quotes of a line are closed on it; a statement of several lines is another test's."""
    try:
        words(line)
    except ValueError:
        return False
    return True


LINES = [line for line in command_lines() if whole(line)]


def test_there_are_examples() -> None:
    assert len(LINES) > 80


@pytest.mark.parametrize("line", LINES)
def test_a_command_line_has_options_that_exist(line: str) -> None:
    typed(words(line))


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("plan ")])
def test_what_is_to_be_planned_is_understood(line: str) -> None:
    asked = words(line)[1]
    if asked.endswith(".sql"):
        return
    if wish_of(asked) is None:
        for sql in statements_of(asked) or (asked,):
            assert not parse(sql).failures, asked


@pytest.mark.parametrize("block", list(blocks("sql")), ids=lambda block: block.page)
def test_sql_is_read_with_its_directives(block: Block) -> None:
    if "%(" in block.text:
        assert application.read_text(block.text, block.page).queries
        return
    script = parse(block.text)
    assert not script.failures
    assert not parse_directives(script, block.page).errors


@pytest.mark.parametrize("block", list(blocks("toml")), ids=lambda block: block.page)
def test_settings_are_accepted(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "lockgate.toml"
    file.write_text(block.text, "utf-8")
    if block.page.endswith("rls-expectations.md"):
        assert expectations.read(file)
    else:
        config.load(tmp_path)


@pytest.mark.parametrize("block", list(blocks("python")), ids=lambda block: block.page)
def test_a_program_imports_what_there_is(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            for name in node.names:
                if not hasattr(module, name.name):
                    importlib.import_module(f"{node.module}.{name.name}")

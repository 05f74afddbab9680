"""Write the reference pages that are made from the code; `--check` only says which are stale."""

from __future__ import annotations

import argparse
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from lockgate.cli import COMMANDS
from lockgate.errors import ExitCode

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"

MEANINGS = {
    ExitCode.OK: "All is well.",
    ExitCode.ERROR: "Something failed; the message says in what state the database is.",
    ExitCode.USAGE: "The command was called with words, files or settings that do not fit; nothing was done.",
    ExitCode.FINDINGS: "`check` found something at or above `--fail-on`.",
    ExitCode.LOCK_BUDGET: "The locks could not be had within the budget; the step changed nothing.",
    ExitCode.DRIFT: "Files, history and schema contradict each other.",
    ExitCode.VERIFICATION_FAILED: "What was done, or would be undone, does not prove to be what was meant.",
    ExitCode.ROLLED_BACK: "The change was rolled back.",
    ExitCode.NEEDS_PERSON: "Only a person can decide: a closed gate, another runner, a step that left no trace.",
    ExitCode.INTERRUPTED: "Somebody stopped it (Ctrl-C, SIGTERM).",
}

COMMANDS_INTRODUCTION = (
    "Made from the code by `scripts/docs.py`. Every command takes `--json`, `--project DIR`, `--quiet` and "
    "`--verbose`; `--to NAME|URL` names a target: an environment of `lockgate.toml`, `local`, or a connection string."
)
ERRORS_INTRODUCTION = (
    "Made from the code by `scripts/docs.py`. With `--json` an error is one document on stdout with the fields "
    "`error` (the name below), `message`, `state`, `why`, `next`, `evidence` and `exit_code`."
)


def commands_page() -> str:
    """Every command with its options, in the order of the guide's steps."""
    lines = [
        "# Commands",
        "",
        COMMANDS_INTRODUCTION,
    ]
    for entry in COMMANDS:
        if entry.is_there:
            command = importlib.import_module(f"lockgate.cli.{entry.module}").command
            lines += [line for name, found in _flat(entry.name, command) for line in _section(name, found)]
    return "\n".join(lines) + "\n"


def _flat(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for child in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), child)
            if found is not None:
                yield from _flat(f"{name} {child}", found)


_COMMON = {"as_json", "project", "quiet", "verbose"}


def _section(name: str, command: click.Command) -> list[str]:
    context = click.Context(command, info_name=f"lockgate {name}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    lines = ["", f"## lockgate {name}", "", "```", " ".join(usage.split()), "```", "", _text(command)]
    options = [p for p in command.params if isinstance(p, click.Option) and p.name not in _COMMON]
    if options:
        lines += ["", "| option | meaning |", "|---|---|"]
        lines += [f"| {_spelled(option)} | {_cell(option.help or '')} |" for option in options]
    return lines


def _text(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _spelled(option: click.Option) -> str:
    names = [*option.opts, *option.secondary_opts]
    metavar = "" if option.is_flag else f" {option.metavar or _type(option)}"
    return f"`{_cell(', '.join(names) + metavar)}`"


def _type(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return "\\|".join(str(choice) for choice in option.type.choices)
    return (option.name or "").upper()


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("\\\\|", "\\|").split())


def exit_codes_page() -> str:
    """Every exit code."""
    rows = [f"| {code.value} | {MEANINGS[code]} |" for code in ExitCode]
    head = [
        "# Exit codes",
        "",
        "Made from the code by `scripts/docs.py`.",
        "",
        "| code | meaning |",
        "|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def errors_page() -> str:
    """Every class of the error tree, as `--json` names it."""
    from lockgate import errors

    rows = []
    for name, found in vars(errors).items():
        is_error: Any = isinstance(found, type) and issubclass(found, errors.LockgateError)
        if is_error:
            line = (found.__doc__ or "").strip().splitlines()[0]
            rows.append(f"| `{name}` | {int(found.exit_code)} | {line} |")
    head = [
        "# Errors",
        "",
        ERRORS_INTRODUCTION,
        "",
        "| name | exit code | meaning |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


STRATEGIES_INTRODUCTION = (
    "Made from the code by `scripts/docs.py`. Each section shows what `lockgate plan` makes of an example, for "
    "PostgreSQL 17. What no strategy handles gets the safe SQL of the rule that finds it unsafe (see `lockgate rules`)."
)
STRATEGIES_SCHEMA = """\
CREATE TABLE public.users (
  id bigint PRIMARY KEY, first_name text, nickname text NOT NULL, email text,
  age integer NOT NULL DEFAULT 0 CHECK (age >= 0)
);
CREATE INDEX users_first_name ON public.users (first_name);
CREATE TABLE public.logs (id bigint PRIMARY KEY, line text, number serial);
CREATE TYPE public.mood AS ENUM ('sad', 'happy');
CREATE TABLE public.notes (id bigint PRIMARY KEY, title text, feeling public.mood DEFAULT 'sad');
CREATE POLICY own ON public.notes USING (id > 0);
CREATE VIEW public.titles AS SELECT id, title FROM public.notes;
CREATE FUNCTION public.greet(who text) RETURNS text LANGUAGE sql STABLE AS 'SELECT who';
CREATE TABLE public.visits (id bigint PRIMARY KEY, at date NOT NULL);
CREATE TABLE public.events (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE public.events_2025 PARTITION OF public.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE public.events_2026 (id bigint, at date, PRIMARY KEY (id, at));
CREATE TABLE public.profiles (user_id bigint PRIMARY KEY REFERENCES public.users (id), bio text);
CREATE SCHEMA app;
"""


def strategies_page() -> str:
    """What the planner makes of unsafe changes."""
    from lockgate.planning.strategies import STRATEGIES

    lines = ["# Strategies", "", STRATEGIES_INTRODUCTION, "", "The examples begin with:", ""]
    lines += ["```sql", STRATEGIES_SCHEMA.rstrip(), "```"]
    for strategy in STRATEGIES:
        lines += ["", f"## {strategy.id}", "", strategy.doc.strip().replace("``", "`"), ""]
        fill = f' --fill "{strategy.fill}"' if strategy.fill else ""
        lines += ["```", f'lockgate plan "{strategy.example}"{fill}', "```"]
        lines += _parts(strategy.example, strategy.fill)
    return "\n".join(lines) + "\n"


VERSIONS_INTRODUCTION = (
    "Made from the code by `scripts/docs.py`. What `lockgate plan --versions` makes of an example, for PostgreSQL 17; "
    "[give each version of the application its own schema](../how-to/versions.md) tells when to use it."
)
VERSIONS_SCHEMA = """\
CREATE TABLE public.users (id bigint PRIMARY KEY, first_name text, email text);
CREATE VIEW public.names AS SELECT id, first_name FROM public.users;
"""


def versions_page() -> str:
    """What plan --versions makes of a change."""
    from lockgate.analysis.options import Options
    from lockgate.analysis.source import Source
    from lockgate.planning.intents import statement_of
    from lockgate.planning.propose import Setting, propose
    from lockgate.planning.versions.naming import Versions

    lines = ["# Versions of a schema", "", VERSIONS_INTRODUCTION, "", "The example begins with:", ""]
    lines += ["```sql", VERSIONS_SCHEMA.rstrip(), "```"]
    look = functools.partial(_schema_of, VERSIONS_SCHEMA)
    setting = Setting(Options(major=17), (Source.from_text(VERSIONS_SCHEMA),), look=look, versions=Versions())
    example = "rename users.first_name to given_name"
    lines += ["", "```", f'lockgate plan "{example}" --versions', "```"]
    lines += _told(propose(statement_of(example) or example, setting))
    return "\n".join(lines) + "\n"


@functools.cache
def _schema(before: tuple[str, ...]) -> Any:
    """The schema of the examples, as a server has it."""
    return _schema_of(STRATEGIES_SCHEMA, before)


def _schema_of(made: str, before: tuple[str, ...]) -> Any:
    from lockgate import catalog
    from lockgate.local import flavours
    from lockgate.proving.ground import open_ground

    with open_ground(flavours.POSTGRES, 17) as ground, ground.as_owner(ground.clone()) as owner:
        owner.execute(";".join((made, *before)).encode())
        return catalog.read(owner)


def _parts(example: str, fill: str | None) -> Iterator[str]:
    from lockgate.analysis.options import Options
    from lockgate.analysis.source import Source
    from lockgate.planning.intents import statement_of
    from lockgate.planning.propose import Setting, propose

    history = (Source.from_text(STRATEGIES_SCHEMA),)
    setting = Setting(Options(major=17), history, fill, _schema)
    yield from _told(propose(statement_of(example) or example, setting))


def _told(change: Any) -> Iterator[str]:
    for number, part in enumerate(change.parts, 1):
        yield from ("", f"{number}. {part.kind.value}: {part.title}.")
        if part.gate:
            yield from ("", f"   Gate: {part.gate}.")
        if part.application:
            yield from ("", f"   The new application {part.application}.")
        yield from ("", "   ```sql")
        yield from (f"   {line}".rstrip() for sql in part.sql for line in f"{sql};".splitlines())
        yield "   ```"
    for note in change.notes:
        yield from ("", f"Note: {note}.")


ADVICE_INTRODUCTION = (
    "Made from the code by `scripts/docs.py`. `lockgate advise --to NAME` looks at a database as it stands: it writes "
    "the schema from the catalog and asks the rules of `lockgate check` about it, then asks the server what only that "
    "knows."
)


def advice_page() -> str:
    """What the advisors look for."""
    from lockgate.advise import live
    from lockgate.advise.written import RULES
    from lockgate.analysis.rules import ALL

    lines = ["# Advice", "", ADVICE_INTRODUCTION, "", "## How the schema is made", ""]
    lines += ["| advice | advisor | severity | what |", "|---|---|---|---|"]
    for rule in sorted((rule for rule in ALL if rule.id in RULES), key=lambda rule: rule.id):
        link = f"[{rule.id}](rules/{rule.id}.md)"
        lines.append(f"| {link} | {RULES[rule.id].value} | {rule.severity.value} | {rule.title} |")
    lines += ["", "## How the database is used", ""]
    lines += ["| advice | advisor | severity | what |", "|---|---|---|---|"]
    for one in live.ALL:
        lines.append(f"| [{one.id}](#{one.id}) | {one.advisor.value} | {one.severity.value} | {one.title} |")
    for one in live.ALL:
        lines += ["", f"### {one.id}", "", one.doc]
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "exit-codes.md": exit_codes_page,
    "errors.md": errors_page,
    "strategies.md": strategies_page,
    "versions.md": versions_page,
    "advice.md": advice_page,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    only_check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        path, text = REFERENCE / name, page()
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if not only_check:
                path.write_text(text, "utf-8")
    print(f"{'stale' if only_check else 'written'}: {', '.join(stale) or 'none'}")
    return 1 if stale and only_check else 0


if __name__ == "__main__":
    sys.exit(main())

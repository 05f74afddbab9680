"""Write one reference page for each rule from its docstring, and their index; ``--check`` only says what is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from lockgate.advise import live
from lockgate.analysis.rules import ALL
from lockgate.analysis.rules.base import Group, Rule
from lockgate.analysis.rules.elsewhere import ELSEWHERE, SAME_AS
from lockgate.types import Severity

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference" / "rules"

GROUPS = {
    Group.INDEXES: "Building, dropping and rebuilding indexes",
    Group.CONSTRAINTS: "Constraints, keys and domains",
    Group.COLUMNS: "Columns",
    Group.TABLES: "Tables, and what destroys data",
    Group.PARTITIONS: "Partitions",
    Group.OBJECTS: "Views, triggers, types and functions",
    Group.TRANSACTIONS: "Transactions and time-outs",
    Group.DATA: "Changes of rows",
    Group.RERUN: "Running a file a second time",
    Group.TYPES: "Types of columns",
    Group.NAMING: "Names",
    Group.SECURITY: "Row-level security, rights, what an API exposes",
    Group.SUPABASE: "What is different on Supabase",
    Group.FILES: "The files themselves",
}

INTRODUCTION = """# Rules

Made from the code by `scripts/rule_pages.py`: every rule is one file in `src/lockgate/analysis/rules`, and its page is
its docstring. `lockgate rules NAME` prints the same.

A rule is switched on unless it says *opt-in*; `lockgate check --select all` switches every rule on, `--select` and
`--ignore` take rules and groups. `-- lockgate: ignore RULE REASON` silences a rule on one statement.
"""


def page(rule: Rule) -> str:
    """The page of one rule."""
    title, _, body = rule.doc.strip().partition("\n")
    return f"# {rule.id}\n\n{title}\n\n{facts(rule)}\n{body.rstrip()}\n"


def facts(rule: Rule) -> str:
    """Group, weight and conditions in one line."""
    parts = [f"Group [{rule.group.value}](index.md#{anchor(rule.group)})", f"severity {rule.severity.value}"]
    if rule.opt_in:
        parts.append("opt-in")
    if rule.since and rule.until < 999:
        parts.append(
            f"servers {rule.since} to {rule.until}" if rule.since != rule.until else f"server {rule.since}"
        )
    elif rule.since:
        parts.append(f"servers {rule.since} and later")
    elif rule.until < 999:
        parts.append(f"servers up to {rule.until}")
    if rule.platform:
        parts.append(f"on {rule.platform.capitalize()}")
    return " · ".join(parts)


def anchor(group: Group) -> str:
    """The anchor of a group's heading on the index page."""
    words = "".join(c for c in GROUPS[group].lower() if c.isalnum() or c in " -")
    return words.replace(" ", "-")


def index() -> str:
    """All rules by group."""
    lines = [INTRODUCTION]
    for group, heading in GROUPS.items():
        rules = [rule for rule in ALL if rule.group is group]
        if rules:
            lines += [f"## {heading}", "", "| rule | severity | what |", "|---|---|---|"]
            lines += [_row(rule) for rule in rules]
            lines.append("")
    return "\n".join([*lines, *_elsewhere()])


def _elsewhere() -> Iterator[str]:
    """What other tools name and no rule decides."""
    ours = {rule.id for rule in ALL}
    yield from ("## Told elsewhere", "", "| id | told by | what |", "|---|---|---|")
    for advice in (one for one in live.ALL if one.id not in ours):
        yield f"| [{advice.id}](../advice.md#{advice.id}) | `lockgate advise` | {advice.title} |"
    for name, rule in sorted(SAME_AS.items()):
        yield f"| {name} | the rule [{rule}]({rule}.md) | a part of it |"
    for found in ELSEWHERE:
        yield f"| {found.id} | | {' '.join(found.doc.split())} |"
    yield ""


def _row(rule: Rule) -> str:
    weight = f"{rule.severity.value}, opt-in" if rule.opt_in else rule.severity.value
    shown = f"**{weight}**" if rule.severity is Severity.ERROR else weight
    return f"| [{rule.id}]({rule.id}.md) | {shown} | {rule.title.replace('|', chr(92) + '|')} |"


def pages() -> Iterator[tuple[Path, str]]:
    """Every file of the folder with what it must hold."""
    yield FOLDER / "index.md", index()
    for rule in ALL:
        yield FOLDER / f"{rule.id}.md", page(rule)


def stale() -> list[str]:
    """The pages that are missing, outdated or of a rule that is gone."""
    wanted = dict(pages())
    changed = [p.name for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
    return sorted([*changed, *(p.name for p in FOLDER.glob("*.md") if p not in wanted)])


def write() -> None:
    """Write every page, and remove those of rules that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = dict(pages())
    for path, text in wanted.items():
        path.write_text(text, "utf-8")
    for path in FOLDER.glob("*.md"):
        if path not in wanted:
            path.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        write()
        return 0
    found = stale()
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

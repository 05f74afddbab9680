"""The case files of the rules: what must be found, what must stay silent, and under which conditions."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lockgate.analysis.check import check
from lockgate.analysis.findings import Finding, Report
from lockgate.analysis.options import Options
from lockgate.analysis.rules import ALL
from lockgate.analysis.rules.base import Rule
from lockgate.analysis.runners import runner
from lockgate.analysis.source import Source

FOLDER = Path(__file__).parent / "cases"
RULES = {rule.id: rule for rule in ALL}
KEYS = frozenset(
    {"name", "sql", "history", "files", "lines", "count", "safe", "safe_contains", "message", "severity"}
    | {
        "postgres",
        "transaction",
        "runner",
        "platform",
        "settings",
        "file",
        "history_file",
        "recheck",
        "options",
    }
)

ABOUT_THE_RULE = frozenset({"unsafe", "silent", "rows", "live", "proof"})
"""``rows`` are for the server, ``live`` says why the examples cannot run there, ``proof`` what the unsafe one does."""


@dataclass(frozen=True)
class Case:
    """One case of a rule. ``sql`` is one file; ``files`` are several, as {name: sql}."""

    rule: str
    name: str
    major: int
    unsafe: bool
    data: dict[str, Any] = field(repr=False, hash=False, compare=False)

    def __str__(self) -> str:
        return f"{self.rule}: {self.name} [{self.major}]"

    @property
    def options(self) -> Options:
        options = dict(self.data.get("options", {}))
        select = frozenset(options.pop("select", [self.rule]))
        return Options(
            major=self.major,
            transaction=self.data.get("transaction", "auto"),
            runner=runner(self.data.get("runner", "lockgate")),
            platform=self.data.get("platform", "postgres"),
            select=select,
            rule_settings={self.rule: self.data.get("settings", {})},
            **options,
        )

    @property
    def history(self) -> list[Source]:
        text = self.data.get("history", "")
        return [_source(text, self.data.get("history_file", "00000000_000000_history.sql"))] if text else []

    @property
    def sources(self) -> list[Source]:
        files = self.data.get("files") or {
            self.data.get("file", "20251201_140000_change.sql"): self.data["sql"]
        }
        return [_source(text, name) for name, text in files.items()]

    def report(self) -> Report:
        return check(self.sources, self.options, self.history)

    def findings(self) -> list[Finding]:
        return [finding for finding in self.report().findings if finding.rule == self.rule]

    def recheck(self, safe: str, select: frozenset[str] | None = None) -> list[Finding]:
        """What is found when the safe SQL takes the place of the file."""
        options = self.options
        if select is not None:
            options = Options(**{**vars(options), "select": select})
        parts = re.split(r"^-- then, in a migration of its own:$", safe, flags=re.MULTILINE)
        sources = [Source.from_text(part, f"safe_{number}.sql") for number, part in enumerate(parts)]
        return list(check(sources, options, self.history).findings)


def load() -> Iterator[Case]:
    """Every case of every rule, once for each server version that it names (17 when it names none)."""
    for path in sorted(FOLDER.glob("*.toml")):
        found = document(path.stem)
        common = {key: value for key, value in found.items() if key not in ABOUT_THE_RULE}
        for kind in ("unsafe", "silent"):
            for entry in found.get(kind, []):
                data = {**common, **entry}
                unknown = set(data) - KEYS
                if unknown:
                    raise ValueError(f"{path.name}: {entry.get('name')}: unknown keys {sorted(unknown)}")
                for major in data.get("postgres", [17]):
                    yield Case(path.stem, entry["name"], major, kind == "unsafe", data)


@functools.cache
def document(rule: str) -> dict[str, Any]:
    """The case file of a rule, as it stands."""
    path = FOLDER / f"{rule}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def history_of(rule: str) -> str:
    """The schema that the examples of a rule's page live in."""
    text: str = document(rule).get("history", "")
    return text


def _source(text: str, name: str) -> Source:
    return Source.from_text(text, name, re.sub(r"\D", "", name)[:14])


def sources_of(example: str) -> list[Source]:
    """The files of an example: one, or several that begin with their name in a comment."""
    parts = re.split(r"^-- (\d[\w.]*\.sql)$", example, flags=re.MULTILINE)
    if len(parts) == 1:
        return [Source.from_text(example)]
    return [_source(text, name) for name, text in zip(parts[1::2], parts[2::2], strict=True)]


def examples(rule: Rule, heading: str) -> list[str]:
    """The SQL blocks below one heading of a rule's page."""
    section = re.split(r"^## ", rule.doc, flags=re.MULTILINE)
    body = next((part for part in section if part.startswith(heading)), "")
    return re.findall(r"```sql\n(.*?)```", body, re.DOTALL)

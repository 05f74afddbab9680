"""The guide's templates, filled in: the texts of a new migration and of its rollback.

The guide's own template looks for tables in every schema and brings BEGIN and COMMIT along; these name the schema and
leave transactions to whoever runs the file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from importlib import resources
from typing import Final

from lockgate.migration.names import VERBS
from lockgate.types import MigrationType, Risk
from lockgate.values import value

RISKS: Final = {
    MigrationType.SCHEMA: Risk.MEDIUM,
    MigrationType.DATA: Risk.HIGH,
    MigrationType.RLS: Risk.MEDIUM,
    MigrationType.FUNCTION: Risk.MEDIUM,
}
"""The risk that the guide gives to each type; what the SQL says may be more or less."""


@value(frozen=True, slots=True)
class Draft:
    """What is known about a new migration.

    ``rollback`` and ``migration`` are the paths that the two headers name, ``previous`` the version to go back to.
    ``directives`` are whole lines (``-- lockgate: …``).
    """

    version: str
    title: str
    day: date
    author: str
    types: tuple[MigrationType, ...]
    description: str
    migration: str
    rollback: str
    previous: str = "0"
    risk: Risk | None = None
    changes: Sequence[str] = ("TODO: list every change",)
    dependencies: Sequence[str] = ()
    testing: Sequence[str] = ("TODO: the scenarios and edge cases that were tested",)
    directives: Sequence[str] = ()
    rollback_directives: Sequence[str] = field(default=())

    @property
    def declared_risk(self) -> Risk:
        """The given risk, else the highest that the guide gives to one of the types."""
        return self.risk or max((RISKS[kind] for kind in self.types), key=lambda risk: risk.rank)


def migration_text(draft: Draft, sections: Mapping[str, str] | None = None) -> str:
    """The text of a migration; ``sections`` (checks, main, verification) replace those of the template."""
    return _template("migration").format(
        title=draft.title,
        date=draft.day.isoformat(),
        author=draft.author,
        types=" + ".join(draft.types),
        risk=draft.declared_risk,
        rollback=f"See {draft.rollback}" if draft.rollback.endswith(".sql") else draft.rollback,
        changes=_bullets(draft.changes),
        dependencies=_bullets(draft.dependencies or ("none",)),
        testing=_bullets(draft.testing),
        directives=_lines(draft.directives),
        sections=_headed({**_sections(draft), **(sections or {})}, _HEADINGS),
    )


def rollback_text(draft: Draft, sections: Mapping[str, str] | None = None) -> str:
    """The text of a rollback; ``sections`` (undo, undone) replace those of the template."""
    return _template("rollback").format(
        title=draft.title,
        date=draft.day.isoformat(),
        migration=draft.migration,
        previous=draft.previous,
        directives=_lines(draft.rollback_directives),
        sections=_headed({**_sections(draft), **(sections or {})}, _ROLLBACK_HEADINGS),
    )


_HEADINGS: Final = {
    "checks": "Safety checks",
    "main": "Main migration",
    "verification": "Post-migration verification",
}
_ROLLBACK_HEADINGS: Final = {"undo": "Reverse changes in reverse order", "undone": "Verification"}


def _headed(sections: Mapping[str, str], headings: Mapping[str, str]) -> str:
    """The sections that hold something, each below its heading."""
    present = [(heading, sections[name].rstrip()) for name, heading in headings.items()]
    return "".join(f"\n-- {heading}\n{text}\n" for heading, text in present if text)


def title_of(description: str) -> str:
    """A description as a title: ``add_user_preferences`` becomes ``Add user preferences``."""
    words = " ".join(description.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def object_of(description: str) -> str:
    """What a description is about, as far as its words tell: ``create_teams_table`` is about ``teams``."""
    words = description.split("_")
    rest = words[1:] if words[0] in VERBS else words
    kept = [
        word for word in rest if word not in ("table", "policy", "policies", "function", "trigger", "rls")
    ]
    return "_".join(kept) or "new_table"


@functools.cache
def _template(name: str) -> str:
    return resources.files("lockgate.migration").joinpath("templates", f"{name}.sql").read_text("utf-8")


def _sections(draft: Draft) -> dict[str, str]:
    """The template's sections for the types of a draft; the checks of several types share one block."""
    parts = [_parse_sections(_template(kind.value.lower())) for kind in draft.types]
    joined = {name: "\n".join(part[name] for part in parts) for name in ("checks", "verification", "undone")}
    ends = {
        "checks": "NULL;",
        "verification": "RAISE NOTICE 'Migration {version} complete';",
        "undone": "RAISE NOTICE 'Rollback of {version} successful';",
    }
    blocks = {name: _block(joined[name], end) for name, end in ends.items()}
    plain = {name: "\n\n".join(part[name] for part in parts) for name in ("main", "undo")}
    return {name: _fill(text, draft) for name, text in {**blocks, **plain}.items()}


def _block(inner: str, end: str) -> str:
    body = f"{inner.rstrip()}\n" if inner.strip() else ""
    return f"DO $$\nBEGIN\n{body}  {end}\nEND $$;"


def _fill(text: str, draft: Draft) -> str:
    return text.replace("{object}", object_of(draft.description)).replace("{version}", draft.version)


def _parse_sections(text: str) -> dict[str, str]:
    parts = re.split(r"^--# (\w+)\n", text, flags=re.MULTILINE)
    return {name: body.rstrip("\n") for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _bullets(items: Sequence[str]) -> str:
    return "\n".join(f"-- - {item}" for item in items)


def _lines(directives: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in directives)

"""What versions are called, and how a schema says that it is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lockgate.errors import UsageError

FIRST: Final = "v1"
"""What the version that was there before there were any is called."""

_MARK: Final = "version {version} of {schema}, made by lockgate plan --versions"
_READ: Final = re.compile(r"version (\S+) of (.+), made by lockgate plan --versions")
_NAME: Final = re.compile(r"[a-z0-9_]+")
_LONGEST: Final = 63


@dataclass(frozen=True, slots=True)
class Versions:
    """The schemas that get versions (those that an API serves), how theirs are called, and the new one's name.

    ``template`` holds ``{version}`` and ``{schema}``; without ``name`` the number of the version before is counted up.
    """

    schemas: tuple[str, ...] = ("public",)
    template: str = "{schema}_{version}"
    name: str | None = None

    def schema_of(self, schema: str, version: str) -> str:
        """The name of a version's schema; raises UsageError for a template or a name that will not do."""
        try:
            made = self.template.format(schema=schema, version=version)
        except (KeyError, IndexError, ValueError) as error:
            raise _unusable(self.template) from error
        if version not in made or len(made.encode("utf-8")) > _LONGEST:
            raise _unusable(self.template)
        return made

    def next(self, old: str) -> str:
        """The name of the new version; raises UsageError where none follows from the old one."""
        counted = re.fullmatch(r"(.*?)(\d+)", old)
        new = self.name or (f"{counted[1]}{int(counted[2]) + 1}" if counted else "")
        if new and _NAME.fullmatch(new) and new != old:
            return new
        raise UsageError(
            f"{new} cannot be the name of a version" if new else f"What follows the version {old}?",
            why=f"the version before it is {old}; a name is small letters, digits and _",
            next_steps=["lockgate plan … --version-name NAME"],
        )


def _unusable(template: str) -> UsageError:
    return UsageError(
        f"[planning] version_schema = {template!r} gives no name for the schema of a version",
        why="it needs {version}, and {schema} where several schemas are served; PostgreSQL takes 63 bytes",
    )


def mark(schema: str, version: str) -> str:
    """The comment by which the next plan knows the schema of a version."""
    return _MARK.format(version=version, schema=schema)


def read_mark(comment: str | None) -> tuple[str, str] | None:
    """The schema and the version that a comment speaks of, or None when it is no such comment."""
    found = _READ.fullmatch(comment or "")
    return (found[2], found[1]) if found else None

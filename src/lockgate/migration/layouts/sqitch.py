"""Sqitch: ``sqitch.plan`` gives the order; the scripts lie in ``deploy/``, ``revert/`` and ``verify/``.

Source: "sqitchchanges" and "sqitch-plan" of the Sqitch manual. A change that was reworked after a tag has its older
scripts under ``<change>@<tag>.sql``.
"""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path
from typing import Final

from lockgate.errors import SourceError, UsageError
from lockgate.migration.layouts.model import Found, Listing, NewFiles, Request, Source
from lockgate.migration.layouts.place import Place
from lockgate.migration.source import read_source
from lockgate.values import value

_STEP: Final = re.compile(
    r"([+-]?)\s*([^\s@#:\[\]][^\s#:\[\]]*)(?:\s*\[([^\]]*)\])?\s+\d{4}-\d\d-\d\dT\S+\s.*"
)
_TAG: Final = re.compile(r"@(\S+)\s+\d{4}-\d\d-\d\dT\S+\s.*")
_PLAN_LIMIT: Final = 16 * 2**20


@value(frozen=True, slots=True)
class Change:
    """One line of the plan: a change, and, when a later line reworks it, the tags between the two."""

    name: str
    tags: tuple[str, ...] = ()

    def stem(self, scripts: Container[str]) -> str:
        """The name of its scripts: that of a reworked change ends in the first of the tags for which there is one."""
        tagged = (f"{self.name}@{tag}" for tag in self.tags)
        return next((stem for stem in tagged if stem in scripts), self.name)


class Sqitch:
    """The layout of Sqitch; the folder is the one that holds ``sqitch.plan``."""

    name = "sqitch"
    folders = (".", "sqitch", "db", "database", "sql")

    def recognises(self, root: Path, folder: Path) -> bool:
        """By the plan."""
        return (folder / "sqitch.plan").is_file()

    def read(self, place: Place) -> Listing:
        """Every change of the plan; scripts that no line of the plan names are noticed."""
        folder = place.folder if (place.folder / "sqitch.plan").is_file() else place.folder.parent
        plan = folder / "sqitch.plan"
        try:
            changes = read_plan(read_source(plan, place.label(plan), _PLAN_LIMIT)[1], place.label(plan))
        except SourceError as error:
            place.problems.append(error)
            return Listing([], place.problems, place.notices)
        scripts = {way: _scripts(place, folder / way) for way in ("deploy", "revert", "verify")}
        found = [
            item
            for number, change in enumerate(changes)
            if (item := _found(place, plan, number, change, scripts))
        ]
        for name, path in scripts["deploy"].items():
            if name not in {item.stem for item in found}:
                place.notice(path, "a script that no line of sqitch.plan names")
        return Listing(found, place.problems, place.notices)

    def new(self, request: Request) -> NewFiles:
        """Sqitch must add the change itself: a line of its plan names its author and what it depends on."""
        raise UsageError(
            "sqitch adds its changes itself, to keep sqitch.plan",
            next_steps=[f"sqitch add {request.description} -n 'what it does'"],
        )


def _scripts(place: Place, folder: Path) -> dict[str, Path]:
    files = place.walk(folder) if folder.is_dir() else ()
    return {
        item.path.relative_to(folder).as_posix()[:-4]: item.path
        for item in files
        if item.name.endswith(".sql")
    }


def _found(
    place: Place, plan: Path, number: int, change: Change, scripts: dict[str, dict[str, Path]]
) -> Found | None:
    stem = change.stem(scripts["deploy"])
    deploy = scripts["deploy"].get(stem)
    if deploy is None or (change.tags and stem == change.name):
        place.problem(
            plan, f"there is no deploy/{change.name}{'@TAG' if change.tags else ''}.sql for {change.name}"
        )
        return None
    revert, verify = scripts["revert"].get(stem), scripts["verify"].get(stem)
    return Found(
        version=stem,
        name=change.name,
        key=(number,),
        source=Source(str(deploy)),
        stem=stem,
        rollback=Source(str(revert)) if revert else None,
        verify=Source(str(verify)) if verify else None,
    )


def read_plan(text: str, label: str) -> list[Change]:
    """The changes of a plan, in order; raises SourceError for a line that is none of the plan's kinds."""
    lines: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        tag, step = _TAG.fullmatch(body), _STEP.fullmatch(body)
        if not body or body.startswith(("#", "%")):
            continue
        if tag:
            lines.append(("tag", tag[1]))
        elif step and step[1] != "-":
            lines.append(("change", step[2]))
        else:
            raise SourceError("neither a change nor a tag", path=label, line=number, column=1)
    return [Change(name, _tags_until(lines, at)) for at, (kind, name) in enumerate(lines) if kind == "change"]


def _tags_until(lines: list[tuple[str, str]], at: int) -> tuple[str, ...]:
    """The tags between a change and the line that reworks it; none when no line does."""
    if lines[at] not in lines[at + 1 :]:
        return ()
    again = lines.index(lines[at], at + 1)
    return tuple(name for kind, name in lines[at:again] if kind == "tag")

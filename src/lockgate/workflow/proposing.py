"""Step 1: a change becomes parts, and parts become migration files with their rollbacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lockgate.analysis.check import check
from lockgate.analysis.findings import Report
from lockgate.analysis.options import Options
from lockgate.analysis.source import Source
from lockgate.config import Config
from lockgate.config.sections import Planning
from lockgate.errors import SqlSyntaxError, UsageError
from lockgate.migration.drafting import NewMigration, draft_migration, write_new
from lockgate.migration.files import discover, read_file
from lockgate.migration.model import Migration
from lockgate.migration.template import migration_text, rollback_text
from lockgate.planning.changes import GIVEN_UP, KEEPABLE, Change, Part
from lockgate.planning.intents import statements_of, usages_like
from lockgate.planning.propose import Setting, first_that_fits, propose
from lockgate.planning.versions.naming import Versions
from lockgate.types import Severity
from lockgate.workflow.checking import migrations_of
from lockgate.workflow.looking import looking_at, looking_at_files
from lockgate.workflow.rollback_writing import Order, Written, save, write_rollbacks
from lockgate.workflow.trying import refuse_impossible

if TYPE_CHECKING:
    from lockgate.workflow.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change, the file that it was asked for in, which is part of the project or not, and the migrations before.

    ``sql`` is the change as it was written, ``history`` the schema that it meets.
    """

    change: Change
    file: Migration | None
    earlier: tuple[Migration, ...] = ()
    sql: str = ""
    history: tuple[Source, ...] = ()


def proposal_for(
    config: Config,
    words: Sequence[str],
    options: Options,
    fill: str | None,
    target: str | None = None,
    knowledge: Knowledge | None = None,
    versions: Versions | None = None,
    back: str | None = None,
) -> Proposal:
    """The safe form of a file, of SQL, or of an intent; raises UsageError for words that are neither.

    What the files cannot tell is read from ``target``, or from a throwaway server on which they are applied. With
    ``knowledge`` of a live target the change meets its real schema, and the pending migrations on top. ``versions``
    puts a schema of views for each version of the application around it. ``fill`` and ``back`` are SQL expressions.
    """
    known = {migration.version: migration for migration in migrations_of(config)}
    text = " ".join(words)
    path = Path(text)
    found = known.get(text) or (read_file(config, path) if _is_file(path) else None)
    earlier = [m for m in known.values() if found is None or m.path.resolve() != found.path.resolve()]
    if found is not None and found.version in known:
        earlier = [m for m in earlier if m.version < found.version]
    applied = knowledge is not None and found is not None and knowledge.is_applied(found)
    if knowledge is not None and not applied:
        history = tuple(knowledge.before(earlier))
    else:
        history = tuple(Source.from_migration(migration) for migration in earlier)
    _refuse_missing(text, found)
    meant = (found.text,) if found is not None else statements_of(text) or (text,)
    sql = first_that_fits(meant, Setting(options, history))
    looking = looking_at(config, target) if target else looking_at_files(config, earlier, options.major)
    try:
        with looking as server:
            change = propose(sql, Setting(options, history, fill, server.look, versions=versions, back=back))
            if history:
                refuse_impossible(sql, change, options.major, server.refused)
        if applied and found is not None:
            again = f"{found.label} is applied on {target} already: this plans it for a schema without it"
            change = replace(change, notes=(again, *change.notes))
        return Proposal(change, found, tuple(earlier), sql, history)
    except SqlSyntaxError as error:
        if found is not None:
            raise UsageError(f"{found.label} cannot be read as SQL", why=error.message) from error
        raise UsageError(
            f"This is no file, no SQL and no intent: {text[:80]}",
            why=error.message,
            next_steps=[f'lockgate plan "{usage}"' for usage in usages_like(text)],
        ) from error


def _refuse_missing(text: str, found: Migration | None) -> None:
    """A name that looks like that of a file, and is none, is no broken statement."""
    if found is None and re.fullmatch(r"\S+\.sql", text.strip()):
        raise UsageError(f"There is no file {text.strip()}")
    if found is None and re.fullmatch(r"\d{8}_?\d{6}", text.strip()):
        raise UsageError(f"No migration has the version {text.strip()}", next_steps=["lockgate status"])


def versions_of(config: Config, name: str | None = None) -> Versions:
    """What gets versions in a project, and how they are called; ``name`` is that of the new one."""
    section = config.section(Planning)
    served = config.supabase.api_schemas if config.supabase else ("public",)
    return Versions(section.schemas or served, section.version_schema, name)


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a long statement is no name of one."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


_GATED: Final = "the phases before it, and its gate, have moved everybody away"
_ASKED_FOR: Final = "it is what was asked for"
_NEW_NAME: Final = "the old name lives on"
EXPECTED: Final = {
    "rename-column": _NEW_NAME,
    "rename-table": _NEW_NAME,
    "drop-column": "",
    "drop-table": "",
    "drop-column-drops-constraint": "",
    "drop-index-query-regression": "",
    "add-unique-index-may-fail": "duplicates stop it before anything has changed",
    "drop-not-null": "the application that leaves it out comes next",
    "opaque-dynamic-sql": "it copies the privileges that stand on the table when it runs",
}
"""Rules about what a phase is there to do, and why it may; behind a gate the gate is the reason."""


def write(
    config: Config, change: Change, options: Options, author: str, now: datetime, *, keep: bool = True
) -> tuple[Path, ...]:
    """Write one migration for each part, with its rollback where it has one; all files or none.

    Where none can be read off the statements it is derived and proved on a throwaway server; what takes rows gets one
    that brings them back. Without ``keep``, or where that is not possible, such a migration says that there is none.
    """
    written: list[Path] = []
    taking: dict[int, _Written] = {}
    judged = _judged(config, change, options, keep=keep)
    try:
        for number, part in enumerate(change.parts, 1):
            new = _drafted(config, change, number, judged, author, now, keep=keep)
            write_new(new)
            written += new.texts()
            if not part.back and (part.final is None or (keep and part.final == KEEPABLE)):
                taking[number] = new
        if taking:
            written += _keeping(config, change, options, author, now, taking)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return tuple(written)


def _keeping(
    config: Config,
    change: Change,
    options: Options,
    author: str,
    now: datetime,
    taking: Mapping[int, _Written],
) -> list[Path]:
    """The rollbacks that bring back what some parts take; a part without one says so in its file."""
    besides = {new.draft.version: change.parts[number - 1].refresh for number, new in taking.items()}
    order = Order(frozenset(besides), major=options.major, besides=besides)
    found = {one.migration.version: one for one in write_rollbacks(config, discover(config), order, _silent)}
    save([one for one in found.values() if one.text])
    for number, new in taking.items():
        one = found.get(new.draft.version)
        if change.parts[number - 1].final is not None and (one is None or not one.text):
            reason = " ".join((one.reason or "" if one else "").split()) or "no way back could be derived"
            new.files.forth.write_text(new.declared(reason), "utf-8", newline="\n")
    return [one.path for one in found.values() if one.text]


def _silent(_: Written) -> None:
    """Nobody waits for a single one of them."""


class _Written(NewMigration):
    """A new migration whose texts are those of a part instead of the template's."""

    sections: tuple[dict[str, str], dict[str, str] | None]

    def declared(self, reason: str) -> str:
        """The text of the migration, saying why there is no way back."""
        directives = [*self.draft.directives, f"-- lockgate: irreversible {reason}"]
        return migration_text(replace(self.draft, directives=directives), self.sections[0])

    def texts(self) -> dict[Path, str]:
        """The migration, and the rollback where there is one."""
        forth, back = self.sections
        texts = {self.files.forth: migration_text(self.draft, forth)}
        if back is None:
            return texts
        if self.files.back is not None:
            return {**texts, self.files.back: rollback_text(self.draft, back)}
        up, down = self.files.markers
        written = texts[self.files.forth], rollback_text(self.draft, back)
        return {self.files.forth: f"{up}\n{written[0]}\n{down}\n{written[1]}"}


def _drafted(
    config: Config, change: Change, number: int, judged: Report, author: str, now: datetime, *, keep: bool
) -> _Written:
    project, part = discover(config, strict=False), change.parts[number - 1]
    found = judged.migrations[number - 1]
    new = draft_migration(project, _described(part.title), types=found.types, author=author, now=now)
    draft = replace(
        new.draft,
        title=f"{part.title[:1].upper()}{part.title[1:]} ({change.name}, part {number} of {len(change.parts)})",
        risk=found.risk,
        changes=[_first_line(sql) for sql in part.sql],
        testing=["lockgate test applies it, takes it back and compares schema and rows"],
        dependencies=[new.draft.dependencies[0], part.application or "none on the application"],
        directives=_directives(change, part, number, keep=keep),
        rollback_directives=["-- lockgate: no-transaction"] if part.one_by_one else [],
    )
    empty = {"checks": "", "verification": ""}
    back = {"undo": _script(part.back), "undone": ""} if part.back else None
    made = _Written(draft, new.files, new.remarks)
    object.__setattr__(made, "sections", ({**empty, "main": _script(_accepted(part, number, judged))}, back))
    return made


def text_of(change: Change, number: int) -> str:
    """What a part (counted from 1) does, as a file without a header."""
    part = change.parts[number - 1]
    return "\n".join([*_directives(change, part, number), "", _script(part.sql), ""])


def _judged(config: Config, change: Change, options: Options, *, keep: bool) -> Report:
    """What the check says of the parts, in the places where they are going to stand."""
    texts = (
        "\n".join([*_directives(change, part, number, keep=keep), "", _script(part.sql)])
        for number, part in enumerate(change.parts, 1)
    )
    parts = [Source.from_text(text, f"{number}.sql") for number, text in enumerate(texts, 1)]
    earlier = discover(config, strict=False).migrations
    return check(parts, options, [Source.from_migration(migration) for migration in earlier])


def _accepted(part: Part, place: int, judged: Report) -> list[str]:
    """The statements, each with a word on the rules whose hazard the phases before it have taken away.

    What is left then are remarks on what was asked for; a warning or an error stays, for the author to look at.
    """
    statements = list(part.sql)
    accepts = dict(part.accepts)
    for number in range(len(statements)):
        found = {
            f.rule: f.severity for f in judged.findings if (f.file, f.statement) == (f"{place}.sql", number)
        }
        for rule, severity in sorted(found.items()):
            if rule in accepts or rule in EXPECTED:
                reason = accepts.get(rule) or (EXPECTED.get(rule) if not part.gate else "") or _GATED
            elif severity is Severity.INFO:
                reason = _ASKED_FOR
            else:
                continue
            statements[number] = f"-- lockgate: ignore {rule} {reason}\n{statements[number]}"
    return statements


def _directives(change: Change, part: Part, number: int, *, keep: bool = True) -> list[str]:
    lines = []
    if len(change.parts) > 1:
        slug = re.sub(r"[^a-z0-9]+", "-", change.name.lower()).strip("-")
        lines.append(f"-- lockgate: change {slug} {number}/{len(change.parts)} {part.kind.value}")
    if part.gate:
        text = part.gate.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'-- lockgate: gate "{text}"')
    if part.one_by_one:
        lines.append("-- lockgate: no-transaction")
    if part.final and (part.final != KEEPABLE or not keep):
        lines.append(f"-- lockgate: irreversible {part.final if part.final != KEEPABLE else GIVEN_UP}")
    return lines


def _described(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return words[:50].rstrip("_")


def _first_line(sql: str) -> str:
    lines = [line for line in sql.splitlines() if not line.startswith("--")]
    return " ".join(lines[0].split())[:100] if lines else sql[:100]


def _script(statements: Sequence[str]) -> str:
    return "\n".join(f"{sql};" for sql in statements)

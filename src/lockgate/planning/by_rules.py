"""The safe form that a rule of the check knows, for what no strategy handles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lockgate.analysis.check import check
from lockgate.analysis.findings import Finding
from lockgate.analysis.options import Options
from lockgate.analysis.rules.safe import NEXT_FILE
from lockgate.analysis.source import Source
from lockgate.analysis.state.catalog import Catalog
from lockgate.planning.changes import VALUE_STAYS, WITH_THE_COLUMN, Part
from lockgate.planning.inheritance import in_each_table
from lockgate.planning.outcome import shortfalls
from lockgate.planning.plan import PhaseKind
from lockgate.planning.reversal import reverse
from lockgate.planning.strategies.base import Answer
from lockgate.sql.parse import Statement, parse
from lockgate.types import Severity

_BESIDES: Final = "fk-missing-index"
"""The rule whose safe SQL comes before the statement instead of taking its place."""

_LESS: Final = {
    "add-column-not-null-no-default": "--fill EXPRESSION gives old rows a value and makes it required",
    "add-column-constrained-domain": "a column of the domain itself writes the whole table anew",
}
"""Rules whose safe SQL is meant to do less than was asked for, and why."""

_ONLINE: Final = frozenset(
    {
        *_LESS,
        "add-check-without-not-valid",
        "add-column-default-pre-pg11",
        "add-column-identity",
        "add-column-inline-check",
        "add-column-inline-fk",
        "add-column-inline-unique",
        "add-column-serial",
        "add-column-volatile-default",
        "add-fk-without-not-valid",
        "add-pk-using-index-nullable",
        "add-pk-without-using-index",
        "add-unique-constraint",
        "attach-partition-builds-index",
        "attach-partition-without-check",
        "create-index-in-txn-holding-lock",
        "create-index-not-concurrent",
        "create-index-on-partitioned-table",
        "detach-partition-not-concurrent",
        "domain-add-constraint",
        "drop-index-not-concurrent",
        "drop-partition-locks-parent",
        "drop-table-multiple-fks",
        "enum-add-value-in-transaction",
        "if-not-exists-masks-invalid-index",
        "index-move-tablespace",
        "not-valid-validate-same-tx",
        "refresh-matview-not-concurrent",
        "reindex-not-concurrent",
        "set-not-null-scan",
        "unnamed-concurrent-index",
    }
)
"""Rules whose safe SQL does the same while the table is in use; what the others say instead is something else."""

_OUTSIDE: Final = frozenset({"concurrent-in-transaction", "transaction-block-required"})
"""Rules whose safe SQL is the same statement in another place; the others know better."""

_BREAKING: Final = frozenset({"rename-other-object", "drop-constraint", "drop-index-not-concurrent"})
"""Rules that tell of broken applications or of a table that nobody can use, however quietly."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The check, asked about a statement after those of the migrations and of the change before it."""

    options: Options
    history: tuple[Source, ...]
    before: tuple[str, ...] = ()

    def about(self, statement: Statement, confirmed: frozenset[str] | None) -> list[Finding]:
        """What it finds; ``confirmed`` are the rules that the statement breaks where it stands, None for all."""
        source = Source.from_text(f"{statement.sql};", "statement.sql")
        earlier = "".join(f"{sql};\n" for sql in self.before)
        history = (*self.history, Source.from_text(earlier, "before.sql")) if earlier else self.history
        report = check([source], self.options, history)
        return [
            found
            for found in report.findings
            if (confirmed is None or found.rule in confirmed) and _counts(found)
        ]


def _counts(found: Finding) -> bool:
    return found.severity is not Severity.INFO or found.rule in _BREAKING


def by_rules(
    statement: Statement, state: Catalog, rules: Rules, confirmed: frozenset[str] | None
) -> Answer | None:
    """The safe SQL of the heaviest finding about the statement, cut into files where it says so."""
    unsafe = rules.about(statement, confirmed)
    useful = [found for found in unsafe if found.safe and _parses(found.safe)]
    besides = () if _new_column(statement) else (found for found in useful if found.rule == _BESIDES)
    before = [part for found in besides for part in _before(found.safe, state, rules)]
    instead = [found for found in useful if found.rule in _ONLINE | _OUTSIDE]
    answer = _instead(statement, state, max(instead, key=_weight), before) if instead else None
    honest = [found for found in unsafe if found.rule != _BESIDES]
    return answer or (_unchanged(statement, honest, before) if before or honest else None)


def _weight(found: Finding) -> tuple[bool, int]:
    return found.rule in _ONLINE, found.severity.rank


def _instead(statement: Statement, state: Catalog, finding: Finding, before: list[Part]) -> Answer | None:
    """What the rule says, where it comes to the same as the statement, or to what may be less."""
    parts = _of_safe(finding.safe, _new_column(statement), state)
    missing = _shortfalls(statement, state, (*before, *parts))
    if not parts or (missing and finding.rule not in _LESS):
        return None
    less = (f"{'; '.join(missing)}: {_LESS[finding.rule]}",) if missing else ()
    return Answer("", (*before, *parts), (f"{finding.rule}: {finding.message}", *less))


def _shortfalls(statement: Statement, state: Catalog, parts: Sequence[Part]) -> tuple[str, ...]:
    if statement.kind not in ("AlterTableStmt", "RenameStmt"):
        return ()
    return shortfalls(state, statement, (sql for part in parts for sql in part.sql))


def _unchanged(statement: Statement, unsafe: Sequence[Finding], before: list[Part]) -> Answer:
    """The statement as it was written, with what is the matter; behind a gate where that is much."""
    notes = tuple(
        f"{'' if found.safe else 'no safe form is known, '}{found.rule}: {found.message} {found.why}"
        for found in unsafe
    )
    grave = [found for found in unsafe if found.severity is Severity.ERROR or found.rule in _BREAKING]
    own = [_told(part, unsafe, grave) for part in as_it_is(statement).parts]
    whole = (*own, *before) if statement.kind == "CreateStmt" else (*before, *own)
    return Answer("", whole, notes)


def _told(part: Part, unsafe: Sequence[Finding], grave: Sequence[Finding]) -> Part:
    """The part with what is the matter with it: said, so that the check need not say it again, or behind a gate."""
    if not grave:
        return replace(part, accepts=tuple((found.rule, "told when it was planned") for found in unsafe))
    return replace(
        part,
        kind=PhaseKind.CONTRACT,
        gate="nobody minds this: " + " ".join(dict.fromkeys(found.message for found in grave)),
        accepts=tuple((found.rule, "the gate says that nobody minds") for found in unsafe),
    )


def _before(safe: str, state: Catalog, rules: Rules) -> list[Part]:
    """What comes first, itself in its safe form: the index for a key may be one of a partitioned table."""
    answers = [(statement, by_rules(statement, state, rules, None)) for statement in parse(safe).statements]
    if any(answer and answer.parts for _, answer in answers):
        found = [answer or as_it_is(statement) for statement, answer in answers]
        return [part for answer in found for part in answer.parts]
    return _of_safe(safe, "", state)


def _of_safe(safe: str, column: str, state: Catalog) -> list[Part]:
    """The files that a rule's safe SQL makes."""
    parts = []
    for text in safe.split(NEXT_FILE):
        script = parse(text)
        if not script.statements:
            continue
        one_by_one = any(comment.text == "lockgate: no-transaction" for comment in script.comments)
        sql = tuple(one for found in script.statements for one in _with_backfill(found, state))
        back = reverse(script.statements, column)
        kind = PhaseKind.MIGRATE if one_by_one or "backfill" in text else PhaseKind.EXPAND
        fills = back and column and any(one.startswith("-- lockgate: backfill") for one in sql)
        final = WITH_THE_COLUMN if fills else None
        parts.append(Part(kind, title(script.statements[0]), sql, back, one_by_one=one_by_one, final=final))
    return parts


def _parses(safe: str) -> bool:
    script = parse(safe)
    return bool(script.statements) and not script.failures


def _with_backfill(statement: Statement, state: Catalog) -> tuple[str, ...]:
    marked = any(comment.text.startswith("lockgate: backfill") for comment in statement.comments)
    if not marked:
        return (statement.sql,)
    return tuple(f"-- lockgate: backfill\n{sql}" for sql in in_each_table(statement, state))


def as_it_is(statement: Statement) -> Answer:
    """The statement as it was written."""
    back = reverse((statement,))
    stays = statement.kind == "AlterEnumStmt" and not statement.tree.get("oldVal")
    part = Part(
        PhaseKind.EXPAND, title(statement), (statement.sql,), back, final=VALUE_STAYS if stays else None
    )
    return Answer("", (part,))


def _adds_column(statement: Statement) -> bool:
    return bool(_new_column(statement))


def _new_column(statement: Statement) -> str:
    commands = statement.tree.get("cmds", []) if statement.kind == "AlterTableStmt" else []
    command = commands[0]["AlterTableCmd"] if commands else {}
    return str(command["def"]["ColumnDef"]["colname"]) if command.get("subtype") == "AT_AddColumn" else ""


_NOISE = frozenset(
    {"alter", "table", "concurrently", "unique", "on", "using", "btree", "if", "not", "exists", "only"}
)


def title(statement: Statement) -> str:
    """The first words that say something; for a person and for the file's name."""
    words = re.findall(r"[\w$]+", statement.sql.replace("public.", ""))
    return " ".join([word for word in words if word.lower() not in _NOISE][:5]).lower()

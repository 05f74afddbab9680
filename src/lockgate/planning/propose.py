"""From SQL to a safe change: each statement is asked of the strategies, then of the rules, and else left alone."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lockgate.analysis.check import check
from lockgate.analysis.findings import Finding
from lockgate.analysis.options import Options
from lockgate.analysis.platforms import begin_platform
from lockgate.analysis.rules.safe import NEXT_FILE
from lockgate.analysis.settings import Settings
from lockgate.analysis.source import Source
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.names import generated_name
from lockgate.analysis.state.replay import replay
from lockgate.errors import SqlSyntaxError, UsageError
from lockgate.planning.changes import WITH_THE_COLUMN, Change, Part, merged
from lockgate.planning.plan import PhaseKind
from lockgate.planning.reshape.words import Wish, named, wish_of
from lockgate.planning.reversal import reverse
from lockgate.planning.strategies import STRATEGIES
from lockgate.planning.strategies.base import Answer, Look, Question, Strategy
from lockgate.planning.subjects import subject_of
from lockgate.planning.unknown import fits, notes_on
from lockgate.planning.versions.compose import with_versions
from lockgate.planning.versions.naming import Versions, read_mark
from lockgate.planning.versions.standing import looking_past, standing
from lockgate.planning.versions.virtual import VIRTUAL
from lockgate.sql.parse import Node, Statement, deparse, parse, parse_one
from lockgate.types import Severity


@dataclass(frozen=True, slots=True)
class Setting:
    """What a proposal is made for: the options of the check, the migrations before, a value for missing ones.

    ``look`` reads the schema that a statement meets from a server; ``before`` are the statements of the change that
    come before that statement. ``versions`` asks for a schema of views for each version of the application; those that
    are there already are ``hidden`` from the strategies, and ``versioned`` are the schemas that they show.
    """

    options: Options
    history: tuple[Source, ...] = ()
    fill: str | None = None
    look: Look | None = None
    before: tuple[str, ...] = ()
    versions: Versions | None = None
    hidden: frozenset[str] = frozenset()
    versioned: tuple[str, ...] = ()


def propose(sql: str, setting: Setting) -> Change:
    """The safe form of some SQL or of a reshaping; raises SqlSyntaxError when it cannot be parsed.

    With versions it raises UsageError where two of them cannot be there at the same time.
    """
    if setting.versions is None:
        return _proposed(sql, setting)
    found = standing(setting.versions, setting.look, setting.options.major)
    look = looking_past(setting.look, found.hidden)
    past = replace(setting, look=look, hidden=found.hidden, versioned=found.schemas)
    return with_versions(_proposed(sql, past), found, setting.options)


def _proposed(sql: str, setting: Setting) -> Change:
    wish = wish_of(sql)
    if wish is not None:
        return _reshaped(wish, setting)
    script = parse(sql)
    for statement in script.failures:
        assert statement.failure is not None
        raise SqlSyntaxError(statement.failure.message, offset=statement.failure.position.offset)
    state = _state(setting)
    answers: list[Answer] = []
    unknown: list[str] = []
    taken: set[int] = set()
    statements = tuple(_separated(script.statements))
    if not statements:
        raise UsageError("There is nothing to plan: no statement, no file, and no words")
    confirmed = _confirmed(statements, setting)
    for number, statement in enumerate(statements):
        if number not in taken:
            seeing = replace(setting, before=tuple(earlier.sql for earlier in statements[:number]))
            rest = statements[number + 1 :]
            unknown += notes_on(statement, state, setting.look if setting.history else None, seeing.before)
            answers.append(_answer(statement, state, seeing, confirmed.get(number, frozenset()), rest))
            taken |= {number + 1 + further for further in answers[-1].taken}
        replay(state, statement.kind, statement.tree)
    parts = [part for answer in answers for part in answer.parts]
    names = [answer.change for answer in answers if answer.change]
    told = [
        *unknown,
        *(note for answer in answers for note in answer.notes),
        *_versions_there(state, setting),
    ]
    notes = tuple(dict.fromkeys(told))
    return Change(names[0] if names else _named(parts), merged(parts), notes)


def first_that_fits(texts: Sequence[str], setting: Setting) -> str:
    """Of several readings of the same words the first whose names are known: ``public.users`` may be a column."""
    if len(texts) < 2:
        return texts[0]
    state = _state(setting)
    return next((text for text in texts if all(fits(one, state) for one in parse(text).statements)), texts[0])


def _reshaped(wish: Wish, setting: Setting) -> Change:
    """What no statement means; raises UsageError where the words do not fit the schema."""
    state = _state(setting)
    table = state.relation(*named(wish.table))
    if table is None or table.kind != "table":
        known = sorted(str(one.name) for one in state.relations() if one.kind == "table")
        close = difflib.get_close_matches(named(wish.table)[1], [name.split(".")[-1] for name in known], n=3)
        raise UsageError(
            f"{wish.table} is no table that the migrations make",
            why=f"it is a {table.kind}" if table is not None else None,
            next_steps=[f"did you mean {', '.join(close)}?"] if close else [],
        )
    empty = parse_one("SELECT 1")
    question = Question(empty, state, setting.options.major, table, {}, look=setting.look, wish=wish)
    found = (strategy.plan(question) for strategy in STRATEGIES if wish.form in strategy.on)
    answer = next(answer for answer in found if answer is not None)
    return Change(answer.change, merged(list(answer.parts)), answer.notes)


def _named(parts: Sequence[Part]) -> str:
    return "-".join(parts[0].title.split()[:4]) if parts else "nothing"


def _state(setting: Setting) -> Catalog:
    state = Catalog(Settings(setting.options.session).get)
    begin_platform(state, setting.options.platform)
    for number, source in enumerate(setting.history):
        state.begin_unit(number)
        for statement in source.script.statements:
            state.at(statement.index, 0)
            replay(state, statement.kind, statement.tree)
        if source.correct is not None:
            source.correct(state)
    for relation in tuple(state.relations()):
        if relation.name.schema in setting.hidden:
            state.drop_relation(relation.name)
    state.begin_unit(len(setting.history))
    return state


def _versions_there(state: Catalog, setting: Setting) -> Iterator[str]:
    """What to know of versions in a plan that was not asked for any."""
    for (kind, name), comment in state.comments.items() if setting.versions is None else ():
        found = read_mark(comment) if kind == "OBJECT_SCHEMA" and state.schemas.get(name) else None
        if found is not None:
            schema, version = found
            yield (
                f"{schema} has a version {version} in {name}: what its views show cannot be dropped or change its type"
                " without --versions"
            )


def _strategies(setting: Setting, question: Question) -> tuple[Strategy, ...]:
    return (*VIRTUAL, *STRATEGIES) if question.table.name.schema in setting.versioned else STRATEGIES


def _separated(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Each command of an ALTER TABLE by itself, so that the harmless ones need not wait for the others."""
    for statement in statements:
        commands = statement.tree.get("cmds", []) if statement.kind == "AlterTableStmt" else []
        apart = [single for command in commands for single in _without_inline(statement.tree, command)]
        if len(apart) < 2:
            yield statement
            continue
        for command in apart:
            tree = {**statement.tree, "cmds": [command]}
            yield replace(statement, tree=tree, sql=deparse({"AlterTableStmt": tree}))


def _without_inline(alter: Node, command: Node) -> Iterator[Node]:
    """A new column without the constraints that stand inside it, then each of them as one of the table."""
    inner = command["AlterTableCmd"]
    if inner.get("subtype") != "AT_AddColumn":
        yield command
        return
    column = inner["def"]["ColumnDef"]
    name, inline = column["colname"], column.get("constraints", [])
    moved = [item for kind in _OF_TABLE for item in inline if item["Constraint"].get("contype") == kind]
    attributes = any(item["Constraint"].get("contype", "").startswith("CONSTR_ATTR") for item in inline)
    if len(moved) < 2 or attributes:
        yield command
        return
    kept = [item for item in inline if item not in moved]
    bare = {key: value for key, value in column.items() if key != "constraints"}
    definition = {**bare, "constraints": kept} if kept else bare
    yield {"AlterTableCmd": {**inner, "def": {"ColumnDef": definition}}}
    for item in moved:
        constraint = _of_table(item["Constraint"], name, alter["relation"]["relname"])
        yield {
            "AlterTableCmd": {
                "subtype": "AT_AddConstraint",
                "def": {"Constraint": constraint},
                "behavior": "DROP_RESTRICT",
            }
        }


_OF_TABLE = {"CONSTR_UNIQUE": "key", "CONSTR_CHECK": "check", "CONSTR_FOREIGN": "fkey"}
"""What a table can have instead, in the order to add it: a foreign key uses the index that a unique one brings."""

_BESIDES = "fk-missing-index"
"""The rule whose safe SQL comes before the statement instead of taking its place."""


def _of_table(constraint: Node, column: str, table: str) -> Node:
    """An inline constraint as one of the table, under the name that the server would give it."""
    kind = constraint["contype"]
    key = {"CONSTR_FOREIGN": "fk_attrs", "CONSTR_UNIQUE": "keys"}.get(kind)
    columns = {key: [{"String": {"sval": column}}]} if key else {}
    name = constraint.get("conname") or generated_name(table, column, _OF_TABLE[kind])
    return {**constraint, **columns, "conname": name}


def _confirmed(statements: Sequence[Statement], setting: Setting) -> dict[int, frozenset[str]]:
    """The rules that each statement breaks where it stands: a table that the same file makes has no readers yet."""
    text = "".join(f"{statement.sql};\n" for statement in statements)
    report = check([Source.from_text(text, "statement.sql")], setting.options, setting.history)
    found: dict[int, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.statement, set()).add(finding.rule)
    return {number: frozenset(rules) for number, rules in found.items()}


def _answer(
    statement: Statement,
    state: Catalog,
    setting: Setting,
    confirmed: frozenset[str],
    rest: tuple[Statement, ...] = (),
) -> Answer:
    question = _question(statement, state, setting, rest)
    if question is not None and not question.table.is_new:
        for strategy in _strategies(setting, question):
            if _event(statement) in strategy.on:
                answer = strategy.plan(question)
                if answer is not None:
                    return answer
    return _by_rules(statement, setting, confirmed) or _as_it_is(statement)


_SORTS = {"RenameStmt": "renameType", "DropStmt": "removeType", "AlterObjectSchemaStmt": "objectType"}
"""Kinds of statement that are about objects of many sorts, and where they say of which."""


def _event(statement: Statement) -> str:
    if statement.kind == "AlterTableStmt":
        commands = statement.tree.get("cmds", [])
        return str(commands[0]["AlterTableCmd"].get("subtype", "")) if commands else ""
    kind = _SORTS.get(statement.kind)
    return f"{statement.kind}/{statement.tree.get(kind, '')}" if kind else statement.kind


def _question(
    statement: Statement, state: Catalog, setting: Setting, rest: tuple[Statement, ...]
) -> Question | None:
    tree, table = statement.tree, subject_of(statement, state)
    if table is None:
        return None
    commands: list[Node] = tree.get("cmds", []) if statement.kind == "AlterTableStmt" else []
    command = commands[0]["AlterTableCmd"] if commands else {}
    return Question(
        statement,
        state,
        setting.options.major,
        table,
        command,
        setting.fill,
        setting.look,
        setting.before,
        rest,
    )


def _by_rules(statement: Statement, setting: Setting, confirmed: frozenset[str] | None) -> Answer | None:
    """The safe SQL of the heaviest finding about the statement, cut into files where it says so.

    ``confirmed`` are the rules that it breaks where it stands; None for all of them.
    """
    unsafe = _findings(statement, setting, confirmed)
    useful = [found for found in unsafe if found.safe and _parses(found.safe)]
    before = [part for found in useful if found.rule == _BESIDES for part in _before(found.safe, setting)]
    instead = [found for found in useful if found.rule != _BESIDES]
    if not instead:
        honest = tuple(
            f"no safe form is known, {found.rule}: {found.message} {found.why}" for found in unsafe
        )
        notes = () if useful else honest
        own = _as_it_is(statement).parts
        whole = (*own, *before) if statement.kind == "CreateStmt" else (*before, *own)
        return Answer("", whole, notes) if before or notes else None
    finding = max(instead, key=lambda found: found.severity.rank)
    parts = _of_safe(finding.safe, _new_column(statement))
    return Answer("", (*before, *parts), (f"{finding.rule}: {finding.message}",)) if parts else None


def _findings(statement: Statement, setting: Setting, confirmed: frozenset[str] | None) -> list[Finding]:
    source = Source.from_text(f"{statement.sql};", "statement.sql")
    report = check([source], setting.options, setting.history)
    return [
        found
        for found in report.findings
        if (confirmed is None or found.rule in confirmed) and found.severity is not Severity.INFO
    ]


def _before(safe: str, setting: Setting) -> list[Part]:
    """What comes first, itself in its safe form: the index for a key may be one of a partitioned table."""
    answers = [(statement, _by_rules(statement, setting, None)) for statement in parse(safe).statements]
    if any(answer and answer.parts for _, answer in answers):
        found = [answer or _as_it_is(statement) for statement, answer in answers]
        return [part for answer in found for part in answer.parts]
    return _of_safe(safe, "")


def _of_safe(safe: str, column: str) -> list[Part]:
    """The files that a rule's safe SQL makes."""
    parts = []
    for text in safe.split(NEXT_FILE):
        script = parse(text)
        if not script.statements:
            continue
        one_by_one = any(comment.text == "lockgate: no-transaction" for comment in script.comments)
        sql = tuple(_with_backfill(found) for found in script.statements)
        back = reverse(script.statements, column)
        kind = PhaseKind.MIGRATE if one_by_one or "backfill" in text else PhaseKind.EXPAND
        fills = back and column and any(one.startswith("-- lockgate: backfill") for one in sql)
        final = WITH_THE_COLUMN if fills else None
        parts.append(Part(kind, _title(script.statements[0]), sql, back, one_by_one=one_by_one, final=final))
    return parts


def _parses(safe: str) -> bool:
    script = parse(safe)
    return bool(script.statements) and not script.failures


def _with_backfill(statement: Statement) -> str:
    marked = any(comment.text.startswith("lockgate: backfill") for comment in statement.comments)
    return f"-- lockgate: backfill\n{statement.sql}" if marked else statement.sql


def _as_it_is(statement: Statement) -> Answer:
    back = reverse((statement,))
    return Answer("", (Part(PhaseKind.EXPAND, _title(statement), (statement.sql,), back),))


def _new_column(statement: Statement) -> str:
    commands = statement.tree.get("cmds", []) if statement.kind == "AlterTableStmt" else []
    command = commands[0]["AlterTableCmd"] if commands else {}
    return str(command["def"]["ColumnDef"]["colname"]) if command.get("subtype") == "AT_AddColumn" else ""


_NOISE = frozenset(
    {"alter", "table", "concurrently", "unique", "on", "using", "btree", "if", "not", "exists", "only"}
)


def _title(statement: Statement) -> str:
    """The first words that say something; for a person and for the file's name."""
    words = re.findall(r"[\w$]+", statement.sql.replace("public.", ""))
    return " ".join([word for word in words if word.lower() not in _NOISE][:5]).lower()

"""From SQL to a safe change: each statement is asked of the strategies, then of the rules, and else left alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lockgate.analysis.check import check
from lockgate.analysis.options import Options
from lockgate.analysis.platforms import begin_platform
from lockgate.analysis.settings import Settings
from lockgate.analysis.source import Source
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.errors import SqlSyntaxError, UsageError
from lockgate.planning.bodies import notes_on_bodies
from lockgate.planning.by_rules import Rules, as_it_is, by_rules
from lockgate.planning.changes import Change, Part, merged
from lockgate.planning.framing import Framing
from lockgate.planning.phasing import in_phases
from lockgate.planning.reshape.words import Wish, named, wish_of
from lockgate.planning.separate import separated
from lockgate.planning.strategies import STRATEGIES
from lockgate.planning.strategies.base import Answer, Look, Question, Strategy
from lockgate.planning.subjects import subject_of
from lockgate.planning.taken import refuse_taken
from lockgate.planning.targets import require_target
from lockgate.planning.unknown import fits, notes_on
from lockgate.planning.versions.compose import with_versions
from lockgate.planning.versions.naming import Versions, read_mark
from lockgate.planning.versions.standing import looking_past, standing
from lockgate.planning.versions.virtual import VIRTUAL
from lockgate.sql.parse import Node, Statement, parse, parse_one


@dataclass(frozen=True, slots=True)
class Setting:
    """What a proposal is made for: the options of the check, the migrations before, a value for missing ones.

    ``back`` is an old value, where a change of type computes new ones. ``look`` reads the schema that a statement meets
    from a server; ``before`` are the statements of the change that come before that statement. ``versions`` asks for a
    schema of views for each version of the application; those that are there already are ``hidden`` from the
    strategies, and ``versioned`` are the schemas that they show.
    """

    options: Options
    history: tuple[Source, ...] = ()
    fill: str | None = None
    look: Look | None = None
    before: tuple[str, ...] = ()
    versions: Versions | None = None
    hidden: frozenset[str] = frozenset()
    versioned: tuple[str, ...] = ()
    back: str | None = None


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
    statements = tuple(separated(script.statements, state))
    if not statements:
        raise UsageError("There is nothing to plan: no statement, no file, and no words")
    if setting.back is not None and not any(_event(one) == "AT_AlterColumnType" for one in statements):
        raise UsageError("--back says what an old value is, and nothing here changes the type of a column")
    answers, unknown, framing = _answers(statements, state, setting)
    names = [answer.change for answer in answers if answer.change]
    parts = framing.limited(in_phases(answers))
    told = [
        *unknown,
        *framing.notes(parts),
        *(note for answer in answers for note in answer.notes),
        *_versions_there(state, setting),
    ]
    return Change(names[0] if names else _named(parts), parts, tuple(dict.fromkeys(told)))


def _answers(
    statements: tuple[Statement, ...], state: Catalog, setting: Setting
) -> tuple[list[Answer], list[str], Framing]:
    """What becomes of each statement, words on names that nobody knows, and what stands around them all."""
    answers: list[Answer] = []
    unknown: list[str] = []
    framing = Framing()
    taken: set[int] = set()
    done: list[str] = []
    confirmed = _confirmed(statements, setting)
    for number, statement in enumerate(statements):
        if number in taken or framing.takes(statement):
            done.append(statement.sql)
        else:
            seeing = replace(setting, before=tuple(done))
            rest = statements[number + 1 :]
            look = setting.look if setting.history else None
            unknown += notes_on(statement, state, look, seeing.before)
            refuse_taken(statement, state, look, seeing.before)
            answer = _answer(statement, state, seeing, confirmed.get(number, frozenset()), rest)
            bodies = notes_on_bodies(
                statement, state, rest, (sql for part in answer.parts for sql in part.sql)
            )
            answer = replace(answer, notes=(*answer.notes, *bodies))
            taken |= {number + 1 + further for further in answer.taken}
            answers.append(framing.around(answer))
            done += _carried_out(statement, answer)
        replay(state, statement.kind, statement.tree)
    return answers or [as_it_is(statement) for statement in statements], unknown, framing


def _carried_out(statement: Statement, answer: Answer) -> Sequence[str]:
    """What a server is to run so that the next statement finds the schema that it meets.

    The statement alone may be refused where the plan lets other things step aside for it.
    """
    planned = [sql for part in answer.parts for sql in part.sql]
    return planned if statement.sql in planned else [statement.sql]


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
    state = Catalog(Settings(setting.options.beginning).get, setting.options.major)
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
    if question is not None:
        require_target(statement, question.table, state)
    if question is not None and not question.table.is_new:
        for strategy in _strategies(setting, question):
            if _event(statement) in strategy.on:
                answer = strategy.plan(question)
                if answer is not None:
                    return answer
    rules = Rules(setting.options, setting.history, setting.before)
    return by_rules(statement, state, rules, confirmed) or as_it_is(statement)


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
        setting.back,
        setting.look,
        setting.before,
        rest,
    )

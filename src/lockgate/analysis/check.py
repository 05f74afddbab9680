"""Checking files: replay the history, judge each statement by the schema that it meets, report in one value.

Pure: nothing here reads a file, a clock or a database. ``check`` is the whole interface.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence

from lockgate.analysis.bodies import Body, body_of
from lockgate.analysis.choice import choose, is_on
from lockgate.analysis.classification import Classifier
from lockgate.analysis.collect import Collector
from lockgate.analysis.dispatch import Dispatch
from lockgate.analysis.findings import Classified, Report, StatementForecast, written
from lockgate.analysis.locks import Forecast, forecast
from lockgate.analysis.options import DEFAULT, Options
from lockgate.analysis.parts import Part
from lockgate.analysis.platforms import begin_platform
from lockgate.analysis.repeats import Repeats
from lockgate.analysis.rules import ALL, opaque_dynamic_sql
from lockgate.analysis.rules.base import FILE_END, HISTORY_END, LAST, Context, Hazard, Rule
from lockgate.analysis.settings import Settings
from lockgate.analysis.source import Source
from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.analysis.transactions import Session
from lockgate.migration.directives import Backfill, Ignore
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Statement, walk
from lockgate.types import LockMode, Position, RelationLock, Severity, merged, strongest
from lockgate.values import replace

_ORIGIN = Position(0, 1, 1)
_KNOWN = frozenset(name for rule in ALL for name in (rule.id, rule.group.value))
_NO_STATEMENT = Statement(0, "", "Empty", {}, _ORIGIN, _ORIGIN)


def check(sources: Sequence[Source], options: Options = DEFAULT, history: Sequence[Source] = ()) -> Report:
    """Check some files in their order.

    ``history`` holds the files that are applied before them: they are replayed, so that the schema is known, and not
    reported.
    """
    checker = _Checker(options, [*history, *sources], len(history))
    checker.replay(checker.first)
    checker.judge(len(checker.sources))
    checker.finish()
    return checker.report()


def check_beginning(sources: Sequence[Source], first: int, until: int, options: Options = DEFAULT) -> Part:
    """Check the files from place ``first`` up to ``until``, without what only the end of the history tells."""
    checker = _Checker(options, sources, first)
    checker.replay(first)
    checker.judge(until)
    return checker.part()


def check_rest(
    sources: Sequence[Source],
    first: int,
    begin: int,
    beginning: Callable[[], Part],
    options: Options = DEFAULT,
) -> Part:
    """Check the files from place ``begin`` on, and put what came of those between ``first`` and it in front.

    That is asked for last, so that somebody else can work it out meanwhile with :func:`check_beginning`.
    """
    checker = _Checker(options, sources, first)
    checker.replay(begin)
    if begin > first:
        checker.collector.wait()
    checker.judge(len(sources))
    if begin > first:
        checker.adopt(beginning())
    checker.finish()
    return checker.part()


def replayed(sources: Sequence[Source], options: Options = DEFAULT) -> Catalog:
    """The schema after some files, as far as their SQL tells; nothing is judged."""
    checker = _Checker(options, sources, len(sources))
    checker.replay(len(sources))
    return checker.state


@functools.lru_cache(maxsize=8)
def _dispatch(rules: tuple[Rule, ...]) -> Dispatch:
    return Dispatch.of(rules)


_ROW_EVENTS = {
    "UpdateStmt": frozenset({"update"}),
    "DeleteStmt": frozenset({"delete"}),
    "MergeStmt": frozenset({"update", "delete", "insert"}),
}
_MAKES_TABLES = frozenset({"CreateStmt", "CreateTableAsStmt"})


def _as_remark(found: tuple[Rule, Hazard]) -> tuple[Rule, Hazard]:
    rule, hazard = found
    if rule.bodies:
        return found
    why = f"{hazard.why} It happens when the function is called."
    return rule, replace(hazard, why=why, safe="", severity=Severity.INFO)


class _Checker:
    """One run over some files; those before place ``first`` are history."""

    def __init__(self, options: Options, sources: Sequence[Source], first: int) -> None:
        self.sources = self._sources = sources
        self.first = self._first = first
        self._options = options
        self._dispatch = _dispatch(choose(ALL, options))
        self._settings = Settings(options.beginning)
        self.state = self._state = Catalog(self._settings.get, options.major)
        self._bodies: dict[QualifiedName, Body] = {}
        self._first_of_version = {source.version: source for source in reversed(sources)}
        self.collector = self._collector = Collector(sources, first, options)
        self._at = 0
        self._adopted: Part | None = None
        self._forecasts: list[StatementForecast] = []
        self._classified: list[Classified] = []
        self._unanalysed = 0
        self._silent = False
        begin_platform(self._state, options.platform)

    def replay(self, until: int) -> None:
        """Replay the files up to a place."""
        for number in range(self._at, until):
            self._replay_file(number)
        self._at = until

    def judge(self, until: int) -> None:
        """Check the files up to a place."""
        for number in range(self._at, until):
            self._check_file(number)
        self._at = until

    def adopt(self, part: Part) -> None:
        """Put what came of the files between ``first`` and those that were judged in front."""
        self._adopted = part
        self._unanalysed += part.unanalysed
        self._collector.go_on(part.gathered)

    def report(self) -> Report:
        """What was found, as values."""
        reported = self._sources[self._first :]
        return Report(
            self._collector.findings(),
            tuple(self._forecasts),
            tuple(self._classified),
            files=len(reported),
            statements=sum(len(source.script.statements) for source in reported),
            unanalysed=self._unanalysed,
        )

    def part(self) -> Part:
        """What was found, most of it written already."""
        earlier = self._adopted
        return Part(
            self._collector.gathered(),
            (*(earlier.forecasts if earlier else ()), *map(written, self._forecasts)),
            (*(earlier.migrations if earlier else ()), *map(written, self._classified)),
            self._unanalysed,
        )

    def _begin(self, number: int) -> Session:
        self._state.begin_unit(number)
        options = self._options
        source = self._sources[number]
        return Session(source, options.runner, options.transaction, self._settings, self._state.log)

    def _replay_file(self, number: int) -> None:
        session = self._begin(number)
        for statement in self._sources[number].script.statements:
            self._state.at(statement.index, session.enter(statement).number)
            if statement.repeats:
                session.leave(statement)
                continue
            body = body_of(statement)
            for inner in self._executed(statement, body):
                replay(self._state, inner.kind, inner.tree)
                session.inside(inner)
            self._apply(statement, body)
            session.leave(statement)
        session.finish()
        correct = self._sources[number].correct
        if correct is not None:
            correct(self._state)

    def _check_file(self, number: int) -> None:
        session, source = self._begin(number), self._sources[number]
        classifier, repeats = Classifier(source), Repeats(source)
        for statement in source.script.statements:
            self._state.at(statement.index, session.enter(statement).number)
            if repeats.covers(statement):
                self._check_repeat(number, statement, session, repeats)
                continue
            body = body_of(statement)
            locks = self._check_statement(number, statement, session, body, classifier)
            self._apply(statement, body)
            session.leave(statement, locks)
            repeats.learn(statement, self._forecasts[-1], locks, self._state, self._silent)
        context = self._context(number, session)
        context.derived = classifier.result()
        self._collector.take(number, context, self._dispatch.announce(FILE_END, context))
        self._classified.append(context.derived)
        session.finish()

    def _check_statement(
        self, number: int, statement: Statement, session: Session, body: Body | None, classifier: Classifier
    ) -> tuple[RelationLock, ...]:
        """Judge a statement; gives the locks that it takes on what others use."""
        context = self._context(number, session, statement)
        context.body = body
        expected = [self._judge(number, context, classifier)]
        for step, inner in enumerate(self._executed(statement, body), start=1):
            inside = self._context(number, session, inner)
            inside.nested = True
            expected.append(self._judge(number, inside, classifier))
            replay(self._state, inner.kind, inner.tree)
            if not (body and body.commits):
                session.inside(inner, inside.shared_locks, step)
        if statement.kind == "CreateFunctionStmt" and body is not None:
            self._check_function(number, session, body)
        self._unanalysed += bool(statement.failure) or _is_open(self._sources[number], statement, body)
        found = self._forecast(number, statement, session, expected)
        self._forecasts.append(found)
        if len(expected) > 1:
            context = self._context(number, session, statement)
        return tuple(lock for lock in found.relations if not context.is_unshared_text(lock.relation))

    def _check_repeat(self, number: int, statement: Statement, session: Session, repeats: Repeats) -> None:
        """Judge a statement that differs from a judged one in its constants alone: it locks and does the same."""
        context = self._context(number, session, statement)
        context.locks = repeats.forecast.relations
        self._collector.take(number, context, self._dispatch.run_again(context))
        self._forecasts.append(repeats.forecast_of(statement, session.transaction))
        session.leave(statement, repeats.locks)

    def _forecast(
        self, number: int, statement: Statement, session: Session, expected: list[Forecast]
    ) -> StatementForecast:
        locks = merged(*(found.relations for found in expected))
        attached = merged(*(found.attached for found in expected))
        transaction, source = session.transaction, self._sources[number]
        in_chunks = any(found.statement == statement.index for found in source.directives.of(Backfill))
        return StatementForecast(
            source.file,
            statement.index,
            statement.start.line,
            statement.kind,
            locks,
            expected[0].transactional,
            (strongest([*locks, *attached]) or LockMode.ACCESS_SHARE).blocks,
            expected[0].patient,
            attached,
            transaction.number if transaction.is_block and not in_chunks else None,
            in_chunks,
            tuple(lock.relation for lock in locks if self._is_new(lock.relation)),
            tuple(self._row_triggers(statement.kind, locks)),
        )

    def _row_triggers(self, kind: str, locks: tuple[RelationLock, ...]) -> Iterator[str]:
        events = _ROW_EVENTS.get(kind)
        for lock in locks if events else ():
            if lock.mode is LockMode.ROW_EXCLUSIVE:
                relation = self._state.relation(*lock.relation.split(".", 1))
                for trigger in relation.triggers if relation else ():
                    if (
                        trigger.for_each_row
                        and trigger.enabled
                        and not trigger.events.isdisjoint(events or ())
                    ):
                        yield lock.relation

    def _is_new(self, name: str) -> bool:
        schema, _, relation = name.partition(".")
        known = self._state.relation(schema, relation)
        return known is not None and known.is_new

    def _judge(self, number: int, context: Context, classifier: Classifier) -> Forecast:
        expected = forecast(context.statement, self._state, self._options.major)
        if context.body is None or not context.body.statements:
            # Those of a block are told with what stands in it.
            context.locks = expected.relations
        found = self._dispatch.run(context)
        self._silent = not found
        self._collector.take(number, context, found)
        classifier.take(context)
        return expected

    def _check_function(self, number: int, session: Session, body: Body) -> None:
        before = self._state.log.mark()
        for inner in body.statements:
            inside = self._context(number, session, inner)
            inside.in_function = True
            self._collector.take(number, inside, map(_as_remark, self._dispatch.run(inside)))
            if inner.kind in _MAKES_TABLES:
                replay(self._state, inner.kind, inner.tree)
        self._state.log.undo_to(before)

    def _executed(self, statement: Statement, body: Body | None) -> Iterator[Statement]:
        """The statements that run inside a statement: those of a DO block, or of a function that it calls."""
        if statement.kind == "DoStmt":
            yield from body.statements if body else ()
        elif self._bodies and statement.kind in ("SelectStmt", "CallStmt"):
            for kind, node in walk(statement.tree):
                if kind == "FuncCall":
                    yield from self._called(statement, *names.dotted(node["funcname"]))

    def _called(self, statement: Statement, schema: str, name: str) -> Iterator[Statement]:
        for function in self._state.functions(schema, name)[:1]:
            body = self._bodies.get(function.name)
            for inner in body.statements if body else ():
                yield replace(inner, index=statement.index, start=statement.start, end=statement.end)

    def _apply(self, statement: Statement, body: Body | None) -> None:
        replay(self._state, statement.kind, statement.tree)
        if statement.kind == "CreateFunctionStmt" and body is not None:
            name = self._state.new_name(*names.dotted(statement.tree["funcname"]))
            self._bodies[name] = body

    def _context(self, number: int, session: Session, statement: Statement | None = None) -> Context:
        source = self._sources[number]
        last = source.script.statements[-1] if source.script.statements else _NO_STATEMENT
        silenced = self._collector.suppressions[number]
        context = Context(self._state, session, source, self._options, statement or last, silenced)
        context.files, context.first = self._sources, self._first
        context.first_of_version = self._first_of_version
        return context

    def finish(self) -> None:
        """The end state is judged after the last file; only what the reported files made is told."""
        if self._first == len(self._sources):
            return
        last = len(self._sources) - 1
        self._state.begin_unit(len(self._sources))
        session = Session(self._sources[last], self._options.runner, settings=self._settings)
        context = self._context(last, session)
        self._collector.take(last, context, self._dispatch.announce(HISTORY_END, context))
        for number in range(self._first, len(self._sources)):
            context = self._context(number, session)
            context.known_rules, context.active_rules = _KNOWN, self._active(self._sources[number].file)
            self._collector.take(number, context, self._dispatch.announce(LAST, context))

    def _active(self, file: str) -> frozenset[str]:
        """The names of the rules that are on for a file, and of their groups."""
        if not self._options.overrides:
            return self._dispatch.names
        rules = [rule for rule in self._dispatch.rules if is_on(rule, self._options, file)]
        return frozenset(name for rule in rules for name in (rule.id, rule.group.value))


def _is_open(source: Source, statement: Statement, body: Body | None) -> bool:
    """Whether nobody knows what a body does: not the check, and no author who answers for what it puts together."""
    if body is None or body.failure or not body.opaque:
        return bool(body and body.failure)
    answered = (one for one in source.directives.of(Ignore) if one.statement == statement.index)
    return not any(opaque_dynamic_sql.RULE.id in one.rules for one in answered)

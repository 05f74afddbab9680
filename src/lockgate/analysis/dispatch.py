"""Which rules hear of which node: one table, made once, so that a statement is walked once for all rules."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from lockgate.analysis.rules.base import ANY_STATEMENT, Context, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.values import replace, value

Table = dict[str, tuple[Rule, ...]]

_OBJECT_KEYS = {
    "DropStmt": "removeType",
    "RenameStmt": "renameType",
    "AlterObjectSchemaStmt": "objectType",
    "CommentStmt": "objtype",
}


@value(frozen=True, slots=True)
class Dispatch:
    """The rules that are switched on, by what they listen to."""

    rules: tuple[Rule, ...]
    names: frozenset[str]
    statements: Table
    inside: Table
    body_statements: Table
    body_inside: Table
    values: tuple[Rule, ...]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Dispatch:
        """The table of some rules."""
        chosen = tuple(rules)
        bodies = tuple(rule for rule in chosen if rule.bodies or rule.called)
        return cls(
            chosen,
            frozenset(name for rule in chosen for name in (rule.id, rule.group.value)),
            _table((event, rule) for rule in chosen for event in rule.on),
            _table((event, rule) for rule in chosen for event in rule.inside),
            _table((event, rule) for rule in bodies for event in rule.on),
            _table((event, rule) for rule in bodies for event in rule.inside),
            tuple(rule for rule in chosen if rule.values),
        )

    def run(self, context: Context) -> list[tuple[Rule, Hazard]]:
        """Everything that the rules find in the statement of a context."""
        statement = context.statement
        table = self.body_statements if context.in_function else self.statements
        inside = self.body_inside if context.in_function else self.inside
        found: list[tuple[Rule, Hazard]] = []
        for event, node in _events(statement.kind, statement.tree):
            for rule in table.get(event, ()):
                for hazard in rule.check(node, context):
                    found.append((rule, _at_clause(hazard, node, statement.tree)))  # noqa: PERF401 (hardly ever is there one)
        if inside:
            for kind, node in wanted_nodes(statement.tree, inside):
                for rule in inside[kind]:
                    for hazard in rule.check(node, context):
                        found.append((rule, hazard))  # noqa: PERF401 (hardly ever is there one)
        return found

    def run_again(self, context: Context) -> Iterator[tuple[Rule, Hazard]]:
        """What the rules find in a statement that differs in its constants from one in which they find nothing."""
        for rule in self.values:
            for hazard in rule.check({}, context):
                yield rule, hazard

    def announce(self, event: str, context: Context) -> Iterator[tuple[Rule, Hazard]]:
        """Everything that the rules find at the end of a file or of the history."""
        for rule in self.statements.get(event, ()):
            for hazard in rule.check({}, context):
                yield rule, hazard


def _at_clause(hazard: Hazard, node: Node, tree: Node) -> Hazard:
    """The hazard with the place of the command of ALTER TABLE that it was found in, if there are several."""
    commands = tree.get("cmds", ())
    if len(commands) < 2 or node is tree:
        return hazard
    place = next(n for n, item in enumerate(commands) if item["AlterTableCmd"] is node)
    return replace(hazard, clause=place)


def wanted_nodes(tree: Node, kinds: Container[str]) -> list[tuple[str, Node]]:
    """The nodes of some kinds below a tree, in no particular order; one loop without generators, for speed."""
    found: list[tuple[str, Node]] = []
    stack: list[Any] = [tree]
    while stack:
        item = stack.pop()
        if item.__class__ is dict:
            for key, value in item.items():
                if value.__class__ is dict:
                    if key in kinds:
                        found.append((key, value))
                    stack.append(value)
                elif value.__class__ is list:
                    stack += value
        elif item.__class__ is list:
            stack += item
    return found


def _table(pairs: Iterable[tuple[str, Rule]]) -> Table:
    found: dict[str, list[Rule]] = {}
    for event, rule in pairs:
        found.setdefault(event, []).append(rule)
    return {event: tuple(rules) for event, rules in found.items()}


def _events(kind: str, tree: Node) -> list[tuple[str, Node]]:
    found = [(ANY_STATEMENT, tree), (kind, tree)]
    key = _OBJECT_KEYS.get(kind)
    if key is not None:
        found.append((f"{kind}/{tree.get(key)}", tree))
    elif kind == "AlterTableStmt":
        prefix = "" if tree.get("objtype") == "OBJECT_TABLE" else f"{tree.get('objtype')}/"
        for item in tree.get("cmds", ()):
            command = item["AlterTableCmd"]
            found.append((f"{prefix}{command.get('subtype', 'AT_AddColumn')}", command))
    return found

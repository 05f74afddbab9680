"""``lockgate rules``: list the rules, or explain one."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.analysis.rules.base import Rule


@click.command(name="rules")
@click.argument("name", required=False)
@common
def command(place: Workplace, name: str | None) -> ExitCode:
    """List the rules; with NAME, print the page of a rule or the rules of a group."""
    from lockgate.analysis.rules import ALL

    if name is None:
        return _list(place, ALL)
    one = next((rule for rule in ALL if rule.id == name), None)
    if one is not None:
        return _explain(place, one)
    group = [rule for rule in ALL if rule.group.value == name]
    if group:
        return _list(place, group)
    if _explain_advice(place, name):
        return ExitCode.OK
    close = difflib.get_close_matches(name, [rule.id for rule in ALL], n=1)
    raise UsageError(
        f"There is no rule and no group {name!r}." + (f" Did you mean {close[0]!r}?" if close else ""),
        next_steps=["lockgate rules   lists them"],
    )


def _list(place: Workplace, rules: tuple[Rule, ...] | list[Rule]) -> ExitCode:
    rows = [
        [rule.id, rule.group.value, rule.severity.value, "opt-in" if rule.opt_in else "", rule.title]
        for rule in sorted(rules, key=lambda rule: (rule.group.value, rule.id))
    ]
    place.console.table(("rule", "group", "severity", "", "what"), rows)
    place.console.document({"rules": [_json(rule) for rule in rules]})
    return ExitCode.OK


def _explain(place: Workplace, rule: Rule) -> ExitCode:
    head = f"{rule.id}   group {rule.group.value}, {rule.severity.value}" + (
        ", opt-in" if rule.opt_in else ""
    )
    place.console.say(place.console.style(head, "bold"))
    place.console.say()
    place.console.say(rule.doc.strip())
    place.console.document(_json(rule) | {"doc": rule.doc.strip()})
    return ExitCode.OK


def _explain_advice(place: Workplace, name: str) -> bool:
    """Print the page of an advice that asks a running database; False where there is none of that name."""
    from lockgate.advise import live

    one = next((advice for advice in live.ALL if advice.id == name), None)
    if one is None:
        return False
    head = f"{one.id}   advice on {one.advisor.value}, {one.severity.value}, of a running database"
    place.console.say(place.console.style(head, "bold"))
    place.console.say()
    place.console.say(one.doc)
    place.console.document(
        {"id": one.id, "group": one.advisor.value, "severity": one.severity.value, "doc": one.doc}
    )
    return True


def _json(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "group": rule.group.value,
        "severity": rule.severity.value,
        "opt_in": rule.opt_in,
        "since": rule.since or None,
        "until": rule.until if rule.until < 999 else None,
        "title": rule.title,
    }

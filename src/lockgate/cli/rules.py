"""``lockgate rules``: list the rules, or explain one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.advise.live import Advice
    from lockgate.analysis.rules.base import Rule
    from lockgate.analysis.rules.elsewhere import Elsewhere


@click.command(name="rules")
@click.argument("name", required=False)
@common
def command(place: Workplace, name: str | None) -> ExitCode:
    """List the rules; with NAME, print the page of a rule or the rules of a group.

    What only a running database tells, and what only the application's code tells, is listed behind them, with who
    tells it.
    """
    from lockgate.analysis.rules.elsewhere import SAME_AS

    known = _known()
    if name is None:
        return _list(place, known)
    wanted = SAME_AS.get(name, name)
    one = next((entry for entry in known if entry.id == wanted), None)
    if one is not None:
        return _explain(place, one)
    group = [entry for entry in known if entry.group == name and entry.told_by == "check"]
    if group:
        return _list(place, group)
    close = difflib.get_close_matches(name, [entry.id for entry in known], n=1)
    raise UsageError(
        f"There is no rule and no group {name!r}." + (f" Did you mean {close[0]!r}?" if close else ""),
        next_steps=["lockgate rules   lists them"],
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the list; ``told_by`` is the command that tells it, or None where no command of ours can."""

    id: str
    group: str
    severity: str | None
    title: str
    doc: str
    told_by: str | None
    opt_in: bool = False
    since: int | None = None
    until: int | None = None

    @classmethod
    def of_rule(cls, rule: Rule) -> _Entry:
        """A rule of ``check``."""
        until = rule.until if rule.until < 999 else None
        about = (rule.title, rule.doc.strip(), "check")
        weight = rule.severity.value
        return cls(rule.id, rule.group.value, weight, *about, rule.opt_in, rule.since or None, until)

    @classmethod
    def of_advice(cls, advice: Advice) -> _Entry:
        """An advice on a running database."""
        about = (advice.title, advice.doc, "advise")
        return cls(advice.id, advice.advisor.value, advice.severity.value, *about)

    @classmethod
    def of_application(cls, found: Elsewhere) -> _Entry:
        """What no SQL tells."""
        return cls(found.id, "application", None, found.title, found.doc, None)

    @property
    def remark(self) -> str:
        """What is particular about it, in a word."""
        if self.told_by == "check":
            return "opt-in" if self.opt_in else ""
        return f"lockgate {self.told_by}" if self.told_by else "not decided by SQL"

    def to_json(self) -> dict[str, Any]:
        """The entry of ``rules`` in the machine output."""
        return {
            "id": self.id,
            "group": self.group,
            "severity": self.severity,
            "opt_in": self.opt_in,
            "since": self.since,
            "until": self.until,
            "title": self.title,
            "told_by": self.told_by,
        }


def _known() -> list[_Entry]:
    """The rules by group, then what others tell; an advice that is a rule, too, is listed as the rule."""
    from lockgate.advise import live
    from lockgate.analysis.rules import ALL
    from lockgate.analysis.rules.elsewhere import ELSEWHERE

    rules = sorted(map(_Entry.of_rule, ALL), key=lambda entry: (entry.group, entry.id))
    ours = {entry.id for entry in rules}
    advice = [_Entry.of_advice(one) for one in live.ALL if one.id not in ours]
    return [*rules, *advice, *map(_Entry.of_application, ELSEWHERE)]


def _list(place: Workplace, entries: Sequence[_Entry]) -> ExitCode:
    rows = [[one.id, one.group, one.severity or "", one.remark, one.title] for one in entries]
    place.console.table(("rule", "group", "severity", "", "what"), rows)
    place.console.document({"rules": [one.to_json() for one in entries]})
    return ExitCode.OK


def _explain(place: Workplace, one: _Entry) -> ExitCode:
    words = [f"group {one.group}", one.severity, one.remark]
    head = f"{one.id}   {', '.join(word for word in words if word)}"
    place.console.say(place.console.style(head, "bold"))
    place.console.say()
    place.console.say(one.doc)
    place.console.document(one.to_json() | {"doc": one.doc})
    return ExitCode.OK

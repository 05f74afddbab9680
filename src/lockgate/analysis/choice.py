"""Which rules are on, for a run and for each of its files, and how much a finding weighs."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.analysis.options import Options
from lockgate.analysis.rules.base import Hazard, Rule
from lockgate.types import Severity


def choose(rules: Iterable[Rule], options: Options) -> tuple[Rule, ...]:
    """The rules that are on for any file, on this server version and platform."""
    more = frozenset(name for override in options.overrides for name in override.select)
    return tuple(rule for rule in rules if _is_chosen(rule, options) or _is_added(rule, options, more))


def is_on(rule: Rule, options: Options, file: str) -> bool:
    """Whether a rule that is on in the run is on for one file of it: the last override that says so decides."""
    for override in reversed(options.overrides):
        if override.covers(file):
            if _names(rule, override.select):
                return True
            if _names(rule, override.ignore):
                return False
    return _is_chosen(rule, options)


def weight(rule: Rule, hazard: Hazard, options: Options) -> Severity:
    """What a finding weighs: the configured severity of the rule or its group goes before the rule's own."""
    for name in (rule.id, rule.group.value):
        configured = options.severities.get(name)
        if configured is not None:
            return configured
    return hazard.severity or rule.severity


def _is_chosen(rule: Rule, options: Options) -> bool:
    names = {rule.id, rule.group.value}
    if not _fits(rule, options):
        return False
    if rule.platform and rule.platform != options.platform and not {"all", *names} & options.select:
        return False
    if names & options.ignore and rule.id not in options.select:
        return False
    if options.select:
        return "all" in options.select or bool(names & options.select)
    return not rule.opt_in


def _is_added(rule: Rule, options: Options, more: frozenset[str]) -> bool:
    return _fits(rule, options) and _names(rule, more)


def _fits(rule: Rule, options: Options) -> bool:
    """Whether the rule is about this server version, and nobody has said that its findings weigh nothing."""
    for name in (rule.id, rule.group.value):
        if name in options.severities:
            return rule.since <= options.major <= rule.until and options.severities[name] is not None
    return rule.since <= options.major <= rule.until


def _names(rule: Rule, words: frozenset[str]) -> bool:
    return bool(words) and not words.isdisjoint(("all", rule.id, rule.group.value))

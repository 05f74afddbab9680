"""How to check, from the command line and ``lockgate.toml``: every word is held against what exists."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lockgate.analysis.options import Options, Override
from lockgate.analysis.rules import ALL
from lockgate.analysis.runners import LOCKGATE, RUNNERS, Runner
from lockgate.config import Config
from lockgate.config.load import line_of
from lockgate.errors import ConfigError, UsageError
from lockgate.types import Severity
from lockgate.workflow.wish import Wish

_RULES = {rule.id: rule for rule in ALL}
_WORDS = frozenset(_RULES) | {rule.group.value for rule in ALL}


def options_of(config: Config, wish: Wish) -> Options:
    """The options of a run; raises UsageError for a word of the command line, ConfigError for one of the settings."""
    _require_known(wish)
    faults = list(_faults(config))
    if faults:
        raise ConfigError("\n".join(faults), next_steps=["lockgate rules   lists the rules and their groups"])
    settings = config.check
    severities = {
        name: None if weight == "off" else Severity(weight) for name, weight in settings.severity.items()
    }
    options = Options(
        major=wish.postgres or config.postgres,
        transaction=wish.transaction or settings.transaction,
        runner=_runner(wish.runner),
        platform=config.platform,
        select=wish.select or frozenset(settings.select),
        ignore=wish.ignore | frozenset(settings.ignore),
        severities=severities,
        rule_settings=settings.rules,
        overrides=tuple(_overrides(config, wish)),
    )
    served = config.supabase.api_schemas if config.supabase else ()
    return replace(options, exposed_schemas=frozenset(served)) if served else options


def _overrides(config: Config, wish: Wish) -> Iterator[Override]:
    """What the command line says goes before what the settings say of some files."""
    for override in config.check.overrides:
        select = frozenset() if wish.select else frozenset(override.select) - wish.ignore
        yield Override(override.paths, select, frozenset(override.ignore) - wish.select)


def _runner(name: str | None) -> Runner:
    for runner in RUNNERS:
        if runner.name == (name or LOCKGATE.name):
            return runner
    raise UsageError(f"There is no runner {name!r}.", why="known: " + ", ".join(r.name for r in RUNNERS))


def _require_known(wish: Wish) -> None:
    for word in sorted(wish.select - _WORDS - {"all"} | wish.ignore - _WORDS):
        if word in _told_elsewhere():
            raise UsageError(
                f"{word} is no rule of check.", next_steps=[f"lockgate rules {word}   says who tells it"]
            )
        raise UsageError(
            f"There is no rule and no group {word!r}.", next_steps=["lockgate rules   lists them"]
        )


def _told_elsewhere() -> frozenset[str]:
    from lockgate.advise import live
    from lockgate.analysis.rules.elsewhere import ELSEWHERE, SAME_AS

    return frozenset(SAME_AS) | {one.id for one in (*live.ALL, *ELSEWHERE)}


def _faults(config: Config) -> Iterator[str]:
    """What the settings say about rules that do not exist, or in a way that a rule does not understand."""
    settings = config.check
    lists: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        (("select",), settings.select),
        (("ignore",), settings.ignore),
    ]
    for number, override in enumerate(settings.overrides, 1):
        place = ("overrides", str(number))
        if not override.paths:
            yield _fault(config, place, "paths must name at least one file, folder or pattern")
        lists += [((*place, "select"), override.select), ((*place, "ignore"), override.ignore)]
    for key, words in lists:
        for word in words:
            if word not in _WORDS | {"all"}:
                yield _fault(config, key, _unknown(word, _WORDS))
    for word in settings.severity:
        if word not in _WORDS:
            yield _fault(config, ("severity", word), _unknown(word, _WORDS))
    for rule, values in settings.rules.items():
        yield from _rule_faults(config, rule, values)


def _rule_faults(config: Config, rule: str, values: object) -> Iterator[str]:
    if rule not in _RULES:
        yield _fault(config, ("rules", rule), _unknown(rule, _RULES))
        return
    known = _RULES[rule].settings
    for key, value in dict(values).items():  # type: ignore[call-overload]
        if key not in known:
            told = f"known here: {', '.join(known)}" if known else "this rule has no settings"
            yield _fault(config, ("rules", rule, key), f"unknown key; {told}")
        elif type(value) is not known[key]:
            yield _fault(config, ("rules", rule, key), f"expected {_SPOKEN[known[key]]}")


_SPOKEN = {int: "a number", str: "a text in quotes", bool: "true or false", list: "a list", dict: "a table"}


def _unknown(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"there is no rule and no group {word!r}{hint}"


def _fault(config: Config, key: tuple[str, ...], message: str) -> str:
    full = ("check", *key)
    file = config.file
    line = line_of(file.read_text("utf-8-sig"), full) if file else None
    name = file.name if file else "lockgate.toml"
    return f"{name}{f':{line}' if line else ''}: {'.'.join(full)}: {message}"

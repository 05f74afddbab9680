"""``[check]``: which hazards are reported, how much each weighs, and which of them fail the command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

from lockgate.values import value

Weight = Literal["error", "warning", "info", "off"]


@value(frozen=True, slots=True)
class Override:
    """What is different for some files; a later override goes before an earlier one."""

    paths: Annotated[
        tuple[str, ...],
        "the files, seen from the project's folder: a file, a folder, or a pattern in which `*` and `?` stand for "
        "any characters, `/` too",
    ] = ()
    select: Annotated[tuple[str, ...], "rules or groups that are on for these files as well"] = ()
    ignore: Annotated[tuple[str, ...], "rules or groups that are off for these files"] = ()


@value(frozen=True, slots=True)
class Check:
    """The settings of `lockgate check`; those that stand once in a run have an option of the same name."""

    select: Annotated[
        tuple[str, ...], "only these rules or groups; `all` for every rule, those that are off by default too"
    ] = ()
    ignore: Annotated[tuple[str, ...], "rules or groups to switch off"] = ()
    fail_on: Annotated[Literal["error", "warning", "never"], "the weight from which exit code 3 is given"] = (
        "error"
    )
    transaction: Annotated[
        Literal["auto", "always", "never"], "how the tool that runs the files wraps each one in a transaction"
    ] = "auto"
    history: Annotated[tuple[Path, ...], "folders of earlier migrations that are read but not reported"] = ()
    baseline: Annotated[Path | None, "a file of known findings that are not reported again"] = None
    severity: Annotated[
        Mapping[str, Weight],
        "how much the findings of a rule or of a group weigh: `error`, `warning`, `info`, or `off`; a rule goes "
        "before its group",
    ] = field(default_factory=dict)
    rules: Annotated[
        Mapping[str, Mapping[str, Any]],
        "settings of single rules, as `[check.rules.NAME]`; the page of a rule names its own",
    ] = field(default_factory=dict)
    overrides: Annotated[
        tuple[Override, ...], "what is different for some files, as `[[check.overrides]]`"
    ] = ()

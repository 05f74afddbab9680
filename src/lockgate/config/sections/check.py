"""``[check]``: which hazards are reported, and which of them fail the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal


@dataclass(frozen=True, slots=True)
class Check:
    """The settings of ``lockgate check``; each has an option of the same name."""

    select: Annotated[
        tuple[str, ...], "rules or groups to switch on besides the default ones; `all` for all"
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

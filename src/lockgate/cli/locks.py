"""``lockgate locks``: who waits for whom, once or live; and, asked for by name, the end of one session."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

import click

from lockgate.cli.frame import Workplace, common, to_option
from lockgate.console import duration
from lockgate.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from lockgate.engine.lock_tree import Waiter
    from lockgate.workflow.opened import Reading


@click.command(name="locks")
@to_option
@click.option("--watch", is_flag=True, help="Look again every second, until Ctrl-C.")
@click.option(
    "--end", type=int, metavar="PID", help="Cancel what this session does, or end it when it is idle."
)
@click.option("--yes", is_flag=True, help="Do not ask before --end.")
@common
def command(place: Workplace, target: str | None, watch: bool, end: int | None, yes: bool) -> ExitCode:
    """Show who waits for whom."""
    from lockgate.workflow.target import reading

    found = place.target(target)
    with reading(place.config, found) as opened:
        if end is not None:
            return _end(place, opened, end, yes)
        _show(place, opened, watch)
        with contextlib.suppress(KeyboardInterrupt):
            while watch:
                time.sleep(1.0)
                _show(place, opened, watch)
        return ExitCode.OK


def _show(place: Workplace, opened: Reading, watch: bool) -> None:
    from lockgate.engine import lock_tree

    waiters = lock_tree.read(opened.connection)
    console = place.console
    if console.as_json:
        console.document({"command": "locks", "sessions": [_json(waiter) for waiter in waiters]})
        return
    if watch and console.is_terminal:
        console.secret_output("\x1b[H\x1b[2J" + time.strftime("%H:%M:%S"))
    if not waiters:
        console.say("Nobody waits for a lock.")
    for depth, waiter in lock_tree.walk(waiters):
        console.say(_line(depth, waiter))


def _line(depth: int, waiter: Waiter) -> str:
    lead = "   " * depth + ("└─ " if depth else "")
    who = f"pid {waiter.pid}  {waiter.user}@{waiter.application}"
    if waiter.wants:
        mode = waiter.wants.removesuffix("Lock")
        what = f"waits {duration(waiter.waited)} for {mode} on {waiter.relation or 'a row or transaction'}"
    else:
        what = f"{waiter.state} {duration(waiter.seconds)}"
    return f"{lead}{who}  {what}  {waiter.query}".rstrip()


def _json(waiter: Waiter) -> dict[str, object]:
    return {
        "pid": waiter.pid,
        "blocked_by": waiter.blocked_by,
        "user": waiter.user,
        "application": waiter.application,
        "state": waiter.state,
        "transaction_seconds": waiter.seconds,
        "waited_seconds": waiter.waited,
        "wants": waiter.wants,
        "relation": waiter.relation,
        "query": waiter.query,
    }


def _end(place: Workplace, opened: Reading, pid: int, yes: bool) -> ExitCode:
    from lockgate.engine import lock_tree

    place.console.confirm(f"End what pid {pid} does?", assume_yes=yes)
    if not lock_tree.end(opened.connection, pid):
        raise UsageError(f"There is no client session with pid {pid}, or this role may not end it.")
    place.console.say(f"pid {pid} was told to end.")
    place.console.document({"command": "locks --end", "pid": pid, "ended": True})
    return ExitCode.OK

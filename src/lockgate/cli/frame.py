"""What every command shares: lazy loading, the common options, and how an error ends a command."""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import importlib.util
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lockgate.cli import COMMANDS, overview
from lockgate.console import Console
from lockgate.errors import ExitCode, LockgateError, UsageError

if TYPE_CHECKING:
    from lockgate.config import Config, Target

F = TypeVar("F", bound=Callable[..., Any])


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; the help needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the guide's steps."""
        return [entry.name for entry in COMMANDS if entry.is_there]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or None when there is none of that name."""
        for entry in COMMANDS:
            if entry.name == cmd_name and entry.is_there:
                command: click.Command = importlib.import_module(f"lockgate.cli.{entry.module}").command
                return command
        return None

    def get_help(self, ctx: click.Context) -> str:
        """The overview, which is made without importing any command."""
        return overview().rstrip()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Like click's; remembers whether the command, whichever it is, is to answer in JSON."""
        ctx.meta["lockgate.json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Like click's; where JSON is asked for, words that do not fit are told as every other error is."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if not ctx.meta["lockgate.json"]:
                raise
            where = error.ctx.command_path if error.ctx else "lockgate"
            steps = [f"{where} --help   lists the options"]
            Console(as_json=True).error(UsageError(error.format_message(), next_steps=steps))
            ctx.exit(int(ExitCode.USAGE))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, with a suggestion for a mistyped name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if close and "Did you mean" not in error.message:
                raise click.UsageError(f"{error.message} Did you mean {close[0]!r}?", ctx) from error
            raise


class Workplace:
    """Where a command works: the project's folder, its settings (read when first asked for), the console."""

    def __init__(self, console: Console, start: Path | None) -> None:
        self.console = console
        self.start = start or Path.cwd()

    @functools.cached_property
    def config(self) -> Config:
        """The settings of the project; raises ConfigError."""
        from lockgate import config

        return config.load(self.start)

    def target(self, name: str | None) -> Target:
        """The target that ``--to`` names (default ``local``); raises ConfigError."""
        from lockgate import config

        return config.resolve_target(self.config, name or "local")


def common(command: F) -> F:
    """Give a command ``--json --project --quiet --verbose`` and a first parameter ``place: Workplace``."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document; progress as JSON lines.")
    @click.option(
        "--project",
        type=click.Path(file_okay=False, path_type=Path),
        help="The project's folder.",
        metavar="DIR",
    )
    @click.option("--quiet", "-q", is_flag=True, help="Print results and errors only.")
    @click.option("--verbose", "-v", is_flag=True, help="Print more of what happens.")
    @functools.wraps(command)
    def wrapped(*, as_json: bool, project: Path | None, quiet: bool, verbose: bool, **options: Any) -> None:
        console = Console(as_json=as_json, quiet=quiet, verbose=verbose)
        place = Workplace(console, project)
        finish(console, lambda: command(place, **options))

    return wrapped  # type: ignore[return-value]


def to_option(command: F) -> F:
    """Give a command ``--to NAME|URL``."""
    return click.option(
        "--to",
        "target",
        metavar="NAME|URL",
        help="The target: an environment of lockgate.toml or a connection string (default: local).",
    )(command)


def optional_command(group: click.Group, module: str, name: str) -> None:
    """Mount a command of another module under a group, where this installation has it."""
    if importlib.util.find_spec(f"lockgate.cli.{module}"):
        group.add_command(importlib.import_module(f"lockgate.cli.{module}").command, name)


def finish(console: Console, action: Callable[[], ExitCode | int | None]) -> None:
    """Run a command's body and end the process with its exit code; no error ends in a traceback."""
    try:
        code = action() or ExitCode.OK
    except LockgateError as error:
        console.error(error)
        code = error.exit_code
    except KeyboardInterrupt:
        console.error(LockgateError("Interrupted.", state="nothing more was done"))
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.ERROR
    except (OSError, RecursionError, MemoryError) as error:
        console.error(_unexpected(error))
        code = ExitCode.ERROR
    except click.ClickException:
        raise
    except Exception as error:
        if "LOCKGATE_DEBUG" in os.environ:
            raise
        console.error(_unexpected(error))
        code = ExitCode.ERROR
    sys.exit(int(code))


def _unexpected(error: BaseException) -> LockgateError:
    if isinstance(error, OSError):
        return LockgateError(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
    return LockgateError(
        f"Lockgate itself failed: {type(error).__name__}: {error}",
        state="see lockgate status for what is applied; nothing is left open",
        next_steps=["run the command again with LOCKGATE_DEBUG=1 and report what it prints"],
    )


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lockgate", prog_name="lockgate")
def root() -> None:
    """Change a live PostgreSQL or Supabase database without downtime."""


def main() -> None:
    """The entry point of the ``lockgate`` command."""
    # Parse trees are many small containers without cycles; the default threshold would walk them again and again.
    gc.set_threshold(200_000, 20, 50)
    # What the driver logs about connections that break comes to the user as an error of ours.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    signal.signal(signal.SIGTERM, _terminate)
    try:
        root(prog_name="lockgate")
    except SystemExit as end:
        _leave(end.code)
        raise


def _leave(code: object) -> None:
    """End the process here and now: to free every parse tree one by one takes longer than to write a report."""
    if not isinstance(code, int) or threading.active_count() > 1:
        return
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # as where the caller has closed it (>&-)
                stream.flush()
    except (OSError, ValueError):
        return  # the interpreter has its own way to tell of it
    os._exit(code)


def _terminate(signum: int, frame: object) -> None:
    raise KeyboardInterrupt

"""``lockgate local``: a real PostgreSQL for this project, without Docker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from lockgate.cli.frame import Workplace, common
from lockgate.errors import ExitCode, LocalServerError

if TYPE_CHECKING:
    from lockgate.console import Console, Progress
    from lockgate.engine.executors import Executors
    from lockgate.engine.reporting import Reporter
    from lockgate.local.server import LocalServer, Place
    from lockgate.local.status import Status


@click.group(name="local")
def command() -> None:
    """A real PostgreSQL for this project, with the roles and schemas of its platform, without Docker.

    Its data lie in .lockgate/ of the project, which git ignores. It listens on 127.0.0.1 only, on a port of its own.
    """


@command.command(name="start")
@click.option("--fresh", is_flag=True, help="Throw the local data away first.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on when it is free.")
@click.option("--yes", is_flag=True, help="Do not ask before throwing data away.")
@common
def start(place: Workplace, fresh: bool, port: int | None, yes: bool) -> ExitCode:
    """Start the local server, or find it running."""
    from dataclasses import replace

    from lockgate.console import duration
    from lockgate.local import server

    where = replace(_place(place), port=port)
    if fresh and where.folder.data.exists():
        place.console.confirm("Throw the local data away?", assume_yes=yes)
    begun = server.start(where, fresh=fresh)
    word = "found running" if begun.found else "started"
    running = begun.server
    place.console.say(
        f"{_describe(running)}  {word} in {duration(begun.seconds)}  port {running.process.port}"
    )
    if begun.created:
        place.console.say("  next    lockgate local reset        applies the migrations and the seed")
    elif server.is_outdated(where):
        place.console.warn("the local data were made by another Lockgate; lockgate local reset renews them")
    place.console.document(
        {"command": "local start", "found": begun.found, "created": begun.created, **_facts(running)}
    )
    return ExitCode.OK


@command.command(name="stop")
@click.option("--delete", is_flag=True, help="Delete the local data too.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting data.")
@common
def stop(place: Workplace, delete: bool, yes: bool) -> ExitCode:
    """Stop the local server; its data stay unless told otherwise."""
    from lockgate.local import server

    where = _place(place)
    if delete and where.folder.data.exists():
        place.console.confirm("Delete the local data?", assume_yes=yes)
    stopped = server.stop(where, delete=delete)
    place.console.say("stopped" if stopped else "the local server was not running")
    place.console.document({"command": "local stop", "stopped": stopped, "deleted": delete})
    return ExitCode.OK


@command.command(name="reset")
@click.option("--until", metavar="VERSION", help="Stop after this version.")
@click.option("--no-seed", is_flag=True, help="Leave the seed files out.")
@click.option("--keep-going", is_flag=True, help="Leave files out that fail, name them, and go on.")
@common
def reset(place: Workplace, until: str | None, no_seed: bool, keep_going: bool) -> ExitCode:
    """Make the local database anew: all migrations, then the seed; only what changed is run again.

    When a file fails, the database from before the reset comes back. With --keep-going it is left out and the rest
    goes on; the exit code is 1 when something was left out.
    """
    from lockgate.console import duration
    from lockgate.migration.files import discover
    from lockgate.workflow import local_reset

    console, project = place.console, discover(place.config)
    with console.progress("applying", total=len(project.migrations), unit="migrations") as progress:

        def tools() -> tuple[Reporter, Executors]:
            from lockgate.cli.composing import executors

            return _teller(console, progress), executors(place.config)

        done = local_reset.reset(
            place.config, project, until=until, seed=not no_seed, keep_going=keep_going, tools=tools
        )
    count, reused = len(done.layers), done.reset.reused
    console.say(
        f"{_describe(done.server)}  {count} file(s): {reused} unchanged, {done.reset.applied} run"
        f"  in {duration(done.reset.seconds)}"
    )
    for one in done.failed:
        console.warn(f"left out: {one.label}: {one.message}")
    console.document(
        {
            "command": "local reset",
            "failed": [{"file": one.label, "message": one.message} for one in done.failed],
            "files": [layer.label for layer in done.layers],
            "reused": reused,
            "applied": done.reset.applied,
            "seconds": round(done.reset.seconds, 3),
            **_facts(done.server),
        }
    )
    return ExitCode.ERROR if done.failed else ExitCode.OK


@command.command(name="status")
@common
def status(place: Workplace) -> ExitCode:
    """Show whether the local server runs, where, and what of its platform is substituted."""
    from lockgate.local import status as local_status

    where = _place(place)
    found = local_status.read(where)
    for label, text in _status_rows(found):
        place.console.say(f"{label:<11} {text}")
    unavailable = local_status.missing_binaries(where)
    if unavailable is not None:
        place.console.error(unavailable)
    place.console.document(_status_document(found))
    return ExitCode.OK


@command.command(name="url")
@click.option("--role", metavar="NAME", help="Log in as another role (default: the owner, postgres).")
@click.option("--no-password", is_flag=True, help="Leave the password out.")
@common
def url(place: Workplace, role: str | None, no_password: bool) -> ExitCode:
    """Print the connection string of the local database; starts the server when it is not running."""
    from lockgate.local import server

    text = server.start(_place(place)).server.url_for(role=role, with_password=not no_password)
    if place.console.as_json:
        place.console.document({"command": "local url", "url": text})
    else:
        place.console.secret_output(text)
    return ExitCode.OK


@command.command(name="psql", context_settings={"ignore_unknown_options": True})
@click.option("--role", metavar="NAME", help="Log in as another role (default: the owner, postgres).")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@common
def psql(place: Workplace, role: str | None, arguments: tuple[str, ...]) -> ExitCode:
    """Open psql on the local database; ARGUMENTS are psql's own."""
    from lockgate.local import server

    running = server.start(_place(place)).server
    program = _psql_program(running)
    environment = {**os.environ, "PGPASSWORD": running.password}
    address = running.url_for(role=role, with_password=False)
    os.execve(program, [program, "--dbname", address, *arguments], environment)  # noqa: S606


def _teller(console: Console, progress: Progress) -> Reporter:
    """A line for each migration for those who asked for more; otherwise one line that moves."""
    from lockgate.cli.telling import Teller
    from lockgate.planning.plan import Plan

    class Counter(Teller):
        """Tells the same as ever, but counts migrations instead of listing them."""

        def plan_done(self, plan: Plan, direction: str, seconds: float) -> None:
            progress.advance(detail=plan.label)

    return Teller(console) if console.verbose else Counter(console)


def _place(place: Workplace) -> Place:
    from lockgate.local.server import Place

    return Place.of(place.config)


def _psql_program(running: LocalServer) -> str:
    import shutil

    try:
        return str(running.cluster.installation.program("psql"))
    except LocalServerError:
        found = shutil.which("psql")
        if found is None:
            raise
        return found


def _describe(running: LocalServer) -> str:
    platform = "Supabase-like" if running.flavour.name == "supabase" else "plain"
    return f"PostgreSQL {running.cluster.installation.version}, {platform}"


def _facts(running: LocalServer) -> dict[str, Any]:
    return {
        "version": running.cluster.installation.version,
        "platform": running.flavour.name,
        "url": running.url_for(with_password=False),
        "port": running.process.port,
        "pid": running.process.pid,
        "socket_dir": str(running.process.socket_dir),
        "data_dir": str(running.cluster.data_dir),
    }


def _status_rows(found: Status) -> list[tuple[str, str]]:
    from lockgate.console import byte_size, duration

    if found.server is None:
        made = f"; data of PostgreSQL {found.state.version} in {found.folder}" if found.state else ""
        return [("server", f"not running{made}"), ("next", "lockgate local start")]
    rows = [
        ("server", f"{_describe(found.server)}, from {found.server.cluster.installation.origin}"),
        ("running", f"process {found.server.process.pid}, for {duration(found.uptime_seconds or 0.0)}"),
        ("url", found.url or ""),
        ("data", f"{found.server.cluster.data_dir}, database {byte_size(found.bytes or 0)}"),
        ("templates", f"{found.templates} kept for quick resets"),
    ]
    rows += [("substitute", f"{item.name}: {item.meaning}") for item in found.substitutes]
    if found.on_call:
        rows.append(("on call", ", ".join(item.name for item in found.on_call)))
    if found.outdated:
        rows.append(("outdated", "made by another Lockgate; lockgate local reset renews the data"))
    return rows


def _status_document(found: Status) -> dict[str, Any]:
    return {
        "command": "local status",
        "running": found.server is not None,
        "folder": str(found.folder),
        "outdated": found.outdated,
        "uptime_seconds": found.uptime_seconds,
        "database_bytes": found.bytes,
        "templates": found.templates,
        "substitutes": [
            {"name": item.name, "meaning": item.meaning, "used": item in found.substitutes}
            for item in (*found.substitutes, *found.on_call)
        ],
        **(_facts(found.server) if found.server else {}),
    }

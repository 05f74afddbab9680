"""What there is to say about the local server of a project, without starting it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import LocalServerError
from lockgate.local import binaries, server, tailoring, templates
from lockgate.local.folder import State
from lockgate.local.server import LocalServer, Place
from lockgate.local.substitutes import Substitute
from lockgate.sql.queries import read as read_query


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a local server. ``url`` has no password; what needs the running server is None without it.

    ``outdated`` means that this Lockgate would make the data in another way than they were made; ``bytes`` is the size
    of the project's database, ``templates`` how many states of the migrations are kept for a quick reset.
    ``substitutes`` are the extensions in the project's database that SQL stands in for, ``on_call`` those that would
    be.
    """

    folder: Path
    state: State | None
    server: LocalServer | None
    outdated: bool = False
    url: str | None = None
    uptime_seconds: float | None = None
    bytes: int | None = None
    templates: int | None = None
    substitutes: tuple[Substitute, ...] = ()
    on_call: tuple[Substitute, ...] = ()


def read(place: Place) -> Status:
    """Look at the server of a place; starts and changes nothing."""
    state = place.folder.read_state()
    running = server.find(place)
    if running is None:
        return Status(place.folder.root, state, None, server.is_outdated(place))
    with running.connect_admin() as connection:
        row = connection.execute(
            read_query("lockgate.local", "status"), (server.DATABASE, templates.PREFIX)
        ).fetchone()
    size, kept, started = row if row is not None else (None, None, None)
    known = tailoring.substitutes_for(binaries.find(running.major)) if running.flavour.tailored else ()
    used = _extensions(running)
    return Status(
        place.folder.root,
        state,
        running,
        server.is_outdated(place),
        running.url_for(with_password=False),
        max(0.0, time.time() - float(started)) if started is not None else None,
        size,
        kept,
        tuple(item for item in known if item.name in used),
        tuple(item for item in known if item.name not in used),
    )


def _extensions(running: LocalServer) -> frozenset[str]:
    with running.connect_admin(server.DATABASE) as connection:
        return frozenset(name for (name,) in connection.execute("SELECT extname FROM pg_extension"))


def missing_binaries(place: Place) -> LocalServerError | None:
    """Why no server can be started here, or None when one can."""
    try:
        binaries.find(place.major)
    except LocalServerError as error:
        return error
    return None

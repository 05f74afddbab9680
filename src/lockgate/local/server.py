"""The project's own server: started when it is needed, found again, stopped."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote as percent_encode

from lockgate.config import Config
from lockgate.errors import LocalServerError
from lockgate.local import binaries, databases, flavours, guard, pristine
from lockgate.local.cluster import HOST, START_SECONDS, Cluster, Process
from lockgate.local.flavours import MAINTENANCE, Flavour
from lockgate.local.folder import Folder, State, explained
from lockgate.local.link import Link
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.queries import read as read_query

if TYPE_CHECKING:
    from lockgate.local.flavours import Connection

DATABASE = "postgres"
"""The database of a project, as on hosted ones."""

SETTINGS = {
    # The data can be made again from the migrations at any time: speed is worth more than surviving a power cut.
    # A killed server loses nothing: what it has committed has been handed to the operating system.
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "logical",
    "max_wal_size": "1GB",
    "shared_buffers": "128MB",
    # In its own folder: a container's /dev/shm may be tiny, and a killed server would leave its segments there.
    "dynamic_shared_memory_type": "mmap",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_STATEMENT_STATISTICS = "pg_stat_statements"
_LARGEST_LOG = 8 << 20
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A running server of ours. ``str()`` and ``repr()`` leave its password out."""

    cluster: Cluster
    flavour: Flavour
    process: Process
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """The connection string of the project's database as its owner."""
        return self.url_for()

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.cluster.installation.major

    def url_for(
        self, database: str = DATABASE, role: str | None = None, *, with_password: bool = True
    ) -> str:
        """A connection string for a database and a role (the owner when None)."""
        secret = f":{percent_encode(self.password, safe='')}" if with_password else ""
        user = percent_encode(role or self.flavour.owner, safe="")
        return f"postgresql://{user}{secret}@{HOST}:{self.process.port}/{percent_encode(database, safe='')}"

    def connect_admin(self, database: str = MAINTENANCE) -> Connection:
        """A connection of the platform's superuser through the socket, in autocommit; raises LocalServerError."""
        import psycopg

        try:
            return psycopg.connect(
                host=str(self.process.socket_dir),
                port=self.process.port,
                user=self.flavour.superuser,
                dbname=database,
                application_name="lockgate local",
                autocommit=True,
                connect_timeout=10,
            )
        except psycopg.OperationalError as error:
            raise LocalServerError(
                "the local server does not let us in",
                state=f"it is running (process {self.process.pid})",
                why=str(error).strip(),
                next_steps=["lockgate local stop", "lockgate local start"],
                evidence=str(self.cluster.log_file),
            ) from error

    def link(self, database: str = MAINTENANCE) -> Link:
        """The same as a :class:`~lockgate.local.link.Link`, which takes no driver; raises LocalServerError."""
        return Link(Path(self.process.socket_dir), self.process.port, self.flavour.superuser, database)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose server it is: the project's folder for it, the platform and the major version it must have."""

    folder: Folder
    flavour: Flavour
    major: int
    port: int | None = None

    @classmethod
    def of(cls, config: Config) -> Place:
        """The server that a project's settings ask for."""
        return cls(Folder.of_project(config.root), flavours.named(config.platform), config.postgres)


@dataclass(frozen=True, slots=True)
class Start:
    """How a start ended: ``created`` a new data directory, or ``found`` the server running already."""

    server: LocalServer
    created: bool
    found: bool
    seconds: float


def ensure_running(config: Config) -> LocalServer:
    """The server of a project, started when it is not running; raises LocalServerError."""
    return start(Place.of(config)).server


def start(place: Place, *, fresh: bool = False) -> Start:
    """Start the server of a place, or find it running; ``fresh`` throws its data away first.

    Raises LocalServerError: no binaries, a folder that cannot be written, data of another version, a server that does
    not come up; LeaseHeldError when another process has been starting it for minutes.
    """
    began = time.monotonic()
    installation = place.flavour.installation(place.major)
    place.folder.prepare()
    with guard.exclusive(place.folder.lock, "starting or stopping the local server"):
        cluster = _cluster(place, installation)
        if fresh:
            _discard(place, cluster)
        found = _answering(cluster, place.flavour)
        _check_data(place, cluster)
        created = not cluster.exists
        process = found or _launch(place, cluster, created)
        server = LocalServer(cluster, place.flavour, process, place.folder.password())
        _note(place, server, created)
    return Start(server, created, found is not None, time.monotonic() - began)


def find(place: Place) -> LocalServer | None:
    """The running server of a place, or None; starts nothing."""
    state = place.folder.read_state()
    if state is None or not place.folder.data.exists():
        return None
    installation = binaries.find(state.major)
    cluster = _cluster(place, installation)
    process = cluster.running()
    if process is None or not process.ready:
        return None
    return LocalServer(cluster, flavours.named(state.flavour), process, place.folder.password())


def stop(place: Place, *, delete: bool = False) -> bool:
    """Stop the server of a place, and delete its data when asked; False when there was nothing to stop."""
    if not place.folder.root.exists():
        return False
    with guard.exclusive(place.folder.lock, "starting or stopping the local server"):
        cluster = _cluster(place, None)
        stopped = cluster.stop()
        if delete:
            _discard(place, cluster)
    return stopped


def _cluster(place: Place, installation: binaries.Installation | None) -> Cluster:
    folder = place.folder
    return Cluster.of(installation or _any_installation(place), folder.root, folder.socket)


def _any_installation(place: Place) -> binaries.Installation:
    state = place.folder.read_state()
    return binaries.find(state.major if state else None)


def _answering(cluster: Cluster, flavour: Flavour) -> Process | None:
    """The running server once it lets us in; None when there is none, or it goes away while we wait."""
    deadline = time.monotonic() + START_SECONDS
    while (process := cluster.running()) is not None:
        try:
            LocalServer(cluster, flavour, process, "").link().close()
        except LocalServerError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return process
    return None


def _check_data(place: Place, cluster: Cluster) -> None:
    """Refuse data that this server cannot or should not open."""
    if not cluster.data_dir.exists():
        return
    found = _data_major(cluster.data_dir)
    state = place.folder.read_state()
    if found is None or not cluster.exists:
        raise _unusable(
            cluster, "the local data directory is damaged", "it lacks files that every server needs"
        )
    if found != place.major:
        raise _unusable(
            cluster,
            f"the local data are of PostgreSQL {found}, but the project asks for {place.major}",
            "the major version of the project's settings has changed since they were made",
        )
    if state is not None and state.flavour != place.flavour.name:
        raise _unusable(
            cluster,
            f"the local data are of the platform {state.flavour}, but the project asks for {place.flavour.name}",
            "the platform of the project's settings has changed since they were made",
        )


def _unusable(cluster: Cluster, message: str, why: str) -> LocalServerError:
    return LocalServerError(
        message,
        state=f"nothing was changed; the data are in {cluster.data_dir}",
        why=why,
        next_steps=["lockgate local start --fresh        throws the local data away and begins anew"],
    )


def _data_major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text("ascii"))
    except (OSError, ValueError):
        return None


def _launch(place: Place, cluster: Cluster, created: bool) -> Process:
    with explained(place.folder.root):
        if created:
            pristine.provide(cluster, place.flavour)
        if cluster.log_file.exists() and cluster.log_file.stat().st_size > _LARGEST_LOG:
            cluster.log_file.unlink()
        state = place.folder.read_state()
        port = place.port or (state.port if state else None)
        return cluster.start(settings_for(cluster, place.flavour), port)


def settings_for(cluster: Cluster, flavour: Flavour) -> dict[str, str]:
    """The settings that a local server of a platform is started with."""
    settings = {**SETTINGS, **dict(flavour.settings)}
    if cluster.installation.has_library(_STATEMENT_STATISTICS):
        settings["shared_preload_libraries"] = _STATEMENT_STATISTICS
    return settings


def _note(place: Place, server: LocalServer, created: bool) -> None:
    """Bring what lies beside the data up to date: passwords, the project's database, the state."""
    state = place.folder.read_state()
    if created or state is None or state.port != server.process.port:
        with server.connect_admin() as connection:
            prepare(connection, server)
        made_as = place.flavour.fingerprint(server.cluster.installation)
        place.folder.write_state(
            State(
                flavour=place.flavour.name,
                major=place.major,
                version=server.cluster.installation.version,
                fingerprint=made_as if created or state is None else state.fingerprint,
                port=server.process.port,
            )
        )


def prepare(connection: Connection, server: LocalServer) -> None:
    """Give a server its passwords and the project's database; harmless when it has them."""
    _set_passwords(connection, server.password)
    _ensure_database(connection, server.flavour)


def is_outdated(place: Place) -> bool:
    """Whether this Lockgate would make the data of a place in another way than they were made."""
    state = place.folder.read_state()
    if state is None:
        return False
    installation = binaries.find(state.major)
    return state.fingerprint != flavours.named(state.flavour).fingerprint(installation)


def _set_passwords(connection: Connection, password: str) -> None:
    """One secret for every role that may log in: it keeps other users of this machine out, not these roles apart."""
    verifier = connection.pgconn.encrypt_password(
        password.encode("ascii"), b"postgres", b"scram-sha-256"
    ).decode("ascii")
    roles = connection.execute(read_query("lockgate.local", "login_roles")).fetchall()
    commands = [f"ALTER ROLE {quote(name)} PASSWORD {literal(verifier)}" for (name,) in roles]
    connection.execute(";".join(commands).encode("utf-8"))


def _ensure_database(connection: Connection, flavour: Flavour) -> None:
    databases.recover(connection, DATABASE)
    if not databases.exists(connection, DATABASE):
        databases.clone(connection, flavours.PRISTINE, DATABASE, flavour.owner)


def _discard(place: Place, cluster: Cluster) -> None:
    cluster.discard()
    (place.folder.root / "state.json").unlink(missing_ok=True)
    place.folder.log.unlink(missing_ok=True)

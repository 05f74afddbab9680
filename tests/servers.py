"""PostgreSQL servers that all test runs on a machine share: one per major version and flavour.

Each run holds a shared lock for as long as it needs a server; the last one to let go stops it. Locks belong to the
process, so that a run which is killed leaves nothing behind but a server that the next run uses.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from lockgate.local import binaries, databases, flavours, pristine
from lockgate.local.cluster import Cluster, Process
from lockgate.local.flavours import MAINTENANCE, PRISTINE, Flavour
from lockgate.local.server import LocalServer
from lockgate.sql.identifiers import quote

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "200",
    "max_prepared_transactions": "20",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "wal_level": "logical",
    "max_worker_processes": "16",
    "autovacuum_naptime": "5min",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
}
_RAM_DISK = Path("/dev/shm")
_ENOUGH_RAM = 4 << 30
_numbers = itertools.count(1)

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Database:
    """A database of one test. ``url`` is what the code under test gets, ``admin_url`` is always a superuser."""

    url: str
    admin_url: str
    name: str
    major: int
    host: str
    port: int
    socket_dir: Path
    installation: binaries.Installation

    def connect(self, **options: Any) -> Connection:
        """A connection as the user of ``url``, in autocommit unless told otherwise."""
        return psycopg.connect(self.url, **{"autocommit": True, **options})

    def connect_admin(self, **options: Any) -> Connection:
        """A connection as superuser, in autocommit unless told otherwise."""
        return psycopg.connect(self.admin_url, **{"autocommit": True, **options})

    def url_as(self, role: str, database: str | None = None) -> str:
        """The address of this database, or of another one on the server, for another role."""
        return f"postgresql://{role}@{self.host}:{self.port}/{database or self.name}"

    def execute(self, sql: str) -> None:
        """Run a script as the user of ``url``."""
        with self.connect() as connection:
            connection.execute(sql)  # type: ignore[call-overload]


PLAIN = flavours.POSTGRES
SUPABASE = flavours.SUPABASE
_TRUSTING = "local all all trust\nhost all all 127.0.0.1/32 trust\nlocal replication all trust\n"


def _key(flavour: Flavour, installation: binaries.Installation) -> str:
    """Changes with everything that goes into the data directory."""
    parts = (flavour.fingerprint(installation), repr(sorted(SETTINGS.items())), _TRUSTING)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


class SessionServer:
    """One server that is shared with every other test process; close() lets go of it."""

    def __init__(self, major: int, flavour: Flavour) -> None:
        self.flavour = flavour
        self.installation = flavour.installation(major)
        self._folder = _base() / f"{flavour.name}-{major}-{_key(flavour, self.installation)}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._users = (self._folder / "users.lock").open("a")
        self._cluster = Cluster.of(self.installation, self._folder)
        with _exclusive(self._folder / "start.lock"):
            fcntl.flock(self._users, fcntl.LOCK_SH)
            running = self._cluster.running()
            self.process = running or self._launch()
            self._maintenance = self._connect(MAINTENANCE)
            if running is None:
                self._tidy()
        _remove_outdated(self._folder)

    def close(self) -> None:
        """Let go of the server and stop it when nobody else uses it."""
        self._maintenance.close()
        with _exclusive(self._folder / "start.lock"):
            fcntl.flock(self._users, fcntl.LOCK_UN)
            if _try_exclusive(self._users):
                self._cluster.stop()
        self._users.close()

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """A fresh clone of the template, dropped at the end whoever is still connected."""
        name = f"test_{os.getpid()}_{next(_numbers)}_{os.urandom(3).hex()}"
        self._maintenance.execute(
            f"CREATE DATABASE {quote(name)} TEMPLATE {PRISTINE} STRATEGY file_copy OWNER {self.flavour.owner}"
        )
        try:
            yield self._describe(name)
        finally:
            self._maintenance.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")

    def _describe(self, name: str) -> Database:
        address = f"{{}}@127.0.0.1:{self.process.port}/{name}"
        return Database(
            url="postgresql://" + address.format(self.flavour.owner),
            admin_url="postgresql://" + address.format(self.flavour.superuser),
            name=name,
            major=self.installation.major,
            host="127.0.0.1",
            port=self.process.port,
            socket_dir=self.process.socket_dir,
            installation=self.installation,
        )

    def _launch(self) -> Process:
        if not self._cluster.exists:
            shutil.rmtree(self._cluster.data_dir, ignore_errors=True)
            pristine.provide(self._cluster, self.flavour)
            (self._cluster.data_dir / "pg_hba.conf").write_text(_TRUSTING, "utf-8")
        return self._cluster.start(SETTINGS)

    def _tidy(self) -> None:
        """Drop what a killed run left, and enter the template: what a first session learns goes into every clone."""
        found = self._maintenance.execute("SELECT datname FROM pg_database").fetchall()
        names = {name for (name,) in found}
        for name in names:
            if name.startswith("test_"):
                databases.drop(self._maintenance, name)
        if "postgres" not in names:
            databases.clone(self._maintenance, PRISTINE, "postgres", self.flavour.owner)
        self._maintenance.execute(f"ALTER DATABASE {PRISTINE} ALLOW_CONNECTIONS true")
        self._connect(PRISTINE).close()
        databases.seal(self._maintenance, PRISTINE)

    def _connect(self, database: str) -> Connection:
        address = f"postgresql://{self.flavour.superuser}@127.0.0.1:{self.process.port}/{database}"
        return psycopg.connect(address, autocommit=True)


def database_on(server: LocalServer, name: str) -> Database:
    """A database of a server that a test has for itself."""
    return Database(
        url=server.url_for(name),
        admin_url=server.url_for(name),
        name=name,
        major=server.major,
        host="127.0.0.1",
        port=server.process.port,
        socket_dir=server.process.socket_dir,
        installation=server.cluster.installation,
    )


@functools.cache
def _base() -> Path:
    name = f"lockgate-tests-{os.geteuid()}"
    if _RAM_DISK.is_dir() and shutil.disk_usage(_RAM_DISK).free > _ENOUGH_RAM:
        return _RAM_DISK / name
    return Path(tempfile.gettempdir()) / name


def _work_in_memory(base: Path) -> None:
    """Let tests, and the commands that they run, write to memory: fresh data directories, throwaway servers, projects.

    Everybody may enter the folder for temporary files, for servers run as another user than root.
    """
    os.environ.setdefault(flavours.CACHE_VARIABLE, str(base / "cache"))
    if base.parent == _RAM_DISK:
        folder = base / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o1777)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


_work_in_memory(_base())


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _try_exclusive(stream: Any) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_outdated(current: Path) -> None:
    """Remove the servers of earlier bootstraps or settings that nobody uses any more."""
    stem = current.name.rpartition("-")[0]
    for folder in current.parent.glob(f"{stem}-*"):
        if folder == current:
            continue
        with contextlib.suppress(OSError), (folder / "users.lock").open("a") as users:
            if _try_exclusive(users):
                _discard(folder)


def _discard(folder: Path) -> None:
    pid_file = folder / "data" / "postmaster.pid"
    if not pid_file.exists():
        shutil.rmtree(folder, ignore_errors=True)

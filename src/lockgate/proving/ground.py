"""A throwaway server and its databases: started for one proof, gone after it, never the user's own."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg

from lockgate.local import account, binaries, databases, liveness, pristine
from lockgate.local.adapting import LocalCursor
from lockgate.local.cluster import Cluster, Process
from lockgate.local.flavours import MAINTENANCE, PRISTINE, Flavour

Connection = psycopg.Connection[Any]

PREFIX: Final = "lockgate-proof-"
_RAM_DISK: Final = Path("/dev/shm")  # noqa: S108 - a fast disk where there is one; the folder in it is ours alone
_ENOUGH_RAM: Final = 3 << 30
_SETTINGS: Final = {
    # Nothing here outlives the proof, so nothing has to survive a crash.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "wal_level": "logical",
    "max_wal_size": "1GB",
    "shared_buffers": "64MB",
    "max_connections": "40",
    "max_prepared_transactions": "4",
    "max_locks_per_transaction": "512",
    "log_min_messages": "fatal",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(slots=True)
class Ground:
    """A running server of our own. Databases are made by cloning; migrations run as the platform's owner role."""

    cluster: Cluster
    process: Process
    flavour: Flavour
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _maintenance: Connection | None = None

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.cluster.installation.major

    def as_admin(self, database: str) -> Connection:
        """A connection as superuser, in autocommit; for looking and for writing rows."""
        return self._connect(database, self.flavour.superuser)

    def as_owner(self, database: str) -> Connection:
        """A connection as the role that migrations run as, in autocommit."""
        connection = self._connect(database, self.flavour.owner)
        connection.cursor_factory = LocalCursor
        return connection

    @property
    def maintenance(self) -> Connection:
        """The connection for work on whole databases."""
        if self._maintenance is None or self._maintenance.closed:
            self._maintenance = self.as_admin(MAINTENANCE)
        return self._maintenance

    def clone(self, source: str = PRISTINE) -> str:
        """A new database with all that another one holds; nobody may be connected to that. Returns its name."""
        name = f"proof_{next(self._numbers)}"
        databases.clone(self.maintenance, source, name, self.flavour.owner)
        return name

    def drop(self, name: str) -> None:
        """Drop a database whoever is connected."""
        databases.drop(self.maintenance, name)

    @contextlib.contextmanager
    def throwaway(self, source: str) -> Iterator[str]:
        """A clone for a while."""
        name = self.clone(source)
        try:
            yield name
        finally:
            self.drop(name)

    def close(self) -> None:
        """Let go of the server."""
        if self._maintenance is not None:
            self._maintenance.close()

    def _connect(self, database: str, user: str) -> Connection:
        return psycopg.connect(
            host=str(self.process.socket_dir),
            port=self.process.port,
            user=user,
            dbname=database,
            application_name="lockgate test",
            autocommit=True,
            connect_timeout=20,
            # Statements that psycopg prepares by itself would be let go of at every ROLLBACK.
            prepare_threshold=None,
        )


@contextlib.contextmanager
def open_ground(flavour: Flavour, major: int | None) -> Iterator[Ground]:
    """A fresh server for a while: half a second to start where a data directory of its kind was made before.

    Raises LocalServerError when there are no binaries or it does not come up.
    """
    installation = flavour.installation(major)
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_base()))
    folder.chmod(0o711)
    reached = (installation.bin_dir, installation.share_dir, installation.library_dir)
    who = account.choose(folder, reached)
    cluster = Cluster(installation, folder / "data", folder / "s", folder / "log", who)
    try:
        pristine.provide(cluster, flavour)
        ground = Ground(
            cluster, cluster.start({**_SETTINGS, **dict(flavour.settings)}, only_socket=True), flavour
        )
        try:
            yield ground
        finally:
            ground.close()
    finally:
        cluster.stop(immediately=True)
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Stop the servers, and remove the folders, of proofs whose process was killed."""
    for folder in _base().glob(f"{PREFIX}*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not liveness.is_alive(int(number)) and folder.stat().st_uid == os.geteuid():
            with contextlib.suppress(Exception):
                installation = binaries.find(None)
                who = account.choose(folder, (installation.bin_dir,))
                Cluster(installation, folder / "data", folder / "s", folder / "log", who).stop(
                    immediately=True
                )
            shutil.rmtree(folder, ignore_errors=True)


def _base() -> Path:
    if (
        _RAM_DISK.is_dir()
        and os.access(_RAM_DISK, os.W_OK)
        and shutil.disk_usage(_RAM_DISK).free > _ENOUGH_RAM
    ):
        return _RAM_DISK
    return Path(tempfile.gettempdir())

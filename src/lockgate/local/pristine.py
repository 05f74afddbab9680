"""Fresh data directories: made once per server version and platform, kept in the user's cache, copied from there."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lockgate.errors import LocalServerError
from lockgate.local import databases, guard, roles
from lockgate.local.account import Account
from lockgate.local.cluster import Cluster, Process
from lockgate.local.flavours import (
    MAINTENANCE,
    PRISTINE,
    Flavour,
    cache_folder,
    locale_options,
)
from lockgate.sql.identifiers import quote

if TYPE_CHECKING:
    from lockgate.local.flavours import Connection

_KEPT = 16
_FICLONE = 0x40049409
_ABANDONED_SECONDS = 3600.0
_BUILD_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "dynamic_shared_memory_type": "mmap",
}
_HBA = """\
# Whoever may enter the socket's folder is the owner of this server; the network needs the password.
local all         all              trust
local replication all              trust
host  all         all 127.0.0.1/32 scram-sha-256
host  replication all 127.0.0.1/32 scram-sha-256
"""


def provide(cluster: Cluster, flavour: Flavour) -> None:
    """Give a cluster its data directory: initialised, with the platform's roles and the template database.

    The directory appears complete or not at all. Takes well under a second from the cache, two or three without.
    Raises LocalServerError.
    """
    unfinished = cluster.data_dir.with_name(f"{cluster.data_dir.name}.{secrets.token_hex(4)}.new")
    try:
        cached = _cached(cluster, flavour)
        if cached is None:
            build(replace(cluster, data_dir=unfinished), flavour)
        else:
            _copy(cached, unfinished, cluster.account)
        unfinished.rename(cluster.data_dir)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def build(cluster: Cluster, flavour: Flavour) -> None:
    """Make a data directory from nothing: initdb, roles, the template; leaves no server running."""
    cluster.initialise(flavour.superuser, "--auth=trust", *locale_options(cluster.installation))
    with _private_server(cluster) as process:
        with _connect(process, flavour, "postgres") as first:
            flavour.prepare_cluster(first)
            first.execute(f"CREATE DATABASE {PRISTINE} TEMPLATE template0 STRATEGY file_copy")
        with _connect(process, flavour, PRISTINE) as pristine:
            flavour.prepare_database(pristine)
            pristine.execute(f"ALTER DATABASE postgres RENAME TO {MAINTENANCE}")
        with _connect(process, flavour, MAINTENANCE) as maintenance:
            maintenance.execute(f"ALTER DATABASE {PRISTINE} OWNER TO {quote(flavour.owner)}")
            databases.seal(maintenance, PRISTINE)
            roles.describe(maintenance, PRISTINE, roles.capture(maintenance))
    (cluster.data_dir / "pg_hba.conf").write_text(_HBA, "utf-8")


@contextlib.contextmanager
def _private_server(cluster: Cluster) -> Iterator[Process]:
    """The cluster's server for ourselves alone: no network, a socket in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="lockgate-") as folder:
        Path(folder).chmod(0o711)
        alone = replace(cluster, socket_dir=Path(folder) / "s", log_file=cluster.data_dir.with_suffix(".log"))
        try:
            yield alone.start(_BUILD_SETTINGS, only_socket=True)
        finally:
            alone.stop()
            alone.log_file.unlink(missing_ok=True)
            alone.data_dir.with_suffix(".lock").unlink(missing_ok=True)


def _connect(process: Process, flavour: Flavour, database: str) -> Connection:
    import psycopg

    return psycopg.connect(
        host=str(process.socket_dir),
        port=process.port,
        user=flavour.superuser,
        dbname=database,
        autocommit=True,
    )


def _cached(cluster: Cluster, flavour: Flavour) -> Path | None:
    """The cached directory, made now when it is missing; None when this machine gives us no cache."""
    shelf = cache_folder() / "clusters"
    key = f"{cluster.installation.major}-{flavour.name}-{flavour.fingerprint(cluster.installation)}"
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        with guard.exclusive(shelf / f"{key}.lock", "preparing a fresh data directory"):
            entry = shelf / key
            if not entry.exists():
                _fill(cluster, flavour, entry)
                _tidy(shelf, entry)
            os.utime(entry)
            return entry
    except OSError:
        return None


def _fill(cluster: Cluster, flavour: Flavour, entry: Path) -> None:
    unfinished = entry.with_name(f"{entry.name}.{secrets.token_hex(4)}.new")
    owner = Cluster.of(cluster.installation, entry.parent).account
    try:
        build(replace(cluster, data_dir=unfinished, account=owner), flavour)
        unfinished.rename(entry)
    except LocalServerError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _tidy(shelf: Path, current: Path) -> None:
    """Keep the entries that were used last, and drop what killed processes left unfinished."""
    now = time.time()
    for leftover in shelf.glob("*.new"):
        if now - leftover.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)
    entries = [path for path in shelf.iterdir() if path.is_dir() and path.suffix != ".new"]
    for entry in sorted(entries, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        if entry != current:
            shutil.rmtree(entry, ignore_errors=True)


def _copy(source: Path, target: Path, owner: Account) -> None:
    cloner = _Cloner()
    shutil.copytree(source, target, copy_function=cloner.copy, symlinks=True)
    for folder, _, files in os.walk(target):
        owner.own(Path(folder))
        for name in files:
            owner.own(Path(folder) / name)


class _Cloner:
    """Copies files by sharing their blocks where the file system can, byte by byte elsewhere."""

    def __init__(self) -> None:
        self._can_share = True

    def copy(self, source: str, target: str) -> str:
        if not (self._can_share and self._share(source, target)):
            shutil.copyfile(source, target)
        shutil.copymode(source, target)
        return target

    def _share(self, source: str, target: str) -> bool:
        with Path(source).open("rb") as origin, Path(target).open("wb") as copy:
            try:
                fcntl.ioctl(copy.fileno(), _FICLONE, origin.fileno())
            except OSError:
                self._can_share = False
        return self._can_share

"""A server for one test alone, where a test needs settings of its own, or has to stop it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from lockgate.local import account, binaries
from lockgate.local.cluster import Cluster

SETTINGS = {"fsync": "off", "shared_buffers": "32MB", "max_wal_size": "256MB", "autovacuum_naptime": "5min"}


@dataclass
class OwnServer:
    """Its port stays the same over restarts."""

    cluster: Cluster
    settings: dict[str, str]
    port: int
    host: str = "127.0.0.1"

    @property
    def major(self) -> int:
        return self.cluster.installation.major

    @property
    def url(self) -> str:
        return f"postgresql://postgres@{self.host}:{self.port}/postgres"

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, **{"autocommit": True, **options})

    def stop(self) -> None:
        self.cluster.stop(immediately=True)

    def start(self) -> None:
        self.cluster.start(self.settings, self.port)


@contextlib.contextmanager
def own_server(major: int = 15, **settings: str) -> Iterator[OwnServer]:
    folder = Path(
        tempfile.mkdtemp(prefix="lockgate-own-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    )
    folder.chmod(0o755)
    installation = binaries.find(major)
    who = account.choose(folder, (installation.bin_dir,))
    cluster = Cluster(installation, folder / "data", folder / "run", folder / "server.log", who)
    try:
        cluster.initialise("postgres", "--auth=trust", "--locale=C.UTF-8")
        with (folder / "data" / "pg_hba.conf").open("a") as hba:
            hba.write("host replication all 127.0.0.1/32 trust\n")
        chosen = {**SETTINGS, **{name.replace("__", "."): value for name, value in settings.items()}}
        process = cluster.start(chosen)
        yield OwnServer(cluster, chosen, process.port)
    finally:
        cluster.stop(immediately=True)
        shutil.rmtree(folder, ignore_errors=True)

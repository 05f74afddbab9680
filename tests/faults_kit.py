"""The tools of the crash matrix: a runner that stops at a boundary, a proxy that cuts the network, fingerprints."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from tests.projects import Sandbox

from lockgate import catalog
from lockgate.engine import boundaries
from lockgate.local.server import LocalServer


class Proxy:
    """A TCP proxy on loopback that can cut every connection at once and let new ones through again."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        self._spoke: dict[frozenset[socket.socket], socket.socket] = {}
        self.turns = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
                with self._lock:
                    self._pairs.append((client, server))
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                self._count(one, other)
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        one.close()

    def _count(self, one: socket.socket, other: socket.socket) -> None:
        """One more round trip whenever a side that has just been answered speaks again."""
        pair = frozenset((one, other))
        with self._lock:
            if self._spoke.get(pair) is not one:
                self._spoke[pair] = one
                self.turns += 1

    @property
    def round_trips(self) -> int:
        """How often both sides have had the word so far, on all connections together."""
        return self.turns // 2

    def cut(self) -> None:
        """Break every connection, without a word to either side."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def lead_to(self, host: str, port: int) -> None:
        """Send new connections to another server, as a moved address does."""
        self._to = (host, port)

    def close(self) -> None:
        """Stop listening and break what is left."""
        self._listener.close()
        self.cut()


@dataclass
class Child:
    """A forked runner that stops at the n-th passing of a boundary until it is told to go on."""

    pid: int
    reached: int
    answer: int
    status: int | None = field(default=None)

    def wait_until_reached(self, seconds: float = 20.0) -> bool:
        """Whether the child came to its boundary (False: it ended without)."""
        ready, _, _ = select.select([self.reached], [], [], seconds)
        return bool(ready) and os.read(self.reached, 1) == b"R"

    def go_on(self) -> None:
        """Let the child continue."""
        with contextlib.suppress(OSError):
            os.write(self.answer, b"G")

    def kill(self) -> None:
        """SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def join(self, seconds: float = 60.0) -> int:
        """The exit code (negative: the signal that ended it)."""
        deadline = time.monotonic() + seconds
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                self.kill()
                raise AssertionError("the runner hangs")
            else:
                time.sleep(0.01)
        for end in (self.reached, self.answer):
            os.close(end)
        return self.status


def fork_runner(action: Callable[[], int], boundary: str, nth: int, delay: float = 0.0) -> Child:
    """Run ``action`` in a forked process that stops when it reaches a boundary for the n-th time.

    With a ``delay`` the stop comes that many seconds later from another thread: in the middle of a statement.
    """
    reached_read, reached_write = os.pipe()
    answer_read, answer_write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(reached_write)
        os.close(answer_read)
        return Child(pid, reached_read, answer_write)
    code = 70
    try:
        os.close(reached_read)
        os.close(answer_write)
        devnull = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(devnull, stream)
        boundaries.observe(_stopper(boundary, nth, delay, reached_write, answer_read))
        code = action()
    finally:
        os._exit(code)


def _stopper(boundary: str, nth: int, delay: float, reached: int, answer: int) -> Callable[[str], None]:
    seen = 0

    def stop() -> None:
        time.sleep(delay)
        os.write(reached, b"R")
        os.read(answer, 1)

    def observer(name: str) -> None:
        nonlocal seen
        if name != boundary:
            return
        seen += 1
        if seen == nth:
            if delay:
                threading.Thread(target=stop, daemon=True).start()
            else:
                stop()

    return observer


def apply_of(place: Sandbox, *words: str) -> Callable[[], int]:
    """The command as something that a child can do; what it prints lies in ``child.log`` of the project."""

    def action() -> int:
        result = place.to_target(*(words or ("apply",)))
        (place.folder / "child.log").write_text(result.output)
        return result.exit_code

    return action


def backends(url: str, part: str = "") -> list[int]:
    """The pids of the runner's main backends (those without a part in their name)."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name ~ '^lockgate [0-9a-f]{16}$'"
            " AND datname = current_database()"
        ).fetchall()
    return [pid for (pid,) in rows]


def terminate(url: str) -> None:
    """End the runner's main backend, as an administrator would."""
    with psycopg.connect(url, autocommit=True) as connection:
        for pid in backends(url):
            connection.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])


def restart(server: LocalServer, settings: Mapping[str, str]) -> None:
    """Stop a server as a crash does, and start it again on its port."""
    server.cluster.stop(immediately=True)
    process = server.cluster.start(settings, server.process.port)
    assert process.port == server.process.port, "another program has taken the port"


def image(url: str) -> dict[str, Any]:
    """What a database holds: the fingerprint of its schema and a digest of each table's rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        snapshot = catalog.read(connection)
        tables = connection.execute(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
            " AND (n.nspname = 'public' OR c.relname LIKE 'kept\\_%')"
        ).fetchall()
        rows = {
            name: connection.execute(
                f"SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {name} t"
            ).fetchone()
            for (name,) in tables
        }
        invalid = connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready"
        ).fetchall()
    return {"schema": snapshot.fingerprint(), "rows": rows, "invalid": invalid}


@contextlib.contextmanager
def held_snapshot(url: str, seconds: float) -> Iterator[None]:
    """An old transaction that makes concurrent index work wait for some time."""
    connection = psycopg.connect(url)
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    connection.execute("SELECT txid_current(), count(*) FROM pg_class")
    timer = threading.Timer(seconds, connection.close)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()

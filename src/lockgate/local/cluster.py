"""One data directory and the server process on it: create, start, find again, stop."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import LocalServerError
from lockgate.local import account, guard, liveness
from lockgate.local.account import Account
from lockgate.local.binaries import Installation

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
_PORT_TRIES = 8
_ORPHAN_SECONDS = 10.0
"""Children of a killed server notice its death within moments."""
_POLL_SECONDS = 0.004
_LONGEST_SOCKET_PATH = 100
"""``sun_path`` holds 108 bytes on Linux and 104 on macOS, with its closing NUL."""

_READY = "ready"
_PORT_TAKEN = ("could not bind IPv4 address", "Address already in use")


@dataclass(frozen=True, slots=True)
class Process:
    """A running server as its ``postmaster.pid`` tells; ``port`` is where it listens."""

    pid: int
    port: int
    socket_dir: Path
    ready: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory, the programs that fit it, and the account that owns it.

    Every path is absolute. The folder of ``data_dir`` and ``socket_dir`` may be reachable for root only.
    """

    installation: Installation
    data_dir: Path
    socket_dir: Path
    log_file: Path
    account: Account

    @classmethod
    def of(cls, installation: Installation, folder: Path, socket_dir: Path | None = None) -> Cluster:
        """The cluster whose files lie in ``folder``, run as the account that fits that folder."""
        reached = (installation.bin_dir, installation.share_dir, installation.library_dir)
        return cls(
            installation,
            folder / "data",
            socket_dir or folder / "run",
            folder / "server.log",
            account.choose(folder, reached),
        )

    @property
    def exists(self) -> bool:
        """Whether the data directory was initialised to the end."""
        return (self.data_dir / "global" / "pg_control").exists()

    def initialise(self, superuser: str, *options: str) -> None:
        """Run ``initdb`` into an empty folder (about a second); raises LocalServerError."""
        self._own_folder(self.data_dir)
        command = self.account.command(
            self.installation.program("initdb"),
            f"--pgdata={self.data_dir}",
            f"--username={superuser}",
            "--encoding=UTF8",
            "--no-instructions",
            "--no-sync",
            "-L",
            str(self.installation.share_dir),
            *options,
        )
        done = subprocess.run(
            command, capture_output=True, text=True, env=_environment(), cwd="/", check=False
        )
        if done.returncode != 0:
            raise LocalServerError(
                f"initdb of PostgreSQL {self.installation.version} failed",
                state=f"no server was started; {self.data_dir} may hold an unfinished data directory",
                why=_last_lines(done.stderr or done.stdout),
            )

    def start(
        self, settings: Mapping[str, str], port: int | None = None, *, only_socket: bool = False
    ) -> Process:
        """The server on this data directory, started and answering; an already running one is returned as it is.

        It listens on 127.0.0.1 and its socket. ``port`` is taken when it is free, else another one. Raises
        LocalServerError with the end of the server's log when it does not come up.
        """
        running = self.running()
        if running is not None:
            return running
        self._check_socket_path()
        self._own_folder(self.socket_dir)
        lock = self._lock_data()
        try:
            self._remove_traces()
            shared = {**settings, "listen_addresses": "" if only_socket else HOST}
            return self._launch(shared, port, lock)
        finally:
            os.close(lock)

    def running(self) -> Process | None:
        """The server that runs on this very data directory, if there is one.

        A pid that was given to another program since does not count: the process must be a server that works inside
        of this directory, by whatever path it was started.
        """
        process = self._read_pid_file()
        return process if process is not None and self._is_ours(process.pid) else None

    def stop(self, *, immediately: bool = False) -> bool:
        """End the server in an orderly way, or at once; False when none was running."""
        process = self.running()
        if process is None:
            return False
        _signal(process.pid, signal.SIGQUIT if immediately else signal.SIGINT)
        if not self._await_end(process.pid):
            _signal(process.pid, signal.SIGQUIT)
            if not self._await_end(process.pid):
                raise LocalServerError(
                    f"the local server (process {process.pid}) does not end",
                    state="it is still running",
                    evidence=str(self.log_file),
                )
        with contextlib.suppress(OSError):
            self.socket_dir.rmdir()  # it may lie in the temporary folder; the next start makes it anew
        return True

    def discard(self) -> None:
        """Stop the server and remove its data."""
        self.stop(immediately=True)
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _launch(self, settings: Mapping[str, str], port: int | None, lock: int) -> Process:
        for attempt in range(_PORT_TRIES):
            chosen = port if port is not None and attempt == 0 else free_port()
            log_start = self._log_size()
            process = self._await_ready(self._spawn(settings, chosen, lock))
            if process is not None:
                return process
            if not self._port_was_taken(log_start):
                break
        raise LocalServerError(
            f"PostgreSQL {self.installation.version} did not start",
            state="no server is running on this data directory",
            why=_last_lines(self._log_since(log_start)),
            evidence=str(self.log_file),
        )

    def _remove_traces(self) -> None:
        """What a killed server left: its pid may be another program's by now, and nobody else uses our folders."""
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.socket_dir.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def _lock_data(self) -> int:
        """The lock that the server inherits: it is held as long as one process of the server lives."""
        deadline = time.monotonic() + _ORPHAN_SECONDS
        while True:
            lock = guard.try_lock(self.data_dir.with_suffix(".lock"))
            if lock is not None:
                return lock
            if time.monotonic() > deadline:
                raise LocalServerError(
                    f"another server works on {self.data_dir}, out of our sight",
                    state="nothing was started",
                    why="its processes hold the lock of the data directory; they may run in another container",
                    next_steps=["stop that server first"],
                )
            time.sleep(_POLL_SECONDS)

    def _spawn(self, settings: Mapping[str, str], port: int, lock: int) -> subprocess.Popen[bytes]:
        fixed = {
            "port": str(port),
            "unix_socket_directories": str(self.socket_dir),
            "logging_collector": "off",
        }
        options = [
            part for name, value in {**settings, **fixed}.items() for part in ("-c", f"{name}={value}")
        ]
        command = self.account.command(
            self.installation.program("postgres"), "-D", str(self.data_dir), *options
        )
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                cwd="/",
                start_new_session=True,
                pass_fds=(lock,),
            )

    def _await_ready(self, child: subprocess.Popen[bytes]) -> Process | None:
        deadline = time.monotonic() + START_SECONDS
        while child.poll() is None and time.monotonic() < deadline:
            process = self._read_pid_file()
            if process is not None and process.ready and process.pid == child.pid:
                child.returncode = 0  # it outlives us on purpose: no ResourceWarning when the object goes
                return process
            time.sleep(_POLL_SECONDS)
        if child.poll() is None:
            child.send_signal(signal.SIGQUIT)
            child.wait(STOP_SECONDS)
        return None

    def _read_pid_file(self) -> Process | None:
        try:
            lines = (self.data_dir / "postmaster.pid").read_text("utf-8", "replace").splitlines()
            return Process(
                pid=int(lines[0]),
                port=int(lines[3]),
                socket_dir=Path(lines[4].strip()),
                ready=len(lines) > 7 and lines[7].strip() == _READY,
            )
        except (OSError, ValueError, IndexError):
            return None

    def _is_ours(self, pid: int) -> bool:
        entry = Path("/proc") / str(pid)
        if not Path("/proc/self/cwd").exists():
            return liveness.is_alive(pid)
        try:
            return liveness.is_alive(pid) and (entry / "cwd").samefile(self.data_dir)
        except OSError:
            return False

    def _await_end(self, pid: int) -> bool:
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            _reap(pid)
            if not self._is_ours(pid):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _own_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account.own(folder)

    def _check_socket_path(self) -> None:
        path = self.socket_dir / ".s.PGSQL.65535"
        if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
            raise LocalServerError(
                f"the folder for the server's socket has too long a name: {self.socket_dir}",
                why=f"a socket's path has at most {_LONGEST_SOCKET_PATH} bytes",
                state="nothing was started",
            )

    def _log_size(self) -> int:
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    def _log_since(self, start: int) -> str:
        with self.log_file.open("rb") as stream:
            stream.seek(start)
            return stream.read().decode("utf-8", "replace")

    def _port_was_taken(self, log_start: int) -> bool:
        text = self._log_since(log_start)
        return any(sign in text for sign in _PORT_TAKEN)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def free_port() -> int:
    """A TCP port of this machine that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _environment() -> dict[str, str]:
    """What a server program may see of ours: no PG variable, no secret, one known language for its messages."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "TZ") if name in os.environ}
    return {**kept, "LC_ALL": "C", "HOME": "/"}


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _last_lines(text: str, count: int = 6) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join(lines[-count:])

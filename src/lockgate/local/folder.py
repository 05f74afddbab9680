"""The project's ``.lockgate/`` folder: where its local server keeps its data, its password and its state."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from lockgate.errors import LocalServerError
from lockgate.local import guard
from lockgate.redaction import remember

NAME = ".lockgate"
_FORMAT = 1
_LONGEST_SOCKET_FOLDER = 80
_IGNORE = "# Made by lockgate: local data, never to be committed.\n*\n"


@dataclass(frozen=True, slots=True)
class State:
    """What a data directory was made as, and the port its server listened on last.

    ``fingerprint`` tells whether this Lockgate would make it in the same way today.
    """

    flavour: str
    major: int
    version: str
    fingerprint: str
    port: int | None = None
    format: int = _FORMAT


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one project's local server; ``root`` is absolute and free of symbolic links."""

    root: Path

    @classmethod
    def of_project(cls, project: Path) -> Folder:
        """The folder of the project that lies in ``project``."""
        return cls(project.resolve() / NAME / "local")

    @property
    def data(self) -> Path:
        """The server's data directory."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.root / "server.log"

    @property
    def lock(self) -> Path:
        """Held while the server is started or stopped."""
        return self.root / "start.lock"

    @property
    def reset_lock(self) -> Path:
        """Held while the databases are made anew."""
        return self.root / "reset.lock"

    @property
    def socket(self) -> Path:
        """Where the server's socket lies: in here, or in a short folder of its own when our path is too long."""
        inside = self.root / "run"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"lockgate-{os.geteuid()}-{digest}"

    def prepare(self) -> None:
        """Make the folder, which git ignores; raises LocalServerError where it cannot be written."""
        with explained(self.root):
            for folder in (self.root.parent, self.root):
                _make_folder(folder)
            if not (self.root.parent / ".gitignore").exists():
                _write(self.root.parent, ".gitignore", _IGNORE, 0o644)
            self.log.touch()
            self._refuse_foreign_socket_folder()

    def read_state(self) -> State | None:
        """What the data directory was made as; None when there is none, or its note cannot be read."""
        try:
            return State(**json.loads((self.root / "state.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_state(self, state: State) -> None:
        """Note what the data directory is."""
        self.write("state.json", json.dumps(asdict(state), indent=2) + "\n")

    def password(self) -> str:
        """The password of every login role of the server; made when it is first asked for, readable by us alone."""
        path = self.root / "password"
        try:
            found = path.read_text("ascii").strip()
        except FileNotFoundError:
            found = ""
        if not found:
            found = secrets.token_urlsafe(18)
            self.write("password", found + "\n", 0o600)
        remember(found)
        return found

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """Write one of our files, all at once; raises LocalServerError."""
        with explained(self.root):
            _write(self.root, name, text, mode)

    def _refuse_foreign_socket_folder(self) -> None:
        """A folder in ``/tmp`` may have been made by somebody else, to catch our connections."""
        if self.socket.parent == self.root or not self.socket.exists():
            return
        status = self.socket.lstat()
        owners = {os.geteuid(), self.data.stat().st_uid} if self.data.exists() else {os.geteuid()}
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in owners:
            raise LocalServerError(
                f"{self.socket} belongs to somebody else",
                state="nothing was started",
                next_steps=[f"remove {self.socket}"],
            )


def _make_folder(folder: Path) -> None:
    """A folder that belongs to whom the one above it belongs, and that the server's user may pass through."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fchmod(descriptor, 0o711)
        guard.give_away(descriptor, folder.parent)
    finally:
        os.close(descriptor)


def _write(folder: Path, name: str, text: str, mode: int) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        os.fchmod(descriptor, mode)
        guard.give_away(descriptor, folder)
        stream.write(text)
    Path(temporary).replace(folder / name)


@contextlib.contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write into errors that say what to do."""
    reasons = {
        errno.EROFS: "the disk is read-only",
        errno.EACCES: "we may not write there",
        errno.EPERM: "we may not write there",
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
    }
    try:
        yield
    except OSError as error:
        if error.errno not in reasons:
            raise
        raise LocalServerError(
            f"the local server needs to write to {place}",
            state="nothing was started",
            why=f"{reasons[error.errno]} ({error.filename or place})",
            next_steps=["run the command with --project in a folder that can be written"],
        ) from error

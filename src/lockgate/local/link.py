"""A connection to the maintenance database of a local server that costs next to nothing to set up.

A reset that finds everything as it was sends a dozen commands, and to load a database driver for them would take longer
than all else. Our server lets its superuser in through its socket without a password, so the few messages of the
protocol's simple query (PostgreSQL's documentation, chapter "Frontend/Backend Protocol", version 3.0) are enough.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self

from lockgate.errors import LocalServerError
from lockgate.sql.identifiers import literal

_VERSION: Final = 196608
_TIMEOUT: Final = 10.0
_PLACEHOLDER: Final = re.compile(r"%(?:\((\w+)\))?([s%])")
_ELEMENT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}]+)')


class Session(Protocol):
    """What a psycopg connection in autocommit and a :class:`Link` have in common."""

    @property
    def info(self) -> Any:
        """With the attribute ``server_version``, such as 170010."""
        ...

    def execute(self, query: Any, params: Any = None) -> Any:
        """Run a statement; the answer has ``fetchone`` and ``fetchall`` and can be iterated."""
        ...


@dataclass(frozen=True, slots=True)
class Info:
    """What a link knows of its server."""

    server_version: int


class Answer:
    """The rows of a statement, in the manner of a cursor."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = iter(rows)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        return list(self._rows)


class Link:
    """A session of a role that needs no password, through the socket in a folder; each statement is a transaction.

    Raises LocalServerError: where nobody answers, and with the server's words where it refuses something.
    """

    def __init__(self, folder: Path, port: int, user: str, database: str) -> None:
        self._address = (folder, port, user, database)
        self._socket = socket.socket(socket.AF_UNIX)
        self._buffer = b""
        self.info = Info(0)
        try:
            self._socket.settimeout(_TIMEOUT)
            self._socket.connect(str(folder / f".s.PGSQL.{port}"))
            self._begin({"user": user, "database": database, "application_name": "lockgate local"})
            self._socket.settimeout(None)
        except OSError as error:
            self.close()
            raise _failed(str(error)) from error
        except LocalServerError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(self, query: str | bytes, params: Any = None) -> Answer:
        """Run one statement; parameters stand for ``%s`` and ``%(name)s`` as in psycopg."""
        text = query.decode("utf-8") if isinstance(query, bytes) else query
        self._send(b"Q", (_filled(text, params) if params is not None else text).encode("utf-8") + b"\0")
        return Answer(self._rows())

    def leave(self, commands: Sequence[str], name: str) -> None:
        """Hand commands over and go: the server finishes what it has received. Uses this session up.

        A server that cannot answer reads no further, so each command gets a session of its own; ``name`` is the
        application name of all of them.
        """
        for number, command in enumerate(commands):
            with self if number == 0 else Link(*self._address) as link:
                link.execute(f"SET application_name = {literal(name)}")
                link._send(b"Q", command.encode("utf-8") + b"\0")

    def close(self) -> None:
        """End the session; the server finishes first what it has received."""
        with suppress(OSError):
            self._socket.close()

    def _begin(self, settings: Mapping[str, str]) -> None:
        pairs = "".join(
            f"{name}\0{value}\0" for name, value in {**settings, "client_encoding": "UTF8"}.items()
        )
        body = struct.pack("!I", _VERSION) + pairs.encode("utf-8") + b"\0"
        self._socket.sendall(struct.pack("!I", len(body) + 4) + body)
        for kind, content in self._until_ready():
            if kind == b"R" and content[:4] != b"\0\0\0\0":
                raise _failed("it asks for a password at its socket")
            if kind == b"S":
                name, value, _ = content.decode("utf-8").split("\0")
                if name == "server_version":
                    self.info = Info(_number(value))

    def _rows(self) -> list[tuple[Any, ...]]:
        readers: list[Callable[[str], Any]] = []
        rows = []
        for kind, content in self._until_ready():
            if kind == b"T":
                readers = [_READERS.get(oid, str) for oid in _types(content)]
            elif kind == b"D":
                rows.append(tuple(_values(content, readers)))
        return rows

    def _until_ready(self) -> Iterator[tuple[bytes, bytes]]:
        """The messages up to the one that says that the server waits for us; then its error is raised."""
        refused = None
        while True:
            kind, size = struct.unpack("!cI", self._take(5))
            content = self._take(size - 4)
            if kind == b"E":
                refused = _fields(content)
                if refused.get("V", "").startswith("FATAL"):
                    break
            if kind == b"Z":
                break
            yield kind, content
        if refused is not None:
            raise _failed(refused.get("M", "unknown error"))

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            more = self._socket.recv(65536)
            if not more:
                raise _failed("it has closed the connection")
            self._buffer += more
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _send(self, kind: bytes, content: bytes) -> None:
        try:
            self._socket.sendall(kind + struct.pack("!I", len(content) + 4) + content)
        except OSError as error:
            raise _failed(str(error)) from error


def _failed(why: str) -> LocalServerError:
    return LocalServerError(
        "the local server does not do what it was asked",
        state="the command was not carried out",
        why=why,
        next_steps=["lockgate local stop", "lockgate local start"],
    )


def _number(version: str) -> int:
    found = re.match(r"(\d+)(?:\.(\d+))?", version)
    return int(found[1]) * 10000 + int(found[2] or 0) if found else 0


def _filled(text: str, params: Any) -> str:
    unnamed = iter(() if isinstance(params, Mapping) else params)

    def fill(found: re.Match[str]) -> str:
        if found[2] == "%":
            return "%"
        return _written(params[found[1]] if found[1] else next(unnamed))

    return _PLACEHOLDER.sub(fill, text)


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"ARRAY[{', '.join(literal(item) for item in value)}]::text[]"
    return literal(value)


def _types(content: bytes) -> Iterator[int]:
    """The types of the columns that a row description names."""
    (count,) = struct.unpack_from("!H", content)
    place = 2
    for _ in range(count):
        place = content.index(b"\0", place) + 1
        yield struct.unpack_from("!IHI", content, place)[2]
        place += 18


def _values(content: bytes, readers: Sequence[Callable[[str], Any]]) -> Iterator[Any]:
    place = 2
    for reader in readers:
        (size,) = struct.unpack_from("!i", content, place)
        place += 4
        if size < 0:
            yield None
        else:
            yield reader(content[place : place + size].decode("utf-8"))
            place += size


def _fields(content: bytes) -> dict[str, str]:
    return {part[:1]: part[1:] for part in content.decode("utf-8", "replace").split("\0") if part}


def _list(text: str) -> list[str]:
    """The elements of an array of texts without NULLs."""
    return [
        re.sub(r"\\(.)", r"\1", quoted) if quoted or not plain else plain
        for quoted, plain in _ELEMENT.findall(text[1:-1])
    ]


_READERS: Final[Mapping[int, Callable[[str], Any]]] = {
    16: lambda text: text == "t",
    20: int,
    21: int,
    23: int,
    26: int,
    700: float,
    701: float,
    1700: float,
    1003: _list,
    1009: _list,
}
"""How values of a type, by its number in pg_type, are read from their text; all others stay text."""

"""A database restored from a dump, so that migrations are proved over the rows of a real one.

The server's own tools restore it: ``pg_restore`` for archives (custom, directory, tar), ``psql`` for scripts, also
compressed by gzip. What a throwaway server lacks (roles, extensions) is named and gone on. No message quotes a row.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from lockgate.errors import UsageError
from lockgate.journal.history import history_for
from lockgate.proving.ground import Ground
from lockgate.sql.queries import read as read_query

_STATE: Final = "only a throwaway server was touched"
_ARCHIVE, _GZIP = b"PGDMP", b"\x1f\x8b"
_VERSION: Final = re.compile(r"Dumped from database version:? (\d+)")
_ERROR: Final = re.compile(r"(?:ERROR|FATAL):\s+(.*)")
_OTHER_DATABASE: Final = re.compile(rb"(?:CREATE|ALTER|DROP) DATABASE |\\connect ")
_CONNECT: Final = re.compile(rb"\\connect (?:-reuse-previous=on )?(.+?)\s*$")
_HEAD_LINES: Final = 40
_MOST_REMARKS: Final = 12


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump and the last migration that it has; ``at`` None: what its own history says."""

    path: Path
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored database: which versions it has, how many tables, and what could not be restored, in words."""

    database: str
    applied: frozenset[str]
    tables: int
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The machine form."""
        return {
            "applied": sorted(self.applied),
            "tables": self.tables,
            "not_restored": list(self.remarks),
        }


def restore(ground: Ground, dump: Dump, versions: Sequence[str]) -> Restored:
    """Restore a dump into a new database of the throwaway server.

    ``versions`` are the project's, in order. Raises UsageError for what is no dump, is of a newer
    server, holds no table, or does not tell which migrations it has.
    """
    name = ground.clone()
    messages = (
        _restore_archive(ground, dump.path, name)
        if _is_archive(dump.path)
        else _run_script(ground, dump.path, name)
    )
    with ground.as_admin(name) as admin:
        if ground.flavour.owner != ground.flavour.superuser:
            admin.execute(read_query("lockgate.proving", "take_over").encode())
        (tables,) = admin.execute(read_query("lockgate.proving", "own_tables").encode()).fetchone() or (0,)
        known = {entry.version for entry in history_for(ground.flavour.name).applied(admin)}
    if not tables:
        raise _unfit(dump.path, "it holds no table", "pg_dump --format=custom --file=production.dump …")
    return Restored(name, _applied(dump, known, versions), tables, tuple(_in_words(messages)))


def _applied(dump: Dump, known: set[str], versions: Sequence[str]) -> frozenset[str]:
    if dump.at is not None:
        return frozenset(version for version in versions if version <= dump.at)
    if not known:
        raise _unfit(
            dump.path,
            "it does not say which migrations it has",
            f"lockgate test --dump {dump.path} --dump-at VERSION     the last migration that was applied there",
        )
    return frozenset(known)


def _is_archive(path: Path) -> bool:
    if path.is_dir():
        if not (path / "toc.dat").is_file():
            raise _unfit(path, "the folder has no toc.dat, so it is not a dump in the directory format")
        return True
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(_ARCHIVE) or (b"\0" in start and tarfile.is_tarfile(path)):
        return True
    if b"\0" in start and not start.startswith(_GZIP):
        raise _unfit(path, "it is neither an archive of pg_dump nor SQL")
    return False


def _restore_archive(ground: Ground, path: Path, database: str) -> list[str]:
    program = str(ground.cluster.installation.program("pg_restore"))
    listed = subprocess.run([program, "--list", str(path)], capture_output=True, text=True, errors="replace")
    if listed.returncode:
        raise _unfit(path, f"pg_restore cannot read it: {_last_line(listed.stderr)}", _newer(ground))
    _refuse_newer(ground, path, listed.stdout)
    done = subprocess.run(
        [program, *_where(ground, database), str(path)], capture_output=True, text=True, errors="replace"
    )
    return _ERROR.findall(done.stderr)


def _run_script(ground: Ground, path: Path, database: str) -> list[str]:
    with _open(path) as script:
        head = [line for _, line in zip(range(_HEAD_LINES), script, strict=False)]
    _refuse_newer(ground, path, b"".join(head).decode("utf-8", "replace"))
    program = str(ground.cluster.installation.program("psql"))
    command = [program, "-qX", "--set=VERBOSITY=terse", "--output=/dev/null", *_where(ground, database)]
    with tempfile.TemporaryFile() as errors, _open(path) as script:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors)
        with process:
            assert process.stdin is not None
            try:
                process.stdin.writelines(_of_one_database(path, script))
            except BrokenPipeError:
                pass  # psql has said why, and that is told below.
            finally:
                process.stdin.close()
        errors.seek(0)
        return _ERROR.findall(errors.read().decode("utf-8", "replace"))


def _of_one_database(path: Path, script: Iterable[bytes]) -> Iterator[bytes]:
    """The script without what would lead it into another database than ours."""
    names: set[bytes] = set()
    for line in script:
        if not _OTHER_DATABASE.match(line):
            yield line
        elif found := _CONNECT.match(line):
            names |= {found[1]} - {b"template1", b"postgres"}
            if len(names) > 1:
                raise _unfit(path, "it holds several databases", "pg_dump --dbname=ONE …")


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _where(ground: Ground, database: str) -> list[str]:
    process = ground.process
    return [
        f"--host={process.socket_dir}",
        f"--port={process.port}",
        f"--username={ground.flavour.superuser}",
        f"--dbname={database}",
    ]


def _refuse_newer(ground: Ground, path: Path, text: str) -> None:
    found = _VERSION.search(text)
    if found and int(found[1]) > ground.major:
        why = f"it is of PostgreSQL {found[1]}, and the throwaway server is {ground.major}"
        raise _unfit(path, why, f"lockgate test --dump {path} --postgres {found[1]}")


def _newer(ground: Ground) -> str:
    return (
        f"lockgate test --postgres N     with a server newer than {ground.major}, if a newer pg_dump wrote it"
    )


def _unfit(path: Path, why: str, *steps: str) -> UsageError:
    return UsageError(f"{path} cannot be used: {why}", state=_STATE, next_steps=list(steps))


def _last_line(text: str) -> str:
    lines = [line.removeprefix("pg_restore: error: ") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"


_KINDS: Final = (
    (
        re.compile(r'role "(.+?)" does not exist'),
        "role {} is not there: its grants and ownership are left out",
    ),
    (re.compile(r'extension "(.+?)" (?:is not available|does not exist)'), "extension {} is not there"),
    (re.compile(r'could not open extension control file ".*/(.+?)\.control"'), "extension {} is not there"),
    (
        re.compile(r'violates foreign key constraint "(.+?)"'),
        "foreign key {} is left out: it refers to rows that the dump does not hold",
    ),
    (re.compile(r'schema "(.+?)" does not exist'), "schema {} is not there"),
    (re.compile(r'(?:type|function|relation) "?([\w.]+)"?.* does not exist'), "{} is not there"),
    (re.compile(r'unrecognized configuration parameter "(.+?)"'), "setting {} is unknown to this server"),
)
_THERE: Final = re.compile(r"already exists|multiple primary keys|must be owner|is already ")


def _in_words(messages: Iterable[str]) -> Iterator[str]:
    """Each reason once, without what the server quotes from rows; what was there already is no loss."""
    counted = Counter(_one(message) for message in messages if not _THERE.search(message))
    for number, (text, times) in enumerate(counted.items()):
        if number == _MOST_REMARKS:
            yield f"and {len(counted) - number} reasons more"
            return
        yield text if times == 1 else f"{text} ({times} times)"


def _one(message: str) -> str:
    for pattern, words in _KINDS:
        if found := pattern.search(message):
            return words.format(found[1])
    return re.split(r"[:\"]", message, maxsplit=1)[0].strip()

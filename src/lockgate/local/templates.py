"""Resets that run only what changed: after some migrations the database is kept as a template under their hash.

The key of a template is a chained hash: what the server starts with, then the content of each migration up to there.
Templates are kept at the end, at exponentially growing distances before it, and where the last edit was made, so that
the next reset after an edit finds one that is close.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from lockgate.errors import LocalServerError
from lockgate.local import databases, guard, roles
from lockgate.local.flavours import PRISTINE
from lockgate.local.folder import Folder
from lockgate.local.link import Link, Session
from lockgate.local.server import DATABASE, LocalServer
from lockgate.sql.queries import read as read_query

PREFIX = "lockgate_t_"
SPARE = "lockgate_s_"
"""A clone of the last template, made in advance: the next reset of the same migrations only renames it."""

KEPT = 24
"""How many templates a server keeps; an ordinary one takes 10 to 20 MB."""

_DIGITS = 24


class Layer(Protocol):
    """One thing that a reset applies; its digest changes whenever its effect may."""

    @property
    def digest(self) -> str:
        """A hash of its content."""
        ...


L = TypeVar("L", bound=Layer)
Apply = Callable[[LocalServer, Sequence[L]], None]
"""Applies some layers, in order, to the project's database of a server."""


@dataclass(frozen=True, slots=True)
class Reset:
    """What a reset did: how many layers it found in a template, how many it ran, in how many seconds."""

    reused: int
    applied: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Template:
    name: str
    used: float
    roles: roles.Roles


def chain(start: str, layers: Sequence[Layer]) -> list[str]:
    """The key after 0, 1, … layers: ``start`` hashed with the digest of each layer so far."""
    keys = [hashlib.sha256(start.encode("utf-8")).hexdigest()]
    for layer in layers:
        keys.append(hashlib.sha256(f"{keys[-1]} {layer.digest}".encode()).hexdigest())
    return keys


def checkpoints(start: int, end: int, last_edit: int | None = None) -> list[int]:
    """After how many layers to keep a template when layers ``start`` to ``end`` are run; ascending, with the end."""
    distances = [0, *(8**power for power in range(end.bit_length() // 3 + 1))]
    kept = {end - distance for distance in distances if end - distance > start}
    if last_edit is not None and start < last_edit < end:
        kept.add(last_edit)
    return sorted(kept | {end})


def reset(
    server: LocalServer, folder: Folder, layers: Sequence[L], apply: Apply[L], *, start: str = ""
) -> Reset:
    """Make the project's database anew: everything in it goes, and all layers are applied to a fresh one.

    Ends every connection to it. When a layer fails, or the process is killed, the database from before comes back.
    ``start`` is whatever else decides what the layers do. Raises what ``apply`` raises, LeaseHeldError when another
    reset of this project takes minutes.
    """
    began = time.monotonic()
    with (
        guard.exclusive(folder.reset_lock, "another reset of this local database"),
        server.link() as connection,
    ):
        state = folder.read_state()
        keys = chain(f"{state.fingerprint if state else ''} {start}", layers)
        job = _Job(server, connection, keys, _last_edit(folder, keys))
        _remember_chain(folder, keys)
        reused = job.run(layers, apply)
        job.prepare_next()
    return Reset(reused, len(layers) - reused, time.monotonic() - began)


class _Job:
    """One reset, under its lock, over one connection to the maintenance database."""

    def __init__(self, server: LocalServer, connection: Link, keys: list[str], last_edit: int | None) -> None:
        self._server = server
        self._connection = connection
        self._names = [PRISTINE, *(PREFIX + key[:_DIGITS] for key in keys[1:])]
        self._last_edit = last_edit
        self._known = _known(connection)

    def run(self, layers: Sequence[L], apply: Apply[L]) -> int:
        """Swap in a database with all layers; the number of those that a template had already."""
        databases.recover(self._connection, DATABASE)
        reused = max(number for number, name in enumerate(self._names) if name in self._known)
        roles_before = roles.capture(self._connection)
        try:
            self._set_aside()
            self._begin_with(self._names[reused])
            done = reused
            for end in checkpoints(reused, len(layers), self._last_edit) if reused < len(layers) else []:
                apply(self._server, layers[done:end])
                self._keep(self._names[end])
                done = end
        except BaseException:
            self._bring_back(roles_before)
            raise
        databases.throw_away(self._connection, databases.PREVIOUS)
        return reused

    def prepare_next(self) -> None:
        """Let the server make the next spare and drop what nobody needs, while the caller goes on."""
        self._evict()
        final = self._names[-1]
        spare = None if final == PRISTINE else _spare_of(final)
        for name in _names_like(self._connection, SPARE):
            if name != spare:
                databases.throw_away(self._connection, name)
        wanted = spare is not None and not databases.exists(self._connection, spare)
        owner = self._server.flavour.owner
        databases.later(self._connection, (final, spare, owner) if wanted and spare else None)

    def _evict(self) -> None:
        """Throw away the templates that were used longest ago, none of this chain's."""
        known = _known(self._connection)
        others = sorted(
            (template for name, template in known.items() if name not in self._names),
            key=lambda template: template.used,
        )
        surplus = len(known) - 1 - KEPT
        for template in others[: max(0, surplus)]:
            databases.throw_away(self._connection, template.name)

    def _set_aside(self) -> None:
        if databases.exists(self._connection, DATABASE):
            databases.rename(self._connection, DATABASE, databases.PREVIOUS)

    def _begin_with(self, name: str) -> None:
        wanted = self._known[name].roles
        self._let_go_of(roles.surplus(self._connection, wanted))
        roles.restore(self._connection, wanted)
        if name != PRISTINE and databases.exists(self._connection, _spare_of(name)):
            databases.rename(self._connection, _spare_of(name), DATABASE)
            databases.copy_settings(self._connection, name, DATABASE)
        else:
            databases.clone(self._connection, name, DATABASE, self._server.flavour.owner)
        roles.describe(self._connection, name, wanted)

    def _let_go_of(self, role_names: list[str]) -> None:
        """Drop the databases that keep roles alive which a later migration made."""
        if role_names:
            databases.finish_later(self._connection)
            for dependent in roles.dependents(self._connection, role_names):
                databases.drop(self._connection, dependent)

    def _keep(self, name: str) -> None:
        databases.drop(self._connection, name)
        databases.clone(self._connection, DATABASE, name, self._server.flavour.owner)
        databases.seal(self._connection, name)
        roles.describe(self._connection, name, roles.capture(self._connection))

    def _bring_back(self, roles_before: roles.Roles) -> None:
        databases.drop(self._connection, DATABASE)
        if databases.exists(self._connection, databases.PREVIOUS):
            databases.rename(self._connection, databases.PREVIOUS, DATABASE)
            with contextlib.suppress(LocalServerError):
                roles.restore(self._connection, roles_before)
        else:
            self._begin_with(PRISTINE)


def _spare_of(template: str) -> str:
    return SPARE + template.removeprefix(PREFIX)


def _names_like(connection: Session, beginning: str) -> list[str]:
    rows = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (beginning,)
    ).fetchall()
    return [name for (name,) in rows]


def _known(connection: Session) -> dict[str, _Template]:
    rows = connection.execute(read_query("lockgate.local", "templates"), (PRISTINE, PREFIX)).fetchall()
    return {name: _Template(name, *roles.read_description(comment)) for name, comment in rows}


def _last_edit(folder: Folder, keys: list[str]) -> int | None:
    """After how many layers this chain parts from the one of the last reset."""
    try:
        before = json.loads((folder.root / "chain.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    same = sum(1 for mine, other in zip(keys, before, strict=False) if mine == other)
    return max(0, same - 1)


def _remember_chain(folder: Folder, keys: list[str]) -> None:
    folder.write("chain.json", json.dumps(keys))

"""``[environments.NAME]``: one target that ``--to NAME`` reaches."""

from __future__ import annotations

from typing import Annotated

from lockgate.values import value


@value(frozen=True, slots=True)
class Environment:
    """One target: how to reach it, and whether it is protected."""

    url: Annotated[
        str | None,
        'a connection string without a password, or `"env(NAME)"` for one from the environment or a `.env` file',
    ] = None
    password: Annotated[
        str | None, '`"env(NAME)"`: the password, when it does not stand in the connection string'
    ] = None
    protected: Annotated[
        bool | None,
        "ask before anything destructive; `true` when left out, except for a server on this machine",
    ] = None

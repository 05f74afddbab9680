"""``[application]``: what the application asks of the database, for ``plan --prove`` and ``test``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from lockgate.values import value


@value(frozen=True, slots=True)
class Application:
    """The application's queries, which have to outlive every change until their gate."""

    queries: Annotated[
        tuple[str, ...],
        "files of queries that the running application sends, with `*` and `?`; from the project's folder",
    ] = ()
    new_queries: Annotated[
        tuple[str, ...], "the same of the application that is to be deployed at the next gate"
    ] = ()
    role: Annotated[
        str | None, "the role that a query is tried as, unless a comment before it says `-- role: NAME`"
    ] = None
    claims: Annotated[
        str | None,
        "JSON for `request.jwt.claims`, unless a comment says `-- claims: {…}`; may hold `%(name)s` of the actor",
    ] = None
    actor: Annotated[
        Path | None,
        "a file with one SELECT whose first row gives named parameters (`%(name)s`, `:name`) their values",
    ] = None

"""``[project]``: what kind of project this is and where its files lie."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from lockgate.config.settings import Between, size
from lockgate.values import value

Platform = Literal["supabase", "postgres"]
Spelling = Literal["guide", "supabase"]
LayoutName = Literal[
    "supabase",
    "flyway",
    "golang-migrate",
    "sqlx",
    "diesel",
    "dbmate",
    "goose",
    "prisma",
    "sqitch",
    "plain",
]

OLDEST_SERVER = 14
NEWEST_SERVER = 18


@value(frozen=True, slots=True)
class Project:
    """The kind of project and its folders; what is left out is found by looking."""

    platform: Annotated[
        Platform | None,
        "what runs the database; `supabase` where there is a folder `supabase/`, else `postgres`",
    ] = None
    layout: Annotated[
        LayoutName | None, "how the migration files are named and ordered; found by looking when left out"
    ] = None
    migrations: Annotated[
        Path | None,
        "the folder of the migrations, seen from the project's folder; found by looking when left out",
    ] = None
    rollbacks: Annotated[
        Path | None, "the folder of the rollbacks; `rollbacks` beside the migrations when left out"
    ] = None
    verify: Annotated[
        Path | None, "the folder of the verify files; `verify` beside the migrations when left out"
    ] = None
    naming: Annotated[
        Spelling | None,
        "the spelling of new names: `guide` is `20251201_140000_add_x.sql`, `supabase` is `20251201140000_add_x.sql`; "
        "that of the existing files when left out, `guide` when there are none",
    ] = None
    postgres: Annotated[
        int | None,
        Between(OLDEST_SERVER, NEWEST_SERVER),
        "the server's major version; that of `supabase/config.toml`, else 17, when left out",
    ] = None
    ignore: Annotated[
        tuple[str, ...], "names in the folder of the migrations (with `*` and `?`) that are passed over"
    ] = ()
    max_file_size: Annotated[
        int, size, "a larger migration file is refused: so many rows belong into a seed or a backfill"
    ] = 32 * 2**20

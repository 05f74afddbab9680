"""Extensions of the platform that this machine's servers lack, as honest SQL: one file and one line for each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Substitute:
    """An extension that SQL stands in for; ``meaning`` says in a few words what it does and what it does not.

    ``schema`` is where it must lie (anywhere when None), ``file`` the script's name without its suffix, ``more``
    those of scripts that follow it. Its objects belong to the platform's superuser unless ``owned_by_creator``. Where
    the real one is installed it is used, unless it ``needs_preloading``: its background work would hold databases that
    a reset swaps. Hosted projects have it on servers ``until`` that major version.
    """

    name: str
    version: str
    meaning: str
    schema: str | None = None
    requires: str | None = None
    file: str | None = None
    more: tuple[str, ...] = ()
    owned_by_creator: bool = False
    needs_preloading: bool = False
    until: int | None = None

    @property
    def requirements(self) -> tuple[str, ...]:
        """The names of the extensions that must be there before it."""
        return tuple(self.requires.split(", ")) if self.requires else ()

    @property
    def control(self) -> str:
        """The text of its control file."""
        lines = [
            f"comment = 'local substitute: {self.meaning}'",
            f"default_version = '{self.version}'",
            "relocatable = false",
            "superuser = false" if self.owned_by_creator else "trusted = true",
        ]
        if self.schema:
            lines.append(f"schema = {self.schema}")
        if self.requires:
            lines.append(f"requires = '{self.requires}'")
        return "\n".join([*lines, ""])

    @property
    def script(self) -> str:
        """The SQL that creates it."""
        folder = resources.files(__package__)
        names = (self.file or self.name, *self.more)
        return "\n".join(folder.joinpath(f"{name}.sql").read_text("utf-8") for name in names)


_LIBRARY_ONLY = "can be created, does nothing"

SUBSTITUTES = (
    Substitute("uuid-ossp", "1.1", "all functions, with the same results"),
    Substitute("pgcrypto", "1.3", "hashes are real; passwords and encryption work in this database only"),
    Substitute("pgjwt", "0.2.0", "all functions, with the same results", requires="pgcrypto"),
    Substitute("pg_net", "0.14.0", "requests are kept in the queue; nothing is sent", needs_preloading=True),
    Substitute("http", "1.6", "calls raise feature_not_supported; nothing is sent"),
    Substitute("pg_cron", "1.6", "jobs are kept; nothing runs them", needs_preloading=True),
    Substitute("supabase_vault", "0.3.1", "secrets are kept in clear", schema="vault", needs_preloading=True),
    Substitute("pg_graphql", "1.5.11", "answers that there is no GraphQL", schema="graphql"),
    Substitute("pgmq", "1.4.4", "queues work; no partitioned ones", schema="pgmq", owned_by_creator=True),
    Substitute("pg_jsonschema", "0.3.3", "validates the usual keywords; formats are taken on trust"),
    Substitute(
        "vector",
        "0.8.0",
        "distances work; indexes take no options and speed nothing up",
        more=("vector_kinds",),
    ),
    Substitute(
        "postgis",
        "3.3.7",
        "points are exact, lines and polygons plain geometry; overlays and tiles raise feature_not_supported",
        more=("postgis_functions", "postgis_operators"),
    ),
    Substitute("pgtap", "1.2.0", _LIBRARY_ONLY, file="nothing"),
    Substitute("pg_stat_statements", "1.10", "views that stay empty"),
    Substitute("moddatetime", "1.0", "the trigger, with the same results"),
    Substitute("hypopg", "1.4.1", "calls raise feature_not_supported"),
    Substitute("index_advisor", "0.2.0", "gives no advice"),
    Substitute("plpgsql_check", "2.7", "calls raise feature_not_supported"),
    Substitute("pgsodium", "3.1.8", "keys can be made; nothing is encrypted", needs_preloading=True),
    Substitute("pgaudit", "17.0", _LIBRARY_ONLY, file="nothing", needs_preloading=True),
    Substitute("pg_repack", "1.5.2", _LIBRARY_ONLY, file="nothing"),
    Substitute("pg_tle", "1.4.0", _LIBRARY_ONLY, file="nothing", needs_preloading=True),
    Substitute("pg_hashids", "1.3", "all functions, with the same results"),
    Substitute("pg_stat_monitor", "2.1", _LIBRARY_ONLY, file="nothing", needs_preloading=True),
    Substitute("address_standardizer", "3.3.7", _LIBRARY_ONLY, file="nothing"),
    Substitute(
        "address_standardizer_data_us",
        "3.3.7",
        _LIBRARY_ONLY,
        requires="address_standardizer",
        file="nothing",
    ),
    Substitute("pgrouting", "3.4.1", _LIBRARY_ONLY, requires="postgis", file="nothing"),
    Substitute("postgis_raster", "3.3.7", _LIBRARY_ONLY, requires="postgis", file="nothing"),
    Substitute("postgis_sfcgal", "3.3.7", _LIBRARY_ONLY, requires="postgis", file="nothing"),
    Substitute(
        "postgis_topology", "3.3.7", _LIBRARY_ONLY, schema="topology", requires="postgis", file="nothing"
    ),
    Substitute(
        "postgis_tiger_geocoder",
        "3.3.7",
        _LIBRARY_ONLY,
        schema="tiger",
        requires="postgis, fuzzystrmatch",
        file="nothing",
    ),
    Substitute("rum", "1.3", "searches work as with GIN; an order by distance reads the table"),
    Substitute("pgroonga", "3.2.5", "words are found as they stand; indexes speed nothing up"),
    Substitute("timescaledb", "2.16.1", "hypertables are plain tables; time_bucket works", until=15),
    Substitute("plv8", "3.1.10", "functions can be created; calls fail", schema="pg_catalog", until=15),
    Substitute("wrappers", "0.4.4", "servers and foreign tables can be made; nothing is fetched"),
)

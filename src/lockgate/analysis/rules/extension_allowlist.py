"""An extension or language is not on the list of allowed ones.

## Hazard

Some extensions reach the file system, the network or other databases (`file_fdw`, `dblink`, `plpython3u`): whoever
may call them has left the database.

## When it bites

With every `CREATE EXTENSION` and `CREATE LANGUAGE` whose name is not in `extensions` of the rule's settings. Without
a setting the allowed ones are those that PostgreSQL itself marks as trusted, which any owner of a database may
create; on Supabase also those that the platform supports.

## Unsafe

```sql
CREATE EXTENSION dblink;
```

## Safe

```sql
CREATE EXTENSION pg_trgm;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/contrib.html
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_TRUSTED = """
    bool_plperl btree_gin btree_gist citext cube dict_int fuzzystrmatch hstore intarray isn jsonb_plperl lo ltree
    pg_trgm pgcrypto plperl plpgsql pltcl seg tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp
"""
_SUPABASE = """
    address_standardizer address_standardizer_data_us autoinc earthdistance http hypopg index_advisor insert_username
    moddatetime pg_cron pg_graphql pg_hashids pg_jsonschema pg_net pg_partman pg_repack pg_stat_statements pg_tle
    pg_walinspect pgaudit pgmq pgroonga pgroonga_database pgrouting pgrowlocks pgstattuple pgtap plpgsql_check plv8
    postgis postgis_raster postgis_sfcgal postgis_tiger_geocoder postgis_topology postgres_fdw refint rum sslinfo
    supabase_vault vector wrappers
"""


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """An extension by a name that is not allowed."""
    name = tree.get("extname") or tree.get("plname", "")
    listed: list[str] = context.setting(RULE.id, "extensions", [])
    usual = f"{_TRUSTED} {_SUPABASE}" if context.options.platform == "supabase" else _TRUSTED
    if name not in (listed or usual.split()):
        yield Hazard(
            f"{name} is not on the list of allowed extensions.",
            "Extensions that are not trusted can reach files, the network or other databases.",
        )


RULE = Rule(
    id="extension-allowlist",
    group=Group.OBJECTS,
    severity=Severity.WARNING,
    on=(
        "CreateExtensionStmt",
        "CreatePLangStmt",
    ),
    opt_in=True,
    check=check,
    doc=__doc__,
    settings={"extensions": list},
)

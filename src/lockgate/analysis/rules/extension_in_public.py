"""An extension puts its functions into the schema of the API.

## Hazard

Everything in `public` is offered by the API, and shadows what has the same name; an update of the extension changes
it. Extensions belong into a schema of their own.

## When it bites

When an extension ends in `public`, by name or because no schema was said. Extensions that bring a schema of their
own, and those that Supabase has installed already when `IF NOT EXISTS` finds them, are not reported.

## Unsafe

```sql
CREATE EXTENSION pg_trgm;
```

## Safe

```sql
CREATE EXTENSION pg_trgm WITH SCHEMA extensions;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createextension.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0014_extension_in_public
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.state.catalog import Birth, Extension
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node
from lockgate.types import Severity

_OWN_SCHEMA = """
    pg_cron pg_net pg_graphql pg_tle pgmq pgsodium plpgsql plv8 supabase_vault timescaledb wal2json pg_repack
    postgis_tiger_geocoder postgis_topology
"""
_INSTALLED = "pg_graphql pg_stat_statements pgcrypto pgjwt plpgsql supabase_vault uuid-ossp"


def check(tree: Node, context: Context) -> Iterator[Hazard]:
    """Extensions in public: at the end of the history those that were made there, and each that is moved there."""
    if tree:
        yield from _moved(tree, context)
        return
    for extension in context.state.extensions.values():
        birth = newest(context, ("extension", extension.name))
        schema = extension.schema or ("" if extension.name in _OWN_SCHEMA.split() else "public")
        if birth is None or schema != "public" or _is_there(extension, context, birth):
            continue
        name = quote(extension.name)
        yield Hazard(
            f"The extension {extension.name} puts its functions into public.",
            "The API offers them, and they shadow others of the same name; give it another schema.",
            safe=f"CREATE SCHEMA IF NOT EXISTS extensions;\nCREATE EXTENSION {name} WITH SCHEMA extensions;",
            at=birth,
        )


def _moved(tree: Node, context: Context) -> Iterator[Hazard]:
    """One that nothing else is known of; the others are told at the end."""
    name = tree["object"]["String"]["sval"]
    if tree.get("newschema") == "public" and name not in context.state.extensions:
        yield Hazard(
            f"The extension {name} is moved into public.",
            "The API offers its functions, and they shadow others of the same name; give it another schema.",
        )


def _is_there(extension: Extension, context: Context, birth: Birth) -> bool:
    asked = bool(context.statement_at(birth).tree.get("if_not_exists")) and not extension.schema
    return asked and context.options.platform == "supabase" and extension.name in _INSTALLED.split()


RULE = Rule(
    id="extension-in-public",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(HISTORY_END, "AlterObjectSchemaStmt/OBJECT_EXTENSION"),
    platform="supabase",
    check=check,
    doc=__doc__,
)

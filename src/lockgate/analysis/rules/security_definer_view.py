"""A view shows rows with its owner's rights.

## Hazard

A view reads its tables as the role that made it. That role owns the tables, so row-level security does not bind it:
whoever may read the view sees all rows of all users.

## When it bites

When a view in an exposed schema that reads something ends without `security_invoker`, and one of the API's roles may
select from it. On a server without such an API, when a table behind the view has row-level security.

## Unsafe

```sql
CREATE VIEW all_notes AS SELECT id, body FROM notes;
```

## Safe

```sql
CREATE VIEW all_notes WITH (security_invoker = true) AS SELECT id, body FROM notes;
```

## Lock

None of its own.

## Versions

All; `security_invoker` from 15 on. Before that, keep such views in a schema that is not exposed.

## References

- https://www.postgresql.org/docs/current/sql-createview.html
- https://supabase.com/docs/guides/database/database-advisors?lint=0010_security_definer_view
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import exposed_relations, newest, reads_transitively
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: views that pass row security by."""
    has_api = context.options.platform != "postgres" or context.is_selected(RULE)
    for view in exposed_relations(context, "view"):
        behind = [
            name for name in reads_transitively(context, view) if context.state.known(name).row_security
        ]
        if not view.reads or not (has_api or behind) or _as_invoker(view):
            continue
        name = view.name
        birth = newest(
            context, ("relation", name), ("options", name), ("moved", name), ("grant", "table", name)
        )
        if birth is not None:
            protected = f" although {', '.join(map(str, behind))} has row-level security" if behind else ""
            yield Hazard(
                f"{name} shows all rows to whoever may read it{protected}.",
                "It reads as its owner, whom row-level security does not bind.",
                safe=f"ALTER VIEW {name.sql} SET (security_invoker = true);" if context.major >= 15 else "",
                at=birth,
            )


def _as_invoker(view: Relation) -> bool:
    return dict(view.options).get("security_invoker", "false").lower() in ("true", "on", "yes", "1")


RULE = Rule(
    id="security-definer-view",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)

"""A message queue can be read through the API.

## Hazard

The tables of `pgmq` queues lie in the schema `pgmq`. When `pgmq_public` (or `pgmq` itself) is served by the API and a
queue's table has no row-level security, whoever has the key of the API can read, add and delete messages.

## When it bites

When a file makes a queue, the settings of the project name one of these schemas among those that the API serves, and
nothing later in the history switches row-level security on. `lockgate advise` asks a running database the same.

## Unsafe

```sql
SELECT pgmq.create('jobs');
```

## Safe

```sql
SELECT pgmq.create('jobs');
ALTER TABLE pgmq.q_jobs ENABLE ROW LEVEL SECURITY;
```

## Lock

None of its own.

## Versions

All.

## References

- https://supabase.com/docs/guides/queues/expose-self-hosted-queues
- https://supabase.com/docs/guides/database/database-advisors?lint=0019_insecure_queue_exposed_in_api
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.state import names
from lockgate.analysis.state.catalog import Birth
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node, Statement, walk
from lockgate.types import Severity

_SERVED = frozenset({"pgmq", "pgmq_public"})
_MAKERS = frozenset({"create", "create_non_partitioned", "create_partitioned", "create_unlogged"})


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: queues of the checked files that are open to the API."""
    if _SERVED.isdisjoint(context.options.exposed_schemas):
        return
    for unit, source in enumerate(context.files[context.first :], context.first):
        for statement in source.script.statements if "pgmq" in source.script.text else ():
            for queue in _queues(statement):
                place = Birth(unit, statement.index, 0)
                yield from _open(context, place, QualifiedName("pgmq", f"q_{queue}"))


def _queues(statement: Statement) -> Iterator[str]:
    """The queues that a statement makes, where their names are plain text."""
    for kind, node in walk(statement.tree):
        if kind == "FuncCall" and node.get("args"):
            schema, function = names.dotted(node["funcname"])
            first = node["args"][0]
            text = (
                first.get("NamedArgExpr", {}).get("arg", first).get("A_Const", {}).get("sval", {}).get("sval")
            )
            if schema == "pgmq" and function in _MAKERS and text:
                # The tables are named in lower case, whatever the queue is called.
                yield text.lower()


def _open(context: Context, place: Birth, table: QualifiedName) -> Iterator[Hazard]:
    if not context.state.known(table).row_security:
        yield Hazard(
            f"The queue table {table} has no row-level security, and queues are served by the API.",
            "Messages of all users can be read, added and deleted by all users.",
            safe=f"ALTER TABLE {table.sql} ENABLE ROW LEVEL SECURITY;",
            at=place,
        )


RULE = Rule(
    id="insecure-queue-exposed",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=(HISTORY_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)

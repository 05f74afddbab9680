"""A function looks up names by its caller's search path.

## Hazard

Unqualified names in the body mean what the caller wants them to mean: whoever may create a table or an operator in a
schema of the path puts it in front of the real one. In a SECURITY DEFINER function that is code run with the owner's
rights.

## When it bites

When a function or procedure ends without `SET search_path`. With SECURITY DEFINER it is a warning, otherwise a
remark. So is a function of one plain `SELECT` that the planner may put in place of its call: a SET clause would
forbid that, so its names are what has to be qualified; silence it where that is done. Not reported: bodies in the
form of the SQL standard, whose names are looked up when they are made.

## Unsafe

```sql
CREATE FUNCTION count_notes() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
AS $$ SELECT count(*) FROM notes $$;
```

## Safe

```sql
CREATE FUNCTION count_notes() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$ SELECT count(*) FROM public.notes $$;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
- https://supabase.com/docs/guides/database/database-advisors?lint=0011_function_search_path_mutable
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import routines
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.routine_facts import may_be_inlined, signature
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: functions without a search path of their own."""
    for function, birth in routines(context):
        if "search_path" in dict(function.settings) or function.language in ("c", "internal"):
            continue
        if function.kind == "aggregate" or "sql_body" in context.statement_at(birth).tree:
            continue
        inlined = may_be_inlined(function)
        word = "PROCEDURE" if function.kind == "procedure" else "FUNCTION"
        yield Hazard(
            f"{function.name} looks up names by its caller's search path"
            + (", with its owner's rights." if function.security_definer else "."),
            "A table, function or operator that somebody puts in front is used instead: qualify names"
            + (" (with a path of its own it could not be inlined)." if inlined else ", set the path."),
            safe="" if inlined else f"ALTER {word} {signature(function)} SET search_path = '';",
            at=birth,
            severity=None if function.security_definer else Severity.INFO,
        )


RULE = Rule(
    id="function-search-path-mutable",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(HISTORY_END,),
    check=check,
    doc=__doc__,
)

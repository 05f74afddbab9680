"""The API calls a function that runs with the rights of its owner.

## Hazard

Every function in an exposed schema can be called through the API by whoever may execute it, and by default everybody
may. With SECURITY DEFINER row-level security does not bind it: it must check itself who calls.

## When it bites

When a SECURITY DEFINER function in an exposed schema ends executable by `anon`, by everybody, or by `authenticated`
(then a remark: signing in is something). On Supabase a REVOKE from PUBLIC is not enough, because default privileges
name the roles. Trigger functions cannot be called and are not reported.

## Unsafe

```sql
CREATE FUNCTION count_notes() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$ SELECT count(*) FROM public.notes $$;
```

## Safe

```sql
CREATE FUNCTION count_notes() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$ SELECT count(*) FROM public.notes $$;
REVOKE EXECUTE ON FUNCTION count_notes() FROM PUBLIC, anon, authenticated;
```

## Lock

None.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
- https://supabase.com/docs/guides/database/database-advisors?lint=0028_anon_security_definer_function_executable
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import api_roles, newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.analysis.rules.routine_facts import is_trigger, signature
from lockgate.analysis.view import Function
from lockgate.sql.parse import Node
from lockgate.types import Severity


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: functions with their owner's rights that the API may call."""
    for function in context.state.all_functions():
        name = function.name
        if (
            not function.security_definer
            or is_trigger(function)
            or name.schema not in context.options.exposed_schemas
        ):
            continue
        roles = api_roles(context, name, "execute", kind="function")
        birth = newest(context, ("routine", name, function.argument_types), ("grant", "function", name))
        if roles and birth is not None:
            yield Hazard(
                f"{' and '.join(roles)} may call {name}, which runs with its owner's rights.",
                "Row-level security does not bind it; move it out of the exposed schema, or revoke.",
                safe=f"REVOKE EXECUTE ON {_word(function)} {signature(function)} FROM PUBLIC, anon, authenticated;",
                at=birth,
                severity=None if "anon" in roles else Severity.INFO,
            )


def _word(function: Function) -> str:
    return "PROCEDURE" if function.kind == "procedure" else "FUNCTION"


RULE = Rule(
    id="security-definer-function-callable",
    group=Group.SECURITY,
    severity=Severity.WARNING,
    on=(HISTORY_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
)

"""A table with secrets is open to the API.

## Hazard

A column that is called like a password, a key or the number of a card, in an exposed table without row-level
security: everybody who has the public key of the API can read it.

## When it bites

When a table in an exposed schema, on which one of the API's roles may select, ends without row-level security and has
a column of such a name. `columns` in the rule's settings adds names.

## Unsafe

```sql
CREATE TABLE members (id bigint PRIMARY KEY, password_hash text);
```

## Safe

```sql
CREATE TABLE members (id bigint PRIMARY KEY, password_hash text);
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE members FROM anon, authenticated;
```

## Lock

None of its own.

## Versions

All.

## References

- https://supabase.com/docs/guides/database/postgres/row-level-security
- https://supabase.com/docs/guides/database/database-advisors?lint=0023_sensitive_columns_exposed
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lockgate.analysis.rules.api_facts import exposed_relations, exposure, newest
from lockgate.analysis.rules.base import HISTORY_END, Context, Group, Hazard, Rule
from lockgate.sql.parse import Node
from lockgate.types import Severity

_SECRET = re.compile(
    r"""
    pass(?:word|wd|phrase|code)?(?:_?(?:hash|salt|digest))? | pwd | credentials? | pin(?:_?code)?
    | secret(?:_?(?:key|token))? | (?:client|shared|webhook|mfa|otp|totp)_?secret | otp
    | (?:api|access|private|secret|encryption|signing|license)_?key
    | token | (?:access|refresh|auth|bearer|session|reset|api)_?token
    | ssn | social_?security(?:_?number)? | national_?id | passport(?:_?(?:number|no))?
    | tax_?(?:id|number) | driver_?licen[cs]e(?:_?number)? | date_?of_?birth | dob
    | credit_?card(?:_?number)? | card_?number | cvv2? | cvc
    | iban | bank_?account(?:_?number)? | routing_?number | account_?number
    | medical_?record(?:_?number)? | health_?insurance(?:_?number)?
    | (?!is_|has_|needs_|requires_) \w+_?
      (?:password|passphrase|(?:api|secret|private)_?key) (?:_?(?:hash|salt|digest))?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """At the end of the history: open tables with columns of such names."""
    more: list[str] = context.setting(RULE.id, "columns", [])
    for table in exposed_relations(context, "table", "partitioned table"):
        found = [c.name for c in table.columns if _SECRET.fullmatch(c.name) or c.name in more]
        if table.row_security or not found:
            continue
        columns = (("column", table.name, name) for name in found)
        birth = newest(context, *columns) or exposure(context, table)
        if birth is not None:
            yield Hazard(
                f"{', '.join(found)} of {table.name} can be read by everybody through the API.",
                "The table has no row-level security; enable it, or move the columns out of the exposed schema.",
                safe=f"ALTER TABLE {table.name.sql} ENABLE ROW LEVEL SECURITY;",
                at=birth,
            )


RULE = Rule(
    id="sensitive-columns-exposed",
    group=Group.SECURITY,
    severity=Severity.ERROR,
    on=(HISTORY_END,),
    platform="supabase",
    check=check,
    doc=__doc__,
    settings={"columns": list},
)

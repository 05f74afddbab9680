r"""A statement cannot be parsed, and nothing is known about it.

## Hazard

The server would refuse it too, if it is of the version of this parser (18) or older. Everything behind it is judged
without what it was to do.

## When it bites

With slips of the pen, with the SQL of another database, with psql's own commands (`\copy`, `\i`, but for the runner
`psql`), and with templates that another tool fills in. Of commands, of another language and of a template one finding a
file is told. A template is judged as if each placeholder were the name in it, as far as that makes SQL of it: Flyway's
`${schema}`, `:schema` of psql, ERB, Jinja and Go.

## Unsafe

```sql
CREATE TABLE orders (id bigint PRIMARY KEY,);
```

## Safe

```sql
CREATE TABLE orders (id bigint PRIMARY KEY);
```

## Lock

None: the statement fails.

## Versions

All.

## References

- https://www.postgresql.org/docs/current/sql-commands.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from lockgate.analysis.rules.base import FILE_END, Context, Group, Hazard, Rule
from lockgate.sql import psql
from lockgate.sql.parse import Node, ParseFailure, Statement
from lockgate.sql.templates import Template
from lockgate.types import Severity

_REFUSED: Final = "the server would refuse it too"
_OTHERS: Final = {
    "MySQL or MariaDB": re.compile(r"at or near \"(?:`|DELIMITER)"),
    "SQL Server": re.compile(r"at or near \"(?:\[|GO\b)"),
}
"""What the parser of this server stumbles over in the SQL of another one."""


def check(_: Node, context: Context) -> Iterator[Hazard]:
    """What is no SQL: inside a DO block where it stands, of the file itself at its end, once for what repeats."""
    if context.nested or context.in_function:
        yield from _alone(context.statement)
    elif context.derived is not None:
        yield from _of_file(context)


def _of_file(context: Context) -> Iterator[Hazard]:
    source, with_psql = context.source, context.session.runner.name == "psql"
    if source.template is not None and not (with_psql and source.template.tool == "psql"):
        yield _of_template(source.template, source.script.statements)
    failed = sorted(source.script.failures, key=_kind)
    for kind, some in groupby(failed, _kind):
        statements = list(some)
        if kind == "psql":
            yield from () if with_psql else (_of_psql(statements),)
        elif kind:
            yield _of_another_server(kind, statements)
        else:
            for statement in statements:
                yield from _alone(statement)


def _kind(statement: Statement) -> str:
    """What is said once of all of a kind; empty for what stands alone."""
    message = _failure(statement).message
    if psql.is_told(message):
        return "psql"
    return next((name for name, pattern in _OTHERS.items() if pattern.search(message)), "")


def _failure(statement: Statement) -> ParseFailure:
    assert statement.failure is not None
    return statement.failure


def _alone(statement: Statement) -> Iterator[Hazard]:
    failure = statement.failure
    if failure is not None:
        at = f"At line {failure.position.line}, column {failure.position.column}"
        yield Hazard(f"Cannot be parsed: {failure.message}.", f"{at}; {_REFUSED}.", at=statement)


def _of_psql(statements: list[Statement]) -> Hazard:
    what = "; ".join(dict.fromkeys(_failure(statement).message for statement in statements))
    return Hazard(
        f"Cannot run here: {what}.",
        f"{_lines(statements)}. The rest is judged without; write it as SQL, or say --runner psql.",
        at=statements[0],
    )


def _of_another_server(name: str, statements: list[Statement]) -> Hazard:
    first = _failure(statements[0])
    return Hazard(
        f"Cannot be parsed: {first.message}, as {name} would have it.",
        f"{_lines(statements)}.",
        at=statements[0],
    )


def _lines(statements: list[Statement]) -> str:
    lines = list(dict.fromkeys(_failure(statement).position.line for statement in statements))
    return f"Line{'s' if lines[1:] else ''} {', '.join(map(str, lines[:8]))}{' …' if lines[8:] else ''}"


def _of_template(template: Template, statements: Iterable[Statement]) -> Hazard:
    places = f"{template.count} places" if template.count > 1 else "it"
    return Hazard(
        f"The file is a template: {template.tool} fills in {template.first!r}.",
        f"It was read as if {places} held the name that stands there; Lockgate does not fill anything in.",
        at=next((one for one in statements if one.end.offset > template.offset), None),
        severity=Severity.WARNING,
    )


RULE = Rule(
    id="syntax-error",
    group=Group.FILES,
    severity=Severity.ERROR,
    on=("Unparsed", FILE_END),
    check=check,
    doc=__doc__,
)

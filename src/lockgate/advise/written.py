"""The advisors that judge how the schema is made: the rules of ``check``, asked about the database as it stands.

The schema is written as one script from the catalog, and the rules that judge the end of a history read that. So a
hazard has one name, one message and one page, whether a file would bring it or the database has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import psycopg

from lockgate.advise.model import Advisor, Result
from lockgate.analysis.check import check
from lockgate.analysis.options import Options
from lockgate.analysis.rules import ALL
from lockgate.analysis.source import Source
from lockgate.analysis.state import names
from lockgate.catalog import Snapshot, as_sql, diff
from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.sql.parse import Statement, deparse, deparse_expression, parse
from lockgate.sql.queries import read as read_query

RULES: Final[Mapping[str, Advisor]] = MappingProxyType(
    {
        "auth-allow-anonymous": Advisor.SECURITY,
        "auth-rls-initplan": Advisor.PERFORMANCE,
        "auth-users-exposed": Advisor.SECURITY,
        "create-table-without-pk": Advisor.PERFORMANCE,
        "duplicate-index": Advisor.PERFORMANCE,
        "extension-in-public": Advisor.SECURITY,
        "fk-missing-index": Advisor.PERFORMANCE,
        "fkey-to-auth-unique": Advisor.SECURITY,
        "foreign-table-in-api": Advisor.SECURITY,
        "function-search-path-mutable": Advisor.SECURITY,
        "materialized-view-in-api": Advisor.SECURITY,
        "multiple-permissive-policies": Advisor.PERFORMANCE,
        "policy-exists-rls-disabled": Advisor.SECURITY,
        "public-bucket-allows-listing": Advisor.SECURITY,
        "redundant-prefix-index": Advisor.PERFORMANCE,
        "rls-disabled-in-public": Advisor.SECURITY,
        "rls-enabled-no-policy": Advisor.SECURITY,
        "rls-policy-always-true": Advisor.SECURITY,
        "rls-references-user-metadata": Advisor.SECURITY,
        "security-definer-function-callable": Advisor.SECURITY,
        "security-definer-view": Advisor.SECURITY,
        "sensitive-columns-exposed": Advisor.SECURITY,
        "unsupported-reg-types": Advisor.SECURITY,
    }
)
"""The rules that say something about a schema as it stands, and whose advice each is."""

_CLOSED: Final = "".join(
    f"ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public REVOKE ALL ON {sort} FROM anon, authenticated;\n"
    for sort in ("TABLES", "SEQUENCES", "FUNCTIONS")
)
# The script grants by itself whatever is granted; what the platform would grant by default must not be added.


def from_schema(
    connection: psycopg.Connection[Any], snapshot: Snapshot, options: Options
) -> Iterator[Result]:
    """What the rules say about a schema; ``options`` hold the platform, the exposed schemas and what to ignore."""
    asked = frozenset(rule.id for rule in ALL if rule.id in RULES and rule.platform in ("", options.platform))
    wanted = replace(options, major=snapshot.major, select=asked)
    script = "".join(f"{statement};\n" for statement in (*_statements(snapshot), *_buckets(connection)))
    source, before = Source.from_text(script, snapshot.database), Source.from_text(_CLOSED, "platform")
    for finding in check([source], wanted, [before]).findings:
        yield Result(
            finding.rule,
            RULES[finding.rule],
            finding.severity,
            finding.message,
            finding.why,
            _as_change(finding.safe),
        )


def _statements(snapshot: Snapshot) -> Iterable[str]:
    return as_sql(diff(Snapshot(snapshot.major, user=snapshot.user), snapshot))


def _buckets(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """The buckets that anybody may read: part of what is exposed, though they are rows."""
    found = connection.execute("SELECT to_regclass('storage.buckets') IS NOT NULL").fetchone()
    if found is None or not found[0]:
        return
    for name, visible in connection.execute(read_query("lockgate.advise", "buckets").encode()).fetchall():
        values = f"{literal(name)}, {literal(name)}, {str(visible).lower()}"
        yield f"INSERT INTO storage.buckets (id, name, public) VALUES ({values})"


def _as_change(safe: str) -> str:
    """What to run where the object is there already; empty where the rule only knows how to make it in another way."""
    statements = parse(safe).statements if safe else ()
    changed = [_CHANGES.get(statement.kind, _as_it_is)(statement) for statement in statements]
    return "" if None in changed else "\n".join(f"{text};" for text in changed)


def _as_it_is(statement: Statement) -> str | None:
    return statement.sql.rstrip(";")


def _altered_policy(statement: Statement) -> str | None:
    tree = statement.tree
    clauses = [
        f"{word} ({deparse_expression(tree[key])})"
        for word, key in (("USING", "qual"), ("WITH CHECK", "with_check"))
        if key in tree
    ]
    table = QualifiedName(*names.range_var(tree["table"])).sql
    return f"ALTER POLICY {quote(tree['policy_name'])} ON {table} {' '.join(clauses)}"


def _moved_extension(statement: Statement) -> str | None:
    options = {item["DefElem"]["defname"]: item["DefElem"] for item in statement.tree.get("options", ())}
    schema = options.get("schema", {}).get("arg", {}).get("String", {}).get("sval")
    return schema and f"ALTER EXTENSION {quote(statement.tree['extname'])} SET SCHEMA {quote(schema)}"


def _concurrent_index(statement: Statement) -> str | None:
    return deparse({statement.kind: {**statement.tree, "concurrent": True}})


def _nothing(statement: Statement) -> str | None:
    return None


_CHANGES: Final[Mapping[str, Callable[[Statement], str | None]]] = MappingProxyType(
    {
        "CreatePolicyStmt": _altered_policy,
        "CreateExtensionStmt": _moved_extension,
        "IndexStmt": _concurrent_index,
        "CreateStmt": _nothing,
        "CreateForeignTableStmt": _nothing,
    }
)

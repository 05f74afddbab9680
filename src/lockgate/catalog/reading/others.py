"""Objects without columns that are said by one CREATE statement each, and those that lie in no schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from lockgate.catalog.address import Address, Kind
from lockgate.catalog.model import Plain
from lockgate.catalog.reading.builder import Builder, Class, address
from lockgate.catalog.reading.fetch import Row
from lockgate.sql.identifiers import literal, quote


class _Sort(NamedTuple):
    query: str
    cls: Class
    address: Callable[[Row], Address]
    define: Callable[[Address, Row], str]
    access: str | None = None
    completions: Callable[[Address, Row], tuple[str, ...]] = lambda where, row: ()


def read_others(build: Builder) -> None:
    """Add every object of a kind that needs no class of its own."""
    for sort in _SORTS:
        for row in build.rows[sort.query]:
            where = sort.address(row)
            item = Plain(
                **build.common(sort.cls, row, where, sort.access),
                definition=sort.define(where, row),
                extra=sort.completions(where, row),
            )
            build.add(item, (sort.cls, row["oid"], 0))


def _at(kind: Kind, part: str = "") -> Callable[[Row], Address]:
    return lambda row: address(kind, row, row[part] if part else "")


def _clauses(pairs: Iterable[tuple[str, str | None]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in pairs if value is not None)


def _text(value: str | None) -> str | None:
    return None if value is None else literal(value)


def _options(items: list[str] | None) -> str:
    pairs = sorted((item.partition("=") for item in items or ()), key=lambda pair: pair[0])
    inside = ", ".join(f"{quote(name)} {literal(value)}" for name, _, value in pairs)
    return f" OPTIONS ({inside})" if inside else ""


_PROVIDER = {"c": "libc", "i": "icu", "b": "builtin", "d": "default"}


def _collation(where: Address, row: Row) -> str:
    pairs = [("provider", _PROVIDER[row["provider"]])]
    if row["locale"] is not None:
        pairs.append(("locale", literal(row["locale"])))
    else:
        pairs += [("lc_collate", literal(row["lc_collate"])), ("lc_ctype", literal(row["lc_ctype"]))]
    if not row["deterministic"]:
        pairs.append(("deterministic", "false"))
    if row["rules"] is not None:
        pairs.append(("rules", literal(row["rules"])))
    return f"CREATE COLLATION {where.sql} ({_clauses(pairs)})"


def _operator_address(row: Row) -> Address:
    return Address(Kind.OPERATOR, row["schema"], row["name"], f"{row['left'] or 'NONE'}, {row['right']}")


def _operator(where: Address, row: Row) -> str:
    pairs = [("FUNCTION", row["function"]), ("LEFTARG", row["left"]), ("RIGHTARG", row["right"])]
    pairs += [
        (name.upper(), f"OPERATOR({quote(row[name + '_schema'])}.{row[name]})")
        for name in ("commutator", "negator")
        if row[name]
    ]
    pairs += [("RESTRICT", row["restrict"]), ("JOIN", row["join"])]
    flags = [name.upper() for name in ("hashes", "merges") if row[name]]
    return f"CREATE OPERATOR {quote(where.schema)}.{where.name} ({', '.join([_clauses(pairs), *flags])})"


def _operator_class(where: Address, row: Row) -> str:
    items = [*row["operators"], *row["functions"]]
    if row["storage"] or not items:
        items.append(f"STORAGE {row['storage'] or row['type']}")
    default = " DEFAULT" if row["is_default"] else ""
    return (
        f"CREATE OPERATOR CLASS {where.qualified.sql}{default} FOR TYPE {row['type']} "
        f"USING {quote(row['method'])} FAMILY {row['family']} AS {', '.join(items)}"
    )


_CONTEXT = {"a": " AS ASSIGNMENT", "i": " AS IMPLICIT", "e": ""}


def _cast(where: Address, row: Row) -> str:
    how = {"f": f"WITH FUNCTION {row['function']}", "i": "WITH INOUT", "b": "WITHOUT FUNCTION"}[row["method"]]
    return f"CREATE CAST {where.sql} {how}{_CONTEXT[row['context']]}"


def _conversion(where: Address, row: Row) -> str:
    default = "DEFAULT " if row["is_default"] else ""
    source, target = literal(row["source"]), literal(row["target"])
    return f"CREATE {default}CONVERSION {where.sql} FOR {source} TO {target} FROM {row['function']}"


def _transform(where: Address, row: Row) -> str:
    ways = (("FROM SQL", row["from_sql"]), ("TO SQL", row["to_sql"]))
    inside = ", ".join(f"{way} WITH FUNCTION {function}" for way, function in ways if function)
    return f"CREATE TRANSFORM {where.sql} ({inside})"


def _language(where: Address, row: Row) -> str:
    trusted = "TRUSTED " if row["trusted"] else ""
    parts = [f"CREATE {trusted}LANGUAGE {where.sql}"]
    if row["handler"]:
        parts.append(f"HANDLER {row['handler'].partition('(')[0]}")
    parts += [f"{name.upper()} {row[name]}" for name in ("inline", "validator") if row[name]]
    return " ".join(parts)


def _access_method(where: Address, row: Row) -> str:
    sort = "INDEX" if row["type"] == "i" else "TABLE"
    return f"CREATE ACCESS METHOD {where.sql} TYPE {sort} HANDLER {row['handler']}"


def _search_parser(where: Address, row: Row) -> str:
    names = ("start", "gettoken", "end", "lextypes", "headline")
    return f"CREATE TEXT SEARCH PARSER {where.sql} ({_clauses((name.upper(), row[name]) for name in names)})"


def _search_template(where: Address, row: Row) -> str:
    pairs = [("INIT", row["init"]), ("LEXIZE", row["lexize"])]
    return f"CREATE TEXT SEARCH TEMPLATE {where.sql} ({_clauses(pairs)})"


def _search_dictionary(where: Address, row: Row) -> str:
    options = f", {row['options']}" if row["options"] else ""
    return f"CREATE TEXT SEARCH DICTIONARY {where.sql} (TEMPLATE = {row['template']}{options})"


def _search_mappings(where: Address, row: Row) -> tuple[str, ...]:
    start = f"ALTER TEXT SEARCH CONFIGURATION {where.sql} ADD MAPPING FOR"
    return tuple(f"{start} {mapping}" for mapping in row["mappings"])


def _wrapper(where: Address, row: Row) -> str:
    handler = f" HANDLER {row['handler']}" if row["handler"] else ""
    validator = f" VALIDATOR {row['validator']}" if row["validator"] else ""
    return f"CREATE FOREIGN DATA WRAPPER {where.sql}{handler}{validator}{_options(row['options'])}"


def _server(where: Address, row: Row) -> str:
    sort = f" TYPE {literal(row['type'])}" if row["type"] else ""
    version = f" VERSION {literal(row['version'])}" if row["version"] else ""
    wrapper = f" FOREIGN DATA WRAPPER {quote(row['wrapper'])}"
    return f"CREATE SERVER {where.sql}{sort}{version}{wrapper}{_options(row['options'])}"


def _user_mapping(where: Address, row: Row) -> str:
    names = ", ".join(f"{quote(name)} '…'" for name in row["options"])
    return f"CREATE USER MAPPING {where.sql}" + (f" OPTIONS ({names})" if names else "")


def _statistics_target(where: Address, row: Row) -> tuple[str, ...]:
    if row["target"] is None:
        return ()
    return (f"ALTER STATISTICS {where.sql} SET STATISTICS {row['target']}",)


_SORTS = (
    _Sort("collations", Class.COLLATION, _at(Kind.COLLATION), _collation),
    _Sort("operators", Class.OPERATOR, _operator_address, _operator),
    _Sort(
        "operator_families",
        Class.OPERATOR_FAMILY,
        _at(Kind.OPERATOR_FAMILY, "method"),
        lambda where, row: f"CREATE OPERATOR FAMILY {where.sql}",
    ),
    _Sort("operator_classes", Class.OPERATOR_CLASS, _at(Kind.OPERATOR_CLASS, "method"), _operator_class),
    _Sort("casts", Class.CAST, lambda row: Address(Kind.CAST, "", row["source"], row["target"]), _cast),
    _Sort("conversions", Class.CONVERSION, _at(Kind.CONVERSION), _conversion),
    _Sort(
        "transforms",
        Class.TRANSFORM,
        lambda row: Address(Kind.TRANSFORM, "", row["type"], row["language"]),
        _transform,
    ),
    _Sort("languages", Class.LANGUAGE, _at(Kind.LANGUAGE), _language, "language"),
    _Sort("access_methods", Class.ACCESS_METHOD, _at(Kind.ACCESS_METHOD), _access_method),
    _Sort("text_search_parsers", Class.TS_PARSER, _at(Kind.TEXT_SEARCH_PARSER), _search_parser),
    _Sort("text_search_templates", Class.TS_TEMPLATE, _at(Kind.TEXT_SEARCH_TEMPLATE), _search_template),
    _Sort(
        "text_search_dictionaries", Class.TS_DICTIONARY, _at(Kind.TEXT_SEARCH_DICTIONARY), _search_dictionary
    ),
    _Sort(
        "text_search_configurations",
        Class.TS_CONFIGURATION,
        _at(Kind.TEXT_SEARCH_CONFIGURATION),
        lambda where, row: f"CREATE TEXT SEARCH CONFIGURATION {where.sql} (PARSER = {row['parser']})",
        completions=_search_mappings,
    ),
    _Sort("foreign_wrappers", Class.WRAPPER, _at(Kind.FOREIGN_DATA_WRAPPER), _wrapper, "wrapper"),
    _Sort("foreign_servers", Class.SERVER, _at(Kind.SERVER), _server, "server"),
    _Sort(
        "user_mappings",
        Class.USER_MAPPING,
        lambda row: Address(Kind.USER_MAPPING, "", row["server"], row["role"] or ""),
        _user_mapping,
    ),
    _Sort(
        "statistics",
        Class.STATISTICS,
        _at(Kind.STATISTICS),
        lambda where, row: row["definition"],
        completions=_statistics_target,
    ),
)

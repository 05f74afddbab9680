"""The inverse of a statement as far as its text alone tells it, for where no server can show the schema before it.

Only what makes something that was certainly not there, or says itself what it was called before, has an inverse here.
What may have been there (``IF NOT EXISTS``, ``OR REPLACE``), what goes and what changes rows does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from lockgate.inverse.model import Inverse
from lockgate.inverse.no_way_back import reason_against
from lockgate.inverse.segments import Nature, nature_of, search_paths
from lockgate.sql.identifiers import quote
from lockgate.sql.parse import Node, Statement, deparse

UNKNOWN: Final = "what was there before cannot be read off the statement"
_ELSEWHERE: Final = "the file sets search_path, so that its names mean something else in the rollback"


def derive_from_text(statements: Sequence[Statement]) -> tuple[Inverse, ...]:
    """The inverses of a file's statements, in its order; without ``sql`` where the text does not tell it."""
    paths = search_paths(statements, ())
    return tuple(
        _inverse(one)
        if not path
        else Inverse(None, f"line {one.line}: {_ELSEWHERE}", statements=(one.index,))
        for one, path in zip(statements, paths, strict=True)
        if nature_of(one) is not Nature.NOTHING
    )


def _inverse(statement: Statement) -> Inverse:
    place = (statement.index,)
    if reason := reason_against(statement):
        return Inverse(None, reason, statements=place)
    reader = _READERS.get(statement.kind)
    sql = reader(statement.tree) if reader else None
    if sql is None or _may_have_been_there(statement.tree):
        return Inverse(None, f"line {statement.line}: {UNKNOWN}", statements=place)
    return Inverse(sql, statements=place)


def _may_have_been_there(tree: Node) -> bool:
    return bool(tree.get("if_not_exists") or tree.get("replace") or tree.get("missing_ok"))


def _relation(node: Node) -> str:
    parts = (node.get(key) for key in ("schemaname", "relname"))
    return ".".join(quote(part) for part in parts if part)


def _words(names: Sequence[Node]) -> str:
    return ".".join(quote(item["String"]["sval"]) for item in names)


def _drop(what: str, name: Callable[[Node], str]) -> Callable[[Node], tuple[str, ...] | None]:
    return lambda tree: (f"DROP {what} {name(tree)}",)


def _of(key: str) -> Callable[[Node], str]:
    return lambda tree: quote(tree[key])


def _on(key: str, table: str = "relation") -> Callable[[Node], str]:
    return lambda tree: f"{quote(tree[key])} ON {_relation(tree[table])}"


def _index(tree: Node) -> tuple[str, ...] | None:
    if "idxname" not in tree:
        return None
    schema = tree["relation"].get("schemaname")
    name = ".".join(quote(part) for part in (schema, tree["idxname"]) if part)
    return (f"DROP INDEX {name}",)


def _table_as(tree: Node) -> tuple[str, ...]:
    what = "MATERIALIZED VIEW" if tree["objtype"] == "OBJECT_MATVIEW" else "TABLE"
    return (f"DROP {what} {_relation(tree['into']['rel'])}",)


def _routine(tree: Node) -> tuple[str, ...]:
    """Deparsed as a DROP, which writes the types of the arguments."""
    inputs = [
        item["FunctionParameter"]["argType"]
        for item in tree.get("parameters", [])
        if item["FunctionParameter"].get("mode") not in ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE")
    ]
    signature = {"objname": tree["funcname"], "objargs": [{"TypeName": kind} for kind in inputs]}
    what = "OBJECT_PROCEDURE" if tree.get("is_procedure") else "OBJECT_FUNCTION"
    dropping = {
        "objects": [{"ObjectWithArgs": signature}],
        "removeType": what,
        "behavior": "DROP_RESTRICT",
    }
    return (deparse({"DropStmt": dropping}),)


def _alter_table(tree: Node) -> tuple[str, ...] | None:
    if tree.get("objtype", "OBJECT_TABLE") != "OBJECT_TABLE":
        return None
    parts: list[str] = []
    for item in tree["cmds"]:
        part = _command(item["AlterTableCmd"])
        if part is None:
            return None
        parts[:0] = [part] if part else []
    return (f"ALTER TABLE {_relation(tree['relation'])} {', '.join(parts)}",) if parts else ()


def _command(command: Node) -> str | None:
    """The inverse of one part of an ALTER TABLE; empty where nothing has to be done, None where it is not known."""
    if command.get("missing_ok"):
        return None
    match command["subtype"]:
        case "AT_AddColumn":
            return f"DROP COLUMN {quote(command['def']['ColumnDef']['colname'])}"
        case "AT_AddConstraint":
            name = command["def"]["Constraint"].get("conname")
            return f"DROP CONSTRAINT {quote(name)}" if name else None
        case "AT_ValidateConstraint":
            return ""
    return None


_PLAIN_RENAMES: Final = {
    "OBJECT_TABLE": "TABLE",
    "OBJECT_VIEW": "VIEW",
    "OBJECT_MATVIEW": "MATERIALIZED VIEW",
    "OBJECT_SEQUENCE": "SEQUENCE",
    "OBJECT_INDEX": "INDEX",
}
_INNER_RENAMES: Final = {"OBJECT_COLUMN": "COLUMN", "OBJECT_TABCONSTRAINT": "CONSTRAINT"}
_PART_RENAMES: Final = {"OBJECT_TRIGGER": "TRIGGER", "OBJECT_POLICY": "POLICY"}


def _rename(tree: Node) -> tuple[str, ...] | None:
    kind, new = tree["renameType"], quote(tree["newname"])
    if kind in _PLAIN_RENAMES:
        schema = tree["relation"].get("schemaname")
        now = f"{quote(schema)}.{new}" if schema else new
        return (f"ALTER {_PLAIN_RENAMES[kind]} {now} RENAME TO {quote(tree['relation']['relname'])}",)
    if "subname" not in tree or "relation" not in tree:
        return None
    table, old = _relation(tree["relation"]), quote(tree["subname"])
    if kind in _INNER_RENAMES:
        return (f"ALTER TABLE {table} RENAME {_INNER_RENAMES[kind]} {new} TO {old}",)
    if kind in _PART_RENAMES:
        return (f"ALTER {_PART_RENAMES[kind]} {new} ON {table} RENAME TO {old}",)
    return None


def _enum(tree: Node) -> tuple[str, ...] | None:
    """A renamed label gets its name back; a new one cannot go."""
    if "oldVal" not in tree:
        return None
    renaming = tree | {"oldVal": tree["newVal"], "newVal": tree["oldVal"]}
    return (deparse({"AlterEnumStmt": renaming}),)


def _schema(tree: Node) -> tuple[str, ...] | None:
    if "schemaElts" in tree or "schemaname" not in tree:
        return None
    return (f"DROP SCHEMA {quote(tree['schemaname'])}",)


_READERS: Final[dict[str, Callable[[Node], tuple[str, ...] | None]]] = {
    "CreateStmt": _drop("TABLE", lambda tree: _relation(tree["relation"])),
    "CreateTableAsStmt": _table_as,
    "IndexStmt": _index,
    "ViewStmt": _drop("VIEW", lambda tree: _relation(tree["view"])),
    "CreateSeqStmt": _drop("SEQUENCE", lambda tree: _relation(tree["sequence"])),
    "CreateSchemaStmt": _schema,
    "CreateEnumStmt": _drop("TYPE", lambda tree: _words(tree["typeName"])),
    "CreateRangeStmt": _drop("TYPE", lambda tree: _words(tree["typeName"])),
    "CompositeTypeStmt": _drop("TYPE", lambda tree: _relation(tree["typevar"])),
    "CreateDomainStmt": _drop("DOMAIN", lambda tree: _words(tree["domainname"])),
    "CreateFunctionStmt": _routine,
    "CreateTrigStmt": _drop("TRIGGER", _on("trigname")),
    "CreatePolicyStmt": _drop("POLICY", _on("policy_name", "table")),
    "RuleStmt": _drop("RULE", _on("rulename")),
    "CreateStatsStmt": lambda tree: (
        (f"DROP STATISTICS {_words(tree['defnames'])}",) if "defnames" in tree else None
    ),
    "CreateExtensionStmt": _drop("EXTENSION", _of("extname")),
    "CreatePublicationStmt": _drop("PUBLICATION", _of("pubname")),
    "CreateEventTrigStmt": _drop("EVENT TRIGGER", _of("trigname")),
    "CreateRoleStmt": _drop("ROLE", _of("role")),
    "AlterTableStmt": _alter_table,
    "RenameStmt": _rename,
    "AlterEnumStmt": _enum,
}

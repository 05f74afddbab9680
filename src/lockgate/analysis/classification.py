"""What kind of migration a file is and how risky, by the guide's own table, from the SQL alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lockgate.analysis.findings import Classified
from lockgate.analysis.rules.base import Context
from lockgate.analysis.source import Source
from lockgate.analysis.state import names
from lockgate.sql.parse import Node
from lockgate.types import LockMode, MigrationType, RelationLock, Risk
from lockgate.values import value

SCHEMA, DATA = MigrationType.SCHEMA, MigrationType.DATA
RLS, FUNCTION = MigrationType.RLS, MigrationType.FUNCTION
LOW, MEDIUM, HIGH = Risk.LOW, Risk.MEDIUM, Risk.HIGH

REQUIRES: dict[MigrationType, tuple[str, ...]] = {
    SCHEMA: ("careful planning", "testing"),
    DATA: ("a rollback plan", "a chunking strategy"),
    RLS: ("permission testing", "service role verification"),
    FUNCTION: ("logic verification", "rollback SQL"),
}
"""What the guide's table "Migration types" asks for."""


@value(frozen=True, slots=True)
class Verdict:
    """What one statement adds; ``breaking`` means that the old application can fail afterwards."""

    type: MigrationType
    risk: Risk = LOW
    reason: str = ""
    breaking: bool = False


class Classifier:
    """Gathers the verdicts of one file, statement by statement, before each is replayed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._verdicts: list[Verdict] = []
        self._downtime = False

    def take(self, context: Context) -> None:
        """Add a statement; its locks must stand in the context."""
        found = list(verdicts(context))
        self._verdicts += found
        if not found:
            return
        for lock in context.locks:
            if not context.is_unshared_text(lock.relation):
                self._weigh(found[0].type, lock)

    def result(self) -> Classified:
        """The class of the whole file; one that only comments on objects is a schema migration."""
        if not self._verdicts and any(s.kind == "CommentStmt" for s in self._source.script.statements):
            self._verdicts.append(Verdict(SCHEMA))
        found = {verdict.type for verdict in self._verdicts}
        types = tuple(kind for kind in MigrationType if kind in found)
        worst = max(self._verdicts, key=lambda verdict: verdict.risk.rank, default=Verdict(SCHEMA))
        return Classified(
            self._source.file,
            self._source.version,
            types,
            worst.risk,
            worst.reason or "only adds what nobody uses yet",
            breaking=any(verdict.breaking for verdict in self._verdicts),
            downtime=self._downtime,
            requires=tuple(dict.fromkeys(item for kind in types for item in REQUIRES[kind])),
        )

    def _weigh(self, kind: MigrationType, lock: RelationLock) -> None:
        if lock.mode < LockMode.SHARE:
            return
        work = "rewrites" if lock.rewrite else "reads" if lock.scan else "indexes" if lock.index_build else ""
        if work:
            self._downtime = True
            reason = f"{work} {lock.relation} under {lock.mode.sql_name}"
            self._verdicts.append(Verdict(kind, HIGH, reason))
        else:
            self._verdicts.append(Verdict(kind, MEDIUM, f"takes {lock.mode.sql_name} on {lock.relation}"))


def verdicts(context: Context) -> Iterator[Verdict]:
    """What a statement is, by its form and by what is known of its objects."""
    kind, tree = context.statement.kind, context.tree
    simple = _SIMPLE.get(kind)
    if simple is not None:
        yield Verdict(simple)
    judge = _JUDGES.get(kind)
    if judge is not None:
        yield from judge(context, tree)


def _shared(context: Context, range_var: Node) -> bool:
    return not context.is_unshared(context.name(range_var))


def _alter_table(context: Context, tree: Node) -> Iterator[Verdict]:
    shared = _shared(context, tree["relation"])
    name = tree["relation"].get("relname", "")
    for item in tree.get("cmds", ()):
        command = item["AlterTableCmd"]
        subtype = command.get("subtype", "AT_AddColumn")
        if "RowSecurity" in subtype:
            yield Verdict(RLS, MEDIUM if shared else LOW, f"changes row security of {name}")
        elif "Trig" in subtype:
            yield Verdict(FUNCTION, MEDIUM if shared else LOW, f"switches triggers of {name}")
        else:
            yield _command(subtype, command, context) if shared else Verdict(SCHEMA)


def _command(subtype: str, command: Node, context: Context) -> Verdict:
    column, table = command.get("name", ""), context.target.name.name
    if subtype == "AT_DropColumn":
        return Verdict(SCHEMA, HIGH, f"drops column {table}.{column} and its data", breaking=True)
    if subtype == "AT_AlterColumnType" and _widens(command, context):
        return Verdict(SCHEMA, MEDIUM, f"gives {table}.{column} more room")
    if subtype == "AT_AlterColumnType":
        return Verdict(SCHEMA, HIGH, f"changes the type of {table}.{column}", breaking=True)
    if subtype == "AT_SetNotNull":
        return Verdict(SCHEMA, MEDIUM, f"requires {table}.{column}", breaking=True)
    if subtype == "AT_AddColumn" and _required(command["def"]["ColumnDef"]):
        reason = f"requires the new column {table}.{command['def']['ColumnDef'].get('colname', '')}"
        return Verdict(SCHEMA, HIGH, reason, breaking=True)
    return Verdict(SCHEMA, MEDIUM, f"changes {table}")


def _widens(command: Node, context: Context) -> bool:
    """Whether every value stays as it is and the application sees none that it could not have seen."""
    old = context.target.column(command.get("name", ""))
    new = context.column(command["def"]["ColumnDef"]).column.type
    if old is None or context.state.domain(new.name.schema, new.name.name) is not None:
        return False
    families = {_FAMILIES.get(kind.name.name, kind.name.name) for kind in (old.type, new)}
    lock = context.lock_of(command)
    return len(families) == 1 and lock is not None and not lock.rewrite


_FAMILIES = {"varchar": "text"}


def _required(column: Node) -> bool:
    kinds = {item["Constraint"].get("contype") for item in column.get("constraints", ())}
    given = {"CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"}
    return bool(kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY"}) and not kinds & given


_ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE", "TRIGGER", "EVENT_TRIGGER"})
_HOLDS_DATA = frozenset({"TABLE", "SCHEMA", "MATVIEW", "SEQUENCE", "FOREIGN_TABLE", "EXTENSION"})


def _drop(context: Context, tree: Node) -> Iterator[Verdict]:
    kind = tree.get("removeType", "").removeprefix("OBJECT_")
    for item in tree.get("objects", ()):
        schema, name = names.object_name(item)
        reason = f"drops {kind.lower().replace('_', ' ')} {name}"
        if kind == "POLICY":
            yield Verdict(RLS, MEDIUM, reason)
        elif kind in _ROUTINES:
            yield Verdict(FUNCTION, MEDIUM, reason, breaking=kind in ("FUNCTION", "PROCEDURE"))
        elif kind == "TABLE" and context.is_unshared(context.state.relation_name(schema, name)):
            yield Verdict(SCHEMA)
        elif kind in _HOLDS_DATA:
            yield Verdict(SCHEMA, HIGH, f"{reason} and its data", breaking=True)
        else:
            yield Verdict(SCHEMA, MEDIUM, reason, breaking=kind in ("VIEW", "TYPE", "DOMAIN"))


_BREAKING_RENAMES = frozenset(
    {"TABLE", "COLUMN", "VIEW", "MATVIEW", "SCHEMA", "TYPE", "DOMAIN", "SEQUENCE", "ATTRIBUTE"}
)


def _drop_owned(context: Context, tree: Node) -> Iterator[Verdict]:
    yield Verdict(SCHEMA, HIGH, "drops whatever a role owns and its data", breaking=True)


def _rename(context: Context, tree: Node) -> Iterator[Verdict]:
    kind = str(tree.get("renameType") or tree.get("objectType")).removeprefix("OBJECT_")
    if kind == "POLICY":
        yield Verdict(RLS)
    elif kind in _ROUTINES:
        yield Verdict(FUNCTION, MEDIUM, f"moves a {kind.lower()}", breaking=kind != "TRIGGER")
    elif kind in _BREAKING_RENAMES and ("relation" not in tree or _shared(context, tree["relation"])):
        yield Verdict(SCHEMA, HIGH, f"gives a {kind.lower()} in use another name", breaking=True)
    else:
        yield Verdict(SCHEMA)


def _change_rows(context: Context, tree: Node) -> Iterator[Verdict]:
    name = tree["relation"].get("relname", "")
    if not _shared(context, tree["relation"]):
        yield Verdict(DATA)
        return
    verb = {"UpdateStmt": "updates", "DeleteStmt": "deletes from", "MergeStmt": "merges into"}
    yield Verdict(DATA, HIGH, f"{verb.get(context.statement.kind, 'fills')} {name}")


def _insert(context: Context, tree: Node) -> Iterator[Verdict]:
    query = tree.get("selectStmt", {}).get("SelectStmt", {})
    if not _shared(context, tree["relation"]):
        yield Verdict(DATA)
    elif "valuesLists" in query or not query:
        yield Verdict(DATA, MEDIUM, f"inserts rows into {tree['relation'].get('relname', '')}")
    else:
        yield from _change_rows(context, tree)


def _copy(context: Context, tree: Node) -> Iterator[Verdict]:
    if tree.get("is_from") and "relation" in tree:
        yield from _change_rows(context, tree)


def _truncate(context: Context, tree: Node) -> Iterator[Verdict]:
    for item in tree.get("relations", ()):
        if _shared(context, item["RangeVar"]):
            name = item["RangeVar"].get("relname", "")
            yield Verdict(DATA, HIGH, f"empties {name}", breaking=True)
        else:
            yield Verdict(DATA)


def _policy(context: Context, tree: Node) -> Iterator[Verdict]:
    risk = MEDIUM if _shared(context, tree["table"]) else LOW
    yield Verdict(RLS, risk, f"changes who may see or change {tree['table'].get('relname', '')}")


def _grant(context: Context, tree: Node) -> Iterator[Verdict]:
    """A right on what this file makes belongs to making it; on anything else it changes permissions."""
    kind = tree.get("objtype", "")
    made = tree.get("targtype") == "ACL_TARGET_OBJECT" and all(
        _is_made_here(context, kind, item) for item in tree.get("objects", ())
    )
    if not made:
        yield Verdict(RLS, MEDIUM, "changes permissions", breaking=not tree.get("is_grant"))


def _is_made_here(context: Context, kind: str, item: Node) -> bool:
    if kind == "OBJECT_SCHEMA":
        return context.is_of_this_file("schema", names.text(item))
    schema, name = names.object_name(item)
    if "RangeVar" in item:
        return context.is_of_this_file("relation", context.state.relation_name(schema, name))
    found = context.state.functions(schema, name)
    return bool(found) and context.is_of_this_file("function", found[0].name)


def _function(context: Context, tree: Node) -> Iterator[Verdict]:
    yield Verdict(FUNCTION, MEDIUM, f"defines {names.dotted(tree['funcname'])[1]}")


def _trigger(context: Context, tree: Node) -> Iterator[Verdict]:
    if _shared(context, tree["relation"]):
        yield Verdict(FUNCTION, MEDIUM, f"adds a trigger to {tree['relation'].get('relname', '')}")
    else:
        yield Verdict(SCHEMA)


def _enum(context: Context, tree: Node) -> Iterator[Verdict]:
    renamed = "oldVal" in tree
    yield Verdict(SCHEMA, HIGH if renamed else MEDIUM, "changes an enum", breaking=renamed)


def _domain(context: Context, tree: Node) -> Iterator[Verdict]:
    yield Verdict(SCHEMA, MEDIUM, "changes a domain", breaking=tree.get("subtype") == "O")


def _define(context: Context, tree: Node) -> Iterator[Verdict]:
    yield Verdict(FUNCTION if tree.get("kind") in ("OBJECT_AGGREGATE", "OBJECT_OPERATOR") else SCHEMA)


_SCHEMA_KINDS = """
    CreateStmt CreateForeignTableStmt CreateTableAsStmt IndexStmt ViewStmt CreateDomainStmt CreateEnumStmt
    CompositeTypeStmt CreateRangeStmt CreateSeqStmt AlterSeqStmt CreateSchemaStmt CreateExtensionStmt
    AlterExtensionStmt AlterExtensionContentsStmt CreateStatsStmt CreatePublicationStmt
    AlterPublicationStmt ReindexStmt ClusterStmt RuleStmt AlterOwnerStmt RefreshMatViewStmt CreateCastStmt
    CreateForeignServerStmt AlterTableMoveAllStmt CreateOpClassStmt CreateConversionStmt
"""
_RLS_KINDS = """
    AlterDefaultPrivilegesStmt GrantRoleStmt CreateRoleStmt AlterRoleStmt DropRoleStmt AlterRoleSetStmt
"""
_FUNCTION_KINDS = "AlterFunctionStmt CreateEventTrigStmt AlterEventTrigStmt"
_SIMPLE: dict[str, MigrationType] = {
    **dict.fromkeys(_SCHEMA_KINDS.split(), SCHEMA),
    **dict.fromkeys(_RLS_KINDS.split(), RLS),
    **dict.fromkeys(_FUNCTION_KINDS.split(), FUNCTION),
}

_JUDGES: dict[str, Callable[[Context, Node], Iterator[Verdict]]] = {
    "AlterTableStmt": _alter_table,
    "DropStmt": _drop,
    "DropOwnedStmt": _drop_owned,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _rename,
    "InsertStmt": _insert,
    "UpdateStmt": _change_rows,
    "DeleteStmt": _change_rows,
    "MergeStmt": _change_rows,
    "CopyStmt": _copy,
    "TruncateStmt": _truncate,
    "CreatePolicyStmt": _policy,
    "AlterPolicyStmt": _policy,
    "GrantStmt": _grant,
    "CreateFunctionStmt": _function,
    "CreateTrigStmt": _trigger,
    "AlterEnumStmt": _enum,
    "AlterDomainStmt": _domain,
    "DefineStmt": _define,
}

"""INSERT, UPDATE, DELETE, MERGE, COPY, and the statements around queries."""

from __future__ import annotations

from collections.abc import Iterable

from lockgate.analysis.locks import references
from lockgate.analysis.locks.expressions import Fact, conjuncts, constant
from lockgate.analysis.locks.ledger import Ledger
from lockgate.analysis.locks.queries import Depth, Level, Reader, Scope, Source, conditions_on
from lockgate.analysis.locks.routines import call, follow_triggers
from lockgate.analysis.locks.scene import is_stored
from lockgate.analysis.view import Relation
from lockgate.sql.parse import Node
from lockgate.types import LockMode

_WRITE = LockMode.ROW_EXCLUSIVE
_EVENTS = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete"}


def reader(ledger: Ledger, depth: Depth = Depth.EXECUTED) -> Reader:
    """A reader of queries that knows how to write, and what functions do."""
    return Reader(ledger, depth, write=write, call=call)


def write(reader: Reader, kind: str, tree: Node, scope: Scope) -> None:
    """INSERT, UPDATE, DELETE or MERGE, on its own or within WITH."""
    scope = reader.with_clause(tree, scope)
    target = reader.ledger.scene.relation(tree["relation"])
    alias = tree["relation"].get("alias", {}).get("aliasname", target.name.name)
    source = Source(target, alias, alone=not tree["relation"].get("inh"))
    level = Level(conditions=list(conjuncts(tree.get("whereClause"))))
    for item in _other_sources(tree):
        reader.from_item(item, level, scope)
    for other in level.sources:
        reader.use(other, LockMode.ACCESS_SHARE, level.conditions)
    if kind == "InsertStmt":
        _insert(reader, source, tree)
    else:
        _change(reader, source, level.conditions)
    reader.expression({key: value for key, value in tree.items() if key not in _READ_APART}, scope)
    if reader.depth is Depth.EXECUTED:
        _consequences(reader, kind, source, tree)


_READ_APART = frozenset({"withClause", "relation", "fromClause", "usingClause", "sourceRelation"})


def _other_sources(tree: Node) -> list[Node]:
    merged = [tree["sourceRelation"]] if "sourceRelation" in tree else []
    return [*tree.get("fromClause", ()), *tree.get("usingClause", ()), *merged]


def _insert(reader: Reader, source: Source, tree: Node) -> None:
    relation = source.relation
    reader.ledger.lock(relation.name, _WRITE)
    if relation.kind == "view":
        _behind_view(reader, source, None)
    if relation.kind == "partitioned table" and reader.depth is Depth.EXECUTED:
        for facts in _rows(relation, tree):
            for child in reader.reached(relation, facts):
                reader.ledger.lock(child.name, _WRITE)


def _rows(relation: Relation, tree: Node) -> Iterable[list[Fact]]:
    """What is known of each row of VALUES; one list without facts where the rows come from a query."""
    rows = tree.get("selectStmt", {}).get("SelectStmt", {}).get("valuesLists")
    if not rows:
        return [[]]
    columns = [item["ResTarget"]["name"] for item in tree.get("cols", ())]
    columns = columns or [column.name for column in relation.columns]
    return [_facts_of_row(columns, row["List"]["items"]) for row in rows]


def _facts_of_row(columns: list[str], values: list[Node]) -> list[Fact]:
    found = [(column, constant(value)) for column, value in zip(columns, values, strict=False)]
    return [Fact(column, "=", value) for column, value in found if value is not None]


def _assigned(tree: Node) -> list[Fact]:
    """The constants that an UPDATE sets."""
    targets = [item["ResTarget"] for item in tree.get("targetList", ())]
    return _facts_of_row(
        [target.get("name", "") for target in targets], [target.get("val", {}) for target in targets]
    )


def _change(reader: Reader, source: Source, conditions: list[Node]) -> None:
    relation = source.relation
    if relation.kind == "view":
        reader.ledger.lock(relation.name, _WRITE)
        _behind_view(reader, source, conditions)
        return
    reader.use(source, _WRITE, conditions)


def _behind_view(reader: Reader, source: Source, conditions: list[Node] | None) -> None:
    """A simple view passes the change on to its one table; other views have triggers or rules that are not followed."""
    handled = any(trigger.timing == "instead of" for trigger in source.relation.triggers)
    if handled or len(source.relation.reads) != 1 or reader.depth is Depth.ANALYSED:
        return
    table = reader.ledger.scene.known(source.relation.reads[0])
    if conditions is None:
        reader.ledger.lock(table.name, _WRITE)
    else:
        reader.use(Source(table, source.alias, source.alone), _WRITE, conditions)


def _consequences(reader: Reader, kind: str, source: Source, tree: Node) -> None:
    """What the server does on its own account: it asks the other ends of foreign keys, and fires triggers."""
    relation = source.relation
    changed = _written(relation, kind, tree)
    if kind in ("InsertStmt", "UpdateStmt"):
        rows = _rows(relation, tree) if kind == "InsertStmt" else [_assigned(tree)]
        references.ask_referenced(reader, relation, changed, rows)
    if kind in ("UpdateStmt", "DeleteStmt"):
        conditions = list(conditions_on(source, list(conjuncts(tree.get("whereClause")))))
        change = references.Change(
            _EVENTS[kind], frozenset(changed), everywhere=reader.scans(relation, conditions)
        )
        references.act_on_referencing(reader, relation, change)
    if kind in _EVENTS:
        follow_triggers(reader.ledger, relation, _EVENTS[kind])


def _written(relation: Relation, kind: str, tree: Node) -> set[str]:
    """The columns that get a value: those that are named, or all, and those that a default fills."""
    key = "targetList" if kind == "UpdateStmt" else "cols"
    named = {item["ResTarget"].get("name", "") for item in tree.get(key, ())}
    if kind == "UpdateStmt":
        return named
    filled = {column.name for column in relation.columns if column.default or column.identity}
    return named | filled if named else {column.name for column in relation.columns}


def select(ledger: Ledger, tree: Node) -> None:
    """SELECT, VALUES, TABLE and SELECT INTO."""
    reader(ledger).select(tree)
    if "intoClause" in tree:
        _create_from(ledger, tree["intoClause"])


def _create_from(ledger: Ledger, into: Node) -> None:
    relation = into["rel"]
    temporary = relation.get("relpersistence") == "t"
    schema = "pg_temp" if temporary else relation.get("schemaname", "")
    ledger.create(ledger.scene.new_name(schema, relation["relname"]))


def change_data(kind: str, ledger: Ledger, tree: Node) -> None:
    """INSERT, UPDATE, DELETE or MERGE on its own."""
    write(reader(ledger), kind, tree, frozenset())


def copy(ledger: Ledger, tree: Node) -> None:
    """COPY: out of a table or query it reads, into a table it writes."""
    if "query" in tree:
        ((kind, inside),) = tree["query"].items()
        reader(ledger).statement(kind, inside)
        return
    relation = ledger.scene.relation(tree["relation"])
    if not tree.get("is_from"):
        ledger.lock(relation.name, LockMode.ACCESS_SHARE, scan=is_stored(relation))
        return
    ledger.lock(relation.name, _WRITE)
    ledger.lock_all(ledger.scene.partitions(relation), _WRITE)
    written = _written(relation, "InsertStmt", {})
    references.ask_referenced(reader(ledger), relation, written, [[]])
    follow_triggers(ledger, relation, "insert")


def explain(ledger: Ledger, tree: Node) -> None:
    """EXPLAIN plans; EXPLAIN ANALYZE does it all."""
    ((kind, inside),) = tree["query"].items()
    if _analyses(tree):
        ledger.follow(kind, inside)
    else:
        reader(ledger, Depth.PLANNED).statement(kind, inside)


def _analyses(tree: Node) -> bool:
    for item in tree.get("options", ()):
        option = item["DefElem"]
        if option["defname"] == "analyze":
            return str(option.get("arg", {}).get("String", {}).get("sval", "true")).lower() in ("true", "on")
    return False


def prepare(ledger: Ledger, tree: Node) -> None:
    """PREPARE analyses the query and keeps the locks until the transaction ends."""
    ((kind, inside),) = tree["query"].items()
    reader(ledger, Depth.ANALYSED).statement(kind, inside)


def declare_cursor(ledger: Ledger, tree: Node) -> None:
    """DECLARE CURSOR plans the query; FETCH will run it."""
    ((kind, inside),) = tree["query"].items()
    reader(ledger, Depth.PLANNED).statement(kind, inside)


HANDLERS = {
    "SelectStmt": select,
    "InsertStmt": lambda ledger, tree: change_data("InsertStmt", ledger, tree),
    "UpdateStmt": lambda ledger, tree: change_data("UpdateStmt", ledger, tree),
    "DeleteStmt": lambda ledger, tree: change_data("DeleteStmt", ledger, tree),
    "MergeStmt": lambda ledger, tree: change_data("MergeStmt", ledger, tree),
    "CopyStmt": copy,
    "ExplainStmt": explain,
    "PrepareStmt": prepare,
    "DeclareCursorStmt": declare_cursor,
}

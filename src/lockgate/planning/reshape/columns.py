"""Splits, merges and JSON documents: two groups of columns of one table in step, until the old one goes."""

from __future__ import annotations

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Relation
from lockgate.errors import UsageError
from lockgate.planning.changes import KEEPABLE, NOTHING_BACK, WITH_THE_COLUMN, Part
from lockgate.planning.columns import column_type, same_rights
from lockgate.planning.plan import PhaseKind
from lockgate.planning.reshape.ensemble import Ensemble, Member
from lockgate.planning.reshape.words import Wish
from lockgate.planning.strategies.base import NOT_MISSED, OLD_GONE, Answer
from lockgate.sql.identifiers import derived_name, literal, quote
from lockgate.sql.parse import Node, deparse, parse_expression, parse_one

_JSON = ("json", "jsonb")


def reshape(wish: Wish, table: Relation, state: Catalog) -> Answer:
    """Expand, fill, put aside, drop; raises UsageError where the words do not fit the table."""
    ensemble = _ensemble(wish, table, state)
    olds, news = [one.name for one in ensemble.old], [one.name for one in ensemble.new]
    what = f"{', '.join(olds)} of {table.name.name}"
    alter = f"ALTER TABLE {table.name.sql}"
    added = tuple(f"{alter} ADD COLUMN {quote(one.name)} {one.type}" for one in ensemble.new)
    rights = tuple(
        dict.fromkeys(sql for old in olds for new in news for sql in same_rights(state, table, old, new))
    )
    dropped = tuple(f"{alter} DROP COLUMN {quote(name)}" for name in reversed(news))
    parts = (
        Part(
            PhaseKind.EXPAND,
            f"add {' '.join(news)}",
            (*added, *rights, *ensemble.create()),
            (*ensemble.drop(), *dropped),
        ),
        Part(
            PhaseKind.MIGRATE,
            f"fill {' '.join(news)}",
            (ensemble.backfill(),),
            (NOTHING_BACK,),
            final=WITH_THE_COLUMN,
            application=f"may be deployed now: it reads and writes {', '.join(news)}",
        ),
        *_contract(ensemble, alter, what),
    )
    notes = (
        f"the values of {', '.join(olds)} are kept in a side table when the last file drops them",
        f"indexes, defaults and constraints of {', '.join(olds)} are not brought to {', '.join(news)}: add what is due",
    )
    return Answer(f"{wish.form}-{table.name.name}-{olds[0]}", parts, notes)


def _contract(ensemble: Ensemble, alter: str, what: str) -> tuple[Part, ...]:
    names = {one.name: derived_name(one.name, suffix="_to_be_dropped") for one in ensemble.old}
    aside = ensemble.renamed(names)
    away = [f"{alter} RENAME COLUMN {quote(old)} TO {quote(new)}" for old, new in names.items()]
    here = [f"{alter} RENAME COLUMN {quote(new)} TO {quote(old)}" for old, new in reversed(names.items())]
    return (
        Part(
            PhaseKind.CONTRACT,
            f"put {' '.join(names)} aside",
            (*ensemble.drop(), *away, *aside.create()),
            (*aside.drop(), *here, *ensemble.create()),
            gate=OLD_GONE.format(what=f"columns {what}"),
        ),
        Part(
            PhaseKind.CONTRACT,
            f"drop {' '.join(names.values())}",
            (*aside.drop(), *(f"{alter} DROP COLUMN {quote(name)}" for name in names.values())),
            gate=NOT_MISSED.format(what=what),
            final=KEEPABLE,
            refresh=(aside.refill(),),
        ),
    )


def _ensemble(wish: Wish, table: Relation, state: Catalog) -> Ensemble:
    olds = [(name, _known(table, name)) for name in wish.columns]
    news = _defined(wish.new, olds[0][1])
    taken = [name for name, _ in news if table.column(name) is not None]
    if taken:
        raise UsageError(f"{table.name} has a column {taken[0]} already")
    if wish.up:
        up, down = _expressions(wish.up, len(news)), _expressions(wish.down, len(olds))
    else:
        up, down = _of_json(wish, olds, news)
    return Ensemble(
        table.name,
        tuple(Member(name, words, value) for (name, words), value in zip(olds, down, strict=True)),
        tuple(Member(name, words, value) for (name, words), value in zip(news, up, strict=True)),
        tuple(state.search_path),
    )


def _known(table: Relation, name: str) -> str:
    column = table.column(name)
    if column is None:
        raise UsageError(f"{table.name} has no column {name}")
    return column_type(column)


def _defined(text: str, default: str) -> list[tuple[str, str]]:
    """Names and types as they would stand in CREATE TABLE; a name alone has the type of the old column."""
    found = []
    for part in text.split(","):
        words = part.strip().split(" ", 1)
        tree = parse_one(f"CREATE TABLE t ({words[0]} {words[1] if len(words) > 1 else default})").tree
        column: Node = tree["tableElts"][0]["ColumnDef"]
        cast = {"TypeCast": {"arg": {"A_Const": {"isnull": True}}, "typeName": column["typeName"]}}
        written = deparse({"SelectStmt": {"targetList": [{"ResTarget": {"val": cast}}]}})
        found.append((str(column["colname"]), written.split("::", 1)[1]))
    return found


def _expressions(text: str, count: int) -> list[Node]:
    targets = parse_one(f"SELECT {text}").tree.get("targetList", [])
    if len(targets) != count:
        raise UsageError(f"{text} has {len(targets)} expressions, where {count} are needed")
    return [target["ResTarget"]["val"] for target in targets]


def _of_json(
    wish: Wish, olds: list[tuple[str, str]], news: list[tuple[str, str]]
) -> tuple[list[Node], list[Node]]:
    """The document knows its parts by the names of the columns; what else it holds stays."""
    if len(news) == 1 and news[0][1] in _JSON:
        return [_document(news[0], olds)], [_taken(news[0][0], name, words) for name, words in olds]
    if len(olds) == 1 and olds[0][1] in _JSON:
        return [_taken(olds[0][0], name, words) for name, words in news], [_document(olds[0], news)]
    raise UsageError(
        f"How is {wish.new} computed, and how does one come back?",
        why="neither side is a JSON document, so that nothing says it",
        next_steps=["… using EXPRESSION back EXPRESSION"],
    )


def _document(document: tuple[str, str], parts: list[tuple[str, str]]) -> Node:
    pairs = ", ".join(f"{literal(name)}, {quote(name)}" for name, _ in parts)
    return parse_expression(
        f"(coalesce({quote(document[0])}::jsonb, '{{}}'::jsonb) || jsonb_build_object({pairs}))"
    )


def _taken(document: str, name: str, words: str) -> Node:
    found = (
        f"{quote(document)} -> {literal(name)}"
        if words in _JSON
        else f"{quote(document)} ->> {literal(name)}"
    )
    return parse_expression(f"({found})::{words}")

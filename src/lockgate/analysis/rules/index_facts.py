"""Comparing indexes: which repeats, covers or replaces which."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.rules.base import Context
from lockgate.analysis.state.catalog import Birth
from lockgate.analysis.view import Index, IndexKey
from lockgate.sql.parse import without_locations


def made_indexes(context: Context) -> Iterator[tuple[Index, list[Index], Birth]]:
    """The indexes that this file made and that are still there, each with the others of its table."""
    for (name,) in context.state.made("index"):
        index = context.state.index(name.schema, name.name)
        birth = context.state.birth("index", name)
        if index is not None and birth is not None and index.parent is None:
            table = context.state.known(index.table)
            yield index, [other for other in table.indexes if other.name != name], birth


def is_older(context: Context, index: Index, than: Birth) -> bool:
    """Whether an index was there before something was made."""
    birth = context.state.birth("index", index.name)
    return birth is None or (birth.unit, birth.statement) < (than.unit, than.statement)


def same_keys(one: Index, other: Index) -> bool:
    """Whether two indexes hold the same entries in the same order."""
    return _shape(one) == _shape(other) and one.include == other.include


def is_prefix(short: Index, long: Index) -> bool:
    """Whether a plain B-tree serves nothing that a longer one does not serve too."""
    if short.unique or short.method != "btree" or long.method != "btree" or short.include:
        return False
    keys, longer = _keys(short), _keys(long)
    return len(keys) < len(longer) and longer[: len(keys)] == keys and _predicate(short) == _predicate(long)


def serves(other: Index, index: Index) -> bool:
    """Whether another index can take over the searches of one that goes."""
    keys = _keys(index)
    return other.method == index.method and _keys(other)[: len(keys)] == keys and other.predicate is None


def _shape(index: Index) -> tuple[object, ...]:
    return index.method, _keys(index), _predicate(index)


def _keys(index: Index) -> list[tuple[object, ...]]:
    return [_key(key) for key in index.keys]


def _key(key: IndexKey) -> tuple[object, ...]:
    expression = repr(without_locations(key.expression)) if key.expression else ""
    return key.column, expression, key.opclass, key.collation, key.order


def _predicate(index: Index) -> str:
    return repr(without_locations(index.predicate)) if index.predicate else ""

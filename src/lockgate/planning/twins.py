"""The same index over other columns, built while reads and writes go on; on a partitioned table piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.view import Index, IndexKey
from lockgate.planning.columns import over
from lockgate.sql.identifiers import QualifiedName, derived_name, quote
from lockgate.sql.parse import deparse_expression


def twin_name(index: Index) -> str:
    """What the same index over the other column is called."""
    return derived_name(index.name.name, suffix="_new")


def twin(index: Index, names: Mapping[str, str], name: str) -> str:
    """The statement that builds the same index over other columns."""
    return _built(index, names, name, "CONCURRENTLY ", "")


def twins(index: Index, names: Mapping[str, str], state: Catalog) -> Iterator[str]:
    """The statements that build the same index under its new name: those of the partitions, then all as one."""
    name = twin_name(index)
    if not index.partitioned:
        yield twin(index, names, name)
        return
    yield _built(index, names, name, "", "ONLY ")
    whole = QualifiedName(index.name.schema, name)
    for child in state.children(index.table):
        for below in (one for one in state.known(child).indexes if one.parent == index.name):
            yield from twins(below, names, state)
            attached = QualifiedName(below.name.schema, twin_name(below))
            yield f"ALTER INDEX {whole.sql} ATTACH PARTITION {attached.sql}"


def drop_twin(index: Index) -> str:
    """The statement that takes it away; that of a partitioned table takes its parts along, in a moment."""
    word = "" if index.partitioned else "CONCURRENTLY "
    return f"DROP INDEX {word}{QualifiedName(index.name.schema, twin_name(index)).sql}"


def _built(index: Index, names: Mapping[str, str], name: str, how: str, only: str) -> str:
    keys = ", ".join(_key(key, names) for key in index.keys)
    included = ", ".join(quote(names.get(column, column)) for column in index.include)
    include = f" INCLUDE ({included})" if included else ""
    where = f" WHERE {deparse_expression(over(index.predicate, names))}" if index.predicate else ""
    unique = "UNIQUE " if index.unique else ""
    return (
        f"CREATE {unique}INDEX {how}{quote(name)} ON {only}{index.table.sql}"
        f" USING {index.method} ({keys}){include}{where}"
    )


def _key(key: IndexKey, names: Mapping[str, str]) -> str:
    if key.expression is not None:
        words = f"({deparse_expression(over(key.expression, names))})"
    else:
        words = quote(names.get(key.column, key.column))
    collation = f" COLLATE {_dotted(key.collation)}" if key.collation else ""
    opclass = f" {_dotted(key.opclass)}" if key.opclass else ""
    order = f" {key.order.upper()}" if key.order else ""
    return f"{words}{collation}{opclass}{order}"


def _dotted(name: str) -> str:
    return ".".join(quote(part) for part in name.split("."))

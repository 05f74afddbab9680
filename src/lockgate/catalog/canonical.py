"""Texts as they read after a dump and a restore, and the lines that a fingerprint is made of."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, cast

from lockgate.catalog.address import Address
from lockgate.catalog.model import CatalogObject, Relation

_STRING = r"'(?:[^']|'')*'"
_ELEMENT = rf"{_STRING}::[a-z ]+"
# What `x IN ('a', 'b')` becomes for a varchar: ((x)::text = ANY ((ARRAY['a'::character varying, …])::text[])).
# Read back, the outer cast moves into the elements, and the same condition has another text.
_CAST_ARRAY = re.compile(rf"\(ARRAY\[({_ELEMENT}(?:, {_ELEMENT})*)\]\)::([a-z ]+)\[\]")
_ELEMENTS = re.compile(_ELEMENT)


def canonical(text: str) -> str:
    """A definition as the server prints it once it has read its own text: what tells equal from different."""
    if "(ARRAY[" not in text:
        return text
    return _CAST_ARRAY.sub(_push_cast_down, text)


def _push_cast_down(match: re.Match[str]) -> str:
    elements, target = _ELEMENTS.findall(match[1]), match[2]
    return "ARRAY[" + ", ".join(f"({element})::{target}" for element in elements) + "]"


_CAST_COMPARISON = re.compile(
    rf"\((?P<left>\"(?:[^\"]|\"\")+\"|[a-z_][a-z0-9_.]*)\)::text (?P<operator>= ANY|<> ALL) "
    rf"\(\(ARRAY\[(?P<elements>{_STRING}::character varying(?:, {_STRING}::character varying)*)\]\)::text\[\]\)"
)


def faithful(text: str) -> str:
    """A definition in words that make the server store the very tree that it was printed from."""
    if "(ARRAY[" not in text:
        return text
    return _CAST_COMPARISON.sub(r"\g<left> \g<operator> (ARRAY[\g<elements>])", text)


def canonical_lines(objects: Mapping[Address, CatalogObject]) -> Iterator[str]:
    """One line for each object and each column, in the order of addresses, without oids and without column order."""
    for address in sorted(objects):
        item = objects[address]
        yield _line(item)
        if isinstance(item, Relation):
            for column in sorted(item.columns, key=attrgetter("column")):
                yield _line(column)


def order_lines(objects: Mapping[Address, CatalogObject]) -> Iterator[str]:
    """One line for each relation: its columns in order."""
    for address in sorted(objects):
        item = objects[address]
        if isinstance(item, Relation):
            yield repr((str(address), item.column_names))


def compared(item: CatalogObject) -> tuple[Any, ...]:
    """The values of an object that are compared, canonical, columns and address apart."""
    values: Callable[[CatalogObject], tuple[Any, ...]] = _getter(cast(Any, type(item)))
    return tuple(_canonical_value(value) for value in values(item))


@functools.cache
def compared_fields(cls: Any) -> tuple[str, ...]:
    """The names of the fields that :func:`compared` gives the values of."""
    skipped = {"address", "columns"} if issubclass(cls, Relation) else {"address"}
    return tuple(
        field.name for field in dataclasses.fields(cls) if field.compare and field.name not in skipped
    )


@functools.cache
def _getter(cls: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*compared_fields(cls))


def _canonical_value(value: Any) -> Any:
    return canonical(value) if isinstance(value, str) else value


def _line(item: CatalogObject) -> str:
    return f"{item.address} {compared(item)!r}"

"""The families of types. A new one is one file and one line here."""

from __future__ import annotations

from typing import Final

from lockgate.proving.rows.families.base import Family
from lockgate.proving.rows.families.bits import BitStrings, Bytes, Uuids
from lockgate.proving.rows.families.composed import (
    Arrays,
    Composites,
    Domains,
    Enums,
    Multiranges,
    Ranges,
)
from lockgate.proving.rows.families.documents import Documents, Markup, Paths
from lockgate.proving.rows.families.geometry import Features, Shapes
from lockgate.proving.rows.families.network import Addresses, MacAddresses
from lockgate.proving.rows.families.numbers import Booleans, Decimals, Floats, Integers, Money
from lockgate.proving.rows.families.systems import Patterns, Registered, Unknown
from lockgate.proving.rows.families.texts import Texts
from lockgate.proving.rows.families.times import Dates, Intervals, Times, Timestamps
from lockgate.proving.rows.shape import TypeShape

BY_NAME: Final[tuple[Family, ...]] = (
    Booleans(),
    Integers(),
    Decimals(),
    Floats(),
    Money(),
    Texts(),
    Dates(),
    Timestamps(),
    Times(),
    Intervals(),
    Addresses(),
    MacAddresses(),
    Shapes(),
    Features(),
    Documents(),
    Markup(),
    Paths(),
    Bytes(),
    BitStrings(),
    Uuids(),
    Patterns(),
    Registered(),
)
"""Families of base types, found by the type's name."""

BY_KIND: Final[dict[str, Family]] = {
    "e": Enums(),
    "r": Ranges(),
    "m": Multiranges(),
    "c": Composites(),
    "d": Domains(),
}
"""Families of derived types, found by ``pg_type.typtype``."""

_ARRAYS: Final = Arrays()
_UNKNOWN: Final = Unknown()
_NAMED: Final = {name: family for family in BY_NAME for name in family.names}


def family_of(shape: TypeShape) -> Family:
    """The family of a type; the last resort is one that guesses."""
    if shape.element:
        return _ARRAYS
    return BY_KIND.get(shape.kind) or _NAMED.get(shape.name, _UNKNOWN)

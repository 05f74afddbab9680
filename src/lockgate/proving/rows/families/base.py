"""What a family of types must offer: ordinary values, hostile ones, and some near a constant of a check."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from lockgate.proving.rows.shape import TypeShape, TypeUse


class Source(Protocol):
    """Where a composed type gets the values of its parts; every value is in the type's text form."""

    @property
    def major(self) -> int:
        """The server's major version."""
        ...

    def shape(self, oid: int) -> TypeShape | None:
        """What is known of a type."""
        ...

    def plain(self, use: TypeUse, number: int, *, distinct: bool = False) -> str | None:
        """The ordinary value of that number; distinct ones differ as far as the type has enough values."""
        ...

    def hostile(self, use: TypeUse) -> tuple[str, ...]:
        """Values that programs forget."""
        ...

    def near(self, use: TypeUse, constants: tuple[str, ...]) -> Iterable[str]:
        """Values at and around constants that a check compares with."""
        ...

    def sized(self, use: TypeUse, length: int) -> Iterable[str]:
        """Values of a length, for checks on ``length(…)`` or ``cardinality(…)``."""
        ...

    def refuses_null(self, use: TypeUse) -> bool:
        """Whether a type forbids NULL by itself."""
        ...

    def is_ordered(self, use: TypeUse) -> bool:
        """Whether distinct ordinary values grow with their number."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """The type a value is wanted for, and where values of its parts come from."""

    shape: TypeShape
    typmod: int
    source: Source

    @property
    def length(self) -> int | None:
        """The limit of ``varchar(n)`` and ``char(n)``, in characters."""
        return self.typmod - 4 if self.typmod >= 4 else None


class Family:
    """Types whose values are made alike; ``names`` are those of ``pg_type``."""

    names: ClassVar[frozenset[str]] = frozenset()
    ordered: ClassVar[bool] = False
    form: ClassVar[re.Pattern[str] | None] = None
    """What a constant of these types looks like; None when a check's constants are of no use."""

    def plain(self, subject: Subject, number: int, distinct: bool) -> str | None:
        """See :class:`Source`; None when the family knows no value."""
        raise NotImplementedError

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """See :class:`Source`."""
        return ()

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterable[str]:
        """See :class:`Source`."""
        return [text for text in constants if self.form and self.form.fullmatch(text)]

    def sized(self, subject: Subject, length: int) -> Iterable[str]:
        """See :class:`Source`."""
        return ()


def scatter(*parts: object) -> int:
    """A number that looks random and is always the same for the same parts."""
    text = "\0".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=6).digest(), "big")

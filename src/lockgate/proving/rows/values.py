"""Values for any type, made of its family's; always the same for the same type and number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lockgate.proving.rows.families import family_of
from lockgate.proving.rows.families.base import Subject
from lockgate.proving.rows.families.systems import Unknown
from lockgate.proving.rows.shape import TypeShape, TypeUse

_DEEPEST = 12


class Values:
    """The source of values for the types of one database.

    ``known`` holds, by type, the values that the server has accepted for types whose rules only it can judge: domains
    with checks and types of no known family.
    """

    def __init__(self, types: Mapping[int, TypeShape], major: int) -> None:
        self._types = dict(types)
        self._major = major
        self._depth = 0
        self.known: dict[int, tuple[str, ...]] = {}

    @property
    def major(self) -> int:
        """The server's major version."""
        return self._major

    def learn(self, types: Mapping[int, TypeShape]) -> None:
        """Take in types that were read later; what changed since is forgotten."""
        for oid, shape in types.items():
            if self._types.get(oid) != shape:
                self.known.pop(oid, None)
            self._types[oid] = shape

    def shape(self, oid: int) -> TypeShape | None:
        """What is known of a type."""
        return self._types.get(oid)

    def plain(self, use: TypeUse, number: int, *, distinct: bool = False) -> str | None:
        """The ordinary value of that number; None where no value of the type is known."""
        if use.oid in self.known:
            known = self.known[use.oid]
            return known[number % len(known)] if known else None
        shape = self._types.get(use.oid)
        if shape is None or self._depth > _DEEPEST:
            return None
        self._depth += 1
        try:
            return family_of(shape).plain(self._subject(shape, use), number, distinct)
        finally:
            self._depth -= 1

    def hostile(self, use: TypeUse) -> tuple[str, ...]:
        """Values that programs forget."""
        if use.oid in self.known:
            return self.known[use.oid][::-1]
        shape = self._types.get(use.oid)
        if shape is None or self._depth > _DEEPEST:
            return ()
        self._depth += 1
        try:
            return family_of(shape).hostile(self._subject(shape, use))
        finally:
            self._depth -= 1

    def near(self, use: TypeUse, constants: tuple[str, ...]) -> Iterable[str]:
        """Values at and around constants that a check compares with."""
        shape = self._types.get(use.oid)
        if shape is None or use.oid in self.known:
            return self.known.get(use.oid, ())
        return family_of(shape).near(self._subject(shape, use), constants)

    def sized(self, use: TypeUse, length: int) -> Iterable[str]:
        """Values of a length."""
        shape = self._types.get(use.oid)
        if shape is None or use.oid in self.known:
            return ()
        return family_of(shape).sized(self._subject(shape, use), length)

    def refuses_null(self, use: TypeUse) -> bool:
        """Whether a type forbids NULL by itself: a domain that is NOT NULL, or stands on one."""
        shape = self._types.get(use.oid)
        if shape is None or shape.base is None:
            return False
        return shape.not_null or self.refuses_null(shape.base)

    def is_ordered(self, use: TypeUse) -> bool:
        """Whether distinct ordinary values grow with their number."""
        shape = self._types.get(use.oid)
        return shape is not None and use.oid not in self.known and family_of(shape).ordered

    def guesses(self, shape: TypeShape) -> tuple[str, ...]:
        """Forms to try for a base type of no known family; empty for all others."""
        family = family_of(shape)
        if not isinstance(family, Unknown):
            return ()
        return tuple(form for number in range(3) for form in family.forms(number))

    def parts_first(self) -> list[TypeShape]:
        """Every type after the types it is made of, as far as they do not contain each other."""
        ordered: dict[int, TypeShape] = {}
        for oid in sorted(self._types):
            self._visit(oid, ordered, set())
        return list(ordered.values())

    def _visit(self, oid: int, ordered: dict[int, TypeShape], open_oids: set[int]) -> None:
        shape = self._types.get(oid)
        if shape is None or oid in ordered or oid in open_oids:
            return
        for part in (*_parts(shape),):
            self._visit(part, ordered, open_oids | {oid})
        ordered[oid] = shape

    def _subject(self, shape: TypeShape, use: TypeUse) -> Subject:
        if shape.base is not None:
            return Subject(shape, shape.base.typmod, self)
        return Subject(shape, use.typmod, self)


def _parts(shape: TypeShape) -> Iterable[int]:
    if shape.base is not None:
        yield shape.base.oid
    yield from (shape.element, shape.part, *(use.oid for use in shape.attributes))

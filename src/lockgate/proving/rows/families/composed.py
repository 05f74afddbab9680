"""Types made of others: enums, arrays, ranges, multiranges, composites and domains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lockgate.proving.rows.families.base import Family, Subject
from lockgate.proving.rows.shape import TypeUse


class Enums(Family):
    """An enum: its labels."""

    ordered = False

    def plain(self, subject: Subject, number: int, distinct: bool) -> str | None:
        """The labels in turn; None for an enum without any."""
        labels = subject.shape.labels
        return labels[number % len(labels)] if labels else None

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """All labels, the last one first."""
        return subject.shape.labels[::-1]

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterable[str]:
        """All labels: there are never many."""
        return subject.shape.labels


class Arrays(Family):
    """An array of anything."""

    def plain(self, subject: Subject, number: int, distinct: bool) -> str | None:
        """Two elements."""
        element = _element(subject)
        values = [subject.source.plain(element, number + step, distinct=distinct) for step in (0, 1)]
        return None if None in values else _array(values)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Empty, holding NULL, two dimensions, a lower bound of its own, every hostile element."""
        element = _element(subject)
        one = subject.source.plain(element, 0)
        if one is None:
            return ("{}",)
        deep = "{" + _array([one]) + "," + _array([one]) + "}"
        shifted = "[5:5]=" + _array([one])
        first = one if subject.source.refuses_null(element) else None
        return ("{}", _array([first, one]), deep, shifted, _array(subject.source.hostile(element)))

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterator[str]:
        """Arrays of the constants that are no arrays themselves, one by one and all together."""
        yield from (text for text in constants if text.startswith("{"))
        parts = [text for text in constants if not text.startswith("{")]
        values = list(dict.fromkeys(subject.source.near(_element(subject), tuple(parts))))
        yield from (_array([value]) for value in values[:12])
        yield _array([value for value in values if value in parts])
        yield "{}"

    def sized(self, subject: Subject, length: int) -> Iterator[str]:
        """Arrays of that many elements."""
        if not 0 <= length <= 1000:
            return
        for first in range(3):
            values = [subject.source.plain(_element(subject), first + step) for step in range(length)]
            if None not in values:
                yield _array(values)


class Ranges(Family):
    """A range of anything ordered."""

    def plain(self, subject: Subject, number: int, distinct: bool) -> str | None:
        """Ranges one after the other that do not overlap."""
        subtype = TypeUse(subject.shape.part)
        ordered = subject.source.is_ordered(subtype)
        low = subject.source.plain(subtype, number * 2 if ordered else number, distinct=True)
        high = subject.source.plain(subtype, number * 2 + 1, distinct=True) if ordered else low
        if low is None or high is None:
            return None
        return f"[{_quoted(low)},{_quoted(high)}{')' if ordered else ']'}"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Empty, without end on either side or on both."""
        bound = subject.source.plain(TypeUse(subject.shape.part), 3, distinct=True)
        if bound is None:
            return ("empty",)
        return ("empty", "(,)", f"[{_quoted(bound)},)", f"(,{_quoted(bound)}]")


class Multiranges(Family):
    """A multirange of anything ordered."""

    def plain(self, subject: Subject, number: int, distinct: bool) -> str | None:
        """One range."""
        value = subject.source.plain(TypeUse(subject.shape.part), number, distinct=distinct)
        return None if value is None else "{" + value + "}"

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """No range at all, and everything."""
        return ("{}", "{(,)}")


class Composites(Family):
    """A row type."""

    def plain(self, subject: Subject, number: int, distinct: bool) -> str:
        """Every attribute, ordinary."""
        values = (subject.source.plain(use, number, distinct=distinct) for use in subject.shape.attributes)
        return _record(values)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """Every attribute NULL, every attribute hostile."""
        source, attributes = subject.source, subject.shape.attributes
        plain = [source.plain(use, 0) if source.refuses_null(use) else None for use in attributes]
        hostile = [next(iter(source.hostile(use)), None) for use in attributes]
        return (_record(plain), _record(hostile))


class Domains(Family):
    """A domain without a check: as its base type. (One with checks has its values found by the server.)"""

    def plain(self, subject: Subject, number: int, distinct: bool) -> str | None:
        """As the base type."""
        return subject.source.plain(_base(subject), number, distinct=distinct)

    def hostile(self, subject: Subject) -> tuple[str, ...]:
        """As the base type."""
        return subject.source.hostile(_base(subject))

    def near(self, subject: Subject, constants: tuple[str, ...]) -> Iterable[str]:
        """As the base type."""
        return subject.source.near(_base(subject), constants)

    def sized(self, subject: Subject, length: int) -> Iterable[str]:
        """As the base type."""
        return subject.source.sized(_base(subject), length)


def _element(subject: Subject) -> TypeUse:
    return TypeUse(subject.shape.element, subject.typmod)


def _base(subject: Subject) -> TypeUse:
    return subject.shape.base or TypeUse(0)


def _array(values: Iterable[str | None]) -> str:
    return "{" + ",".join("NULL" if value is None else _quoted(value) for value in values) + "}"


def _record(values: Iterable[str | None]) -> str:
    return "(" + ",".join("" if value is None else _quoted(value) for value in values) + ")"


def _quoted(value: str) -> str:
    """Quoted for the inside of an array, a record or a range, which all read backslashes."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

"""Values behave as the frozen dataclasses do that the type checker takes them for."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from lockgate.values import replace, value


@value(frozen=True, slots=True, order=True)
class Pair:
    """Two numbers and a remark that does not count."""

    one: int
    two: int = 2
    remark: str = dataclasses.field(default="", compare=False, repr=False)

    @property
    def total(self) -> int:
        return self.one + self.two


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Usual:
    one: int
    two: int = 2
    remark: str = dataclasses.field(default="", compare=False, repr=False)


@value(frozen=True, slots=True)
class Alone:
    only: tuple[str, ...] = ()


@value(frozen=True, slots=True)
class Named:
    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


def outcome(cls: Any) -> list[Any]:
    a, b, c = cls(1), cls(1, 2, "said"), cls(1, 3)
    return [
        (a == b, hash(a) == hash(b), a == c, a != c, a == (1, 2)),
        (a < c, a <= b, c > a, c >= a, sorted([c, a]) == [a, c]),
        (len({a, b, c}), repr(c).replace(cls.__qualname__, "X"), dataclasses.asdict(b), c.one),
        (dataclasses.replace(a, two=5).two, copy.copy(b).remark, pickle.loads(pickle.dumps(b)) == b),
        (dataclasses.is_dataclass(cls), cls.__match_args__, cls.__slots__, hasattr(a, "__dict__")),
    ]


def test_they_behave_as_dataclasses_do() -> None:
    assert outcome(Pair) == outcome(Usual)
    assert Pair(1).total == 3
    with pytest.raises(TypeError):
        Pair(1) < Usual(1)  # type: ignore[operator]  # noqa: B015
    with pytest.raises(TypeError):
        Pair()  # type: ignore[call-arg]


def test_a_changed_copy_leaves_the_old_one_alone() -> None:
    old = Pair(1, 2, "said")
    new = replace(old, one=7)
    assert (old.one, new.one, new.two, new.remark) == (1, 7, 2, "said")
    assert replace(Alone(("a",))) == Alone(("a",))
    assert replace(Alone(), only=("b",)).only == ("b",)
    with pytest.raises(KeyError):
        replace(old, three=3)  # type: ignore[call-arg]


def test_one_field_is_compared_like_many() -> None:
    assert Alone(("a",)) == Alone(("a",)) != Alone(("b",))
    assert hash(Alone(("a",))) == hash(Alone(("a",)))
    assert Alone(("a",)) != Named("a")


def test_a_class_may_say_how_it_is_shown() -> None:
    assert repr(Named("x")) == "<x>"


def test_what_is_not_frozen_is_no_value() -> None:
    with pytest.raises(TypeError):
        value(frozen=False, slots=True)


@value(frozen=True, slots=True)
class Longer(Pair):
    more: list[int] = dataclasses.field(default_factory=list)


def test_one_value_can_be_more_of_another() -> None:
    first, second = Longer(1, more=[3]), Longer(1)
    assert (first.one, first.two, first.more, second.more) == (1, 2, [3], [])
    assert Longer(1).more is not second.more
    assert [field.name for field in dataclasses.fields(Longer)] == ["one", "two", "remark", "more"]
    assert replace(first, two=5).more == [3]
    assert not hasattr(first, "__dict__")
    assert Pair(1) != Longer(1)


def test_a_default_that_can_change_is_refused() -> None:
    with pytest.raises(ValueError, match="default_factory"):

        @value(frozen=True, slots=True)
        class Shared:
            parts: list[int] = []  # noqa: RUF012

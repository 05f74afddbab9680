"""A version of the application's schema: its name, its place, and what it promises before and after a change."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.planning.versions.promises import Promise, Shown, as_before, as_it_is, of_views
from lockgate.planning.versions.shapes import Point
from lockgate.planning.versions.standing import Standing


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one schema: what it is called, where its views are, and what they promise."""

    name: str
    behind: str
    schema: str
    promises: tuple[Promise, ...]

    def kept(self, point: Point, born: frozenset[int]) -> tuple[Shown, ...] | None:
        """Every view at a point, or None where one of them cannot be."""
        shown = [promise.kept(point, born) for promise in self.promises]
        return None if None in shown else tuple(shown)  # type: ignore[arg-type]


def before(standing: Standing, schema: str, point: Point) -> Version:
    """The version that clients of a schema have before the change: that which is there, or the schema as it is."""
    place = standing.there.get(schema)
    if place is None:
        place = standing.asked.schema_of(schema, standing.old)
        return Version(standing.old, schema, place, as_it_is(point, schema))
    views = (view for view in standing.views if view.name.schema == place)
    return Version(standing.old, schema, place, tuple(of_views(views, point)))


def after(standing: Standing, schema: str, point: Point, old: Version) -> Version:
    """The version that they get: the schema as the change leaves it, in the order of the old version's columns."""
    place = standing.asked.schema_of(schema, standing.new)
    return Version(standing.new, schema, place, as_before(as_it_is(point, schema), old.promises))

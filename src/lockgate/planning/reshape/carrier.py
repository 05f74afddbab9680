"""Carries the values of a column in one table to a column in another, and back, within the write itself.

Rows belong together by a unique key at each end. What was written tells the other side; that nothing is left to do is
seen by comparing byte for byte (``record_image_ne``), so the triggers end where both are equal. The functions run as
their owner with nothing in their search path: who may write one table need not have any right on the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lockgate.planning.unseen import locked
from lockgate.sql.identifiers import QualifiedName, derived_name, quote


@dataclass(frozen=True, slots=True)
class Place:
    """A table, its key, and the column in it."""

    table: QualifiedName
    key: str
    column: str

    def of(self, prefix: str) -> str:
        """The column of a row."""
        return f"{prefix}.{quote(self.column)}"

    def at(self, prefix: str) -> str:
        """The key of a row."""
        return f"{prefix}.{quote(self.key)}"


@dataclass(frozen=True, slots=True)
class Carrier:
    """The triggers between two places."""

    here: Place
    there: Place

    def renamed(self, column: str) -> Carrier:
        """The same after the column here got another name."""
        return replace(self, here=replace(self.here, column=column))

    def create(self) -> tuple[str, ...]:
        """Both, for one transaction."""
        return (*_made(self.here, self.there), *_made(self.there, self.here))

    def drop(self) -> tuple[str, ...]:
        """Takes both away."""
        return (*_gone(self.there, self.here), *_gone(self.here, self.there))


def _name(source: Place, target: Place) -> QualifiedName:
    words = (source.table.name, source.column, target.table.name)
    return QualifiedName(source.table.schema, derived_name("zz_lockgate_carry", *words))


def _made(source: Place, target: Place) -> tuple[str, ...]:
    name, table = _name(source, target), source.table.sql
    function = (
        f"CREATE FUNCTION {name.sql}() RETURNS trigger\n  LANGUAGE plpgsql\n  SECURITY DEFINER\n"
        f"  SET search_path = ''\nAS $lockgate$\nBEGIN\n{_body(source, target)}  RETURN NULL;\nEND;\n$lockgate$"
    )
    made = f"CREATE TRIGGER {quote(name.name)} AFTER INSERT OR UPDATE ON {table}"
    made += f"\n  FOR EACH ROW EXECUTE FUNCTION {name.sql}()"
    revoked = f"REVOKE ALL ON FUNCTION {name.sql}() FROM PUBLIC"
    return function, revoked, made, f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {quote(name.name)}"


def _body(source: Place, target: Place) -> str:
    """A new row that has no value takes its partner's; every other write gives its value to the partner."""
    given, here = source.of("NEW"), f"{target.at('t')} = {source.at('NEW')}"
    return (
        f"  IF TG_OP = 'INSERT' OR {_differ(given, source.of('OLD'))} THEN\n"
        f"{locked(target.table, 't', here, 2)}"
        f"    IF TG_OP = 'INSERT' AND {given} IS NULL THEN\n"
        f"      UPDATE {source.table.sql} AS s SET {quote(source.column)} = {target.of('t')}\n"
        f"      FROM {target.table.sql} AS t WHERE {here} AND {source.at('s')} = {source.at('NEW')}\n"
        f"        AND {_differ(source.of('s'), target.of('t'))};\n"
        "    ELSE\n"
        f"      UPDATE {target.table.sql} AS t SET {quote(target.column)} = {given}\n"
        f"      WHERE {here} AND {_differ(target.of('t'), given)};\n"
        "    END IF;\n"
        "  END IF;\n"
    )


def _differ(one: str, other: str) -> str:
    return f"record_image_ne(ROW({one}), ROW({other}))"


def _gone(source: Place, target: Place) -> tuple[str, ...]:
    name = _name(source, target)
    return f"DROP TRIGGER {quote(name.name)} ON {source.table.sql}", f"DROP FUNCTION {name.sql}()"

"""Enums, domains and plain objects."""

from __future__ import annotations

from lockgate.catalog.address import Kind
from lockgate.catalog.canonical import faithful
from lockgate.catalog.model import Domain, EnumType, Plain, Schema
from lockgate.catalog.writers.base import Context, complete_changed, complete_new
from lockgate.sql.identifiers import literal, quote


class SchemaWriter:
    """Schemas."""

    def create(self, item: Schema, context: Context) -> list[str]:
        """CREATE SCHEMA."""
        return [f"CREATE SCHEMA {item.address.sql}", *complete_new(item, context)]

    def drop(self, item: Schema, context: Context) -> list[str]:
        """DROP SCHEMA; it is empty by now."""
        return [f"DROP SCHEMA {item.address.sql}"]

    def alter(self, old: Schema, new: Schema, context: Context) -> list[str] | None:
        """Owner, grants and comment."""
        return complete_changed(old, new, context)


class EnumWriter:
    """Enums."""

    def create(self, item: EnumType, context: Context) -> list[str]:
        """CREATE TYPE … AS ENUM."""
        labels = ", ".join(literal(value).strip() for value in item.values)
        return [f"CREATE TYPE {item.name.sql} AS ENUM ({labels})", *complete_new(item, context)]

    def drop(self, item: EnumType, context: Context) -> list[str]:
        """DROP TYPE."""
        return [f"DROP TYPE {item.name.sql}"]

    def alter(self, old: EnumType, new: EnumType, context: Context) -> list[str] | None:
        """RENAME VALUE and ADD VALUE; a label that must go needs the type to be made anew."""
        renamed = _renamed_labels(old, new)
        begin = f"ALTER TYPE {new.name.sql}"
        statements = [
            f"{begin} RENAME VALUE {literal(was).strip()} TO {literal(now).strip()}"
            for was, now in renamed.items()
        ]
        present = [renamed.get(value, value) for value in old.values]
        if [value for value in new.values if value in present] != present:
            return None
        return [*statements, *_added_labels(begin, present, new.values), *complete_changed(old, new, context)]


def _renamed_labels(old: EnumType, new: EnumType) -> dict[str, str]:
    now = dict(zip(new.label_oids, new.values, strict=False))
    pairs = zip(old.label_oids, old.values, strict=False)
    return {value: now[oid] for oid, value in pairs if oid and oid in now and now[oid] != value}


def _added_labels(begin: str, present: list[str], wanted: tuple[str, ...]) -> list[str]:
    statements = []
    have = set(present)
    for number, value in enumerate(wanted):
        if value in have:
            continue
        following = next((item for item in wanted[number + 1 :] if item in have), None)
        place = f" BEFORE {literal(following).strip()}" if following is not None else ""
        statements.append(f"{begin} ADD VALUE {literal(value).strip()}{place}")
        have.add(value)
    return statements


class DomainWriter:
    """Domains; their checks are constraints."""

    def create(self, item: Domain, context: Context) -> list[str]:
        """CREATE DOMAIN."""
        words = [f"CREATE DOMAIN {item.name.sql} AS {item.type}"]
        if item.collation:
            words.append(f"COLLATE {item.collation}")
        if item.default is not None:
            words.append(f"DEFAULT {faithful(item.default)}")
        if item.not_null:
            words.append(
                f"CONSTRAINT {quote(item.not_null_name)} NOT NULL" if item.not_null_name else "NOT NULL"
            )
        return [" ".join(words), *complete_new(item, context)]

    def drop(self, item: Domain, context: Context) -> list[str]:
        """DROP DOMAIN."""
        return [f"DROP DOMAIN {item.name.sql}"]

    def alter(self, old: Domain, new: Domain, context: Context) -> list[str] | None:
        """Default and NOT NULL in place; another base type needs another domain."""
        if (old.type, old.collation) != (new.type, new.collation):
            return None
        begin = f"ALTER DOMAIN {new.name.sql}"
        statements = []
        if old.default != new.default:
            words = "DROP DEFAULT" if new.default is None else f"SET DEFAULT {faithful(new.default)}"
            statements.append(f"{begin} {words}")
        if old.not_null != new.not_null:
            statements.append(f"{begin} {'SET' if new.not_null else 'DROP'} NOT NULL")
        return statements + complete_changed(old, new, context)


_MAPPING = " ADD MAPPING FOR "


class PlainWriter:
    """Everything that one CREATE statement says."""

    def create(self, item: Plain, context: Context) -> list[str]:
        """The CREATE statement, and what completes it."""
        return [item.definition, *item.extra, *complete_new(item, context)]

    def drop(self, item: Plain, context: Context) -> list[str]:
        """DROP."""
        return [f"DROP {item.kind.value} {item.address.sql}"]

    def alter(self, old: Plain, new: Plain, context: Context) -> list[str] | None:
        """Owner, grants and comment; mappings of text search configurations; the target of statistics."""
        if old.definition != new.definition:
            return None
        statements: list[str] = []
        if old.extra != new.extra and new.kind is Kind.STATISTICS:
            statements += new.extra or [f"ALTER STATISTICS {new.address.sql} SET STATISTICS -1"]
        elif old.extra != new.extra:
            statements += [
                line.partition(" WITH ")[0].replace(_MAPPING, " DROP MAPPING FOR ")
                for line in old.extra
                if line not in new.extra
            ]
            statements += [line for line in new.extra if line not in old.extra]
        return statements + complete_changed(old, new, context)

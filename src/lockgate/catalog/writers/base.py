"""What every writer is given, and the statements that any object may need: owner, grants, comment, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from lockgate.catalog.address import Address, Grant, Kind
from lockgate.catalog.model import CatalogObject, DefaultPrivileges, Options
from lockgate.catalog.reading.privileges import default_grants
from lockgate.catalog.snapshot import Snapshot
from lockgate.sql.identifiers import QualifiedName, literal, quote

T = TypeVar("T", bound=CatalogObject, contravariant=True)


@dataclass(frozen=True, slots=True)
class Context:
    """The schema that the SQL starts from and the one that it leads to, in the names of the latter.

    ``rebuilt`` are tables that are dropped and made anew on the way.
    """

    before: Snapshot
    after: Snapshot
    rebuilt: frozenset[QualifiedName] = frozenset()

    @property
    def creator(self) -> str:
        """Who will run the SQL, as far as we know: whoever read the first snapshot."""
        return self.before.user


class Writer(Protocol[T]):
    """Writes objects of one class. Each method gives statements in order; none ends with a semicolon."""

    def create(self, item: T, context: Context) -> list[str]:
        """Make the object, without owner, grants, comment and labels."""

    def drop(self, item: T, context: Context) -> list[str]:
        """Remove the object; what needs it is gone already."""

    def alter(self, old: T, new: T, context: Context) -> list[str] | None:
        """Turn one into the other in place, or None where it must be dropped and made anew."""


ACCESS: Final = {
    Kind.TABLE: ("table", "TABLE"),
    Kind.FOREIGN_TABLE: ("table", "TABLE"),
    Kind.VIEW: ("table", "TABLE"),
    Kind.MATERIALIZED_VIEW: ("table", "TABLE"),
    Kind.SEQUENCE: ("sequence", "SEQUENCE"),
    Kind.FUNCTION: ("routine", "FUNCTION"),
    Kind.AGGREGATE: ("routine", "FUNCTION"),
    Kind.PROCEDURE: ("routine", "PROCEDURE"),
    Kind.TYPE: ("type", "TYPE"),
    Kind.DOMAIN: ("type", "DOMAIN"),
    Kind.SCHEMA: ("schema", "SCHEMA"),
    Kind.LANGUAGE: ("language", "LANGUAGE"),
    Kind.FOREIGN_DATA_WRAPPER: ("wrapper", "FOREIGN DATA WRAPPER"),
    Kind.SERVER: ("server", "FOREIGN SERVER"),
    Kind.COLUMN: ("column", "TABLE"),
}
"""Kinds with an access list: the sort of its defaults, and the words of GRANT."""

_DEFAULT_PRIVILEGES: Final = {
    "table": "TABLES",
    "sequence": "SEQUENCES",
    "routine": "FUNCTIONS",
    "type": "TYPES",
    "schema": "SCHEMAS",
}

OWNERLESS: Final = frozenset(
    {
        Kind.COLUMN,
        Kind.INDEX,
        Kind.CONSTRAINT,
        Kind.DOMAIN_CONSTRAINT,
        Kind.TRIGGER,
        Kind.RULE,
        Kind.POLICY,
        Kind.EXTENSION,
        Kind.CAST,
        Kind.TRANSFORM,
        Kind.ACCESS_METHOD,
        Kind.USER_MAPPING,
        Kind.TEXT_SEARCH_PARSER,
        Kind.TEXT_SEARCH_TEMPLATE,
        Kind.DEFAULT_PRIVILEGES,
        Kind.SETTING,
        Kind.ROLE,
    }
)
"""Kinds whose owner cannot be said on its own."""


def complete_new(item: CatalogObject, context: Context, *, owned: bool = True) -> list[str]:
    """Owner, grants, comment and labels of an object that was made just now."""
    statements = []
    if owned and item.kind not in OWNERLESS and item.owner and item.owner != context.creator:
        statements.append(f"ALTER {item.kind.value} {item.address.sql} OWNER TO {quote(item.owner)}")
    if item.kind in ACCESS:
        statements += change_grants(item, _initial_grants(item, context), _held(item, context))
    return statements + _comment(None, item) + _labels(None, item)


def complete_changed(
    old: CatalogObject, new: CatalogObject, context: Context, *, owned: bool = True
) -> list[str]:
    """The same for an object that was there before."""
    statements = []
    if owned and old.owner != new.owner and new.owner and new.kind not in OWNERLESS:
        statements.append(f"ALTER {new.kind.value} {new.address.sql} OWNER TO {quote(new.owner)}")
    if new.kind in ACCESS and (old.grants, old.owner) != (new.grants, new.owner):
        before = _after_owner_change(_held(old, context), old.owner, new.owner)
        statements += change_grants(new, before, _held(new, context))
    return statements + _comment(old, new) + _labels(old, new)


def _held(item: CatalogObject, context: Context) -> frozenset[Grant]:
    """The privileges in force: those that are listed, or the built-in ones."""
    if item.grants is not None:
        return frozenset(item.grants)
    return default_grants(ACCESS[item.kind][0], item.owner, context.after.major)


def _initial_grants(item: CatalogObject, context: Context) -> frozenset[Grant]:
    """What a new object has at once: the built-in privileges, or what ALTER DEFAULT PRIVILEGES of its maker says."""
    sort = ACCESS[item.kind][0]
    everywhere = default_grants(sort, context.creator, context.after.major)
    if sort in _DEFAULT_PRIVILEGES:
        objects = _DEFAULT_PRIVILEGES[sort]
        stated = context.before.objects.get(Address(Kind.DEFAULT_PRIVILEGES, "", context.creator, objects))
        if isinstance(stated, DefaultPrivileges):
            everywhere = frozenset(stated.grants or ())
        here = context.before.objects.get(
            Address(Kind.DEFAULT_PRIVILEGES, item.address.schema, context.creator, objects)
        )
        if isinstance(here, DefaultPrivileges) and item.address.schema:
            everywhere |= frozenset(here.grants or ())
    return _after_owner_change(everywhere, context.creator, item.owner)


def _after_owner_change(grants: frozenset[Grant], old: str | None, new: str | None) -> frozenset[Grant]:
    """What ALTER … OWNER TO makes of an access list: the new owner stands where the old one stood."""
    if old == new or old is None or new is None:
        return grants
    return frozenset(
        replace(
            grant,
            grantee=new if grant.grantee == old else grant.grantee,
            grantor=new if grant.grantor == old else grant.grantor,
        )
        for grant in grants
    )


def change_grants(item: CatalogObject, old: Iterable[Grant], new: Iterable[Grant]) -> list[str]:
    """REVOKE what is too much and GRANT what is missing; in the name of its grantor where that is not the owner."""
    before, after = set(old), set(new)
    kept = {_key(grant) for grant in after}
    revoked = [grant for grant in before - after if _key(grant) not in kept]
    narrowed = [grant for grant in before - after if _key(grant) in kept and grant.grantable]
    have = {_key(grant) for grant in before}
    missing = [grant for grant in after - before if grant.grantable or _key(grant) not in have]
    return [
        *_each(item, revoked, lambda group: _revoke(item.address, group, "")),
        *_each(item, narrowed, lambda group: _revoke(item.address, group, "GRANT OPTION FOR ")),
        *_each(item, missing, lambda group: _grant(item.address, group)),
    ]


def _each(item: CatalogObject, grants: list[Grant], write: Callable[[list[Grant]], str]) -> Iterator[str]:
    for group in _grouped(grants):
        grantor = group[0].grantor
        if item.owner is None or grantor in ("", item.owner):
            yield write(group)
        else:
            yield from (f"SET ROLE {quote(grantor)}", write(group), "RESET ROLE")


def _key(grant: Grant) -> tuple[str, str, str]:
    return grant.grantee, grant.privilege, grant.grantor


def _grouped(grants: Iterable[Grant]) -> Iterator[list[Grant]]:
    groups: dict[tuple[str, bool, str], list[Grant]] = {}
    for grant in sorted(grants):
        groups.setdefault((grant.grantee, grant.grantable, grant.grantor), []).append(grant)
    yield from groups.values()


def _what(address: Address, group: list[Grant]) -> tuple[str, str]:
    names = [grant.privilege for grant in group]
    if address.kind is Kind.COLUMN:
        names = [f"{name} ({quote(address.part)})" for name in names]
        return ", ".join(names), f"TABLE {address.qualified.sql}"
    return ", ".join(names), f"{ACCESS[address.kind][1]} {address.sql}"


def _grant(address: Address, group: list[Grant]) -> str:
    names, target = _what(address, group)
    option = " WITH GRANT OPTION" if group[0].grantable else ""
    return f"GRANT {names} ON {target} TO {group[0].to}{option}"


def _revoke(address: Address, group: list[Grant], option: str) -> str:
    names, target = _what(address, group)
    return f"REVOKE {option}{names} ON {target} FROM {group[0].to}"


def _comment(old: CatalogObject | None, new: CatalogObject) -> list[str]:
    if (old.comment if old else None) == new.comment:
        return []
    kind = {Kind.DOMAIN_CONSTRAINT: "CONSTRAINT"}.get(new.kind, new.kind.value)
    return [f"COMMENT ON {kind} {new.address.sql} IS {literal(new.comment).strip()}"]


def _labels(old: CatalogObject | None, new: CatalogObject) -> list[str]:
    before = {label.provider: label.text for label in old.labels} if old else {}
    after = {label.provider: label.text for label in new.labels}
    return [
        f"SECURITY LABEL FOR {quote(provider)} ON {new.kind.value} {new.address.sql} "
        f"IS {literal(after.get(provider)).strip()}"
        for provider in sorted(before.keys() | after.keys())
        if before.get(provider) != after.get(provider)
    ]


def option_list(options: Options) -> str:
    """``WITH (fillfactor='70')``, or nothing."""
    return f" WITH ({_assignments(options)})" if options else ""


def _assignments(options: Options) -> str:
    return ", ".join(f"{_option_name(name)}={literal(value).strip()}" for name, value in options)


def _option_name(name: str) -> str:
    prefix, dot, rest = name.rpartition(".")
    return f"{prefix}{dot}{quote(rest)}"


def change_options(start: str, old: Options, new: Options) -> list[str]:
    """``ALTER … SET (…)`` and ``RESET (…)`` behind a given beginning."""
    before, after = dict(old), dict(new)
    gone = ", ".join(_option_name(name) for name in before if name not in after)
    changed = tuple((name, value) for name, value in new if before.get(name) != value)
    statements = [f"{start} RESET ({gone})"] if gone else []
    return statements + ([f"{start} SET ({_assignments(changed)})"] if changed else [])


def fdw_option_list(options: Options) -> str:
    """``OPTIONS (table_name 't')``, or nothing."""
    inside = ", ".join(f"{quote(name)} {literal(value).strip()}" for name, value in options)
    return f" OPTIONS ({inside})" if inside else ""


def change_fdw_options(start: str, old: Options, new: Options) -> list[str]:
    """``ALTER … OPTIONS (ADD …, SET …, DROP …)`` behind a given beginning."""
    before, after = dict(old), dict(new)
    parts = [f"DROP {quote(name)}" for name in before if name not in after]
    parts += [
        f"{'SET' if name in before else 'ADD'} {quote(name)} {literal(value).strip()}"
        for name, value in new
        if before.get(name) != value
    ]
    return [f"{start} OPTIONS ({', '.join(parts)})"] if parts else []

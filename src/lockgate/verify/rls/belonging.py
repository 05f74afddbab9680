"""Whose is a row? Found from the data's own structure, not from the policies that are to be judged.

A row belongs to the users that its own columns name, to the owners of its parents, and to the members of its tenant;
and to the holders of a claim that a column repeats. A user column is one that refers to the table of users, one that a
policy compares with the id in the token, or one with a name that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Final

from lockgate.sql.identifiers import QualifiedName, literal, quote
from lockgate.verify.rls.comparisons import ARRAY, JSON
from lockgate.verify.rls.expressions import Facts, Reader
from lockgate.verify.rls.model import EMAIL, UID, ForeignKey, Identity, Relation, Schema

USERS: Final = QualifiedName("auth", "users")

_USER_NAME: Final = re.compile(
    r"(user|owner|author|creator|member|profile|account_owner|sender|customer|student|employee|seller|buyer)_?(id|uuid|uid)"
    r"|created_by|owner|user|uid|posted_by|uploaded_by|assigned_to|assignee"
)
_MEMBERS_NAME: Final = re.compile(
    r"member|_users$|^users_|^user_(?!roles$)\w+s$|participant|collaborat|subscription_users|_roles$|enrol|_staff$|_shares$|^shares$"
)
_USERS_NAME: Final = re.compile(r"(app_)?(users?|profiles?|accounts?|people|persons?)")
_TENANT_NAME: Final = re.compile(r"_?(id|uuid|uid)$|tenant|org|company|account|workspace|team|customer")
_HOPS: Final = 2
_MANY: Final = 50


@dataclass(frozen=True, slots=True)
class UserColumn:
    """Something of a row that names somebody; ``expression`` uses the table's own name as its alias."""

    identity: Identity
    expression: str
    column: str | None
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A table that says which user belongs to which row of ``tenant``."""

    table: QualifiedName
    user: UserColumn
    key: ForeignKey


@dataclass(slots=True)
class Belonging:
    """Who rows belong to, for every relation of a schema."""

    schema: Schema
    facts: Mapping[QualifiedName, Facts]
    users: dict[QualifiedName, list[UserColumn]] = field(default_factory=dict)
    memberships: dict[QualifiedName, list[Membership]] = field(default_factory=dict)
    suspicious: dict[QualifiedName, list[str]] = field(default_factory=dict)
    _ids: set[tuple[QualifiedName, str]] = field(default_factory=set)

    @classmethod
    def of(cls, schema: Schema, reader: Reader) -> Belonging:
        """Work it out once for a schema."""
        facts = {
            name: reader.read_all((text for policy in relation.policies for text in policy.texts), name)
            for name, relation in schema.relations.items()
        }
        made = cls(_with_implied_keys(schema, facts), facts)
        made._find_ids()
        made._find_users()
        made._spread_claims()
        made._find_memberships()
        return made

    def arms(self, relation: Relation, hops: int = _HOPS) -> list[str]:
        """SELECTs of (label, token) for one row of the relation, whose name is its alias."""
        relation = self.schema.relations.get(relation.name, relation)
        alias = quote(relation.name.name)
        found = [_own_arm(user) for user in self.users.get(relation.name, [])]
        for key in relation.foreign_keys:
            if self._is_id(key) or key.target == relation.name:
                continue
            pairs = [(f"{alias}.{quote(column)}", other) for column, other in _pairs(key)]
            found += [_member_arm(membership, pairs) for membership in self._members(key.target)]
            found += self._parent_arms(key, pairs, hops)
        found += self._acquaintance_arms(relation)
        if relation.key:
            own = [(f"{alias}.{quote(column)}", column) for column in relation.key]
            found += [_member_arm(membership, own) for membership in self._members(relation.name)]
        return found

    def dimensions(self, relation: Relation) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Columns that decide whose a row is: ``owner`` columns, and keys that lead to a ``tenant``."""
        relation = self.schema.relations.get(relation.name, relation)
        for user in self.users.get(relation.name, []):
            if user.column is not None:
                yield ("claim" if user.identity.kind in ("claim", "setting") else "owner"), (user.column,)
        for key in relation.foreign_keys:
            if not self._is_id(key) and key.target != relation.name and self.leads_to_tenant(key.target):
                yield "tenant", key.columns

    def leads_to_tenant(self, name: QualifiedName, hops: int = _HOPS) -> bool:
        """Whether rows of a table belong to the members of something."""
        if self._members(name):
            return True
        relation = self.schema.relations.get(name)
        if relation is None or hops == 0:
            return False
        return any(
            self.leads_to_tenant(key.target, hops - 1)
            for key in relation.foreign_keys
            if not self._is_id(key) and key.target != name
        )

    def is_membership(self, name: QualifiedName) -> bool:
        """Whether a table says who belongs to what."""
        return any(member.table == name for members in self.memberships.values() for member in members)

    def is_user_id(self, name: QualifiedName, column: str) -> bool:
        """Whether a column is itself the id of a user."""
        return (name, column) in self._ids

    def holds_several(self, identity: Identity) -> bool:
        """Whether the token has a list of values under it."""
        return any(identity in facts.lists for facts in self.facts.values())

    def is_owned(self, relation: Relation) -> bool:
        """Whether its rows belong to anybody at all."""
        return bool(self.arms(relation))

    def _members(self, tenant: QualifiedName) -> list[Membership]:
        return self.memberships.get(tenant, [])

    def _is_id(self, key: ForeignKey) -> bool:
        return len(key.columns) == 1 and (key.target, key.target_columns[0]) in self._ids

    def _parent_arms(self, key: ForeignKey, pairs: list[tuple[str, str]], hops: int) -> Iterator[str]:
        parent = self.schema.relations.get(key.target)
        if parent is None or hops == 0:
            return
        inner = self.arms(parent, hops - 1)
        if inner:
            alias = quote(parent.name.name)
            same = " AND ".join(f"{alias}.{quote(there)} = {here}" for here, there in pairs)
            united = " UNION ALL ".join(inner)
            yield (
                f"(SELECT CASE a.label WHEN 'owner' THEN 'parent' ELSE a.label END, a.token FROM {parent.name.sql} AS"
                f" {alias}, LATERAL ({united}) AS a (label, token) WHERE {same} LIMIT {_MANY})"
            )

    def _acquaintance_arms(self, relation: Relation) -> Iterator[str]:
        """Users whom a table of pairs, or a common tenant, binds to the owner, where a policy looks into it."""
        own = [user for user in self.users.get(relation.name, []) if user.identity == UID and user.column]
        for table in sorted(self.facts[relation.name].tables - {relation.name}):
            columns = [
                user.column for user in self.users.get(table, []) if user.identity == UID and user.column
            ]
            for one, other in permutations(columns, 2):
                for user in own:
                    same = self._same(relation, user, table, str(other))
                    yield _pair_arm(table, str(one), same)
            for membership in self._of_table(table):
                for user in own:
                    same = self._same(relation, user, table, str(membership.user.column))
                    yield _colleague_arm(membership, same)

    def _same(self, relation: Relation, user: UserColumn, table: QualifiedName, column: str) -> str:
        """A comparison with ``y``'s column that can use its index: cast only where the types differ."""
        here = relation.column(str(user.column))
        there = self.schema.relations[table].column(column)
        if here is not None and there is not None and here.type == there.type:
            return f"y.{quote(column)} = {user.expression}"
        return f"y.{quote(column)}::text = ({user.expression})::text"

    def _of_table(self, table: QualifiedName) -> list[Membership]:
        return [
            member for members in self.memberships.values() for member in members if member.table == table
        ]

    def _find_ids(self) -> None:
        """The columns that *are* a user's id: that of auth.users, and primary keys that refer to one."""
        self._ids = {(USERS, "id")}
        for name, relation in self.schema.relations.items():
            if self._is_table_of_users(name, relation):
                self._ids.add((name, relation.key[0]))
        while True:
            more = {
                (relation.name, key.columns[0])
                for relation in self.schema.relations.values()
                for key in relation.foreign_keys
                if self._is_id(key) and relation.key == key.columns
            } - self._ids
            if not more:
                return
            self._ids |= more

    def _is_table_of_users(self, name: QualifiedName, relation: Relation) -> bool:
        if len(relation.key) != 1 or name.schema == "auth":
            return False
        compared = any(
            use.identity == UID and use.column == relation.key[0]
            for facts in self.facts.values()
            for use in facts.uses
            if (use.table or None) == name or (use.table is None and facts is self.facts[name])
        )
        return (
            compared and bool(_USERS_NAME.fullmatch(name.name)) and not self._names_user_otherwise(relation)
        )

    def _names_user_otherwise(self, relation: Relation) -> bool:
        return any(
            _USER_NAME.fullmatch(column.name)
            for column in relation.columns
            if column.name not in relation.key and column.type in ("uuid", "text")
        )

    def _find_users(self) -> None:
        for name, relation in self.schema.relations.items():
            self.users[name] = list(self._by_structure(relation))
        for name, facts in self.facts.items():
            for use in facts.uses:
                self._add_use(use.table or name, use.identity, use.expression, use.column, use.listed)

    def _by_structure(self, relation: Relation) -> Iterator[UserColumn]:
        alias = quote(relation.name.name)
        seen: set[str] = set()
        for key in relation.foreign_keys:
            if self._is_id(key):
                seen.add(key.columns[0])
        seen |= {column for name, column in self._ids if name == relation.name}
        if relation.name.schema != "auth":
            keyed = {name for key in relation.foreign_keys for name in key.columns}
            seen |= {
                column.name
                for column in relation.columns
                if _USER_NAME.fullmatch(column.name)
                and column.type in ("uuid", "text", "character varying")
                and column.name not in keyed
            }
        for column in sorted(seen):
            yield UserColumn(UID, f"{alias}.{quote(column)}", column)

    def _add_use(
        self, name: QualifiedName, identity: Identity, expression: str, column: str | None, listed: str = ""
    ) -> None:
        relation = self.schema.relations.get(name)
        if (
            relation is None
            or identity.kind in ("role", "user", "header")
            or "user_metadata" in identity.path
        ):
            return
        known = self.users.setdefault(name, [])
        if any(
            user.identity == identity and (user.column or user.expression) == (column or expression)
            for user in known
        ):
            return
        if self._is_doubtful(relation, identity, column, known):
            self.suspicious.setdefault(name, []).append(column or expression)
            return
        known.append(UserColumn(identity, expression, column, listed))

    def _is_doubtful(
        self, relation: Relation, identity: Identity, column: str | None, known: list[UserColumn]
    ) -> bool:
        """A user's id compared with a column that cannot be one, where another column is one."""
        if identity != UID or column is None or not known or (relation.name, column) in self._ids:
            return False
        is_own_key = relation.key == (column,)
        refers_elsewhere = any(
            key.columns == (column,) and not self._is_id(key) for key in relation.foreign_keys
        )
        return is_own_key or refers_elsewhere

    def _spread_claims(self) -> None:
        """A column that one table compares with a claim means the same in the tables that share its name or its key."""
        claimed = {
            (user.identity, user.column)
            for users in self.users.values()
            for user in users
            if user.identity.kind in ("claim", "setting") and user.column is not None
            if _TENANT_NAME.search(user.column)
        }
        for identity, column in claimed:
            for name, relation in self.schema.relations.items():
                if relation.column(str(column)) is not None and relation.is_table and name.schema != "auth":
                    self._add_use(name, identity, f"{quote(name.name)}.{quote(str(column))}", column)
                for key in relation.foreign_keys:
                    if key.columns == (column,) and not self._is_id(key):
                        target = f"{quote(key.target.name)}.{quote(key.target_columns[0])}"
                        self._add_use(key.target, identity, target, key.target_columns[0])

    def _find_memberships(self) -> None:
        asked = {use.table for facts in self.facts.values() for use in facts.uses if use.table is not None}
        for name, relation in self.schema.relations.items():
            users = [
                user for user in self.users.get(name, []) if user.identity in (UID, EMAIL) and user.column
            ]
            keys = [key for key in relation.foreign_keys if not self._is_id(key) and key.target != name]
            if not users or not keys or name.schema == "auth":
                continue
            if name in asked or self._looks_like_membership(relation, users):
                for key in keys:
                    self.memberships.setdefault(key.target, []).extend(
                        Membership(name, user, key) for user in users if user.column not in key.columns
                    )

    def _looks_like_membership(self, relation: Relation, users: list[UserColumn]) -> bool:
        named = bool(_MEMBERS_NAME.search(relation.name.name))
        in_key = any(user.column in relation.key for user in users) and len(relation.key) > 1
        return named or (in_key and len(relation.columns) <= 6)


def _with_implied_keys(schema: Schema, facts: Mapping[QualifiedName, Facts]) -> Schema:
    """The schema with the foreign keys that policies imply where none was declared."""
    relations = dict(schema.relations)
    for name, relation in schema.relations.items():
        declared = {column for key in relation.foreign_keys for column in key.columns}
        implied = {
            column: ForeignKey((column,), table, (there,))
            for column, table, there in facts[name].joins
            if column not in (*declared, *relation.key) and table in relations and table != name
        }
        if implied:
            relations[name] = replace(relation, foreign_keys=(*relation.foreign_keys, *implied.values()))
    return replace(schema, relations=relations)


def _own_arm(user: UserColumn) -> str:
    prefix = literal(f"{user.identity}=")
    if user.listed == ARRAY:
        return f"(SELECT 'owner', {prefix} || x::text FROM unnest({user.expression}) AS x)"
    if user.listed == JSON:
        return f"(SELECT 'owner', {prefix} || x FROM ({_UNFOLDED.format(f'(({user.expression})::jsonb)')}) AS j (x))"
    return f"(SELECT 'owner', {prefix} || ({user.expression})::text)"


_UNFOLDED: Final = (
    "SELECT pg_catalog.jsonb_array_elements_text(CASE pg_catalog.jsonb_typeof({0}) WHEN 'array' THEN {0} END)"
    " UNION ALL SELECT pg_catalog.jsonb_object_keys(CASE pg_catalog.jsonb_typeof({0}) WHEN 'object' THEN {0} END)"
)
"""The members of a JSON array, or the names in a JSON object: whom ``?`` looks for."""


def _member_arm(membership: Membership, pairs: list[tuple[str, str]]) -> str:
    """The members of the tenant; ``pairs`` are (a value of the row, the column of the tenant that it equals)."""
    by_target = dict(zip(membership.key.target_columns, membership.key.columns, strict=True))
    same = [f"x.{quote(by_target[there])} = {here}" for here, there in pairs if there in by_target]
    if len(same) != len(by_target):
        return "(SELECT NULL::text, NULL::text WHERE false)"
    prefix = literal(f"{membership.user.identity}=")
    column = f"x.{quote(str(membership.user.column))}"
    return (
        f"(SELECT 'member', {prefix} || {column}::text FROM {membership.table.sql} AS x"
        f" WHERE {' AND '.join(same)} LIMIT {_MANY})"
    )


def _pair_arm(table: QualifiedName, one: str, same: str) -> str:
    return (
        f"(SELECT 'member', 'uid=' || y.{quote(one)}::text FROM {table.sql} AS y WHERE {same} LIMIT {_MANY})"
    )


def _colleague_arm(membership: Membership, same: str) -> str:
    column = quote(str(membership.user.column))
    keys = " AND ".join(f"x.{quote(name)} = y.{quote(name)}" for name in membership.key.columns)
    return (
        f"(SELECT 'member', 'uid=' || x.{column}::text FROM {membership.table.sql} AS y"
        f" JOIN {membership.table.sql} AS x ON {keys} WHERE {same} LIMIT {_MANY})"
    )


def _pairs(key: ForeignKey) -> Iterator[tuple[str, str]]:
    return zip(key.columns, key.target_columns, strict=True)

"""Who may do what, as far as GRANT, REVOKE and default privileges tell."""

from __future__ import annotations

from typing import TypeVar

from lockgate.analysis.state.store import Store, UndoLog
from lockgate.sql.identifiers import QualifiedName
from lockgate.values import value

K = TypeVar("K")

PUBLIC = "public"
"""The grantee that stands for every role; no role can have this name."""

ALL_PRIVILEGES = {
    "table": ("select", "insert", "update", "delete", "truncate", "references", "trigger"),
    "sequence": ("select", "usage", "update"),
    "function": ("execute",),
    "schema": ("usage", "create"),
}


@value(frozen=True, slots=True)
class Grant:
    """One right of one role; ``column`` is empty when it holds for the whole object."""

    grantee: str
    privilege: str
    column: str = ""


Grants = frozenset[Grant]


class Privileges:
    """Grants on relations, functions and schemas, and the default privileges of objects to come."""

    def __init__(self, log: UndoLog) -> None:
        self.relations: Store[QualifiedName, Grants] = Store(log)
        self.functions: Store[QualifiedName, Grants] = Store(log)
        self.schemas: Store[str, Grants] = Store(log)
        self.defaults: Store[tuple[str, str], Grants] = Store(log)

    def initial(self, schema: str, kind: str) -> Grants:
        """What an object of a kind gets when it is made in a schema."""
        built_in = frozenset({Grant(PUBLIC, "execute")}) if kind == "function" else frozenset()
        everywhere = self.defaults.get(("", kind))
        inside = self.defaults.get((schema, kind)) or frozenset()
        return (built_in if everywhere is None else everywhere) | inside

    def on_relation(self, name: QualifiedName) -> Grants:
        """The grants on a table, view or sequence."""
        return self.relations.get(name) or frozenset()

    def on_function(self, name: QualifiedName) -> Grants:
        """The grants on the functions of a name."""
        return self.functions.get(name) or frozenset()

    def change(self, kind: str, target: QualifiedName | str, change: Grants, add: bool) -> bool:
        """Give or take rights on an object; a schema is named by a text. Gives whether anything is different now."""
        if isinstance(target, str):
            return _change(self.schemas, target, change, add)
        return _change(self.functions if kind == "function" else self.relations, target, change, add)

    def may(self, grants: Grants, role: str, privilege: str) -> bool:
        """Whether a role has a right itself or as everybody; a right on single columns counts."""
        return any(g.privilege == privilege and g.grantee in (role, PUBLIC) for g in grants)


def _change(store: Store[K, Grants], key: K, change: Grants, add: bool) -> bool:
    before = store.get(key) or frozenset()
    after = granted(before, change, add)
    store.put(key, after)
    return after != before


def granted(present: Grants, change: Grants, add: bool) -> Grants:
    """The grants after GRANT or REVOKE; revoking a whole right takes the column rights with it."""
    if add:
        return present | change
    whole = {(grant.grantee, grant.privilege) for grant in change if not grant.column}
    kept = (grant for grant in present if (grant.grantee, grant.privilege) not in whole)
    return frozenset(kept) - change

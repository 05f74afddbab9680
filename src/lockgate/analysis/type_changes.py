"""Whether ``ALTER COLUMN … TYPE`` writes the table anew, and which indexes it keeps.

The rules are the server's: the old value is coerced to the new type as an assignment would, what the planner can prove
to change nothing is dropped (the support functions of ``varchar``, ``numeric``, ``timestamp``, ``time``, ``interval``
and ``varbit``), and a rewrite is due unless only relabelling is left (``ATColumnChangeRequiresRewrite`` in
``tablecmds.c``).
"""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.analysis.state import names
from lockgate.analysis.view import Domain, StateView, TypeRef
from lockgate.sql.identifiers import QualifiedName
from lockgate.sql.parse import Node
from lockgate.values import value

_REGISTERED = (
    *("regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper"),
    *("regoperator", "regproc", "regprocedure", "regrole", "regtype"),
)
_RELABELLED = frozenset(
    {
        ("text", "varchar"),
        ("varchar", "text"),
        ("text", "bpchar"),
        ("varchar", "bpchar"),
        ("cidr", "inet"),
        ("bit", "varbit"),
        ("varbit", "bit"),
        ("xml", "text"),
        ("xml", "varchar"),
        ("xml", "bpchar"),
        ("int4", "oid"),
        ("oid", "int4"),
        ("regproc", "regprocedure"),
        ("regprocedure", "regproc"),
        ("regoper", "regoperator"),
        ("regoperator", "regoper"),
        *((registered, "oid") for registered in _REGISTERED),
        *(("oid", registered) for registered in _REGISTERED),
        *((registered, "int4") for registered in _REGISTERED),
        *(("int4", registered) for registered in _REGISTERED),
    }
)
"""The casts of ``pg_cast`` that need no function."""

_MOST_DIGITS = 6
_WITH_FRACTION = frozenset({"timestamp", "timestamptz", "time", "timetz"})
_SAME_CLASS = {"varchar": "text", "cidr": "inet", **dict.fromkeys(_REGISTERED, "oid")}
_COLLATED = frozenset({"text", "varchar", "bpchar", "name"})
_UTC = frozenset(
    {
        "utc",
        "gmt",
        "etc/utc",
        "etc/gmt",
        "zulu",
        "etc/zulu",
        "uct",
        "universal",
        "0",
        "+0",
        "-0",
        "+00",
        "etc/uct",
    }
)
_FIELDS = ((1 << 12, 0), (1 << 11, 1), (1 << 10, 2), (1 << 3, 3), (1 << 1, 4), (1 << 2, 5))
"""The bits of an interval's range and the rank of the field, second to year."""


@value(frozen=True, slots=True)
class Coercion:
    """What becomes of the stored values: ``free`` when they stay as they are, ``type`` of the result, ``why`` not."""

    free: bool
    type: TypeRef
    why: str = ""


def coerce(source: TypeRef, target: TypeRef, state: StateView) -> Coercion:
    """How a stored value of one type becomes one of another."""
    if source == target:
        return Coercion(True, target)
    constrained = constraint_of(target, state)
    if constrained:
        return Coercion(False, target, f"every value is checked against {constrained}")
    free, why = _coerce(plain(source, state), base_type(target, state), state)
    return Coercion(free, target, why)


def using(expression: Node, column: str, source: TypeRef, state: StateView) -> Coercion:
    """The result of a USING expression: only casts of the column itself can be seen through."""
    if "ColumnRef" in expression:
        same = expression["ColumnRef"]["fields"][-1].get("String", {}).get("sval") == column
        return Coercion(same, source, "" if same else "the values come from another column")
    if "CollateClause" in expression:
        return using(expression["CollateClause"]["arg"], column, source, state)
    if "TypeCast" in expression:
        inner = using(expression["TypeCast"]["arg"], column, source, state)
        target = resolve(expression["TypeCast"]["typeName"], state)
        return coerce(inner.type, target, state) if inner.free else inner
    return Coercion(False, source, "the USING expression computes every value anew")


def resolve(node: Node, state: StateView) -> TypeRef:
    """A ``TypeName`` with its user-defined name looked up; an unknown one keeps an empty schema."""
    ref = names.type_ref(node)
    if ref.name.schema:
        return ref
    name = ref.name.name
    found = state.domain("", name) or state.user_type("", name) or state.relation("", name)
    return TypeRef(found.name, ref.modifiers, ref.array) if found else ref


def domains(ref: TypeRef, state: StateView) -> Iterator[Domain]:
    """The domain of a type and the domains below it; none for an array of a domain."""
    while not ref.array and ref.name.schema not in ("", names.PG_CATALOG):
        domain = state.domain(ref.name.schema, ref.name.name)
        if domain is None:
            return
        yield domain
        ref = domain.base


def base_type(ref: TypeRef, state: StateView) -> TypeRef:
    """The type below all domains, with the modifiers that the domain gives it."""
    for domain in domains(ref, state):
        ref = domain.base
    return ref


def plain(ref: TypeRef, state: StateView) -> TypeRef:
    """The type below all domains; the planner does not know its modifiers any more."""
    base = base_type(ref, state)
    return TypeRef(base.name, (), base.array) if base is not ref else ref


def constraint_of(ref: TypeRef, state: StateView) -> str:
    """What a domain demands of its values, in words; empty when it demands nothing."""
    for domain in domains(ref, state):
        if domain.not_null:
            return f"the NOT NULL of domain {domain.name}"
        if domain.constraints:
            return f"the check of domain {domain.name}"
    return ""


def same_order(old: TypeRef, new: TypeRef, state: StateView) -> bool:
    """Whether an index or a foreign key of the old type can serve the new one as it is."""
    return _operator_class(old, state) == _operator_class(new, state)


def is_collated(ref: TypeRef, state: StateView) -> bool:
    """Whether the values of a type are compared under a collation."""
    return base_type(ref, state).name.name in _COLLATED


def _operator_class(ref: TypeRef, state: StateView) -> tuple[QualifiedName, bool]:
    base = base_type(ref, state)
    if base.array or base.name.schema != names.PG_CATALOG:
        return base.name, base.array
    return QualifiedName(names.PG_CATALOG, _SAME_CLASS.get(base.name.name, base.name.name)), False


def _coerce(source: TypeRef, target: TypeRef, state: StateView) -> tuple[bool, str]:
    old, new = source.name.name, target.name.name
    if source.array or target.array:
        same = source.array and target.array and source.name == target.name
        kept = same and target.modifiers in ((), source.modifiers)
        return kept, "" if kept else "every array is converted element by element"
    if source.name == target.name:
        return _fits(old, source.modifiers, target.modifiers)
    if {source.name.schema, target.name.schema} != {names.PG_CATALOG}:
        return False, "the two types are stored differently"
    if (old, new) in _RELABELLED:
        return _fits(new, (), target.modifiers)
    if {old, new} == {"timestamp", "timestamptz"} and is_utc(state):
        return _fits(new, (), target.modifiers)
    if {old, new} == {"timestamp", "timestamptz"}:
        return False, f"with TimeZone {state.setting('timezone')} every value is shifted"
    return False, f"{old} and {new} are stored differently"


def is_utc(state: StateView) -> bool:
    """Whether the session's time zone is UTC; the server's built-in default, where nothing else is known."""
    zone = state.setting("timezone")
    return zone is None or names_utc(zone)


def names_utc(zone: str) -> bool:
    """Whether a time zone is the one in which the server keeps all points of time."""
    return zone.strip("'\" ").lower() in _UTC


def _fits(name: str, old: tuple[int, ...], new: tuple[int, ...]) -> tuple[bool, str]:
    """Whether every value within the old limits is within the new ones as it is stored."""
    fits = not new or old == new or _wider(name, old, new)
    return fits, "" if fits else f"every value is checked or cut to the new limit of {name}"


def _wider(name: str, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    if name in ("varchar", "varbit"):
        return bool(old) and old[0] <= new[0]
    if name == "numeric":
        return bool(old) and _scale(old) == _scale(new) and old[0] <= new[0]
    if name in _WITH_FRACTION:
        return new[0] >= _MOST_DIGITS or (bool(old) and old[0] <= new[0])
    return name == "interval" and _wider_interval(old, new)


def _scale(modifiers: tuple[int, ...]) -> int:
    return modifiers[1] if len(modifiers) > 1 else 0


def _wider_interval(old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    least_old = _least_field(old)
    if _least_field(new) > least_old:
        return False
    digits = new[1] if len(new) > 1 else None
    if least_old > 0 or digits is None or digits >= _MOST_DIGITS:
        return True
    return len(old) > 1 and digits >= old[1]


def _least_field(modifiers: tuple[int, ...]) -> int:
    if not modifiers:
        return 0
    return next((rank for bit, rank in _FIELDS if modifiers[0] & bit), 0)

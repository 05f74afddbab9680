"""Domains, enums, composite types and sequences, replayed."""

from __future__ import annotations

from lockgate.analysis.state import names, tables
from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.columns import read_column, read_constraint
from lockgate.analysis.state.storage import option_text
from lockgate.analysis.view import Constraint, Domain, Relation, UserType
from lockgate.sql.parse import Node
from lockgate.values import replace


def create_domain(catalog: Catalog, tree: Node) -> None:
    """CREATE DOMAIN with its constraints."""
    name = catalog.new_name(*names.dotted(tree["domainname"]))
    domain = Domain(name, catalog.resolve_type(tree["typeName"]), is_new=True)
    for item in tree.get("constraints", ()):
        domain = _with_constraint(catalog, domain, item["Constraint"])
    catalog.put_domain(domain)


def alter_domain(catalog: Catalog, tree: Node) -> None:
    """ALTER DOMAIN; the letters are those of the server's ``AlterDomainStmt``."""
    domain = catalog.domain(*names.dotted(tree["typeName"]))
    if domain is None:
        return
    match tree.get("subtype"):
        case "C":
            domain = _with_constraint(catalog, domain, tree["def"]["Constraint"])
        case "X":
            kept = tuple(c for c in domain.constraints if c.name != tree.get("name"))
            domain = replace(domain, constraints=kept)
        case "V":
            domain = replace(domain, constraints=_validated(domain.constraints, tree.get("name", "")))
        case "O" | "N":
            domain = replace(domain, not_null=tree["subtype"] == "O")
        case "T":
            domain = replace(domain, default=tree.get("def"))
    catalog.put_domain(domain)


def _validated(constraints: tuple[Constraint, ...], name: str) -> tuple[Constraint, ...]:
    return tuple(replace(c, valid=True) if c.name == name else c for c in constraints)


def _with_constraint(catalog: Catalog, domain: Domain, node: Node) -> Domain:
    if node.get("contype") == "CONSTR_DEFAULT":
        return replace(domain, default=node.get("raw_expr"))
    spec = read_constraint(node, catalog.relation_name)
    if spec is None:
        return domain
    if spec.kind == "not null":
        return replace(domain, not_null=True)
    taken = {c.name for c in domain.constraints}
    name, number = spec.constraint.name or f"{domain.name.name}_check", 1
    while name in taken:
        name, number = f"{domain.name.name}_check{number}", number + 1
    catalog.remember("domain constraint", domain.name, name)
    return replace(domain, constraints=(*domain.constraints, replace(spec.constraint, name=name, columns=())))


def create_enum(catalog: Catalog, tree: Node) -> None:
    """CREATE TYPE … AS ENUM."""
    name = catalog.new_name(*names.dotted(tree["typeName"]))
    labels = tuple(names.text(value) for value in tree.get("vals", ()))
    catalog.put_type(UserType(name, "enum", labels, is_new=True))


def alter_enum(catalog: Catalog, tree: Node) -> None:
    """ALTER TYPE … ADD VALUE and RENAME VALUE."""
    enum = catalog.user_type(*names.dotted(tree["typeName"]))
    if enum is None:
        if "oldVal" not in tree:
            name = catalog.new_name(*names.dotted(tree["typeName"]))
            catalog.remember("enum label", name, tree.get("newVal", ""))
        return
    labels, new = list(enum.labels), tree.get("newVal", "")
    if "oldVal" in tree:
        labels = [new if label == tree["oldVal"] else label for label in labels]
    elif new not in labels:
        labels.insert(_place(labels, tree), new)
        catalog.remember("enum label", enum.name, new)
    catalog.put_type(replace(enum, labels=tuple(labels)))


def _place(labels: list[str], tree: Node) -> int:
    neighbour = tree.get("newValNeighbor")
    if neighbour not in labels:
        return len(labels)
    return labels.index(neighbour) + bool(tree.get("newValIsAfter"))


def create_composite(catalog: Catalog, tree: Node) -> None:
    """CREATE TYPE … AS (…)."""
    name = catalog.new_name(*names.range_var(tree["typevar"]))
    specs = [
        read_column(item["ColumnDef"], catalog.relation_name, catalog.resolve_type)
        for item in tree.get("coldeflist", ())
    ]
    columns = tuple(spec.column for spec in specs)
    catalog.put_relation(Relation(name, kind="composite type", columns=columns, is_new=True))


def create_range(catalog: Catalog, tree: Node) -> None:
    """CREATE TYPE … AS RANGE."""
    name = catalog.new_name(*names.dotted(tree["typeName"]))
    catalog.put_type(UserType(name, "range", is_new=True))


def create_sequence(catalog: Catalog, tree: Node) -> None:
    """CREATE SEQUENCE."""
    name = tables.created_name(catalog, tree["sequence"])
    if tree.get("if_not_exists") and catalog.relation(name.schema, name.name):
        return
    catalog.put_relation(Relation(name, kind="sequence", is_new=True))
    catalog.privileges.relations.put(name, catalog.privileges.initial(name.schema, "sequence"))
    _own(catalog, name.schema, name.name, tree)


def alter_sequence(catalog: Catalog, tree: Node) -> None:
    """ALTER SEQUENCE … OWNED BY."""
    schema, name = names.range_var(tree["sequence"])
    if catalog.relation(schema, name):
        _own(catalog, schema, name, tree)


def _own(catalog: Catalog, schema: str, name: str, tree: Node) -> None:
    for item in tree.get("options", ()):
        element = item["DefElem"]
        if element["defname"] != "owned_by":
            continue
        parts = [names.text(part) for part in element["arg"]["List"]["items"]]
        owner = None
        if len(parts) > 1:
            table = catalog.relation_name(parts[-3] if len(parts) > 2 else "", parts[-2])
            owner = (table, parts[-1])
        catalog.change(catalog.relation_name(schema, name), owned_by=owner)


def define(catalog: Catalog, tree: Node) -> None:
    """CREATE AGGREGATE is remembered as a function, CREATE TYPE as a base type; operators are not needed."""
    from lockgate.analysis.state.routines import create_aggregate

    if tree.get("kind") == "OBJECT_TYPE":
        catalog.put_type(UserType(catalog.new_name(*names.dotted(tree["defnames"])), is_new=True))
    elif tree.get("kind") == "OBJECT_AGGREGATE":
        create_aggregate(catalog, tree)


def options_of(items: list[Node]) -> dict[str, str]:
    """The ``DefElem`` list of a CREATE as a mapping; lists and names inside are left out."""
    found = {}
    for item in items:
        element = item["DefElem"]
        value = element.get("arg")
        if value is None or next(iter(value)) not in ("List", "VariableSetStmt"):
            found[element["defname"]] = option_text(value)
    return found

"""Adding, dropping and changing columns."""

from __future__ import annotations

from lockgate.analysis import type_changes
from lockgate.analysis.locks.alter import foreign_keys, keys
from lockgate.analysis.locks.alter.work import Alteration, Work, stored
from lockgate.analysis.locks.dependents import Demolition
from lockgate.analysis.locks.queries import Depth, Reader
from lockgate.analysis.locks.routines import call
from lockgate.analysis.state.columns import ColumnSpec, read_column
from lockgate.analysis.volatility import is_volatile
from lockgate.sql.parse import Node


def add_column(alteration: Alteration, command: Node) -> None:
    """ADD COLUMN: a rewrite only where every old row needs a value of its own."""
    scene = alteration.scene
    spec = read_column(command["def"]["ColumnDef"], scene.name, scene.type)
    if command.get("missing_ok") and alteration.relation.column(spec.name):
        alteration.own()
        return
    alteration.added[spec.name] = spec.column
    reason = _rewrite_reason(alteration, spec)
    checks = [found for found in spec.constraints if found.kind == "check" and found.constraint.enforced]
    for work in stored(_reach(alteration, spec.name)):
        work.rewrite = work.rewrite or bool(reason)
        work.scan = work.scan or bool(checks) or (not reason and _must_be_filled(alteration, spec))
    _call_default(alteration, spec)
    if reason:
        alteration.ledger.because(f"Every row is written anew: {reason}.")
    elif checks:
        alteration.ledger.because("The check of the new column is proved against every row.")
    _inline_keys(alteration, spec)


def _reach(alteration: Alteration, column: str) -> list[Work]:
    """The tables that get the column; a child that has it already keeps it, and its children are not asked."""
    works = [alteration.own()]
    queue = [] if alteration.alone else list(alteration.scene.state.children(alteration.relation.name))
    while queue:
        child = alteration.scene.known(queue.pop(0))
        work = alteration.work(child)
        if child.column(column) is None:
            works.append(work)
            queue += alteration.scene.state.children(child.name)
    return works


def _call_default(alteration: Alteration, spec: ColumnSpec) -> None:
    """The default is computed, once or for every row: a function in it may open tables of its own."""
    if spec.column.default is not None and not spec.column.generated:
        reader = Reader(alteration.ledger, Depth.EXECUTED, call=call)
        reader.expression(spec.column.default, frozenset())


def _inline_keys(alteration: Alteration, spec: ColumnSpec) -> None:
    for found in spec.constraints:
        if found.kind in ("unique", "primary key", "exclude"):
            keys.build(alteration, found)
        elif found.kind == "foreign key":
            filled = spec.column.default is not None or spec.serial
            foreign_keys.add(alteration, found.constraint, empty=not filled)


def _rewrite_reason(alteration: Alteration, spec: ColumnSpec) -> str:
    """Why the new column needs the table to be written anew; empty when it does not."""
    column = spec.column
    if column.generated:
        return "the stored expression is computed for each of them" if column.generated == "stored" else ""
    if spec.serial or column.identity:
        return "each gets its number from the sequence"
    constraint = type_changes.constraint_of(column.type, alteration.scene.state)
    if constraint and alteration.scene.major < 19:
        return f"the new value is checked against {constraint}"
    default = column.default or _domain_default(alteration, spec)
    return "the default is volatile" if is_volatile(default, alteration.scene.state) else ""


def _domain_default(alteration: Alteration, spec: ColumnSpec) -> Node | None:
    domains = type_changes.domains(spec.column.type, alteration.scene.state)
    return next((domain.default for domain in domains if domain.default), None)


def _must_be_filled(alteration: Alteration, spec: ColumnSpec) -> bool:
    """Whether the column is NOT NULL and nothing fills the old rows, so that the server looks for one."""
    if not spec.column.not_null:
        return False
    default = spec.column.default or _domain_default(alteration, spec)
    virtual = spec.column.generated == "virtual"
    return virtual or default is None or bool(default.get("A_Const", {}).get("isnull"))


def drop_column(alteration: Alteration, command: Node) -> None:
    """DROP COLUMN: brief, but what hangs on the column is locked as well."""
    name = command["name"]
    relation = alteration.relation
    missing = relation.column(name) is None and not relation.partial
    if missing and command.get("missing_ok"):
        alteration.own()
        return
    alteration.gone.add(name)
    demolition = Demolition(alteration.ledger, cascade=command.get("behavior") == "DROP_CASCADE")
    for work in alteration.reach():
        demolition.column(work.relation, name)


def on_family(alteration: Alteration, command: Node) -> None:
    """An action that goes down to every child and touches no row."""
    alteration.reach()


def on_table(alteration: Alteration, command: Node) -> None:
    """An action that stays with the table and touches no row."""
    alteration.own()


def set_expression(alteration: Alteration, command: Node) -> None:
    """SET EXPRESSION (17): stored values are computed anew."""
    for work in stored(alteration.reach()):
        column = work.relation.column(command["name"])
        work.rewrite = work.rewrite or column is None or column.generated != "virtual"
    alteration.ledger.because(
        "Every row is written anew: the stored expression is computed for each of them."
    )


def identity(alteration: Alteration, command: Node) -> None:
    """ADD, SET or DROP identity; from 17 on partitions share it."""
    if alteration.scene.major >= 17:
        alteration.reach_partitions()
    else:
        alteration.own()

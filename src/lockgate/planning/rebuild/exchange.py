"""The exchange of all names between a table and the one that takes its place, and its way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from lockgate.catalog.compare import diff
from lockgate.catalog.model import CatalogObject
from lockgate.catalog.script.write import as_sql
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.rebuild import dependents, numbers, stored
from lockgate.planning.rebuild.references import pointing_to
from lockgate.planning.rebuild.twin import Twin
from lockgate.sql.identifiers import quote

_STATES = {"origin": "ENABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}


def exchanged(twin: Twin) -> Iterator[str]:
    """The old table steps aside, the new one takes its name and everything that was the old one's."""
    name = twin.table.name
    yield from twin.follower(name, twin.new).drop()
    yield from numbers.continued(twin, twin.new, name)
    yield from dependents.removed(twin.snapshot, twin.table, twin.shape.retyped)
    yield from twin.renamed(name, twin.old, "", "_old")
    yield from numbers.renamed(twin, "", "_old")
    yield from twin.renamed(twin.new, name, "_new", "")
    yield from numbers.renamed(twin, "_new", "")
    yield from as_sql(diff(_bare(twin), twin.snapshot))
    yield from dependents.retold(twin.snapshot, twin.table, twin.old, twin.shape.retyped)
    yield from numbers.owned(twin, name)
    for trigger in twin.triggers():
        yield f"ALTER TABLE {twin.old.sql} DISABLE TRIGGER {quote(trigger.address.part)}"
    yield from _leads(twin, "", "_old")
    yield from numbers.taken(twin, twin.old, "BY DEFAULT")
    yield from twin.follower(name, twin.old).create()


def exchanged_back(twin: Twin) -> Iterator[str]:
    """The same in reverse."""
    name = twin.table.name
    yield from twin.follower(name, twin.old).drop()
    yield from numbers.taken(twin, twin.old, "ALWAYS")
    for trigger in twin.triggers():
        if trigger.enabled in _STATES:
            yield f"ALTER TABLE {twin.old.sql} {_STATES[trigger.enabled]} TRIGGER {quote(trigger.address.part)}"
    yield from numbers.owned(twin, twin.old)
    yield from as_sql(diff(twin.snapshot, _bare(twin)))
    yield from dependents.removed(twin.snapshot, twin.table, twin.shape.retyped)
    yield from twin.renamed(name, twin.new, "", "_new")
    yield from numbers.renamed(twin, "", "_new")
    yield from twin.renamed(twin.old, name, "_old", "")
    yield from numbers.renamed(twin, "_old", "")
    yield from dependents.retold(twin.snapshot, twin.table, twin.new, twin.shape.retyped)
    yield from _leads(twin, "", "_new")
    yield from numbers.continued(twin, name, twin.new)
    yield from twin.follower(name, twin.new).create()


def forgotten(twin: Twin) -> Iterator[str]:
    """The statements that take the old table away for good, with the references to it."""
    yield from twin.follower(twin.table.name, twin.old).drop()
    yield from stored.forgotten(twin)
    for reference in twin.pointing("_old"):
        if reference.holder != twin.old:
            yield reference.drop()
    yield f"DROP TABLE {twin.old.sql}"


def _leads(twin: Twin, used: str, aside: str) -> Iterator[str]:
    """References to the table in use check as they were declared, those to the other one at the end."""
    for reference in twin.pointing(used):
        yield from reference.check_as_declared()
    for reference in twin.pointing(aside):
        yield from reference.check_at_the_end()


def _bare(twin: Twin) -> Snapshot:
    """The schema with the new table in the old one's place, before it has what the old one had."""
    snapshot, table = twin.snapshot, twin.table
    gone = {item.address for item in twin.triggers()}
    gone |= {item.address for item in snapshot.policies_of(table.name)}
    objects = {address: item for address, item in snapshot.objects.items() if address not in gone}
    objects |= {item.address: item for item in _plain(twin)}
    columns = tuple(
        replace(column, grants=None, identity=column.identity and "BY DEFAULT") for column in table.columns
    )
    objects[table.address] = replace(
        table, columns=columns, grants=None, comment=None, row_security=True, replica_identity="default"
    )
    return replace(snapshot, objects=MappingProxyType(objects))


def _plain(twin: Twin) -> Iterator[CatalogObject]:
    """What the new table has already, without what its makers could not say."""
    for index in twin.snapshot.indexes_of(twin.table.name):
        yield replace(index, comment=None, clustered=False, statistics=())
    for item in twin.statistics():
        yield replace(item, comment=None, extra=())
    for constraint in (*twin.constraints(), *pointing_to(twin.snapshot, twin.table)):
        yield replace(constraint, comment=None)

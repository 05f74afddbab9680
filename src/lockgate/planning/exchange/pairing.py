"""Which columns must be exchanged together, what is known about each, and what cannot be exchanged at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lockgate.analysis.rules.column_facts import mentions_column
from lockgate.catalog import model
from lockgate.catalog.snapshot import Snapshot
from lockgate.planning.columns import over
from lockgate.planning.exchange.family import family_reasons, with_family
from lockgate.planning.exchange.pair import Pair
from lockgate.sql.identifiers import literal, quote
from lockgate.sql.parse import parse_expression

_TOP = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def together(first: Pair) -> tuple[Pair, ...]:
    """The column, and every column of the same type that refers to it, directly or over others."""
    found = [first]
    for pair in found:
        found += [one for one in _referring(pair) if not _has(found, one)]
    return tuple(found)


def _has(found: list[Pair], one: Pair) -> bool:
    return any((pair.table.name, pair.column.name) == (one.table.name, one.column.name) for pair in found)


def _referring(pair: Pair) -> Iterator[Pair]:
    for name, key in pair.state.referencing(pair.table.name):
        table = pair.state.known(name)
        for own, referenced in zip(key.columns, key.referenced_columns, strict=False):
            column = table.column(own) if referenced == pair.column.name else None
            if column is not None and column.type == pair.column.type:
                using, back = (
                    over(one, {pair.column.name: own}) if one is not None else None
                    for one in (pair.using, pair.back)
                )
                yield replace(pair, table=table, column=column, using=using, back=back)


def informed(pair: Pair, snapshot: Snapshot | None) -> Pair:
    """The pair with what only the schema itself tells: attributes, comment, identity, sequence."""
    if snapshot is None:
        return _from_files(pair)
    found = snapshot.column(pair.table.name, pair.column.name)
    if found is None:
        return pair
    sequence = next(
        (
            one
            for one in snapshot.sequences_of(pair.table.name)
            if one.owned_by and one.owned_by[2] == found.column
        ),
        None,
    )
    default = parse_expression(found.default) if found.default and not found.generated else None
    return replace(
        with_family(pair, snapshot),
        column=replace(pair.column, default=default, not_null=found.not_null),
        attributes=tuple(_attributes(found)),
        comment=literal(found.comment) if found.comment else "",
        identity=found.identity,
        identity_options=numbers_of(sequence.numbers) if sequence and found.identity else "",
        sequence=sequence.name if sequence else None,
        sequence_type=sequence.numbers.type if sequence else "",
        sequence_grants=tuple(grants_on(sequence)) if sequence and found.identity else (),
    )


def _from_files(pair: Pair) -> Pair:
    owner = (pair.table.name, pair.column.name)
    for relation in pair.state.relations():
        if relation.kind == "sequence" and relation.owned_by == owner:
            numbered = parse_expression(f"nextval({literal(relation.name.sql)}::regclass)")
            serial = pair.column.default is None and not pair.column.identity
            column = replace(pair.column, default=numbered) if serial else pair.column
            return replace(pair, column=column, sequence=relation.name)
    return pair


def _attributes(found: model.Column) -> Iterator[str]:
    if found.statistics is not None:
        yield f"SET STATISTICS {found.statistics}"
    if found.options:
        yield f"SET ({', '.join(f'{name} = {value}' for name, value in found.options)})"


def numbers_of(numbers: model.Identity) -> str:
    """How a sequence counts, as the words behind CREATE SEQUENCE or AS IDENTITY; empty where it counts as usual."""
    words = "" if numbers.increment == 1 else f" INCREMENT BY {numbers.increment}"
    words += "" if numbers.minimum == 1 else f" MINVALUE {numbers.minimum}"
    words += "" if numbers.maximum in _TOP.values() else f" MAXVALUE {numbers.maximum}"
    words += "" if numbers.start == 1 else f" START WITH {numbers.start}"
    words += "" if numbers.cache == 1 else f" CACHE {numbers.cache}"
    return words + (" CYCLE" if numbers.cycle else "")


def grants_on(sequence: model.Sequence) -> Iterator[str]:
    """The statements that give a sequence made anew the rights that others have on this one."""
    for grant in sequence.grants or ():
        if grant.grantee != sequence.owner:
            whom = quote(grant.grantee) if grant.grantee else "PUBLIC"
            yield f"GRANT {grant.privilege} ON SEQUENCE {sequence.name.sql} TO {whom}"


def reasons(pair: Pair, snapshot: Snapshot | None) -> Iterator[str]:
    """What of a table or a column stands in the way of any exchange."""
    table, name = pair.table, pair.column.name
    if snapshot is None and (table.kind == "partitioned table" or pair.state.children(table.name)):
        yield f"only a server tells what the tables below {table.name} have"
    if pair.column.generated:
        yield f"{table.name}.{name} is a generated column"
    for one in table.constraints:
        if one.kind == "exclude" and (name in one.columns or not one.columns):
            yield f"exclusion constraint {one.name} has no form that is built while the table is in use"
    for column in table.columns:
        if column.generated == "stored" and mentions_column(column.default, name):
            yield f"generated column {column.name} would be computed anew while nobody can use the table"
    if snapshot is None:
        yield from _unseen(pair)
    else:
        yield from _replicated(pair, snapshot)
        yield from family_reasons(pair, snapshot)


def _unseen(pair: Pair) -> Iterator[str]:
    """What can only be made again by somebody who has seen the schema itself."""
    table, name = pair.table, pair.column.name
    for policy in table.policies:
        if mentions_column(policy.using, name) or mentions_column(policy.check, name):
            yield f"policy {policy.name}"
    yield from (f"view {view}" for view in pair.state.readers(table.name))
    yield from (f"statistics {found}" for found in table.statistics)
    yield from (
        f"generated column {column.name}"
        for column in table.columns
        if column.generated == "virtual" and mentions_column(column.default, name)
    )
    if pair.column.identity:
        yield f"{name} is an identity column"


def _replicated(pair: Pair, snapshot: Snapshot) -> Iterator[str]:
    for index in (index for table in pair.tables for index in snapshot.indexes_of(table)):
        if index.replica_identity and pair.column.name in index.columns:
            yield f"{index.name} is the replica identity of {index.table}"

"""Which changes of type keep the stored values, beside those that are measured."""

from __future__ import annotations

import pytest
from tests.sampling import in_turn

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.analysis.type_changes import coerce, resolve, same_order, using
from lockgate.analysis.view import TypeRef
from lockgate.sql.parse import parse, parse_expression

TYPES = """
CREATE TYPE mood AS ENUM ('calm');
CREATE TYPE place AS (a int);
CREATE DOMAIN loose AS varchar(10);
CREATE DOMAIN looser AS loose;
CREATE DOMAIN strict_text AS text CHECK (VALUE <> '');
CREATE DOMAIN below AS strict_text;
CREATE DOMAIN never_null AS int NOT NULL;
CREATE DOMAIN plain AS int;
CREATE DOMAIN exact AS numeric(10, 2);
CREATE DOMAIN list AS int[];
"""
PROBE = """
CREATE FUNCTION rewrites(types text[]) RETURNS TABLE (old text, new text, rewritten boolean) LANGUAGE plpgsql AS $$
DECLARE file oid;
BEGIN
    FOREACH old IN ARRAY types LOOP
        EXECUTE format('CREATE TABLE probe (c %s)', old);
        file := pg_relation_filenode('probe');
        FOREACH new IN ARRAY types LOOP
            rewritten := NULL;
            BEGIN
                EXECUTE format('ALTER TABLE probe ALTER COLUMN c TYPE %s', new);
                RAISE EXCEPTION USING errcode = 'P0099', message = file <> pg_relation_filenode('probe');
            EXCEPTION
                WHEN SQLSTATE 'P0099' THEN rewritten := sqlerrm::boolean;
                WHEN datatype_mismatch OR feature_not_supported OR undefined_function THEN NULL;
            END;
            RETURN NEXT;
        END LOOP;
        DROP TABLE probe;
    END LOOP;
END $$
"""
MATRIX = """
smallint|int|bigint|numeric|numeric(10,2)|numeric(12,2)|numeric(12,3)|numeric(8)|numeric(10)|numeric(12,-2)|real|float8
money|oid|regclass|regproc|regprocedure|regtype|regrole|boolean|text|varchar|varchar(5)|varchar(10)|bpchar|char(5)|char(10)
name|"char"|bytea|uuid|json|jsonb|xml|date|time|time(3)|timetz|timetz(3)|timestamp|timestamp(0)|timestamp(3)|timestamp(6)
timestamptz|timestamptz(3)|timestamptz(6)|interval|interval(3)|interval(6)|interval year|interval year to month
interval month|interval day|interval hour|interval minute|interval second|interval second(3)|interval second(6)
interval day to second|interval day to second(3)|bit(4)|bit(5)|varbit|varbit(4)|varbit(8)|inet|cidr|macaddr|int4range
text[]|varchar[]|varchar(5)[]|varchar(10)[]|int[]|bigint[]|mood|mood[]|place|loose|looser|loose[]|strict_text|below
strict_text[]|never_null|plain|exact|list
"""


def catalog(zone: str | None = "UTC") -> Catalog:
    made = Catalog({"timezone": zone}.get if zone else lambda name: None)
    made.begin_unit(0)
    for statement in parse(TYPES).statements:
        replay(made, statement.kind, statement.tree)
    return made


KNOWN = catalog()


def type_of(sql: str) -> TypeRef:
    return resolve(parse_expression(f"NULL::{sql}")["TypeCast"]["typeName"], KNOWN)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.parametrize(("pg", "zone"), in_turn([(15, "UTC"), (18, "Europe/Berlin")]), indirect=["pg"])
def test_every_pair_of_types_against_the_server(pg, zone: str) -> None:
    state = catalog(zone)
    with pg.connect() as connection:
        connection.execute(f"SET timezone = '{zone}'")
        connection.execute(TYPES)
        connection.execute(PROBE)
        types = MATRIX.strip().replace("\n", "|").split("|")
        measured = connection.execute("SELECT * FROM rewrites(%s)", [types]).fetchall()
    possible = [(old, new, rewritten) for old, new, rewritten in measured if rewritten is not None]
    wrong = [
        f"{old} to {new}: the server {'rewrites' if rewritten else 'keeps'}"
        for old, new, rewritten in possible
        if coerce(type_of(old), type_of(new), state).free is rewritten
    ]
    assert not wrong, "\n".join(wrong)
    assert len(possible) > 1000
    assert sum(rewritten for _, _, rewritten in possible) > 500


@pytest.mark.parametrize(
    ("old", "new", "free"),
    [
        ("varchar(10)", "varchar(11)", True),
        ("varchar(10)", "varchar(9)", False),
        ("unheard_of", "unheard_of", True),
        ("unheard_of", "text", False),
    ],
)
def test_coercion_says_why(old: str, new: str, free: bool) -> None:
    outcome = coerce(type_of(old), type_of(new), KNOWN)
    assert outcome.free is free
    assert bool(outcome.why) is not free


@pytest.mark.parametrize(
    ("zone", "free"),
    [
        ("UTC", True),
        ("Etc/UTC", True),
        ("'GMT'", True),
        (None, True),
        ("Europe/Berlin", False),
        ("+02", False),
    ],
)
def test_time_zone_decides(zone: str | None, free: bool) -> None:
    state = catalog(zone)
    assert coerce(type_of("timestamp"), type_of("timestamptz"), state).free is free
    assert coerce(type_of("timestamptz"), type_of("timestamp"), state).free is free


@pytest.mark.parametrize(
    ("expression", "free"),
    [
        ("c", True),
        ("t.c", True),
        ("(c)", True),
        ("c::text", True),
        ("c::text::varchar", True),
        ("CAST(c AS text)", True),
        ('c COLLATE "C"', True),
        ("c::int", False),
        ("d", False),
        ("'x'", False),
        ("upper(c)", False),
        ("c || ''", False),
    ],
)
def test_using(expression: str, free: bool) -> None:
    assert using(parse_expression(expression), "c", type_of("varchar(10)"), KNOWN).free is free


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("varchar(10)", "text", True),
        ("loose", "text", True),
        ("cidr", "inet", True),
        ("regclass", "oid", True),
        ("int", "oid", False),
        ("timestamp", "timestamptz", False),
        ("mood", "text", False),
        ("text[]", "varchar[]", False),
        ("bpchar", "text", False),
    ],
)
def test_same_order(old: str, new: str, same: bool) -> None:
    assert same_order(type_of(old), type_of(new), KNOWN) is same

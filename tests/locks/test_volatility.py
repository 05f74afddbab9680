"""Volatile or not, where no server is needed to see it."""

from __future__ import annotations

import pytest

from lockgate.analysis.state.catalog import Catalog
from lockgate.analysis.state.replay import replay
from lockgate.analysis.volatility import built_in_volatility, is_volatile, volatility
from lockgate.sql.parse import parse, parse_expression

FUNCTIONS = """
CREATE FUNCTION endless() RETURNS int LANGUAGE sql AS 'SELECT endless()';
CREATE FUNCTION two(int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION two(int, int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION cased(a int) RETURNS int LANGUAGE sql STRICT AS 'SELECT CASE WHEN a > 0 THEN 1 END';
CREATE FUNCTION ignores(a int, b int) RETURNS int LANGUAGE sql STRICT AS 'SELECT a + 1';
CREATE FUNCTION broken() RETURNS int LANGUAGE sql AS 'SELEC 1';
CREATE FUNCTION two_statements() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2';
CREATE FUNCTION limited() RETURNS int LANGUAGE sql AS 'SELECT 1 LIMIT 1';
CREATE FUNCTION asks() RETURNS bigint LANGUAGE sql AS 'SELECT (SELECT count(*) FROM t)';
CREATE FUNCTION many() RETURNS SETOF int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION settled() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE plpgsql STABLE AS 'BEGIN RETURN NULL; END';
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    catalog = Catalog()
    catalog.begin_unit(0)
    for statement in parse(FUNCTIONS).statements:
        replay(catalog, statement.kind, statement.tree)
    return catalog


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", "immutable"),
        ("lower('A')", "immutable"),
        ("now()", "stable"),
        ("pg_catalog.now()", "stable"),
        ("current_date", "stable"),
        ("now() - interval '1 day'", "stable"),
        ("random()", "volatile"),
        ("ARRAY[random()]", "volatile"),
        ("CASE WHEN true THEN 1 ELSE random() END", "immutable"),
        ("CASE WHEN false THEN random() ELSE 1 END", "immutable"),
        ("CASE 1 WHEN 1 THEN 2 ELSE random() END", "volatile"),
        ("coalesce(1, random())", "immutable"),
        ("coalesce(NULL, random())", "volatile"),
        ("nullif(random(), 1)", "volatile"),
        ("nobody_knows_this()", "volatile"),
        ("pg_catalog.nobody_knows_this()", "volatile"),
        ("extensions.gen_salt('bf')", "volatile"),
        ("extensions.uuid_generate_v4()", "volatile"),
        ("auth.uid()", "stable"),
        ("two(1)", "stable"),
        ("two(1, 2)", "volatile"),
        ("settled()", "immutable"),
    ],
)
def test_expression(catalog: Catalog, expression: str, expected: str) -> None:
    assert volatility(parse_expression(expression), catalog) == expected


@pytest.mark.parametrize(
    "call",
    [
        "endless()",
        "cased(1)",
        "ignores(1, 2)",
        "broken()",
        "two_statements()",
        "limited()",
        "asks()",
        "many()",
    ],
)
def test_what_is_not_simple_keeps_its_label(catalog: Catalog, call: str) -> None:
    assert is_volatile(parse_expression(call), catalog)


def test_a_function_of_ones_own_goes_before_one_of_an_extension(catalog: Catalog) -> None:
    assert volatility(parse_expression("uuid_generate_v4()"), catalog) == "stable"


def test_no_expression_is_not_volatile(catalog: Catalog) -> None:
    assert not is_volatile(None, catalog)


@pytest.mark.parametrize(
    ("schema", "name", "expected"),
    [
        ("", "now", "stable"),
        ("pg_catalog", "nextval", "volatile"),
        ("extensions", "uuid_generate_v4", "volatile"),
        ("", "uuidv7", "volatile"),
        ("pg_catalog", "uuid_generate_v4", None),
        ("", "nobody_knows_this", None),
    ],
)
def test_table_of_functions(schema: str, name: str, expected: str | None) -> None:
    assert built_in_volatility(schema, name) == expected


@pytest.mark.server
@pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
def test_table_names_every_volatile_function_of_the_server(pg) -> None:
    with pg.connect() as connection:
        rows = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'v'"
            " AND prokind = 'f' AND prorettype NOT IN ('internal'::regtype, 'cstring'::regtype)"
        ).fetchall()
    assert {name for (name,) in rows if built_in_volatility("", name) != "volatile"} == set()

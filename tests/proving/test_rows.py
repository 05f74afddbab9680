"""Generated rows: within every constraint, of every type, hostile and always the same; what is impossible is said."""

from __future__ import annotations

import pytest

from lockgate.proving.rows.compose import Manner
from lockgate.proving.rows.fill import Filler

TYPES = (
    "bool, smallint, int, bigint, numeric, numeric(6,2), numeric(3,3), real, double precision, money, bytea, bit(3),"
    " bit varying(5), uuid, date, time, timetz, timestamp(3), timestamptz, interval, interval day to second, json,"
    " jsonb, jsonpath, inet, cidr, macaddr, macaddr8, point, line, lseg, box, path, polygon, circle, int4range,"
    " int8range, numrange, tsrange, tstzrange, daterange, int4multirange, datemultirange, tsvector, tsquery, oid,"
    ' regclass, regtype, name, "char", char(5), varchar(1), varchar(40), text, bpchar, pg_lsn, xid8, pg_snapshot, tid,'
    " txid_snapshot, int[], text[][], varchar(2)[], date[], int4range[], json[], mood, mood[], pair, pair[], small,"
    " small[], email, nested, citext, hstore, ltree"
)
EXTENSIONS = ("citext", "hstore", "ltree")
SETUP = """
CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', '');
CREATE TYPE pair AS (n int, m mood);
CREATE DOMAIN small AS int CHECK (VALUE BETWEEN 3 AND 30);
CREATE DOMAIN email AS {text} CHECK (VALUE ~* '^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$');
CREATE DOMAIN nested AS small CHECK (VALUE % 2 = 0) NOT NULL;
"""


def split_types():
    found, depth, current = [], 0, ""
    for char in TYPES:
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            found.append(current.strip())
            current = ""
        else:
            current += char
    return [*found, current.strip()]


def set_up(database, connection):
    """The types of the tests; returns those that this server lacks because it comes without their extension."""
    there = {name for name in EXTENSIONS if database.installation.has_extension(name)}
    for name in there:
        connection.execute(f"CREATE EXTENSION {name}")
    connection.execute(SETUP.replace("{text}", "citext" if "citext" in there else "text"))
    return set(EXTENSIONS) - there


def fill(connection, **options):
    return {item.table.name: item for item in Filler(**options).fill(connection)}


def one(connection, query):
    return connection.execute(query).fetchone()[0]


@pytest.mark.parametrize("pg", [15, 16, 17, 18], indirect=True)
def test_every_type_gets_values(pg):
    with pg.connect() as connection:
        lacking = set_up(pg, connection)
        types = [type_ for type_ in split_types() if type_ not in lacking]
        columns = ", ".join(f"c{number} {type_}" for number, type_ in enumerate(types))
        connection.execute(f"CREATE TABLE everything ({columns})")
        assert fill(connection)["everything"].rows == 12
        for number, type_ in enumerate(types):
            distinct = one(connection, f"SELECT count(DISTINCT c{number}::text) FROM everything")
            assert distinct > 1, type_


@pytest.mark.parametrize("pg", [15, 18], indirect=True)
def test_every_type_as_a_key(pg):
    """Unique columns get different values, so that no type leaves a table with one row."""
    with pg.connect() as connection:
        set_up(pg, connection)
        keyed = [t for t in split_types() if t not in {"json", "json[]", "jsonpath", "point", "line", "lseg"}]
        keyed = [t for t in keyed if t not in {"box", "path", "polygon", "circle", "txid_snapshot", "bool"}]
        refused = []
        for number, type_ in enumerate(keyed):
            try:
                connection.execute(f"CREATE TABLE k{number} (id {type_} PRIMARY KEY)")
            except Exception:
                refused.append(type_)
        filled = fill(connection)
        assert len(filled) > 55
        assert {n: f.reason for n, f in filled.items() if f.rows < 2} == {}, refused


CONSTRAINED = {
    "ranges": "a int NOT NULL CHECK (a BETWEEN 18 AND 120), b numeric(4,1) NOT NULL CHECK (b > 0 AND b <= 99.5)",
    "lists": "a text NOT NULL CHECK (a IN ('x', 'it''s', 'ü')), b int NOT NULL CHECK (b = ANY (ARRAY[3, 5]))",
    "patterns": "slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) BETWEEN 3 AND 20)",
    "likes": "a text NOT NULL CHECK (a LIKE 'ab\\_%c'), b text NOT NULL CHECK (b ILIKE 'http%://%')",
    "classes": "a text NOT NULL CHECK (a ~ '^[[:upper:]]{2}[[:digit:]]{4}$')",
    "lengths": "a text NOT NULL CHECK (char_length(a) = 7), b bytea NOT NULL CHECK (octet_length(b) = 4)",
    "arrays": "a text[] NOT NULL CHECK (a <@ ARRAY['r', 'w', 'x'] AND array_length(a, 1) >= 2)",
    "cardinal": "a int[] NOT NULL CHECK (cardinality(a) = 3)",
    "objects": "d jsonb NOT NULL CHECK (jsonb_typeof(d) = 'object' AND d ? 'kind' AND d ->> 'kind' IN ('a', 'b'))",
    "orders": "a date NOT NULL, b date NOT NULL, CHECK (b >= a AND b - a <= 31)",
    "moments": "a timestamptz NOT NULL CHECK (a >= '2024-01-01' AND a < '2025-01-01')",
    "mondays": "a date NOT NULL CHECK (extract(dow FROM a) = 1)",
    "one_of": "a int, b text, c uuid, CHECK (num_nonnulls(a, b, c) = 1)",
    "implied": "s text NOT NULL CHECK (s IN ('off', 'on')), at date, CHECK ((s = 'on') = (at IS NOT NULL))",
    "either": "a text CHECK (a IS NULL OR a = upper(a)), b text NOT NULL CHECK (btrim(b) <> '')",
    "remainder": "a int NOT NULL CHECK (a % 7 = 3), b int NOT NULL CHECK (b & 4 = 4)",
    "function": "a text NOT NULL CHECK (starts_with_digit(a))",
    "division": "a int NOT NULL CHECK (100 / a > 3)",
    "generated": "a int NOT NULL, b int GENERATED ALWAYS AS (a * 2) STORED, CHECK (b < 1000)",
    "identity": "id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text NOT NULL",
    "booked": "room int NOT NULL, during tstzrange NOT NULL, EXCLUDE USING gist (room WITH =, during WITH &&)",
    "singleton": "single bool PRIMARY KEY DEFAULT true CHECK (single)",
    '"we""ird ""T"': '"a b" int PRIMARY KEY, "C\'" text CHECK ("C\'" LIKE \'x%\'), "100%" int CHECK ("100%" > 5)',
    "nothing": "",
}


@pytest.mark.parametrize("pg", [15, 17], indirect=True)
def test_checks_are_solved(pg):
    with pg.connect() as connection:
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute(
            "CREATE FUNCTION starts_with_digit(x text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS"
            " $$BEGIN IF x !~ '^\\d' THEN RAISE 'bad'; END IF; RETURN true; END$$"
        )
        for name, columns in CONSTRAINED.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
        filled = fill(connection)
        few = {name: item for name, item in filled.items() if item.rows < 4}
        assert {name: item.reason for name, item in few.items()} == {"singleton": None, "nothing": None}


def test_foreign_keys_hold(pg):
    """Composite, overlapping, to itself, in a circle, to a partitioned table: all hold, and rows are there."""
    with pg.connect() as connection:
        connection.execute("""
            CREATE TABLE tenant (id int PRIMARY KEY);
            CREATE TABLE a (tenant int REFERENCES tenant, id int, PRIMARY KEY (tenant, id));
            CREATE TABLE b (tenant int, id int, a int NOT NULL, FOREIGN KEY (tenant, a) REFERENCES a,
                            PRIMARY KEY (tenant, id));
            CREATE TABLE two_keys (tenant int NOT NULL, a int NOT NULL, b int NOT NULL,
                               FOREIGN KEY (tenant, a) REFERENCES a (tenant, id),
                               FOREIGN KEY (tenant, b) REFERENCES b (tenant, id));
            CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree);
            CREATE TABLE strict_tree (id int PRIMARY KEY, parent int NOT NULL REFERENCES strict_tree);
            CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL);
            CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg);
            ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen;
            CREATE TABLE log (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
            CREATE TABLE log_d PARTITION OF log DEFAULT;
            CREATE TABLE note (id int, at date, FOREIGN KEY (id, at) REFERENCES log);
        """)
        connection.execute("""
            CREATE TABLE hashed (id int PRIMARY KEY) PARTITION BY HASH (id);
            CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            CREATE TABLE uses (h int NOT NULL UNIQUE REFERENCES hashed);
            CREATE TABLE listed (k text) PARTITION BY LIST (k);
            CREATE TABLE listed_1 PARTITION OF listed FOR VALUES IN ('x', NULL);
        """)
        filled = fill(connection)
        assert {name: item.reason for name, item in filled.items() if item.rows < 2} == {}
        keys = connection.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' AND conparentid = 0"
        ).fetchall()
        assert len(keys) == 10
        for number, (table, name) in enumerate(keys):
            definition = one(
                connection, f"SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{name}'"
            )
            connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT again{number} {definition}")
        assert one(connection, "SELECT count(parent) FROM tree") > 2


def test_what_is_impossible_is_said(pg):
    with pg.connect() as connection:
        connection.execute("""
            CREATE TABLE never (a int NOT NULL CHECK (a > 5 AND a < 3));
            CREATE TABLE orphan (a int NOT NULL);
            CREATE TABLE keyed (id int PRIMARY KEY CHECK (id > 5 AND id < 3));
            ALTER TABLE orphan ADD FOREIGN KEY (a) REFERENCES keyed;
            CREATE TYPE empty AS ENUM ();
            CREATE TABLE unspeakable (e empty NOT NULL);
            CREATE TABLE maybe (e empty);
        """)
        filled = fill(connection)
        assert "fulfil the constraints on a" in filled["never"].reason
        assert "no row of public.keyed fits the foreign key" in filled["orphan"].reason
        assert "no value of type public.empty is known for column e" in filled["unspeakable"].reason
        assert filled["maybe"].rows == 12


def test_triggers_that_raise_and_rules_are_passed_by(pg):
    with pg.connect() as connection:
        connection.execute("""
            CREATE TABLE guarded (id int PRIMARY KEY);
            CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';
            CREATE TRIGGER t BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION no();
            CREATE TABLE ruled (id int PRIMARY KEY);
            CREATE RULE r AS ON INSERT TO ruled DO INSTEAD NOTHING;
            CREATE TABLE locked (id int PRIMARY KEY);
            ALTER TABLE locked ENABLE ROW LEVEL SECURITY;
            ALTER TABLE locked FORCE ROW LEVEL SECURITY;
        """)
        assert {item.rows for item in fill(connection).values()} == {12}
        assert one(connection, "SELECT tgenabled FROM pg_trigger WHERE tgname = 't'") == "O"


def test_hostile_values_are_there(pg):
    with pg.connect() as connection:
        connection.execute("CREATE TABLE t (a text, b float8, c date, d int, e jsonb, f text[])")
        fill(connection)
        assert one(connection, "SELECT count(*) FROM t WHERE a = ''") >= 1
        assert one(connection, "SELECT count(*) FROM t WHERE a LIKE '%''%' AND a LIKE '%\"%'") >= 1
        assert one(connection, "SELECT count(*) FROM t WHERE a ~ '日本'") >= 1
        assert one(connection, "SELECT count(*) FROM t WHERE b = 'NaN' OR b = 'Infinity'") >= 1
        assert one(connection, "SELECT count(*) FROM t WHERE c < '0001-01-01' OR c = 'infinity'") >= 2
        assert one(connection, "SELECT count(*) FROM t WHERE d IN (2147483647, -2147483648)") >= 1
        assert one(connection, "SELECT count(*) FROM t WHERE e = 'null' AND e IS NOT NULL") >= 1
        assert one(connection, "SELECT count(*) FROM t WHERE f = '{}' OR f[1] IS NULL") >= 1
        nulls = one(connection, "SELECT count(*) FROM t WHERE num_nulls(a, b, c, d, e, f) = 6")
        assert nulls >= 1


def test_plain_manner_has_neither_null_nor_surprise(pg):
    with pg.connect() as connection:
        connection.execute(
            "CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE t (a text, b int, u int REFERENCES u)"
        )
        fill(connection, manner=Manner.PLAIN)
        assert one(connection, "SELECT count(*) FROM t WHERE num_nulls(a, b, u) > 0 OR a = '' OR b < 1") == 0
        assert one(connection, "SELECT count(*) FROM t") == 12


def test_rows_are_the_same_every_time(pg, session_servers):
    from tests.servers import PLAIN

    setup = (
        SETUP.replace("{text}", "text")
        + "CREATE TABLE a (id bigserial PRIMARY KEY, e email NOT NULL UNIQUE, d timestamptz DEFAULT now());"
    )
    setup += "CREATE TABLE b (a bigint REFERENCES a, m mood, n numeric CHECK (n > 2), u uuid DEFAULT gen_random_uuid())"
    found = []
    with session_servers(17, PLAIN).database() as other:
        for database in (pg, other):
            with database.connect() as connection:
                connection.execute(setup)
                fill(connection)
                rows = [connection.execute(f"SELECT t::text FROM {t} t ORDER BY 1").fetchall() for t in "ab"]
                found.append(rows)
    assert found[0] == found[1]
    assert all(len(rows) == 12 for rows in found[0])


def test_only_what_is_new_is_filled_later(pg):
    with pg.connect() as connection:
        filler = Filler()
        connection.execute("CREATE TABLE a (id int PRIMARY KEY)")
        assert [item.rows for item in filler.fill(connection)] == [12]
        before = connection.execute("SELECT id FROM a ORDER BY id").fetchall()
        assert filler.fill(connection) == ()
        connection.execute(
            "CREATE TABLE b (a int REFERENCES a); ALTER TABLE a ADD COLUMN n int CHECK (n > 40)"
        )
        assert [item.table.name for item in filler.fill(connection)] == ["b"]
        assert connection.execute("SELECT id FROM a ORDER BY id").fetchall() == before
        assert one(connection, "SELECT count(n) FROM a") > 5


def test_keys_stay_out_of_the_way_of_sequences(pg):
    """A migration inserts its own rows with the numbers it has always had."""
    with pg.connect() as connection:
        connection.execute("CREATE TABLE role (id serial PRIMARY KEY, name text UNIQUE)")
        fill(connection)
        assert one(connection, "INSERT INTO role (name) VALUES ('admin') RETURNING id") == 1


def test_supabase_tables_are_filled_too(supabase_db):
    with supabase_db.connect_admin() as connection:
        connection.execute(
            "CREATE TABLE public.profile (id uuid PRIMARY KEY REFERENCES auth.users, bio text)"
        )
        filled = {str(item.table): item for item in Filler().fill(connection)}
        assert filled["auth.users"].rows >= 10
        assert filled["public.profile"].rows >= 10


def test_keys_that_do_not_fit_the_referring_column(pg):
    """A bigint key of the parent may be too large for an int that refers to it; the others are taken."""
    with pg.connect_admin() as connection:
        connection.execute(
            "CREATE TABLE parent (id bigint PRIMARY KEY);"
            "CREATE TABLE child (p int NOT NULL REFERENCES parent, id int, CHECK (id > p))"
        )
        filled = {str(item.table): item for item in Filler().fill(connection)}
        largest = connection.execute("SELECT max(id) FROM parent").fetchone()
    assert largest is not None
    assert largest[0] > 2**31
    assert filled["public.child"].rows > 0, filled["public.child"].reason

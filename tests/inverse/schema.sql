-- A small shop with rows in every table: what the inverses are tried on.
CREATE SCHEMA shop;
CREATE TYPE shop.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN shop.amount AS numeric(10, 2) CHECK (VALUE >= 0);
CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
CREATE FUNCTION shop.log() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO shop.journal (what) VALUES (TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL; END $$;
CREATE FUNCTION shop.odd(i integer) RETURNS boolean LANGUAGE sql RETURN i = 1;
CREATE FUNCTION shop.even(i integer) RETURNS boolean LANGUAGE sql RETURN i = 0 OR shop.odd(i - 1);
CREATE OR REPLACE FUNCTION shop.odd(i integer) RETURNS boolean LANGUAGE sql RETURN CASE WHEN i > 0 THEN shop.even(i - 1) ELSE false END;

CREATE TABLE shop.customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name varchar(40),
    mood shop.mood NOT NULL DEFAULT 'happy',
    kind varchar(10) CHECK (kind IN ('private', 'firm')),
    tags text[] DEFAULT '{}',
    extra jsonb,
    loud text GENERATED ALWAYS AS (upper(email)) STORED,
    changed timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE shop.orders (
    id serial PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES shop.customers ON DELETE CASCADE,
    total shop.amount NOT NULL,
    price numeric(10, 2),
    note text,
    placed date NOT NULL DEFAULT '2025-01-01'
);
CREATE INDEX orders_placed ON shop.orders (placed) WHERE note IS NOT NULL;
CREATE TABLE shop.lines (
    order_id integer REFERENCES shop.orders ON DELETE SET NULL, line integer NOT NULL, what text, UNIQUE (order_id, line)
);
CREATE TABLE shop.heap (a integer, b text, c json);
CREATE TABLE shop.journal (what text);
CREATE TABLE shop.events (id integer NOT NULL, at date NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE shop.events_old PARTITION OF shop.events FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
CREATE TABLE shop.events_new PARTITION OF shop.events FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
CREATE TABLE shop.tree (id integer PRIMARY KEY, parent integer REFERENCES shop.tree ON DELETE CASCADE, label text);
CREATE TABLE "we ""ird" ("Ke""y" integer PRIMARY KEY, "val ue" text, "ünïcode 名前" text, "a%b" text);

CREATE VIEW shop.recent AS SELECT o.id, c.email, o.total FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id;
CREATE VIEW shop.only_firms AS SELECT id, email, kind FROM shop.customers WHERE kind IN ('firm');
CREATE MATERIALIZED VIEW shop.sums AS SELECT customer_id, sum(total) AS total FROM shop.orders GROUP BY customer_id;
ALTER TABLE shop.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON shop.customers USING (email = current_user OR kind IN ('firm'));
CREATE TRIGGER stamp BEFORE UPDATE ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON shop.tree FOR EACH STATEMENT EXECUTE FUNCTION shop.log();
COMMENT ON COLUMN shop.customers.email IS 'where to write to';

INSERT INTO shop.customers (email, name, mood, kind, tags, extra) SELECT
    'c' || n || '@example.org', CASE WHEN n % 3 > 0 THEN 'name ' || n END, (ARRAY['sad', 'happy'])[n % 2 + 1]::shop.mood,
    (ARRAY['private', 'firm', NULL])[n % 3 + 1], ARRAY['t' || n, 'it''s', NULL], jsonb_build_object('n', n, 'x', 1.10)
    FROM generate_series(1, 12) n;
INSERT INTO shop.orders (customer_id, total, price, note, placed) SELECT
    n % 12 + 1, n * 1.25, n / 3.0, CASE WHEN n % 2 = 0 THEN 'note ' || n END, date '2025-01-01' + n FROM generate_series(1, 30) n;
INSERT INTO shop.lines SELECT n % 30 + 1, n, 'line ' || n FROM generate_series(1, 40) n;
INSERT INTO shop.heap SELECT n % 3, 'same', '{"a" : 1,  "a": 2}' FROM generate_series(1, 9) n;
INSERT INTO shop.heap VALUES (NULL, NULL, NULL), (1, E'tab\t and \\ "quotes"', 'null');
INSERT INTO shop.events SELECT n, date '2024-12-25' + n, 'e' || n FROM generate_series(1, 14) n;
INSERT INTO shop.tree SELECT n, nullif(n / 2, 0), 'node ' || n FROM generate_series(1, 10) n;
INSERT INTO "we ""ird" SELECT n, 'v' || n, 'ü' || n, '%' || n FROM generate_series(1, 5) n;
DELETE FROM shop.journal;

-- One object of every kind that a snapshot knows, with all that can be said of it.
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'the application''s own';
CREATE SCHEMA "odd ""schema""";

CREATE TYPE app.mood AS ENUM ('sad', 'it''s', 'happy');
COMMENT ON TYPE app.mood IS 'how it feels';
CREATE TYPE app.address AS (street text COLLATE "C", number integer, mood app.mood);
COMMENT ON COLUMN app.address.street IS 'and the house';
CREATE TYPE app.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE DOMAIN app.positive AS integer DEFAULT 1 CONSTRAINT above_zero CHECK (VALUE > 0);
COMMENT ON CONSTRAINT above_zero ON DOMAIN app.positive IS 'zero is nothing';
CREATE DOMAIN app.title AS varchar(80) COLLATE "C" NOT NULL;
CREATE COLLATION app.bytes (provider = libc, locale = 'C');

CREATE SEQUENCE app.counter AS integer INCREMENT 5 MINVALUE 10 MAXVALUE 1000 START 15 CACHE 3 CYCLE;

CREATE FUNCTION app.next_number(step integer DEFAULT 1, VARIADIC others integer[] DEFAULT '{}') RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER COST 7 SET search_path = app, pg_temp SET work_mem = '8MB'
    AS $body$ BEGIN RETURN step + array_length(others, 1); END $body$;
COMMENT ON FUNCTION app.next_number(integer, integer[]) IS 'one more';
REVOKE ALL ON FUNCTION app.next_number(integer, integer[]) FROM PUBLIC;
CREATE FUNCTION app.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN $1 * 2;
CREATE FUNCTION app.rows_of(n integer) RETURNS TABLE (a integer, "B c" text) LANGUAGE sql ROWS 5
    AS 'SELECT 1, ''x''';
CREATE PROCEDURE app.clean(INOUT n integer) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; END $$;
CREATE FUNCTION app.add_state(state integer, value integer) RETURNS integer LANGUAGE sql IMMUTABLE
    AS 'SELECT coalesce($1, 0) + $2';
CREATE AGGREGATE app.total(integer) (SFUNC = app.add_state, STYPE = integer, INITCOND = '0', PARALLEL = safe);
CREATE OPERATOR app.<+> (FUNCTION = app.add_state, LEFTARG = integer, RIGHTARG = integer);
CREATE CAST (app.address AS text) WITH INOUT AS ASSIGNMENT;

CREATE TABLE app.customers (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 2) PRIMARY KEY,
    email varchar(200) COLLATE "C" NOT NULL,
    name app.title DEFAULT 'none',
    mood app.mood DEFAULT 'happy'::app.mood,
    moods app.mood[] NOT NULL DEFAULT '{}',
    home app.address,
    age app.positive,
    doubled integer GENERATED ALWAYS AS (app.twice(10)) STORED,
    kind varchar(10) CHECK (kind IN ('a', 'b', 'it''s')),
    created_at timestamptz NOT NULL DEFAULT now(),
    note text,
    EXCLUDE USING gist (int8range(0, 10) WITH &&) WHERE (note = 'never'),
    CONSTRAINT customers_email_key UNIQUE (email) DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
ALTER TABLE app.customers ALTER COLUMN note SET STORAGE EXTERNAL, ALTER COLUMN email SET STATISTICS 500;
ALTER TABLE app.customers ALTER COLUMN age SET (n_distinct = -0.5);
COMMENT ON TABLE app.customers IS E'who buys\nand \\ pays';
COMMENT ON COLUMN app.customers.email IS 'lower case';
COMMENT ON CONSTRAINT customers_email_key ON app.customers IS 'one account each';

CREATE TABLE app.orders (
    id serial PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES app.customers ON UPDATE CASCADE ON DELETE SET NULL,
    number integer DEFAULT nextval('app.counter'),
    amount numeric(12, 2) NOT NULL CHECK (amount >= 0),
    placed date NOT NULL,
    parent integer REFERENCES app.orders DEFERRABLE,
    CONSTRAINT unchecked CHECK (amount < 1e6) NOT VALID
);
ALTER TABLE app.orders ADD CONSTRAINT late_fk FOREIGN KEY (parent) REFERENCES app.orders (id) NOT VALID;
CREATE INDEX orders_placed ON app.orders USING btree (placed DESC NULLS LAST, lower(amount::text)) INCLUDE (number)
    WITH (fillfactor = 80) WHERE amount > 10;
COMMENT ON INDEX app.orders_placed IS 'for the report';
CREATE UNIQUE INDEX orders_number ON app.orders (number) NULLS NOT DISTINCT;
ALTER INDEX app.orders_placed ALTER COLUMN 2 SET STATISTICS 300;
ALTER TABLE app.orders CLUSTER ON orders_pkey;
ALTER TABLE app.orders REPLICA IDENTITY FULL;
CREATE STATISTICS app.orders_stats (ndistinct, dependencies) ON customer_id, placed FROM app.orders;
ALTER STATISTICS app.orders_stats SET STATISTICS 50;

CREATE TABLE app.events (
    id bigint NOT NULL, happened timestamptz NOT NULL, payload jsonb DEFAULT '{}', PRIMARY KEY (id, happened)
) PARTITION BY RANGE (happened);
CREATE TABLE app.events_2025 PARTITION OF app.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE app.events_other PARTITION OF app.events DEFAULT;
CREATE INDEX events_payload ON app.events USING gin (payload);
ALTER TABLE app.events ADD CONSTRAINT small CHECK (id > 0);

CREATE TABLE app.base (id integer PRIMARY KEY, label text DEFAULT 'x' CHECK (label <> ''));
CREATE TABLE app.derived (extra text NOT NULL) INHERITS (app.base);

-- A child that had a column before its parent got it keeps its own default.
CREATE TABLE app.merging ();
CREATE TABLE app.merged (kind int) INHERITS (app.merging);
ALTER TABLE app.merging ADD COLUMN kind int DEFAULT 1;
ALTER TABLE app.derived ALTER COLUMN label SET DEFAULT 'y';
CREATE UNLOGGED TABLE "odd ""schema"""."Odd ' table" ("select" integer, "a.b" text, "ü" text, "new
line" text);
CREATE INDEX "odd index" ON "odd ""schema"""."Odd ' table" ("select", "new
line");
CREATE TABLE app.typed OF app.address;

CREATE VIEW app.placed WITH (security_invoker = true, check_option = local) AS SELECT id, placed FROM app.orders;
CREATE VIEW app.big_orders WITH (security_barrier = true) AS
    SELECT o.id, o.amount, c.email FROM app.orders o JOIN app.customers c ON c.id = o.customer_id WHERE o.amount > 100;
CREATE VIEW app.of_view AS SELECT id, email || '!' AS loud FROM app.big_orders;
COMMENT ON COLUMN app.of_view.loud IS 'very';
CREATE MATERIALIZED VIEW app.totals AS SELECT customer_id, sum(amount) AS total FROM app.orders GROUP BY 1;
CREATE UNIQUE INDEX totals_customer ON app.totals (customer_id);
CREATE MATERIALIZED VIEW app.empty_totals AS SELECT * FROM app.totals WITH NO DATA;
CREATE RECURSIVE VIEW app.tree (id, depth) AS
    SELECT id, 1 FROM app.orders WHERE parent IS NULL
    UNION ALL SELECT o.id, t.depth + 1 FROM app.orders o JOIN tree t ON o.parent = t.id;

CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'touched'; RETURN NEW; END $$;
CREATE TRIGGER customers_touch BEFORE UPDATE OF email, note ON app.customers
    FOR EACH ROW WHEN (OLD.kind IN ('a', 'b')) EXECUTE FUNCTION app.touch();
CREATE TRIGGER "Odd trigger" AFTER INSERT ON app.customers REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION app.touch();
ALTER TABLE app.customers DISABLE TRIGGER "Odd trigger";
CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON app.orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.orders ENABLE ALWAYS TRIGGER later;
CREATE TRIGGER events_touch AFTER INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();
COMMENT ON TRIGGER customers_touch ON app.customers IS 'keeps it fresh';
CREATE RULE no_delete AS ON DELETE TO app.base DO INSTEAD NOTHING;
CREATE RULE log_it AS ON INSERT TO app.big_orders DO INSTEAD NOTHING;

ALTER TABLE app.customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE FUNCTION app.me() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_user::text';
CREATE POLICY own_rows ON app.customers FOR SELECT USING (email = app.me() AND kind IN ('a', 'b'));
CREATE POLICY "no ""more""" ON app.customers AS RESTRICTIVE FOR INSERT WITH CHECK (kind <> 'x');
COMMENT ON POLICY own_rows ON app.customers IS 'only mine';

CREATE FUNCTION app.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE')
    EXECUTE FUNCTION app.on_ddl();
ALTER EVENT TRIGGER watch_ddl DISABLE;

CREATE TEXT SEARCH DICTIONARY app.plain (TEMPLATE = simple, StopWords = 'english');
CREATE TEXT SEARCH CONFIGURATION app.search (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION app.search ADD MAPPING FOR asciiword, word WITH app.plain, english_stem;

CREATE FOREIGN DATA WRAPPER wrap OPTIONS (debug 'true');
CREATE SERVER elsewhere TYPE 'test' VERSION '1' FOREIGN DATA WRAPPER wrap OPTIONS (host 'h', port '5');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere;
CREATE FOREIGN TABLE app.far (id integer OPTIONS (column_name 'ID') NOT NULL, t text) SERVER elsewhere
    OPTIONS (table_name 'x');

CREATE PUBLICATION everything FOR TABLES IN SCHEMA app WITH (publish = 'insert, update');
CREATE PUBLICATION a_few FOR TABLE app.orders (id, amount, customer_id) WHERE (amount > 5), app.base
    WITH (publish_via_partition_root = true);

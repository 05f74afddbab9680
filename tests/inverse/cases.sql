-- Each block runs on schema.sql; its derived inverse must bring back schema and rows.

-- case: drop a column with a key
ALTER TABLE shop.customers DROP COLUMN name;
-- case: drop a required column
ALTER TABLE shop.orders DROP COLUMN total CASCADE;
-- case: drop two columns
ALTER TABLE shop.customers DROP COLUMN mood, DROP COLUMN tags;
-- case: drop a column of a table without a key
ALTER TABLE shop.heap DROP COLUMN a;
-- case: drop a column of type json without a key
ALTER TABLE shop.heap DROP COLUMN c;
-- case: drop a primary key column
ALTER TABLE shop.customers DROP COLUMN id CASCADE;
-- case: drop a column of a partitioned table
ALTER TABLE shop.events DROP COLUMN what;
-- case: drop a column with an odd name
ALTER TABLE "we ""ird" DROP COLUMN "ünïcode 名前", DROP COLUMN "a%b";
-- case: drop a generated column
ALTER TABLE shop.customers DROP COLUMN loud;
-- case: drop a table
DROP TABLE shop.lines;
-- case: drop a table that others need
DROP TABLE shop.customers CASCADE;
-- case: drop several tables
DROP TABLE shop.lines, shop.orders CASCADE; DROP TABLE shop.heap;
-- case: drop a partitioned table
DROP TABLE shop.events;
-- case: drop a partition
DROP TABLE shop.events_old;
-- case: drop the schema
DROP SCHEMA shop CASCADE;
-- case: drop a table and make another one of its name
DROP TABLE shop.lines; CREATE TABLE shop.lines (id integer PRIMARY KEY);
-- case: drop a type
DROP TYPE shop.mood CASCADE;
-- case: drop a domain
DROP DOMAIN shop.amount CASCADE;
-- case: a type that loses digits
ALTER TABLE shop.orders ALTER COLUMN price TYPE integer;
-- case: a type that loses everything
ALTER TABLE shop.customers ALTER COLUMN name TYPE integer USING length(name);
-- case: an enum becomes text
ALTER TABLE shop.customers ALTER COLUMN mood DROP DEFAULT, ALTER COLUMN mood TYPE text USING mood::text;
-- case: a type that fits
ALTER TABLE shop.orders DROP COLUMN note CASCADE; ALTER TABLE shop.lines ALTER COLUMN line TYPE bigint;
-- case: a required column changes its type
DROP MATERIALIZED VIEW shop.sums; DROP VIEW shop.recent; ALTER TABLE shop.orders ALTER COLUMN total TYPE text USING 'x' || total;
-- case: drop an identity
ALTER TABLE shop.customers ALTER COLUMN id DROP IDENTITY;
-- case: drop a sequence
DROP SEQUENCE shop.orders_id_seq CASCADE;
-- case: truncate
TRUNCATE shop.lines;
-- case: truncate everything
TRUNCATE shop.customers RESTART IDENTITY CASCADE;
-- case: truncate a partitioned table
TRUNCATE shop.events;
-- case: update
UPDATE shop.orders SET note = 'x', price = price * 2 WHERE id % 2 = 0;
-- case: update with a trigger that stamps
UPDATE shop.customers SET name = 'nobody';
-- case: update from another table
UPDATE shop.orders AS o SET note = c.email FROM shop.customers c WHERE c.id = o.customer_id AND c.kind = 'firm';
-- case: update with a query
WITH firms AS (SELECT id FROM shop.customers WHERE kind = 'firm')
UPDATE shop.orders SET price = NULL WHERE customer_id IN (SELECT id FROM firms);
-- case: update everything without a key
UPDATE shop.heap SET b = 'other' WHERE a = 1;
-- case: update a key
UPDATE shop.tree SET id = id + 100 WHERE parent IS NULL AND id > 1;
-- case: update a partitioned table
UPDATE shop.events SET what = 'x', at = at + 10 WHERE id < 9;
-- case: update odd names
UPDATE "we ""ird" SET "val ue" = 'x', "a%b" = NULL WHERE "Ke""y" > 2;
-- case: update enums
UPDATE shop.customers SET mood = 'sad' WHERE mood = 'happy';
-- case: delete
DELETE FROM shop.heap WHERE a = 1;
-- case: delete with cascades
DELETE FROM shop.customers WHERE id < 4;
-- case: delete with using
DELETE FROM shop.lines l USING shop.orders o WHERE o.id = l.order_id AND o.note IS NULL;
-- case: delete in a tree that logs
DELETE FROM shop.tree WHERE id = 2;
-- case: insert rows
INSERT INTO shop.customers (email) VALUES ('new@example.org'), ('other@example.org');
-- case: insert without a key
INSERT INTO shop.heap VALUES (1, 'same', '{"a" : 1,  "a": 2}'), (7, 'x', NULL);
-- case: insert a selection
INSERT INTO shop.lines SELECT id, 1000, note FROM shop.orders WHERE note IS NOT NULL;
-- case: insert what is not there
INSERT INTO shop.customers (email) VALUES ('c1@example.org'), ('new@example.org') ON CONFLICT DO NOTHING;
-- case: insert or update
INSERT INTO shop.customers (email, name) VALUES ('c1@example.org', 'x'), ('new@example.org', 'y')
    ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name;
-- case: insert with returning
INSERT INTO shop.customers (email) VALUES ('new@example.org') RETURNING id;
-- case: insert into a tree that logs
INSERT INTO shop.tree VALUES (50, 1, 'x');
-- case: insert with a query
WITH new AS (SELECT 'n' || g AS email FROM generate_series(1, 3) g) INSERT INTO shop.customers (email) SELECT email FROM new;
-- case: move rows
WITH gone AS (DELETE FROM shop.heap WHERE a = 1 RETURNING *) INSERT INTO shop.journal SELECT b FROM gone;
-- case: insert into a view
INSERT INTO shop.only_firms (email, kind) VALUES ('view@example.org', 'firm');
-- case: a block that updates
DO $$ BEGIN UPDATE shop.orders SET note = 'block'; DELETE FROM shop.lines WHERE line > 20; END $$;
-- case: a block that changes the schema
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 'fresh') THEN
    CREATE TABLE shop.fresh (id integer); END IF;
    EXECUTE 'ALTER TABLE shop.orders ADD COLUMN ' || quote_ident('x') || ' text'; END $$;
-- case: a block that drops a column
DO $$ BEGIN ALTER TABLE shop.orders DROP COLUMN note; END $$;
-- case: a loop
DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM shop.customers LOOP
    UPDATE shop.customers SET name = 'n' || r.id WHERE id = r.id; END LOOP; END $$;
-- case: add a column and fill it
ALTER TABLE shop.orders ADD COLUMN full_note text;
UPDATE shop.orders SET full_note = coalesce(note, '') || id;
ALTER TABLE shop.orders ALTER COLUMN full_note SET NOT NULL;
-- case: replace a column
ALTER TABLE shop.customers ADD COLUMN first_name text;
UPDATE shop.customers SET first_name = split_part(name, ' ', 1);
ALTER TABLE shop.customers DROP COLUMN name;
ALTER TABLE shop.customers RENAME COLUMN first_name TO name;
-- case: a constraint that the rows had to be made fit for
UPDATE shop.customers SET kind = 'private' WHERE kind IS NULL;
ALTER TABLE shop.customers ALTER COLUMN kind SET NOT NULL;
ALTER TABLE shop.customers DROP CONSTRAINT customers_kind_check;
UPDATE shop.customers SET kind = 'other';
ALTER TABLE shop.customers ADD CHECK (kind <> 'x');
-- case: a new table filled from an old one that goes
CREATE TABLE shop.people (id bigint PRIMARY KEY, email text);
INSERT INTO shop.people SELECT id, email FROM shop.customers;
DROP TABLE shop.customers CASCADE;
-- case: rename and change
ALTER TABLE shop.orders RENAME TO purchases;
UPDATE shop.purchases SET note = 'renamed';
ALTER TABLE shop.purchases DROP COLUMN price;
CREATE INDEX ON shop.purchases (note);
-- case: swap tables
CREATE TABLE shop.heap_new (LIKE shop.heap INCLUDING ALL, d integer);
INSERT INTO shop.heap_new SELECT a, b, c, 1 FROM shop.heap;
ALTER TABLE shop.heap RENAME TO heap_old;
ALTER TABLE shop.heap_new RENAME TO heap;
-- case: search path
SET search_path = shop, public;
CREATE TABLE plain (id integer);
UPDATE orders SET note = 'path';
ALTER TABLE orders DROP COLUMN placed;
-- case: a function that updates
CREATE FUNCTION shop.fix() RETURNS void LANGUAGE sql AS 'UPDATE shop.orders SET note = ''fixed'' WHERE id < 5';
SELECT shop.fix();
DROP FUNCTION shop.fix();
-- case: grow an enum and use it
ALTER TYPE shop.mood ADD VALUE 'glad';
-- case: make an enum of text
CREATE TYPE shop.kind AS ENUM ('private', 'firm');
DROP POLICY mine ON shop.customers; DROP VIEW shop.only_firms;
ALTER TABLE shop.customers DROP CONSTRAINT customers_kind_check;
ALTER TABLE shop.customers ALTER COLUMN kind TYPE shop.kind USING kind::shop.kind;
-- case: a role and its rights
CREATE ROLE lockgate_test_clerk NOLOGIN;
GRANT USAGE ON SCHEMA shop TO lockgate_test_clerk; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO lockgate_test_clerk;
-- case: copy by a query
CREATE TABLE shop.copy AS SELECT * FROM shop.orders;
SELECT id INTO shop.copy_two FROM shop.orders;
-- case: merge
MERGE INTO shop.lines l USING shop.orders o ON l.order_id = o.id WHEN MATCHED AND l.line < 10 THEN UPDATE SET what = 'm'
    WHEN MATCHED AND l.line > 30 THEN DELETE WHEN NOT MATCHED THEN INSERT (order_id, line) VALUES (o.id, 0);
-- case: update through a view
UPDATE shop.only_firms SET email = 'firm' || id;
-- case: positions of sequences
SELECT setval('shop.orders_id_seq', 500);
-- case: empty the whole of a small table and fill it anew
DELETE FROM shop.journal; INSERT INTO shop.journal VALUES ('a'), ('b'); TRUNCATE shop.journal; INSERT INTO shop.journal VALUES ('c');
-- case: a new column under the name that another one gave up
DO $$ BEGIN ALTER TABLE shop.customers RENAME COLUMN extra TO more; END $$;
ALTER TABLE shop.customers ADD COLUMN IF NOT EXISTS extra text;
-- case: unlogged tables that refer to each other
ALTER TABLE shop.lines SET UNLOGGED;
ALTER TABLE shop.orders SET UNLOGGED;
-- case: a name that a former child has taken
CREATE TABLE shop.apart () INHERITS (shop.customers); ALTER TABLE shop.apart NO INHERIT shop.customers;
ALTER TABLE shop.customers DROP COLUMN mood;
-- case: drop functions whose bodies are bound to each other
DROP FUNCTION shop.odd(integer) CASCADE;
-- case: make functions whose bodies are bound to each other
CREATE FUNCTION shop.down(i integer) RETURNS integer LANGUAGE sql RETURN i;
CREATE FUNCTION shop.up(i integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT shop.down(i); END;
CREATE OR REPLACE FUNCTION shop.down(i integer) RETURNS integer LANGUAGE sql RETURN shop.up(i);
-- case: drop a view and a function that need each other
CREATE VIEW shop.cheap AS SELECT id, total FROM shop.orders;
CREATE FUNCTION shop.cheaper() RETURNS SETOF shop.cheap LANGUAGE sql AS 'SELECT * FROM shop.cheap';
CREATE OR REPLACE VIEW shop.cheap AS SELECT id, total FROM shop.orders WHERE id IN (SELECT id FROM shop.cheaper());
-- case: a function with the name of the table that it takes
CREATE TABLE shop.twin (twin integer PRIMARY KEY, at date DEFAULT now());
CREATE FUNCTION shop.twin(twin shop.twin) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION shop.counter() RETURNS integer LANGUAGE sql AS 'SELECT 7';
CREATE TABLE shop.counter (n integer DEFAULT shop.counter());
-- case: rename what a function has the name of
CREATE SEQUENCE shop.even; CREATE TABLE shop.log (what text DEFAULT shop.even(2)::text);
ALTER SEQUENCE shop.even RENAME TO odd;
ALTER TABLE shop.log RENAME TO stamp;
-- case: identity of a table and of its child
CREATE TABLE shop.clan (id integer NOT NULL); CREATE TABLE shop.clan_child () INHERITS (shop.clan);
DELETE FROM shop.journal;
ALTER TABLE shop.clan ALTER id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE shop.clan_child ALTER id ADD GENERATED ALWAYS AS IDENTITY;

-- [domain-add-check] every table that uses the domain is read
ALTER DOMAIN quantity ADD CONSTRAINT k CHECK (VALUE < 100000);
-- [domain-add-check-not-valid]
ALTER DOMAIN quantity ADD CONSTRAINT k CHECK (VALUE < 100000) NOT VALID;
-- [domain-add-check-nested]
ALTER DOMAIN small_quantity ADD CONSTRAINT k CHECK (VALUE < 100000);
-- [domain-add-check-label]
ALTER DOMAIN label ADD CONSTRAINT k CHECK (VALUE <> 'x');
-- [domain-add-check-unused]
ALTER DOMAIN unused ADD CONSTRAINT k CHECK (VALUE > 0);
-- [domain-add-check-partitioned]
ALTER DOMAIN weight ADD CONSTRAINT k CHECK (VALUE < 100000);
-- [domain-add-not-null]
-- versions: 17-18
ALTER DOMAIN label ADD CONSTRAINT k NOT NULL;
-- [domain-validate]
ALTER DOMAIN quantity VALIDATE CONSTRAINT quantity_small;
-- [domain-set-not-null]
ALTER DOMAIN quantity SET NOT NULL;
-- [domain-set-not-null-label]
ALTER DOMAIN label SET NOT NULL;
-- [domain-drop-not-null]
ALTER DOMAIN present_int DROP NOT NULL;
-- [domain-drop-constraint]
ALTER DOMAIN quantity DROP CONSTRAINT quantity_positive;
-- [domain-drop-constraint-if-exists-missing]
ALTER DOMAIN quantity DROP CONSTRAINT IF EXISTS nothing;
-- [domain-set-default]
ALTER DOMAIN quantity SET DEFAULT 5;
-- [domain-drop-default]
ALTER DOMAIN five DROP DEFAULT;
-- [domain-rename]
ALTER DOMAIN quantity RENAME TO amount;
-- [domain-owner]
ALTER DOMAIN quantity OWNER TO clerk;
-- [domain-drop-cascade] the columns go with it
DROP DOMAIN doomed.grade CASCADE;
-- [create-domain]
CREATE DOMAIN z AS int CHECK (VALUE > 0);
-- [enum-add-value] no table is locked; the value cannot be used before commit
ALTER TYPE mood ADD VALUE 'sad';
-- [enum-add-value-before]
ALTER TYPE mood ADD VALUE 'sad' BEFORE 'glad';
-- [enum-add-value-if-not-exists]
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad';
-- [enum-rename-value]
ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet';
-- [create-enum]
CREATE TYPE z AS ENUM ('a', 'b');
-- [create-composite]
CREATE TYPE z AS (a int, b text);
-- [create-range]
CREATE TYPE z AS RANGE (subtype = int);
-- [rename-type]
ALTER TYPE mood RENAME TO temper;
-- [type-schema]
ALTER TYPE mood SET SCHEMA archive;
-- [type-owner]
ALTER TYPE mood OWNER TO clerk;
-- [drop-type-cascade] the columns of that type go with it
DROP TYPE doomed.colour CASCADE;
-- [drop-type-if-exists-missing]
DROP TYPE IF EXISTS nothing;
-- [composite-drop-attribute]
ALTER TYPE place DROP ATTRIBUTE town CASCADE;
-- [create-function]
CREATE FUNCTION z() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- [create-function-over-table] a body in a string is not looked at
CREATE FUNCTION z() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM notes); END';
-- [create-sql-function-over-table] the body of an SQL function is checked
CREATE FUNCTION z() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM notes';
-- [create-standard-function-over-table]
CREATE FUNCTION z() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM notes);
-- [create-atomic-function-over-table]
CREATE FUNCTION z() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM notes; END;
-- [replace-function]
CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
-- [create-function-row-type]
CREATE FUNCTION z(o orders) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- [create-function-returns-setof]
CREATE FUNCTION z() RETURNS SETOF orders LANGUAGE sql AS 'SELECT * FROM orders';
-- [create-procedure]
CREATE PROCEDURE z() LANGUAGE plpgsql AS 'BEGIN END';
-- [alter-function]
ALTER FUNCTION plain_volatile() STABLE;
-- [rename-function]
ALTER FUNCTION plain_volatile() RENAME TO still_volatile;
-- [drop-function]
DROP FUNCTION plain_stable();
-- [drop-function-trigger-cascade] the triggers that call it go with it
DROP FUNCTION touch() CASCADE;
-- [drop-function-default-cascade] the defaults that call it go with it
DROP FUNCTION doomed.one() CASCADE;
-- [create-aggregate]
CREATE AGGREGATE z(int) (sfunc = int4pl, stype = int);
-- [create-sequence]
CREATE SEQUENCE z;
-- [create-sequence-owned]
CREATE SEQUENCE z OWNED BY notes.id;
-- [alter-sequence-restart]
ALTER SEQUENCE ticket_seq RESTART;
-- [alter-sequence-increment]
ALTER SEQUENCE ticket_seq INCREMENT BY 2;
-- [alter-sequence-max]
ALTER SEQUENCE ticket_seq MAXVALUE 100000;
-- [alter-sequence-owned-by]
ALTER SEQUENCE ticket_seq OWNED BY notes.id;
-- [alter-sequence-owned-by-none]
ALTER SEQUENCE ticket_seq OWNED BY NONE;
-- [alter-sequence-type]
ALTER SEQUENCE ticket_seq AS int;
-- [alter-sequence-rename]
ALTER SEQUENCE ticket_seq RENAME TO tickets_seq;
-- [alter-sequence-owner]
ALTER SEQUENCE ticket_seq OWNER TO clerk;
-- [alter-sequence-schema]
ALTER SEQUENCE ticket_seq SET SCHEMA archive;
-- [alter-sequence-unlogged]
ALTER SEQUENCE ticket_seq SET UNLOGGED;
-- [alter-owned-sequence-restart]
ALTER SEQUENCE customers_id_seq RESTART;
-- [alter-sequence-if-exists-missing]
ALTER SEQUENCE IF EXISTS nothing RESTART;
-- [drop-sequence-cascade] the default that uses it goes
DROP SEQUENCE ticket_seq CASCADE;
-- [drop-sequence]
DROP SEQUENCE spare_seq;
-- [nextval]
SELECT nextval('spare_seq');
-- [setval]
SELECT setval('spare_seq', 5);
-- [create-schema]
CREATE SCHEMA z;
-- [create-schema-with-elements]
CREATE SCHEMA z CREATE TABLE boxes (id int, customer_id bigint REFERENCES public.customers (id));
-- [rename-schema]
ALTER SCHEMA doomed RENAME TO spared;
-- [schema-owner]
ALTER SCHEMA doomed OWNER TO clerk;
-- [drop-schema-cascade] everything in it, and what hangs on it outside
DROP SCHEMA doomed CASCADE;
-- [drop-schema-if-exists-missing]
DROP SCHEMA IF EXISTS nothing CASCADE;
-- [create-extension-there]
CREATE EXTENSION IF NOT EXISTS plpgsql;
-- [create-collation]
CREATE COLLATION z FROM "C";
-- [create-cast]
CREATE CAST (mood AS int) WITH INOUT;
-- [create-operator]
CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
-- [create-role]
CREATE ROLE z;
-- [alter-role-set]
ALTER ROLE clerk SET lock_timeout = '1s';
-- [grant-role]
GRANT pg_monitor TO clerk;
-- [reassign-owned]
REASSIGN OWNED BY clerk TO CURRENT_USER;
-- [drop-owned]
DROP OWNED BY clerk;
-- [grant-schema]
GRANT USAGE ON SCHEMA archive TO clerk;
-- [grant-function]
GRANT EXECUTE ON FUNCTION plain_volatile() TO clerk;
-- [grant-sequence]
GRANT USAGE ON SEQUENCE ticket_seq TO clerk;
-- [create-server]
CREATE SERVER further FOREIGN DATA WRAPPER nowhere;
-- [create-text-search]
CREATE TEXT SEARCH CONFIGURATION z (COPY = simple);
-- [create-language-there]
CREATE OR REPLACE TRUSTED LANGUAGE plpgsql;
-- [extension-add-table]
ALTER EXTENSION plpgsql ADD TABLE notes;
-- [comment-on-extension]
COMMENT ON EXTENSION plpgsql IS 'x';

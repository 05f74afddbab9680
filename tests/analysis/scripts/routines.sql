CREATE TABLE notes (id bigint PRIMARY KEY, body text, owner uuid);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS 'BEGIN RETURN new; END';
CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT a * 2';
CREATE FUNCTION twice(a int, b int) RETURNS int LANGUAGE sql STABLE RETURN a * b;
CREATE PROCEDURE work(INOUT a int) LANGUAGE plpgsql AS 'BEGIN END';
CREATE OR REPLACE FUNCTION twice(a int) RETURNS int LANGUAGE sql AS 'SELECT a + a';
ALTER FUNCTION twice(int, int) VOLATILE SET work_mem = '8MB';
CREATE FUNCTION gone() RETURNS int LANGUAGE sql AS 'SELECT 1';
DROP FUNCTION gone();
ALTER FUNCTION touch() RENAME TO touched;
CREATE TRIGGER t1 BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touched();
CREATE TRIGGER t2 AFTER DELETE ON notes EXECUTE FUNCTION touched();
DROP TRIGGER t2 ON notes;
ALTER TRIGGER t1 ON notes RENAME TO t0;
CREATE VIEW recent AS SELECT id, body FROM notes;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM notes;
CREATE VIEW on_recent WITH (security_invoker = on) AS SELECT r.id AS number FROM recent r;
DROP VIEW recent CASCADE;
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notes FOR SELECT USING (owner IS NOT NULL);
CREATE POLICY everything ON notes AS RESTRICTIVE USING (true) WITH CHECK (false);
CREATE POLICY dropped ON notes FOR DELETE USING (true);
DROP POLICY dropped ON notes;
ALTER POLICY own ON notes RENAME TO mine;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'made_here') THEN
        CREATE TABLE made_here (id int PRIMARY KEY);
    END IF;
    EXECUTE 'CREATE TABLE made_there (id int PRIMARY KEY)';
END $$;
CREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TABLE made_later (id int PRIMARY KEY);
END $$;
SELECT make();
BEGIN;
CREATE TABLE never (id int);
ROLLBACK;
BEGIN;
CREATE TABLE kept (id int);
SAVEPOINT a;
ALTER TABLE kept ADD COLUMN gone int;
ROLLBACK TO a;
ALTER TABLE kept ADD COLUMN stays int;
COMMIT;
SET search_path = private, public;
CREATE SCHEMA private;
CREATE TABLE inner_table (id int PRIMARY KEY);
CREATE TABLE public.outer_table (id int REFERENCES inner_table);
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int);
CREATE AGGREGATE total(bigint) (SFUNC = int8pl, STYPE = bigint);
CREATE OR REPLACE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE AGGREGATE lines(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE AGGREGATE old_total (BASETYPE = int, SFUNC = int4pl, STYPE = int);
DROP AGGREGATE total(bigint);

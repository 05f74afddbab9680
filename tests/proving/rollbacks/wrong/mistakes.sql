-- case: syntax_error   expect: failed   says: syntax error
-- before
CREATE TABLE syntax_error (a int);
-- migration
ALTER TABLE syntax_error ADD COLUMN b int;
-- rollback
ALTER TABLE syntax_error DROP COLLUMN b;

-- case: raises_on_purpose   expect: failed   says: refuses on purpose
-- before
CREATE TABLE raises (a int);
-- migration
ALTER TABLE raises ADD COLUMN b int;
-- rollback
DO $$ BEGIN RAISE EXCEPTION 'this cannot be undone'; END $$;

-- case: empty_file   expect: differs   says: has no statement
-- before
CREATE TABLE empty_file (a int);
-- migration
ALTER TABLE empty_file ADD COLUMN b int;
-- rollback
-- nothing to do here

-- case: for_another_version   expect: differs   says: speaks of version 20191231235959
-- before
CREATE TABLE another_version (a int);
-- migration
ALTER TABLE another_version ADD COLUMN b int;
-- rollback
-- Rollback of migration 20191231_235959_add_c.sql
ALTER TABLE another_version DROP COLUMN IF EXISTS c;

-- case: drops_more_than_it_made   expect: differs   says: which the migration did not make
-- before
CREATE TABLE drops_more (a int);
CREATE VIEW drops_more_v AS SELECT a FROM drops_more;
-- migration
CREATE INDEX drops_more_i ON drops_more (a);
-- rollback
DROP INDEX drops_more_i;
DROP VIEW drops_more_v;

-- case: cascades_into_others   expect: differs   says: the rollback drops it
-- before
CREATE TABLE cascades (a int PRIMARY KEY, b int);
CREATE VIEW cascades_v AS SELECT b FROM cascades;
-- migration
CREATE OR REPLACE VIEW cascades_v AS SELECT b, a FROM cascades;
-- rollback
ALTER TABLE cascades DROP COLUMN b CASCADE;
ALTER TABLE cascades ADD COLUMN b int;

-- case: misspelt_if_exists   expect: differs   says: leaves it there
-- before
CREATE TABLE misspelt (a int);
-- migration
CREATE INDEX misspelt_a_idx ON misspelt (a);
-- rollback
DROP INDEX IF EXISTS misspelled_a_idx;

-- case: wrong_schema   expect: differs   says: leaves it there
-- before
CREATE SCHEMA ws;
CREATE TABLE wrong_schema_x (a int);
-- migration
CREATE TABLE ws.wrong_schema (a int);
-- rollback
DROP TABLE IF EXISTS public.wrong_schema;

-- case: wrong_order   expect: failed   says: depend
-- before
SELECT 1;
-- migration
CREATE TABLE wrong_order (a int);
CREATE VIEW wrong_order_v AS SELECT a FROM wrong_order;
-- rollback
DROP TABLE wrong_order;
DROP VIEW wrong_order_v;

-- case: half_way   expect: failed   says: half way
-- before
CREATE TABLE half_way (a int);
-- migration
ALTER TABLE half_way ADD COLUMN b int;
ALTER TABLE half_way ADD COLUMN c int;
-- rollback
BEGIN;
ALTER TABLE half_way DROP COLUMN c;
COMMIT;
BEGIN;
ALTER TABLE half_way DROP COLUMN bb;
COMMIT;

-- case: never_committed   expect: failed   says: BEGIN has no COMMIT
-- before
CREATE TABLE never_committed (a int);
-- migration
ALTER TABLE never_committed ADD COLUMN b int;
-- rollback
BEGIN;
ALTER TABLE never_committed DROP COLUMN b;

-- case: leans_on_the_search_path   expect: failed   says: does not exist
-- before
CREATE SCHEMA leans;
-- migration
SET LOCAL search_path = leans;
CREATE TABLE leaning (a int);
-- rollback
DROP TABLE leaning;

-- case: leans_on_a_hidden_setting   expect: failed   says: setting
-- before
CREATE FUNCTION leans_hidden() RETURNS void LANGUAGE sql AS $$ SELECT set_config('lean.mode', 'on', true) $$;
-- migration
CREATE TABLE leans_hidden_t (a int);
SELECT leans_hidden();
-- rollback
DO $$ BEGIN IF current_setting('lean.mode', true) IS DISTINCT FROM 'on' THEN
    RAISE 'the setting is not on'; END IF; END $$;
DROP TABLE leans_hidden_t;

-- case: leans_on_a_temporary_table   expect: failed   says: does not exist
-- before
CREATE TABLE leans_temp (a int PRIMARY KEY, b text);
-- migration
CREATE TEMPORARY TABLE kept_temp AS SELECT a, b FROM leans_temp;
ALTER TABLE leans_temp DROP COLUMN b;
-- rollback
ALTER TABLE leans_temp ADD COLUMN b text;
UPDATE leans_temp SET b = kept_temp.b FROM kept_temp WHERE kept_temp.a = leans_temp.a;

-- case: leans_on_the_clock   expect: exact   data: lost   says: rows
-- before
CREATE TABLE leans_clock (a int, at timestamptz NOT NULL DEFAULT now());
-- migration
INSERT INTO leans_clock (a) VALUES (77);
-- rollback
DELETE FROM leans_clock WHERE a = 77 AND at = now();

-- case: invalid_index_left   expect: differs   says: index
-- before
CREATE TABLE invalid_left (a int);
CREATE INDEX invalid_left_i ON invalid_left (a);
-- migration
DROP INDEX invalid_left_i;
-- rollback
CREATE INDEX invalid_left_i ON invalid_left ((a + 0));

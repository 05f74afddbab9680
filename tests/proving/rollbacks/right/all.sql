-- case: create_table   expect: exact   data: kept
-- before
SELECT 1;
-- migration
CREATE TABLE r_create (id bigserial PRIMARY KEY, a text NOT NULL DEFAULT 'x', b int CHECK (b > 0));
CREATE INDEX ON r_create (a);
COMMENT ON TABLE r_create IS 'x';
-- rollback
DROP TABLE r_create;

-- case: add_column   expect: exact   data: kept
-- before
CREATE TABLE r_add (id int PRIMARY KEY, a text);
-- migration
ALTER TABLE r_add ADD COLUMN b uuid DEFAULT gen_random_uuid();
-- rollback
ALTER TABLE r_add DROP COLUMN b;

-- case: kept_column   expect: exact   data: kept
-- before
CREATE TABLE r_kept (id int PRIMARY KEY, a text, b int);
-- migration
CREATE TABLE r_kept_a AS SELECT id, a FROM r_kept;
ALTER TABLE r_kept DROP COLUMN a;
-- rollback
ALTER TABLE r_kept ADD COLUMN a text;
UPDATE r_kept r SET a = k.a FROM r_kept_a k WHERE k.id = r.id;
DROP TABLE r_kept_a;

-- case: rename_there_and_back   expect: exact   data: kept
-- before
CREATE TABLE r_rename (id int PRIMARY KEY, a text);
CREATE VIEW r_rename_v AS SELECT a FROM r_rename;
-- migration
ALTER TABLE r_rename RENAME COLUMN a TO b;
ALTER TABLE r_rename RENAME TO r_renamed;
-- rollback
ALTER TABLE r_renamed RENAME TO r_rename;
ALTER TABLE r_rename RENAME COLUMN b TO a;

-- case: insert_and_delete   expect: exact   data: kept
-- before
CREATE TABLE r_insert (id bigserial PRIMARY KEY, kind text, at timestamptz DEFAULT now());
-- migration
INSERT INTO r_insert (kind) VALUES ('admin'), ('guest');
-- rollback
DELETE FROM r_insert WHERE kind IN ('admin', 'guest');

-- case: enum_made_anew   expect: exact   data: kept
-- before
CREATE TYPE r_enum AS ENUM ('a', 'b');
CREATE TABLE r_enum_t (id int PRIMARY KEY, e r_enum NOT NULL DEFAULT 'a');
-- migration
ALTER TYPE r_enum ADD VALUE 'c';
-- rollback
ALTER TABLE r_enum_t ALTER COLUMN e DROP DEFAULT;
ALTER TYPE r_enum RENAME TO r_enum_old;
CREATE TYPE r_enum AS ENUM ('a', 'b');
ALTER TABLE r_enum_t ALTER COLUMN e TYPE r_enum USING e::text::r_enum;
ALTER TABLE r_enum_t ALTER COLUMN e SET DEFAULT 'a';
DROP TYPE r_enum_old;

-- case: enum_used_after_commit   expect: exact   data: kept
-- before
CREATE TYPE r_enum2 AS ENUM ('a', 'b');
CREATE TABLE r_enum2_t (id int PRIMARY KEY, e r_enum2);
-- migration
BEGIN;
ALTER TYPE r_enum2 ADD VALUE IF NOT EXISTS 'c';
COMMIT;
BEGIN;
INSERT INTO r_enum2_t VALUES (5, 'c');
COMMIT;
-- rollback
DELETE FROM r_enum2_t WHERE id = 5;
ALTER TYPE r_enum2 RENAME TO r_enum2_old;
CREATE TYPE r_enum2 AS ENUM ('a', 'b');
ALTER TABLE r_enum2_t ALTER COLUMN e TYPE r_enum2 USING e::text::r_enum2;
DROP TYPE r_enum2_old;

-- case: concurrently   expect: exact   data: kept
-- before
CREATE TABLE r_concurrently (a int, b int);
-- migration
-- lockgate: no-transaction
CREATE INDEX CONCURRENTLY r_concurrently_i ON r_concurrently (a);
-- rollback
-- lockgate: no-transaction
DROP INDEX CONCURRENTLY r_concurrently_i;

-- case: template   expect: exact   data: kept
-- before
CREATE TABLE r_template (id int PRIMARY KEY);
-- migration
BEGIN;
ALTER TABLE r_template ADD COLUMN a int;
UPDATE r_template SET a = 1;
COMMIT;
-- rollback
BEGIN;
ALTER TABLE r_template DROP COLUMN a;
COMMIT;

-- case: deferred_circle   expect: exact   data: kept
-- before
CREATE TABLE r_circle_a (id int PRIMARY KEY, b int NOT NULL);
CREATE TABLE r_circle_b (id int PRIMARY KEY, a int NOT NULL REFERENCES r_circle_a DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE r_circle_a ADD FOREIGN KEY (b) REFERENCES r_circle_b DEFERRABLE INITIALLY DEFERRED;
-- migration
INSERT INTO r_circle_a VALUES (1, 2);
INSERT INTO r_circle_b VALUES (2, 1);
-- rollback
DELETE FROM r_circle_b WHERE id = 2;
DELETE FROM r_circle_a WHERE id = 1;

-- case: type_there_and_back   expect: exact   data: kept
-- before
CREATE TABLE r_type (id int PRIMARY KEY, a int);
-- migration
ALTER TABLE r_type ALTER COLUMN a TYPE bigint;
-- rollback
ALTER TABLE r_type ALTER COLUMN a TYPE int;

-- case: function_body   expect: exact   data: kept
-- before
CREATE FUNCTION r_body(a int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN a; END';
-- migration
CREATE OR REPLACE FUNCTION r_body(a int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN a + 1; END';
-- rollback
CREATE OR REPLACE FUNCTION r_body(a int) RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN a; END';

-- case: policy   expect: exact   data: kept
-- before
CREATE TABLE r_policy (a int);
-- migration
ALTER TABLE r_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON r_policy TO pg_monitor USING (a > 0);
GRANT SELECT ON r_policy TO pg_monitor;
-- rollback
REVOKE ALL ON r_policy FROM pg_monitor;
DROP POLICY p ON r_policy;
ALTER TABLE r_policy DISABLE ROW LEVEL SECURITY;

-- case: partition   expect: exact   data: kept
-- before
CREATE TABLE r_part (a int NOT NULL, b text) PARTITION BY RANGE (a);
CREATE TABLE r_part_1 PARTITION OF r_part FOR VALUES FROM (0) TO (10000000);
-- migration
ALTER TABLE r_part DETACH PARTITION r_part_1;
-- rollback
ALTER TABLE r_part ATTACH PARTITION r_part_1 FOR VALUES FROM (0) TO (10000000);

-- case: role   expect: exact   data: kept
-- before
CREATE TABLE r_role (a int);
-- migration
CREATE ROLE r_reporting NOLOGIN;
GRANT SELECT ON r_role TO r_reporting;
-- rollback
REVOKE ALL ON r_role FROM r_reporting;
DROP ROLE r_reporting;

-- case: sequence_position   expect: exact   data: kept
-- before
CREATE TABLE r_numbering (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);
-- migration
ALTER TABLE r_numbering ALTER COLUMN id SET GENERATED ALWAYS;
-- rollback
ALTER TABLE r_numbering ALTER COLUMN id SET GENERATED BY DEFAULT;

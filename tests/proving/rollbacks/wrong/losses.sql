-- case: lost_not_null   expect: differs   says: not null
-- before
CREATE TABLE lost_not_null (id int PRIMARY KEY, a int NOT NULL, b int NOT NULL DEFAULT 7);
-- migration
ALTER TABLE lost_not_null ALTER COLUMN b DROP NOT NULL, ALTER COLUMN b DROP DEFAULT;
-- rollback
ALTER TABLE lost_not_null ALTER COLUMN b SET DEFAULT 7;

-- case: lost_default   expect: differs   says: default
-- before
CREATE TABLE lost_default (id int PRIMARY KEY, a text DEFAULT 'x');
-- migration
ALTER TABLE lost_default ALTER COLUMN a DROP DEFAULT;
-- rollback
ALTER TABLE lost_default ALTER COLUMN a SET DEFAULT 'y';

-- case: lost_comment   expect: differs   says: comment
-- before
CREATE VIEW lost_comment AS SELECT 1 AS a;
COMMENT ON VIEW lost_comment IS 'what it is for';
-- migration
DROP VIEW lost_comment;
CREATE VIEW lost_comment AS SELECT 1 AS a, 2 AS b;
-- rollback
DROP VIEW lost_comment;
CREATE VIEW lost_comment AS SELECT 1 AS a;

-- case: lost_column_comment   expect: differs   says: comment
-- before
CREATE TABLE lost_column_comment (a int);
COMMENT ON COLUMN lost_column_comment.a IS 'metres';
-- migration
COMMENT ON COLUMN lost_column_comment.a IS 'feet';
-- rollback
COMMENT ON COLUMN lost_column_comment.a IS NULL;

-- case: lost_foreign_key_action   expect: differs   says: ON DELETE CASCADE
-- before
CREATE TABLE lost_action_parent (id int PRIMARY KEY);
CREATE TABLE lost_action (p int CONSTRAINT fk REFERENCES lost_action_parent ON DELETE CASCADE);
-- migration
ALTER TABLE lost_action DROP CONSTRAINT fk;
-- rollback
ALTER TABLE lost_action ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES lost_action_parent;

-- case: lost_deferrability   expect: differs   says: DEFERRABLE
-- before
CREATE TABLE lost_deferrability (id int, CONSTRAINT u UNIQUE (id) DEFERRABLE INITIALLY DEFERRED);
-- migration
ALTER TABLE lost_deferrability DROP CONSTRAINT u;
-- rollback
ALTER TABLE lost_deferrability ADD CONSTRAINT u UNIQUE (id);

-- case: left_not_valid   expect: differs   says: NOT VALID
-- before
CREATE TABLE left_not_valid (a int CONSTRAINT c CHECK (a > -2000000000));
-- migration
ALTER TABLE left_not_valid DROP CONSTRAINT c;
-- rollback
ALTER TABLE left_not_valid ADD CONSTRAINT c CHECK (a > -2000000000) NOT VALID;

-- case: lost_check   expect: differs   says: is gone
-- before
CREATE TABLE lost_check (a int CONSTRAINT positive CHECK (a >= 0));
-- migration
ALTER TABLE lost_check DROP CONSTRAINT positive;
-- rollback
SELECT 1;

-- case: lost_index   expect: differs   says: does not bring it back
-- before
CREATE TABLE lost_index (a int, b int);
CREATE INDEX lost_index_b ON lost_index (b);
-- migration
ALTER TABLE lost_index DROP COLUMN b;
-- rollback
ALTER TABLE lost_index ADD COLUMN b int;

-- case: lost_index_order   expect: differs   says: DESC
-- before
CREATE TABLE lost_index_order (a int, b int);
CREATE INDEX lost_index_order_i ON lost_index_order (a, b DESC NULLS LAST) WHERE b > 0;
-- migration
DROP INDEX lost_index_order_i;
-- rollback
CREATE INDEX lost_index_order_i ON lost_index_order (a, b) WHERE b > 0;

-- case: narrower_type   expect: differs   says: type
-- before
CREATE TABLE narrower_type (a bigint);
-- migration
ALTER TABLE narrower_type ALTER COLUMN a TYPE numeric;
-- rollback
ALTER TABLE narrower_type ALTER COLUMN a TYPE numeric(30);

-- case: lost_length   expect: differs   says: varying
-- before
CREATE TABLE lost_length (a varchar(40));
-- migration
ALTER TABLE lost_length ALTER COLUMN a TYPE text;
-- rollback
ALTER TABLE lost_length ALTER COLUMN a TYPE varchar;

-- case: lost_collation   expect: differs   says: collation
-- before
CREATE TABLE lost_collation (a text COLLATE "C");
-- migration
ALTER TABLE lost_collation ALTER COLUMN a TYPE text COLLATE "POSIX";
-- rollback
ALTER TABLE lost_collation ALTER COLUMN a TYPE text;

-- case: lost_grant   expect: differs   says: grant
-- before
CREATE VIEW lost_grant AS SELECT 1 AS a;
GRANT SELECT ON lost_grant TO PUBLIC;
-- migration
DROP VIEW lost_grant;
-- rollback
CREATE VIEW lost_grant AS SELECT 1 AS a;

-- case: lost_column_grant   expect: differs   says: grant
-- before
CREATE TABLE lost_column_grant (a int, b int);
GRANT SELECT (a) ON lost_column_grant TO pg_monitor;
-- migration
REVOKE SELECT (a) ON lost_column_grant FROM pg_monitor;
-- rollback
GRANT SELECT ON lost_column_grant TO pg_monitor;

-- case: lost_storage_parameter   expect: differs   says: fillfactor
-- before
CREATE TABLE lost_storage_parameter (a int) WITH (fillfactor = 70);
-- migration
ALTER TABLE lost_storage_parameter SET (fillfactor = 90);
-- rollback
ALTER TABLE lost_storage_parameter RESET (fillfactor);

-- case: lost_statistics_target   expect: differs   says: statistics
-- before
CREATE TABLE lost_statistics_target (a int);
ALTER TABLE lost_statistics_target ALTER COLUMN a SET STATISTICS 500;
-- migration
ALTER TABLE lost_statistics_target ALTER COLUMN a SET STATISTICS 10;
-- rollback
ALTER TABLE lost_statistics_target ALTER COLUMN a SET STATISTICS -1;

-- case: lost_replica_identity   expect: differs   says: replica identity
-- before
CREATE TABLE lost_replica_identity (a int PRIMARY KEY);
ALTER TABLE lost_replica_identity REPLICA IDENTITY FULL;
-- migration
ALTER TABLE lost_replica_identity REPLICA IDENTITY NOTHING;
-- rollback
ALTER TABLE lost_replica_identity REPLICA IDENTITY DEFAULT;

-- case: lost_identity   expect: differs   says: identity
-- before
CREATE TABLE lost_identity (id int GENERATED ALWAYS AS IDENTITY, a int);
-- migration
ALTER TABLE lost_identity ALTER COLUMN id SET GENERATED BY DEFAULT;
-- rollback
SELECT count(*) FROM lost_identity;

-- case: lost_generation   expect: differs   says: generated
-- before
CREATE TABLE lost_generation (a int, b int GENERATED ALWAYS AS (a / 2) STORED);
-- migration
ALTER TABLE lost_generation DROP COLUMN b;
-- rollback
ALTER TABLE lost_generation ADD COLUMN b int;
UPDATE lost_generation SET b = a / 2;

-- case: lost_primary_key   expect: differs   says: primary yes
-- before
CREATE TABLE lost_primary_key (a int PRIMARY KEY);
-- migration
ALTER TABLE lost_primary_key DROP CONSTRAINT lost_primary_key_pkey;
-- rollback
CREATE UNIQUE INDEX lost_primary_key_pkey ON lost_primary_key (a);

-- case: lost_partition   expect: differs   says: partition
-- before
CREATE TABLE lost_partition (a int) PARTITION BY RANGE (a);
CREATE TABLE lost_partition_1 PARTITION OF lost_partition FOR VALUES FROM (0) TO (10000000);
-- migration
ALTER TABLE lost_partition DETACH PARTITION lost_partition_1;
-- rollback
ALTER TABLE lost_partition ATTACH PARTITION lost_partition_1 FOR VALUES FROM (0) TO (20000000);

-- case: lost_publication   expect: differs   says: publication
-- before
CREATE TABLE lost_publication (a int PRIMARY KEY, b int);
CREATE PUBLICATION lost_publication_p FOR TABLE lost_publication WHERE (a > 5);
-- migration
ALTER PUBLICATION lost_publication_p DROP TABLE lost_publication;
-- rollback
ALTER PUBLICATION lost_publication_p ADD TABLE lost_publication;

-- case: other_name   expect: differs   says: other_name.A is new
-- before
CREATE TABLE other_name (a int);
-- migration
ALTER TABLE other_name RENAME COLUMN a TO b;
-- rollback
ALTER TABLE other_name RENAME COLUMN b TO "A";

-- case: rename_of_the_table_only   expect: differs   says: rename_only_2_pkey
-- before
CREATE TABLE rename_only (a int PRIMARY KEY);
-- migration
ALTER TABLE rename_only RENAME TO rename_only_2;
ALTER INDEX rename_only_pkey RENAME TO rename_only_2_pkey;
-- rollback
ALTER TABLE rename_only_2 RENAME TO rename_only;

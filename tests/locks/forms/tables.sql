-- [create-table]
CREATE TABLE z (id int PRIMARY KEY, body text);
-- [create-table-if-not-exists-there]
CREATE TABLE IF NOT EXISTS orders (id int);
-- [create-table-references] a new table with a foreign key makes writers of the other table wait
CREATE TABLE z (id bigint REFERENCES orders (id));
-- [create-table-references-two]
CREATE TABLE z (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id), customer_id bigint REFERENCES customers (id));
-- [create-table-references-partitioned]
CREATE TABLE z (id int, day date, FOREIGN KEY (id, day) REFERENCES shipments (id, day));
-- [create-table-references-self]
CREATE TABLE z (id bigint PRIMARY KEY, parent_id bigint REFERENCES z (id));
-- [create-table-partitioned]
CREATE TABLE z (id int, day date) PARTITION BY RANGE (day);
-- [create-table-like]
CREATE TABLE z (LIKE orders INCLUDING ALL);
-- [create-table-like-plain]
CREATE TABLE z (LIKE orders, extra int);
-- [create-table-like-view]
CREATE TABLE z (LIKE source_list);
-- [create-table-as] the source is only read
CREATE TABLE z AS SELECT * FROM orders;
-- [create-table-as-no-data]
CREATE TABLE z AS SELECT * FROM orders WITH NO DATA;
-- [create-table-as-join]
CREATE TABLE z AS SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.amount >= 0;
-- [create-table-as-if-not-exists-there]
CREATE TABLE IF NOT EXISTS orders AS SELECT 1 AS id;
-- [select-into]
SELECT * INTO z FROM orders;
-- [create-table-domain]
CREATE TABLE z (id int, held quantity, home address, m mood);
-- [create-table-default-function]
CREATE TABLE z (id int DEFAULT nextval('ticket_seq'), one int DEFAULT plain_volatile());
-- [create-temporary-table]
CREATE TEMPORARY TABLE z (id int);
-- [create-unlogged-table]
CREATE UNLOGGED TABLE z (id int);
-- [create-table-over-temporary-like]
CREATE TEMPORARY TABLE z (LIKE orders INCLUDING DEFAULTS);
-- [create-foreign-table]
CREATE FOREIGN TABLE z (id int) SERVER far;
-- [rename-table]
ALTER TABLE orders RENAME TO purchases;
-- [rename-table-if-exists-missing]
ALTER TABLE IF EXISTS nothing RENAME TO something;
-- [set-schema]
ALTER TABLE notes SET SCHEMA archive;
-- [set-schema-with-sequence]
ALTER TABLE customers SET SCHEMA archive;
-- [owner]
ALTER TABLE notes OWNER TO clerk;
-- [owner-with-sequence]
ALTER TABLE customers OWNER TO clerk;
-- [owner-same] the owner stays the same
ALTER TABLE notes OWNER TO CURRENT_USER;
-- [set-unlogged] the table is written anew
ALTER TABLE notes SET UNLOGGED;
-- [set-unlogged-already]
ALTER TABLE scratch SET UNLOGGED;
-- [set-logged]
ALTER TABLE scratch SET LOGGED;
-- [set-logged-already]
ALTER TABLE notes SET LOGGED;
-- [set-access-method]
ALTER TABLE notes SET ACCESS METHOD heap_too;
-- [set-access-method-same]
ALTER TABLE notes SET ACCESS METHOD heap;
-- [set-tablespace]
ALTER TABLE notes SET TABLESPACE elsewhere;
-- [set-tablespace-same]
ALTER TABLE notes SET TABLESPACE pg_default;
-- [set-fillfactor]
ALTER TABLE orders SET (fillfactor = 70);
-- [set-autovacuum]
ALTER TABLE orders SET (autovacuum_enabled = false);
-- [set-autovacuum-many]
ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02);
-- [set-toast-autovacuum]
ALTER TABLE orders SET (toast.autovacuum_enabled = false);
-- [set-toast-tuple-target]
ALTER TABLE orders SET (toast_tuple_target = 256);
-- [set-parallel-workers]
ALTER TABLE orders SET (parallel_workers = 2);
-- [set-vacuum-truncate]
ALTER TABLE orders SET (vacuum_truncate = false);
-- [set-user-catalog-table]
ALTER TABLE orders SET (user_catalog_table = true);
-- [set-mixed-options]
ALTER TABLE orders SET (fillfactor = 70, user_catalog_table = true);
-- [reset-fillfactor]
ALTER TABLE orders RESET (fillfactor);
-- [reset-user-catalog-table]
ALTER TABLE orders RESET (user_catalog_table);
-- [set-without-oids]
ALTER TABLE orders SET WITHOUT OIDS;
-- [replica-identity-full]
ALTER TABLE orders REPLICA IDENTITY FULL;
-- [replica-identity-index]
ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_required_key;
-- [replica-identity-default]
ALTER TABLE orders REPLICA IDENTITY DEFAULT;
-- [enable-row-security]
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
-- [disable-row-security]
ALTER TABLE guarded DISABLE ROW LEVEL SECURITY;
-- [force-row-security]
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
-- [no-force-row-security]
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
-- [alter-table-mixed-weak]
ALTER TABLE orders SET (fillfactor = 70), ALTER COLUMN amount SET STATISTICS 9;
-- [alter-foreign-table-option]
ALTER FOREIGN TABLE far_orders OPTIONS (ADD tab 'x');
-- [drop-table]
DROP TABLE notes CASCADE;
-- [drop-table-own-foreign-key] the referenced tables are locked as well
DROP TABLE order_items;
-- [drop-table-referenced-cascade]
DROP TABLE orders CASCADE;
-- [drop-table-viewed-cascade]
DROP TABLE sources CASCADE;
-- [drop-table-with-sequence]
DROP TABLE customers CASCADE;
-- [drop-table-if-exists-missing]
DROP TABLE IF EXISTS nothing;
-- [drop-table-several]
DROP TABLE scratch, clustered;
-- [drop-table-published]
DROP TABLE published;
-- [drop-foreign-table]
DROP FOREIGN TABLE far_orders;
-- [drop-table-guarded]
DROP TABLE guarded;
-- [truncate]
TRUNCATE notes;
-- [truncate-several]
TRUNCATE notes, scratch;
-- [truncate-cascade] every table that points here is emptied
TRUNCATE orders CASCADE;
-- [truncate-restart-identity]
TRUNCATE customers RESTART IDENTITY CASCADE;
-- [truncate-self-referencing]
TRUNCATE tree;
-- [lock-access-share]
LOCK TABLE orders IN ACCESS SHARE MODE;
-- [lock-row-exclusive]
LOCK TABLE orders IN ROW EXCLUSIVE MODE;
-- [lock-share-row-exclusive]
LOCK TABLE orders, notes IN SHARE ROW EXCLUSIVE MODE;
-- [lock-default]
LOCK TABLE orders;
-- [lock-nowait]
LOCK TABLE orders IN EXCLUSIVE MODE NOWAIT;
-- [lock-view] the tables behind a view are locked as well
LOCK TABLE source_names IN SHARE MODE;
-- [comment-on-table]
COMMENT ON TABLE orders IS 'x';
-- [comment-on-column]
COMMENT ON COLUMN orders.amount IS 'x';
-- [comment-on-constraint]
COMMENT ON CONSTRAINT amount_positive ON orders IS 'x';
-- [comment-on-trigger]
COMMENT ON TRIGGER touched ON guarded IS 'x';
-- [comment-on-policy]
COMMENT ON POLICY own_rows ON guarded IS 'x';
-- [comment-on-rule]
COMMENT ON RULE ignored ON guarded IS 'x';
-- [comment-on-view]
COMMENT ON VIEW source_list IS 'x';
-- [comment-on-view-column]
COMMENT ON COLUMN source_list.body IS 'x';
-- [comment-on-matview]
COMMENT ON MATERIALIZED VIEW source_copy IS 'x';
-- [comment-on-sequence]
COMMENT ON SEQUENCE ticket_seq IS 'x';
-- [comment-on-foreign-table]
COMMENT ON FOREIGN TABLE far_orders IS 'x';
-- [comment-on-function]
COMMENT ON FUNCTION plain_volatile() IS 'x';
-- [comment-on-type]
COMMENT ON TYPE mood IS 'x';
-- [comment-on-schema]
COMMENT ON SCHEMA archive IS 'x';
-- [comment-on-statistics]
COMMENT ON STATISTICS orders_stats IS 'x';
-- [comment-on-domain-constraint]
COMMENT ON CONSTRAINT quantity_positive ON DOMAIN quantity IS 'x';
-- [grant-table]
GRANT SELECT ON orders TO clerk;
-- [grant-columns]
GRANT SELECT (amount) ON orders TO clerk;
-- [grant-all-in-schema]
GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk;
-- [revoke-table]
REVOKE ALL ON orders FROM PUBLIC;
-- [default-privileges]
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO clerk;
-- [cluster-table]
CLUSTER notes_clustered USING notes_clustered_id;
-- [vacuum]
-- hold: LOCK TABLE notes IN SHARE UPDATE EXCLUSIVE MODE
VACUUM notes;
-- [vacuum-analyze]
-- hold: LOCK TABLE notes IN SHARE UPDATE EXCLUSIVE MODE
VACUUM (ANALYZE) notes;
-- [vacuum-full]
-- hold: LOCK TABLE notes IN ACCESS SHARE MODE
VACUUM FULL notes;
-- [vacuum-full-option]
-- hold: LOCK TABLE notes IN ACCESS SHARE MODE
VACUUM (FULL, ANALYZE) notes;
-- [vacuum-full-off]
-- hold: LOCK TABLE notes IN SHARE UPDATE EXCLUSIVE MODE
VACUUM (FULL false) notes;
-- [vacuum-everything]
-- hold: LOCK TABLE notes IN SHARE UPDATE EXCLUSIVE MODE
-- sample: public.notes
VACUUM;
-- [vacuum-partitioned]
-- hold: LOCK TABLE events_2024 IN SHARE UPDATE EXCLUSIVE MODE
VACUUM events_2024;
-- [analyze]
ANALYZE orders;
-- [analyze-column]
ANALYZE orders (amount);
-- [analyze-several]
ANALYZE notes, scratch;
-- [analyze-everything]
ANALYZE;
-- [copy-to]
COPY orders TO '/dev/null';
-- [copy-query-to]
COPY (SELECT * FROM orders) TO '/dev/null';
-- [copy-from]
COPY notes FROM '/dev/null';

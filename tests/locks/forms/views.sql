-- [create-view] the tables are only read
CREATE VIEW z AS SELECT * FROM orders;
-- [create-view-on-view]
CREATE VIEW z AS SELECT * FROM source_names;
-- [create-view-join]
CREATE VIEW z AS SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id;
-- [create-view-partitioned]
CREATE VIEW z AS SELECT * FROM events;
-- [create-view-with-cte]
CREATE VIEW z AS WITH late AS (SELECT id FROM orders) SELECT * FROM late WHERE id IN (SELECT order_id FROM order_items);
-- [replace-view]
CREATE OR REPLACE VIEW source_list AS SELECT id, body FROM sources WHERE id > 0;
-- [replace-view-new-column]
CREATE OR REPLACE VIEW source_list AS SELECT id, body, extra FROM sources;
-- [replace-view-not-there]
CREATE OR REPLACE VIEW z AS SELECT id, body FROM sources;
-- [create-view-security-invoker]
CREATE VIEW z WITH (security_invoker = true) AS SELECT * FROM orders;
-- [create-temporary-view]
CREATE TEMPORARY VIEW z AS SELECT * FROM orders;
-- [create-recursive-view]
CREATE RECURSIVE VIEW z (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM z WHERE n < (SELECT count(*) FROM notes);
-- [rename-view]
ALTER VIEW source_list RENAME TO source_lines;
-- [rename-view-as-table]
ALTER TABLE source_list RENAME TO source_lines;
-- [view-option]
ALTER VIEW source_list SET (security_invoker = true);
-- [view-option-reset]
ALTER VIEW source_list RESET (security_barrier);
-- [view-owner]
ALTER VIEW source_list OWNER TO clerk;
-- [view-schema]
ALTER VIEW source_list SET SCHEMA archive;
-- [drop-view]
DROP VIEW source_extra;
-- [drop-view-cascade]
DROP VIEW source_list CASCADE;
-- [drop-view-if-exists-missing]
DROP VIEW IF EXISTS nothing;
-- [grant-view]
GRANT SELECT ON source_list TO clerk;
-- [create-matview]
CREATE MATERIALIZED VIEW z AS SELECT * FROM orders;
-- [create-matview-no-data]
CREATE MATERIALIZED VIEW z AS SELECT * FROM orders WITH NO DATA;
-- [create-matview-if-not-exists-there]
CREATE MATERIALIZED VIEW IF NOT EXISTS source_copy AS SELECT id, body FROM sources;
-- [create-matview-on-view]
CREATE MATERIALIZED VIEW z AS SELECT * FROM source_names;
-- [refresh-matview] readers wait
REFRESH MATERIALIZED VIEW source_copy;
-- [refresh-matview-no-index]
REFRESH MATERIALIZED VIEW source_count;
-- [refresh-matview-no-data]
REFRESH MATERIALIZED VIEW source_copy WITH NO DATA;
-- [refresh-matview-concurrently] readers go on
REFRESH MATERIALIZED VIEW CONCURRENTLY source_copy;
-- [refresh-matview-partitioned]
REFRESH MATERIALIZED VIEW event_copy;
-- [rename-matview]
ALTER MATERIALIZED VIEW source_copy RENAME TO source_duplicate;
-- [matview-option]
ALTER MATERIALIZED VIEW source_copy SET (fillfactor = 70);
-- [matview-column-statistics]
ALTER MATERIALIZED VIEW source_copy ALTER COLUMN body SET STATISTICS 9;
-- [matview-cluster]
ALTER MATERIALIZED VIEW source_copy CLUSTER ON source_copy_id;
-- [matview-owner]
ALTER MATERIALIZED VIEW source_copy OWNER TO clerk;
-- [matview-access-method]
ALTER MATERIALIZED VIEW source_copy SET ACCESS METHOD heap_too;
-- [matview-tablespace]
ALTER MATERIALIZED VIEW source_copy SET TABLESPACE elsewhere;
-- [drop-matview]
DROP MATERIALIZED VIEW source_copy;
-- [create-rule]
CREATE RULE r AS ON INSERT TO notes DO NOTHING;
-- [create-rule-also]
CREATE RULE r AS ON INSERT TO notes DO ALSO DELETE FROM scratch;
-- [replace-rule]
CREATE OR REPLACE RULE ignored AS ON DELETE TO guarded DO INSTEAD NOTHING;
-- [create-rule-on-view]
CREATE RULE r AS ON INSERT TO source_list DO INSTEAD NOTHING;
-- [drop-rule]
DROP RULE ignored ON guarded;
-- [drop-rule-if-exists-missing]
DROP RULE IF EXISTS nothing ON guarded;
-- [rename-rule]
ALTER RULE ignored ON guarded RENAME TO passed;
-- [disable-rule]
ALTER TABLE guarded DISABLE RULE ignored;
-- [enable-rule-always]
ALTER TABLE guarded ENABLE ALWAYS RULE ignored;

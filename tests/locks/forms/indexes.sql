-- [create-index] writes wait for the whole build
CREATE INDEX i ON orders (amount);
-- [create-index-unique]
CREATE UNIQUE INDEX i ON orders (id, amount);
-- [create-index-partial]
CREATE INDEX i ON orders (amount) WHERE amount > 100;
-- [create-index-expression]
CREATE INDEX i ON orders (upper(note));
-- [create-index-include]
CREATE INDEX i ON orders (amount) INCLUDE (note);
-- [create-index-gin]
CREATE INDEX i ON orders USING gin (payload);
-- [create-index-gist]
CREATE INDEX i ON orders USING gist (period);
-- [create-index-brin]
CREATE INDEX i ON orders USING brin (placed_at);
-- [create-index-hash]
CREATE INDEX i ON orders USING hash (note);
-- [create-index-if-not-exists-there] the lock is taken before the name is looked up
CREATE INDEX IF NOT EXISTS orders_code ON orders (code);
-- [create-index-if-not-exists]
CREATE INDEX IF NOT EXISTS i ON orders (amount);
-- [create-index-unnamed]
CREATE INDEX ON orders (amount);
-- [create-index-partitioned] every partition is locked and indexed
CREATE INDEX i ON events (number);
-- [create-index-partitioned-deep] one partition has a fitting index already
CREATE INDEX i ON visits (number);
-- [create-index-partitioned-only] nothing is built
CREATE INDEX i ON ONLY events (number);
-- [create-index-partitioned-unique]
CREATE UNIQUE INDEX i ON events (day, id);
-- [create-index-partitioned-empty]
CREATE INDEX i ON journal (number);
-- [create-index-on-partition]
CREATE INDEX i ON events_2024 (number);
-- [create-index-inherited] children are left alone
CREATE INDEX i ON people (city);
-- [create-index-matview]
CREATE INDEX i ON source_copy (body);
-- [create-index-tablespace]
CREATE INDEX i ON orders (amount) TABLESPACE elsewhere;
-- [create-index-concurrently]
-- hold: INSERT INTO notes VALUES (0)
-- undo: DROP INDEX i
CREATE INDEX CONCURRENTLY i ON notes (id);
-- [create-index-concurrently-unique]
-- hold: UPDATE orders SET amount = 1 WHERE id = 7
-- undo: DROP INDEX i
CREATE UNIQUE INDEX CONCURRENTLY i ON orders (id, number);
-- [create-index-concurrently-if-not-exists-there]
-- hold: LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_code ON orders (code);
-- [create-index-concurrently-matview]
-- hold: REFRESH MATERIALIZED VIEW CONCURRENTLY source_copy
-- undo: DROP INDEX i
CREATE INDEX CONCURRENTLY i ON source_copy (body);
-- [drop-index] the table is locked as well
DROP INDEX orders_code;
-- [drop-index-several]
DROP INDEX orders_code, samples_keyed;
-- [drop-index-if-exists-missing]
DROP INDEX IF EXISTS nothing;
-- [drop-index-partitioned]
DROP INDEX events_kind;
-- [drop-index-cascade]
DROP INDEX orders_number_key CASCADE;
-- [drop-index-concurrently]
-- hold: LOCK TABLE notes_spare IN ACCESS SHARE MODE
-- undo: CREATE INDEX notes_spare_id ON notes_spare (id)
DROP INDEX CONCURRENTLY notes_spare_id;
-- [drop-index-concurrently-if-exists-missing]
-- hold: none
DROP INDEX CONCURRENTLY IF EXISTS nothing;
-- [rename-index] the table is not locked
ALTER INDEX orders_code RENAME TO orders_code_old;
-- [rename-index-as-table] ALTER TABLE on an index
ALTER TABLE orders_code RENAME TO orders_code_old;
-- [rename-index-behind-constraint]
ALTER INDEX orders_pkey RENAME TO orders_key;
-- [rename-index-if-exists-missing]
ALTER INDEX IF EXISTS nothing RENAME TO something;
-- [set-index-option]
ALTER INDEX orders_code SET (fillfactor = 70);
-- [reset-index-option]
ALTER INDEX orders_code RESET (fillfactor);
-- [set-index-tablespace] the index is copied while queries wait to plan
ALTER INDEX orders_code SET TABLESPACE elsewhere;
-- [set-index-tablespace-partitioned]
ALTER INDEX events_kind SET TABLESPACE elsewhere;
-- [set-index-statistics]
ALTER INDEX orders_lower_note ALTER COLUMN 1 SET STATISTICS 500;
-- [attach-index]
ALTER INDEX visits_number ATTACH PARTITION visits_eu_number;
-- [index-depends-on-extension]
ALTER INDEX orders_code DEPENDS ON EXTENSION plpgsql;
-- [all-indexes-tablespace]
ALTER INDEX ALL IN TABLESPACE elsewhere SET TABLESPACE pg_default;
-- [all-tables-tablespace]
ALTER TABLE ALL IN TABLESPACE elsewhere SET TABLESPACE pg_default;
-- [reindex-index] the index itself is locked against planning
REINDEX INDEX orders_code;
-- [reindex-table]
REINDEX TABLE orders;
-- [reindex-matview]
REINDEX TABLE source_copy;
-- [reindex-table-option]
REINDEX (VERBOSE) TABLE notes;
-- [reindex-index-tablespace]
REINDEX (TABLESPACE elsewhere) INDEX orders_code;
-- [reindex-partitioned-index]
-- hold: LOCK TABLE events IN ROW EXCLUSIVE MODE
-- hold: EXPLAIN SELECT * FROM events_2024
-- hold: EXPLAIN SELECT * FROM events_2025
-- hold: EXPLAIN SELECT * FROM events_default
REINDEX INDEX events_kind;
-- [reindex-partitioned-table]
-- hold: LOCK TABLE buckets IN ROW EXCLUSIVE MODE
-- hold: LOCK TABLE buckets_0 IN ROW EXCLUSIVE MODE
-- hold: LOCK TABLE buckets_1 IN ROW EXCLUSIVE MODE
REINDEX TABLE buckets;
-- [reindex-schema]
-- hold: EXPLAIN SELECT * FROM archive.kept
REINDEX SCHEMA archive;
-- [reindex-database]
-- versions: 16-18
-- hold: EXPLAIN SELECT * FROM notes_spare
-- sample: public.notes_spare
REINDEX DATABASE;
-- [reindex-system]
-- versions: 16-18
-- hold: none
REINDEX SYSTEM;
-- [reindex-index-concurrently]
-- hold: INSERT INTO notes_spare VALUES (0)
REINDEX INDEX CONCURRENTLY notes_spare_id;
-- [reindex-table-concurrently]
-- hold: INSERT INTO notes_spare VALUES (0)
REINDEX TABLE CONCURRENTLY notes_spare;
-- [reindex-table-concurrently-option]
-- hold: INSERT INTO notes_spare VALUES (0)
REINDEX (CONCURRENTLY) TABLE notes_spare;
-- [comment-on-index]
COMMENT ON INDEX orders_code IS 'x';
-- [cluster-on]
ALTER TABLE orders CLUSTER ON orders_pkey;
-- [set-without-cluster]
ALTER TABLE clustered SET WITHOUT CLUSTER;
-- [cluster]
CLUSTER orders USING orders_pkey;
-- [cluster-again]
CLUSTER clustered;
-- [cluster-everything]
-- hold: LOCK TABLE clustered IN ACCESS SHARE MODE
CLUSTER;
-- [cluster-partitioned]
-- hold: LOCK TABLE shipments_2024 IN ACCESS SHARE MODE
-- hold: LOCK TABLE shipments_2025 IN ACCESS SHARE MODE
-- hold: LOCK TABLE shipments IN ACCESS EXCLUSIVE MODE
CLUSTER shipments USING shipments_pkey;
-- [set-gin-option]
ALTER INDEX docs_words SET (fastupdate = off);
-- [set-gin-limit]
ALTER INDEX docs_words SET (gin_pending_list_limit = 128);
-- [set-brin-option]
ALTER INDEX docs_at SET (autosummarize = on);
-- [create-index-of-array]
CREATE INDEX i ON docs USING gin (tags);
-- [create-index-two-conditions]
CREATE UNIQUE INDEX i ON orders (number) WHERE note IS NOT NULL;
-- [create-index-concurrently-expression]
-- hold: LOCK TABLE docs IN ROW EXCLUSIVE MODE
-- undo: DROP INDEX i
CREATE INDEX CONCURRENTLY i ON docs ((id + 1)) WHERE id > 5;
-- [reindex-concurrently-schema]
-- hold: LOCK TABLE archive.kept IN ROW EXCLUSIVE MODE
REINDEX SCHEMA CONCURRENTLY archive;
-- [drop-index-behind-nothing]
DROP INDEX IF EXISTS orders_note CASCADE;

-- [create-partition] the parent is locked, and the default partition is read
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- [create-partition-no-default]
CREATE TABLE visits_new PARTITION OF visits FOR VALUES IN ('br');
-- [create-partition-if-not-exists-there]
CREATE TABLE IF NOT EXISTS events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- [create-partition-default-proven] a check on the default partition saves the reading
CREATE TABLE ledger_new PARTITION OF ledger FOR VALUES FROM (2000) TO (3000);
-- [create-default-partition]
CREATE TABLE visits_default PARTITION OF visits DEFAULT;
-- [create-partition-with-keys] the parent's foreign keys come along
CREATE TABLE scans_new PARTITION OF scans FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- [create-partition-referenced] a foreign key points at the parent
CREATE TABLE shipments_new PARTITION OF shipments FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- [create-sub-partition]
CREATE TABLE visits_gb PARTITION OF visits FOR VALUES IN ('gb') PARTITION BY RANGE (number);
-- [create-partition-deep]
CREATE TABLE visits_old_new PARTITION OF visits_old FOR VALUES IN (2);
-- [create-partition-hash]
CREATE TABLE buckets_new PARTITION OF buckets FOR VALUES WITH (MODULUS 3, REMAINDER 2);
-- [attach-partition] the new partition is read, and the default one too
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- [attach-partition-proven] a valid check that says the bound saves the reading
ALTER TABLE events ATTACH PARTITION events_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
-- [attach-partition-no-index] an index that the parent has is built on the partition
ALTER TABLE events ATTACH PARTITION events_2028 FOR VALUES FROM ('2028-01-01') TO ('2029-01-01');
-- [attach-partition-list]
ALTER TABLE regions ATTACH PARTITION regions_jp FOR VALUES IN ('jp');
-- [attach-partition-list-proven]
ALTER TABLE regions ATTACH PARTITION regions_kr FOR VALUES IN ('kr');
-- [attach-partition-list-wider] a check narrower than the bound
ALTER TABLE regions ATTACH PARTITION regions_se FOR VALUES IN ('se', 'no', 'dk');
-- [attach-partition-list-narrower]
-- data: empty
ALTER TABLE regions ATTACH PARTITION regions_se FOR VALUES IN ('se');
-- [attach-partition-list-null] a check lets NULL pass: the column must be NOT NULL for a proof
ALTER TABLE regions ATTACH PARTITION regions_cn FOR VALUES IN ('cn');
-- [attach-partition-list-with-null] a list that holds NULL
ALTER TABLE regions ATTACH PARTITION regions_cn FOR VALUES IN ('cn', NULL);
-- [attach-partition-two-columns-proven]
ALTER TABLE pairs ATTACH PARTITION pairs_mid FOR VALUES FROM (1000, 0) TO (2000, 0);
-- [attach-partition-two-columns-edge] the first column may be equal to the bound: the second decides
ALTER TABLE pairs ATTACH PARTITION pairs_edge FOR VALUES FROM (1000, 0) TO (2000, 0);
-- [attach-partition-timestamps-proven] constants in other spellings, and a default partition that is out of reach
ALTER TABLE readings ATTACH PARTITION readings_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- [attach-partition-unique-key] the key of the parent is taken from the partition
ALTER TABLE readings ATTACH PARTITION readings_2025 FOR VALUES FROM ('2025-01-01') TO ('2027-01-01');
-- [attach-default-partition-first]
ALTER TABLE journal ATTACH PARTITION ledger_mid DEFAULT;
-- [attach-default-partition]
ALTER TABLE regions ATTACH PARTITION regions_jp DEFAULT;
-- [attach-partition-hash]
ALTER TABLE buckets ATTACH PARTITION buckets_2 FOR VALUES WITH (MODULUS 3, REMAINDER 2);
-- [attach-partition-partitioned] a partitioned table with its own partitions
ALTER TABLE visits ATTACH PARTITION visits_old FOR VALUES IN ('old');
-- [attach-partition-both-proven]
ALTER TABLE ledger ATTACH PARTITION ledger_mid FOR VALUES FROM (1000) TO (2000);
-- [attach-partition-narrower-check] a check wider than the bound proves nothing
-- data: empty
ALTER TABLE ledger ATTACH PARTITION ledger_mid FOR VALUES FROM (1500) TO (2000);
-- [attach-partition-wider-bound] a check narrower than the bound proves it
ALTER TABLE ledger ATTACH PARTITION ledger_mid FOR VALUES FROM (1000) TO (5000);
-- [attach-partition-with-foreign-key] the parent's foreign key is proved
ALTER TABLE scans ATTACH PARTITION scans_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- [attach-partition-with-foreign-key-there]
ALTER TABLE scans ATTACH PARTITION scans_2027 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
-- [attach-partition-referenced] a foreign key points at the parent
ALTER TABLE shipments ATTACH PARTITION shipments_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- [attach-partition-first]
ALTER TABLE journal ATTACH PARTITION ledger_mid FOR VALUES FROM (1000) TO (2000);
-- [detach-partition]
ALTER TABLE events DETACH PARTITION events_2024;
-- [detach-partition-no-default]
ALTER TABLE visits DETACH PARTITION visits_eu;
-- [detach-partition-with-foreign-key]
ALTER TABLE scans DETACH PARTITION scans_2024;
-- [detach-partition-referenced]
ALTER TABLE shipments DETACH PARTITION shipments_2025;
-- [detach-default-partition]
ALTER TABLE events DETACH PARTITION events_default;
-- [detach-sub-partitioned]
ALTER TABLE visits DETACH PARTITION visits_us;
-- [detach-partition-concurrently]
-- hold: LOCK TABLE visits_eu IN ACCESS SHARE MODE
-- hold: LOCK TABLE visits IN ACCESS SHARE MODE
-- undo: ALTER TABLE visits ATTACH PARTITION visits_eu FOR VALUES IN ('de', 'fr')
ALTER TABLE visits DETACH PARTITION visits_eu CONCURRENTLY;
-- [detach-partition-concurrently-with-foreign-key]
-- hold: LOCK TABLE feeds_2024 IN ACCESS SHARE MODE
-- hold: LOCK TABLE feeds IN ACCESS SHARE MODE
-- hold: LOCK TABLE customers IN ROW EXCLUSIVE MODE
-- undo: ALTER TABLE feeds ATTACH PARTITION feeds_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
ALTER TABLE feeds DETACH PARTITION feeds_2024 CONCURRENTLY;
-- [drop-partition] the parent waits for it, too
DROP TABLE events_2024;
-- [drop-default-partition]
DROP TABLE events_default;
-- [drop-partition-no-default]
DROP TABLE visits_eu;
-- [drop-partition-with-foreign-key]
DROP TABLE scans_2024;
-- [drop-sub-partitioned]
DROP TABLE visits_us;
-- [drop-sub-partition]
DROP TABLE visits_us_low;
-- [drop-partitioned]
DROP TABLE visits;
-- [drop-partitioned-cascade]
DROP TABLE shipments CASCADE;
-- [truncate-partitioned]
TRUNCATE events;
-- [truncate-partition]
TRUNCATE events_2024;
-- [rename-partitioned]
ALTER TABLE events RENAME TO happenings;
-- [rename-partition]
ALTER TABLE events_2024 RENAME TO events_of_2024;
-- [set-schema-partitioned]
ALTER TABLE events SET SCHEMA archive;
-- [owner-partitioned]
ALTER TABLE events OWNER TO clerk;
-- [row-security-partitioned]
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
-- [policy-partitioned]
CREATE POLICY seen ON events FOR SELECT USING (true);
-- [trigger-partitioned] a row trigger is cloned to every partition
CREATE TRIGGER tg AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
-- [statement-trigger-partitioned]
CREATE TRIGGER tg AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION touch();
-- [drop-trigger-partitioned]
DROP TRIGGER event_touched ON events;
-- [disable-trigger-partitioned]
ALTER TABLE events DISABLE TRIGGER event_touched;
-- [disable-trigger-partitioned-only]
ALTER TABLE ONLY events DISABLE TRIGGER event_touched;
-- [rename-trigger-partitioned]
ALTER TRIGGER event_touched ON events RENAME TO event_seen;
-- [drop-index-of-partition-key]
ALTER TABLE events DROP CONSTRAINT IF EXISTS nothing;
-- [replica-identity-partitioned]
ALTER TABLE events REPLICA IDENTITY FULL;
-- [set-tablespace-partitioned]
ALTER TABLE events SET TABLESPACE elsewhere;
-- [access-method-partitioned]
-- versions: 17-18
ALTER TABLE events SET ACCESS METHOD heap_too;
-- [set-logged-partition]
ALTER TABLE events_2024 SET UNLOGGED;
-- [comment-partitioned]
COMMENT ON TABLE events IS 'x';
-- [grant-partitioned]
GRANT SELECT ON events TO clerk;
-- [analyze-partitioned]
ANALYZE events;
-- [analyze-partitioned-only]
-- versions: 18
ANALYZE ONLY events;
-- [lock-partitioned]
LOCK TABLE events IN SHARE MODE;
-- [lock-partitioned-only]
LOCK TABLE ONLY events IN SHARE MODE;
-- [create-statistics-partitioned]
CREATE STATISTICS s ON number, kind FROM events;
-- [create-table-like-partitioned]
CREATE TABLE z (LIKE events INCLUDING ALL);
-- [create-partitioned-with-foreign-key]
CREATE TABLE z (id int, customer_id bigint REFERENCES customers (id)) PARTITION BY LIST (id);
-- [publish-partitioned]
CREATE PUBLICATION pub FOR TABLE events;
-- [publish-partitioned-add]
ALTER PUBLICATION outbox ADD TABLE events;
-- [set-identity-partitioned]
-- versions: 17-18
ALTER TABLE counters ALTER COLUMN id SET GENERATED ALWAYS;
-- [add-identity-partitioned]
-- versions: 17-18
ALTER TABLE counters ALTER COLUMN other ADD GENERATED ALWAYS AS IDENTITY;
-- [drop-identity-partitioned]
-- versions: 17-18
ALTER TABLE counters ALTER COLUMN id DROP IDENTITY;
-- [set-attribute-option-partitioned]
ALTER TABLE ledger_low ALTER COLUMN number SET (n_distinct = 5);
-- [set-compression-partitioned]
ALTER TABLE events ALTER COLUMN kind SET COMPRESSION pglz;
-- [drop-column-if-exists-missing-partitioned]
ALTER TABLE events DROP COLUMN IF EXISTS nothing;
-- [add-column-if-not-exists-there-partitioned]
ALTER TABLE events ADD COLUMN IF NOT EXISTS kind text;
-- [drop-not-null-partitioned-there]
ALTER TABLE ledger ALTER COLUMN id DROP NOT NULL;
-- [validate-check-valid-partitioned]
ALTER TABLE tours VALIDATE CONSTRAINT tours_known;
-- [drop-check-partitioned]
ALTER TABLE tours DROP CONSTRAINT tours_known;
-- [drop-unique-partitioned]
ALTER TABLE readings DROP CONSTRAINT readings_key;
-- [rename-constraint-partitioned-key]
ALTER TABLE readings RENAME CONSTRAINT readings_key TO readings_id_at;
-- [rename-constraint-partitioned-check]
ALTER TABLE tours RENAME CONSTRAINT tours_known TO tours_seen;
-- [rename-index-partitioned]
ALTER INDEX events_kind RENAME TO events_kinds;
-- [insert-one-partition] a constant key leads to one partition
-- data: rows
INSERT INTO events (id, day, kind) VALUES (1000000, '2024-03-01', 'k');
-- [insert-default-partition]
-- data: rows
INSERT INTO events (id, day, kind) VALUES (1000000, '2019-03-01', 'k');
-- [insert-nested-partition]
-- data: rows
INSERT INTO visits VALUES (1, 'us', 5), (2, 'us', 7);
-- [update-one-partition]
UPDATE events SET kind = 'x' WHERE day = '2024-06-01';
-- [delete-range-of-partitions]
DELETE FROM events WHERE day >= '2025-01-01' AND day < '2025-12-01';
-- [select-list-of-partitions]
SELECT * FROM visits WHERE region IN ('de', 'fr');
-- [select-nested-partition]
SELECT * FROM visits WHERE region = 'us' AND number = 5000;
-- [select-for-update-partitioned]
SELECT * FROM events FOR UPDATE;
-- [insert-references-partitioned] the row pointed at lies in one partition
-- data: rows
INSERT INTO parcels VALUES (5000, 1, '2024-06-01');
-- [copy-from-partitioned] each row finds its partition
-- data: rows
COPY events (id, day) FROM PROGRAM 'printf "1000000\t2024-03-01\n1000000\t2025-03-01\n1000000\t2019-03-01\n"';
-- [refresh-dependents] nothing hangs on a partition
ALTER TABLE events_2025 ADD CONSTRAINT k CHECK (number > 0);
-- [add-column-one-partition-fails-for-parent]
-- data: rows
ALTER TABLE ONLY journal ADD COLUMN x int;
-- [set-not-null-partition-proven]
ALTER TABLE ledger_mid ALTER COLUMN number SET NOT NULL;
-- [type-partitioned-key-same] a change to the same type still builds the indexes of the partitions
ALTER TABLE events ALTER COLUMN kind TYPE text;
-- [type-referenced-partitioned]
ALTER TABLE shipments ALTER COLUMN id TYPE bigint;
-- [type-referencing-partitioned]
ALTER TABLE scans ALTER COLUMN customer_id TYPE int;
-- [drop-column-referencing-partitioned]
ALTER TABLE scans DROP COLUMN customer_id;
-- [add-unique-partition-has-it]
ALTER TABLE tours ADD UNIQUE (id, number);
-- [add-exclusion-partitioned]
-- versions: 17-18
ALTER TABLE ledger ADD EXCLUDE (number WITH =);
-- [vacuum-whole-partitioned]
-- hold: LOCK TABLE buckets IN SHARE UPDATE EXCLUSIVE MODE
-- hold: LOCK TABLE buckets_0 IN SHARE UPDATE EXCLUSIVE MODE
-- hold: LOCK TABLE buckets_1 IN SHARE UPDATE EXCLUSIVE MODE
VACUUM buckets;
-- [vacuum-full-partitioned]
-- hold: LOCK TABLE buckets IN ACCESS SHARE MODE
-- hold: LOCK TABLE buckets_0 IN ACCESS SHARE MODE
-- hold: LOCK TABLE buckets_1 IN ACCESS SHARE MODE
VACUUM FULL buckets;
-- [vacuum-analyze-partitioned]
-- hold: LOCK TABLE buckets IN SHARE UPDATE EXCLUSIVE MODE
-- hold: LOCK TABLE buckets_0 IN SHARE UPDATE EXCLUSIVE MODE
-- hold: LOCK TABLE buckets_1 IN SHARE UPDATE EXCLUSIVE MODE
VACUUM (ANALYZE) buckets;
-- [vacuum-only-partitioned]
-- versions: 18
-- hold: LOCK TABLE buckets IN SHARE UPDATE EXCLUSIVE MODE
VACUUM ONLY buckets;
-- [cluster-on-partitioned]
ALTER TABLE events_2024 CLUSTER ON events_2024_kind_idx;
-- [lock-partition]
LOCK TABLE events_2024 IN SHARE MODE;
-- [truncate-partitioned-cascade]
TRUNCATE shipments CASCADE;
-- [add-foreign-key-partition-to-partitioned]
-- data: empty
ALTER TABLE scans_2024 ADD CONSTRAINT k FOREIGN KEY (id, day) REFERENCES shipments (id, day);
-- [create-partition-of-partition-with-default]
CREATE TABLE visits_us_default PARTITION OF visits_us DEFAULT;
-- [detach-partition-of-partition]
ALTER TABLE visits_us DETACH PARTITION visits_us_low;
-- [drop-two-partitions]
DROP TABLE events_2024, events_2025;
-- [drop-table-parent-of-key]
DROP TABLE scans;
-- [rename-column-one-partition-key]
ALTER TABLE visits RENAME COLUMN region TO area;
-- [set-statistics-only]
ALTER TABLE ONLY events ALTER COLUMN number SET STATISTICS 500;
-- [set-not-null-two-levels-proven]
ALTER TABLE regions ALTER COLUMN region SET NOT NULL;
-- [create-partition-default-list-proven]
CREATE TABLE codes_new PARTITION OF codes FOR VALUES IN (1, 2);
-- [create-partition-default-list-member]
CREATE TABLE codes_new PARTITION OF codes FOR VALUES IN (8, 9);
-- [create-partition-default-list-unproven]
-- data: empty
CREATE TABLE codes_new PARTITION OF codes FOR VALUES IN (1, 5);

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
ALTER TABLE visits ATTACH PARTITION visits_jp FOR VALUES IN ('jp');
-- [attach-partition-list-proven]
ALTER TABLE visits ATTACH PARTITION visits_kr FOR VALUES IN ('kr');
-- [attach-partition-list-null] a check lets NULL pass: the column must be NOT NULL for a proof
ALTER TABLE visits ATTACH PARTITION visits_cn FOR VALUES IN ('cn');
-- [attach-partition-list-with-null] a list that holds NULL
ALTER TABLE visits ATTACH PARTITION visits_cn FOR VALUES IN ('cn', NULL);
-- [attach-partition-hash]
ALTER TABLE buckets ATTACH PARTITION buckets_2 FOR VALUES WITH (MODULUS 3, REMAINDER 2);
-- [attach-partition-partitioned] a partitioned table with its own partitions
ALTER TABLE visits ATTACH PARTITION visits_old FOR VALUES IN ('old');
-- [attach-partition-default]
ALTER TABLE visits ATTACH PARTITION visits_jp DEFAULT;
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
-- hold: SELECT count(*) FROM visits_eu
-- hold: SELECT count(*) FROM visits WHERE region = 'us'
-- undo: ALTER TABLE visits ATTACH PARTITION visits_eu FOR VALUES IN ('de', 'fr')
ALTER TABLE visits DETACH PARTITION visits_eu CONCURRENTLY;
-- [detach-partition-concurrently-with-foreign-key]
-- hold: SELECT count(*) FROM feeds_2024
-- hold: SELECT count(*) FROM feeds
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

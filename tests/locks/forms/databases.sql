-- [create-database]
-- hold: none
-- undo: DROP DATABASE z_locks
CREATE DATABASE z_locks TEMPLATE template0;
-- [drop-database-if-exists]
-- hold: none
DROP DATABASE IF EXISTS z_locks_missing;
-- [alter-database-tablespace]
-- hold: refused
ALTER DATABASE z_locks SET TABLESPACE elsewhere;
-- [alter-database-set]
ALTER DATABASE postgres SET lock_timeout = '1s';
-- [create-tablespace]
-- hold: none
-- undo: DROP TABLESPACE z_locks
CREATE TABLESPACE z_locks LOCATION '';
-- [drop-tablespace]
-- hold: none
DROP TABLESPACE IF EXISTS z_locks_missing;
-- [alter-system]
-- hold: none
-- undo: ALTER SYSTEM RESET log_min_duration_statement
ALTER SYSTEM SET log_min_duration_statement = '10s';
-- [create-subscription-with-slot]
-- hold: refused
CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere dbname=x' PUBLICATION p;
-- [create-subscription-no-connect]
CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false);
-- [create-subscription-no-slot]
CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false);
-- [alter-subscription-refresh]
-- given: CREATE SUBSCRIPTION feed CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = 'x', create_slot = false, enabled = false)
-- given: ALTER SUBSCRIPTION feed ENABLE
-- hold: refused
ALTER SUBSCRIPTION feed REFRESH PUBLICATION;
-- [alter-subscription-disable]
-- given: CREATE SUBSCRIPTION feed CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false)
ALTER SUBSCRIPTION feed DISABLE;
-- [alter-subscription-set-publication]
-- given: CREATE SUBSCRIPTION feed CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = 'x', create_slot = false, enabled = false)
-- given: ALTER SUBSCRIPTION feed ENABLE
-- hold: refused
ALTER SUBSCRIPTION feed SET PUBLICATION other;
-- [alter-subscription-set-publication-no-refresh]
-- given: CREATE SUBSCRIPTION feed CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false)
ALTER SUBSCRIPTION feed SET PUBLICATION other WITH (refresh = false);
-- [drop-subscription]
-- given: CREATE SUBSCRIPTION feed CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = 'x', create_slot = false, enabled = false)
-- hold: refused
DROP SUBSCRIPTION feed;
-- [alter-subscription-failover]
-- versions: 17-18
-- given: CREATE SUBSCRIPTION feed CONNECTION 'host=/nowhere dbname=x' PUBLICATION p WITH (connect = false, slot_name = 'x', create_slot = false, enabled = false)
-- hold: refused
ALTER SUBSCRIPTION feed SET (failover = true);
-- [commit-prepared]
-- hold: refused
COMMIT PREPARED 'nothing';
-- [rollback-prepared]
-- hold: refused
ROLLBACK PREPARED 'nothing';
-- [discard-all]
-- hold: none
DISCARD ALL;

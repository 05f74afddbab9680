SELECT clock_timestamp();
ALTER TABLE pg_temp.lockgate_calibration ALTER COLUMN id TYPE bigint;
SELECT clock_timestamp();

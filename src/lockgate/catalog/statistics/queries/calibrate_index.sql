SELECT clock_timestamp();
CREATE INDEX ON pg_temp.lockgate_calibration (key);
SELECT clock_timestamp();

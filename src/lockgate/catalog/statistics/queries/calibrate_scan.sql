SELECT clock_timestamp();
ALTER TABLE pg_temp.lockgate_calibration ADD CHECK (key IS NOT NULL);
SELECT clock_timestamp();
ALTER TABLE pg_temp.lockgate_calibration ADD CHECK (key + 1 IS NOT NULL);
SELECT clock_timestamp();

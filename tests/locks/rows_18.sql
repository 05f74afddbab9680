INSERT INTO late_items SELECT i, i, 1 FROM generate_series(1, 500) i;
INSERT INTO late_parents SELECT i, 'n' FROM generate_series(1, 500) i;
INSERT INTO late_children SELECT i, 'n' FROM generate_series(1, 500) i;
INSERT INTO late_scans SELECT i, i, '2024-06-01' FROM generate_series(1, 500) i;
ANALYZE;

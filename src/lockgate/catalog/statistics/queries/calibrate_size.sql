SELECT pg_relation_size('pg_temp.lockgate_calibration')

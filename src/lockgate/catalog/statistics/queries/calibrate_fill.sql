INSERT INTO pg_temp.lockgate_calibration
SELECT g, hashint8extended(g, 0), repeat(md5(g::text), 2)
FROM generate_series(%s::integer, %s::integer) AS g

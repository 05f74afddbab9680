-- Fails, by a cast that cannot be, when the lease belongs to another run: what follows in the pipeline is not executed.
SELECT (%s || count(*)::text)::integer
FROM lockgate.lease
WHERE token = %s
HAVING count(*) = 0

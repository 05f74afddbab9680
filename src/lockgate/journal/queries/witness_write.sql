-- The note is written whole each time, so that nothing of an older one is left. Only the run that holds the lease may
-- speak of the last run, and a stranger's object with the same number stays as it is.
SELECT CASE
  WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata WHERE oid = %(note)s)
    THEN lo_from_bytea(%(note)s, content)::text
  WHEN lo_get(%(note)s, 0, 8) = convert_to('{"token"', 'UTF8') THEN lo_put(%(note)s, 0, content)::text
END
FROM lockgate.lease, convert_to(rpad(json_build_object(
  'token', token,
  'ended_at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
  'newest', left(%(newest)s::text, 200),
  'applied', %(applied)s::integer
)::text, 1000), 'UTF8') AS content
WHERE token = %(token)s

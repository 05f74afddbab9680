-- The intents of some steps. When the lease belongs to another run it fails, by a cast that cannot be: nothing is written
-- then, and what follows in the same round trip is not executed.
WITH lease AS MATERIALIZED (
  SELECT 1 FROM lockgate.lease WHERE token = %(token)s FOR SHARE
), written AS (
  INSERT INTO lockgate.step (run_id, version, direction, step, position, kind, title, status, transaction_id)
  SELECT
    %(run_id)s::uuid, %(version)s, %(direction)s, s.step, s.position, s.kind, s.title, 'intended', pg_current_xact_id()
  FROM lease, unnest(%(steps)s::text[], %(positions)s::integer[], %(kinds)s::text[], %(titles)s::text[])
    AS s (step, position, kind, title)
  ORDER BY s.position
  RETURNING id, transaction_id
)
SELECT id::text, transaction_id::text FROM written
UNION ALL
SELECT (%(fenced)s || count(*)::text)::integer::text, NULL FROM lease HAVING count(*) = 0

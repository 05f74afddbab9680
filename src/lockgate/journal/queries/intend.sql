-- The intents of some steps; nothing is written, and no row comes back, when the lease belongs to another run.
WITH lease AS MATERIALIZED (
  SELECT 1 FROM lockgate.lease WHERE token = %(token)s FOR SHARE
)
INSERT INTO lockgate.step (run_id, version, direction, step, position, kind, title, status, transaction_id)
SELECT %(run_id)s, %(version)s, %(direction)s, s.step, s.position, s.kind, s.title, 'intended', pg_current_xact_id()
FROM lease, unnest(%(steps)s::text[], %(positions)s::integer[], %(kinds)s::text[], %(titles)s::text[])
  AS s (step, position, kind, title)
ORDER BY s.position
RETURNING id, transaction_id::text

INSERT INTO lockgate.step (run_id, version, direction, step, position, kind, title, status, transaction_id)
SELECT %(run_id)s, %(version)s, %(direction)s, s.step, s.position, s.kind, s.title, 'intended', pg_current_xact_id()
FROM unnest(%(steps)s::text[], %(positions)s::integer[], %(kinds)s::text[], %(titles)s::text[])
  AS s (step, position, kind, title)
ORDER BY s.position
RETURNING id

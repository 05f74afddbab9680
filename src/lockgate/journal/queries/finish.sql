UPDATE lockgate.step SET
  status = %(status)s,
  attempts = %(attempts)s,
  waited_seconds = %(waited)s,
  seconds = done.seconds,
  row_count = done.row_count,
  error = %(error)s,
  ended_at = clock_timestamp()
FROM unnest(%(ids)s::bigint[], %(seconds)s::double precision[], %(rows)s::bigint[])
  AS done (id, seconds, row_count)
WHERE step.id = done.id
